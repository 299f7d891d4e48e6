"""What a session holds lies in its cookie, and a copy of the cookie is as good as the session was.

login/sign-out, reset/sessions · A copy of alice's cookie is signed in after she signed out, and after her
password was reset.
"""

from portal_visit import Post, another_password, person_with_codes, show


def story(base):
    alice, _ = person_with_codes(base)
    onlooker = alice.copied()
    alice.send("/logout")
    signed_out = alice.whoami() is None and onlooker.whoami() == alice.name

    with Post() as post:
        there = alice.another_session()
        there.fill("/reset", "login", {"login": alice.mail})
        link = post.takes(alice.mail, r"http\S+/reset/\S+")
        new = another_password(alice)
        reset = there.fill(link, "confirmation", {"password": new, "confirmation": new})
    return signed_out and reset.status == 302 and onlooker.whoami() == alice.name


show(story)
