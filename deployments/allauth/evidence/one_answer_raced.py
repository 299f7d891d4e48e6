"""One registration, sent several times at once, stores several keys; one assertion opens several
sessions.

registration/challenge-once, login/challenge-once · WebAuthn L3 §13.4.3. The challenge is read, used
and then taken out of the session, with time between. Ten rounds each; one success is enough.
"""

import json

from portal_visit import FACTOR, Key, Visitor, at_once, show

ROUNDS, WIDTH = 10, 6


def same_session(visitor):
    """A sender of the same cookies with a jar of its own, so that each keeps what it is given."""
    other = Visitor(visitor.base)
    for cookie in visitor.jar:
        other.jar.set_cookie(cookie)
    return other


def registers_more_than_once(base):
    alice = Visitor(base).signs_up()
    credential = json.dumps(Key().registers(alice.creation_options(), alice.origin))
    action, inputs = alice.page.form_with("credential")
    fields = {"csrfmiddlewaretoken": inputs["csrfmiddlewaretoken"], "name": "key", "credential": credential}
    senders = [same_session(alice) for _ in range(WIDTH)]
    at_once([lambda sender=sender: sender.send(action, fields) for sender in senders])
    return alice.keys() > 1


def signs_in_more_than_once(alice, key):
    visitor = alice.another_session()
    visitor.gives_password()
    credential = json.dumps(key.signs_in(visitor.request_options(), visitor.origin))
    token = visitor.page.form_with("credential")[1]["csrfmiddlewaretoken"]
    senders = [same_session(visitor) for _ in range(WIDTH)]
    fields = {"csrfmiddlewaretoken": token, "credential": credential}
    at_once([lambda sender=sender: sender.send(FACTOR, fields) for sender in senders])
    return sum(sender.whoami() == alice.name for sender in senders) > 1


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    alice.adds(key)
    stored = any(registers_more_than_once(base) for _ in range(ROUNDS))
    return stored and any(signs_in_more_than_once(alice, key) for _ in range(ROUNDS))


show(story)
