"""One mailed link, finished in several browsers at once, sets several passwords.

reset/once · The token is checked, the password set, and only that makes the token void. Thirty rounds;
more than one success in any of them is enough. The portal's mail goes to SMTP_PORT, where the script listens.
"""

import secrets
import time

from portal_visit import Post, Visitor, at_once, mailed_link, opened_link, sets_password, show

ROUNDS, WIDTH = 30, 6


def finishes(visitor):
    """A password of this visitor's own; whether the portal says that it is set."""
    answer = sets_password(visitor, secrets.token_urlsafe(18))
    return (answer.location or "").endswith("/done/")


def raced(alice, post):
    """One link, opened by several visitors; whether more than one of them sets a password."""
    time.sleep(1.1)
    link = mailed_link(alice, post)
    visitors = [Visitor(alice.base) for _ in range(WIDTH)]
    for visitor in visitors:
        opened_link(visitor, link)
    return sum(at_once([lambda visitor=visitor: finishes(visitor) for visitor in visitors])) > 1


def story(base):
    alice = Visitor(base).signs_up()
    with Post() as post:
        return any(raced(alice, post) for _ in range(ROUNDS))


show(story)
