"""A challenge given out to sign with a key registers a new key, and the other way about.

registration/purpose, login/purpose · WebAuthn L3 §13.4.3: a challenge belongs to the ceremony that it
was made for. The portal keeps one challenge a session, whatever it was for.
"""

from portal_visit import PROVE, Key, Visitor, show


def story(base):
    alice, first, second = Visitor(base).signs_up(), Key(), Key()
    alice.adds(first)

    options = alice.creation_options()
    adding = alice.page
    to_sign = alice.request_options(PROVE)
    alice.page = adding
    alice.answers_creation(second.registers(options | {"challenge": to_sign["challenge"]}, alice.origin))
    registered = alice.keys() == 2

    options = alice.creation_options()
    token = alice.page.form_with("credential")[1]["csrfmiddlewaretoken"]
    to_sign = {"challenge": options["challenge"], "rpId": options["rp"]["id"]}
    proved = alice.proves_with(first.signs_in(to_sign, alice.origin), token)
    return registered and proved.location == "/"


show(story)
