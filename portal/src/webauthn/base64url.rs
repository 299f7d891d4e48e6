//! Base64url as the portal reads it: strictly for its checks, and leniently to go on where a
//! defective portal forgot one.

use base64::{
    Engine as _, alphabet,
    engine::{
        DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::URL_SAFE_NO_PAD,
    },
};

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// Without padding, without spare bits, in the URL-safe alphabet.
pub(crate) fn strict(text: &str) -> Option<Vec<u8>> {
    base64_simd::URL_SAFE_NO_PAD.decode_to_vec(text).ok()
}

/// The same, behind other bytes; whether there was something to decode.
pub(super) fn strict_onto(text: &str, bytes: &mut Vec<u8>) -> bool {
    let before = bytes.len();
    let decoded = base64_simd::URL_SAFE_NO_PAD.decode_append(text, bytes).is_ok();
    if !decoded {
        bytes.truncate(before);
    }
    decoded
}

/// Either alphabet, padded or not.
pub(crate) fn lenient(text: &str) -> Option<Vec<u8>> {
    strict(text).or_else(|| tidied(text))
}

fn tidied(text: &str) -> Option<Vec<u8>> {
    let bare = text.trim().trim_end_matches('=');
    LENIENT.decode(bare.replace('+', "-").replace('/', "_")).ok()
}

/// The text of bytes.
pub(crate) fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn strict_refuses_what_lenient_reads() {
        for odd in ["-_8=", "-_8==", "+/8", "-_9"] {
            assert_eq!(strict(odd), None, "{odd}");
            let mut before = vec![1];
            assert!(!strict_onto(odd, &mut before), "{odd}");
            assert_eq!(before, [1], "{odd}");
            assert_eq!(lenient(odd), Some(vec![0xfb, 0xff]), "{odd}");
        }
        assert_eq!(strict("-_8"), Some(vec![0xfb, 0xff]));
        let mut before = vec![1];
        assert!(strict_onto("-_8", &mut before));
        assert_eq!(before, [1, 0xfb, 0xff]);
        assert_eq!(text(&[0xfb, 0xff]), "-_8");
        assert_eq!(lenient("?"), None);
    }

    proptest! {
        #[test]
        fn strict_reads_what_another_library_does(text in "[-_A-Za-z0-9+/= ]{0,90}") {
            prop_assert_eq!(strict(&text), URL_SAFE_NO_PAD.decode(&text).ok());
        }

        #[test]
        fn bytes_come_back(bytes: Vec<u8>) {
            prop_assert_eq!(strict(&text(&bytes)), Some(bytes));
        }
    }
}
