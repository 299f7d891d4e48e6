"""Where neighbouring time steps are accepted, a code that signed in signs in again 31 seconds later.

totp/once · RFC 6238 §5.2. For a portal started with TOTP_TOLERANCE=1: used codes are remembered for
one period, but are good for three. By default no neighbouring step is accepted and this does not show.
"""

import time

from portal_visit import Visitor, room_in_step, show, totp


def story(base):
    alice = Visitor(base).signs_up()
    secret = alice.enrolment_secret()
    room_in_step(10)
    alice.confirms_enrolment(totp(secret, -1))
    code = totp(secret, 1)
    if not alice.finishes_with_code(code) or alice.finishes_with_code(code):
        return False
    time.sleep(31)
    return alice.finishes_with_code(code)


show(story)
