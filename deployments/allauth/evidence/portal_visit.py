"""What every evidence script here needs: a visitor with a cookie jar, and a key made of a few bytes.

Python's standard library and `cryptography` only, and none of Touchstone's programs, so that what a
script shows can be checked by reading two short files.
"""

import base64
import concurrent.futures
import email
import email.policy
import hashlib
import hmac
import html.parser
import http.cookiejar
import json
import os
import pathlib
import re
import secrets
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ELIGIBLE, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40
LOGIN, FACTOR, HOME = "/accounts/login/", "/accounts/2fa/authenticate/", "/"
PASSKEY, ADD, KEYS = "/accounts/2fa/webauthn/login/", "/accounts/2fa/webauthn/add/", "/accounts/2fa/webauthn/"
TOTP, PROVE = "/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/reauthenticate/"


def encoded(data):
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text):
    """The bytes of base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def cbor(value):
    """Integers, bytes, texts, lists and maps, as CBOR."""

    def head(kind, number):
        if number < 24:
            return bytes([kind << 5 | number])
        for code, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
            if number < 1 << 8 * size:
                return bytes([kind << 5 | code]) + number.to_bytes(size, "big")
        raise ValueError(number)

    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    return head(5, len(value)) + b"".join(cbor(k) + cbor(v) for k, v in value.items())


class Key:
    """A security key with one credential. What it says can be changed by the caller, call by call."""

    def __init__(self):
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.user_handle = None

    def cose(self):
        """The public key as the key would report it: ES256 on P-256."""
        point = self.private.public_key().public_numbers()
        return {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}

    def registers(self, options, origin, flags=PRESENT | ATTESTED, cose=None, client=None, rewritten=None):
        """The answer to creation options, as the JSON a browser would send (attestation "none").

        `client` replaces members of the client data, `rewritten` its bytes.
        """
        data = client_data("webauthn.create", options["challenge"], origin, client)
        data = rewritten(data) if rewritten else data
        self.user_handle = options["user"]["id"]
        credential = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor(cose or self.cose())
        auth_data = authenticator_data(options["rp"]["id"], flags, 0) + credential
        attestation = cbor({"fmt": "none", "attStmt": {}, "authData": auth_data})
        return self.envelope({"clientDataJSON": encoded(data), "attestationObject": encoded(attestation)})

    def signs_in(self, options, origin, flags=PRESENT, counter=0, user_handle=None, client=None, rewritten=None):
        """The answer to request options, signed over whatever it was told to say."""
        data = client_data("webauthn.get", options["challenge"], origin, client)
        data = rewritten(data) if rewritten else data
        auth_data = authenticator_data(options["rpId"], flags, counter)
        signature = self.signature(auth_data + hashlib.sha256(data).digest())
        response = {
            "clientDataJSON": encoded(data),
            "authenticatorData": encoded(auth_data),
            "signature": encoded(signature),
        }
        return self.envelope(response | ({"userHandle": user_handle} if user_handle else {}))

    def signature(self, message):
        """ES256 over `message`."""
        return self.private.sign(message, ec.ECDSA(hashes.SHA256()))

    def envelope(self, response):
        """The outer members, which are the same for both ceremonies."""
        return {
            "id": encoded(self.id),
            "rawId": encoded(self.id),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": response,
        }


def client_data(kind, challenge, origin, more=None):
    """What a browser says about a ceremony; `more` replaces or adds members."""
    said = {"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False} | (more or {})
    return json.dumps(said, separators=(",", ":")).encode()


def authenticator_data(rp_id, flags, counter):
    """The fixed part of the authenticator data."""
    return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + counter.to_bytes(4, "big")


class Stay(urllib.request.HTTPRedirectHandler):
    """Redirects are part of the answer here and are not followed."""

    def redirect_request(self, *_):
        return None


class Answer:
    """Status, place to go on to, and body."""

    def __init__(self, status, location, text):
        self.status, self.location, self.text = status, location, text

    def __str__(self):
        return f"{self.status}{' -> ' + self.location if self.location else ''}"


class Page(html.parser.HTMLParser):
    """The forms of a page (action and inputs), its nameless inputs, and the options of a ceremony."""

    def __init__(self, text):
        super().__init__()
        self.forms, self.loose, self.data, self.inside = [], [], "", False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            self.forms.append((attributes.get("action"), {}))
        elif tag == "input" and self.forms and "name" in attributes:
            self.forms[-1][1][attributes["name"]] = attributes.get("value", "")
        elif tag == "input":
            self.loose.append(attributes.get("value", ""))
        self.inside = tag == "script" and attributes.get("id") == "js_data"

    def handle_data(self, text):
        self.data += text if self.inside else ""

    def form_with(self, field):
        """Action and inputs of the first form that has `field`."""
        return next(form for form in self.forms if field in form[1])


class Visitor:
    """A browser session at the portal."""

    def __init__(self, base):
        self.base = base.rstrip("/")
        self.origin = self.base
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(Stay, urllib.request.HTTPCookieProcessor(self.jar))

    def send(self, path, fields=None, headers=None):
        """One request: GET, or POST of form fields."""
        body = None if fields is None else urllib.parse.urlencode(fields).encode()
        request = urllib.request.Request(urllib.parse.urljoin(self.base, path), body, headers or {})
        try:
            answer = self.opener.open(request, timeout=30)
        except urllib.error.HTTPError as refusal:
            answer = refusal
        with answer:
            return Answer(answer.status, answer.headers.get("Location"), answer.read().decode("utf-8", "replace"))

    def fill(self, path, field, values):
        """Opens `path` and submits the form that has `field` with `values`."""
        action, inputs = Page(self.send(path).text).form_with(field)
        return self.send(action or path, inputs | values)

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


RESET = "/accounts/password/reset/"


def mailed_link(visitor):
    """Asks for a reset and reads the link that this request mailed into the folder MAIL_DIR."""
    folder = pathlib.Path(os.environ["MAIL_DIR"])
    before = set(folder.glob("*.eml"))
    Visitor(visitor.base).fill(RESET, "email", {"email": visitor.mail})
    for file in set(folder.glob("*.eml")) - before:
        mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        link = re.search(r"http\S+/password/reset/key/\S+", mail.get_content())
        if mail["To"] == visitor.mail and link:
            return link.group()
    raise SystemExit("no mail came")


def opened_link(visitor, link):
    """Opens a mailed link; the page's form is then at hand. Whether there is such a form."""
    visitor.place = visitor.send(link).location
    visitor.page = Page(visitor.send(visitor.place).text) if visitor.place else None
    return visitor.place is not None


def sets_password(visitor, password):
    """Submits the new password to the page of an opened link."""
    action, inputs = visitor.page.form_with("password1")
    return visitor.send(action or visitor.place, inputs | {"password1": password, "password2": password})


def totp(secret, step=0):
    """The code of the current time step, or of one `step` steps later."""
    counter = (int(time.time()) // 30 + step).to_bytes(8, "big")
    mac = hmac.new(base64.b32decode(secret), counter, "sha1").digest()
    start = mac[-1] & 15
    return f"{(int.from_bytes(mac[start : start + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"


def room_in_step(seconds):
    """Waits until at least `seconds` of the current time step are left."""
    left = 30 - time.time() % 30
    if left < seconds:
        time.sleep(left + 0.1)


def at_once(acts):
    """Runs all of `acts` side by side and gives back what each returned."""
    with concurrent.futures.ThreadPoolExecutor(len(acts)) as pool:
        return [future.result() for future in [pool.submit(act) for act in acts]]


def show(story):
    """Runs a script's story against the portal named on the command line.

    The story returns whether the deviation was seen; 0 says that it was.
    """
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} BASE_URL")
    seen = story(sys.argv[1])
    print("shown" if seen else "not shown")
    sys.exit(0 if seen else 1)
