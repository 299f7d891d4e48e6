"""Six malformed registrations end in "Server Error (500)" instead of a refusal.

registration/envelope, registration/client-data, registration/attestation-object,
registration/authenticator-data · Nothing is stored; what is missing is an answer.
"""

from portal_visit import ATTESTED, PRESENT, Key, Visitor, decoded, encoded, show


def without_raw_id(answer):
    """The envelope lacks a member."""
    del answer["rawId"]


def other_id(answer):
    """The two ids differ."""
    answer["id"] = encoded(bytes(32))


def longer(answer):
    """Bytes after the attestation object."""
    attestation = decoded(answer["response"]["attestationObject"])
    answer["response"]["attestationObject"] = encoded(attestation + b"\x00")


def story(base):
    alice, seen = Visitor(base).signs_up(), []
    for change in (without_raw_id, other_id, longer):
        answer = Key().registers(alice.creation_options(), alice.origin)
        change(answer)
        seen.append(alice.answers_creation(answer).status)
    seen.append(alice.adds(Key(), flags=PRESENT).status)
    seen.append(alice.adds(Key(), flags=PRESENT | ATTESTED | 0x80).status)
    seen.append(alice.adds(Key(), rewritten=lambda data: data[:-1]).status)
    return seen == [500] * 6 and alice.keys() == 0


show(story)
