"""Malformed answers end in "Server Error (500)" instead of a refusal.

registration/envelope, registration/envelope-strict, registration/client-data, registration/client-data-strict,
registration/challenge-spelling, registration/attestation-object, registration/attestation-object-strict,
registration/attestation-object-spelling, registration/authenticator-data, registration/algorithm,
registration/abandoned, authentication/envelope-strict, authentication/client-data,
authentication/authenticator-data · Nothing is stored and nobody signed in; what is missing is an answer.
Honest answers that were written again in the same ways are taken, in the same session and after all of these.
"""

from portal_visit import ATTESTED, PRESENT, Key, Visitor, cbor, encoded, show
from rewriting import (
    SAME,
    attestation,
    attestation_bytes,
    client,
    client_bytes,
    data,
    envelope,
    flags,
    open_ended,
    response,
)

EXTENSIONS = 0x80


MALFORMED = {
    "garbage": lambda answer: {
        **{"id": "AAAA", "rawId": "AAAA", "type": "public-key", "clientExtensionResults": {}},
        "response": {"clientDataJSON": encoded(b"{}"), "attestationObject": encoded(cbor({})), "transports": []},
    },
    "no raw id": envelope(rawId=None),
    "an id that is a number": envelope(id=7),
    "two ids": envelope(id=encoded(bytes(32))),
    "client data that are a number": response(clientDataJSON=7),
    "an attestation object that is a number": response(attestationObject=7),
    "half of the client data": client_bytes(lambda honest: honest[: len(honest) // 2]),
    "text behind the client data": client_bytes(lambda honest: honest + b"text"),
    "no client data": client_bytes(lambda honest: b""),
    "client data in an array": client_bytes(lambda honest: b"[" + honest + b"]"),
    "client data that are not UTF-8": client_bytes(lambda honest: honest[:-1] + b',"x":"\xff"}'),
    "no type": client(type=None),
    "no challenge": client(challenge=None),
    "no origin": client(origin=None),
    "an origin that is a number": client(origin=7),
    "a blank behind the challenge": client(challenge=lambda honest: honest + " "),
    "an attestation object that is a list": attestation_bytes(lambda honest: cbor([])),
    "an empty attestation object": attestation_bytes(lambda honest: b""),
    "no format": attestation(fmt=None),
    "no statement": attestation(attStmt=None),
    "no authenticator data": attestation(authData=None),
    "text for authenticator data": attestation(authData="text"),
    "a byte behind the attestation object": attestation_bytes(lambda honest: honest + b"\x00"),
    "a thousand lists in each other": attestation_bytes(lambda honest: b"\x81" * 1000 + b"\x00"),
    "a list of four thousand million": attestation_bytes(lambda honest: b"\x9a\xff\xff\xff\xff"),
    "a map without a length": attestation_bytes(open_ended),
    "36 bytes": data(lambda honest: honest[:36]),
    "no bytes": data(lambda honest: b""),
    "45 bytes": data(lambda honest: honest[:45]),
    "60 bytes": data(lambda honest: honest[:60]),
    "a credential without its flag": flags(PRESENT),
    "no credential": data(lambda honest: honest[:32] + bytes([PRESENT]) + honest[33:37]),
    "the flag of a credential only": data(lambda honest: honest[:37]),
    "a byte behind the credential": data(lambda honest: honest + b"\x00"),
    "an id past the end": data(lambda honest: honest[:53] + b"\x03\xff" + honest[55:]),
    "the flag of extensions only": flags(PRESENT | ATTESTED | EXTENSIONS),
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
    alice, seen = Visitor(base).signs_up(), {}
    for name, change in MALFORMED.items():
        answer = Key().registers(alice.creation_options(), alice.origin)
        seen[name] = alice.answers_creation(change(answer)).status
    cose = {name: value for name, value in Key().cose().items() if name != 3}
    seen["no algorithm"] = alice.adds(Key(), cose=cose).status
    others = {name: status for name, status in seen.items() if status != 500}
    print(others or f"{len(seen)} registrations: 500")
    if others or alice.keys() != 0:
        return False
    for number, change in enumerate(SAME.values(), 1):
        key = Key()
        alice.answers_creation(change(key.registers(alice.creation_options(), alice.origin)))
        if alice.keys() != number:
            return False
    fell = [falls_over_a_sign_in(alice, key, change) for change in (no_raw_id, announced_only, origin_seven)]
    return all(fell) and alice.finishes_with(key)


show(story)
