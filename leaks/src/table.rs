//! Finds many secrets in one pass over a text, and learns one more in no time: every form of a secret is
//! filed under its first six letters and digits, whatever else is in it, and a bit filter tells quickly that
//! nothing is filed there.

use std::{collections::HashMap, ops::Range, sync::Arc};

use crate::forms::{self, Form, Forms, Read, Reader, forms, is_short, is_word};

/// Letters and digits of a form under which it is filed; what has fewer is looked for by itself.
const WINDOW: usize = 6;

/// The secrets of one scope.
pub struct Table {
    /// As they are, for the text itself.
    exact: Index,
    /// Those of [`Self::exact`] between whose letters nothing may stand, for the text without escapes.
    narrow: Index,
    /// In every other form, for the text without escapes.
    forms: Index,
    labels: HashMap<String, Arc<str>>,
    longest: usize,
    /// Fewest characters of a form that is looked for in the text without escapes.
    least: usize,
}

/// A form of a secret.
pub(crate) struct Pattern {
    bytes: Box<[u8]>,
    /// How a text is read to find it.
    read: Reader,
    /// So many of its bytes hold the letters that it is filed under.
    filed: usize,
    whole_word: bool,
    pub(crate) class: Arc<str>,
    pub(crate) form: Form,
    pub(crate) label: Arc<str>,
}

impl Default for Table {
    fn default() -> Self {
        Self::sized(1 << 10)
    }
}

impl Table {
    /// A table that is large enough for a whole run.
    #[must_use]
    pub fn large() -> Self {
        Self::sized(1 << 15)
    }

    fn sized(words: usize) -> Self {
        Self {
            exact: Index::sized(words),
            narrow: Index::sized(1 << 8),
            forms: Index::sized(words * 2),
            labels: HashMap::new(),
            longest: 0,
            least: usize::MAX,
        }
    }

    /// Whether it knows a secret.
    #[must_use]
    pub fn knows(&self, value: &str) -> bool {
        self.labels.contains_key(value)
    }

    /// What is shown instead of a secret that it knows.
    #[must_use]
    pub fn label_of(&self, value: &str) -> Option<Arc<str>> {
        self.labels.get(value).cloned()
    }

    /// Whether it knows none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Length of the longest secret.
    pub(crate) const fn longest(&self) -> usize {
        self.longest
    }

    /// Fewest characters in a row that hold any form of a secret but a short one as it is.
    pub(crate) const fn least(&self) -> usize {
        self.least
    }

    /// Learns a secret: `class` is a short word for what it is, `label` what is shown instead.
    pub fn learn(&mut self, class: &str, label: &str, value: &str) {
        let (class, label) = (Arc::<str>::from(class), Arc::<str>::from(label));
        self.labels.insert(value.to_owned(), Arc::clone(&label));
        self.longest = self.longest.max(value.len());
        let whole_word = is_word(value);
        let pattern = |(form, bytes): (Form, Vec<u8>), read: Reader| Pattern {
            filed: 0,
            bytes: bytes.into(),
            read,
            whole_word,
            class: Arc::clone(&class),
            form,
            label: Arc::clone(&label),
        };
        let Forms { exact, squeezed, letters, base64 } = forms(value);
        if is_short(value) {
            exact.iter().cloned().for_each(|form| self.narrow.file(pattern(form, forms::exact)));
        }
        exact.into_iter().for_each(|form| self.exact.file(pattern(form, forms::exact)));
        let rest: [(Vec<_>, Reader); 3] =
            [(squeezed, forms::squeezed), (letters, forms::letters), (base64, forms::base64)];
        for (forms, read) in rest {
            for (form, bytes) in forms {
                self.least = self.least.min(characters(&bytes));
                self.forms.file(pattern((form, bytes), read));
            }
        }
    }
}

/// Every place where a secret stands in a text as it is.
pub(crate) fn find_exact(tables: &[&Table], text: &[u8], found: Found<'_>) {
    find(tables.iter().map(|table| &table.exact), text, found);
}

/// Every place where a form of a secret stands in a text without escapes.
pub(crate) fn find_forms(tables: &[&Table], text: &[u8], found: Found<'_>) {
    find(tables.iter().map(|table| &table.forms), text, found);
}

/// Every place where a short secret stands in a text without escapes.
pub(crate) fn find_short(tables: &[&Table], text: &[u8], found: Found<'_>) {
    find(tables.iter().map(|table| &table.narrow), text, found);
}

/// Is told where something stands.
pub(crate) type Found<'f> = &'f mut dyn FnMut(Range<usize>, &Pattern);

fn find<'t>(indexes: impl Iterator<Item = &'t Index>, text: &[u8], found: Found<'_>) {
    for index in indexes.filter(|index| !index.patterns.is_empty()) {
        index.find(text, found);
        index.check_odd(text, found);
    }
}

/// How many characters some bytes are, if they are UTF-8.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| !matches!(byte, 0x80..=0xbf)).count()
}

/// Letters of ASCII, whether small or not, and digits from 1 on; 0 for everything else.
const LETTERS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0_usize;
    while byte < 256 {
        table[byte] = match byte.to_le_bytes()[0].to_ascii_lowercase() {
            letter @ b'a'..=b'z' => letter - b'a' + 1,
            digit @ b'0'..=b'9' => digit - b'0' + 27,
            _ => 0,
        };
        byte += 1;
    }
    table
};

/// Forms by how they begin.
struct Index {
    patterns: Vec<Pattern>,
    filed: HashMap<u64, Vec<usize>>,
    filter: Filter,
    /// Those with too few letters and digits, and which bytes they begin with.
    odd: Vec<usize>,
    begins: [bool; 256],
}

impl Index {
    fn sized(filter_words: usize) -> Self {
        Self {
            patterns: Vec::new(),
            filed: HashMap::new(),
            filter: Filter(vec![0; filter_words]),
            odd: Vec::new(),
            begins: [false; 256],
        }
    }

    fn file(&mut self, mut pattern: Pattern) {
        let index = self.patterns.len();
        let letters = pattern.bytes.iter().map(|byte| LETTERS[usize::from(*byte)]).enumerate();
        let letters: Vec<_> = letters.filter(|(_, letter)| *letter != 0).take(WINDOW).collect();
        if let ([.., (last, _)], WINDOW) = (&*letters, letters.len()) {
            pattern.filed = last + 1;
            let window = letters.iter().fold(0, |window, (_, letter)| slide(window, *letter));
            self.filter.set(window);
            self.filed.entry(window).or_default().push(index);
        } else if let Some(first) = pattern.bytes.first() {
            self.begins[usize::from(*first)] = true;
            self.odd.push(index);
        }
        self.patterns.push(pattern);
    }

    fn find(&self, text: &[u8], found: Found<'_>) {
        let mut window = 0;
        for (at, byte) in text.iter().enumerate() {
            let letter = LETTERS[usize::from(*byte)];
            // Without a branch: what comes next in a text cannot be foreseen.
            let slid = slide(window, letter);
            window = if letter == 0 { window } else { slid };
            if self.filter.may_have(window) && letter != 0 {
                self.check(window, at, text, found);
            }
        }
    }

    /// Looks at what is filed under the window that ends at a place.
    fn check(&self, window: u64, at: usize, text: &[u8], found: Found<'_>) {
        let filed = self.filed.get(&window).into_iter().flatten();
        for pattern in filed.filter_map(|index| self.patterns.get(*index)) {
            let (filed, rest) = pattern.bytes.split_at(pattern.filed);
            if let Some(end) = goes_on(text, at + 1, rest, pattern.read)
                && let Some(start) = went_before(text, at + 1, filed, pattern.read)
            {
                pattern.tell(text, start..end, found);
            }
        }
    }

    fn check_odd(&self, text: &[u8], found: Found<'_>) {
        if self.odd.is_empty() {
            return;
        }
        for (start, byte) in text.iter().enumerate() {
            if !self.begins[usize::from(*byte)] {
                continue;
            }
            for pattern in self.odd.iter().filter_map(|index| self.patterns.get(*index)) {
                if pattern.bytes.first() == Some(byte)
                    && let Some(end) = goes_on(text, start, &pattern.bytes, pattern.read)
                {
                    pattern.tell(text, start..end, found);
                }
            }
        }
    }
}

impl Pattern {
    fn tell(&self, text: &[u8], place: Range<usize>, found: Found<'_>) {
        if !self.whole_word || stands_alone(text, &place) {
            found(place, self);
        }
    }
}

/// Where a text ends that reads on as given.
fn goes_on(text: &[u8], from: usize, rest: &[u8], read: Reader) -> Option<usize> {
    let mut at = from;
    for wanted in rest {
        loop {
            if at == text.len() {
                return None;
            }
            at += 1;
            match read(text, at - 1) {
                Read::Byte(byte) if byte == *wanted => break,
                Read::Skipped => {}
                Read::Byte(_) | Read::Ends => return None,
            }
        }
    }
    Some(at)
}

/// Where a text begins that reads as given up to a place.
fn went_before(text: &[u8], to: usize, filed: &[u8], read: Reader) -> Option<usize> {
    let mut at = to;
    for wanted in filed.iter().rev() {
        loop {
            at = at.checked_sub(1)?;
            match read(text, at) {
                Read::Byte(byte) if byte == *wanted => break,
                Read::Skipped => {}
                Read::Byte(_) | Read::Ends => return None,
            }
        }
    }
    Some(at)
}

/// The next window of six letters: the oldest goes, another comes.
const fn slide(window: u64, letter: u8) -> u64 {
    (window << 6 | u64::from_le_bytes([letter, 0, 0, 0, 0, 0, 0, 0])) & ((1 << 36) - 1)
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
fn stands_alone(text: &[u8], place: &Range<usize>) -> bool {
    let before = &text[..place.start];
    let escaped = match before {
        [.., b'%', a, b] => a.is_ascii_hexdigit() && b.is_ascii_hexdigit(),
        _ => matches!(before, [.., b'\\', b'n' | b'r' | b't']),
    };
    (escaped || !before.last().is_some_and(is_word_byte))
        && !text.get(place.end).is_some_and(is_word_byte)
}

const fn is_word_byte(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii()
}
