"""An attestation object with bytes behind it, with a list for a statement, or with authenticator data that
end in the public key, is taken.

registration/attestation-object, registration/attestation-object-strict, registration/authenticator-data ·
WebAuthn L3 §6.5.4 says what it is: a map of three members, the statement a map as well; §6.5.1: the key goes
to its end.
"""

from portal_visit import Key, Visitor, show
from rewriting import attestation, attestation_bytes, data

LOOSE = {
    "a byte behind": attestation_bytes(lambda honest: honest + b"\x00"),
    "a list for a statement": attestation(attStmt=[]),
    "no end": data(lambda honest: honest[:-1]),
}


def story(base):
    alice = Visitor(base).signs_up()
    for name, change in LOOSE.items():
        alice.answers_creation(change(Key().registers(alice.creation_options(), alice.origin)), name)
    stored = [key["name"] for key in alice.keys()]
    print(stored)
    return stored == list(LOOSE)


show(story)
