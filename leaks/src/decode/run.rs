//! A run of digits, decoded as everything that it may be: hexadecimal, base32 and base64, from each digit
//! that the beginning may be.

use std::ops::Range;

use super::{BYTES_FROM, is_unseen, readable::Reading};
use crate::layer::Layer;

/// So much base64 has letters beyond those of hexadecimal, digits.
const NO_HEX_FROM: usize = 24;

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

/// Whether a byte is a digit of base64 or base64url, as those of every other encoding are.
pub(super) fn is_digit(byte: u8) -> bool {
    DIGITS[usize::from(byte)] != NONE
}

/// Digits that follow each other, in pieces with nothing of weight between them.
#[derive(Default)]
pub(super) struct Run {
    pub(super) pieces: Vec<Range<usize>>,
    /// The digits of several pieces, and where each stands; room that is used again.
    joined: Vec<u8>,
    places: Vec<usize>,
    decoder: Decoder,
}

impl Run {
    /// Whether a piece after a gap goes on with the run: after a line break, or a blank where the pieces
    /// are all of one width, the last one perhaps shorter.
    pub(super) fn is_joined(&self, bytes: &[u8], gap: Range<usize>, length: usize) -> bool {
        let (Some(first), Some(last)) = (self.pieces.first(), self.pieces.last()) else {
            return true;
        };
        let breaks = bytes[gap.clone()].iter().any(|byte| *byte != b' ');
        let even = first.len() == last.len() && length <= last.len();
        (breaks || even) && gap.into_iter().all(|at| is_unseen(bytes, at))
    }

    /// Decodes the run, which has come to its end, as everything that it or a part of it may be.
    pub(super) fn decode(&mut self, into: &mut Reading<'_, '_, '_>) {
        if self.is_long_enough(into.least) {
            if let [only] = &*self.pieces {
                self.decoder.decode(Digits::of(into.layer, only.clone()), into);
            } else {
                // What stands before or after a piece may be no part of it.
                for piece in &self.pieces {
                    self.decoder.decode_as::<6>(Digits::of(into.layer, piece.clone()), into);
                }
                self.join(into.layer);
                self.decoder.decode(Digits::joined(&self.joined, &self.places), into);
            }
        }
        self.pieces.clear();
    }

    /// Decodes the run as pairs of hexadecimal digits.
    pub(super) fn decode_pairs(&mut self, into: &mut Reading<'_, '_, '_>) {
        if self.pieces.len() >= into.least {
            self.join(into.layer);
            self.decoder.decode_as::<4>(Digits::joined(&self.joined, &self.places), into);
        }
        self.pieces.clear();
    }

    fn is_long_enough(&self, least: usize) -> bool {
        let length: usize = match &*self.pieces {
            [only] => only.len(),
            pieces => pieces.iter().map(ExactSizeIterator::len).sum(),
        };
        length * 6 / 8 >= least
    }

    fn join(&mut self, layer: &Layer<'_>) {
        self.joined.clear();
        self.places.clear();
        for piece in &self.pieces {
            self.joined.extend_from_slice(&layer.bytes[piece.clone()]);
            if layer.keeps_places() {
                self.places.extend(piece.clone());
            }
        }
    }
}

/// Digits in a row, and where they stand.
#[derive(Clone, Copy)]
struct Digits<'d> {
    bytes: &'d [u8],
    places: Places<'d>,
}

#[derive(Clone, Copy)]
enum Places<'d> {
    /// One after the other from here on.
    From(usize),
    /// Each by itself; none where nobody asks.
    Each(&'d [usize]),
}

impl<'d> Digits<'d> {
    fn of(layer: &'d Layer<'_>, range: Range<usize>) -> Self {
        Self { places: Places::From(range.start), bytes: &layer.bytes[range] }
    }

    fn joined(bytes: &'d [u8], places: &'d [usize]) -> Self {
        Self { bytes, places: Places::Each(places) }
    }

    fn part(self, range: Range<usize>) -> Self {
        let places = match self.places {
            Places::From(start) => Places::From(start + range.start),
            Places::Each(places) => Places::Each(places.get(range.clone()).unwrap_or_default()),
        };
        Self { bytes: &self.bytes[range], places }
    }

    fn place(self, index: usize) -> usize {
        match self.places {
            Places::From(start) => start + index,
            Places::Each(places) => places.get(index).copied().unwrap_or_default(),
        }
    }
}

/// Room that is used again.
#[derive(Default)]
struct Decoder {
    /// What every digit is worth and, where somebody asks, where it stands.
    values: Vec<u8>,
    places: Vec<usize>,
    decoded: Vec<u8>,
}

impl Decoder {
    /// Decodes digits as everything that they or a part of them may be.
    fn decode(&mut self, digits: Digits<'_>, into: &mut Reading<'_, '_, '_>) {
        let bytes = digits.bytes;
        let mut rest = bytes.len();
        let hex = |at: usize| bytes[at].is_ascii_hexdigit() || is_beside_hex(bytes, at);
        stretches(bytes.len(), BYTES_FROM * 2, hex, |part| {
            rest -= part.len();
            self.decode_as::<4>(digits.part(part), into);
        });
        for letters in [u8::is_ascii_uppercase, u8::is_ascii_lowercase] {
            let base32 = |at: usize| letters(&bytes[at]) || matches!(bytes[at], b'2'..=b'7');
            stretches(bytes.len(), (into.least * 8).div_ceil(5), base32, |part| {
                self.decode_as::<5>(digits.part(part), into);
            });
        }
        if rest > 0 || bytes.len() < NO_HEX_FROM {
            self.decode_as::<6>(digits, into);
        }
    }

    /// Decodes digits of so many bits, from each of them that the beginning may be.
    fn decode_as<const WIDTH: usize>(
        &mut self,
        digits: Digits<'_>,
        into: &mut Reading<'_, '_, '_>,
    ) {
        if digits.bytes.len() * WIDTH / 8 < into.least {
            return;
        }
        self.read::<WIDTH>(digits, into.layer.keeps_places());
        // So many digits later the bytes begin at a digit again.
        let begins = match WIDTH {
            6 => 4,
            4 => 2,
            _ => 8,
        };
        let Self { values, places, decoded } = self;
        for skipped in 0..begins {
            decoded.clear();
            bytes_of::<WIDTH>(values.get(skipped..).unwrap_or_default(), decoded);
            into.add(decoded, |range| {
                let at = |bit| places.get(skipped + bit / WIDTH).copied().unwrap_or_default();
                at(range.start * 8)..at(range.end * 8 - 1) + 1
            });
        }
    }

    /// Reads what the digits are worth.
    fn read<const WIDTH: usize>(&mut self, digits: Digits<'_>, keeps_places: bool) {
        self.values.clear();
        self.places.clear();
        for (at, byte) in digits.bytes.iter().enumerate() {
            if WIDTH != 4 || !is_beside_hex(digits.bytes, at) {
                self.values.push(worth::<WIDTH>(*byte));
                if keeps_places {
                    self.places.push(digits.place(at));
                }
            }
        }
    }
}

/// The longest ranges of so many places at least, at each of which something is so.
fn stretches(
    length: usize,
    least: usize,
    is: impl Fn(usize) -> bool,
    mut take: impl FnMut(Range<usize>),
) {
    // One that long holds one of these places.
    let (mut from, mut at) = (0, least - 1);
    while at < length {
        if is(at) {
            let start = (from..at).rev().take_while(|before| is(*before)).last().unwrap_or(at);
            let end = (at + 1..length).find(|after| !is(*after)).unwrap_or(length);
            if end - start >= least {
                take(start..end);
            }
            at = end;
        }
        from = at + 1;
        at += least;
    }
}

/// Whether a pair of hexadecimal digits with `0x` before it begins here.
fn is_hex_prefix(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at..at + 4), Some([b'0', b'x' | b'X', a, b])
        if a.is_ascii_hexdigit() && b.is_ascii_hexdigit())
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
