"""With its default answers the portal says whether an address has an account: at the sign-in, and where a
reset is asked for.

login/enumeration, reset/enumeration · For a portal started with DETAILED_RESPONSES=1.
"""

import secrets

from portal_visit import Post, Visitor, show


def story(base):
    alice, nobody = Visitor(base).signs_up(), f"e-{secrets.token_hex(6)}@example.com"
    with Post():
        answers = [
            [str(Visitor(base).posts(path, email=email, password="wrong password")) for email in (alice.mail, nobody)]
            for path in ("/login", "/reset")
        ]
    print(answers)
    return all(known != unknown for known, unknown in answers)


show(story)
