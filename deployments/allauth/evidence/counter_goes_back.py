"""A signature counter that stands still, or goes back, signs in: the portal keeps no counter. So does a clone
of the key, one behind it and then one further, and at the same instant as the key.

authentication/counter, wrong-key/cloned · WebAuthn L3 §7.2, §6.1.1: a counter that is not greater than the
stored one is a sign that the key was cloned. What then happens is the relying party's choice; here it cannot
notice. Another key under the same id is refused.
"""

from portal_visit import Key, Visitor, at_once, show


def clone_of(key):
    """A key with the same private key and id."""
    clone = Key()
    clone.private, clone.id = key.private, key.id
    return clone


def stranger_to(key):
    """A key with the same id only."""
    stranger = Key()
    stranger.id = key.id
    return stranger


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    alice.adds(key)
    clone = clone_of(key)
    went_back = all(alice.finishes_with(key, counter=counter) for counter in (10, 10, 5, 0))

    alice.finishes_with(key, counter=1_000_000)
    behind = all(alice.finishes_with(clone, counter=counter) for counter in (7, 8))
    raced = at_once([lambda one=one: alice.finishes_with(one, counter=20) for one in (key, clone)])
    print(went_back, behind, raced)
    return went_back and behind and all(raced) and not alice.finishes_with(stranger_to(key), counter=30)


show(story)
