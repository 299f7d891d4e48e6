"""Attestation statements are verified, and these five are taken all the same.

registration/attestation-packed, registration/attestation-u2f · WebAuthn L3 §8.2: a self attestation is
of the credential's own algorithm, and a statement has no member of its own invention; §8.2.1: the
extension with the model is not critical; §8.6: one certificate, and a credential on P-256.
"""

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from portal_visit import Key, Visitor, attested, certificate, on_p256, show, u2f


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
