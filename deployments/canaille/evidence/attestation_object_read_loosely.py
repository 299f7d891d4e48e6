"""An attestation object without a statement, with a list for one, with a byte behind it, or written as CTAP2
forbids is taken, and so are extensions that are no map, at registration and at sign-in.

registration/attestation-object, registration/attestation-object-strict,
registration/attestation-object-spelling, registration/authenticator-data, authentication/authenticator-data.
"""

import hashlib

from portal_visit import (
    FACTOR,
    Key,
    attested,
    authenticator_data,
    cbor,
    client_data,
    encoded,
    person_with_key,
    show,
)

EXTENSIONS = 0x80


def with_extensions(data):
    """Authenticator data whose extensions are the number 7."""
    return data[:32] + bytes([data[32] | EXTENSIONS]) + data[33:] + cbor(7)


def signs_in(alice, key):
    """A sign-in whose extensions are the number 7."""
    other = alice.another_session()
    other.gives_password()
    options = other.options(FACTOR)
    data = with_extensions(authenticator_data(options["rpId"], 1, 1))
    client = client_data("webauthn.get", options["challenge"], other.origin)
    signature = key.signature(data + hashlib.sha256(client).digest())
    response = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
    other.send(FACTOR, body=key.envelope({name: encoded(value) for name, value in response.items()}))
    return other.whoami() == alice.name


def story(base):
    alice, first = person_with_key(base)
    changes = [{"statement": {"fmt": "none"}}, {"statement": {"fmt": "none", "attStmt": []}}]
    changes += [{"auth_data": with_extensions}, {"written": lambda whole: whole + b"\0"}]
    # The map of three as one that is open-ended, and with its length in a byte of its own.
    changes += [{"written": lambda whole: b"\xbf" + whole[1:] + b"\xff"}, {"written": lambda whole: b"\xb8\x03" + whole[1:]}]
    stored = []
    for change in changes:
        key = Key()
        stored.append(alice.stores(lambda options: attested(key, options, alice.origin, **change)))
    print(stored)
    return all(stored) and signs_in(alice, first)


show(story)
