"""An assertion whose extensions are a number signs in.

authentication/authenticator-data · WebAuthn L3 §6.1: where ED is set, a map of extensions follows.
"""

import hashlib

from portal_visit import PRESENT, Key, Visitor, authenticator_data, cbor, client_data, encoded, show

EXTENSIONS = 0x80


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    alice.adds(key)
    visitor = alice.another_session()
    visitor.gives_password()
    options = visitor.request_options()
    data = client_data("webauthn.get", options["challenge"], visitor.origin)
    auth_data = authenticator_data(options["rpId"], PRESENT | EXTENSIONS, 0) + cbor(7)
    signature = key.signature(auth_data + hashlib.sha256(data).digest())
    response = {
        "clientDataJSON": encoded(data),
        "authenticatorData": encoded(auth_data),
        "signature": encoded(signature),
    }
    visitor.answers_request(key.envelope(response))
    return visitor.whoami() == alice.name


show(story)
