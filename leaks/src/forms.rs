//! The forms in which a secret may turn up, once escapes are undone: as it is, spread out, by its letters
//! and digits alone, and as a part of base64, base32 or hexadecimal.

use std::fmt;

use crate::{decode, escapes, layer::Layer};

/// How a secret was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// As it is.
    Plain,
    /// Escaped, as JSON, HTML and URLs do it, or spread out by blanks and line breaks.
    Escaped,
    /// Its letters and digits alone, capital or small.
    Letters,
    /// Base64 or base64url.
    Base64,
    /// Base32.
    Base32,
    /// Hexadecimal.
    Hex,
    /// One encoding within another.
    Nested,
    /// It could not be found out: encodings within each other without an end.
    Unsearchable,
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Plain => "plain",
            Self::Escaped => "escaped",
            Self::Letters => "letters-and-digits",
            Self::Base64 => "base64",
            Self::Base32 => "base32",
            Self::Hex => "hex",
            Self::Nested => "nested",
            Self::Unsearchable => "unsearchable",
        })
    }
}

/// Secrets shorter than this are looked for as whole words only, and not in base64 or hexadecimal.
const WORDS_BELOW: usize = 6;

/// From this length on a secret is found inside of longer base64 too, and spread out.
const EMBEDDED_FROM: usize = 8;

/// From so many letters and digits on they are enough, whatever stands between them.
const LETTERS_FROM: usize = 12;

/// Codes of authenticators: digits only, up to this length. They are taken as whole words.
const CODE_LENGTH: usize = 8;

/// Whether a secret counts only where it stands as a word of its own.
pub(crate) fn is_word(value: &str) -> bool {
    value.len() < WORDS_BELOW
        || (value.len() <= CODE_LENGTH && value.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a secret is so short that nothing may stand between its letters.
pub(crate) fn is_short(value: &str) -> bool {
    is_word(value) || value.len() < EMBEDDED_FROM
}

/// What a secret is to be looked for as: each list in the alphabet of one way to read a text.
#[derive(Default)]
pub(crate) struct Forms {
    /// In the text and, where it is short, in the text without escapes.
    pub(crate) exact: Vec<(Form, Vec<u8>)>,
    /// In the text without escapes, blanks, and what cannot be seen.
    pub(crate) squeezed: Vec<(Form, Vec<u8>)>,
    /// In its letters and digits, all of them small.
    pub(crate) letters: Vec<(Form, Vec<u8>)>,
    /// In its base64 digits, those of base64url written as base64 does.
    pub(crate) base64: Vec<(Form, Vec<u8>)>,
}

/// Every form of a secret.
pub(crate) fn forms(value: &str) -> Forms {
    let mut forms = Forms { exact: vec![(Form::Plain, value.into())], ..Forms::default() };
    if is_short(value) && value.contains(' ') {
        forms.exact.push((Form::Escaped, value.replace(' ', "+").into()));
    }
    if is_word(value) {
        return forms;
    }
    forms.letters.push((Form::Hex, digits(value.as_bytes(), 0, 4, b"0123456789abcdef")));
    encodings(value.as_bytes(), &mut forms);
    if !value.is_ascii() {
        let wide =
            |bytes: fn(u16) -> [u8; 2]| value.encode_utf16().flat_map(bytes).collect::<Vec<_>>();
        encodings(&wide(u16::to_le_bytes), &mut forms);
        encodings(&wide(u16::to_be_bytes), &mut forms);
    }
    if is_short(value) {
        return forms;
    }
    let layer = Layer::of(value.as_bytes(), false);
    let plain = escapes::unescaped(&layer).unwrap_or(layer);
    let squeezed = all(&plain.bytes, squeezed);
    if squeezed.len() >= EMBEDDED_FROM {
        forms.squeezed.push((Form::Escaped, squeezed));
    }
    let letters = all(&plain.bytes, letters);
    if letters.len() >= LETTERS_FROM && is_token(&plain.bytes) {
        forms.letters.push((Form::Letters, letters));
    }
    forms
}

/// Base64 and base32 of some bytes by themselves, or the part of it that no neighbour can change,
/// wherever they begin within something longer.
fn encodings(bytes: &[u8], forms: &mut Forms) {
    let begins = |each: usize| if bytes.len() < EMBEDDED_FROM { 1 } else { each };
    for before in 0..begins(3) {
        forms.base64.push((Form::Base64, digits(bytes, before, 6, BASE64)));
    }
    for before in 0..begins(5) {
        forms
            .letters
            .push((Form::Base32, digits(bytes, before, 5, b"abcdefghijklmnopqrstuvwxyz234567")));
    }
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The digits, of so many bits each, that stand for some bytes after `before` others, whatever those are
/// and whatever comes after them. Short bytes stand alone: their last digit counts too.
fn digits(bytes: &[u8], before: usize, width: usize, alphabet: &[u8]) -> Vec<u8> {
    let bit = |at: usize| {
        let byte = (at / 8).checked_sub(before).and_then(|index| bytes.get(index));
        byte.map_or(0, |byte| usize::from(*byte >> (7 - at % 8) & 1))
    };
    let bits = (before + bytes.len()) * 8;
    let alone = bytes.len() < EMBEDDED_FROM;
    let last = if alone { bits.div_ceil(width) } else { bits / width };
    let value = |digit: usize| (0..width).fold(0, |value, at| value << 1 | bit(digit * width + at));
    ((before * 8).div_ceil(width)..last)
        .filter_map(|digit| alphabet.get(value(digit)).copied())
        .collect()
}

/// How a byte of a text is read by one of the ways to read it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Read {
    Byte(u8),
    /// It does not count.
    Skipped,
    /// Nothing goes on after it that was before it.
    Ends,
}

/// One way to read the byte at a place.
pub(crate) type Reader = fn(&[u8], usize) -> Read;

/// What some bytes are in one way to read them.
fn all(bytes: &[u8], read: Reader) -> Vec<u8> {
    let kept = (0..bytes.len()).filter_map(|at| match read(bytes, at) {
        Read::Byte(byte) => Some(byte),
        Read::Skipped | Read::Ends => None,
    });
    kept.collect()
}

/// Every byte as it is.
pub(crate) fn exact(bytes: &[u8], at: usize) -> Read {
    Read::Byte(bytes[at])
}

/// Without blanks, what cannot be seen, and the plus that stands for a blank in URLs.
pub(crate) fn squeezed(bytes: &[u8], at: usize) -> Read {
    match bytes[at] {
        byte @ (b'!'..=b'*' | b','..=b'~') => Read::Byte(byte),
        byte if !byte.is_ascii() && !decode::is_unseen(bytes, at) => Read::Byte(byte),
        _ => Read::Skipped,
    }
}

/// Whether all of it could stand in a name. What is made of words, as JSON and addresses are, shares its
/// letters with texts that hold no secret.
fn is_token(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/=!$*|^".contains(byte))
}

/// The letters and digits of ASCII, all small.
pub(crate) fn letters(bytes: &[u8], at: usize) -> Read {
    match bytes[at] {
        byte if byte.is_ascii_alphanumeric() => Read::Byte(byte.to_ascii_lowercase()),
        _ => Read::Skipped,
    }
}

/// Digits of base64, and of base64url as if they were.
pub(crate) fn base64(bytes: &[u8], at: usize) -> Read {
    match bytes[at] {
        b'-' => Read::Byte(b'+'),
        b'_' => Read::Byte(b'/'),
        byte if byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/') => Read::Byte(byte),
        _ if decode::is_unseen(bytes, at) => Read::Skipped,
        _ => Read::Ends,
    }
}
