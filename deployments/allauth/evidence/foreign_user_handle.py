"""After alice's password, an assertion that names bob's user handle signs alice in.

authentication/user-handle · WebAuthn L3 §7.2: where the user was identified before the ceremony, a
user handle in the answer must be this user's.
"""

from portal_visit import Key, Visitor, show


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    bob, other = Visitor(base).signs_up(), Key()
    alice.adds(key)
    bob.adds(other)
    return other.user_handle != key.user_handle and alice.finishes_with(key, user_handle=other.user_handle)


show(story)
