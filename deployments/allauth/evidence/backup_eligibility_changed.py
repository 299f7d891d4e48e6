"""A key registered as bound to its device signs in as one that may be copied.

authentication/backup-eligibility · WebAuthn L3 §7.2: BE is compared with what was stored at
registration; it never changes in the life of a credential.
"""

from portal_visit import ELIGIBLE, PRESENT, Key, Visitor, show


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    alice.adds(key)
    return alice.finishes_with(key) and alice.finishes_with(key, flags=PRESENT | ELIGIBLE)


show(story)
