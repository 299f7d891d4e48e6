"""A signature whose length is written in more bytes than DER allows signs in.

authentication/signature · RFC 3279 §2.2.3, X.690 §10.1: an ECDSA signature is in DER, whose lengths are as short
as they can be.
"""

from portal_visit import Key, Visitor, decoded, encoded, show


def longer(answer):
    """The same signature with its length in two bytes."""
    honest = decoded(answer["response"]["signature"])
    loose = honest[:1] + b"\x81" + honest[1:]
    return answer | {"response": answer["response"] | {"signature": encoded(loose)}}


def story(base):
    alice, key = Visitor(base).signs_up(), Key()
    return alice.adds(key) and alice.finishes_with(key, longer)


show(story)
