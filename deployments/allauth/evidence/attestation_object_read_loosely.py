"""An attestation object with a member twice, one whose format is a number, one whose statement is a
list, one cut off in the middle of the public key, one whose extensions are a number, and those that
write the length of a map in more bytes than it needs, are taken.

registration/attestation-object, registration/authenticator-data, registration/public-key · CTAP 2.1 §8: no map has a key twice, numbers are short;
WebAuthn L3 §6.1, §6.5: fmt is text, attStmt and extensions are maps, and the key is there to its end.
"""

from portal_visit import ATTESTED, PRESENT, Key, Visitor, cbor, decoded, encoded, show

EXTENSIONS = 0x80


def twice(attestation):
    """The member `fmt` once more, in front, saying something else."""
    return b"\xa4" + cbor("fmt") + cbor("packed") + attestation[1:]


def number(attestation):
    """A number where the name of the format stands."""
    return attestation.replace(cbor("fmt") + cbor("none"), cbor("fmt") + cbor(1))


def listed(attestation):
    """A list where the statement stands."""
    return attestation.replace(cbor("attStmt") + cbor({}), cbor("attStmt") + cbor([]))


def long_form(of_a_map):
    """The same map, with the number of its members in a byte of its own."""
    return bytes([0xB8, of_a_map[0] & 0x1F]) + of_a_map[1:]


def with_data(change):
    """Other authenticator data, in an attestation object that is honest about their length."""

    def rewritten(attestation):
        data = change(attestation[attestation.index(b"hauthData") + 11 :])
        return cbor({"fmt": "none", "attStmt": {}, "authData": data})

    return rewritten


KEY_AT = 37 + 16 + 2 + 32

CHANGES = [
    (long_form, PRESENT | ATTESTED),
    (with_data(lambda data: data[:KEY_AT] + long_form(data[KEY_AT:])), PRESENT | ATTESTED),
    (twice, PRESENT | ATTESTED),
    (number, PRESENT | ATTESTED),
    (listed, PRESENT | ATTESTED),
    (with_data(lambda data: data[:-1]), PRESENT | ATTESTED),
    (with_data(lambda data: data + cbor(7)), PRESENT | ATTESTED | EXTENSIONS),
]


def story(base):
    alice = Visitor(base).signs_up()
    for rewritten, flags in CHANGES:
        answer = Key().registers(alice.creation_options(), alice.origin, flags=flags)
        attestation = decoded(answer["response"]["attestationObject"])
        answer["response"]["attestationObject"] = encoded(rewritten(attestation))
        alice.answers_creation(answer)
    return alice.keys() == len(CHANGES)


show(story)
