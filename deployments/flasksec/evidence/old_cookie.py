"""A copy of the cookies from before the sign-out is still signed in after it.

login/sign-out · The session lives in the cookie; signing out deletes the cookie and nothing else.
"""

from portal_visit import Visitor, show


def story(base):
    alice, copy = Visitor(base).signs_up(), Visitor(base)
    for cookie in alice.jar:
        copy.jar.set_cookie(cookie)
    alice.posts("/logout")
    print("alice:", alice.whoami(), "the copy:", copy.whoami())
    return alice.whoami() is None and copy.whoami() == alice.mail


show(story)
