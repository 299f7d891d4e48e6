"""A ceremony made inside another site's frame is taken, though the portal never asked for that.

registration/cross-origin, authentication/cross-origin · WebAuthn L3 §7.1 and §7.2: when crossOrigin
is true, the relying party checks that it expects to be framed; when topOrigin is there, that it
expects that site.
"""

from portal_visit import Key, Visitor, show


def story(base):
    framed = {"crossOrigin": True, "topOrigin": "https://evil.example"}
    alice, key = Visitor(base).signs_up(), Key()
    alice.adds(key, client=framed)
    return alice.keys() == 1 and alice.finishes_with(key, client=framed)


show(story)
