"""A signature counter that stands still, or goes back, signs in: the portal keeps no counter.

authentication/counter · WebAuthn L3 §7.2: a counter that is not greater than the stored one is a sign
that the key was cloned. What then happens is the relying party's choice; here it cannot notice.
"""

from portal_visit import Key, Visitor, show


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    alice.adds(key)
    return all(alice.finishes_with(key, counter=counter) for counter in (10, 10, 5))


show(story)
