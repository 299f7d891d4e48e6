"""A key that the options did not list answers them.

authentication/credential, wrong-key/try-again · WebAuthn L3 §7.2. The credential is looked up by its id
alone: a key added since, or one that was registered elsewhere.
"""

from portal_visit import Key, Visitor, show


def story(base):
    alice, bob = Visitor(base).signs_up(), Visitor(base).signs_up()
    hers, later, his = Key(), Key(), Key()
    alice.adds(hers)
    bob.adds(his)
    visitors = [alice.another_session() for _ in range(2)]
    for visitor in visitors:
        visitor.gives_password()
    asked = [visitor.begins_with_key() for visitor in visitors]
    alice.adds(later)
    for visitor, options, key in zip(visitors, asked, (later, his)):
        visitor.finishes_with_key(key.signs_in(options, visitor.origin))
    listed = [len(options["allowCredentials"]) for options in asked]
    signed_in = [visitor.whoami() for visitor in visitors]
    print(listed, signed_in)
    return listed == [1, 1] and signed_in == [alice.mail, bob.mail]


show(story)
