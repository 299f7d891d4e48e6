//! What the encodings in a text decode to: base64, hexadecimal and base32 wherever they begin, and
//! quoted-printable, and what escapes would be without the blanks within them. Only what can be read is kept, since nothing else holds an encoding of something.

use std::ops::Range;

use super::layer::Layer;

/// Fewest characters in a row that are read; bytes that are no text seldom look like so many.
const READ_FROM: usize = 8;

/// Fewest bytes that a run of digits must decode to.
const BYTES_FROM: usize = 8;

/// What stands between two things that were decoded; no part of any digit.
const BETWEEN: &[u8] = b"\"";

/// Adds everything in a layer that decodes to something that can be read. `reach` is how far around an
/// escape of quoted-printable is looked. Nothing is added to more than `limit` bytes.
pub(super) fn decoded(layer: &Layer<'_>, reach: usize, limit: usize, above: &mut Layer<'_>) {
    let bytes = &*layer.bytes;
    let (mut run, mut pairs) = (Run::default(), Run::default());
    let mut at = 0;
    while let Some(gap) = bytes[at..].iter().position(|byte| DIGITS[usize::from(*byte)] != NONE) {
        let (before, start) = (at, at + gap);
        let digits = bytes[start..].iter().position(|byte| DIGITS[usize::from(*byte)] == NONE);
        at = digits.map_or(bytes.len(), |length| start + length);
        if !run.pieces.is_empty() && !run.is_joined(bytes, before..start, at - start) {
            let last = run.pieces.last().filter(|last| last.len() == at - start).cloned();
            run.decode(layer, above);
            // Of one width with this, it may be what the run begins with, and what came before is not.
            run.pieces.extend(last.filter(|_| (before..start).all(|at| is_unseen(bytes, at))));
        }
        run.pieces.push(start..at);
        if !pairs.pieces.is_empty() && !is_between_pairs(&bytes[before..start]) {
            pairs.decode_pairs(layer, above);
        }
        let hex = |pair: &[u8; 2]| pair.iter().all(u8::is_ascii_hexdigit);
        match bytes[start..at] {
            [a, b] if hex(&[a, b]) => pairs.pieces.push(start..at),
            [b'0', b'x' | b'X', a, b, ref rest @ ..] if hex(&[a, b]) => {
                pairs.pieces.push(start + 2..start + 4);
                if !rest.is_empty() {
                    pairs.decode_pairs(layer, above);
                }
            }
            [.., b'0', b'x' | b'X', a, b] if hex(&[a, b]) => {
                pairs.decode_pairs(layer, above);
                pairs.pieces.push(at - 2..at);
            }
            _ => pairs.decode_pairs(layer, above),
        }
        if above.bytes.len() > limit {
            return;
        }
    }
    run.decode(layer, above);
    pairs.decode_pairs(layer, above);
    quoted_printable(layer, reach, above);
    joined(layer, reach, above);
}

/// No digit of base64.
const NONE: u8 = 64;

/// What each byte is worth as a digit of base64 or base64url.
const DIGITS: [u8; 256] = {
    let mut table = [NONE; 256];
    let mut byte = 0_usize;
    while byte < 256 {
        table[byte] = match byte.to_le_bytes()[0] {
            letter @ b'A'..=b'Z' => letter - b'A',
            letter @ b'a'..=b'z' => letter - b'a' + 26,
            digit @ b'0'..=b'9' => digit - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => NONE,
        };
        byte += 1;
    }
    table
};

/// Whether a pair of hexadecimal digits with `0x` before it begins here.
fn is_hex_prefix(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at..at + 4), Some([b'0', b'x' | b'X', a, b])
        if a.is_ascii_hexdigit() && b.is_ascii_hexdigit())
}

/// Whether a byte is part of a blank, a line break, or a character that cannot be seen.
pub(super) fn is_unseen(bytes: &[u8], at: usize) -> bool {
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

/// Digits that follow each other, in pieces with nothing of weight between them.
#[derive(Default)]
struct Run {
    pieces: Vec<Range<usize>>,
    /// Where every digit stands, what it is worth, and what they decode to; room that is used again.
    places: Vec<usize>,
    values: Vec<u8>,
    decoded: Vec<u8>,
}

impl Run {
    /// Whether a piece after a gap goes on with the run: after a line break, or a blank where the pieces
    /// are all of one width, the last one perhaps shorter.
    fn is_joined(&self, bytes: &[u8], gap: Range<usize>, length: usize) -> bool {
        let (Some(first), Some(last)) = (self.pieces.first(), self.pieces.last()) else {
            return true;
        };
        let breaks = bytes[gap.clone()].iter().any(|byte| *byte != b' ');
        let even = first.len() == last.len() && length <= last.len();
        (breaks || even) && gap.into_iter().all(|at| is_unseen(bytes, at))
    }

    /// Decodes the run, which has come to its end, as everything that it or a part of it may be.
    fn decode(&mut self, layer: &Layer<'_>, above: &mut Layer<'_>) {
        let length: usize = match &*self.pieces {
            [only] => only.len(),
            pieces => pieces.iter().map(ExactSizeIterator::len).sum(),
        };
        if length * 6 / 8 < BYTES_FROM {
            self.pieces.clear();
            return;
        }
        if self.pieces.len() > 1 {
            // What stands before or after a piece may be no part of it.
            let alone = |piece: &&Range<usize>| piece.len() * 6 / 8 >= BYTES_FROM;
            let pieces: Vec<_> = self.pieces.iter().filter(alone).cloned().collect();
            for piece in pieces {
                self.decode_as::<6>(&piece.collect::<Vec<_>>(), layer, above);
            }
        }
        let all: Vec<usize> = self.pieces.drain(..).flatten().collect();
        let bytes = &*layer.bytes;
        let hex = |at: usize| bytes[at].is_ascii_hexdigit() || is_beside_hex(bytes, at);
        let base32 = |at: usize, letters: fn(&u8) -> bool| {
            letters(&bytes[at]) || matches!(bytes[at], b'2'..=b'7')
        };
        let mut rest = length;
        for part in all.split(|at| !hex(*at)).filter(|part| part.len() * 4 / 8 >= BYTES_FROM) {
            self.decode_as::<4>(part, layer, above);
            rest -= part.len();
        }
        for letters in [u8::is_ascii_uppercase, u8::is_ascii_lowercase] {
            let parts = all.split(|at| !base32(*at, letters));
            for part in parts.filter(|part| part.len() * 5 / 8 >= BYTES_FROM) {
                self.decode_as::<5>(part, layer, above);
            }
        }
        // So much base64 has letters beyond those of hexadecimal.
        if rest > 0 || length < 24 {
            self.decode_as::<6>(&all, layer, above);
        }
    }

    /// Decodes the run as pairs of hexadecimal digits.
    fn decode_pairs(&mut self, layer: &Layer<'_>, above: &mut Layer<'_>) {
        if self.pieces.len() < BYTES_FROM {
            self.pieces.clear();
            return;
        }
        let all: Vec<usize> = self.pieces.drain(..).flatten().collect();
        self.decode_as::<4>(&all, layer, above);
    }

    /// Decodes digits of so many bits, from each of them that the beginning may be.
    fn decode_as<const WIDTH: usize>(
        &mut self,
        digits: &[usize],
        layer: &Layer<'_>,
        above: &mut Layer<'_>,
    ) {
        self.values.clear();
        self.places.clear();
        for at in digits.iter().copied() {
            if WIDTH != 4 || !is_beside_hex(&layer.bytes, at) {
                self.values.push(worth::<WIDTH>(layer.bytes[at]));
                if layer.keeps_places() {
                    self.places.push(at);
                }
            }
        }
        if self.values.len() * WIDTH / 8 < BYTES_FROM {
            return;
        }
        // So many digits later the bytes begin at a digit again.
        let begins = match WIDTH {
            6 => 4,
            4 => 2,
            _ => 8,
        };
        for skipped in 0..begins {
            self.decoded.clear();
            bytes_of::<WIDTH>(self.values.get(skipped..).unwrap_or_default(), &mut self.decoded);
            let place = |range: Range<usize>| {
                let at = |bit| self.places.get(skipped + bit / WIDTH).copied().unwrap_or_default();
                at(range.start * 8)..at(range.end * 8 - 1) + 1
            };
            for part in readable(&self.decoded) {
                let mut at = part.start;
                above.push(BETWEEN, layer, place(at..at + 1));
                while let Some((c, length)) = self.decoded.get(at..part.end).and_then(character) {
                    let utf8 = &mut [0; 4];
                    above.push(c.encode_utf8(utf8).as_bytes(), layer, place(at..at + length));
                    at += length;
                }
            }
        }
    }
}

/// Whether a byte stands between pairs of hexadecimal digits and is none: a hyphen, a plus, or a part
/// of `0x`.
fn is_beside_hex(bytes: &[u8], at: usize) -> bool {
    match bytes[at] {
        b'-' | b'+' => true,
        b'0' => is_hex_prefix(bytes, at),
        b'x' | b'X' => at > 0 && is_hex_prefix(bytes, at - 1),
        _ => false,
    }
}

/// What a byte is worth as a digit of so many bits.
fn worth<const WIDTH: usize>(byte: u8) -> u8 {
    match (WIDTH, byte) {
        (6, _) => DIGITS[usize::from(byte)],
        (5, b'0'..=b'9') => byte.wrapping_sub(b'2') + 26,
        (5, _) => byte.to_ascii_lowercase().wrapping_sub(b'a'),
        (_, b'0'..=b'9') => byte - b'0',
        _ => byte.to_ascii_lowercase().wrapping_sub(b'a' - 10),
    }
}

/// Whether two pairs of hexadecimal digits with this between them belong together.
fn is_between_pairs(gap: &[u8]) -> bool {
    let usual =
        |byte: &u8| matches!(byte, b' ' | b':' | b',' | b';' | b'.' | b'\t' | b'\r' | b'\n');
    (1..4).contains(&gap.len()) && gap.iter().all(usual)
}

/// The bytes that digits of so many bits stand for.
fn bytes_of<const WIDTH: usize>(values: &[u8], decoded: &mut Vec<u8>) {
    let mut rest = values;
    if WIDTH == 6 {
        let (whole, last) = values.as_chunks::<4>();
        for [a, b, c, d] in whole {
            decoded.extend_from_slice(&[a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d]);
        }
        rest = last;
    }
    let (mut bits, mut held) = (0_u32, 0);
    for value in rest {
        bits = (bits << WIDTH) | u32::from(*value);
        held += WIDTH;
        if held >= 8 {
            held -= 8;
            decoded.push((bits >> held).to_le_bytes()[0]);
        }
    }
}

/// The parts of some bytes that can be read, each long enough that chance is not behind it.
fn readable(bytes: &[u8]) -> Vec<Range<usize>> {
    let (mut parts, mut at, mut begun, mut row) = (Vec::new(), 0, 0, 0);
    while at < bytes.len() {
        // Most bytes can be told at once.
        let length = match bytes.get(at..at + 2) {
            Some([0x20..=0x7e, 0x20..=0xff]) => 1,
            Some([1..=8 | 0x10..=0x1f | 0x7f..=0xbf, 1..=0xff] | [0xc0..=0xff, 1..=0x7f]) => 0,
            Some(_) | None => length(&bytes[at..]),
        };
        if length > 0 {
            row += 1;
            at += length;
            continue;
        }
        if row >= READ_FROM {
            parts.push(begun..at);
        }
        at += 1;
        (begun, row) = (at, 0);
    }
    if row >= READ_FROM {
        parts.push(begun..at);
    }
    parts
}

/// Length of the character that bytes begin with: printable or white space, in UTF-8 or, where it is one
/// of Latin letters, in UTF-16 or UTF-32 of either order. 0 where they begin with none.
fn length(bytes: &[u8]) -> usize {
    let latin = |byte: u8| matches!(byte, 9 | 10 | 13 | 0x20..=0x7e | 0xa0..);
    match *bytes {
        [0, 0, 0, byte, ..] | [byte, 0, 0, 0, ..] if latin(byte) => 4,
        // A zero between characters of UTF-8.
        [0, 0xc2..=0xdf, 0x80..=0xbf, ..] => 1,
        [0, byte, ..] | [byte, 0, ..] if latin(byte) => 2,
        // What cannot be seen, in UTF-16.
        [0x20, 0x0b..=0x0f, ..] | [0x0b..=0x0f, 0x20, ..] | [0xfe, 0xff, ..] | [0xff, 0xfe, ..] => {
            2
        }
        [9 | 10 | 13 | 0x20..=0x7e, ..] => 1,
        [0xc2..=0xdf, 0x80..=0xbf, ..] => 2,
        [0xe0..=0xef, 0x80..=0xbf, 0x80..=0xbf, ..] => 3,
        [0xf0..=0xf4, 0x80..=0xbf, 0x80..=0xbf, 0x80..=0xbf, ..] => 4,
        _ => 0,
    }
}

/// The character that bytes begin with, as [`length`] reads them.
fn character(bytes: &[u8]) -> Option<(char, usize)> {
    let length = length(bytes);
    let c = match bytes.get(..length)? {
        [0, 0, 0, byte] | [byte, 0, 0, 0] | [0, byte] | [byte, 0] | [byte] => char::from(*byte),
        other => std::str::from_utf8(other)
            .ok()
            .and_then(|text| text.chars().next())
            .unwrap_or('\u{feff}'),
    };
    (length > 0).then_some((c, length))
}

/// The surroundings of each escape of quoted-printable, without the escapes.
pub(super) fn quoted_printable(layer: &Layer<'_>, reach: usize, above: &mut Layer<'_>) {
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
pub(super) fn breaks_lines(bytes: &[u8]) -> bool {
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

    #[track_caller]
    fn check(text: &str, inner: &str) {
        let layer = Layer::of(text.as_bytes(), true);
        let mut above = layer.above();
        decoded(&layer, 100, usize::MAX, &mut above);
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
        decoded(&layer, 100, usize::MAX, &mut above);
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
