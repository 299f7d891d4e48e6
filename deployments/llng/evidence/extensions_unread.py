"""Authenticator data that announce extensions and have none, or a number, register a key and sign in.

registration/authenticator-data, authentication/authenticator-data · WebAuthn L3 §6.1: extensions are a CBOR map,
there when their flag is set.
"""

import hashlib

from portal_visit import ATTESTED, PRESENT, Key, Visitor, cbor, client_data, data_of, encoded
from portal_visit import authenticator_data, changed_attestation, registers_changed, show

EXTENSIONS = 0x80
BEHIND = [b"", cbor(7)]


def registered(behind):
    """The flag of extensions in a registration, and something for them."""

    def change(honest):
        data = data_of(honest)
        data = data[:32] + bytes([PRESENT | ATTESTED | EXTENSIONS]) + data[33:] + behind
        return cbor({"fmt": "none", "attStmt": {}, "authData": data})

    return lambda answer: changed_attestation(answer, change)


def signs_in(alice, key, behind):
    """The same in a sign-in; whether it signed in."""
    other = alice.another_session()
    other.gives_password()
    options = other.request_options()
    client = client_data("webauthn.get", options["challenge"], other.origin)
    data = authenticator_data(options["rpId"], PRESENT | EXTENSIONS, 0) + behind
    response = {
        "clientDataJSON": encoded(client),
        "authenticatorData": encoded(data),
        "signature": encoded(key.signature(data + hashlib.sha256(client).digest())),
    }
    other.answers_request(key.envelope(response))
    return other.whoami() == alice.name


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    if not all(registers_changed(alice, Key(), registered(behind)) for behind in BEHIND):
        return False
    return alice.adds(key) and all(signs_in(alice, key, behind) for behind in BEHIND)


show(story)
