"""After alice's password, an assertion that names bob's user handle, or nobody's, signs alice in.

authentication/user-handle · WebAuthn L3 §7.2: where the user was identified before the ceremony, a
user handle in the answer must be this user's.
"""

from portal_visit import encoded, person_with_key, show


def story(base):
    alice, key = person_with_key(base)
    _, other = person_with_key(base)
    handles = [other.user_handle, encoded(b"nobody")]
    signed_in = [alice.finishes_with(key, counter=n + 1, user_handle=one) for n, one in enumerate(handles)]
    return key.user_handle not in handles and all(signed_in)


show(story)
