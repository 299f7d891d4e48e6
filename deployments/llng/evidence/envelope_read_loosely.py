"""An answer without an id, a raw id or a type, or with others, registers a key; one without a raw id or
a type, or with another type, signs in.

registration/envelope-strict, authentication/envelope-strict · WebAuthn L3 §5.1: RegistrationResponseJSON and
AuthenticationResponseJSON have these members, and the id is that of the key.
"""

from portal_visit import Key, Visitor, encoded, registers_changed, show


def without(member):
    """The envelope lacks a member."""
    return lambda answer: {name: value for name, value in answer.items() if name != member}


def with_other(**said):
    """Other members."""
    return lambda answer: answer | said


def padded(answer):
    """Both ids as base64 with padding."""
    padding = "=" * (-len(answer["id"]) % 4)
    return answer | {"id": answer["id"] + padding, "rawId": answer["id"] + padding}


BOTH = [without("rawId"), without("type"), with_other(type=1), with_other(type="password")]
REGISTERED = [*BOTH, without("id"), with_other(id=7), with_other(id=encoded(bytes(32))), padded]


def story(base):
    alice = Visitor(base).signs_up()
    if not all(registers_changed(alice, Key(), change) for change in REGISTERED):
        return False
    key = Key()
    return alice.adds(key) and all(alice.finishes_with(key, change) for change in BOTH)


show(story)
