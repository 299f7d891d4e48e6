"""Registration options do not name the keys that the user has, so that one key is registered twice by
mistake.

registration/options · WebAuthn L3 §5.4.3: excludeCredentials is there to keep a key from being registered
again.
"""

from portal_visit import Key, Visitor, show


def story(base):
    alice = Visitor(base).signs_up()
    return alice.adds(Key()) and not alice.creation_options().get("excludeCredentials")


show(story)
