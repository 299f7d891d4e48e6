"""Of a "packed" attestation only the signature is looked at: the certificate may issue others, be of version
1, lack a country, a name or an organization, be of another unit or another model, and an ECDAA key id may
stand beside it. A "fido-u2f" attestation may have two certificates.

registration/attestation-packed, registration/attestation-u2f · WebAuthn L3 §8.2, §8.2.1, §8.6.
"""

import datetime
import hashlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID, ObjectIdentifier

from portal_visit import Key, Visitor, cbor, data_of, decoded, registers_changed, show
from portal_visit import changed_attestation

MODEL = ObjectIdentifier("1.3.6.1.4.1.45724.1.1.4")
SUBJECT = {
    NameOID.COUNTRY_NAME: "DE",
    NameOID.ORGANIZATION_NAME: "Maker",
    NameOID.ORGANIZATIONAL_UNIT_NAME: "Authenticator Attestation",
    NameOID.COMMON_NAME: "Model",
}
MAKER = ec.generate_private_key(ec.SECP256R1())
OTHER_MODEL = b"\x04\x10" + b"\x11" * 16


def certificate(left_out=None, unit=None, authority=False, model=None, critical=False):
    """A certificate of the maker, in DER."""
    subject = {oid: text for oid, text in SUBJECT.items() if oid != left_out}
    if unit:
        subject[NameOID.ORGANIZATIONAL_UNIT_NAME] = unit
    name = x509.Name([x509.NameAttribute(oid, text) for oid, text in subject.items()])
    start = datetime.datetime(2024, 1, 1)
    made = x509.CertificateBuilder(
        name, name, MAKER.public_key(), 7, start, start + datetime.timedelta(days=9000)
    ).add_extension(x509.BasicConstraints(authority, None), True)
    if model:
        made = made.add_extension(x509.UnrecognizedExtension(MODEL, model), critical)
    return made.sign(MAKER, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def of_version_1(der):
    """The same certificate without the member that says version 3; both lengths are in two bytes."""
    inner = der[8:].replace(b"\xa0\x03\x02\x01\x02", b"", 1)
    lengths = [int.from_bytes(der[at : at + 2], "big") - 5 for at in (2, 6)]
    return b"\x30\x82" + lengths[0].to_bytes(2, "big") + b"\x30\x82" + lengths[1].to_bytes(2, "big") + inner


def packed(der, **more):
    """A packed attestation that the maker signed."""

    def change(answer):
        client = decoded(answer["response"]["clientDataJSON"])

        def attested(honest):
            data = data_of(honest)
            signature = MAKER.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
            statement = {"alg": -7, "sig": signature, "x5c": [der]} | more
            return cbor({"fmt": "packed", "attStmt": statement, "authData": data})

        return changed_attestation(answer, attested)

    return change


def u2f(key, der):
    """An attestation of an old key, with the certificate twice."""

    def change(answer):
        client = decoded(answer["response"]["clientDataJSON"])

        def attested(honest):
            data, cose = data_of(honest), key.cose()
            message = b"\0" + data[:32] + hashlib.sha256(client).digest() + key.id + b"\4" + cose[-2] + cose[-3]
            statement = {"sig": MAKER.sign(message, ec.ECDSA(hashes.SHA256())), "x5c": [der, der]}
            return cbor({"fmt": "fido-u2f", "attStmt": statement, "authData": data})

        return changed_attestation(answer, attested)

    return change


def story(base):
    alice = Visitor(base).signs_up()
    wrong = [
        packed(certificate(authority=True)),
        packed(of_version_1(certificate())),
        packed(certificate(unit="Another")),
        packed(certificate(left_out=NameOID.COUNTRY_NAME)),
        packed(certificate(left_out=NameOID.ORGANIZATION_NAME)),
        packed(certificate(left_out=NameOID.COMMON_NAME)),
        packed(certificate(model=OTHER_MODEL)),
        packed(certificate(model=b"\x04\x10" + bytes(16), critical=True)),
        packed(certificate(model=bytes(16))),
        packed(certificate(), ecdaaKeyId=b"\x01"),
    ]
    taken = [registers_changed(alice, Key(), change) for change in wrong]
    old = Key()
    taken.append(registers_changed(alice, old, u2f(old, certificate())))
    print(taken)
    return all(taken)


show(story)
