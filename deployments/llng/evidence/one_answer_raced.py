"""One answer, sent several times at the same instant, signs in several times.

login/challenge-once · The token of a half-finished sign-in is read, and then removed. Two hundred rounds; more than one
session in any of them is enough.
"""

from portal_visit import Key, Visitor, at_once, show

ROUNDS, WIDTH = 200, 4


def raced(alice, key, counter):
    """One answer from several browsers; whether more than one of them is signed in."""
    first = alice.another_session()
    first.gives_password()
    answer = key.signs_in(first.request_options(), first.origin, counter=counter)
    sessions = [alice.another_session() for _ in range(WIDTH)]
    for session in sessions:
        session.answer = first.answer
    at_once([lambda session=session: session.answers_request(answer) for session in sessions])
    return sum(session.whoami() == alice.name for session in sessions) > 1


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    return alice.adds(key) and any(raced(alice, key, counter) for counter in range(1, ROUNDS + 1))


show(story)
