"""The code that set up TOTP signs in as well, within the same thirty seconds.

totp/once · RFC 6238 §5.2: a code is accepted once.
"""

from portal_visit import Visitor, room_in_step, show, totp


def story(base):
    alice = Visitor(base).signs_up()
    secret = alice.enrolment_secret()
    room_in_step(10)
    code = totp(secret)
    alice.confirms_enrolment(code)
    return alice.finishes_with_code(code) and not alice.finishes_with_code(code)


show(story)
