"""A one-time code signs in twice, and so does the one that set the codes up, or an older one after a newer.

totp/once · RFC 6238 §5.2: a code that was accepted is not accepted again. The portal keeps no account of
them; each is good for about 90 seconds.
"""

from portal_visit import Visitor, room_in_step, show, totp


def story(base):
    alice = Visitor(base).signs_up()
    room_in_step(10)
    secret = alice.enrolment_secret()
    code, ahead = totp(secret), totp(secret, 1)
    alice.enters_code(code)
    return all(alice.finishes_with_code(each) for each in (code, code, ahead, code))


show(story)
