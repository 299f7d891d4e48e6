"""A visitor at Canaille as deployments/canaille serves it; what any portal's visitor needs is
deployments/evidence/visit.py."""

import copy
import html
import json
import pathlib
import re
import secrets
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "evidence"))

from visit import (  # noqa: E402, F401
    ATTESTED,
    BACKED_UP,
    ELIGIBLE,
    PRESENT,
    Browser,
    Key,
    Page,
    Post,
    at_once,
    authenticator_data,
    cbor,
    client_data,
    decoded,
    encoded,
    show,
)

FACTOR, ADD = "/auth/fido2", "/auth/fido2-setup"


class Visitor(Browser):
    """A browser session at the portal."""

    def whoami(self):
        """The name of who is signed in in this session, or None."""
        place = self.send("/").location or ""
        return place.removeprefix("/profile/") if place.startswith("/profile/") else None

    def signs_up(self):
        """Makes an account at another browser; nobody is signed in here."""
        self.name = "e-" + secrets.token_hex(6)
        self.mail, self.password = self.name + "@touchstone.example.org", secrets.token_urlsafe(18)
        there = Browser(self.base)
        csrf = Page(there.send("/register").text).form_with("user_name")[1]["csrf_token"]
        form = {"csrf_token": csrf, "user_name": self.name, "family_name": self.name, "emails-0": self.mail}
        form |= {"password1": self.password, "password2": self.password, "preferred_language": "auto"}
        answer = there.send("/register", form | {"action": "create-profile"})
        assert answer.location == "/profile/" + self.name, f"the sign-up was answered {answer}"
        return self

    def another_session(self):
        """The same person at another browser, not signed in."""
        other = type(self)(self.base)
        other.name, other.mail, other.password = self.name, self.mail, self.password
        return other

    def copied(self):
        """Somebody with a copy of the cookies."""
        other = self.another_session()
        for cookie in self.jar:
            other.jar.set_cookie(copy.copy(cookie))
        return other

    def names_herself(self):
        """The first page of a sign-in."""
        return self.fill("/login", "login", {"login": self.name})

    def gives_password(self):
        """The first two pages of a sign-in."""
        self.names_herself()
        return self.fill("/auth/password", "password", {"password": self.password})

    def options(self, path):
        """The options on a page, of either ceremony; None where it has none."""
        found = re.search(r'id="webauthn-options" value="([^"]*)"', self.send(path).text)
        return json.loads(html.unescape(found.group(1))) if found else None

    def registers(self, key, **said):
        """A whole registration, inside a sign-in or from the profile."""
        return self.send(ADD, body={"credential": key.registers(self.options(ADD), self.origin, **said)})

    def enrols(self, key, **said):
        """The first sign-in, which registers the first key; returns whether it signed in."""
        self.gives_password()
        self.registers(key, **said)
        return self.whoami() == self.name

    def finishes_with(self, key, **said):
        """A whole sign-in in a session of its own; returns whether it signed in."""
        other = self.another_session()
        other.gives_password()
        options = other.options(FACTOR)
        if options is None:
            return False
        other.send(FACTOR, body=key.signs_in(options, other.origin, **said))
        return other.whoami() == self.name

    def keys(self):
        """How many keys the list shows."""
        return self.send(f"/profile/{self.name}/auth/fido2").text.count('name="fido2-rename-credential"')

    def stores(self, credential):
        """Whether a registration that is sent lengthens the list of keys."""
        before = self.keys()
        answer = self.send(ADD, body={"credential": credential(self.options(ADD))})
        return answer.status == 200 and self.keys() == before + 1


def person_with_key(base):
    """Somebody who has a key and is signed in with it, and the key."""
    alice, key = Visitor(base).signs_up(), Key()
    assert alice.enrols(key), "the first sign-in did not sign in"
    return alice, key


def attested(key, options, origin, auth_data=None, statement=None, cose=None, written=None):
    """A registration whose attestation object is put together here: `auth_data` changes the authenticator
    data, `statement` are the members beside it, `written` changes the bytes of the whole."""
    key.user_handle = options["user"]["id"]
    data = authenticator_data(options["rp"]["id"], PRESENT | ATTESTED, 0)
    data += bytes(16) + len(key.id).to_bytes(2, "big") + key.id + cbor(cose or key.cose())
    data = auth_data(data) if auth_data else data
    members = {"fmt": "none", "attStmt": {}} if statement is None else statement
    client = client_data("webauthn.create", options["challenge"], origin)
    attestation = cbor(members | {"authData": data})
    attestation = written(attestation) if written else attestation
    return key.envelope({"clientDataJSON": encoded(client), "attestationObject": encoded(attestation)})
