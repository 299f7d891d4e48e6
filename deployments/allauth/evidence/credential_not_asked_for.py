"""A key that the options did not ask for, since it was added after them, signs in.

authentication/credential · WebAuthn L3 §7.2: where allowCredentials is not empty, the relying party
verifies that the answer's credential is one of those listed. This one looks among the account's keys.
"""

from portal_visit import Key, Visitor, show


def story(base):
    alice, desk, bag = Visitor(base).signs_up(), Key(), Key()
    alice.adds(desk)
    visitor = alice.another_session()
    visitor.gives_password()
    options = visitor.request_options()
    alice.adds(bag)
    visitor.answers_request(bag.signs_in(options, visitor.origin))
    return len(options["allowCredentials"]) == 1 and visitor.whoami() == alice.name


show(story)
