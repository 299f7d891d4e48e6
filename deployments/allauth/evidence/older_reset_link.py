"""A mailed link that a newer one has replaced still sets the password.

reset/newest · A person who asks twice expects the first mail to be dead. Both live until one is used.
The portal's mail goes to SMTP_PORT, where the script listens.
"""

import secrets
import time

from portal_visit import Post, Visitor, mailed_link, opened_link, sets_password, show


def story(base):
    alice = Visitor(base).signs_up()
    with Post() as post:
        older = mailed_link(alice, post)
        time.sleep(1.1)
        newer = mailed_link(alice, post)
    visitor = Visitor(base)
    if older == newer or not opened_link(visitor, older):
        return False
    other = alice.another_session()
    other.password = secrets.token_urlsafe(18)
    sets_password(visitor, other.password)
    other.gives_password()
    return other.whoami() == alice.name


show(story)
