"""Client data after a byte order mark are refused.

registration/client-data, authentication/client-data · WebAuthn L3 §7.1, §7.2: UTF-8 decode takes the mark away.
"""

from portal_visit import Key, Visitor, show


def marked(data):
    """The mark in front."""
    return b"\xef\xbb\xbf" + data


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    if alice.adds(Key(), rewritten=marked) or not alice.adds(key):
        return False
    return not alice.finishes_with(key, rewritten=marked) and alice.finishes_with(key)


show(story)
