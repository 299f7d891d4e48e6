"""An attestation object with bytes behind it, with a list for a statement, or with authenticator data that
end in the public key, is taken.

registration/attestation-object, registration/authenticator-data · WebAuthn L3 §6.5.4 says what it is: a
map of three members, the statement a map as well; §6.5.1: the key goes to its end.
"""

from portal_visit import Key, Visitor, cbor, decoded, encoded, show


def rewritten(change):
    """The registration with other bytes for its attestation object, made from its authenticator data."""

    def changed(answer):
        honest = decoded(answer["response"]["attestationObject"])
        data = honest[honest.index(b"hauthData") + 11 :]
        return answer | {"response": answer["response"] | {"attestationObject": encoded(change(data))}}

    return changed


def whole(data, statement):
    """An attestation object."""
    return cbor({"fmt": "none", "attStmt": statement, "authData": data})


LOOSE = {
    "bytes behind": rewritten(lambda data: whole(data, {}) + b"\x00"),
    "a list for a statement": rewritten(lambda data: whole(data, [])),
    "no end": rewritten(lambda data: whole(data[:-3], {})),
}


def story(base):
    alice = Visitor(base).signs_up()
    for name, change in LOOSE.items():
        alice.answers_creation(change(Key().registers(alice.creation_options(), alice.origin)), name)
    stored = [key["name"] for key in alice.keys()]
    print(stored)
    return stored == list(LOOSE)


show(story)
