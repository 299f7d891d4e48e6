"""A ceremony that ran in a frame of another site registers a key and signs in.

registration/cross-origin, authentication/cross-origin · WebAuthn L3 §7.1, §7.2: crossOrigin and topOrigin are
compared with what the portal expects. This portal is never framed.
"""

from portal_visit import Key, Visitor, show

FRAMED = [
    {"crossOrigin": True},
    {"topOrigin": "https://evil.example"},
    {"crossOrigin": True, "topOrigin": "https://evil.example"},
]


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    if not all(alice.adds(Key(), client=framed) for framed in FRAMED):
        return False
    return alice.adds(key) and all(alice.finishes_with(key, client=framed) for framed in FRAMED)


show(story)
