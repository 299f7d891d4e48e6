"""A challenge with padding, or with a blank behind it, is taken at registration and at sign-in.

registration/challenge-spelling and authentication/challenge-spelling · WebAuthn L3 §5.8.1: base64url
without padding, compared as it is.
"""

from portal_visit import Key, Visitor, show


def story(base):
    shown = []
    for tail in (b"==", b" "):
        alice, key = Visitor(base).signs_up(), Key()

        def rewritten(data, tail=tail):
            head, rest = data.split(b'","origin"', 1)
            return head + tail + b'","origin"' + rest

        shown += [alice.enrols(key, rewritten=rewritten), alice.finishes_with(key, counter=1, rewritten=rewritten)]
    return all(shown)


show(story)
