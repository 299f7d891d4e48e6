"""What a session holds lies in its cookie, and a copy of the cookie is as good as the session was.

login/sign-out, login/challenge-once, reset/sessions · A copy of alice's cookie signs her in after she signed
out; with the cookie from before her answer the same answer signs in again, several times at once as well;
and a session lives on after the password was reset.
"""

from portal_visit import FACTOR, Post, at_once, person_with_key, show


def story(base):
    alice, key = person_with_key(base)
    onlooker = alice.copied()
    alice.send("/logout")
    signed_out = alice.whoami() is None and onlooker.whoami() == alice.name

    alice.gives_password()
    options = alice.options(FACTOR)
    before = [alice.copied() for _ in range(4)]
    answer = key.signs_in(options, alice.origin, counter=0)
    alice.send(FACTOR, body=answer)
    at_once([lambda one=one: one.send(FACTOR, body=answer) for one in before])
    replayed = all(one.whoami() == alice.name for one in [alice, *before])

    with Post() as post:
        there = alice.another_session()
        there.fill("/reset", "login", {"login": alice.mail})
        link = post.takes(alice.mail, r"http\S+/reset/\S+")
        new = {"password": "another-" + alice.password, "confirmation": "another-" + alice.password}
        reset = there.fill(link, "confirmation", new)
    return signed_out and replayed and reset.status == 302 and alice.whoami() == alice.name


show(story)
