"""A credential id of 1024 bytes is stored, one over the limit; and the id around the answer need not be
the one that the key attests.

registration/credential-id, registration/credential-id-strict · WebAuthn L3 §7.1.
"""

import secrets

from portal_visit import Key, Visitor, encoded, show


def story(base):
    alice, long, other = Visitor(base).signs_up(), Key(), Key()
    long.id = secrets.token_bytes(1024)
    alice.adds(long, "long")
    answer = other.registers(alice.begins_registration("other"), alice.origin)
    answer["id"] = answer["rawId"] = encoded(secrets.token_bytes(32))
    alice.finishes_registration(answer)
    print(alice.keys())
    return all(alice.another_session().enters_with(key) for key in (long, other))


show(story)
