"""Every registration that does not verify is answered with 500, as if the portal had broken down.

registration/* · Nothing is stored. A site cannot tell an attack, or a key that erred, from a fault of
its own, and neither can its monitoring. What is answered with 4xx is a missing challenge. Honest answers
that were written again in the same ways are stored, in the same session and after all of these.
"""

from portal_visit import ATTESTED, BACKED_UP, PRESENT, Key, Visitor, attested, cbor, encoded, on_p256, show, u2f
from rewriting import (
    SAME,
    attestation,
    attestation_bytes,
    client,
    client_bytes,
    data,
    envelope,
    flags,
    long_form,
    member_behind,
    open_ended,
    public_key,
    response,
)

EXTENSIONS = 0x80
FELL = 500, "FAILED_TO_VERIFY_REGISTRATION"


def client_says_more(text):
    """Client data with another member at their end."""
    return client_bytes(lambda honest: honest[:-1] + b"," + text + b"}")


def without_an_id(answer):
    """The credential id has no bytes, in the envelope as well."""
    return envelope(id="", rawId="")(data(lambda honest: honest[:53] + bytes(2) + honest[87:])(answer))


MALFORMED = {
    "garbage": lambda answer: {
        **{"id": "AAAA", "rawId": "AAAA", "type": "public-key", "clientExtensionResults": {}},
        "response": {"clientDataJSON": encoded(b"{}"), "attestationObject": encoded(cbor({})), "transports": []},
    },
    "no response": envelope(response=None),
    "no id": envelope(id=None),
    "an id that is a number": envelope(id=7),
    "two ids": envelope(id=encoded(bytes(32))),
    "no raw id": envelope(rawId=None),
    "no type": envelope(type=None),
    "a type that is a number": envelope(type=7),
    "another type": envelope(type="password"),
    "no client data": response(clientDataJSON=None),
    "client data that are a number": response(clientDataJSON=7),
    "half of the client data": client_bytes(lambda honest: honest[: len(honest) // 2]),
    "client data of a sign-in": client(type="webauthn.get"),
    "no challenge": client(challenge=None),
    "an invented challenge": client(challenge=encoded(bytes(32))),
    "a second challenge": client_says_more(b'"challenge":"BwcHBwcHBwcHBwcHBwcHBw"'),
    "the challenge with padding": client(challenge=lambda honest: honest + "="),
    "the challenge and a blank": client(challenge=lambda honest: honest + " "),
    "no origin": client(origin=None),
    "another site's origin": client(origin="https://evil.example"),
    "a second origin": client_says_more(b'"origin":"https://evil.example"'),
    "the origin with a slash": client(origin=lambda honest: honest + "/"),
    "the origin with a path": client(origin=lambda honest: honest + "/sign-in"),
    "the origin in capitals": client(origin=str.upper),
    "another port": client(origin="http://localhost:4443"),
    "no attestation object": response(attestationObject=None),
    "an empty attestation object": attestation_bytes(lambda honest: b""),
    "a map without a length": attestation_bytes(open_ended),
    "a length in a byte too many": attestation_bytes(long_form),
    "two formats": attestation_bytes(member_behind("fmt", "none")),
    "authenticator data twice": attestation_bytes(member_behind("authData", bytes(37))),
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
    "an id of no bytes": without_an_id,
    "a byte behind the credential": data(lambda honest: honest + b"\x00"),
    "an unknown algorithm": public_key(lambda honest: honest.replace(cbor({3: -7})[1:], cbor({3: -999})[1:])),
    "an algorithm twice": public_key(member_behind(3, -7)),
    "a public key whose length is in a byte too many": public_key(long_form),
}
# What is honest, and makes use of what the rows above are made of.
HONEST = SAME | {
    "an unknown member of the client data": client_says_more(b'"unknown":"x"'),
    "the same challenge and origin": client(challenge=str, origin=str),
}


def registers(alice, change, key=None):
    """A registration that is changed: the status, and the code of a refusal."""
    answer = (key or Key()).registers(alice.creation_options(), alice.origin)
    return sends(alice, change(answer))


def sends(alice, answer):
    """The status, and the code of a refusal."""
    status, told = alice.answers_creation(answer)
    return status, told and told.get("code")


def registers_old(alice, model):
    """A registration of a U2F key that says it is of this model, attested honestly."""
    key = Key()
    named = data(lambda honest: honest[:37] + model + honest[53:])
    return registers(alice, lambda honest: attested(named(honest), "fido-u2f", u2f(key, on_p256(key), 1)), key)


def challenges_of_others(alice):
    """Challenges that were given out in another session, to another person, or for a sign-in."""
    elsewhere, bob, there = alice.another_session(), Visitor(alice.base).signs_up(), Visitor(alice.base)
    elsewhere.gives_password()
    yield "another session's challenge", elsewhere.creation_options()["challenge"]
    yield "another person's challenge", bob.creation_options()["challenge"]
    yield "a sign-in's challenge", there.request_options()["challenge"]


def story(base):
    alice = Visitor(base).signs_up()
    seen = {name: registers(alice, change) for name, change in MALFORMED.items()}
    for name, challenge in challenges_of_others(alice):
        seen[name] = registers(alice, client(challenge=challenge))
    seen["U2F with a model"] = registers_old(alice, b"\x42" * 16)

    # Falling over spends the challenge: the same answer, whole, comes too late.
    honest = Key().registers(alice.creation_options(), alice.origin)
    cut_off = attestation_bytes(lambda whole: whole[: len(whole) // 2])
    seen["an answer that is cut off"] = sends(alice, cut_off(honest))
    too_late = sends(alice, honest)

    others = {name: what for name, what in seen.items() if what != FELL}
    print(others or f"{len(seen)} registrations: 500; too late: {too_late}")
    if others or too_late[0] != 400 or alice.keys() != []:
        return False
    taken = {name: registers(alice, change)[0] for name, change in HONEST.items()}
    taken["U2F without a model"] = registers_old(alice, bytes(16))[0]
    print(taken)
    return set(taken.values()) == {200} and len(alice.keys()) == len(taken)


show(story)
