"""An attestation of the format "none" may have a statement.

registration/attestation-none · WebAuthn L3 §8.7: the statement of "none" is an empty map.
"""

from portal_visit import Key, Visitor, cbor, changed_attestation, data_of, registers_changed, show

STATEMENTS = [{"x": 1}, {"alg": -7, "sig": bytes(70)}]


def with_statement(statement):
    """The format "none", and that statement."""
    return lambda honest: cbor({"fmt": "none", "attStmt": statement, "authData": data_of(honest)})


def story(base):
    alice = Visitor(base).signs_up()
    return all(
        registers_changed(alice, Key(), lambda answer: changed_attestation(answer, with_statement(statement)))
        for statement in STATEMENTS
    )


show(story)
