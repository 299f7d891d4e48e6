//! Forms that are only looked for, by the digest of their bytes: a run has a dozen for each of tens of
//! thousands of secrets, and nothing has to be shown in their place.

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hasher, RandomState},
    num::NonZeroU32,
    ops::Range,
    sync::{Arc, LazyLock},
};

use super::{Found, Is, Secret, Way};
use crate::forms::{Read, Reader};

/// The digest of some bytes, under a key that is drawn once: equal ones have the same, and who does not know
/// the key finds no others that have.
pub(super) fn digest(bytes: &[u8]) -> u64 {
    static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    let mut hasher = KEY.build_hasher();
    hasher.write(bytes);
    hasher.finish()
}

/// Forms by the letters that they begin with.
#[derive(Default)]
pub(super) struct Digests {
    pub(super) patterns: Vec<Pattern>,
    /// The last pattern that was filed under letters of this digest.
    filed: HashMap<u32, NonZeroU32>,
    secrets: Vec<Arc<Secret>>,
}

pub(super) struct Pattern {
    digest: u64,
    /// The number of the one that was filed before it, counted from one.
    before: Option<NonZeroU32>,
    length: u16,
    /// So many of its bytes hold the letters that it is filed under.
    filed: u8,
    secret: u8,
    is: Is,
}

impl Digests {
    /// Whether there was room for a form in what is small here; hardly one is larger.
    pub(super) fn file(
        &mut self,
        (window, filed): (u64, usize),
        is: Is,
        secret: &Arc<Secret>,
        bytes: &[u8],
    ) -> bool {
        let known = self.secrets.iter().position(|known| Arc::ptr_eq(known, secret));
        let at = known.unwrap_or_else(|| {
            self.secrets.push(Arc::clone(secret));
            self.secrets.len() - 1
        });
        let number = u32::try_from(self.patterns.len() + 1).ok().and_then(NonZeroU32::new);
        let (Ok(secret), Ok(filed), Ok(length), Some(number)) =
            (u8::try_from(at), u8::try_from(filed), u16::try_from(bytes.len()), number)
        else {
            return false;
        };
        let before = self.filed.insert(folded(window), number);
        self.patterns.push(Pattern { digest: digest(bytes), before, length, filed, secret, is });
        true
    }

    /// Looks at what is filed under the window that ends at a place. Forms of one length are read once.
    pub(super) fn check(&self, window: u64, at: usize, text: &[u8], found: Found<'_>) {
        let mut last: Option<(Shape, Option<Reading>)> = None;
        let mut next = self.filed.get(&folded(window)).copied();
        while let Some(pattern) = next.and_then(|number| self.pattern(number)) {
            next = pattern.before;
            let shape = (pattern.filed, pattern.length, pattern.is.read);
            if last.as_ref().is_none_or(|(known, _)| *known != shape) {
                last = Some((shape, read(text, at + 1, shape)));
            }
            if let Some((_, Some((place, digest)))) = &last
                && *digest == pattern.digest
                && let Some(secret) = self.secrets.get(usize::from(pattern.secret))
            {
                pattern.is.tell(text, place.clone(), secret, found);
            }
        }
    }

    fn pattern(&self, number: NonZeroU32) -> Option<&Pattern> {
        self.patterns.get(usize::try_from(number.get()).ok()?.checked_sub(1)?)
    }
}

/// A window in fewer bits; those that fall together are told apart by their digests.
fn folded(window: u64) -> u32 {
    let [a, b, c, d, ..] = window.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}

/// How many bytes of a form stand before a place, how many it has, and how a text is read to find it.
type Shape = (u8, u16, Way);

/// What was read, and the digest of it.
type Reading = (Range<usize>, u64);

/// What reads around a place as so many bytes, so many of them before it.
fn read(text: &[u8], at: usize, (filed, length, way): Shape) -> Option<Reading> {
    let (filed, length, read) = (usize::from(filed), usize::from(length), way.reader());
    let mut bytes = Vec::with_capacity(length);
    let mut start = at;
    while bytes.len() < filed {
        start = start.checked_sub(1)?;
        next(text, start, read, &mut bytes)?;
    }
    bytes.reverse();
    let mut end = at;
    while bytes.len() < length {
        if end == text.len() {
            return None;
        }
        next(text, end, read, &mut bytes)?;
        end += 1;
    }
    Some((start..end, digest(&bytes)))
}

/// Takes the byte at a place; `None` where nothing goes on there.
fn next(text: &[u8], at: usize, read: Reader, bytes: &mut Vec<u8>) -> Option<()> {
    match read(text, at) {
        Read::Byte(byte) => bytes.push(byte),
        Read::Skipped => {}
        Read::Ends => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use crate::{Table, Wanted, search};

    fn holds(text: &str, table: &Table) -> bool {
        !search(text.as_bytes(), &[table], Wanted::Every).is_empty()
    }

    /// What is too large for a digest is kept as it is; see [`super::Digests::file`].
    #[test]
    fn a_form_is_found_however_late_its_letters_begin() {
        for dots in [2, 100, 249, 250] {
            let secret = ".".repeat(dots) + "Secret";
            let mut table = Table::large();
            table.learn("token", "", &secret);
            table.learn("token", "", "AnotherOfTheSameLetters");
            assert!(holds(&format!("a {secret} b"), &table), "{dots}");
            assert!(!holds(&format!("a {}Secreu b", ".".repeat(dots)), &table), "{dots}");
        }
    }

    /// Many secrets that begin alike are told apart.
    #[test]
    fn what_begins_like_a_secret_is_none() {
        let mut table = Table::large();
        for number in 0..300 {
            table.learn("token", "", &format!("session-of-somebody-{number:04}"));
        }
        for (text, found) in [
            ("session-of-somebody-0000", true),
            ("session-of-somebody-0299", true),
            ("session-of-somebody-0300", false),
            ("session-of-somebody-02", false),
            ("c2Vzc2lvbi1vZi1zb21lYm9keS0wMjk5", true),
            ("c2Vzc2lvbi1vZi1zb21lYm9keS0wMzAw", false),
        ] {
            assert_eq!(holds(text, &table), found, "{text}");
        }
    }
}
