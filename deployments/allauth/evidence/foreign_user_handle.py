"""After alice's password, an assertion that names bob's user handle, or nobody's, signs alice in.

authentication/user-handle · WebAuthn L3 §7.2: where the user was identified before the ceremony, a
user handle in the answer must be this user's.
"""

from portal_visit import Key, Visitor, encoded, show


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    bob, other = Visitor(base).signs_up(), Key()
    alice.adds(key)
    bob.adds(other)
    handles = [other.user_handle, encoded(b"nobody")]
    return key.user_handle not in handles and all(alice.finishes_with(key, user_handle=one) for one in handles)


show(story)
