"""An answer that speaks for one credential outside and attests another inside is taken.

registration/credential-id, registration/credential-id-strict · WebAuthn L3 §7.1, §6.5.1: the id of the
answer is the credential id of the attested data. An id longer than 1023 bytes is taken as well, and one of
no bytes is stored.
"""

import secrets

from portal_visit import Key, Visitor, encoded, show


def story(base):
    alice, key, long = Visitor(base).signs_up(), Key(), Key()
    answer = key.registers(alice.creation_options(), alice.origin)
    answer["id"] = answer["rawId"] = encoded(secrets.token_bytes(32))
    alice.answers_creation(answer)
    differing = alice.keys() == 1

    long.id = secrets.token_bytes(1024)
    alice.adds(long)
    if not differing or alice.keys() != 2 or not alice.finishes_with(long):
        return False

    long.id = b""
    alice.adds(long)
    return alice.keys() == 3


show(story)
