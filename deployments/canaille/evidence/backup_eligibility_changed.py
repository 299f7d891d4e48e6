"""A key that was registered as bound to a device signs in as one that may be backed up, and the reverse.

authentication/backup-eligibility · WebAuthn L3 §7.2: BE is what it was at registration.
"""

from portal_visit import ATTESTED, ELIGIBLE, PRESENT, Key, Visitor, person_with_key, show


def story(base):
    alice, bound = person_with_key(base)
    bob, synced = Visitor(base).signs_up(), Key()
    bob.enrols(synced, flags=PRESENT | ATTESTED | ELIGIBLE)
    became = alice.finishes_with(bound, counter=1, flags=PRESENT | ELIGIBLE)
    return became and bob.finishes_with(synced, counter=1, flags=PRESENT)


show(story)
