"""A credential id that one account has is registered by another.

registration/credential-unique · WebAuthn L3 §7.1: no credential id is registered for two users.
"""

from portal_visit import Key, Visitor, show


def story(base):
    alice, bob = Visitor(base).signs_up(), Visitor(base).signs_up()
    hers, his = Key(), Key()
    his.id = hers.id
    return alice.adds(hers) and bob.adds(his) and alice.finishes_with(hers) and bob.finishes_with(his)


show(story)
