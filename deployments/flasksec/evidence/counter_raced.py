"""Two answers with the same counter, or one answer twice, sent at once, both sign in; one after the other
the second is refused.

wrong-key/cloned, login/challenge-once · WebAuthn L3 §6.1.1. The counter is read, compared and written without a lock. Thirty
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


def two(alice, key, counter):
    """Two answers with one counter."""
    return [answered(alice, key, counter) for _ in range(2)]


def twice(alice, key, counter):
    """One answer, in two sessions that gave the password."""
    visitor, answer = answered(alice, key, counter)
    other = alice.another_session()
    other.gives_password()
    other.state = visitor.state
    return [(visitor, answer), (other, answer)]


def raced(alice, key, counters, pair):
    """Whether both of a pair sign in, in any round."""
    for counter in counters:
        acts = [lambda each=each: sent(*each) for each in pair(alice, key, counter)]
        if all(at_once(acts)):
            print(pair.__name__, "signed in with the counter", counter)
            return True
    return False


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    alice.adds(key)
    assert sent(*answered(alice, key, 7)) and not sent(*answered(alice, key, 7)), "the counter is not kept"
    return all(
        raced(alice, key, range(start, start + ROUNDS), pair) for start, pair in ((100, two), (200, twice))
    )


show(story)
