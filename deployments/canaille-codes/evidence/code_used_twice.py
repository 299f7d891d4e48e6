"""The code that set codes up signs in, and again, and several times at once.

totp/once · RFC 6238 §5.2: a code is accepted once. Canaille keeps no account of used ones.
"""

from portal_visit import CODE, at_once, person_with_codes, show


def signs_in(alice, code):
    """Whether a sign-in with this code succeeds, in a session of its own."""
    other = alice.another_session()
    other.gives_password()
    other.fill(CODE, "otp", {"otp": code})
    return other.whoami() == alice.name


def story(base):
    alice, code = person_with_codes(base)
    in_turn = signs_in(alice, code) and signs_in(alice, code)
    return in_turn and sum(at_once([lambda: signs_in(alice, code)] * 3)) > 1


show(story)
