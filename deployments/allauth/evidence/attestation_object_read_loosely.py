"""An attestation object with a member twice, one whose format is a number, one whose statement is a
list, one cut off in the middle of the public key, one whose extensions are a number, and those that
write the length of a map in more bytes than it needs, are taken.

registration/attestation-object, registration/attestation-object-strict,
registration/attestation-object-spelling, registration/authenticator-data, registration/public-key-strict ·
CTAP 2.1 §8: no map has a key twice, numbers are short; WebAuthn L3 §6.1, §6.5: fmt is text, attStmt and
extensions are maps, and the key is there to its end.
"""

from portal_visit import ATTESTED, PRESENT, Key, Visitor, cbor, show
from rewriting import attestation, attestation_bytes, data, long_form, member_behind, public_key

EXTENSIONS = 0x80


def with_number(honest):
    """The number 7 for extensions, announced."""
    return honest[:32] + bytes([PRESENT | ATTESTED | EXTENSIONS]) + honest[33:] + cbor(7)


CHANGES = [
    attestation_bytes(long_form),
    public_key(long_form),
    attestation_bytes(member_behind("fmt", "packed")),
    attestation_bytes(member_behind("fmt", "none")),
    attestation(fmt=1),
    attestation(attStmt=[]),
    data(lambda honest: honest[:-1]),
    data(with_number),
]


def story(base):
    alice = Visitor(base).signs_up()
    for number, change in enumerate(CHANGES, 1):
        alice.answers_creation(change(Key().registers(alice.creation_options(), alice.origin)))
        if alice.keys() != number:
            return False
    return True


show(story)
