"""Attestation statements are verified, and these five are taken all the same.

registration/attestation-packed, registration/attestation-u2f · WebAuthn L3 §8.2: a self attestation is
of the credential's own algorithm, and a statement has no member of its own invention; §8.2.1: the
extension with the model is not critical; §8.6: one certificate, and a credential on P-256.
"""

import datetime
import hashlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from portal_visit import Key, Visitor, cbor, decoded, encoded, show

MODEL = x509.ObjectIdentifier("1.3.6.1.4.1.45724.1.1.4")
SUBJECT = [("C", "AA"), ("O", "Evidence"), ("OU", "Authenticator Attestation"), ("CN", "Evidence")]


def certificate(key, critical):
    """A certificate as packed attestation asks for it, but for a model that may be marked as critical."""
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
        .add_extension(x509.UnrecognizedExtension(MODEL, b"\x04\x10" + bytes(16)), critical=critical)
    )
    return built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def attested(answer, form, statement):
    """The same registration with a statement of this form, made from its authenticator data and the hash
    of its client data."""
    honest = decoded(answer["response"]["attestationObject"])
    data = honest[honest.index(b"hauthData") + 11 :]
    hashed = hashlib.sha256(decoded(answer["response"]["clientDataJSON"])).digest()
    whole = cbor({"fmt": form, "attStmt": statement(data, hashed), "authData": data})
    return answer | {"response": answer["response"] | {"attestationObject": encoded(whole)}}


def self_attested(key, algorithm):
    """Packed, signed by the credential itself."""
    return lambda data, hashed: {"alg": algorithm, "sig": key.signature(data + hashed)}


def packed(critical=False, more=None):
    """Packed, signed by a certificate's key."""
    key = ec.generate_private_key(ec.SECP256R1())

    def statement(data, hashed):
        signed = key.sign(data + hashed, ec.ECDSA(hashes.SHA256()))
        return {"alg": -7, "sig": signed, "x5c": [certificate(key, critical)]} | (more or {})

    return statement


def u2f(key, public, certificates):
    """What a U2F key signs: RP id, client data, credential id and public key."""
    signer = ec.generate_private_key(ec.SECP256R1())

    def statement(data, hashed):
        message = b"\x00" + data[:32] + hashed + key.id + public
        signed = signer.sign(message, ec.ECDSA(hashes.SHA256()))
        return {"sig": signed, "x5c": [certificate(signer, False)] * certificates}

    return statement


def on_p256(key):
    """A public key as U2F writes it."""
    cose = key.cose()
    return b"\x04" + cose[-2] + cose[-3]


def story(base):
    alice, key, other = Visitor(base).signs_up(), Key(), Key()
    ed = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    rows = {
        "sound": (Key(), None, "packed", packed()),
        "self attestation of another algorithm": (key, None, "packed", self_attested(key, -257)),
        "a member beside the certificates": (Key(), None, "packed", packed(more={"ecdaaKeyId": b"\x01"})),
        "a critical model": (Key(), None, "packed", packed(critical=True)),
        "U2F with its certificate twice": (other, None, "fido-u2f", u2f(other, on_p256(other), 2)),
    }
    edwards = Key()
    cose = {1: 1, 3: -8, -1: 6, -2: ed}
    rows["U2F with an EdDSA credential"] = (edwards, cose, "fido-u2f", u2f(edwards, b"\x04" + ed, 1))
    seen = {}
    for name, (one, cose, form, statement) in rows.items():
        honest = one.registers(alice.creation_options(), alice.origin, cose=cose)
        seen[name] = alice.answers_creation(attested(honest, form, statement))[0]
    forged = Key()
    honest = forged.registers(alice.creation_options(), alice.origin)
    refused = alice.answers_creation(attested(honest, "packed", self_attested(Key(), -7)))[0]
    print(seen, "forged:", refused)
    return set(seen.values()) == {200} and refused != 200


show(story)
