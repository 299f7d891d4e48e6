"""A ceremony made inside another site's frame is taken, though the portal never asked for that.

registration/cross-origin, authentication/cross-origin · WebAuthn L3 §7.1 and §7.2: when crossOrigin
is true, the relying party checks that it expects to be framed; when topOrigin is there, that it
expects that site.
"""

from portal_visit import Key, Visitor, show

EVIL = "https://evil.example"
FRAMED = [{"crossOrigin": True}, {"topOrigin": EVIL}, {"crossOrigin": True, "topOrigin": EVIL}]


def story(base):
    alice = Visitor(base).signs_up()
    for number, framed in enumerate(FRAMED, 1):
        key = Key()
        alice.adds(key, client=framed)
        if alice.keys() != number or not alice.finishes_with(key, client=framed):
            return False
    return True


show(story)
