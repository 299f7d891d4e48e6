"""A key and its clone that answer at the same instant with one counter are both signed in.

wrong-key/cloned · The stored counter is read when the password is entered, and not again before it is
written.
"""

from portal_visit import Key, Visitor, at_once, show


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    if not alice.adds(key) or not alice.finishes_with(key, counter=1):
        return False
    sessions = [alice.another_session() for _ in range(2)]
    for session in sessions:
        session.gives_password()
    answers = [key.signs_in(session.request_options(), session.origin, counter=2) for session in sessions]
    at_once([lambda s=s, a=a: s.answers_request(a) for s, a in zip(sessions, answers)])
    return all(session.whoami() == alice.name for session in sessions)


show(story)
