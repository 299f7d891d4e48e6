"""An attestation object with a member twice, and one whose format is a number, are taken.

registration/attestation-object · CTAP 2.1 §8: no map has a key twice; WebAuthn L3 §6.5: fmt is text.
"""

from portal_visit import Key, Visitor, cbor, decoded, encoded, show


def twice(attestation):
    """The member `fmt` once more, in front, saying something else."""
    return b"\xa4" + cbor("fmt") + cbor("packed") + attestation[1:]


def number(attestation):
    """A number where the name of the format stands."""
    return attestation.replace(cbor("fmt") + cbor("none"), cbor("fmt") + cbor(1))


def story(base):
    alice = Visitor(base).signs_up()
    for rewritten in (twice, number):
        answer = Key().registers(alice.creation_options(), alice.origin)
        attestation = decoded(answer["response"]["attestationObject"])
        answer["response"]["attestationObject"] = encoded(rewritten(attestation))
        alice.answers_creation(answer)
    return alice.keys() == 2


show(story)
