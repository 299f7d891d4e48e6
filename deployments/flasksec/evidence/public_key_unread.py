"""A public key is stored without being read, and is no key: its owner is asked for a second factor from
then on that nothing can give.

registration/public-key, registration/public-key-strict · WebAuthn L3 §7.1. A sound key that is written
longer than it may be, or with a private part beside it, signs in.
"""

import secrets

from portal_visit import Key, Visitor, show


def point(other):
    """A change of a point's members."""
    return lambda cose: cose | other


WRONG = {
    "off the curve": point({-3: bytes(31) + b"\x01"}),
    "of P-384": point({-1: 2, -2: bytes(48), -3: bytes(48)}),
    "compressed": point({-3: True}),
    "a coordinate of 31 bytes": lambda cose: cose | {-2: cose[-2][:31]},
    "an octet pair of no curve": lambda _: {1: 1, 3: -8, -1: 7, -2: bytes(32)},
    "Ed25519 of 31 bytes": lambda _: {1: 1, 3: -8, -1: 6, -2: bytes(range(31))},
    "Ed25519's identity": lambda _: {1: 1, 3: -8, -1: 6, -2: b"\x01" + bytes(31)},
    "Ed25519 as ES256": lambda _: {1: 1, 3: -7, -1: 6, -2: bytes(range(32))},
    "RSA with exponent 1": lambda _: {1: 3, 3: -257, -1: b"\xff" * 256, -2: b"\x01"},
    "RSA of 512 bits": lambda _: {1: 3, 3: -257, -1: b"\xff" * 64, -2: b"\x01\x00\x01"},
}

SOUND_BUT_NOT_SO = {
    "a coordinate of 33 bytes": lambda cose: cose | {-2: b"\x00" + cose[-2]},
    "with a private part": lambda cose: cose | {-4: secrets.token_bytes(32)},
}


def story(base):
    stored = {}
    for name, change in WRONG.items():
        alice, key = Visitor(base).signs_up(), Key()
        alice.adds(key, "key", cose=change(key.cose()))
        stored[name] = alice.keys() == ["key"] and not alice.another_session().enters_with(key)
    for name, change in SOUND_BUT_NOT_SO.items():
        alice, key = Visitor(base).signs_up(), Key()
        alice.adds(key, cose=change(key.cose()))
        stored[name] = alice.another_session().enters_with(key)
    print(stored)
    return all(stored.values())


show(story)
