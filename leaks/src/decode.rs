//! What the encodings in a text decode to: base64, hexadecimal and base32 wherever they begin, and
//! quoted-printable, and what escapes would be without the blanks within them. Only what can be read is
//! kept, since nothing else holds an encoding of something.

mod readable;
mod run;

use std::ops::Range;

use self::{
    readable::Reading,
    run::{Run, is_digit},
};
use crate::layer::Layer;

/// Fewest characters in a row that are read; bytes that are no text seldom look like so many.
pub(crate) const READ_FROM: usize = 8;

/// Fewest bytes that a run of digits must decode to.
const BYTES_FROM: usize = 8;

/// What stands between two things that were decoded; no part of any digit.
const BETWEEN: &[u8] = b"\"";

/// What is worth decoding.
#[derive(Clone, Copy)]
pub(crate) struct Sought {
    /// How far around an escape of quoted-printable is looked, bytes.
    pub(crate) reach: usize,
    /// Fewest characters in a row that can hold what is looked for; [`READ_FROM`] at the least.
    pub(crate) least: usize,
}

/// Adds everything in a layer that decodes to something that can be read. Nothing is added to more than
/// `limit` bytes.
pub(crate) fn decoded(layer: &Layer<'_>, sought: Sought, limit: usize, above: &mut Layer<'_>) {
    let bytes = &*layer.bytes;
    let mut runs = Runs::default();
    let mut into = Reading { layer, above, least: sought.least };
    let mut at = 0;
    while let Some(gap) = bytes[at..].iter().position(|byte| is_digit(*byte)) {
        let (before, start) = (at, at + gap);
        let digits = bytes[start..].iter().position(|byte| !is_digit(*byte));
        at = digits.map_or(bytes.len(), |length| start + length);
        runs.take(before..start, start..at, &mut into);
        if into.above.bytes.len() > limit {
            return;
        }
    }
    runs.end(&mut into);
    quoted_printable(layer, sought.reach, above);
    joined(layer, sought.reach, above);
}

/// What digits in a row may be a part of.
#[derive(Default)]
struct Runs {
    run: Run,
    pairs: Run,
}

impl Runs {
    /// Takes digits in a row, and the gap before them.
    fn take(&mut self, gap: Range<usize>, digits: Range<usize>, into: &mut Reading<'_, '_, '_>) {
        let Self { run, pairs } = self;
        let bytes = &*into.layer.bytes;
        if !run.pieces.is_empty() && !run.is_joined(bytes, gap.clone(), digits.len()) {
            let last = run.pieces.last().filter(|last| last.len() == digits.len()).cloned();
            run.decode(into);
            // Of one width with this, it may be what the run begins with, and what came before is not.
            run.pieces.extend(last.filter(|_| gap.clone().all(|at| is_unseen(bytes, at))));
        }
        run.pieces.push(digits.clone());
        if !pairs.pieces.is_empty() && !is_between(&bytes[gap]) {
            pairs.decode_pairs(into);
        }
        let (start, end) = (digits.start, digits.end);
        let hex = |pair: &[u8; 2]| pair.iter().all(u8::is_ascii_hexdigit);
        match bytes[digits] {
            [a, b] if hex(&[a, b]) => pairs.pieces.push(start..end),
            [b'0', b'x' | b'X', a, b, ref rest @ ..] if hex(&[a, b]) => {
                pairs.pieces.push(start + 2..start + 4);
                if !rest.is_empty() {
                    pairs.decode_pairs(into);
                }
            }
            [.., b'0', b'x' | b'X', a, b] if hex(&[a, b]) => {
                pairs.decode_pairs(into);
                pairs.pieces.push(end - 2..end);
            }
            _ => pairs.decode_pairs(into),
        }
    }

    fn end(&mut self, into: &mut Reading<'_, '_, '_>) {
        self.run.decode(into);
        self.pairs.decode_pairs(into);
    }
}

/// Whether a byte is part of a blank, a line break, or a character that cannot be seen.
pub(crate) fn is_unseen(bytes: &[u8], at: usize) -> bool {
    let byte = bytes[at];
    if byte.is_ascii() {
        return byte <= b' ' || byte == 0x7f;
    }
    (0..3.min(at + 1)).any(|back| unseen(bytes, at - back) > back)
}

/// Length of the blank or unseen character beyond ASCII that begins here; 0 where none does.
fn unseen(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at..).unwrap_or_default() {
        [0xc2, 0x80..=0xa0 | 0xad, ..] | [0xcd, 0x8f, ..] => 2,
        [0xe2, 0x80, 0x80..=0x8f | 0xa8..=0xaf, ..]
        | [0xe2, 0x81, 0x9f..=0xaf, ..]
        | [0xe1, 0xa0, 0x8e, ..]
        | [0xe3, 0x80, 0x80, ..]
        | [0xef, 0xbb, 0xbf, ..] => 3,
        _ => 0,
    }
}

/// Whether two pairs of hexadecimal digits with this between them belong together.
fn is_between(gap: &[u8]) -> bool {
    let usual =
        |byte: &u8| matches!(byte, b' ' | b':' | b',' | b';' | b'.' | b'\t' | b'\r' | b'\n');
    (1..4).contains(&gap.len()) && gap.iter().all(usual)
}

/// The surroundings of each escape of quoted-printable, without the escapes.
pub(crate) fn quoted_printable(layer: &Layer<'_>, reach: usize, above: &mut Layer<'_>) {
    let bytes = &*layer.bytes;
    let signs = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'=');
    let escapes: Vec<_> =
        signs.filter_map(|(at, _)| quoted(&bytes[at..]).map(|escape| (at, escape))).collect();
    let mut copied = 0;
    for near in escapes.chunk_by(|one, next| next.0 - one.0 <= 2 * reach) {
        copied = near.first().map_or(copied, |(first, _)| copied.max(first.saturating_sub(reach)));
        above.push(BETWEEN, layer, copied..copied + 1);
        for (at, (meaning, length)) in near {
            above.copy(layer, copied..*at);
            above.push(meaning.as_slice(), layer, *at..at + length);
            copied = at + length;
        }
        let end = bytes.len().min(copied + reach);
        above.copy(layer, copied..end);
        copied = end;
    }
}

/// Whether there are line breaks of quoted-printable.
pub(crate) fn breaks_lines(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|pair| matches!(pair, [b'=', b'\r' | b'\n']))
}

/// The surroundings of each escape with a blank or a line break in it, without such.
fn joined(layer: &Layer<'_>, reach: usize, above: &mut Layer<'_>) {
    let bytes = &*layer.bytes;
    let mut broken = Vec::new();
    for at in 0..bytes.len() {
        if MAY_BE_BROKEN[usize::from(bytes[at])] && is_broken_escape(bytes, at) {
            broken.push(at);
        }
    }
    let mut copied = 0;
    for near in broken.chunk_by(|one, next| next - one <= 2 * reach) {
        let (Some(first), Some(last)) = (near.first(), near.last()) else { continue };
        let (start, end) = (copied.max(first.saturating_sub(reach)), bytes.len().min(last + reach));
        above.push(BETWEEN, layer, start..start + 1);
        (start..end)
            .filter(|at| !is_unseen(bytes, *at))
            .for_each(|at| above.copy(layer, at..at + 1));
        copied = end;
    }
}

/// What [`is_broken_escape`] is asked about.
const MAY_BE_BROKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = matches!(byte, 0x25 | 0x26 | 0x30 | 0x3d | 0x5c);
        byte += 1;
    }
    table
};

/// Whether what begins here would be an escape, or what stands before a hexadecimal pair, if it were not
/// for something that cannot be seen.
fn is_broken_escape(bytes: &[u8], at: usize) -> bool {
    let byte = bytes[at];
    let next = bytes.get(at + 1).is_some_and(|next| matches!(next, b'x' | b'X'));
    match byte {
        b'=' | b'%' | b'&' | b'\\' => {}
        b'0' if next || at + 1 < bytes.len() && is_unseen(bytes, at + 1) => {}
        _ => return false,
    }
    // What is seen of it, and how much of that stands before anything that is not.
    let mut seen = [b' '; 11];
    let (mut count, mut whole) = (0, 0);
    let start = at;
    for at in start + 1..bytes.len().min(start + 40) {
        if count == seen.len() {
            break;
        }
        if !is_unseen(bytes, at) {
            seen[count] = bytes[at];
            count += 1;
            whole += usize::from(whole + 1 == count && at == start + count);
        }
    }
    let hex = |range: Range<usize>| seen[range].iter().all(u8::is_ascii_hexdigit);
    let needs = match byte {
        b'=' if hex(0..2) => 2,
        b'0' if matches!(seen[0], b'x' | b'X') && hex(1..3) => 3,
        b'%' if hex(0..2) => 2,
        b'\\' if seen[0] == b'u' => 5,
        b'\\' if seen[0] == b'x' => 3,
        b'\\' => 1,
        b'&' if seen[0] == b'#' => 10,
        b'&' => seen.iter().position(|byte| *byte == b';').map_or(0, |end| end + 1),
        _ => 0,
    };
    whole < needs.min(count)
}

/// An escape of quoted-printable: a byte, or a line break that does not count.
fn quoted(bytes: &[u8]) -> Option<(Option<u8>, usize)> {
    let value = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    };
    match *bytes {
        [_, b'\n', ..] => Some((None, 2)),
        [_, b'\r', b'\n', ..] => Some((None, 3)),
        [_, a, b, ..] => Some((Some(value(a)? << 4 | value(b)?), 3)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    use super::*;

    const SOUGHT: Sought = Sought { reach: 100, least: READ_FROM };

    #[track_caller]
    fn check(text: &str, inner: &str) {
        let layer = Layer::of(text.as_bytes(), true);
        let mut above = layer.above();
        decoded(&layer, SOUGHT, usize::MAX, &mut above);
        let shown = String::from_utf8_lossy(&above.bytes).into_owned();
        let at = shown.find(inner).unwrap_or_else(|| panic!("{inner} in {shown:?} of {text:?}"));
        let place = above.in_text(at..at + inner.len());
        assert!(place.end <= text.len() && !place.is_empty(), "{place:?}");
    }

    #[test]
    fn encodings_are_decoded_wherever_they_begin() {
        let said = "the words of it";
        for before in ["", "a", "ab", "abc"] {
            let encoded = STANDARD.encode(said);
            check(&format!("<p>{before}{encoded}</p>"), &said[3..12]);
            check(
                &format!("<p>{before}\r\n {}\u{200b}\n{}", &encoded[..5], &encoded[5..]),
                &said[3..12],
            );
        }
        let hex: Vec<_> = said.bytes().map(|byte| format!("{byte:02x}")).collect();
        for between in ["", ":", " ", ", 0x", "0x"] {
            check(&format!("f{between}{}", hex.join(between)), said);
        }
        check("ORUGKIDXN5ZGI4ZAN5TCA2LU", said);
        check("orugkidxn5zgi4zan5tca2lu", said);
        check(&format!("{}the=20words o=\r\nf it{0}", " ".repeat(300)), said);
        let wide = |encode: fn(u16) -> [u8; 2]| {
            STANDARD.encode(said.encode_utf16().flat_map(encode).collect::<Vec<_>>())
        };
        check(&wide(u16::to_le_bytes), said);
        check(&wide(u16::to_be_bytes), &said[1..]);
    }

    #[test]
    fn what_cannot_be_read_is_left() {
        let noise: Vec<u8> =
            (0..200_u32).map(|n| ((n * n * 7919) >> 5).to_le_bytes()[0] | 0x80).collect();
        let encoded = STANDARD.encode(noise);
        let layer = Layer::of(encoded.as_bytes(), true);
        let mut above = layer.above();
        decoded(&layer, SOUGHT, usize::MAX, &mut above);
        assert_eq!(&*above.bytes, b"");
    }

    #[test]
    fn every_escape_of_quoted_printable_is_looked_around_once() {
        for gap in [0, 1, 9, 10, 11, 19, 20, 21, 50] {
            let text = format!("{0}=40{0}=41{0}", "x".repeat(gap));
            let layer = Layer::of(text.as_bytes(), true);
            let mut above = layer.above();
            quoted_printable(&layer, 10, &mut above);
            let shown = String::from_utf8_lossy(&above.bytes).into_owned();
            assert!(shown.contains('@') && shown.contains('A') && !shown.contains('='), "{shown}");
            assert!(above.bytes.len() <= text.len() + 2, "{shown}");
        }
    }
}
