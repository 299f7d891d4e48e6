"""Public keys of every wrong shape are stored.

registration/public-key, registration/public-key-strict · WebAuthn L3 §6.5.1, §5.8.5; RFC 9053 §7; RFC 8230
§4: type, curve and algorithm fit together, coordinates have the length of the curve, an RSA modulus has
2048 bits, no member stands twice, and the private part stays with the key.
"""

from portal_visit import Key, Visitor, show

ES256, EDDSA, RS256 = -7, -8, -257


class Twice(dict):
    """A map that says one of its members twice."""

    def items(self):
        return [*super().items(), (3, ES256)]

    def __len__(self):
        return super().__len__() + 1


def rsa(modulus, exponent):
    """An RSA public key."""
    return {1: 3, 3: RS256, -1: modulus, -2: exponent}


def okp(x, curve=6):
    """An Ed25519 public key, or one of another curve."""
    return {1: 1, 3: EDDSA, -1: curve, -2: x}


def shapes(honest):
    """One thing wrong in each."""
    yield honest | {1: 1}
    yield honest | {-1: 2}
    yield honest | {-2: b"\x01" * 32}
    yield honest | {-2: honest[-2][:31]}
    yield honest | {-2: b"\x00" + honest[-2]}
    yield honest | {-3: True}
    yield {name: value for name, value in honest.items() if name != -3}
    yield honest | {-4: b"\x02" * 32}
    yield Twice(honest)
    yield rsa(b"\xc1" * 256, b"\x01")
    yield rsa(b"\xc1" * 64, b"\x01\x00\x01")
    yield okp(b"\x01" + bytes(31))
    yield okp(b"\x02" * 31)
    yield okp(b"\x02" * 32, curve=4)
    yield okp(b"\x02" * 32) | {3: ES256}


def story(base):
    alice = Visitor(base).signs_up()
    wrong = list(shapes(Key().cose()))
    for number, cose in enumerate(wrong, 1):
        alice.adds(Key(), cose=cose)
        if alice.keys() != number:
            return False
    return True


show(story)
