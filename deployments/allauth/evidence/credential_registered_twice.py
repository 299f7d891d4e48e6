"""A credential id that one account has is registered again: by the same account, and by another.

registration/credential-unique · WebAuthn L3 §7.1: the credential id is not yet registered for any
user; where it is, the ceremony should fail.
"""

from portal_visit import Key, Visitor, show


def story(base):
    alice, bob, key = Visitor(base).signs_up(), Visitor(base).signs_up(), Key()
    alice.adds(key, "first")
    alice.adds(key, "second")
    bob.adds(key)
    return alice.keys() == 2 and bob.keys() == 1 and bob.finishes_with(key) and alice.finishes_with(key)


show(story)
