"""A credential id that is known already is registered again, by the same account and by another.

registration/credential-unique · WebAuthn L3 §7.1 step 26. The list of a later account's keys then holds
an id that is another's; which of the two a sign-in is for depends on the order of the database.
"""

from portal_visit import Key, Visitor, at_once, show


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    alice.adds(key)
    again = alice.adds(key)[0]
    bob = Visitor(base).signs_up()
    by_bob = bob.adds(key)[0]

    key, people = Key(), [Visitor(base).signs_up(), Visitor(base).signs_up()]
    answers = [key.registers(person.creation_options(), person.origin) for person in people]
    pairs = zip(people, answers)
    at_once([lambda one=one, answer=answer: one.answers_creation(answer) for one, answer in pairs])
    return again == by_bob == 200 and len(alice.keys()) == 2 and [len(one.keys()) for one in people] == [1, 1]


show(story)
