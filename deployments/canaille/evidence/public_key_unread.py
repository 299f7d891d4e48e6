"""Public keys of wrong shapes are stored.

registration/public-key, registration/public-key-strict · The key is decoded no further than its algorithm: a
point of another curve or of none, another type, short and long coordinates, a compressed point, weak RSA,
Ed25519 of wrong shapes. A private member is stored with the rest.
"""

from portal_visit import Key, attested, person_with_key, show

ED = {1: 1, 3: -8, -1: 6, -2: bytes(32)}
RSA = {1: 3, 3: -257, -1: b"\xc5" * 256, -2: b"\x01\x00\x01"}


def shapes(sound):
    """Wrong keys, by what is wrong."""
    return {
        "other-type": sound | {1: 1},
        "other-curve": sound | {-1: 2, -2: bytes([1]) * 48, -3: bytes([2]) * 48},
        "off-the-curve": sound | {-3: sound[-3][:-1] + bytes([sound[-3][-1] ^ 1])},
        "short-coordinate": sound | {-2: sound[-2][:31]},
        "long-coordinate": sound | {-2: b"\0" + sound[-2]},
        "compressed": sound | {-3: True},
        "rsa-exponent-one": RSA | {-2: b"\1"},
        "rsa-short": RSA | {-1: b"\xc5" * 64},
        "ed25519-other-curve": ED | {-1: 4},
        "ed25519-identity": ED | {-2: b"\1" + bytes(31)},
        "ed25519-short": ED | {-2: bytes(31)},
        "ed25519-as-es256": ED | {3: -7},
        "private-member": sound | {-4: bytes([7]) * 32},
    }


def story(base):
    alice, _ = person_with_key(base)
    stored = {}
    for name in shapes(Key().cose()):
        key = Key()
        cose = shapes(key.cose())[name]
        stored[name] = alice.stores(lambda options: attested(key, options, alice.origin, cose=cose))
    print(stored)
    return all(stored.values())


show(story)
