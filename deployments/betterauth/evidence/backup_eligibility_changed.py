"""A key that could not be backed up signs in as one that can, and the other way round.

authentication/backup-eligibility · WebAuthn L3 §7.2 step 19 compares BE with what was registered. The
portal stores it and does not compare.
"""

from portal_visit import ATTESTED, ELIGIBLE, PRESENT, Key, Visitor, show


def story(base):
    alice, bound, synced = Visitor(base).signs_up(), Key(), Key()
    alice.adds(bound)
    alice.adds(synced, flags=PRESENT | ATTESTED | ELIGIBLE)
    stored = [key["deviceType"] for key in alice.keys()]
    became = alice.finishes_with(bound, flags=PRESENT | ELIGIBLE, counter=1)
    no_longer = alice.finishes_with(synced, flags=PRESENT, counter=1)
    return stored == ["singleDevice", "multiDevice"] and became and no_longer


show(story)
