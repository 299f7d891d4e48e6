"""One account is given another user handle each time that it registers a key.

registration/options · WebAuthn L3 §5.4.3: the user handle is that of the account. A key that can hold
several discoverable credentials cannot tell that they belong together and keeps both.
"""

from portal_visit import Visitor, show


def story(base):
    alice = Visitor(base).signs_up()
    return alice.creation_options()["user"]["id"] != alice.creation_options()["user"]["id"]


show(story)
