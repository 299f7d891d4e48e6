"""A registration that names a transport which nobody knows yet is taken, and its owner cannot sign in again.

registration/transports · WebAuthn L3 §5.2.1: unknown values are stored and ignored. Here they are stored, and
every page that lists the keys in options ends in a 500 from then on.
"""

from portal_visit import ADD, FACTOR, Key, person_with_key, show


def story(base):
    alice, first = person_with_key(base)
    worked = alice.finishes_with(first, counter=1)
    credential = Key().registers(alice.options(ADD), alice.origin)
    credential["response"]["transports"] = ["usb", "telepathy"]
    taken = alice.send(ADD, body={"credential": credential}).status == 200
    there = alice.another_session()
    there.gives_password()
    return worked and taken and there.send(FACTOR).status == 500 and alice.send(ADD).status == 500


show(story)
