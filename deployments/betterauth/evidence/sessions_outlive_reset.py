"""Who was signed in before a reset of the password is so after it.

reset/sessions · better-auth has a setting for it, `revokeSessionsOnPasswordReset`, which is off unless
a site turns it on. The portal's mail goes to SMTP_PORT, where the script listens.
"""

import secrets

from portal_visit import Post, Visitor, mailed_token, sets_password, show


def story(base):
    alice = Visitor(base).signs_up()
    with Post() as post:
        token = mailed_token(alice, post)
    password = secrets.token_urlsafe(18)
    done = sets_password(Visitor(base), token, password)
    old = alice.another_session().gives_password()[0]
    return done == 200 and old == 401 and alice.whoami() == alice.mail


show(story)
