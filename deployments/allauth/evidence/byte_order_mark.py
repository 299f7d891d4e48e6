"""Client data that begins with a byte order mark is refused, with a 500 at registration.

registration/forms, authentication/forms · WebAuthn L3 §7.1 and §7.2 read it with "UTF-8
decode", which drops a leading mark.
"""

from portal_visit import Key, Visitor, show


def marked(data):
    """The same client data after a byte order mark."""
    return b"\xef\xbb\xbf" + data


def story(base):
    alice, key, honest = Visitor(base).signs_up(), Key(), Key()
    answer = alice.adds(key, rewritten=marked)
    refused = answer.status == 500 and alice.keys() == 0
    alice.adds(honest)
    return refused and not alice.finishes_with(honest, rewritten=marked) and alice.finishes_with(honest)


show(story)
