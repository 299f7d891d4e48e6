//! Looks through a text for secrets, in what it says, in what its escapes mean, and in what its encodings
//! decode to, layer by layer.

use std::{ops::Range, sync::Arc};

use crate::{
    decode::{self, READ_FROM, Sought},
    escapes,
    forms::Form,
    layer::Layer,
    table::{Secret, Table, find_exact, find_forms, find_short},
};

/// How many encodings are taken off. The innermost one need not be: secrets are known in base64, base32
/// and hexadecimal.
const DEPTH: usize = 3;

/// How many bytes may be decoded in all, for each byte of the text. Only what is made to be decoded for
/// ever comes to more.
const EXPANDS: usize = 16;

/// How many besides, for texts that are short.
const SMALL: usize = 32 * 1024;

/// How far around an escape of quoted-printable is looked, at the least and at most.
const REACH: (usize, usize) = (128, 1024);

/// What stands for a text that cannot be searched.
pub const WITHHELD: &str = "<withheld: it could not be searched for secrets>";

/// What is asked of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Whether there is anything.
    Any,
    /// Which secrets there are.
    Every,
    /// Where they are.
    Places,
}

/// A secret that was found.
#[derive(Clone, Debug)]
pub struct Match {
    /// Where in the text; only where that was asked for.
    pub place: Range<usize>,
    /// The class that it was learnt with.
    pub class: Arc<str>,
    /// How it is written there.
    pub form: Form,
    /// What is shown instead.
    pub label: Arc<str>,
}

/// Looks for the secrets of some tables in a text.
#[must_use]
pub fn search(text: &[u8], tables: &[&Table], wanted: Wanted) -> Vec<Match> {
    let tables: Vec<&Table> = tables.iter().copied().filter(|table| !table.is_empty()).collect();
    let longest = tables.iter().map(|table| table.longest()).max().unwrap_or_default();
    let least = tables.iter().map(|table| table.least()).min().unwrap_or(usize::MAX);
    let reach = (longest * 6).clamp(REACH.0, REACH.1);
    let sought = Sought { reach, least: least.max(READ_FROM) };
    let mut matches = Vec::new();
    if tables.is_empty() {
        return matches;
    }
    let mut layer = Layer::of(text, wanted == Wanted::Places);
    find_exact(&tables, text, &mut |place, form, secret| {
        matches.push(Match::of(secret, form, place));
    });
    let mut left = text.len() * EXPANDS + SMALL;
    for depth in 0..=DEPTH {
        let unescaped = escapes::unescaped(&layer);
        let plain = unescaped.as_ref().unwrap_or(&layer);
        let mut found = |place: Range<usize>, form: Form, secret: &Secret| {
            let mut found = Match::of(secret, form, plain.in_text(place));
            if depth > 0 {
                found.form = Form::Nested;
            }
            if wanted == Wanted::Places && found.is_encoded() {
                found.place = whole_run(text, found.place);
            }
            matches.push(found);
        };
        if depth == 0 && unescaped.is_some() {
            find_short(&tables, &plain.bytes, &mut found);
        }
        find_forms(&tables, &plain.bytes, &mut found);
        if least == usize::MAX || depth == DEPTH || wanted == Wanted::Any && !matches.is_empty() {
            break;
        }
        let mut above = layer.above();
        decode::decoded(plain, sought, left, &mut above);
        if unescaped.is_some() && decode::breaks_lines(&layer.bytes) {
            // Those may go through escapes.
            decode::quoted_printable(&layer, reach, &mut above);
        }
        let Some(rest) = left.checked_sub(above.bytes.len()) else {
            matches.push(Match::of_everything(text));
            break;
        };
        if above.bytes.is_empty() {
            break;
        }
        left = rest;
        layer = above;
    }
    matches
}

impl Match {
    fn of(secret: &Secret, form: Form, place: Range<usize>) -> Self {
        let (class, label) = (Arc::clone(&secret.class), Arc::clone(&secret.label));
        Self { place, class, form, label }
    }

    /// What cannot be searched is not shown.
    #[must_use]
    pub fn of_everything(text: &[u8]) -> Self {
        Self {
            place: 0..text.len(),
            class: "secret".into(),
            form: Form::Unsearchable,
            label: WITHHELD.into(),
        }
    }

    const fn is_encoded(&self) -> bool {
        match self.form {
            Form::Base64 | Form::Base32 | Form::Hex | Form::Nested => true,
            Form::Plain | Form::Escaped | Form::Letters | Form::Unsearchable => false,
        }
    }
}

/// A part of something encoded with the rest of it.
fn whole_run(text: &[u8], place: Range<usize>) -> Range<usize> {
    let digit =
        |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    let before = text[..place.start].iter().rev().take_while(digit).count();
    let after = text[place.end..].iter().take_while(digit).count();
    let end = place.end + after;
    let padding = text[end..].iter().take(6).take_while(|byte| **byte == b'=').count();
    place.start - before..end + padding
}
