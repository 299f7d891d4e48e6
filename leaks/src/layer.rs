//! Bytes with the place in the text that each stands for: the text itself, what its escapes mean, and
//! what its encodings decode to. Places are kept only where something is to be replaced.

use std::{borrow::Cow, ops::Range};

/// Bytes that stand in a text, or that something in it means.
pub(crate) struct Layer<'t> {
    pub(crate) bytes: Cow<'t, [u8]>,
    places: Places,
}

/// From where to where in the text a byte of a layer stands.
#[derive(Clone, Copy)]
struct Place {
    start: u32,
    end: u32,
}

enum Places {
    /// Nobody asks.
    NotKept,
    /// The text itself.
    Same,
    Kept(Vec<Place>),
}

impl<'t> Layer<'t> {
    /// The text itself; `kept` where it will be asked for places.
    pub(crate) fn of(text: &'t [u8], kept: bool) -> Self {
        let places = if kept { Places::Same } else { Places::NotKept };
        Self { bytes: Cow::Borrowed(text), places }
    }

    /// An empty layer of what stands in this one.
    pub(crate) fn above<'a>(&self) -> Layer<'a> {
        let places = match self.places {
            Places::NotKept => Places::NotKept,
            Places::Same | Places::Kept(_) => Places::Kept(Vec::new()),
        };
        Layer { bytes: Cow::Owned(Vec::new()), places }
    }

    pub(crate) const fn keeps_places(&self) -> bool {
        !matches!(self.places, Places::NotKept)
    }

    /// Adds some bytes of the layer below, as they are.
    pub(crate) fn copy(&mut self, below: &Layer<'_>, range: Range<usize>) {
        self.bytes.to_mut().extend_from_slice(&below.bytes[range.clone()]);
        if let Places::Kept(places) = &mut self.places {
            places.extend(range.map(|at| below.place(at..at + 1)));
        }
    }

    /// Adds bytes that a part of the layer below means.
    pub(crate) fn push(&mut self, bytes: &[u8], below: &Layer<'_>, range: Range<usize>) {
        self.bytes.to_mut().extend_from_slice(bytes);
        if let Places::Kept(places) = &mut self.places {
            let place = below.place(range);
            places.extend(bytes.iter().map(|_| place));
        }
    }

    /// Where some bytes stand in the text.
    pub(crate) fn in_text(&self, range: Range<usize>) -> Range<usize> {
        let Place { start, end } = self.place(range);
        let number = |number| usize::try_from(number).unwrap_or(usize::MAX);
        number(start)..number(end)
    }

    fn place(&self, range: Range<usize>) -> Place {
        let number = |number| u32::try_from(number).unwrap_or(u32::MAX);
        match &self.places {
            Places::NotKept | Places::Same => {
                Place { start: number(range.start), end: number(range.end) }
            }
            Places::Kept(places) => {
                let (Some(first), Some(last)) =
                    (places.get(range.start), places.get(range.end.saturating_sub(1)))
                else {
                    return Place { start: 0, end: 0 };
                };
                Place { start: first.start, end: last.end.max(first.end) }
            }
        }
    }
}
