"""Public keys are stored as they come, if only their algorithm is a known number.

registration/public-key, registration/public-key-strict · WebAuthn L3 §7.1 step 20 (the algorithm is one of
those offered), RFC 9053 §7: whether the rest fits is found out at the first sign-in, which most of these keys
then cannot pass.
"""

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from portal_visit import Key, Visitor, show


class Ed25519(Key):
    """A key of Ed25519."""

    def __init__(self):
        super().__init__()
        self.private = ed25519.Ed25519PrivateKey.generate()

    def cose(self):
        return {1: 1, 3: -8, -1: 6, -2: self.private.public_key().public_bytes_raw()}

    def signature(self, message):
        return self.private.sign(message)


def octets(number):
    """The bytes of a number."""
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


P256, ED25519 = Key().cose(), Ed25519().cose()
MODULUS = rsa.generate_private_key(65537, 2048).public_key().public_numbers().n
RSA = {1: 3, 3: -257, -1: octets(MODULUS), -2: b"\x01\x00\x01"}
UNSOUND = {
    "another type": P256 | {1: 1},
    "a point of P-384": P256 | {-1: 2, -2: bytes(47) + b"\x01", -3: bytes(47) + b"\x01"},
    "a point off the curve": P256 | {-3: bytes(31) + b"\x01"},
    "a coordinate of 31 bytes": P256 | {-2: P256[-2][:31]},
    "a coordinate of 33 bytes": P256 | {-2: b"\x00" + P256[-2]},
    "a compressed point": P256 | {-3: True},
    "no second coordinate": {name: value for name, value in P256.items() if name != -3},
    "the private key beside it": P256 | {-4: bytes(32)},
    "RSA with exponent 1": RSA | {-2: b"\x01"},
    "RSA of 512 bits": RSA | {-1: RSA[-1][:64]},
    "Ed25519 on another curve": ED25519 | {-1: 4},
    "the point of Ed25519 that signs everything": ED25519 | {-2: b"\x01" + bytes(31)},
    "Ed25519 of 31 bytes": ED25519 | {-2: ED25519[-2][:31]},
}


def story(base):
    alice = Visitor(base).signs_up()
    seen = {name: alice.adds(Key(), name, cose=cose)[0] for name, cose in UNSOUND.items()}
    stored = {key["name"] for key in alice.keys()}
    others = {name: seen[name] for name in UNSOUND if name not in stored}
    print(others or f"{len(stored)} keys stored")

    # An Ed25519 key that says it signs ES256 goes on to sign in.
    key = Ed25519()
    alice.adds(key, cose=key.cose() | {3: -7})
    return not others and alice.finishes_with(key, counter=1)


show(story)
