"""A visitor at better-auth as deployments/betterauth serves it; what any portal's visitor needs is
deployments/evidence/visit.py."""

import datetime
import hashlib
import json
import pathlib
import secrets
import sys
import urllib.parse

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "evidence"))

from rewriting import data_of  # noqa: E402
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

API = "/api/auth"
MODEL = x509.ObjectIdentifier("1.3.6.1.4.1.45724.1.1.4")
SUBJECT = [("C", "AA"), ("O", "Evidence"), ("OU", "Authenticator Attestation"), ("CN", "Evidence")]


class Visitor(Browser):
    """A browser session at the portal."""

    def asks(self, path):
        """A GET of the interface: status and JSON."""
        answer = self.send(API + path, headers={"Origin": self.origin})
        return answer.status, json.loads(answer.text or "null")

    def tells(self, path, said):
        """A POST of the interface: status and JSON. The portal asks for its own origin in a header."""
        answer = self.send(API + path, headers={"Origin": self.origin}, body=said)
        return answer.status, json.loads(answer.text or "null")

    def whoami(self):
        """The mail address of who is signed in in this session, or None."""
        session = self.asks("/get-session")[1]
        return session and session["user"]["email"]

    def signs_up(self):
        """Makes an account and stays signed in."""
        self.mail, self.password = f"e-{secrets.token_hex(6)}@example.test", secrets.token_urlsafe(18)
        self.tells("/sign-up/email", {"name": "Alice", "email": self.mail, "password": self.password})
        assert self.whoami() == self.mail, "the sign-up did not sign in"
        return self

    def another_session(self):
        """The same person at another browser, not signed in."""
        other = Visitor(self.base)
        other.mail, other.password = self.mail, self.password
        return other

    def gives_password(self, password=None):
        """Signs in with the password, as far as that goes."""
        return self.tells("/sign-in/email", {"email": self.mail, "password": password or self.password})

    def signs_out(self):
        """Ends the session."""
        return self.tells("/sign-out", {})

    def creation_options(self):
        """Begins a registration."""
        return self.asks("/passkey/generate-register-options")[1]

    def answers_creation(self, credential, label="key"):
        """Finishes a registration."""
        return self.tells("/passkey/verify-registration", {"response": credential, "name": label})

    def adds(self, key, label="key", **said):
        """A whole registration."""
        return self.answers_creation(key.registers(self.creation_options(), self.origin, **said), label)

    def request_options(self):
        """Begins a sign-in with a passkey."""
        return self.asks("/passkey/generate-authenticate-options")[1]

    def answers_request(self, credential):
        """Finishes a sign-in with a passkey."""
        return self.tells("/passkey/verify-authentication", {"response": credential})

    def finishes_with(self, key, **said):
        """A whole sign-in in a session of its own; returns whether it signed in."""
        other = self.another_session()
        other.answers_request(key.signs_in(other.request_options(), other.origin, **said))
        return other.whoami() == self.mail

    def keys(self):
        """The portal's list of keys."""
        return self.asks("/passkey/list-user-passkeys")[1]

    def enrolment_secret(self):
        """Begins to set up one-time codes and reads the secret off."""
        uri = self.tells("/two-factor/enable", {"password": self.password})[1]["totpURI"]
        return urllib.parse.parse_qs(urllib.parse.urlsplit(uri).query)["secret"][0]

    def enters_code(self, code):
        """A one-time code: the end of setting codes up, or of a sign-in."""
        return self.tells("/two-factor/verify-totp", {"code": code})

    def finishes_with_code(self, code):
        """A sign-in with password and code in a session of its own; returns whether it signed in."""
        other = self.another_session()
        other.gives_password()
        other.enters_code(code)
        return other.whoami() == self.mail


def mailed_token(visitor, post):
    """Asks for a reset and takes the token that this mailed out of the post."""
    Visitor(visitor.base).tells("/request-password-reset", {"email": visitor.mail, "redirectTo": "/reset"})
    return post.takes(visitor.mail, r"/reset-password/(\w+)")


def sets_password(visitor, token, password):
    """Sets a new password with a mailed token; the status."""
    return visitor.tells("/reset-password", {"token": token, "newPassword": password})[0]


def certificate(key, critical=None):
    """A certificate as packed attestation asks for it; `critical` is whether its model is marked so, and None
    that it names no model."""
    name = x509.Name.from_rfc4514_string(",".join(f"{part}={value}" for part, value in reversed(SUBJECT)))
    now = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    )
    if critical is not None:
        model = x509.UnrecognizedExtension(MODEL, b"\x04\x10" + bytes(16))
        built = built.add_extension(model, critical=critical)
    return built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def attested(answer, form, statement):
    """The same registration with a statement of this form, made from its authenticator data and the hash
    of its client data."""
    data = data_of(decoded(answer["response"]["attestationObject"]))
    hashed = hashlib.sha256(decoded(answer["response"]["clientDataJSON"])).digest()
    whole = cbor({"fmt": form, "attStmt": statement(data, hashed), "authData": data})
    return answer | {"response": answer["response"] | {"attestationObject": encoded(whole)}}


def u2f(key, public, certificates):
    """What a U2F key signs: RP id, client data, credential id and public key."""
    signer = ec.generate_private_key(ec.SECP256R1())

    def statement(data, hashed):
        message = b"\x00" + data[:32] + hashed + key.id + public
        signed = signer.sign(message, ec.ECDSA(hashes.SHA256()))
        return {"sig": signed, "x5c": [certificate(signer)] * certificates}

    return statement


def on_p256(key):
    """A public key as U2F writes it."""
    cose = key.cose()
    return b"\x04" + cose[-2] + cose[-3]
