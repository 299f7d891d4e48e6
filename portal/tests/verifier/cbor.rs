//! The CBOR reader, against an encoder that it does not share code with.

use ciborium::Value as Outside;
use proptest::prelude::*;

use portal::webauthn::cbor::{Item, Value, read};

use crate::answers::encoded;

fn value() -> impl Strategy<Value = (Outside, Value<'static>)> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(|n| (Outside::from(n), Value::Integer(n.into()))),
        any::<u64>().prop_map(|n| (Outside::from(n), Value::Integer(n.into()))),
        any::<bool>().prop_map(|b| (Outside::from(b), Value::Bool(b))),
        Just((Outside::Null, Value::Other(22, 22))),
        any::<Vec<u8>>().prop_map(|b| (Outside::Bytes(b.clone()), Value::Bytes(b.into()))),
        any::<String>().prop_map(|t| (Outside::from(t.clone()), Value::Text(t.into()))),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(|items| {
                let (outside, ours) = items.into_iter().unzip();
                (Outside::Array(outside), Value::Array(ours))
            }),
            prop::collection::vec((inner.clone(), inner), 0..6).prop_map(|members| {
                let (outside, ours) =
                    members.into_iter().map(|((a, b), (c, d))| ((a, c), (b, d))).unzip();
                (Outside::Map(outside), Value::Map(ours))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn reads_what_an_outside_library_writes((outside, ours) in value(), tail: Vec<u8>) {
        let bytes = encoded(&outside);
        let whole = [bytes.clone(), tail].concat();
        let item = read(&whole).unwrap();
        prop_assert_eq!(item.length, bytes.len());
        prop_assert!(item.canonical);
        prop_assert_eq!(item.value, ours);
        prop_assert!((0..bytes.len()).all(|short| read(&bytes[..short]).is_none()));
    }

    #[test]
    fn any_bytes_are_read_or_refused_and_never_past_their_end(bytes: Vec<u8>) {
        if let Some(item) = read(&bytes) {
            prop_assert!(item.length <= bytes.len());
        }
    }
}

#[test]
fn departures_from_the_strict_form_are_told() {
    let cases: &[(&[u8], bool, bool)] = &[
        (b"\xa2\x01\x02\x03\x04", true, true),
        (b"\xa2\x01\x02\x01\x04", true, false),
        (b"\x81\xa2\x61a\x00\x61a\x00", true, false),
        (b"\x18\x17", false, true),
        (b"\x19\x00\xff", false, true),
        (b"\x1a\x00\x00\xff\xff", false, true),
        (b"\x58\x01a", false, true),
        (b"\x5f\x41a\x41b\xff", false, true),
        (b"\xbf\x01\x02\xff", false, true),
        (b"\xf9\x00\x00", true, true),
    ];
    for (bytes, canonical, distinct) in cases {
        let Item { canonical: own, distinct: unlike, length, .. } = read(bytes).unwrap();
        assert_eq!((own, unlike), (*canonical, *distinct), "{bytes:02x?}");
        assert_eq!(length, bytes.len());
    }
}

#[test]
fn what_is_no_item_or_too_much_is_refused() {
    let deep = [vec![0x81; 9], vec![0]].concat();
    let cases: &[&[u8]] = &[
        b"",
        b"\x1c",
        b"\x1f",
        b"\xff",
        b"\xc0\x00",
        b"\xf8\x1f",
        b"\x61\xff",
        b"\x5f\x61a\xff",
        b"\x5f\x5f\xff\xff",
        b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\xbf\x01\xff",
        &deep,
    ];
    for bytes in cases {
        assert_eq!(read(bytes), None, "{bytes:02x?}");
    }
    assert!(read(&deep[1..]).is_some());
    assert_eq!(read(&vec![0x81; 100_000]), None);
}

#[test]
fn of_a_repeated_key_the_last_counts() {
    let item = read(b"\xa3\x01\x02\x01\x03\x61a\xf5").unwrap();
    assert_eq!(item.value.numbered(1), Some(&Value::Integer(3)));
    assert_eq!(item.value.named("a"), Some(&Value::Bool(true)));
    assert_eq!(item.value.named("b"), None);
}
