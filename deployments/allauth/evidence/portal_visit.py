"""A visitor at django-allauth as deployments/allauth serves it; what any portal's visitor needs is
deployments/evidence/visit.py."""

import json
import pathlib
import secrets
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "evidence"))

from visit import (  # noqa: E402, F401
    ATTESTED,
    BACKED_UP,
    ELIGIBLE,
    PRESENT,
    VERIFIED,
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
    room_in_step,
    show,
    totp,
)

LOGIN, FACTOR, HOME = "/accounts/login/", "/accounts/2fa/authenticate/", "/"
PASSKEY, ADD, KEYS = "/accounts/2fa/webauthn/login/", "/accounts/2fa/webauthn/add/", "/accounts/2fa/webauthn/"
TOTP, PROVE = "/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/reauthenticate/"
RESET = "/accounts/password/reset/"


class Visitor(Browser):
    """A browser session at the portal."""

    def whoami(self):
        """The name of who is signed in in this session, or None."""
        return json.loads(self.send("/whoami").text)["user"]

    def signs_up(self):
        """Makes an account and stays signed in."""
        self.name = "e-" + secrets.token_hex(6)
        self.mail, self.password = self.name + "@example.test", secrets.token_urlsafe(18)
        form = {"username": self.name, "email": self.mail, "password1": self.password, "password2": self.password}
        self.fill("/accounts/signup/", "username", form)
        assert self.whoami() == self.name, "the sign-up did not sign in"
        return self

    def another_session(self):
        """The same person at another browser, not signed in."""
        other = Visitor(self.base)
        other.name, other.mail, other.password = self.name, self.mail, self.password
        return other

    def gives_password(self):
        """The first half of a sign-in."""
        return self.fill(LOGIN, "login", {"login": self.name, "password": self.password})

    def proves_again(self):
        """The password once more, which every change of factors asks for."""
        return self.fill("/accounts/reauthenticate/", "password", {"password": self.password})

    def proves_with(self, credential, token):
        """An assertion instead of the password, before a change of factors."""
        return self.send(PROVE, {"csrfmiddlewaretoken": token, "credential": json.dumps(credential)})

    def signs_out(self):
        """Ends the session."""
        return self.fill("/accounts/logout/", "csrfmiddlewaretoken", {})

    def creation_options(self):
        """Opens the page that adds a key; its form stays for `answers_creation`."""
        answer = self.send(ADD)
        if answer.location and "reauthenticate" in answer.location:
            self.proves_again()
            answer = self.send(ADD)
        self.page = Page(answer.text)
        return json.loads(self.page.data)["creation_options"]["publicKey"]

    def answers_creation(self, credential, label="key"):
        """Submits a registration."""
        action, inputs = self.page.form_with("credential")
        inputs = {name: value for name, value in inputs.items() if name != "passwordless"}
        return self.send(action, inputs | {"name": label, "credential": json.dumps(credential)})

    def adds(self, key, label="key", **said):
        """A whole registration."""
        return self.answers_creation(key.registers(self.creation_options(), self.origin, **said), label)

    def request_options(self, path=FACTOR):
        """Opens the page that asks for a key; its form stays for `answers_request`."""
        self.page = Page(self.send(path).text)
        return json.loads(self.page.data)["request_options"]["publicKey"]

    def answers_request(self, credential):
        """Submits an assertion to the page that was opened."""
        action, inputs = self.page.form_with("credential")
        return self.send(action, inputs | {"credential": json.dumps(credential)})

    def passkey_options(self):
        """Begins a sign-in without a user name."""
        answer = self.send(PASSKEY, headers={"Accept": "application/json", "X-Requested-With": "XMLHttpRequest"})
        return json.loads(answer.text)["request_options"]["publicKey"]

    def answers_passkey(self, credential):
        """Submits an assertion to the sign-in without a user name."""
        token = next(cookie.value for cookie in self.jar if cookie.name == "csrftoken")
        return self.send(PASSKEY, {"csrfmiddlewaretoken": token, "credential": json.dumps(credential)})

    def finishes_with(self, key, **said):
        """A whole sign-in in a session of its own; returns whether it signed in."""
        other = self.another_session()
        other.gives_password()
        other.answers_request(key.signs_in(other.request_options(), other.origin, **said))
        return other.whoami() == self.name

    def keys(self):
        """How many keys the list shows, by their links for editing."""
        return self.send(KEYS).text.count("/edit/")

    def enrolment_secret(self):
        """Opens the page that sets up TOTP and reads the secret off it."""
        self.proves_again()
        self.page = Page(self.send(TOTP).text)
        return next(value for value in self.page.loose if value)

    def confirms_enrolment(self, code):
        """Submits the code that sets up TOTP."""
        action, inputs = self.page.form_with("code")
        return self.send(action, inputs | {"code": code})

    def finishes_with_code(self, code):
        """A sign-in with a TOTP code in a session of its own; returns whether it signed in."""
        other = self.another_session()
        other.gives_password()
        other.fill(FACTOR, "code", {"code": code})
        return other.whoami() == self.name


def mailed_link(visitor, post):
    """Asks for a reset and takes the link that this mailed out of the post."""
    Visitor(visitor.base).fill(RESET, "email", {"email": visitor.mail})
    return post.takes(visitor.mail, r"http\S+/password/reset/key/\S+")


def opened_link(visitor, link):
    """Opens a mailed link; the page's form is then at hand. Whether there is such a form."""
    visitor.place = visitor.send(link).location
    visitor.page = Page(visitor.send(visitor.place).text) if visitor.place else None
    return visitor.place is not None


def sets_password(visitor, password):
    """Submits the new password to the page of an opened link."""
    action, inputs = visitor.page.form_with("password1")
    return visitor.send(action or visitor.place, inputs | {"password1": password, "password2": password})
