"""Client data that says two origins is taken; the last one counts.

registration/client-data, authentication/client-data · The algorithm of WebAuthn L3 §5.8.1.2 cannot
produce a member twice, and two readers of it may believe two different sites.
"""

from portal_visit import Key, Visitor, show


def two_origins(data):
    """Another site's origin before the true one."""
    return b'{"origin":"https://evil.example",' + data[1:]


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    alice.adds(key, rewritten=two_origins)
    return alice.keys() == 1 and alice.finishes_with(key, rewritten=two_origins)


show(story)
