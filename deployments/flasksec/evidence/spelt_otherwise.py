"""A challenge that is spelt otherwise than it was issued is taken: padded, or with a blank behind it.

registration/challenge-spelling, authentication/challenge-spelling · WebAuthn L3 §5.8.1. It is decoded
before it is compared, and the decoder passes over what is not base64.
"""

from portal_visit import Key, Visitor, show

SPELLINGS = ("{}=", "{} ")


def respelt(spelling):
    """Client data whose challenge is spelt otherwise."""

    def change(data):
        start = data.index(b'"challenge":"') + 13
        end = data.index(b'"', start)
        return data[:start] + spelling.format(data[start:end].decode()).encode() + data[end:]

    return change


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    registered = [alice.adds(Key(), rewritten=respelt(each)).status for each in SPELLINGS]
    alice.adds(key)
    entered = [alice.another_session().enters_with(key, rewritten=respelt(each)) for each in SPELLINGS]
    print(registered, entered)
    return registered == [200, 200] and all(entered)


show(story)
