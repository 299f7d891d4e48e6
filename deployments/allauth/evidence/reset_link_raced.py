"""One mailed link, finished in several browsers at once, sets several passwords.

reset/once · The token is checked, the password set, and only that makes the token void. Thirty rounds;
more than one success in any of them is enough. Needs the folder of the portal's mail in MAIL_DIR.
"""

import secrets
import time

from portal_visit import Visitor, at_once, mailed_link, opened_link, sets_password, show

ROUNDS, WIDTH = 30, 6


def finishes(visitor):
    """A password of this visitor's own; whether the portal says that it is set."""
    answer = sets_password(visitor, secrets.token_urlsafe(18))
    return (answer.location or "").endswith("/done/")


def story(base):
    alice = Visitor(base).signs_up()
    for _ in range(ROUNDS):
        link = mailed_link(alice)
        visitors = [Visitor(base) for _ in range(WIDTH)]
        for visitor in visitors:
            opened_link(visitor, link)
        if sum(at_once([lambda visitor=visitor: finishes(visitor) for visitor in visitors])) > 1:
            return True
        time.sleep(1.1)
    return False


show(story)
