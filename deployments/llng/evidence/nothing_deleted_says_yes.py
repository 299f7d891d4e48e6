"""Deleting a key that the account does not have is answered with yes.

keys/own · Nothing is deleted, another's key least of all; what is missing is the word.
"""

from portal_visit import Key, Visitor, show


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    alice.adds(key)
    answer = alice.script("/webauthn/delete", epoch="1")
    return answer.get("result") == 1 and len(alice.keys()) == 1 and alice.finishes_with(key)


show(story)
