"""A visitor at Flask-Security-Too as deployments/flasksec serves it; what any portal's visitor needs is
deployments/evidence/visit.py."""

import datetime
import hashlib
import json
import pathlib
import secrets
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "evidence"))

from visit import (  # noqa: E402, F401
    ATTESTED,
    BACKED_UP,
    ELIGIBLE,
    PRESENT,
    VERIFIED,
    Browser,
    Key,
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

PASSKEY, SECOND = "first", "secondary"
# The extension of an attestation certificate that names the model of key.
MODEL = x509.ObjectIdentifier("1.3.6.1.4.1.45724.1.1.4")


class Said:
    """What the portal answered: status and `response`, an empty object where a page came."""

    def __init__(self, answer):
        self.status, self.location = answer.status, answer.location
        try:
            self.response = json.loads(answer.text).get("response", {})
        except json.JSONDecodeError:
            self.response = {}

    def __str__(self):
        return f"{self.status} {self.response.get('errors', '')}"


class Visitor(Browser):
    """A browser session at the portal, that speaks JSON."""

    def asks(self, path):
        """What GET gives as JSON."""
        return Said(self.send(path, headers={"Accept": "application/json"}))

    def posts(self, path, **body):
        """A POST of JSON, with the token against forged requests."""
        if not self.cookie("XSRF-TOKEN"):
            self.asks("/login")
        headers = {"Accept": "application/json", "X-XSRF-Token": self.cookie("XSRF-TOKEN")}
        return Said(self.send(path, headers=headers, body=body))

    def whoami(self):
        """The address of who is signed in in this session, or None."""
        return json.loads(self.send("/whoami").text)["user"]

    def signs_up(self):
        """Makes an account and stays signed in."""
        self.mail, self.password = f"e-{secrets.token_hex(6)}@example.com", secrets.token_urlsafe(18)
        form = {"email": self.mail, "password": self.password, "password_confirm": self.password}
        self.posts("/register", **form)
        assert self.whoami() == self.mail, "the sign-up did not sign in"
        return self

    def another_session(self):
        """The same person at another browser, not signed in."""
        other = Visitor(self.base)
        other.mail, other.password = self.mail, self.password
        return other

    def gives_password(self):
        """The first half of a sign-in."""
        return self.posts("/login", email=self.mail, password=self.password)

    def begins_registration(self, label, usage=SECOND):
        """Creation options; the state stays for `finishes_registration`."""
        said = self.posts("/wan-register", name=label, usage=usage)
        self.state = said.response.get("wan_state")
        return said.response.get("credential_options")

    def finishes_registration(self, credential):
        """Sends a registration."""
        return self.posts(f"/wan-register/{self.state}", credential=json.dumps(credential))

    def adds(self, key, label=None, usage=SECOND, **said):
        """Registers a key, changed as `said`."""
        options = self.begins_registration(label or f"key {secrets.token_hex(3)}", usage)
        return self.finishes_registration(key.registers(options, self.origin, **said))

    def keys(self):
        """The labels of the keys that the portal lists."""
        rows = self.asks("/wan-register").response["registered_credentials"]
        return [row["name"] for row in rows]

    def begins_with_key(self, path="/wan-signin"):
        """Request options; the state stays for `finishes_with_key`."""
        said = self.posts(path)
        self.state = said.response.get("wan_state")
        return said.response.get("credential_options")

    def finishes_with_key(self, credential, path="/wan-signin", state=None):
        """Sends an assertion."""
        return self.posts(f"{path}/{state or self.state}", credential=json.dumps(credential))

    def enters_with(self, key, **said):
        """Password and key, in this session; whether that signs in."""
        self.gives_password()
        self.finishes_with_key(key.signs_in(self.begins_with_key(), self.origin, **said))
        return self.whoami() == self.mail

    def enrolment_secret(self):
        """Begins to set TOTP up; the state stays for `confirms_enrolment`."""
        said = self.posts("/tf-setup", setup="authenticator").response
        self.setup = said["tf_state_token"]
        return said["tf_authr_b32key"]

    def confirms_enrolment(self, code):
        """Sends the first code."""
        return self.posts(f"/tf-setup/{self.setup}", code=code)

    def finishes_with_code(self, code):
        """Password and code in a fresh session; whether that signs in."""
        other = self.another_session()
        other.gives_password()
        other.posts("/tf-validate", code=code)
        return other.whoami() == self.mail


def mailed_link(alice, post):
    """A reset link that was mailed to alice, as a path."""
    Visitor(alice.base).posts("/reset", email=alice.mail)
    return post.takes(alice.mail, r"https?://[^/\s]+(/reset/[^\s\"<>]+)")


def sets_password(visitor, link, password):
    """Finishes a reset."""
    return visitor.posts(link, password=password, password_confirm=password)


def certificate(private):
    """Wrong in all that §8.2.1 asks for: names, constraints and model; and ten years out of date."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "anything")])
    then = datetime.datetime(2010, 1, 1)
    made = x509.CertificateBuilder(name, name, private.public_key(), 1, then, then + datetime.timedelta(days=1))
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=False)
    made = made.add_extension(x509.UnrecognizedExtension(MODEL, b"\x04\x10" + bytes(range(16))), critical=True)
    return made.sign(private, hashes.SHA256()).public_bytes(Encoding.DER)


def attested(key, options, origin, signed_by, more):
    """A registration with a packed attestation, signed by the key of its certificate or by `signed_by`; `more`
    replaces or adds members of the statement."""
    answer = key.registers(options, origin)
    honest = decoded(answer["response"]["attestationObject"])
    auth_data = honest[-len(cbor(key.cose())) - 37 - 18 - len(key.id) :]
    message = auth_data + hashlib.sha256(decoded(answer["response"]["clientDataJSON"])).digest()
    private = ec.generate_private_key(ec.SECP256R1())
    signature = (signed_by or private).sign(message, ec.ECDSA(hashes.SHA256()))
    statement = {"alg": -7, "sig": signature, "x5c": [certificate(private)]} | more
    packed = cbor({"fmt": "packed", "attStmt": statement, "authData": auth_data})
    answer["response"]["attestationObject"] = encoded(packed)
    return answer
