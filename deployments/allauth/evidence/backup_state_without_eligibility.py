"""A key that says it is backed up, and also that it cannot be, is registered and signs in.

registration/backup-flags, authentication/backup-flags · WebAuthn L3 §7.1 and §7.2: where BE is not
set, the relying party verifies that BS is not set.
"""

from portal_visit import ATTESTED, BACKED_UP, PRESENT, Key, Visitor, show


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    alice.adds(key, flags=PRESENT | ATTESTED | BACKED_UP)
    return alice.keys() == 1 and alice.finishes_with(key, flags=PRESENT | BACKED_UP)


show(story)
