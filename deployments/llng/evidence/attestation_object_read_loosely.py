"""An attestation object without a statement, with a list for one, with two formats, or with lengths that
CTAP's canonical CBOR has no place for, is taken.

registration/attestation-object, registration/attestation-object-spelling · WebAuthn L3 §6.5: fmt and attStmt are
there once, attStmt is a map; CTAP 2.1 §8: lengths are definite and as short as they can be.
"""

from portal_visit import Key, Visitor, cbor, changed_attestation, data_of, registers_changed, show

CHANGES = [
    lambda honest: cbor({"fmt": "none", "authData": data_of(honest)}),
    lambda honest: cbor({"fmt": "none", "attStmt": [], "authData": data_of(honest)}),
    lambda honest: b"\xa4" + cbor("fmt") + cbor("packed") + honest[1:],
    lambda honest: b"\xbf" + honest[1:] + b"\xff",
    lambda honest: b"\xb8\x03" + honest[1:],
]


def story(base):
    alice = Visitor(base).signs_up()
    return all(
        registers_changed(alice, Key(), lambda answer: changed_attestation(answer, change)) for change in CHANGES
    )


show(story)
