"""A registration that names a transport which nobody knows yet is taken, and its owner cannot sign in again.

registration/transports · WebAuthn L3 §5.2.1: unknown values are stored and ignored. Here they are stored, and
every page that lists the keys in options ends in a 500 from then on. Somebody else, who registers a second key
that names known ones, signs in and goes on.
"""

from portal_visit import ADD, FACTOR, Key, person_with_key, show


def registers_another(person, transports):
    """Whether a second key is taken whose envelope names these transports."""
    credential = Key().registers(person.options(ADD), person.origin)
    credential["response"]["transports"] = transports
    return person.send(ADD, body={"credential": credential}).status == 200


def story(base):
    alice, first = person_with_key(base)
    worked = alice.finishes_with(first, counter=1)
    taken = registers_another(alice, ["usb", "telepathy"])
    bob, other = person_with_key(base)
    honest = registers_another(bob, ["usb", "nfc"]) and bob.finishes_with(other, counter=1)
    honest = honest and bob.send(ADD).status == 200
    there = alice.another_session()
    there.gives_password()
    broken = there.send(FACTOR).status == 500 and alice.send(ADD).status == 500
    return worked and taken and honest and broken


show(story)
