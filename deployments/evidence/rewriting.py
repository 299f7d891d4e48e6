"""Registrations that are honest but for one thing. Each function here gives a change, and a change makes
another answer of an honest one; without a thing to change it writes the same answer again.

`portal_visit.py` of a portal is imported first: it knows where this file lies.
"""

import json

from visit import cbor, decoded, encoded

# Where the public key begins in the authenticator data of a key as `visit` makes it.
KEY_AT = 32 + 1 + 4 + 16 + 2 + 32


def all_but_none(members):
    """The members that are something."""
    return {name: value for name, value in members.items() if value is not None}


def envelope(**said):
    """Other members of the envelope; None leaves one out."""
    return lambda answer: all_but_none(answer | said)


def response(**said):
    """Other members of the response; None leaves one out."""
    return lambda answer: answer | {"response": all_but_none(answer["response"] | said)}


def bytes_of(member, change):
    """Other bytes for a member of the response."""
    return lambda answer: response(**{member: encoded(change(decoded(answer["response"][member])))})(answer)


def client_bytes(change):
    """Other bytes for the client data."""
    return bytes_of("clientDataJSON", change)


def client(**said):
    """Other members of the client data, or what a function makes of them; None leaves one out."""

    def change(honest):
        members = json.loads(honest)
        other = {name: value(members[name]) if callable(value) else value for name, value in said.items()}
        return json.dumps(all_but_none(members | other)).encode()

    return client_bytes(change)


def attestation_bytes(change):
    """Other bytes for the attestation object."""
    return bytes_of("attestationObject", change)


def attestation(**said):
    """Other members of the attestation object; None leaves one out."""

    def change(honest):
        return cbor(all_but_none({"fmt": "none", "attStmt": {}, "authData": data_of(honest)} | said))

    return attestation_bytes(change)


def data(change):
    """Other authenticator data, in an attestation object that is honest about their length."""
    return attestation_bytes(lambda honest: cbor({"fmt": "none", "attStmt": {}, "authData": change(data_of(honest))}))


def data_of(honest):
    """The authenticator data of an attestation object that ends with them."""
    return honest[honest.index(b"hauthData") + 11 :]


def flags(value):
    """Other flags."""
    return data(lambda honest: honest[:32] + bytes([value]) + honest[33:])


def public_key(change):
    """Other bytes for the public key."""
    return data(lambda honest: honest[:KEY_AT] + change(honest[KEY_AT:]))


def member_behind(name, value):
    """One member more at the end of a map of CBOR."""
    return lambda whole: bytes([whole[0] + 1]) + whole[1:] + cbor(name) + cbor(value)


def long_form(whole):
    """The same map of CBOR, with the number of its members in a byte of its own."""
    return bytes([0xB8, whole[0] & 0x1F]) + whole[1:]


def open_ended(whole):
    """The same map of CBOR, which ends where a break says so."""
    return b"\xbf" + whole[1:] + b"\xff"


# Honest answers, written again: a portal that takes these refuses the others for what is changed in them.
SAME = {
    "as it is": lambda answer: answer,
    "envelope": envelope(),
    "response": response(),
    "client data": client(),
    "client data as bytes": client_bytes(lambda honest: honest),
    "attestation object": attestation(),
    "attestation object as bytes": attestation_bytes(lambda honest: honest),
    "authenticator data": data(lambda honest: honest),
    "public key": public_key(lambda honest: honest),
}
