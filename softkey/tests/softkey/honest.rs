//! An honest key: every kind of it with every algorithm, judged by aws-lc and x509-parser.

use serde_json::json;
use softkey::{
    Algorithm, AttestationKind, Browser, Counter, Flags, Model, Seed, SoftKey,
    attestation_root_der, base64url,
};
use x509_parser::prelude::*;

use super::judge::*;

const MODELS: [Model; 4] = [Model::roaming(), Model::synced(), Model::platform(), Model::u2f()];

#[test]
fn every_kind_of_key_registers_and_signs_in_with_every_algorithm() {
    for model in MODELS {
        for algorithm in model.algorithms {
            let mut key = key(model);
            let params = json!([{"type": "public-key", "alg": algorithm.cose_id()}]);
            let options = creation(&[("/pubKeyCredParams", params)]);
            let registered = key.register(&options, &page(), None).unwrap();
            let public = new_key(&registered);
            assert_eq!(public, key.credentials()[0].public_key());
            assert_eq!(public.number(3), Some(algorithm.cose_id()));
            for _ in 0..2 {
                let id = named(&registered.credential_id);
                let options = request(&[("/allowCredentials", json!([id]))]);
                let said = key.sign_in(&options, &page(), None).unwrap();
                assert_eq!(said.credential_id, registered.credential_id);
                let signature = said.signature.as_ref().unwrap();
                assert!(
                    verifies(&public, &signed(&said), signature),
                    "{} {algorithm:?}",
                    model.name
                );
            }
        }
    }
}

#[test]
fn a_registration_in_the_form_of_the_standard() {
    let mut key = key(Model::roaming());
    let options = creation(&[("/extensions/credProps", json!(true))]);
    let said = key.register(&options, &page(), None).unwrap();
    let id = base64url(&said.credential_id);
    assert_eq!(said.credential_id.len(), 32);
    let attested = auth_data(&said).attested.unwrap();
    assert_eq!(attested.credential_id, said.credential_id);
    assert_eq!(attested.aaguid, Model::roaming().aaguid);
    assert_eq!(
        said.json,
        json!({
            "id": id,
            "rawId": id,
            "type": "public-key",
            "response": {
                "clientDataJSON": base64url(&said.client_data),
                "authenticatorData": base64url(&said.authenticator_data),
                "transports": ["nfc", "usb"],
                "publicKey": base64url(&attested.key.spki().unwrap()),
                "publicKeyAlgorithm": -7,
                "attestationObject": base64url(said.attestation_object.as_ref().unwrap()),
            },
            "authenticatorAttachment": "cross-platform",
            "clientExtensionResults": {"credProps": {"rk": false}},
        })
    );
    let text = r#"{"type":"webauthn.create","challenge":"dGhlIGNoYWxsZW5nZSBvZiBhIHJlZ2lzdHJhdGlvbg","origin":"https://portal.example","crossOrigin":false}"#;
    assert_eq!(String::from_utf8(said.client_data).unwrap(), text);
    assert_eq!(object_names(&said.attestation_object.unwrap()), ["fmt", "attStmt", "authData"]);
}

fn object_names(bytes: &[u8]) -> Vec<String> {
    let map = softkey::Map::decode(bytes).unwrap();
    map.entries.into_iter().map(|(name, _)| name.into_text().unwrap()).collect()
}

#[test]
fn a_sign_in_in_the_form_of_the_standard() {
    let mut key = key(Model::synced());
    key.register(&creation(&[]), &page(), None).unwrap();
    let said = key.sign_in(&request(&[]), &page(), None).unwrap();
    let id = base64url(key.credentials()[0].id());
    assert_eq!(
        said.json,
        json!({
            "id": id,
            "rawId": id,
            "type": "public-key",
            "response": {
                "clientDataJSON": base64url(&said.client_data),
                "authenticatorData": base64url(&said.authenticator_data),
                "signature": base64url(said.signature.as_ref().unwrap()),
                "userHandle": base64url(b"alice"),
            },
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
        })
    );
    assert_eq!(said.authenticator_data.len(), 37);
}

#[test]
fn the_spki_of_every_algorithm_is_read_by_another_library() {
    for algorithm in Algorithm::ALL {
        let params = json!([{"type": "public-key", "alg": algorithm.cose_id()}]);
        let options = creation(&[("/pubKeyCredParams", params)]);
        let said = key(Model::roaming()).register(&options, &page(), None).unwrap();
        let (rest, info) = SubjectPublicKeyInfo::from_der(&member(&said, "publicKey"))
            .map(|(rest, info)| (rest.len(), info.algorithm.algorithm.to_id_string()))
            .unwrap();
        let expected = match algorithm {
            Algorithm::Es256 => "1.2.840.10045.2.1",
            Algorithm::EdDsa => "1.3.101.112",
            Algorithm::Rs256 => "1.2.840.113549.1.1.1",
        };
        assert_eq!((rest, info.as_str()), (0, expected));
    }
}

#[test]
fn each_attestation_verifies() {
    use AttestationKind as Kind;
    for (attestation, format) in [
        (Kind::None, "none"),
        (Kind::PackedSelf, "packed"),
        (Kind::PackedCertificate, "packed"),
        (Kind::FidoU2f, "fido-u2f"),
    ] {
        let model = Model { attestation, ..Model::roaming() };
        let said = key(model).register(&creation(&[]), &page(), None).unwrap();
        assert_eq!(object(&said).get("fmt").unwrap().as_text(), Some(format));
        let statement = statement(&said);
        let signature = statement.get("sig").map(|sig| sig.as_bytes().unwrap().clone());
        assert_eq!(signature, said.signature);
        let signature = signature.unwrap_or_default();
        match attestation {
            Kind::None => assert_eq!(statement.entries, []),
            Kind::PackedSelf => assert!(verifies(&new_key(&said), &signed(&said), &signature)),
            Kind::PackedCertificate => {
                assert!(certificate_verifies(&leaf(&said), &signed(&said), &signature));
            }
            Kind::FidoU2f => {
                let (data, hash) =
                    (auth_data(&said), &signed(&said)[said.authenticator_data.len()..]);
                let new = data.attested.unwrap();
                let point = new.key.raw_point();
                let message =
                    [[0].as_slice(), &data.rp_id_hash, hash, &new.credential_id, &point].concat();
                assert!(certificate_verifies(&leaf(&said), &message, &signature));
            }
        }
    }
}

#[test]
fn the_attestation_certificate_keeps_the_rules_and_leads_to_the_root() {
    let said = key(Model::roaming()).register(&creation(&[]), &page(), None).unwrap();
    let (leaf, root) = (leaf(&said), attestation_root_der(&Seed::new([7; 32])));
    let (rest, certificate) = parse_x509_certificate(&leaf).unwrap();
    assert!(rest.is_empty());
    assert_eq!(certificate.version(), X509Version::V3);
    assert_eq!(
        certificate.subject().to_string(),
        "CN=Touchstone roaming key, O=Touchstone, OU=Authenticator Attestation, C=AA"
    );
    assert!(!certificate.is_ca());
    let aaguid = oid_registry::Oid::from(&[1, 3, 6, 1, 4, 1, 45724, 1, 1, 4]).unwrap();
    let extension = certificate.get_extension_unique(&aaguid).unwrap().unwrap();
    assert!(!extension.critical);
    let expected = [[4, 16].as_slice(), &Model::roaming().aaguid].concat();
    assert_eq!(extension.value, expected);
    let (_, authority) = parse_x509_certificate(&root).unwrap();
    assert!(authority.is_ca());
    assert_eq!(certificate.issuer(), authority.subject());
    for certificate in [&certificate, &authority] {
        let signature = &certificate.signature_value.data;
        assert!(certificate_verifies(&root, certificate.tbs_certificate.as_ref(), signature));
    }
}

#[test]
fn keys_with_one_authority_share_their_attestation() {
    let register = |seed: u8, authority: u8| {
        let mut key = SoftKey::new(Model::roaming(), &Seed::new([seed; 32]))
            .with_authority(&Seed::new([authority; 32]));
        key.register(&creation(&[]), &page(), None).unwrap()
    };
    assert_eq!(leaf(&register(1, 9)), leaf(&register(2, 9)));
    assert_ne!(leaf(&register(1, 9)), leaf(&register(1, 8)));
    assert_ne!(register(1, 9).credential_id, register(2, 9).credential_id);
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    for model in MODELS {
        for algorithm in model.algorithms {
            let run = |seed| {
                let mut key = SoftKey::new(model, &Seed::new([seed; 32]));
                let params = json!([{"type": "public-key", "alg": algorithm.cose_id()}]);
                let options = creation(&[("/pubKeyCredParams", params)]);
                let first = key.register(&options, &page(), None).unwrap();
                let second = key.register(&options, &page(), None).unwrap();
                let id = named(&first.credential_id);
                let options = request(&[("/allowCredentials", json!([id]))]);
                [first, second, key.sign_in(&options, &page(), None).unwrap()]
            };
            assert_eq!(run(1), run(1));
            assert_ne!(run(1)[0].credential_id, run(2)[0].credential_id);
            assert_ne!(run(1)[0].credential_id, run(1)[1].credential_id);
        }
    }
}

#[test]
fn flags_follow_the_model_and_the_options() {
    let (up, uv, synced) = (Flags::UP, Flags::UV, Flags::BE | Flags::BS);
    for (model, wanted, expected) in [
        (Model::roaming(), "required", up | uv),
        (Model::roaming(), "preferred", up | uv),
        (Model::roaming(), "discouraged", up),
        (Model::roaming(), "an unknown word", up | uv),
        (Model::synced(), "required", up | uv | synced),
        (Model { backed_up: false, ..Model::synced() }, "discouraged", up | Flags::BE),
        (Model::u2f(), "preferred", up),
    ] {
        let mut key = key(model);
        let selection = json!({"userVerification": wanted});
        let options = creation(&[("/authenticatorSelection", selection)]);
        let registered = key.register(&options, &page(), None).unwrap();
        assert_eq!(auth_data(&registered).flags.0, expected | Flags::AT);
        let id = json!([named(&registered.credential_id)]);
        let options = request(&[("/userVerification", json!(wanted)), ("/allowCredentials", id)]);
        let said = key.sign_in(&options, &page(), None).unwrap();
        assert_eq!(auth_data(&said).flags.0, expected, "{} {wanted}", model.name);
    }
}

#[test]
fn a_counter_advances_by_one_and_can_be_turned_back() {
    let mut key = key(Model { discoverable: true, ..Model::roaming() });
    let resident = [("/authenticatorSelection/residentKey", json!("required"))];
    let start = auth_data(&key.register(&creation(&resident), &page(), None).unwrap()).counter;
    assert!(start > 0);
    let mut told = |change: fn(&mut SoftKey)| {
        change(&mut key);
        let counter = auth_data(&key.sign_in(&request(&[]), &page(), None).unwrap()).counter;
        assert_eq!(key.credentials()[0].counter(), counter);
        counter
    };
    assert_eq!(told(|_| ()), start + 1);
    assert_eq!(told(|_| ()), start + 2);
    assert_eq!(told(|key| key.wind_back(1)), start + 2);
    assert_eq!(told(|_| ()), start + 3);
    assert_eq!(told(|key| key.wind_back(u32::MAX)), 0);
    assert_eq!(told(|key| key.set_counter(u32::MAX)), u32::MAX);
    assert_eq!(told(|_| ()), u32::MAX);
}

#[test]
fn a_u2f_key_tells_its_counter_only_when_it_signs_in() {
    let mut key = key(Model::u2f());
    let mut twin = key.clone();
    let said = key.register(&creation(&[]), &page(), None).unwrap();
    assert_eq!(auth_data(&said).counter, 0);
    twin.register(&creation(&[]), &page(), None).unwrap();
    twin.register(&creation(&[]), &page(), None).unwrap();
    let options = request(&[("/allowCredentials", json!([named(&said.credential_id)]))]);
    let counter =
        |key: &mut SoftKey| auth_data(&key.sign_in(&options, &page(), None).unwrap()).counter;
    let first = counter(&mut key);
    assert!(first > 0);
    assert_eq!([counter(&mut twin), counter(&mut key)], [first, first + 1]);
}

#[test]
fn properties_are_told_only_where_they_were_asked_for() {
    for asked in [json!(false), json!(null)] {
        let options = creation(&[("/extensions/credProps", asked)]);
        let said = key(Model::roaming()).register(&options, &page(), None).unwrap();
        assert_eq!(said.json["clientExtensionResults"], json!({}));
    }
}

#[test]
fn a_clone_counts_for_itself() {
    let mut key = key(Model::synced());
    key.register(&creation(&[]), &page(), None).unwrap();
    let counter =
        |key: &mut SoftKey| auth_data(&key.sign_in(&request(&[]), &page(), None).unwrap()).counter;
    assert_eq!([counter(&mut key), counter(&mut key)], [0, 0]);
    let mut advancing = super::judge::key(Model { counter: Counter::Advancing, ..Model::synced() });
    advancing.register(&creation(&[]), &page(), None).unwrap();
    let mut clone = advancing.clone();
    let first = counter(&mut advancing);
    assert_eq!(counter(&mut advancing), first + 1);
    assert_eq!(counter(&mut clone), first);
}

#[test]
fn the_portal_chooses_the_algorithm_by_its_order() {
    let register = |model, algorithms: &[i64]| {
        let params: Vec<_> =
            algorithms.iter().map(|alg| json!({"type": "public-key", "alg": alg})).collect();
        let options = creation(&[("/pubKeyCredParams", json!(params))]);
        let said = key(model).register(&options, &page(), None);
        said.map(|said| new_key(&said).number(3).unwrap())
    };
    assert_eq!(register(Model::roaming(), &[-8, -7]), Ok(-8));
    assert_eq!(register(Model::roaming(), &[-35, -257, -7]), Ok(-257));
    assert_eq!(register(Model::synced(), &[-257, -8, -7]), Ok(-7));
    assert_eq!(register(Model::roaming(), &[]), Ok(-7));
}

#[test]
fn residency_follows_the_options_and_the_model() {
    for (model, selection, expected) in [
        (Model::roaming(), json!({}), false),
        (Model::roaming(), json!({"residentKey": "discouraged"}), false),
        (Model::roaming(), json!({"residentKey": "preferred"}), true),
        (Model::roaming(), json!({"residentKey": "required"}), true),
        (Model::roaming(), json!({"requireResidentKey": true}), true),
        (
            Model::roaming(),
            json!({"requireResidentKey": true, "residentKey": "discouraged"}),
            false,
        ),
        (Model::synced(), json!({"residentKey": "discouraged"}), true),
        (Model::synced(), json!(null), true),
        (Model::roaming(), json!(null), false),
        (Model::u2f(), json!({"residentKey": "preferred"}), false),
    ] {
        let mut key = key(model);
        let changes = [
            ("/authenticatorSelection", selection.clone()),
            ("/extensions/credProps", json!(true)),
        ];
        let said = key.register(&creation(&changes), &page(), None).unwrap();
        assert_eq!(said.json["clientExtensionResults"]["credProps"]["rk"], expected, "{selection}");
        assert_eq!(key.credentials()[0].is_discoverable(), expected);
        let id = json!([named(&said.credential_id)]);
        let said = key.sign_in(&request(&[("/allowCredentials", id)]), &page(), None).unwrap();
        let handle = said.json["response"].get("userHandle").is_some();
        assert_eq!(handle, expected, "{} {selection}", model.name);
    }
}

#[test]
fn attestation_is_handed_on_only_where_it_was_asked_for() {
    for (asked, keeps, expected) in [
        (json!("none"), false, "none"),
        (json!(null), false, "none"),
        (json!("an unknown word"), false, "none"),
        (json!("none"), true, "packed"),
        (json!("indirect"), false, "packed"),
        (json!("direct"), false, "packed"),
        (json!("enterprise"), false, "packed"),
    ] {
        let browser = Browser { keeps_attestation: keeps, ..page() };
        let options = creation(&[("/attestation", asked.clone())]);
        let said = key(Model::roaming()).register(&options, &browser, None).unwrap();
        assert_eq!(object(&said).get("fmt").unwrap().as_text(), Some(expected), "{asked}");
    }
    let anonymous = Model { aaguid: [0; 16], ..Model::platform() };
    let options = creation(&[("/attestation", json!("none"))]);
    let said = key(anonymous).register(&options, &page(), None).unwrap();
    assert_eq!(object(&said).get("fmt").unwrap().as_text(), Some("packed"));
}

#[test]
fn a_framed_page_says_so() {
    let framed = Browser { top_origin: Some("https://top.example".to_owned()), ..page() };
    let said = key(Model::roaming()).register(&creation(&[]), &framed, None).unwrap();
    let text = String::from_utf8(said.client_data).unwrap();
    assert!(text.ends_with(r#""crossOrigin":true,"topOrigin":"https://top.example"}"#), "{text}");
    let same = Browser { top_origin: Some(page().origin), ..page() };
    let said = key(Model::roaming()).register(&creation(&[]), &same, None).unwrap();
    assert!(String::from_utf8(said.client_data).unwrap().ends_with(r#""crossOrigin":false}"#));
}

#[test]
fn a_key_claims_the_id_of_another() {
    let mut first = key(Model::roaming());
    let registered = first.register(&creation(&[]), &page(), None).unwrap();
    let mut second = SoftKey::new(Model::roaming(), &Seed::new([8; 32]));
    second.claim_id(&registered.credential_id);
    let claimed = second.register(&creation(&[]), &page(), None).unwrap();
    assert_eq!(claimed.credential_id, registered.credential_id);
    assert_ne!(new_key(&claimed), new_key(&registered));
    let next = second.register(&creation(&[]), &page(), None).unwrap();
    assert_ne!(next.credential_id, registered.credential_id);
}

#[test]
fn nothing_prints_a_private_key() {
    let mut key = key(Model::roaming());
    key.register(&creation(&[]), &page(), None).unwrap();
    let text = format!("{key:?}");
    let id = key.credentials()[0].id_text();
    let expected = format!(
        "SoftKey {{ model: \"Touchstone roaming key\", credentials: [Credential {{ id: {id:?}, \
         rp_id: \"portal.example\", user_handle: \"YWxpY2U\", algorithm: Es256, counter: {}, .. }}], .. }}",
        key.credentials()[0].counter()
    );
    assert_eq!(text, expected);
}
