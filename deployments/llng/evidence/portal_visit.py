"""A visitor at LemonLDAP::NG as deployments/llng serves it; what any portal's visitor needs is
deployments/evidence/visit.py."""

import json
import pathlib
import re
import secrets
import sys
import urllib.parse

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

FACTORS, RESET = "/2fregisters", "/resetpwd"


class Visitor(Browser):
    """A browser session at the portal."""

    def whoami(self):
        """The name of who is signed in in this session, or None."""
        return self.asked_for_json("/mysession/?whoami")["result"] or None

    def asked_for_json(self, path):
        """What a script would be answered."""
        return json.loads(self.send(path, headers={"Accept": "application/json"}).text)

    def fill(self, path, field, values):
        """Opens `path` and submits the form that has `field`, whose action `#` is the same place."""
        action, inputs = Page(self.send(path).text).form_with(field)
        return self.send(path if action == "#" else action, inputs | values)

    def script(self, path, **fields):
        """What the pages' scripts do: a form with a header of theirs, answered in JSON."""
        answer = self.send(FACTORS + path, fields, {"Accept": "application/json", "X-CSRF-Check": "1"})
        return json.loads(answer.text)

    def is_made(self):
        """Has an account made, and nobody signed in."""
        self.name = "e-" + secrets.token_hex(6)
        self.mail, self.password = self.name + "@example.test", secrets.token_urlsafe(18)
        form = {"user": self.name, "password": self.password, "mail": self.mail}
        assert self.send("/accounts-of-the-suite", form).status == 201, "no account was made"
        return self

    def signs_up(self):
        """Has an account made and signs in, which takes a password only."""
        self.is_made().gives_password()
        assert self.whoami() == self.name, "the password did not sign in"
        return self

    def another_session(self):
        """The same person at another browser, not signed in."""
        other = Visitor(self.base)
        other.name, other.mail, other.password = self.name, self.mail, self.password
        return other

    def gives_password(self):
        """The first half of a sign-in; the page that it leads to stays for what follows."""
        self.answer = self.fill("/", "password", {"user": self.name, "password": self.password})
        return self.answer

    def creation_options(self):
        """Asks for a registration; its state stays for `answers_creation`."""
        asked = self.script("/webauthn/registrationchallenge")
        self.state = asked["state_id"]
        asked["request"]["rp"]["id"] = urllib.parse.urlsplit(self.base).hostname
        return asked["request"]

    def answers_creation(self, credential, label="key"):
        """Submits a registration."""
        text = credential if isinstance(credential, str) else json.dumps(credential)
        return self.script("/webauthn/registration", state_id=self.state, credential=text, keyName=label)

    def adds(self, key, label="key", **said):
        """A whole registration; whether it was taken."""
        answer = self.answers_creation(key.registers(self.creation_options(), self.origin, **said), label)
        return answer.get("result") == 1

    def request_options(self):
        """The options in the page that the password led to."""
        scripts = re.findall(r'<script type="application/init">(.*?)</script>', self.answer.text, re.S)
        options = json.loads(next(text for text in scripts if '"challenge"' in text))["request"]
        return options | {"rpId": urllib.parse.urlsplit(self.base).hostname}

    def answers_request(self, credential):
        """Submits an assertion to the page that the password led to."""
        action, inputs = Page(self.answer.text).form_with("credential")
        return self.send(action, inputs | {"credential": json.dumps(credential)})

    def finishes_with(self, key, changed=lambda answer: answer, **said):
        """A whole sign-in in a session of its own; returns whether it signed in."""
        other = self.another_session()
        other.gives_password()
        other.answers_request(changed(key.signs_in(other.request_options(), other.origin, **said)))
        return other.whoami() == self.name

    def keys(self):
        """The portal's names for the keys of the list: the second of their registration."""
        return re.findall(r"device='WebAuthn'\s+epoch='(\d+)'", self.send(FACTORS).text)

    def enrols_totp(self):
        """Sets codes up; the secret."""
        asked = self.script("/totp/getkey")
        secret = asked["secret"].upper()
        answer = self.script("/totp/verify", token=asked["token"], code=totp(secret), TOTPName="codes")
        assert answer.get("result") == 1, "no codes were set up"
        return secret

    def finishes_with_code(self, code):
        """A sign-in with a TOTP code in a session of its own; returns whether it signed in."""
        other = self.another_session()
        action, inputs = Page(other.gives_password().text).form_with("code")
        other.send(action, inputs | {"code": code})
        return other.whoami() == self.name


def mailed_link(visitor, post):
    """Asks for a reset and takes the link that this mailed out of the post."""
    Visitor(visitor.base).fill(RESET, "mail", {"mail": visitor.mail})
    return post.takes(visitor.mail, r'http[^\s"]+/resetpwd\?mail_token=[0-9a-f]+')


def opened_form(visitor, link):
    """The inputs of the form that a mailed link opens, or None."""
    forms = Page(visitor.send(link).text).forms
    return next((inputs for _, inputs in forms if "newpassword" in inputs), None)


def sets_password(visitor, link, inputs, password):
    """Submits that form; whether the portal says that the password is set."""
    answer = visitor.send(link, inputs | {"newpassword": password, "confirmpassword": password})
    return 'trmsg="46"' in answer.text


def changed_client(answer, change):
    """The answer with other client data; a signature over them is void."""
    data = change(decoded(answer["response"]["clientDataJSON"]))
    return answer | {"response": answer["response"] | {"clientDataJSON": encoded(data)}}


def changed_attestation(answer, change):
    """The answer with another attestation object."""
    data = change(decoded(answer["response"]["attestationObject"]))
    return answer | {"response": answer["response"] | {"attestationObject": encoded(data)}}


def data_of(attestation):
    """The authenticator data of an attestation object of `Key.registers`."""
    return attestation[attestation.index(b"hauthData") + 11 :]


def registers_changed(visitor, key, change):
    """A registration whose answer is changed; whether it was taken and the list has one key more."""
    before = len(visitor.keys())
    answer = change(key.registers(visitor.creation_options(), visitor.origin))
    return visitor.answers_creation(answer).get("result") == 1 and len(visitor.keys()) == before + 1
