"""A ceremony that ran in a frame of another site registers, and signs in.

registration/cross-origin and authentication/cross-origin · WebAuthn L3 §7.1 steps 10-11, §7.2 steps 13-14:
a portal that expects no frames refuses crossOrigin and topOrigin.
"""

from portal_visit import Key, Visitor, show

FRAMED = ({"crossOrigin": True}, {"topOrigin": "https://other.example"})
FRAMED += ({"crossOrigin": True, "topOrigin": "https://other.example"},)


def story(base):
    shown = []
    for client in FRAMED:
        alice, key = Visitor(base).signs_up(), Key()
        shown += [alice.enrols(key, client=client), alice.finishes_with(key, counter=1, client=client)]
    return all(shown)


show(story)
