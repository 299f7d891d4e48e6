"""Public keys of wrong shapes are stored, and lock nothing but their owner out.

registration/public-key, registration/public-key-strict · WebAuthn L3 §6.5.1, §5.8.5; RFC 9053 §7; RFC 8230 §4:
type, curve and algorithm fit together, coordinates have the length of the curve, an RSA modulus has 2048
bits, and the private part stays with the key.
"""

from portal_visit import Key, Visitor, cbor, changed_attestation, registers_changed, show

ES256, RS256 = -7, -257


class Twice(dict):
    """A map that says one of its members twice."""

    def items(self):
        return [*super().items(), (3, ES256)]

    def __len__(self):
        return super().__len__() + 1


def rsa(modulus, exponent):
    """An RSA public key."""
    return {1: 3, 3: RS256, -1: modulus, -2: exponent}


def shapes(honest):
    """One thing wrong in each."""
    yield honest | {1: 1}
    yield honest | {-1: 2}
    yield honest | {-2: b"\x01" * 32}
    yield honest | {-2: honest[-2][:31]}
    yield honest | {-2: b"\x00" + honest[-2]}
    yield {name: value for name, value in honest.items() if name != -3}
    yield honest | {-3: True}
    yield honest | {-4: b"\x02" * 32}
    yield Twice(honest)
    yield rsa(b"\xc1" * 256, b"\x01")
    yield rsa(b"\xc1" * 64, b"\x01\x00\x01")


def long_form(key):
    """The map of the key with its length in a byte of its own."""
    short = cbor(key.cose())
    return lambda answer: changed_attestation(answer, lambda honest: longer(honest, short))


def longer(honest, short):
    """One byte more in the key, and in the length of the authenticator data around it."""
    at = honest.index(b"hauthData") + 9
    data = honest[at + 2 :].replace(short, b"\xb8\x05" + short[1:])
    return honest[:at] + cbor(data)


def story(base):
    alice = Visitor(base).signs_up()
    key = Key()
    wrong = list(shapes(key.cose()))
    taken = [alice.adds(Key(), cose=cose) for cose in wrong]
    print(taken)
    return all(taken) and registers_changed(alice, key, long_form(key))


show(story)
