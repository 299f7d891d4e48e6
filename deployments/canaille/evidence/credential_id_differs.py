"""The envelope's id need not be the attested one, and a credential id of 1024 bytes is not too long.

registration/credential-id, registration/credential-id-strict · WebAuthn L3 §7.1.
"""

import secrets

from portal_visit import Key, encoded, person_with_key, show


def story(base):
    alice, _ = person_with_key(base)
    long, other = Key(), encoded(secrets.token_bytes(32))
    long.id = secrets.token_bytes(1024)
    stored = alice.stores(lambda options: long.registers(options, alice.origin))
    renamed = {"id": other, "rawId": other}
    return stored and alice.stores(lambda options: Key().registers(options, alice.origin) | renamed)


show(story)
