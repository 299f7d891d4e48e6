"""One code signs in twice, and the code that set codes up signs in as well.

totp/once · RFC 6238 §5.2: a code is accepted once. Canaille keeps no account of used ones. The portal asks
for codes instead of keys: FACTORS=password,otp.
"""

import re

from portal_visit import Visitor, show
from visit import room_in_step, totp


def signs_in(alice, code):
    """Whether a sign-in with this code succeeds, in a session of its own."""
    other = alice.another_session()
    other.gives_password()
    other.fill("/auth/otp", "otp", {"otp": code})
    return other.whoami() == alice.name


def story(base):
    alice = Visitor(base).signs_up()
    alice.gives_password()
    secret = re.search(r"secret=([A-Z2-7]+)", alice.send("/auth/otp-setup").text).group(1)
    room_in_step(15)
    code = totp(secret + "=" * (-len(secret) % 8))
    alice.fill("/auth/otp-setup", "otp", {"otp": code})
    assert alice.whoami() == alice.name, "the set-up did not sign in"
    return signs_in(alice, code) and signs_in(alice, code)


show(story)
