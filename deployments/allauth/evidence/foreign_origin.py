"""A ceremony made on another site is taken. For a portal started with INSECURE_ORIGIN=1, the
known-bad twin; any other refuses it.

registration/origin, authentication/origin · WebAuthn L3 §7.1 and §7.2.
"""

from portal_visit import Key, Visitor, show


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    alice.answers_creation(key.registers(alice.creation_options(), "https://evil.example"))
    visitor = alice.another_session()
    visitor.gives_password()
    if alice.keys() != 1:
        return False
    visitor.answers_request(key.signs_in(visitor.request_options(), "https://evil.example"))
    return visitor.whoami() == alice.name


show(story)
