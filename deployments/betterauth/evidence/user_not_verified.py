"""A key that only felt a touch, and verified nobody, signs in alone: one factor and not two.

authentication/user-verified · WebAuthn L3 §7.2 step 17. The portal asks for user verification as
"preferred" and does not look whether it took place.
"""

from portal_visit import ATTESTED, PRESENT, VERIFIED, Key, Visitor, show


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    alice.adds(key, flags=PRESENT | VERIFIED | ATTESTED)
    asked = Visitor(base).request_options()
    return "allowCredentials" not in asked and alice.finishes_with(key, flags=PRESENT, counter=1)


show(story)
