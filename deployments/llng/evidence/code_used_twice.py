"""One TOTP code signs in twice, after a newer one as well, and so does the one that set codes up.

totp/once · RFC 6238 §5.2: a code is accepted once. Used codes are not remembered, and each is good for three steps.
"""

from portal_visit import Visitor, room_in_step, show, totp


def story(base):
    alice = Visitor(base).signs_up()
    room_in_step(10)
    secret = alice.enrols_totp()
    code = totp(secret)
    return all(alice.finishes_with_code(each) for each in (code, code, totp(secret, 1), code))


show(story)
