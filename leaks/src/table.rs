//! Finds many secrets in one pass over a text, and learns one more in no time: every form of a secret is
//! filed under its first six letters and digits, whatever else is in it, and a bit filter tells quickly that
//! nothing is filed there.

mod digests;

use std::{
    collections::{HashMap, HashSet},
    iter::successors,
    ops::Range,
    sync::Arc,
};

use self::digests::{Digests, digest};
use crate::forms::{self, Form, Forms, Read, Reader, forms, is_short, is_word};

/// Letters and digits of a form under which it is filed; what has fewer is looked for by itself.
const WINDOW: usize = 6;

/// The secrets of one scope, or those of a run that are only looked for.
pub struct Table {
    /// As they are, for the text itself.
    exact: Index,
    /// Those of [`Self::exact`] between whose letters nothing may stand, for the text without escapes.
    narrow: Index,
    /// In every other form, for the text without escapes.
    forms: Index,
    labels: HashMap<Box<str>, Arc<str>>,
    /// Digests of those that are only looked for.
    sought: Option<HashSet<u64>>,
    /// What is shown of them, by class.
    classes: Vec<Arc<Secret>>,
    longest: usize,
    /// Fewest characters of a form that is looked for in the text without escapes.
    least: usize,
}

/// A form of a secret.
struct Pattern {
    /// Where its bytes stand among those of its index.
    start: u32,
    length: u32,
    /// So many of its bytes hold the letters that it is filed under.
    filed: u32,
    /// The one that was filed under the same letters before it.
    before: Option<u32>,
    is: Is,
    secret: Arc<Secret>,
}

/// What is known of a form beside its bytes.
#[derive(Clone, Copy)]
struct Is {
    /// How a text is read to find it.
    read: Way,
    whole_word: bool,
    form: Form,
}

/// The ways to read a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Exact,
    Squeezed,
    Letters,
    Base64,
}

impl Way {
    fn reader(self) -> Reader {
        match self {
            Self::Exact => forms::exact,
            Self::Squeezed => forms::squeezed,
            Self::Letters => forms::letters,
            Self::Base64 => forms::base64,
        }
    }
}

/// What is shown in the place of a secret.
pub(crate) struct Secret {
    pub(crate) class: Arc<str>,
    pub(crate) label: Arc<str>,
}

impl Default for Table {
    fn default() -> Self {
        Self::sized(1 << 10)
    }
}

impl Table {
    /// A table that is large enough for a whole run, and keeps digests of what it looks for.
    #[must_use]
    pub fn large() -> Self {
        let mut table = Self::sized(1 << 15);
        table.sought = Some(HashSet::new());
        for index in [&mut table.exact, &mut table.narrow, &mut table.forms] {
            index.digests = Some(Digests::default());
        }
        table
    }

    fn sized(words: usize) -> Self {
        Self {
            exact: Index::sized(words),
            narrow: Index::sized(1 << 8),
            forms: Index::sized(words * 2),
            labels: HashMap::new(),
            sought: None,
            classes: Vec::new(),
            longest: 0,
            least: usize::MAX,
        }
    }

    /// Whether it knows a secret.
    #[must_use]
    pub fn knows(&self, value: &str) -> bool {
        match &self.sought {
            Some(sought) => sought.contains(&digest(value.as_bytes())),
            None => self.labels.contains_key(value),
        }
    }

    /// What is shown instead of a secret that it knows.
    #[must_use]
    pub fn label_of(&self, value: &str) -> Option<Arc<str>> {
        self.labels.get(value).cloned()
    }

    /// Whether it knows none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.sought.as_ref().is_none_or(HashSet::is_empty)
    }

    /// Length of the longest secret.
    pub(crate) const fn longest(&self) -> usize {
        self.longest
    }

    /// Fewest characters in a row that hold any form of a secret but a short one as it is.
    pub(crate) const fn least(&self) -> usize {
        self.least
    }

    /// Learns a secret: `name` is a short word for what it is, `label` what is shown instead.
    pub fn learn(&mut self, name: &str, label: &str, value: &str) {
        let secret = self.shown(name, label, value);
        self.longest = self.longest.max(value.len());
        let whole_word = is_word(value);
        let is = |form: Form, read: Way| Is { read, whole_word, form };
        let Forms { exact, squeezed, letters, base64 } = forms(value);
        for (form, bytes) in &exact {
            if is_short(value) {
                self.narrow.file(is(*form, Way::Exact), &secret, bytes);
            }
            self.exact.file(is(*form, Way::Exact), &secret, bytes);
        }
        let rest = [(squeezed, Way::Squeezed), (letters, Way::Letters), (base64, Way::Base64)];
        for (forms, read) in rest {
            for (form, bytes) in forms {
                self.least = self.least.min(characters(&bytes));
                self.forms.file(is(form, read), &secret, &bytes);
            }
        }
    }

    /// What is shown in the place of a value that is known from now on. Nothing is where it is only looked
    /// for, but its class is told.
    fn shown(&mut self, name: &str, label: &str, value: &str) -> Arc<Secret> {
        let Some(sought) = &mut self.sought else {
            let label = Arc::<str>::from(label);
            self.labels.insert(value.into(), Arc::clone(&label));
            return Arc::new(Secret { class: name.into(), label });
        };
        sought.insert(digest(value.as_bytes()));
        let known = self.classes.iter().find(|known| *known.class == *name);
        known.cloned().unwrap_or_else(|| {
            let secret = Arc::new(Secret { class: name.into(), label: "".into() });
            self.classes.push(Arc::clone(&secret));
            secret
        })
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

/// Is told where something stands, in which form.
pub(crate) type Found<'f> = &'f mut dyn FnMut(Range<usize>, Form, &Secret);

fn find<'t>(indexes: impl Iterator<Item = &'t Index>, text: &[u8], found: Found<'_>) {
    for index in indexes.filter(|index| !index.is_empty()) {
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
    /// Of all patterns, one after the other.
    bytes: Vec<u8>,
    patterns: Vec<Pattern>,
    /// The last pattern that was filed under these letters.
    filed: HashMap<u64, u32>,
    filter: Filter,
    /// Those with too few letters and digits, and which bytes they begin with.
    odd: Vec<u32>,
    /// Those that are only looked for.
    digests: Option<Digests>,
    begins: [bool; 256],
}

impl Index {
    fn sized(filter_words: usize) -> Self {
        Self {
            bytes: Vec::new(),
            patterns: Vec::new(),
            filed: HashMap::new(),
            filter: Filter(vec![0; filter_words]),
            odd: Vec::new(),
            digests: None,
            begins: [false; 256],
        }
    }

    fn is_empty(&self) -> bool {
        self.patterns.is_empty() && self.digests.as_ref().is_none_or(|all| all.patterns.is_empty())
    }

    /// Files a form of these bytes; what is known of a run is bounded far below what an index can hold.
    fn file(&mut self, is: Is, secret: &Arc<Secret>, bytes: &[u8]) {
        let letters = bytes.iter().map(|byte| LETTERS[usize::from(*byte)]).enumerate();
        let letters: Vec<_> = letters.filter(|(_, letter)| *letter != 0).take(WINDOW).collect();
        let index = small(self.patterns.len());
        let (mut filed, mut before) = (0, None);
        if let ([.., (last, _)], WINDOW) = (&*letters, letters.len()) {
            filed = last + 1;
            let window = letters.iter().fold(0, |window, (_, letter)| slide(window, *letter));
            self.filter.set(window);
            let digests = self.digests.as_mut();
            if digests.is_some_and(|all| all.file((window, filed), is, secret, bytes)) {
                return;
            }
            before = self.filed.insert(window, index);
        } else if let Some(first) = bytes.first() {
            self.begins[usize::from(*first)] = true;
            self.odd.push(index);
        }
        let (start, length) = (small(self.bytes.len()), small(bytes.len()));
        self.bytes.extend_from_slice(bytes);
        let (filed, secret) = (small(filed), Arc::clone(secret));
        self.patterns.push(Pattern { start, length, filed, before, is, secret });
    }

    fn pattern(&self, index: u32) -> Option<&Pattern> {
        self.patterns.get(large(index))
    }

    fn bytes_of(&self, pattern: &Pattern) -> &[u8] {
        let (start, length) = (large(pattern.start), large(pattern.length));
        self.bytes.get(start..start + length).unwrap_or_default()
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
        let last = self.filed.get(&window).and_then(|index| self.pattern(*index));
        let alike = successors(last, |pattern| self.pattern(pattern.before?));
        for pattern in alike {
            let (filed, rest) = self.bytes_of(pattern).split_at(large(pattern.filed));
            let read = pattern.is.read.reader();
            if let Some(end) = goes_on(text, at + 1, rest, read)
                && let Some(start) = went_before(text, at + 1, filed, read)
            {
                pattern.is.tell(text, start..end, &pattern.secret, found);
            }
        }
        if let Some(digests) = &self.digests {
            digests.check(window, at, text, found);
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
            for pattern in self.odd.iter().filter_map(|index| self.pattern(*index)) {
                let bytes = self.bytes_of(pattern);
                if bytes.first() == Some(byte)
                    && let Some(end) = goes_on(text, start, bytes, pattern.is.read.reader())
                {
                    pattern.is.tell(text, start..end, &pattern.secret, found);
                }
            }
        }
    }
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn large(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

impl Is {
    fn tell(self, text: &[u8], place: Range<usize>, secret: &Secret, found: Found<'_>) {
        if !self.whole_word || stands_alone(text, &place) {
            found(place, self.form, secret);
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
