"""A credential id of 1024 bytes, one of none, and another in the envelope than the attested one are taken.

registration/credential-id, registration/credential-id-strict · WebAuthn L3 §7.1: an id has at most 1023 bytes;
§5.1: the envelope's id is that of the credential.
"""

from portal_visit import Key, Visitor, encoded, registers_changed, show


def of_length(length):
    """A key whose credential id has that many bytes."""
    key = Key()
    key.id = bytes(range(256)) * 4 if length else b""
    return key


def story(base):
    alice = Visitor(base).signs_up()
    other = encoded(bytes(32))
    return (
        alice.adds(of_length(1024))
        and alice.adds(of_length(0))
        and registers_changed(alice, Key(), lambda answer: answer | {"id": other, "rawId": other})
    )


show(story)
