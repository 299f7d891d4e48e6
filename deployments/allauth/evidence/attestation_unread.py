"""Attestation is not read: an unknown format, a "none" with a statement, and a false packed signature
are taken alike.

registration/attestation-format, registration/attestation-none, registration/attestation-packed,
registration/attestation-u2f · WebAuthn L3 §7.1. The portal asks for attestation "none" and means it:
declared in the profile, and shown here.
"""

from portal_visit import Key, Visitor, cbor, decoded, encoded, show

STATEMENTS = [
    ("nonsense", {}),
    ("none", {"sig": b"\x00"}),
    ("packed", {"alg": -7, "sig": b"\x00"}),
    ("fido-u2f", {"x5c": [b"\x00"], "sig": b"\x00"}),
]


def story(base):
    alice = Visitor(base).signs_up()
    for form, statement in STATEMENTS:
        answer = Key().registers(alice.creation_options(), alice.origin)
        honest = decoded(answer["response"]["attestationObject"])
        auth_data = honest[honest.index(cbor("authData")) :]
        lying = b"\xa3" + cbor("fmt") + cbor(form) + cbor("attStmt") + cbor(statement) + auth_data
        answer["response"]["attestationObject"] = encoded(lying)
        alice.answers_creation(answer)
    return alice.keys() == len(STATEMENTS)


show(story)
