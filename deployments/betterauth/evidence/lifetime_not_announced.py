"""The browser is told that a ceremony may take a minute, and the portal takes the answer after it.

browser-timeout/announced · WebAuthn L3 §5.4, §5.5 (`timeout`). Five minutes is what the challenge's
cookie lives, and its record in the database.
"""

import time

from portal_visit import Key, Visitor, show

ANNOUNCED = 60_000


def story(base):
    alice, first, second = Visitor(base).signs_up(), Key(), Key()
    alice.adds(first)
    creation, visitor = alice.creation_options(), alice.another_session()
    request = visitor.request_options()
    if (creation["timeout"], request["timeout"]) != (ANNOUNCED, ANNOUNCED):
        return False
    time.sleep(ANNOUNCED / 1000 + 2)
    alice.answers_creation(second.registers(creation, alice.origin))
    visitor.answers_request(first.signs_in(request, visitor.origin, counter=1))
    return len(alice.keys()) == 2 and visitor.whoami() == alice.mail


show(story)
