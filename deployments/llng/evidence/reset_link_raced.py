"""One mailed link, opened in several browsers and finished in all of them at once, sets several passwords.

reset/once · The mailed token is read, and then removed. Two hundred rounds; more than one success in any of them
is enough. The portal's mail goes to SMTP_PORT, where the script listens.
"""

import secrets

from portal_visit import Post, Visitor, at_once, mailed_link, opened_form, sets_password, show

ROUNDS, WIDTH = 200, 4


def raced(alice, post):
    """One link, opened by several visitors; whether more than one of them sets a password."""
    link = mailed_link(alice, post)
    visitors = [Visitor(alice.base) for _ in range(WIDTH)]
    forms = [(one, opened_form(one, link)) for one in visitors]
    acts = [
        lambda one=one, form=form: sets_password(one, link, form, secrets.token_urlsafe(18)) for one, form in forms
    ]
    return sum(at_once(acts)) > 1


def story(base):
    alice = Visitor(base).is_made()
    with Post() as post:
        return any(raced(alice, post) for _ in range(ROUNDS))


show(story)
