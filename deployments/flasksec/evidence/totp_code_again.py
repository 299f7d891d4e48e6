"""A one-time code signs in as often as it is sent: one after another, side by side, after a newer one,
and after it set TOTP up.

totp/once · RFC 6238 §5.2. Flask-Security leaves it to the application to remember used codes.
"""

from portal_visit import Visitor, at_once, room_in_step, show, totp


def story(base):
    alice = Visitor(base).signs_up()
    secret = alice.enrolment_secret()
    room_in_step(15)
    code, newer = totp(secret), totp(secret, 1)
    alice.confirms_enrolment(code)
    after_setup = alice.finishes_with_code(code)
    after_newer = alice.finishes_with_code(newer) and alice.finishes_with_code(code)
    together = at_once([lambda: alice.finishes_with_code(code)] * 3)
    print(after_setup, after_newer, together)
    return after_setup and after_newer and all(together)


show(story)
