"""A public key that is no point of its curve is stored, and its owner is then asked for that key.

registration/public-key · WebAuthn L3 §6.5.1, RFC 9053 §7.1.1. Nobody can ever sign in with it: the
account is locked to its recovery codes.
"""

from portal_visit import FACTOR, Key, Visitor, show


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    alice.adds(key, cose=key.cose() | {-2: b"\x01" * 32})
    stored = alice.keys() == 1
    locked = alice.another_session().gives_password().location == FACTOR
    return stored and locked and not alice.finishes_with(key)


show(story)
