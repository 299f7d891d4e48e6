//! Which parts of some bytes can be read: characters of UTF-8, and those of Latin letters in UTF-16 or
//! UTF-32.

use std::ops::Range;

use super::BETWEEN;
use crate::layer::Layer;

/// What is read: the layer in which it stands, and the one above, to which what it means is added.
pub(super) struct Reading<'r, 'b, 'a> {
    pub(super) layer: &'r Layer<'b>,
    pub(super) above: &'r mut Layer<'a>,
    /// Fewest characters in a row that are worth adding.
    pub(super) least: usize,
}

impl Reading<'_, '_, '_> {
    /// Adds what can be read of some bytes. `place` tells where a part of them stands in the layer.
    pub(super) fn add(&mut self, bytes: &[u8], place: impl Fn(Range<usize>) -> Range<usize>) {
        for part in readable(bytes, self.least) {
            let mut at = part.start;
            self.above.push(BETWEEN, self.layer, place(at..at + 1));
            while let Some((c, length)) = bytes.get(at..part.end).and_then(character) {
                let utf8 = &mut [0; 4];
                self.above.push(c.encode_utf8(utf8).as_bytes(), self.layer, place(at..at + length));
                at += length;
            }
        }
    }
}

/// The parts of some bytes that can be read, each of so many characters at least.
fn readable(bytes: &[u8], least: usize) -> Vec<Range<usize>> {
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
        if row >= least {
            parts.push(begun..at);
        }
        at += 1;
        (begun, row) = (at, 0);
    }
    if row >= least {
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
