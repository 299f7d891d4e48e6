"""A mailed link that a newer one has replaced still sets the password.

reset/newest · A person who asks twice expects the first mail to be dead. Both live until one is used.
Needs the folder the portal's mail goes to in MAIL_DIR.
"""

import secrets
import time

from portal_visit import Visitor, mailed_link, opened_link, sets_password, show


def story(base):
    alice = Visitor(base).signs_up()
    older = mailed_link(alice)
    time.sleep(1.1)
    newer = mailed_link(alice)
    visitor = Visitor(base)
    if older == newer or not opened_link(visitor, older):
        return False
    other = alice.another_session()
    other.password = secrets.token_urlsafe(18)
    sets_password(visitor, other.password)
    other.gives_password()
    return other.whoami() == alice.name


show(story)
