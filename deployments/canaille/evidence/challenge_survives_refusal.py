"""A challenge that was answered wrongly is answered again, rightly, and the key is registered.

registration/challenge-once · WebAuthn L3 §13.4.3.
"""

from portal_visit import ADD, Key, person_with_key, show


def story(base):
    alice, _ = person_with_key(base)
    key = Key()
    options = alice.options(ADD)
    wrong = key.registers(options, "https://other.example")
    refused = alice.send(ADD, body={"credential": wrong})
    taken = alice.send(ADD, body={"credential": key.registers(options, alice.origin)})
    return refused.status == 400 and taken.status == 200 and alice.keys() == 2


show(story)
