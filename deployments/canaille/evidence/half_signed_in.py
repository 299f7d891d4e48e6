"""Somebody who has alice's password and not her key registers a key of their own, and is signed in by it.

registration/signed-in · The page that sets up a missing factor is there for whoever has begun a sign-in,
whether or not a factor is missing.
"""

from portal_visit import Key, person_with_key, show


def story(base):
    alice, key = person_with_key(base)
    mallory = alice.another_session()
    mallory.gives_password()
    mallory.registers(Key())
    return mallory.whoami() == alice.name and alice.keys() == 2


show(story)
