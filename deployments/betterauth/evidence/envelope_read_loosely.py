"""An envelope whose ids are padded, or are not the attested id, and attested ids of 1024 bytes are taken.

registration/envelope-strict, registration/credential-id, registration/credential-id-strict · WebAuthn L3 §7.1
step 25 has no room for ids of more than 1023 bytes. What is stored is the attested id, whatever the envelope
calls it.
"""

import secrets

from portal_visit import Key, Visitor, encoded, show


def renamed(answer, name):
    """The same answer under another credential id."""
    return answer | {"id": name, "rawId": name}


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    honest = key.registers(alice.creation_options(), alice.origin)
    padded = alice.answers_creation(renamed(honest, honest["id"] + "="))[0]

    other, name = Key(), encoded(secrets.token_bytes(32))
    differs = alice.answers_creation(renamed(other.registers(alice.creation_options(), alice.origin), name))
    stored = differs[1]["credentialID"] == encoded(other.id)

    long = Key()
    long.id = secrets.token_bytes(1024)
    taken = alice.adds(long)[0] == 200 and alice.finishes_with(long, counter=1)
    return padded == differs[0] == 200 and stored and taken


show(story)
