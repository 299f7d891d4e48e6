//! Finds many secrets in one pass over a text, and learns one more in no time: every form of a secret
//! is filed under its first six bytes, and a bit filter tells quickly that nothing is filed there.

use std::{collections::HashMap, sync::Arc};

use super::forms::{Form, forms, is_word};

/// Bytes of a form under which it is filed; shorter forms are looked for one by one.
const WINDOW: usize = 6;

/// The secrets of one scope.
pub(super) struct Table {
    forms: Vec<Pattern>,
    filed: HashMap<u64, Vec<usize>>,
    filter: Filter,
    short: Vec<usize>,
    labels: HashMap<String, Arc<str>>,
    joined: bool,
}

/// Where a form of a secret stands.
pub(super) struct Match {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) class: Arc<str>,
    pub(super) form: Form,
    pub(super) label: Arc<str>,
}

struct Pattern {
    bytes: Box<[u8]>,
    whole_word: bool,
    class: Arc<str>,
    form: Form,
    label: Arc<str>,
}

impl Default for Table {
    fn default() -> Self {
        Self::sized(1 << 10, false)
    }
}

impl Table {
    /// A table for texts out of which line breaks were taken, large enough for a whole run.
    pub(super) fn without_line_breaks() -> Self {
        Self::sized(1 << 15, true)
    }

    fn sized(filter_words: usize, joined: bool) -> Self {
        Self {
            forms: Vec::new(),
            filed: HashMap::new(),
            filter: Filter(vec![0; filter_words]),
            short: Vec::new(),
            labels: HashMap::new(),
            joined,
        }
    }

    pub(super) fn knows(&self, value: &str) -> bool {
        self.labels.contains_key(value)
    }

    pub(super) fn label_of(&self, value: &str) -> Option<Arc<str>> {
        self.labels.get(value).cloned()
    }

    pub(super) fn learn(&mut self, class: &str, label: &str, value: &str) {
        let (class, label) = (Arc::<str>::from(class), Arc::<str>::from(label));
        self.labels.insert(value.to_owned(), Arc::clone(&label));
        let whole_word = is_word(value);
        for (form, mut text) in forms(value) {
            if self.joined {
                text.retain(|c| !matches!(c, '\r' | '\n'));
            }
            let (class, label) = (Arc::clone(&class), Arc::clone(&label));
            self.file(Pattern { bytes: text.into_bytes().into(), whole_word, class, form, label });
        }
    }

    fn file(&mut self, pattern: Pattern) {
        let index = self.forms.len();
        if let Some(window) = pattern.bytes.first_chunk::<WINDOW>() {
            let window = window.iter().fold(0, |window, byte| slide(window, *byte));
            self.filter.set(window);
            self.filed.entry(window).or_default().push(index);
        } else if !pattern.bytes.is_empty() {
            self.short.push(index);
        }
        self.forms.push(pattern);
    }

    /// Adds every place where a form of a secret stands in `text`, overlapping ones too.
    pub(super) fn find(&self, text: &[u8], matches: &mut Vec<Match>) {
        if self.forms.is_empty() {
            return;
        }
        let mut window = 0;
        for (last, byte) in text.iter().enumerate() {
            window = slide(window, *byte);
            if last + 1 < WINDOW || !self.filter.may_have(window) {
                continue;
            }
            for index in self.filed.get(&window).into_iter().flatten() {
                self.check(*index, text, last + 1 - WINDOW, matches);
            }
        }
        for index in &self.short {
            for start in 0..text.len() {
                self.check(*index, text, start, matches);
            }
        }
    }

    fn check(&self, index: usize, text: &[u8], start: usize, matches: &mut Vec<Match>) {
        let Some(pattern) = self.forms.get(index) else {
            return;
        };
        let end = start + pattern.bytes.len();
        if text.get(start..end) != Some(&pattern.bytes)
            || (pattern.whole_word && !stands_alone(text, start, end))
        {
            return;
        }
        let (class, label) = (Arc::clone(&pattern.class), Arc::clone(&pattern.label));
        matches.push(Match { start, end, class, form: pattern.form, label });
    }
}

/// The next six-byte window: the oldest byte goes, `byte` comes.
const fn slide(window: u64, byte: u8) -> u64 {
    (window >> 8) | (u64::from_le_bytes([byte, 0, 0, 0, 0, 0, 0, 0]) << 40)
}

/// A bit for each hash of a window. Its length is a power of two.
struct Filter(Vec<u64>);

impl Filter {
    fn place(&self, window: u64) -> (usize, u64) {
        let hash = window.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let word = usize::try_from(hash >> 6).unwrap_or_default() & (self.0.len() - 1);
        (word, 1 << (hash & 63))
    }

    fn set(&mut self, window: u64) {
        let (word, bit) = self.place(window);
        self.0[word] |= bit;
    }

    fn may_have(&self, window: u64) -> bool {
        let (word, bit) = self.place(window);
        self.0[word] & bit != 0
    }
}

/// Whether no letter or digit touches the place. The end of an escape is no letter: `%3D123456`,
/// `\n123456`.
fn stands_alone(text: &[u8], start: usize, end: usize) -> bool {
    let before = &text[..start];
    let escaped = match before {
        [.., b'%', a, b] => a.is_ascii_hexdigit() && b.is_ascii_hexdigit(),
        _ => matches!(before, [.., b'\\', b'n' | b'r' | b't']),
    };
    (escaped || !before.last().is_some_and(is_word_byte))
        && !text.get(end).is_some_and(is_word_byte)
}

const fn is_word_byte(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii()
}

/// The bytes without the escapes of line breaks that a JSON string would hold.
pub(super) fn without_escaped_breaks(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if *byte == b'\\' && matches!(bytes.get(at + 1), Some(b'r' | b'n')) {
            at += 2;
        } else {
            out.push(*byte);
            at += 1;
        }
    }
    out
}
