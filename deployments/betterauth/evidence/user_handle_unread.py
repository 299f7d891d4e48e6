"""A key signs in whatever user handle it gives: another account's, nobody's, or none.

authentication/user-handle · WebAuthn L3 §7.2 step 6: where nobody gave a name the user handle must be
there and be that of the credential's account. The portal goes by the credential id alone.
"""

from portal_visit import Key, Visitor, encoded, show


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    alice.adds(key)
    bob, his = Visitor(base).signs_up(), Key()
    bob.adds(his)
    handles = [his.user_handle, encoded(b"nobody"), None]
    return all(
        alice.finishes_with(key, user_handle=handle, counter=number)
        for number, handle in enumerate(handles, 1)
    )


show(story)
