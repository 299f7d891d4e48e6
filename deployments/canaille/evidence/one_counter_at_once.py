"""A key and its clone sign in with one counter, when they do so at the same instant.

wrong-key/cloned · WebAuthn L3 §7.2 step 22. The counter is read, compared, and written in three steps:
two answers pass in between. Thirty rounds; both signed in in any of them is enough.
"""

from portal_visit import FACTOR, at_once, person_with_key, show

ROUNDS, WIDTH = 30, 4


def raced(alice, key, counter):
    """Several answers with one counter; how many of them sign in."""
    visitors = [alice.another_session() for _ in range(WIDTH)]
    for visitor in visitors:
        visitor.gives_password()
    answers = [key.signs_in(one.options(FACTOR), one.origin, counter=counter) for one in visitors]
    pairs = zip(visitors, answers)
    at_once([lambda one=one, answer=answer: one.send(FACTOR, body=answer) for one, answer in pairs])
    return sum(visitor.whoami() == alice.name for visitor in visitors)


def story(base):
    alice, key = person_with_key(base)
    refused = alice.finishes_with(key, counter=1) and not alice.finishes_with(key, counter=1)
    return refused and any(raced(alice, key, 2 + number) > 1 for number in range(ROUNDS))


show(story)
