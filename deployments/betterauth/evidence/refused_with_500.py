"""Every registration that does not verify is answered with 500, as if the portal had broken down.

registration/* · Nothing is stored. A site cannot tell an attack, or a key that erred, from a fault of
its own, and neither can its monitoring. What is answered with 4xx is a missing challenge.
"""

import json

from portal_visit import ATTESTED, BACKED_UP, PRESENT, Key, Visitor, cbor, decoded, encoded, show

EXTENSIONS = 0x80


def envelope(**said):
    """Other members of the envelope; None leaves one out."""
    return lambda answer: {name: value for name, value in (answer | said).items() if value is not None}


def response(**said):
    """Other members of the response; None leaves one out."""

    def change(answer):
        members = answer["response"] | said
        return answer | {"response": {name: value for name, value in members.items() if value is not None}}

    return change


def bytes_of(member, change):
    """Other bytes for a member of the response."""
    return lambda answer: response(**{member: encoded(change(decoded(answer["response"][member])))})(answer)


def client(**said):
    """Other members of the client data; None leaves one out."""

    def change(honest):
        members = json.loads(honest) | said
        return json.dumps({name: value for name, value in members.items() if value is not None}).encode()

    return bytes_of("clientDataJSON", change)


def attestation(**said):
    """Other members of the attestation object; None leaves one out."""

    def change(honest):
        members = {"fmt": "none", "attStmt": {}, "authData": data_of(honest)} | said
        return cbor({name: value for name, value in members.items() if value is not None})

    return bytes_of("attestationObject", change)


def data(change):
    """Other authenticator data."""

    def changed(answer):
        honest = data_of(decoded(answer["response"]["attestationObject"]))
        return attestation(authData=change(honest))(answer)

    return changed


def data_of(honest):
    """The authenticator data of an attestation object."""
    return honest[honest.index(b"hauthData") + 11 :]


def flags(value):
    """Other flags."""
    return data(lambda honest: honest[:32] + bytes([value]) + honest[33:])


MALFORMED = {
    "no response": envelope(response=None),
    "no id": envelope(id=None),
    "two ids": envelope(id=encoded(bytes(32))),
    "no raw id": envelope(rawId=None),
    "no type": envelope(type=None),
    "another type": envelope(type="password"),
    "no client data": response(clientDataJSON=None),
    "client data that are a number": response(clientDataJSON=7),
    "half of the client data": bytes_of("clientDataJSON", lambda honest: honest[: len(honest) // 2]),
    "client data of a sign-in": client(type="webauthn.get"),
    "no challenge": client(challenge=None),
    "an invented challenge": client(challenge=encoded(bytes(32))),
    "no origin": client(origin=None),
    "another site's origin": client(origin="https://evil.example"),
    "the origin with a slash": client(origin="http://localhost/"),
    "another port": client(origin="http://localhost:4443"),
    "no attestation object": response(attestationObject=None),
    "an empty attestation object": bytes_of("attestationObject", lambda honest: b""),
    "no format": attestation(fmt=None),
    "an unknown format": attestation(fmt="x-unknown"),
    "a statement in the format none": attestation(attStmt={"alg": -7}),
    "a packed statement with nothing in it": attestation(fmt="packed", attStmt={}),
    "a U2F statement with nothing in it": attestation(fmt="fido-u2f", attStmt={}),
    "no statement": attestation(attStmt=None),
    "no authenticator data": attestation(authData=None),
    "authenticator data of 36 bytes": data(lambda honest: honest[:36]),
    "another site's RP id": data(lambda honest: bytes(32) + honest[32:]),
    "no touch": flags(ATTESTED),
    "a credential without its flag": flags(PRESENT),
    "backed up, and not eligible": flags(PRESENT | ATTESTED | BACKED_UP),
    "the flag of extensions only": flags(PRESENT | ATTESTED | EXTENSIONS),
    "a byte behind the credential": data(lambda honest: honest + b"\x00"),
    "an unknown algorithm": data(lambda honest: honest.replace(cbor({3: -7})[1:], cbor({3: -999})[1:])),
}


def story(base):
    alice = Visitor(base).signs_up()
    seen = {}
    for name, change in MALFORMED.items():
        answer = Key().registers(alice.creation_options(), alice.origin)
        status, said = alice.answers_creation(change(answer))
        seen[name] = status, said and said.get("code")
    others = {name: what for name, what in seen.items() if what != (500, "FAILED_TO_VERIFY_REGISTRATION")}
    print(others or f"{len(seen)} registrations: 500")
    return not others and alice.keys() == []


show(story)
