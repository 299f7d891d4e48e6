"""A visitor at Canaille who has one-time codes: with keys it is deployments/canaille/evidence/portal_visit.py,
whose names are all here."""

import importlib.util
import pathlib
import re
import secrets

KEYS = pathlib.Path(__file__).parents[2] / "canaille" / "evidence"
_found = importlib.util.spec_from_file_location("visit_with_keys", KEYS / "portal_visit.py")
_with_keys = importlib.util.module_from_spec(_found)
_found.loader.exec_module(_with_keys)
globals().update({name: value for name, value in vars(_with_keys).items() if not name.startswith("_")})

from visit import room_in_step, totp  # noqa: E402

CODE, SET_UP = "/auth/otp", "/auth/otp-setup"


class Visitor(_with_keys.Visitor):
    """A browser session at the portal."""

    def sets_codes_up(self):
        """The set-up inside a sign-in whose password was given; the code that completed it."""
        secret = re.search(r"secret=([A-Z2-7]+)", self.send(SET_UP).text).group(1)
        room_in_step(15)
        code = totp(secret + "=" * (-len(secret) % 8))
        self.fill(SET_UP, "otp", {"otp": code})
        return code


def person_with_codes(base):
    """Somebody who has codes and is signed in, and the code of the set-up."""
    alice = Visitor(base).signs_up()
    alice.gives_password()
    code = alice.sets_codes_up()
    assert alice.whoami() == alice.name, "the set-up did not sign in"
    return alice, code


def another_password(alice):
    """A password that nobody has."""
    return secrets.token_urlsafe(18) + alice.password
