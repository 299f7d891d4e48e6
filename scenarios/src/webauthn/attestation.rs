//! Attestation statements: §8.2 packed, §8.6 FIDO U2F, §8.7 none. A portal that asks for no
//! attestation need not read one, so these are for portals that declare it.

use harness::requirement::{
    Ceremony::Registration, Proof::Tamperings, Requirement, TamperingCase, at, fido_server,
    tampering,
};
use profile::Ability;
use reports::record::{Impact, Level};
use softkey::{
    Algorithm, AttestationKind, Cbor, CertificateFields, Map, Model, Signer,
    Tampering::{
        self, AttestationObject as Object, AuthData, Certificate, Signature, SignedBytes, Statement,
    },
};

use super::creating;

/// The requirements of this chapter, in reading order.
pub(super) const CHAPTER: &[&Requirement] = &[&FORMAT, &NONE, &PACKED, &U2F, &U2F_MODEL];

const PLAIN: Model = Model { attestation: AttestationKind::None, ..Model::roaming() };
const SELF: Model = Model { attestation: AttestationKind::PackedSelf, ..Model::roaming() };
const FULL: Model = Model { attestation: AttestationKind::PackedCertificate, ..Model::roaming() };

/// A row for a key with some attestation, on a portal that reads attestations.
const fn row(
    model: Model,
    case: &'static str,
    title: &'static str,
    change: Tampering,
    covers: &'static [&'static str],
) -> TamperingCase {
    TamperingCase {
        model,
        keeps_attestation: true,
        needs: &[Ability::Attestation],
        ..tampering(case, title, change, covers)
    }
}

const FORMAT: Requirement = creating(
    "registration/attestation-format",
    Impact::Bypass,
    "A statement in a format that the portal does not know is refused.",
    Tamperings(
        Registration,
        &[
            row(
                FULL,
                "unknown",
                "a format of nobody's",
                Object(|o| o.set("fmt", "x-unknown")),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-5 F-1"],
            ),
            row(
                FULL,
                "other-case",
                "the format's name in capitals",
                Object(|o| o.set("fmt", "PACKED")),
                &["INF-071"],
            ),
            row(
                FULL,
                "too-long",
                "a format of 40 letters",
                Object(|o| o.set("fmt", "x".repeat(40))),
                &["INF-072"],
            ),
            row(
                SELF,
                "unknown-self",
                "a format of nobody's, of a key that attests itself",
                Object(|o| o.set("fmt", "x-unknown")),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-6 F-3"],
            ),
        ],
    ),
);

const NONE: Requirement = Requirement {
    source: at("WebAuthn L3 §8.7", "https://www.w3.org/TR/webauthn-3/#sctn-none-attestation"),
    ..creating(
        "registration/attestation-none",
        Impact::Hygiene,
        "The format none carries an empty statement.",
        Tamperings(
            Registration,
            &[
                row(
                    PLAIN,
                    "with-statement",
                    "none, with a statement",
                    Object(with_statement),
                    &["INF-087"],
                ),
                row(
                    FULL,
                    "packed-as-none",
                    "a packed statement under the name none",
                    Object(|o| o.set("fmt", "none")),
                    &["Server-ServerAuthenticatorAttestationResponse-Resp-7 F-1"],
                ),
            ],
        ),
    )
};

fn with_statement(o: &mut Map) {
    o.set("attStmt", Cbor::Map(vec![(Cbor::Text("alg".into()), Cbor::Integer((-7).into()))]));
}

const PACKED: Requirement = Requirement {
    source: at("WebAuthn L3 §8.2", "https://www.w3.org/TR/webauthn-3/#sctn-packed-attestation"),
    ..creating(
        "registration/attestation-packed",
        Impact::Bypass,
        "A packed statement is complete, signed by the key that it names, and its certificate is one that an authenticator may have.",
        Tamperings(
            Registration,
            &[
                row(
                    SELF,
                    "self-signature",
                    "a self attestation that another key signed",
                    Tampering::Signer(Signer::Stranger),
                    &["Server-ServerAuthenticatorAttestationResponse-Resp-6 F-1"],
                ),
                row(
                    SELF,
                    "self-other-data",
                    "a self attestation over other bytes",
                    SignedBytes(|b| b.push(0)),
                    &[],
                ),
                row(
                    SELF,
                    "self-algorithm",
                    "a self attestation with another algorithm",
                    Statement(|s| s.set("alg", -257)),
                    &["INF-065"],
                ),
                row(
                    FULL,
                    "empty",
                    "an empty statement",
                    Statement(|s| s.entries.clear()),
                    &["Server-ServerAuthenticatorAttestationResponse-Resp-3 F-13"],
                ),
                row(
                    FULL,
                    "algorithm-absent",
                    "no algorithm",
                    Statement(|s| s.remove("alg")),
                    &["Server-ServerAuthenticatorAttestationResponse-Resp-3 F-14"],
                ),
                row(
                    FULL,
                    "algorithm-text",
                    "an algorithm that is text",
                    Statement(|s| s.set("alg", "ES256")),
                    &["Server-ServerAuthenticatorAttestationResponse-Resp-3 F-15"],
                ),
                row(
                    FULL,
                    "algorithm-other",
                    "an algorithm that is not that of the certificate's key",
                    Statement(|s| s.set("alg", -42)),
                    &["Server-ServerAuthenticatorAttestationResponse-Resp-3 F-16"],
                ),
                row(
                    FULL,
                    "signature-absent",
                    "no signature",
                    Statement(|s| s.remove("sig")),
                    &["Server-ServerAuthenticatorAttestationResponse-Resp-3 F-17"],
                ),
                row(
                    FULL,
                    "signature-text",
                    "a signature that is text",
                    Statement(|s| s.set("sig", "x")),
                    &["Server-ServerAuthenticatorAttestationResponse-Resp-3 F-18"],
                ),
                row(
                    FULL,
                    "signature-empty",
                    "an empty signature",
                    Signature(Vec::clear),
                    &["Server-ServerAuthenticatorAttestationResponse-Resp-3 F-19"],
                ),
                row(
                    FULL,
                    "other-key",
                    "a key that is not the certificate's signed",
                    Tampering::Signer(Signer::Stranger),
                    &["Server-ServerAuthenticatorAttestationResponse-Resp-5 F-13"],
                ),
                row(
                    FULL,
                    "credential-key",
                    "the credential's own key signed",
                    Tampering::Signer(Signer::Credential),
                    &["Server-ServerAuthenticatorAttestationResponse-Resp-5 F-14"],
                ),
                row(
                    FULL,
                    "other-data",
                    "signed over other bytes",
                    SignedBytes(|b| b.push(0)),
                    &["Server-ServerAuthenticatorAttestationResponse-Resp-5 F-2"],
                ),
                row(
                    FULL,
                    "ecdaa",
                    "an ECDAA key id beside the certificates",
                    Statement(|s| s.push("ecdaaKeyId", Cbor::Bytes(vec![1]))),
                    &[],
                ),
                row(
                    FULL,
                    "no-certificates",
                    "an empty list of certificates",
                    Statement(|s| s.set("x5c", Cbor::Array(Vec::new()))),
                    &["Server-ServerAuthenticatorAttestationResponse-Resp-5 F-5"],
                ),
                row(
                    FULL,
                    "certificates-text",
                    "certificates that are text",
                    Statement(|s| s.set("x5c", "x")),
                    &["Server-ServerAuthenticatorAttestationResponse-Resp-5 F-4"],
                ),
                row(
                    FULL,
                    "certificate-removed",
                    "the certificates are gone",
                    Statement(|s| s.remove("x5c")),
                    &["Server-ServerAuthenticatorAttestationResponse-Resp-5 F-3"],
                ),
                row(
                    FULL,
                    "authority",
                    "a certificate that may issue others",
                    Certificate(|f| f.is_ca = Some(true)),
                    &["INF-068"],
                ),
                row(
                    FULL,
                    "version",
                    "a certificate of version 1",
                    Certificate(|f| f.version = None),
                    &["INF-069"],
                ),
                row(
                    FULL,
                    "unit",
                    "a certificate of another unit",
                    Certificate(other_unit),
                    &["INF-070"],
                ),
                row(
                    FULL,
                    "country-absent",
                    "a certificate without a country",
                    Certificate(|f| f.subject.country = None),
                    &[],
                ),
                row(
                    FULL,
                    "name-absent",
                    "a certificate without a name",
                    Certificate(|f| f.subject.common_name = None),
                    &[],
                ),
                row(
                    FULL,
                    "organization-absent",
                    "a certificate without an organization",
                    Certificate(|f| f.subject.organization = None),
                    &[],
                ),
                row(
                    FULL,
                    "other-model",
                    "a certificate of another model",
                    Certificate(other_model),
                    &["INF-066"],
                ),
                row(
                    FULL,
                    "model-critical",
                    "a certificate whose model is marked as critical",
                    Certificate(critical_model),
                    &["INF-067"],
                ),
                row(
                    FULL,
                    "model-unwrapped",
                    "a certificate whose model stands bare in its extension",
                    Certificate(bare_model),
                    &[],
                ),
                row(
                    FULL,
                    "other-model-claimed",
                    "the key claims another model than its certificate",
                    AuthData(claims_another_model),
                    &["attest/aaguid-extension-ignored"],
                ),
            ],
        ),
    )
};

fn other_unit(f: &mut CertificateFields) {
    f.subject.unit = Some("Authenticator".into());
}

fn other_model(f: &mut CertificateFields) {
    if let Some(extension) = f.aaguid.as_mut() {
        extension.value = vec![0x42; 16];
    }
}

fn critical_model(f: &mut CertificateFields) {
    if let Some(extension) = f.aaguid.as_mut() {
        extension.critical = true;
    }
}

fn bare_model(f: &mut CertificateFields) {
    if let Some(extension) = f.aaguid.as_mut() {
        extension.wrapped = false;
    }
}

fn claims_another_model(d: &mut softkey::AuthData) {
    if let Some(attested) = d.attested.as_mut() {
        attested.aaguid = [0x42; 16];
    }
}

const U2F: Requirement = Requirement {
    source: at("WebAuthn L3 §8.6", "https://www.w3.org/TR/webauthn-3/#sctn-fido-u2f-attestation"),
    ..creating(
        "registration/attestation-u2f",
        Impact::Bypass,
        "A U2F statement has one certificate with a P-256 key, whose signature verifies.",
        Tamperings(
            Registration,
            &[
                row(
                    Model::u2f(),
                    "other-key",
                    "a key that is not the certificate's signed",
                    Tampering::Signer(Signer::Stranger),
                    &["Server-ServerAuthenticatorAttestationResponse-Resp-8 F-2"],
                ),
                row(
                    Model::u2f(),
                    "other-data",
                    "signed over other bytes",
                    SignedBytes(|b| b.push(0)),
                    &[],
                ),
                row(
                    Model::u2f(),
                    "other-kind-of-certificate",
                    "a certificate with an RSA key",
                    Certificate(|f| f.key = Algorithm::Rs256),
                    &["INF-074"],
                ),
                TamperingCase {
                    needs: &[Ability::Attestation, Ability::EdDsa],
                    ..row(
                        Model::u2f(),
                        "other-kind-of-key",
                        "a credential that signs EdDSA",
                        Tampering::Model(|m| m.algorithms = &[Algorithm::EdDsa]),
                        &["INF-075"],
                    )
                },
                row(
                    Model::u2f(),
                    "no-certificates",
                    "an empty list of certificates",
                    Statement(|s| s.set("x5c", Cbor::Array(Vec::new()))),
                    &["INF-073"],
                ),
                row(
                    Model::u2f(),
                    "two-certificates",
                    "the certificate twice",
                    Statement(two_certificates),
                    &[],
                ),
                row(
                    Model::u2f(),
                    "signature-absent",
                    "no signature",
                    Statement(|s| s.remove("sig")),
                    &[],
                ),
            ],
        ),
    )
};

fn two_certificates(s: &mut Map) {
    if let Some(Cbor::Array(certificates)) = s.get_mut("x5c") {
        let again = certificates.clone();
        certificates.extend(again);
    }
}

const U2F_MODEL: Requirement = Requirement {
    level: Level::May,
    reasons: &["registration/attestation-u2f"],
    source: fido_server("FIDO server requirements, U2F"),
    ..creating(
        "registration/attestation-u2f-model",
        Impact::Hygiene,
        "A U2F key names no model.",
        Tamperings(
            Registration,
            &[row(
                Model::u2f(),
                "named",
                "a U2F key that names a model",
                AuthData(claims_another_model),
                &["Server-ServerAuthenticatorAttestationResponse-Resp-8 F-1"],
            )],
        ),
    )
};
