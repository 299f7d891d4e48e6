//! One lie at a time: what differs from the honest twin, and that the rest was derived and signed again.

use serde_json::json;
use softkey::{
    Algorithm, AttestationKind, Cbor, CoseKey, Flags, Issuer, Member, Model, Refusal, Signer,
    SoftKey, Spoken, Tampering, rp_id_hash_of,
};

use super::judge::*;

/// What became of the signature.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Signature {
    Valid,
    Invalid,
}

use Signature::{Invalid, Valid};

fn register(model: Model, change: Option<&Tampering>) -> Result<Spoken, Refusal> {
    key(model).register(&creation(&[]), &page(), change)
}

/// A registration with a certified attestation, told falsely.
fn check_registration(change: Tampering, expected: &[&str], signature: Signature) {
    let honest = register(Model::roaming(), None).unwrap();
    let told = register(Model::roaming(), Some(&change)).unwrap();
    assert_eq!(differences(&honest, &told), expected, "{change:?}");
    let valid = told
        .signature
        .as_ref()
        .is_some_and(|signature| certificate_verifies(&leaf(&honest), &signed(&told), signature));
    assert_eq!(valid, signature == Valid, "{change:?}");
}

const SIG: &str = "object/attStmt/sig";

#[test]
fn a_lie_of_the_browser_is_signed_honestly() {
    for (change, piece) in [
        (Tampering::ClientData(|c| c.origin = "https://evil.example".into()), "client data/origin"),
        (Tampering::ClientData(|c| c.origin = c.origin_with_port(1).into()), "client data/origin"),
        (Tampering::ClientData(|c| c.challenge = Member::Absent), "client data/challenge"),
        (Tampering::ClientData(|c| c.kind = json!(7).into()), "client data/type"),
        (Tampering::ClientData(|c| c.cross_origin = true.into()), "client data/crossOrigin"),
        (Tampering::ClientData(|c| c.extra.push(("x".into(), json!({})))), ""),
    ] {
        let pieces = [piece, SIG];
        check_registration(change, &pieces[usize::from(piece.is_empty())..], Valid);
    }
    let cut = Tampering::ClientDataBytes(|bytes| bytes.truncate(9));
    let all =
        ["client data", "client data/challenge", "client data/crossOrigin", "client data/origin"];
    check_registration(cut, &[&all[..], &["client data/type", SIG]].concat(), Valid);
}

#[test]
fn a_lie_of_the_key_is_signed_honestly() {
    let cases: [(Tampering, &[&str]); 6] = [
        (
            Tampering::AuthData(|a| a.rp_id_hash = rp_id_hash_of("evil.example")),
            &["auth data/rp", SIG],
        ),
        (Tampering::AuthData(|a| a.flags.clear(Flags::UP)), &["auth data/flags", SIG]),
        (Tampering::AuthData(|a| a.counter = 0), &["auth data/counter", SIG]),
        (Tampering::AuthData(|a| a.trailing.push(0)), &["auth data/rest", SIG]),
        (Tampering::AuthDataBytes(|bytes| bytes.push(0)), &["auth data/rest", SIG]),
        (Tampering::Model(|m| m.backed_up = true), &["auth data/flags", SIG]),
    ];
    for (change, expected) in cases {
        check_registration(change, expected, Valid);
    }
}

#[test]
fn another_credential_id_is_everyones_id() {
    let change = Tampering::AuthData(|a| {
        a.attested.iter_mut().for_each(|new| new.credential_id = vec![1, 2, 3]);
    });
    check_registration(change, &["/id", "/rawId", "auth data/id", SIG], Valid);
    let mut key = key(Model::roaming());
    let told = key.register(&creation(&[]), &page(), Some(&change)).unwrap();
    assert_eq!(told.json["id"], "AQID");
    let options = request(&[("/allowCredentials", json!([named(&[1, 2, 3])]))]);
    assert_eq!(key.sign_in(&options, &page(), None).unwrap().credential_id, [1, 2, 3]);
}

#[test]
fn another_public_key_is_presented_everywhere() {
    let change = Tampering::PublicKey(|key| key.set(CoseKey::ALG, -65535));
    let pieces = ["/response/publicKey", "/response/publicKeyAlgorithm", "auth data/attested", SIG];
    check_registration(change, &pieces, Valid);
    // Self attestation tells the algorithm of the key as it was presented.
    let told = register(Model::platform(), Some(&change)).unwrap();
    assert_eq!(statement(&told).get("alg"), Some(&Cbor::from(-65535)));
}

#[test]
fn a_signature_can_be_of_other_bytes_of_another_key_or_none() {
    for change in [
        Tampering::SignedBytes(|bytes| bytes.push(0)),
        Tampering::Signer(Signer::Stranger),
        Tampering::Signer(Signer::StrangerWith(Algorithm::EdDsa)),
        Tampering::Signer(Signer::Credential),
        Tampering::Signature(|signature| signature.truncate(9)),
        Tampering::Statement(|statement| statement.set("sig", vec![1])),
    ] {
        let honest = register(Model::roaming(), None).unwrap();
        let told = register(Model::roaming(), Some(&change)).unwrap();
        assert_eq!(differences(&honest, &told), [SIG], "{change:?}");
        let said = statement(&told).get("sig").unwrap().as_bytes().unwrap().clone();
        assert!(!certificate_verifies(&leaf(&told), &signed(&told), &said), "{change:?}");
        if let Tampering::Signer(Signer::Credential) = change {
            assert!(verifies(&new_key(&told), &signed(&told), &said));
        }
        if let Tampering::SignedBytes(_) = change {
            let other = [signed(&told), vec![0]].concat();
            assert!(certificate_verifies(&leaf(&told), &other, &said));
        }
    }
}

#[test]
fn what_comes_after_the_signature_leaves_it_alone() {
    let cases: [(Tampering, &[&str]); 8] = [
        (Tampering::Statement(|s| s.remove("alg")), &["object/attStmt/alg"]),
        (Tampering::Statement(|s| s.push("ver", "2.0")), &["object/attStmt/ver"]),
        (Tampering::AttestationObject(|o| o.set("fmt", "packet")), &["object/fmt"]),
        (Tampering::AttestationObject(|o| o.set("authData", vec![1])), &["object/authData"]),
        (Tampering::Envelope(|e| e["type"] = json!("password")), &["/type"]),
        (Tampering::Envelope(|e| e["rawId"] = json!("AAAA")), &["/rawId"]),
        (
            Tampering::Envelope(|e| e["response"]["userHandle"] = json!("AA")),
            &["/response/userHandle"],
        ),
        (Tampering::Model(|m| m.transports = &["ble"]), &["/response/transports"]),
    ];
    for (change, expected) in cases {
        check_registration(change, expected, Valid);
    }
    let unsorted = Tampering::Model(|m| m.transports = &["usb", "ble"]);
    let told = register(Model::roaming(), Some(&unsorted)).unwrap();
    assert_eq!(told.json["response"]["transports"], json!(["ble", "usb"]));
    let honest = register(Model::roaming(), None).unwrap();
    let change = Tampering::AttestationObjectBytes(|bytes| bytes.push(0));
    let told = register(Model::roaming(), Some(&change)).unwrap();
    let grown = [honest.attestation_object.unwrap(), vec![0]].concat();
    assert_eq!(member(&told, "attestationObject"), grown);
    assert_eq!(
        (told.authenticator_data, told.signature),
        (honest.authenticator_data, honest.signature)
    );
}

#[test]
fn a_certificate_can_say_anything_and_is_issued_honestly() {
    let root = softkey::attestation_root_der(&softkey::Seed::new([7; 32]));
    let cases: [(Tampering, bool); 8] = [
        (Tampering::Certificate(|c| c.is_ca = Some(true)), true),
        (Tampering::Certificate(|c| c.version = None), true),
        (Tampering::Certificate(|c| c.subject.unit = None), true),
        (Tampering::Certificate(|c| c.subject.country = Some("ZZ".into())), true),
        (Tampering::Certificate(|c| c.not_after = "20240102000000Z".into()), true),
        (Tampering::Certificate(|c| c.aaguid.iter_mut().for_each(|a| a.wrapped = false)), true),
        (Tampering::Certificate(|c| c.issued_by = Issuer::Itself), false),
        (Tampering::Certificate(|c| c.issued_by = Issuer::Stranger), false),
    ];
    for (change, issued) in cases {
        check_registration(change, &["object/attStmt/x5c"], Valid);
        let told = register(Model::roaming(), Some(&change)).unwrap();
        let leaf = leaf(&told);
        let (_, certificate) = x509_parser::parse_x509_certificate(&leaf).unwrap();
        let (tbs, signature) =
            (certificate.tbs_certificate.as_ref(), &certificate.signature_value.data);
        assert_eq!(certificate_verifies(&root, tbs, signature), issued, "{change:?}");
    }
    let other_key = Tampering::Certificate(|c| c.key = Algorithm::EdDsa);
    check_registration(other_key, &["object/attStmt/alg", SIG, "object/attStmt/x5c"], Invalid);
}

fn signs_in(key: &mut SoftKey, change: Option<&Tampering>) -> Result<Spoken, Refusal> {
    key.sign_in(&request(&[]), &page(), change)
}

#[test]
fn a_sign_in_is_told_falsely_and_signed_honestly() {
    const SIG: &str = "/response/signature";
    let cases: [(Tampering, &[&str], Signature); 10] = [
        (
            Tampering::ClientData(|c| c.kind = "webauthn.create".into()),
            &[SIG, "client data/type"],
            Valid,
        ),
        (
            Tampering::ClientDataBytes(|bytes| bytes.splice(..0, *b"\xef\xbb\xbf").for_each(drop)),
            &[
                SIG,
                "client data",
                "client data/challenge",
                "client data/crossOrigin",
                "client data/origin",
                "client data/type",
            ],
            Valid,
        ),
        (Tampering::AuthData(|a| a.flags.toggle(Flags::BE)), &[SIG, "auth data/flags"], Valid),
        (Tampering::AuthDataBytes(|bytes| bytes.push(9)), &[SIG, "auth data/rest"], Valid),
        (Tampering::Model(|m| m.backed_up = false), &[SIG, "auth data/flags"], Valid),
        (Tampering::SignedBytes(|bytes| bytes.push(0)), &[SIG], Invalid),
        (Tampering::Signer(Signer::Stranger), &[SIG], Invalid),
        (Tampering::Signer(Signer::Attestation), &[SIG], Invalid),
        (Tampering::Signature(|signature| signature.push(0)), &[SIG], Invalid),
        (
            Tampering::Envelope(|e| e["response"]["userHandle"] = json!("AA")),
            &["/response/userHandle"],
            Valid,
        ),
    ];
    for (change, expected, signature) in cases {
        let mut key = key(Model::synced());
        key.register(&creation(&[]), &page(), None).unwrap();
        let honest = signs_in(&mut key.clone(), None).unwrap();
        let told = signs_in(&mut key, Some(&change)).unwrap();
        assert_eq!(differences(&honest, &told), expected, "{change:?}");
        let public = key.credentials()[0].public_key();
        let valid = verifies(&public, &signed(&told), told.signature.as_ref().unwrap());
        assert_eq!(valid, signature == Valid, "{change:?}");
    }
}

#[test]
fn a_stranger_is_never_the_key_itself() {
    for algorithm in Algorithm::ALL {
        for seed in 0..20 {
            let mut key = SoftKey::new(Model::roaming(), &softkey::Seed::new([seed; 32]));
            let params = json!([{"type": "public-key", "alg": algorithm.cose_id()}]);
            let options = creation(&[("/pubKeyCredParams", params)]);
            let id = key.register(&options, &page(), None).unwrap().credential_id;
            let options = request(&[("/allowCredentials", json!([named(&id)]))]);
            let change = Tampering::Signer(Signer::Stranger);
            let told = key.sign_in(&options, &page(), Some(&change)).unwrap();
            let public = key.credentials()[0].public_key();
            assert!(!verifies(&public, &signed(&told), &told.signature.unwrap()));
        }
    }
}

#[test]
fn a_lie_leaves_the_key_as_an_honest_ceremony_would() {
    let mut told = key(Model::synced());
    let mut honest = told.clone();
    let change = Tampering::AuthData(|a| a.counter = 99);
    told.register(&creation(&[]), &page(), Some(&change)).unwrap();
    honest.register(&creation(&[]), &page(), None).unwrap();
    assert_eq!(signs_in(&mut told, None), signs_in(&mut honest, None));
}

#[test]
fn a_lie_without_a_place_is_refused() {
    let none = Model { attestation: AttestationKind::None, ..Model::roaming() };
    for (model, change, expected) in [
        (none, Tampering::Signer(Signer::Stranger), "the ceremony has no signature"),
        (none, Tampering::Signature(|s| s.push(0)), "the ceremony has no signature"),
        (
            Model::platform(),
            Tampering::Certificate(|c| c.is_ca = None),
            "the ceremony has no attestation certificate",
        ),
        (
            Model::platform(),
            Tampering::Signer(Signer::Credential),
            "this pair is the one that signs anyway",
        ),
        (
            Model::roaming(),
            Tampering::AuthData(|a| a.flags.set(Flags::UP)),
            "the change left everything as it was",
        ),
        (
            Model::roaming(),
            Tampering::Envelope(|e| e["type"] = json!("public-key")),
            "the change left everything as it was",
        ),
    ] {
        let refusal = register(model, Some(&change));
        assert_eq!(refusal, Err(Refusal::NothingToChange(expected)), "{change:?}");
    }
    let mut key = key(Model::synced());
    key.register(&creation(&[]), &page(), None).unwrap();
    for change in [
        Tampering::PublicKey(|key| key.entries.clear()),
        Tampering::Statement(|s| s.push("x", 1)),
        Tampering::AttestationObject(|o| o.push("x", 1)),
        Tampering::AttestationObjectBytes(|b| b.push(1)),
    ] {
        let expected = Refusal::NothingToChange("only a registration has an attestation");
        assert_eq!(signs_in(&mut key, Some(&change)), Err(expected));
    }
}
