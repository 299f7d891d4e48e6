"""Two answers with the same counter, sent at once, both sign in; one after the other the second is refused.

wrong-key/cloned · WebAuthn L3 §6.1.1. The counter is read, compared and written without a lock. Thirty
rounds; both signed in in any of them is enough.
"""

from portal_visit import Key, Visitor, at_once, show

ROUNDS = 30


def answered(alice, key, counter):
    """A visitor with the password given, and an answer of the key ready to send."""
    visitor = alice.another_session()
    visitor.gives_password()
    answer = key.signs_in(visitor.begins_with_key(), visitor.origin, counter=counter)
    return visitor, answer


def sent(visitor, answer):
    """Sends it; whether that signs in."""
    visitor.finishes_with_key(answer)
    return visitor.whoami() is not None


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    alice.adds(key)
    assert sent(*answered(alice, key, 7)) and not sent(*answered(alice, key, 7)), "the counter is not kept"
    for counter in range(8, 8 + ROUNDS):
        pair = [answered(alice, key, counter) for _ in range(2)]
        if all(at_once([lambda each=each: sent(*each) for each in pair])):
            print("both signed in with the counter", counter)
            return True
    return False


show(story)
