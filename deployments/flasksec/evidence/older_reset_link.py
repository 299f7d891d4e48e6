"""A reset link that a newer one replaced still sets a password.

reset/newest · The portal's mail goes to SMTP_PORT, where the script listens.
"""

import secrets

from portal_visit import Post, Visitor, mailed_link, sets_password, show


def story(base):
    alice, password = Visitor(base).signs_up(), secrets.token_urlsafe(18)
    with Post() as post:
        older, newer = mailed_link(alice, post), mailed_link(alice, post)
        taken = sets_password(Visitor(base), older, password)
        dead = sets_password(Visitor(base), newer, password)
    again = alice.another_session()
    again.password = password
    again.gives_password()
    print(taken, dead, again.whoami())
    return taken.status == 200 and dead.status == 400 and again.whoami() == alice.mail


show(story)
