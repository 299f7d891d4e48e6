"""Malformed answers end in "Server Error (500)" instead of a refusal.

registration/envelope, registration/client-data, registration/challenge, registration/attestation-object,
registration/authenticator-data, registration/algorithm, authentication/envelope,
authentication/client-data, authentication/authenticator-data · Nothing is stored and nobody signed in; what is missing is an answer.
"""

import json

from portal_visit import ATTESTED, PRESENT, Key, Visitor, cbor, decoded, encoded, show

EXTENSIONS = 0x80


def envelope(**said):
    """Other members of the envelope; None leaves one out."""

    def change(answer):
        return {name: value for name, value in (answer | said).items() if value is not None}

    return change


def response(**said):
    """Other members of the response."""
    return lambda answer: answer | {"response": answer["response"] | said}


def attestation(change):
    """Another attestation object."""

    def changed(answer):
        honest = decoded(answer["response"]["attestationObject"])
        return response(attestationObject=encoded(change(honest)))(answer)

    return changed


def data(change):
    """Other authenticator data, in an attestation object that is honest about their length."""
    return attestation(
        lambda honest: cbor({"fmt": "none", "attStmt": {}, "authData": change(data_of(honest))})
    )


def data_of(honest):
    """The authenticator data of an attestation object."""
    return honest[honest.index(b"hauthData") + 11 :]


def client_data(change):
    """Other client data."""

    def changed(answer):
        honest = decoded(answer["response"]["clientDataJSON"])
        return response(clientDataJSON=encoded(change(honest)))(answer)

    return changed


def member(name, *value):
    """Client data without a member, or with another value."""

    def change(honest):
        said = json.loads(honest)
        del said[name]
        return json.dumps(said | {name: each for each in value}).encode()

    return client_data(change)


def flags(value):
    """Other flags."""
    return lambda honest: honest[:32] + bytes([value]) + honest[33:]


MALFORMED = {
    "no raw id": envelope(rawId=None),
    "an id that is a number": envelope(id=7),
    "two ids": envelope(id=encoded(bytes(32))),
    "client data that are a number": response(clientDataJSON=7),
    "an attestation object that is a number": response(attestationObject=7),
    "half of the client data": client_data(lambda honest: honest[: len(honest) // 2]),
    "text behind the client data": client_data(lambda honest: honest + b"text"),
    "no client data": client_data(lambda honest: b""),
    "client data in an array": client_data(lambda honest: b"[" + honest + b"]"),
    "client data that are not UTF-8": client_data(lambda honest: honest[:-1] + b',"x":"\xff"}'),
    "no type": member("type"),
    "no challenge": member("challenge"),
    "no origin": member("origin"),
    "an origin that is a number": member("origin", 7),
    "a blank behind the challenge": client_data(
        lambda honest: honest.replace(b'","origin"', b' ","origin"')
    ),
    "an attestation object that is a list": attestation(lambda honest: cbor([])),
    "an empty attestation object": attestation(lambda honest: b""),
    "no format": attestation(lambda honest: cbor({"attStmt": {}, "authData": data_of(honest)})),
    "no statement": attestation(lambda honest: cbor({"fmt": "none", "authData": data_of(honest)})),
    "no authenticator data": attestation(lambda honest: cbor({"fmt": "none", "attStmt": {}})),
    "text for authenticator data": attestation(
        lambda honest: cbor({"fmt": "none", "attStmt": {}, "authData": "text"})
    ),
    "a byte behind the attestation object": attestation(lambda honest: honest + b"\x00"),
    "a thousand lists in each other": attestation(lambda honest: b"\x81" * 1000 + b"\x00"),
    "a list of four thousand million": attestation(lambda honest: b"\x9a\xff\xff\xff\xff"),
    "a map without a length": attestation(lambda honest: b"\xbf" + honest[1:] + b"\xff"),
    "36 bytes": data(lambda honest: honest[:36]),
    "no bytes": data(lambda honest: b""),
    "45 bytes": data(lambda honest: honest[:45]),
    "60 bytes": data(lambda honest: honest[:60]),
    "a credential without its flag": data(flags(PRESENT)),
    "no credential": data(lambda honest: flags(PRESENT)(honest[:37])),
    "the flag of a credential only": data(lambda honest: honest[:37]),
    "a byte behind the credential": data(lambda honest: honest + b"\x00"),
    "an id past the end": data(lambda honest: honest[:53] + b"\x03\xff" + honest[55:]),
    "the flag of extensions only": data(flags(PRESENT | ATTESTED | EXTENSIONS)),
    "extensions without their flag": data(lambda honest: honest + cbor({"x": 1})),
}


def falls_over_a_sign_in(alice, key, change):
    """Whether a sign-in ends in a 500, and nobody is signed in."""
    visitor = alice.another_session()
    visitor.gives_password()
    answer = visitor.answers_request(change(key, visitor.request_options(), visitor.origin))
    return answer.status == 500 and visitor.whoami() is None


def no_raw_id(key, options, origin):
    """The envelope lacks a member."""
    return envelope(rawId=None)(key.signs_in(options, origin))


def announced_only(key, options, origin):
    """The flag of extensions, and none."""
    return key.signs_in(options, origin, flags=PRESENT | EXTENSIONS)


def origin_seven(key, options, origin):
    """An origin that is a number."""
    return key.signs_in(options, origin, client={"origin": 7})


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    seen = {}
    for name, change in MALFORMED.items():
        answer = Key().registers(alice.creation_options(), alice.origin)
        seen[name] = alice.answers_creation(change(answer)).status
    cose = {name: value for name, value in Key().cose().items() if name != 3}
    seen["no algorithm"] = alice.adds(Key(), cose=cose).status
    others = {name: status for name, status in seen.items() if status != 500}
    print(others or f"{len(seen)} registrations: 500")
    if others or alice.keys() != 0:
        return False
    alice.adds(key)
    return all(falls_over_a_sign_in(alice, key, change) for change in (no_raw_id, announced_only, origin_seven))


show(story)
