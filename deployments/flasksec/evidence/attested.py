"""A packed attestation with a certificate that is wrong in all that the format asks of it."""

import datetime
import hashlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from portal_visit import cbor, decoded, encoded

MODEL = x509.ObjectIdentifier("1.3.6.1.4.1.45724.1.1.4")


def certificate(private):
    """Wrong in all that §8.2.1 asks for: names, constraints and model; and ten years out of date."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "anything")])
    then = datetime.datetime(2010, 1, 1)
    made = x509.CertificateBuilder(name, name, private.public_key(), 1, then, then + datetime.timedelta(days=1))
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=False)
    made = made.add_extension(x509.UnrecognizedExtension(MODEL, b"\x04\x10" + bytes(range(16))), critical=True)
    return made.sign(private, hashes.SHA256()).public_bytes(Encoding.DER)


def attested(key, options, origin, signed_by, more):
    """A registration with a packed attestation."""
    answer = key.registers(options, origin)
    honest = decoded(answer["response"]["attestationObject"])
    auth_data = honest[-len(cbor(key.cose())) - 37 - 18 - len(key.id) :]
    message = auth_data + hashlib.sha256(decoded(answer["response"]["clientDataJSON"])).digest()
    private = ec.generate_private_key(ec.SECP256R1())
    signature = (signed_by or private).sign(message, ec.ECDSA(hashes.SHA256()))
    statement = {"alg": -7, "sig": signature, "x5c": [certificate(private)]} | more
    packed = cbor({"fmt": "packed", "attStmt": statement, "authData": auth_data})
    answer["response"]["attestationObject"] = encoded(packed)
    return answer
