"""An answer to options that another session was given registers a key: alice's options, in bob's session.

registration/challenge-bound, registration/challenge-once · WebAuthn L3 §13.4.3: a challenge belongs to who asked.
"""

from portal_visit import Key, Visitor, show


def story(base):
    alice, bob = Visitor(base).signs_up(), Visitor(base).signs_up()
    key = Key()
    answer = key.registers(alice.creation_options(), alice.origin)
    bob.state = alice.state
    bob.answers_creation(answer)
    return len(bob.keys()) == 1 and not alice.keys() and bob.finishes_with(key)


show(story)
