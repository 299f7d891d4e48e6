"""A passkey signs in alone without having verified its user, and without naming an account.

authentication/user-verified, authentication/user-handle · WebAuthn L3 §7.2. Both are asked of the only
factor; where it is the second, the password has named and verified somebody.
"""

from portal_visit import PASSKEY, PRESENT, Key, Visitor, show


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    alice.adds(key, usage=PASSKEY)
    visitor = Visitor(base)
    options = visitor.begins_with_key()
    visitor.finishes_with_key(key.signs_in(options, visitor.origin, flags=PRESENT, user_handle=None))
    print(options["userVerification"], options["allowCredentials"], visitor.whoami())
    return options["allowCredentials"] == [] and visitor.whoami() == alice.mail


show(story)
