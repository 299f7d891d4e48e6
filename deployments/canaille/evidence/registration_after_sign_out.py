"""A registration that was begun before the sign-out is finished after it, and signs in again.

registration/signed-in · The half-finished sign-in that carries a registration outlives the session.
"""

from portal_visit import ADD, Key, person_with_key, show


def story(base):
    alice, _ = person_with_key(base)
    options = alice.options(ADD)
    alice.send("/logout")
    out = alice.whoami() is None
    alice.send(ADD, body={"credential": Key().registers(options, alice.origin)})
    return out and alice.whoami() == alice.name and alice.keys() == 2


show(story)
