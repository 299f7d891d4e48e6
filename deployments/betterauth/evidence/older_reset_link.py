"""A mailed link still sets a password after a newer one was mailed.

reset/newest · Whoever finds an old mail has the account for as long as that link lives. The portal's
mail goes to SMTP_PORT, where the script listens.
"""

import secrets

from portal_visit import Post, Visitor, mailed_token, sets_password, show


def story(base):
    alice = Visitor(base).signs_up()
    with Post() as post:
        older, newer = mailed_token(alice, post), mailed_token(alice, post)
    password = secrets.token_urlsafe(18)
    if older == newer or sets_password(Visitor(base), older, password) != 200:
        return False
    visitor = alice.another_session()
    visitor.gives_password(password)
    return visitor.whoami() == alice.mail


show(story)
