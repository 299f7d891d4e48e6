"""A challenge whose answer was refused is still good for another one.

registration/challenge-once, login/challenge-once · WebAuthn L3 §13.4.3. The passkey sign-in keeps
the challenge after any refusal; registration keeps it after an answer that ended in a 500.
"""

from portal_visit import LOGIN, PRESENT, VERIFIED, Key, Visitor, show


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    options = alice.creation_options()
    broken = alice.answers_creation(key.registers(options, alice.origin, rewritten=lambda data: data[:-1]))
    alice.answers_creation(key.registers(options, alice.origin))
    registered = broken.status == 500 and alice.keys() == 1

    visitor = Visitor(base)
    visitor.send(LOGIN)
    options = visitor.passkey_options()
    said = {"flags": PRESENT | VERIFIED, "user_handle": key.user_handle}
    visitor.answers_passkey(key.signs_in(options, "https://evil.example", **said))
    refused = visitor.whoami() is None
    visitor.answers_passkey(key.signs_in(options, visitor.origin, **said))
    return registered and refused and visitor.whoami() == alice.name


show(story)
