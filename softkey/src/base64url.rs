//! base64url without padding, the way WebAuthn writes bytes in JSON.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose};

/// Bytes as base64url without padding.
pub fn base64url(bytes: &[u8]) -> String {
    general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads base64url without padding; `None` for anything else.
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    general_purpose::URL_SAFE_NO_PAD.decode(text).ok()
}

/// Reads what portals write in their options: either alphabet, with padding or without. Their own
/// pages turn it into bytes before a browser sees it, so the flavour is not a browser's business.
pub(crate) fn from_any_base64(text: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    const ENGINE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);
    ENGINE.decode(text.replace('+', "-").replace('/', "_")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_portal_may_write_either_alphabet() {
        for text in ["-_8", "-_8=", "+/8=", "+/8"] {
            assert_eq!(from_any_base64(text), Some(vec![0xfb, 0xff]), "{text}");
        }
        assert_eq!(from_any_base64("-_8!"), None);
    }

    #[test]
    fn the_strict_reader_takes_one_flavour() {
        assert_eq!(from_base64url("-_8"), Some(vec![0xfb, 0xff]));
        for text in ["-_8=", "+/8", "-_9", "-_8 ", "-"] {
            assert_eq!(from_base64url(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn bytes_survive_the_text(bytes in any::<Vec<u8>>()) {
            let text = base64url(&bytes);
            prop_assert_eq!(from_base64url(&text), Some(bytes.clone()));
            prop_assert_eq!(from_any_base64(&text), Some(bytes));
        }
    }
}
