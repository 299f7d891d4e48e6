"""A key of RSA with SHA-1, which the options do not offer, is registered and signs in. Keys of
algorithms that do not exist, or are no signature, are stored.

registration/algorithm · WebAuthn L3 §7.1: the algorithm of the new key is one of pubKeyCredParams.
"""

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from portal_visit import Key, Visitor, show

RSA_SHA1, HMAC = -65535, 5


class OldKey(Key):
    """Signs with RSA PKCS#1 v1.5 and SHA-1."""

    def __init__(self):
        super().__init__()
        self.rsa = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def cose(self):
        """The public key, under the number that was not offered."""
        public = self.rsa.public_key().public_numbers()
        return {1: 3, 3: RSA_SHA1, -1: public.n.to_bytes(256, "big"), -2: public.e.to_bytes(3, "big")}

    def signature(self, message):
        """RSA with SHA-1."""
        return self.rsa.sign(message, padding.PKCS1v15(), hashes.SHA1())


def story(base):
    alice, key = Visitor(base).signs_up(), OldKey()
    options = alice.creation_options()
    offered = [parameter["alg"] for parameter in options["pubKeyCredParams"]]
    alice.answers_creation(key.registers(options, alice.origin))
    if RSA_SHA1 in offered or alice.keys() != 1 or not alice.finishes_with(key):
        return False
    for unknown in (-999, HMAC):
        alice.adds(Key(), cose=Key().cose() | {3: unknown})
    return alice.keys() == 3


show(story)
