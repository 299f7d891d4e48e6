"""The challenge stands in a signed state that is good for its minute: for any number of answers, in any
session, and in a registration for any account.

registration/challenge-once, registration/challenge-bound, login/challenge-once · WebAuthn L3 §13.4.3.
"""

from portal_visit import SECOND, Key, Visitor, show


def registers_again(alice):
    """After an answer that was refused, and after one that was taken, another key by the same state."""
    options, bad, good, third = alice.begins_registration("desk"), Key(), Key(), Key()
    refused = alice.finishes_registration(bad.registers(options, "https://evil.example"))
    first = alice.finishes_registration(good.registers(options, alice.origin))
    again = alice.finishes_registration(third.registers(options, alice.origin))
    # Two keys of one name are refused; the name stands in the state. Without the first it is taken.
    alice.posts("/wan-delete", name="desk")
    later = alice.finishes_registration(third.registers(options, alice.origin))
    print("registration:", refused, first, again, later)
    return (refused.status, first.status, again.status, later.status) == (400, 200, 400, 200)


def registers_for_another(alice):
    """A state that alice asked for, finished in bob's session."""
    options, bob = alice.begins_registration("hers", SECOND), Visitor(alice.base).signs_up()
    bob.state = alice.state
    taken = bob.finishes_registration(Key().registers(options, bob.origin))
    print("another account:", taken, bob.keys())
    return taken.status == 200 and bob.keys() == ["hers"]


def signs_in_again(alice):
    """One answer of a key without a counter, in two sessions that gave the password."""
    key = Key()
    alice.adds(key)
    one, two = alice.another_session(), alice.another_session()
    for visitor in (one, two):
        visitor.gives_password()
    answer = key.signs_in(one.begins_with_key(), one.origin)
    one.finishes_with_key(answer)
    two.finishes_with_key(answer, state=one.state)
    print("signed in:", one.whoami(), two.whoami())
    return one.whoami() == two.whoami() == alice.mail


def story(base):
    return all(
        act(Visitor(base).signs_up()) for act in (registers_again, registers_for_another, signs_in_again)
    )


show(story)
