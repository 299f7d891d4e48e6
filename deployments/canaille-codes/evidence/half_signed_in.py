"""Somebody who has alice's password and not her codes sets up codes of their own, and is signed in by it.

totp/signed-in · The page that sets up a missing factor is there for whoever has begun a sign-in, whether or
not a factor is missing.
"""

from portal_visit import person_with_codes, show


def story(base):
    alice, _ = person_with_codes(base)
    mallory = alice.another_session()
    mallory.gives_password()
    mallory.sets_codes_up()
    return mallory.whoami() == alice.name


show(story)
