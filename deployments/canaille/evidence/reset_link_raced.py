"""One mailed link, finished in several browsers at once, sets several passwords.

reset/once · The token is checked, the password set, and only that makes the token void. Thirty rounds;
more than one success in any of them is enough.
"""

import secrets

from portal_visit import Page, Post, Visitor, at_once, show

ROUNDS, WIDTH = 30, 6


def raced(alice, post):
    """One link, opened by several visitors; whether more than one of them sets a password."""
    Visitor(alice.base).fill("/reset", "login", {"login": alice.mail})
    link = post.takes(alice.mail, r"http\S+/reset/\S+")
    visitors = [Visitor(alice.base) for _ in range(WIDTH)]
    forms = [Page(one.send(link).text).form_with("confirmation")[1] for one in visitors]

    def finishes(one, form):
        new = secrets.token_urlsafe(18)
        answer = one.send(link, form | {"password": new, "confirmation": new})
        return (answer.location or "").startswith("/login")

    return sum(at_once([lambda pair=pair: finishes(*pair) for pair in zip(visitors, forms)])) > 1


def story(base):
    alice = Visitor(base).signs_up()
    with Post() as post:
        return any(raced(alice, post) for _ in range(ROUNDS))


show(story)
