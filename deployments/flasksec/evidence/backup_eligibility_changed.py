"""Whether a credential can be backed up may change from one sign-in to the next.

authentication/backup-eligibility · WebAuthn L3 §7.2.
"""

from portal_visit import ATTESTED, ELIGIBLE, PRESENT, Key, Visitor, show


def story(base):
    alice, bound, synced = Visitor(base).signs_up(), Key(), Key()
    alice.adds(bound)
    alice.adds(synced, flags=PRESENT | ATTESTED | ELIGIBLE)
    became = alice.another_session().enters_with(bound, flags=PRESENT | ELIGIBLE)
    ceased = alice.another_session().enters_with(synced, flags=PRESENT)
    print(became, ceased)
    return became and ceased


show(story)
