"""After one account's password, the key of another account is taken, and signs in that other account.

authentication/credential, wrong-key/try-again · WebAuthn L3 §7.2. The second factor is looked up by the
credential alone.
"""

from portal_visit import Key, Visitor, show


def story(base):
    alice, bob = Visitor(base).signs_up(), Visitor(base).signs_up()
    hers, his = Key(), Key()
    alice.adds(hers)
    bob.adds(his)
    visitor = alice.another_session()
    visitor.gives_password()
    options = visitor.begins_with_key()
    listed = [row["id"] for row in options["allowCredentials"]]
    visitor.finishes_with_key(his.signs_in(options, visitor.origin))
    print(f"alice is {alice.mail}, bob {bob.mail}; signed in: {visitor.whoami()}")
    return len(listed) == 1 and visitor.whoami() == bob.mail


show(story)
