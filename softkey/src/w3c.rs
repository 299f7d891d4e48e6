//! The test vectors of WebAuthn Level 3 §16, made from their seeds and compared by digest: from HKDF
//! over RFC 6979 to the attestation object and the certificate, byte for byte.

use hkdf::Hkdf;
use serde_json::{Map, json};
use sha2::{Digest, Sha256};

use crate::algorithm::{Algorithm, KeyPair};
use crate::auth_data::{Attested, AuthData, Flags, rp_id_hash_of};
use crate::base64url::base64url;
use crate::ceremony::{Draft, Keys, Spoken};
use crate::certificate::{Authority, CertificateFields, Issuer, Name, certificate};
use crate::client_data::ClientData;
use crate::key::{AttestationKind, Model};
use crate::seed::Seed;

/// The values of one vector: `HKDF-SHA-256(IKM='WebAuthn test vectors', salt, info, L)` with the
/// number of the value as its salt.
struct Values {
    info: &'static str,
    salt: u8,
}

impl Values {
    fn of(info: &'static str) -> Self {
        Self { info, salt: 0 }
    }

    fn next(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        let hkdf = Hkdf::<Sha256>::new(Some(&[self.salt]), b"WebAuthn test vectors");
        hkdf.expand(self.info.as_bytes(), &mut bytes).unwrap();
        self.salt += 1;
        bytes
    }

    fn pair(&mut self) -> KeyPair {
        KeyPair::Es256(p256::ecdsa::SigningKey::from_slice(&self.next(32)).unwrap())
    }

    fn client_data(&mut self, kind: &str, challenge: &[u8], frame: Frame) -> ClientData {
        let mut data = ClientData::new(kind, challenge, "https://example.org");
        data.cross_origin = (frame != Frame::None).into();
        if frame == Frame::Named {
            data.top_origin = "https://example.com".into();
        }
        if self.next(1)[0] & 1 == 1 {
            let text = "clientDataJSON may be extended with additional fields in the future, such as this: ";
            let text = format!("{text}{}", base64url(&self.next(16)));
            data.extra.push(("extraData".to_owned(), json!(text)));
        }
        data
    }
}

/// Whether the page of the vector is framed, and its client data name the framing page.
#[derive(Clone, Copy, PartialEq)]
enum Frame {
    None,
    Unnamed,
    Named,
}

fn auth_data(flags: u8) -> AuthData {
    AuthData {
        rp_id_hash: rp_id_hash_of("example.org"),
        flags: Flags(flags),
        counter: 0,
        attested: None,
        extensions: None,
        trailing: Vec::new(),
    }
}

fn draft<'a>(
    client_data: ClientData,
    auth_data: AuthData,
    credential: &'a KeyPair,
    seed: &'a Seed,
) -> Draft<'a> {
    let keys = Keys { credential, authority: Authority::new(seed), seed };
    let (model, extensions) = (Model::roaming(), Map::new());
    Draft { client_data, auth_data, model, keys, change: None, extensions }
}

/// A registration and a sign-in, as §16 makes them of its values.
fn speak(mut values: Values, kind: AttestationKind, frame: Frame, id_length: usize) -> [Spoken; 2] {
    let seed = Seed::new([0; 32]);
    let challenge = values.next(32);
    let pair = values.pair();
    let client_data = values.client_data("webauthn.create", &challenge, frame);
    let aaguid = values.next(16).try_into().unwrap();
    let (credential_id, key) = (values.next(id_length), pair.public_key());
    let flags = Flags::UP | values.next(1)[0] & (Flags::UV | Flags::BE | Flags::BS);
    let mut backup = Flags::BE | Flags::BS;
    if flags & Flags::BE == 0 {
        backup = 0;
    }
    let flags = flags & !(Flags::BE | Flags::BS) | flags & backup;
    let attested = Some(Attested { aaguid, credential_id, declared_length: None, key });
    let auth = AuthData { attested, ..auth_data(flags | Flags::AT) };
    let registered = draft(client_data, auth, &pair, &seed).register(kind).unwrap();

    let challenge = values.next(32);
    let client_data = values.client_data("webauthn.get", &challenge, frame);
    let said = values.next(1)[0] & (Flags::UV | backup & Flags::BS);
    let auth = auth_data(Flags::UP | flags & Flags::BE | said);
    let id = &registered.credential_id;
    let signed_in = draft(client_data, auth, &pair, &seed).sign_in(id, None).unwrap();
    [registered, signed_in]
}

fn digest(parts: &[&[u8]]) -> String {
    Sha256::digest(parts.concat()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_ceremonies_of_the_standard_byte_for_byte() {
    for (info, kind, frame, id_length, expected) in [
        (
            "none.ES256",
            AttestationKind::None,
            Frame::None,
            32,
            "c6f58f8fcc599d38038260e40373108a8826618aa10d88cb9639990e70962d71",
        ),
        (
            "packed-self.ES256",
            AttestationKind::PackedSelf,
            Frame::None,
            32,
            "82fa67138fd484b8a84ae0a935c9dd026158a38348b74e61718bc2fed4540d46",
        ),
        (
            "none.ES256.crossOrigin",
            AttestationKind::None,
            Frame::Unnamed,
            32,
            "490eabab3915550411034b0b5e695c4e0bc1df40f7be53ebe70f555b09aeccd1",
        ),
        (
            "none.ES256.topOrigin",
            AttestationKind::None,
            Frame::Named,
            32,
            "980ce56f3500f35a6e4082b22c3e8ae0d577a7a431d9049f9154f513eeb1e2aa",
        ),
        (
            "none.ES256.long-credential-id",
            AttestationKind::None,
            Frame::None,
            1023,
            "2d6fd540ae13661054b27563f28281be13c563f51572c0461ff2ca9d487580b9",
        ),
    ] {
        let [registered, signed_in] = speak(Values::of(info), kind, frame, id_length);
        let parts: [&[u8]; 5] = [
            &registered.client_data,
            &registered.attestation_object.unwrap(),
            &signed_in.authenticator_data,
            &signed_in.client_data,
            &signed_in.signature.unwrap(),
        ];
        assert_eq!(digest(&parts), expected, "{info}");
    }
}

fn name(unit: &str) -> Name {
    Name {
        common_name: Some("WebAuthn test vectors".to_owned()),
        organization: Some("W3C".to_owned()),
        unit: Some(unit.to_owned()),
        country: Some("AA".to_owned()),
    }
}

fn fields(serial: Vec<u8>, unit: &str, is_ca: bool) -> CertificateFields {
    CertificateFields {
        version: Some(3),
        serial,
        issuer: name("Authenticator Attestation CA"),
        subject: name(unit),
        not_before: "20240101000000Z".to_owned(),
        not_after: "30240101000000Z".to_owned(),
        key: Algorithm::Es256,
        is_ca: Some(is_ca),
        aaguid: None,
        issued_by: Issuer::Authority,
    }
}

#[test]
fn the_certificates_of_the_standard_byte_for_byte() {
    let mut values = Values::of("Attestation CA");
    let authority = values.pair();
    let root = fields(values.next(16), "Authenticator Attestation CA", true);
    let root = certificate(&root, &authority.public_key(), &authority);
    assert_eq!(
        digest(&[&root]),
        "68ff927708f5d229252ffe4a1c6842c11998d1e1fa2b46138bb5642eff9b161b"
    );
    for (info, salt, expected) in [
        ("packed.ES256", 7, "f0f517576cf721fb564b64d723ea22152cf2f453de4e08b491fde7161659bc45"),
        ("packed.EdDSA", 7, "9561928277899cf86a445bda8be8f2c840d7c3e8f1d65bcb4c02917489f34f4e"),
        ("fido-u2f.ES256", 5, "4e90183f36037509e73d844745ef428ecceb96c28ff113dc8c0f44028e338b84"),
    ] {
        let mut values = Values { info, salt };
        let pair = values.pair();
        let leaf = fields(values.next(16), "Authenticator Attestation", false);
        let leaf = certificate(&leaf, &pair.public_key(), &authority);
        assert_eq!(digest(&[&leaf]), expected, "{info}");
    }
}
