"""A ceremony on another port, on another scheme, and on a subdomain of the portal's host is taken.

registration/origin, authentication/origin · WebAuthn L3 §13.4.9 leaves it to the relying party which
origins it expects. This one compares host names: declared in the profile, and shown here.
"""

from portal_visit import Key, Visitor, show

OTHERS = ["http://localhost:4443", "https://localhost", "http://other.localhost"]


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    for number, origin in enumerate(OTHERS, 1):
        key = Key()
        alice.answers_creation(key.registers(alice.creation_options(), origin))
        if alice.keys() != number:
            return False
    visitor = alice.another_session()
    visitor.gives_password()
    visitor.answers_request(key.signs_in(visitor.request_options(), OTHERS[0]))
    return visitor.whoami() == alice.name


show(story)
