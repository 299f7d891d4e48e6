"""The challenge with padding, and the origin with a slash, with a path, and in capitals, are taken.

registration/challenge-spelling, registration/origin-spelling, authentication/challenge-spelling,
authentication/origin-spelling · WebAuthn L3 §7.1, §7.2 compare the challenge as base64url text, and
§13.4.9 the origin as a string: a browser writes both in one way only.
"""

from portal_visit import Key, Visitor, show


def padded(challenge, origin):
    """The challenge in base64 with padding."""
    return challenge + "=" * (-len(challenge) % 4), origin


OTHERWISE = [
    padded,
    lambda challenge, origin: (challenge, origin + "/"),
    lambda challenge, origin: (challenge, origin + "/path"),
    lambda challenge, origin: (challenge, origin.upper()),
]


def registers(alice, key, change):
    """A registration with client data that are spelt otherwise."""
    options = alice.creation_options()
    challenge, origin = change(options["challenge"], alice.origin)
    alice.answers_creation(key.registers(options | {"challenge": challenge}, origin))


def signs_in(alice, key, change):
    """The same for a sign-in; whether it signed in."""
    visitor = alice.another_session()
    visitor.gives_password()
    options = visitor.request_options()
    challenge, origin = change(options["challenge"], visitor.origin)
    visitor.answers_request(key.signs_in(options | {"challenge": challenge}, origin))
    return visitor.whoami() == alice.name


def story(base):
    alice = Visitor(base).signs_up()
    for number, change in enumerate(OTHERWISE, 1):
        key = Key()
        registers(alice, key, change)
        if alice.keys() != number or not signs_in(alice, key, change):
            return False
    return True


show(story)
