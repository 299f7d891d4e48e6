"""Attestation objects and authenticator data are read loosely: no statement or a list for one, extensions
that are a number, a byte behind the object, and lengths that are written otherwise than they must be.

registration/attestation-object, registration/authenticator-data, authentication/authenticator-data ·
WebAuthn L3 §6.5, CTAP 2.2 §8.
"""

import hashlib

from portal_visit import ATTESTED, PRESENT, Key, Visitor, authenticator_data, cbor, client_data, decoded, encoded, show

EXTENSIONS = 0x80


def auth_data(honest):
    """The authenticator data of an attestation object that ends with them."""
    return honest[honest.index(b"hauthData") + 11 :]


def with_number(honest):
    """The number 7 for extensions, announced."""
    data = auth_data(honest)
    data = data[:32] + bytes([PRESENT | ATTESTED | EXTENSIONS]) + data[33:] + cbor(7)
    return cbor({"fmt": "none", "attStmt": {}, "authData": data})


CHANGES = {
    "no statement": lambda honest: cbor({"fmt": "none", "authData": auth_data(honest)}),
    "a list for a statement": lambda honest: cbor({"fmt": "none", "attStmt": [], "authData": auth_data(honest)}),
    "extensions that are a number": with_number,
    "a byte behind the object": lambda honest: honest + b"\x00",
    "a map without a length": lambda honest: b"\xbf" + honest[1:] + b"\xff",
    "a length in two bytes": lambda honest: b"\xb8" + bytes([honest[0] & 0x1F]) + honest[1:],
}


def registers_with(alice, key, change):
    """Registers a key whose attestation object is changed."""
    answer = key.registers(alice.begins_registration("key"), alice.origin)
    honest = decoded(answer["response"]["attestationObject"])
    answer["response"]["attestationObject"] = encoded(change(honest))
    alice.finishes_registration(answer)


def enters_with_number(visitor, key):
    """Signs in with extensions that are a number."""
    visitor.gives_password()
    options = visitor.begins_with_key()
    data = client_data("webauthn.get", options["challenge"], visitor.origin)
    said = authenticator_data(options["rpId"], PRESENT | EXTENSIONS, 0) + cbor(7)
    response = {
        "clientDataJSON": encoded(data),
        "authenticatorData": encoded(said),
        "signature": encoded(key.signature(said + hashlib.sha256(data).digest())),
    }
    visitor.finishes_with_key(key.envelope(response))
    return visitor.whoami() == visitor.mail


def story(base):
    taken = {}
    for name, change in CHANGES.items():
        alice, key = Visitor(base).signs_up(), Key()
        registers_with(alice, key, change)
        taken[name] = alice.another_session().enters_with(key) and alice.keys() == ["key"]
    taken["extensions that are a number, at a sign-in"] = enters_with_number(alice.another_session(), key)
    print(taken)
    return all(taken.values())


show(story)
