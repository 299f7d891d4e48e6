"""Codes of four time steps before and after the present one are accepted.

totp/window · RFC 6238 §5.2 recommends one at most. Flask-Security's window is 120 seconds to either side.
"""

from portal_visit import Visitor, room_in_step, show, totp


def story(base):
    alice = Visitor(base).signs_up()
    secret = alice.enrolment_secret()
    room_in_step(15)
    alice.confirms_enrolment(totp(secret))
    steps = {step: alice.finishes_with_code(totp(secret, step)) for step in (-6, -4, -2, 2, 4, 6)}
    print(steps)
    return all(steps[step] == (abs(step) < 5) for step in steps)


show(story)
