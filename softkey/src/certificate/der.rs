//! A writer for the little DER that certificates and public keys need.

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const NULL: u8 = 0x05;
pub(crate) const OBJECT_ID: u8 = 0x06;
pub(crate) const UTF8_STRING: u8 = 0x0c;
pub(crate) const PRINTABLE_STRING: u8 = 0x13;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// `[n]`, constructed.
pub(crate) const fn context(n: u8) -> u8 {
    0xa0 | n
}

/// `[n]`, primitive.
pub(crate) const fn context_primitive(n: u8) -> u8 {
    0x80 | n
}

/// One element: tag, shortest length, contents.
pub(crate) fn element(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    match u8::try_from(contents.len()) {
        Ok(short) if short < 0x80 => bytes.push(short),
        Ok(_) | Err(_) => {
            let length = contents.len().to_be_bytes();
            let zeros = length.iter().take_while(|byte| **byte == 0).count();
            let digits = &length[zeros..];
            bytes.push(0x80 | u8::try_from(digits.len()).expect("a length has at most 16 bytes"));
            bytes.extend(digits);
        }
    }
    bytes.extend(contents);
    bytes
}

/// A sequence of elements.
pub(crate) fn sequence(elements: &[Vec<u8>]) -> Vec<u8> {
    element(SEQUENCE, &elements.concat())
}

/// A whole number that is not negative, from its big-endian bytes.
pub(crate) fn unsigned(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let digits = &bytes[zeros..];
    match digits.first() {
        Some(first) if *first < 0x80 => element(INTEGER, digits),
        Some(_) | None => element(INTEGER, &[&[0], digits].concat()),
    }
}

/// A bit string of whole bytes.
pub(crate) fn bits(bytes: &[u8]) -> Vec<u8> {
    element(BIT_STRING, &[&[0], bytes].concat())
}

/// The contents of the object ids in use.
pub(crate) mod oid {
    pub(crate) const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
    pub(crate) const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
    pub(crate) const ECDSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
    pub(crate) const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
    pub(crate) const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    pub(crate) const RSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
    pub(crate) const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
    pub(crate) const COUNTRY: &[u8] = &[0x55, 0x04, 0x06];
    pub(crate) const ORGANIZATION: &[u8] = &[0x55, 0x04, 0x0a];
    pub(crate) const ORGANIZATIONAL_UNIT: &[u8] = &[0x55, 0x04, 0x0b];
    pub(crate) const SUBJECT_KEY_ID: &[u8] = &[0x55, 0x1d, 0x0e];
    pub(crate) const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
    pub(crate) const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
    pub(crate) const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1d, 0x23];
    /// 1.3.6.1.4.1.45724.1.1.4, the AAGUID of an attestation certificate (WebAuthn §8.2.1).
    pub(crate) const AAGUID: &[u8] =
        &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0xe5, 0x1c, 0x01, 0x01, 0x04];
}

/// An object id.
pub(crate) fn object_id(contents: &[u8]) -> Vec<u8> {
    element(OBJECT_ID, contents)
}

/// SubjectPublicKeyInfo of a P-256 key (RFC 5480).
pub(crate) fn p256_key(point: &[u8]) -> Vec<u8> {
    let algorithm = sequence(&[object_id(oid::EC_PUBLIC_KEY), object_id(oid::P256)]);
    sequence(&[algorithm, bits(point)])
}

/// SubjectPublicKeyInfo of an Ed25519 key (RFC 8410).
pub(crate) fn ed25519_key(x: &[u8]) -> Vec<u8> {
    sequence(&[sequence(&[object_id(oid::ED25519)]), bits(x)])
}

/// SubjectPublicKeyInfo of an RSA key (RFC 3279).
pub(crate) fn rsa_key(n: &[u8], e: &[u8]) -> Vec<u8> {
    let algorithm = sequence(&[object_id(oid::RSA), element(NULL, &[])]);
    sequence(&[algorithm, bits(&rsa_numbers(n, e))])
}

/// RSAPublicKey (RFC 8017 A.1.1).
pub(crate) fn rsa_numbers(n: &[u8], e: &[u8]) -> Vec<u8> {
    sequence(&[unsigned(n), unsigned(e)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_as_short_as_can_be() {
        for (length, expected) in [
            (0, vec![4, 0]),
            (127, vec![4, 127]),
            (128, vec![4, 0x81, 128]),
            (255, vec![4, 0x81, 255]),
            (256, vec![4, 0x82, 1, 0]),
            (65536, vec![4, 0x83, 1, 0, 0]),
        ] {
            let bytes = element(OCTET_STRING, &vec![7; length]);
            assert_eq!(bytes[..expected.len()], expected, "{length}");
            assert_eq!(bytes.len(), expected.len() + length);
        }
    }

    #[test]
    fn whole_numbers_are_never_negative() {
        assert_eq!(unsigned(&[0, 0, 1]), [2, 1, 1]);
        assert_eq!(unsigned(&[0x80]), [2, 2, 0, 0x80]);
        assert_eq!(unsigned(&[0]), [2, 1, 0]);
    }
}
