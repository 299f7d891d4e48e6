"""A ceremony that ran in a frame of another site's page registers a key and signs in.

registration/cross-origin, authentication/cross-origin · WebAuthn L3 §7.1 step 10, §7.2 step 13: a
relying party that does not expect to be framed looks at crossOrigin and topOrigin. Neither is read.
"""

from portal_visit import Key, Visitor, show

ELSEWHERE = "https://evil.example"
FRAMED = [{"crossOrigin": True}, {"topOrigin": ELSEWHERE}, {"crossOrigin": True, "topOrigin": ELSEWHERE}]


def story(base):
    alice = Visitor(base).signs_up()
    keys = []
    for client in FRAMED:
        keys.append(Key())
        if alice.adds(keys[-1], client=client)[0] != 200:
            return False
    return all(alice.finishes_with(key, client=client, counter=1) for key, client in zip(keys, FRAMED))


show(story)
