"""A packed attestation is taken whatever its certificate says: its own issuer, an authority, no subject
that the format asks for, no end of life, another model than the key's.

registration/attestation-packed · WebAuthn L3 §8.2.1. Only the signature is looked at: one by another key
is refused.
"""

from cryptography.hazmat.primitives.asymmetric import ec
from portal_visit import Key, Visitor, attested, show


def story(base):
    alice, stranger = Visitor(base).signs_up(), ec.generate_private_key(ec.SECP256R1())
    said = []
    for label, signed_by, more in (("a", stranger, {}), ("b", None, {"ecdaaKeyId": b"\x01"}), ("c", None, {})):
        key, options = Key(), alice.begins_registration(label)
        said.append(alice.finishes_registration(attested(key, options, alice.origin, signed_by, more)).status)
    print(said, alice.keys())
    return said == [400, 200, 200] and alice.another_session().enters_with(key)


show(story)
