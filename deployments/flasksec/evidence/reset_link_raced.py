"""One mailed link, finished several times at once, sets several passwords.

reset/once · The account is looked up, the password is set, and only that makes the link void. Thirty
rounds; more than one success in any of them is enough. The portal's mail goes to SMTP_PORT, where the
script listens.
"""

import secrets

from portal_visit import Post, Visitor, at_once, mailed_link, sets_password, show

ROUNDS, WIDTH = 30, 5


def raced(alice, post):
    """One link, finished by several visitors; whether more than one of them sets a password."""
    link = mailed_link(alice, post)
    visitors = [Visitor(alice.base) for _ in range(WIDTH)]
    for visitor in visitors:
        visitor.asks("/login")
    acts = [
        lambda visitor=visitor: sets_password(visitor, link, secrets.token_urlsafe(18)).status
        for visitor in visitors
    ]
    statuses = at_once(acts)
    print(statuses)
    return statuses.count(200) > 1


def story(base):
    alice = Visitor(base).signs_up()
    with Post() as post:
        return any(raced(alice, post) for _ in range(ROUNDS))


show(story)
