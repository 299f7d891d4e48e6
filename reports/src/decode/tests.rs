//! Vectors of RFC 8949 and of our own, and garbage.

use proptest::{collection::vec, prelude::*};

use super::*;

#[track_caller]
fn check_cbor(bytes: &str, notation: &str) {
    let bytes = from_hex(bytes).unwrap();
    let Diagnosed { text, used } = diagnostic(&bytes);
    assert_eq!(text, notation);
    assert_eq!(used, bytes.len());
}

/// RFC 8949, appendix A.
#[test]
fn cbor_is_written_in_diagnostic_notation() {
    check_cbor("00", "0");
    check_cbor("1bffffffffffffffff", "18446744073709551615");
    check_cbor("3bffffffffffffffff", "-18446744073709551616");
    check_cbor("3903e7", "-1000");
    check_cbor("f93c00", "1");
    check_cbor("f90400", "0.00006103515625");
    check_cbor("f90001", "0.00000005960464477539063");
    check_cbor("f9c400", "-4");
    check_cbor("f97c00", "inf");
    check_cbor("fb3ff199999999999a", "1.1");
    check_cbor("f4", "false");
    check_cbor("f7", "undefined");
    check_cbor("f8ff", "simple(255)");
    check_cbor("c11a514b67b0", "1(1363896240)");
    check_cbor("4401020304", "h'01020304'");
    check_cbor("62225c", r#""\"\\""#);
    check_cbor("8301820203820405", "[1, [2, 3], [4, 5]]");
    check_cbor("a26161016162820203", r#"{"a": 1, "b": [2, 3]}"#);
    check_cbor("5f42010243030405ff", "(_ h'0102', h'030405')");
    check_cbor("bf61610161629f0203ffff", r#"{"a": 1, "b": [2, 3]}"#);
}

#[test]
fn broken_cbor_says_where_it_broke() {
    check_cbor("a1616102ff"[..6].into(), r#"{"a":  !ends early"#);
    check_cbor("ff", " !stray break");
    check_cbor("1c", " !reserved");
    check_cbor("61ff", "\"\u{fffd}\" /not UTF-8/");
    check_cbor("a201020103", "{1: 2, 1: 3}");
    assert!(diagnostic(&[0x81; 100]).text.ends_with("!too deep"));
    assert!(diagnostic(&[&[0x9f][..], &[0x00; 100_000]].concat()).text.ends_with("!too long, …"));
    assert_eq!(diagnostic(&[0x01, 0x02]), Diagnosed { text: "1".into(), used: 1 });
}

fn names(fields: &[Field]) -> Vec<&str> {
    fields.iter().map(|field| field.name.as_str()).collect()
}

#[test]
fn authenticator_data_becomes_fields() {
    let mut bytes = vec![0xab; 32];
    bytes.extend([0xc5, 0, 0, 1, 2]);
    bytes.extend(0..16);
    bytes.extend([0, 2, 0xca, 0xfe]);
    bytes.extend(from_hex("a10126").unwrap());
    bytes.extend(from_hex("a1686372656450726f7401").unwrap());
    let fields = authenticator_data(&bytes);
    let said: Vec<_> =
        fields.iter().map(|field| (field.name.as_str(), field.value.as_str())).collect();
    assert_eq!(
        said,
        [
            ("rpIdHash", "ab".repeat(32).as_str()),
            ("flags", "0xc5 UP UV AT ED"),
            ("signCount", "258"),
            ("aaguid", "00010203-0405-0607-0809-0a0b0c0d0e0f"),
            ("credentialIdLength", "2"),
            ("credentialId", "cafe"),
            ("credentialPublicKey", "{1: -7}"),
            ("extensions", "{\"credProt\": 1}"),
        ]
    );
    bytes.push(0x17);
    assert_eq!(authenticator_data(&bytes).last(), Some(&field("left over", "17".into())));
    assert_eq!(names(&authenticator_data(&bytes[..35])), ["rpIdHash", "flags", "cut short"]);
    bytes[32] = 0x80;
    bytes.truncate(37);
    bytes.push(0xa0);
    assert_eq!(
        names(&authenticator_data(&bytes)),
        ["rpIdHash", "flags", "signCount", "extensions"]
    );
    bytes[32] = 0x40;
    assert_eq!(names(&authenticator_data(&bytes)), ["rpIdHash", "flags", "signCount", "cut short"]);
    assert_eq!(names(&authenticator_data(&[])), ["cut short"]);
}

#[test]
fn an_attestation_object_shows_its_authenticator_data() {
    let mut bytes = from_hex("a363666d74646e6f6e656761747453746d74a068617574684461746158").unwrap();
    bytes.push(37);
    bytes.extend([0; 37]);
    let fields = attestation_object(&bytes);
    assert_eq!(names(&fields), ["attestationObject", "rpIdHash", "flags", "signCount"]);
    assert!(fields[0].value.starts_with("{\"fmt\": \"none\", \"attStmt\": {}, \"authData\": h'00"));
    bytes.push(1);
    assert_eq!(names(&attestation_object(&bytes))[1], "left over");
    assert_eq!(names(&attestation_object(&[0x80])), ["attestationObject"]);
}

#[test]
fn client_data_becomes_its_members() {
    let fields = client_data("\u{feff}{\"type\":\"webauthn.get\",\"crossOrigin\":false}");
    let said: Vec<_> =
        fields.iter().map(|field| (field.name.as_str(), field.value.as_str())).collect();
    assert_eq!(
        said,
        [("byte order mark", "present"), ("type", "webauthn.get"), ("crossOrigin", "false")]
    );
    assert_eq!(names(&client_data("[1]")), ["not an object"]);
    assert_eq!(names(&client_data("{\"type\"")), ["not JSON"]);
    let long = client_data(&format!("{{\"a\":\"{}\"}}", "é".repeat(10_000)));
    assert_eq!(long[0].value.chars().count(), VALUE_LIMIT + 1);
}

#[test]
fn hexadecimal_is_read_or_not() {
    assert_eq!(from_hex("00fFa1"), Some(vec![0, 255, 161]));
    assert_eq!(from_hex("0"), None);
    assert_eq!(from_hex("0g"), None);
    assert_eq!(from_hex("é"), None);
    assert_eq!(from_hex(""), Some(vec![]));
}

proptest! {
    #[test]
    fn garbage_is_shown_and_never_panics(bytes in vec(any::<u8>(), 0..300), text: String) {
        prop_assert!(diagnostic(&bytes).used <= bytes.len());
        let shown = [authenticator_data(&bytes), attestation_object(&bytes), client_data(&text)];
        for field in shown.iter().flatten() {
            prop_assert!(field.value.chars().count() <= VALUE_LIMIT + 1);
        }
        let _ = from_hex(&text);
    }
}
