//! Takes secrets out of everything that is written down, and looks for them again in what was
//! written. A secret becomes `<class:hhhh>`, sixteen bits of a keyed hash: equal values stay visibly
//! equal, nothing can be looked up.

mod again;
mod structure;

use std::{
    fmt,
    panic::resume_unwind,
    sync::{
        Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

pub use again::in_clear;
pub use leaks::Form;
use leaks::{Match, Table, Wanted, search};

use crate::{
    bounds::{SECRETS, SECRETS_OF_RUN, TEXT_BESIDE},
    record::Exchange,
};

/// What stands for a run of letters that could be a secret.
const HIDDEN: &str = "<hidden>";

/// Shortest secret that the final scan looks for, bytes. Shorter ones turn up by chance.
pub const SCANNED_FROM: usize = 8;

/// How often a text is looked at again after something in it was replaced.
const ROUNDS: usize = 4;

/// Of a secret that is longer the final scan looks for the end alone, and for so many bytes of it.
const SOUGHT_WHOLE: usize = 256;
const SOUGHT_END: usize = 64;

/// What a secret takes beside its bytes where it is looked for.
const BESIDE: usize = 64;

/// Longest run of letters that is shown where there were more secrets than can be looked for.
const HIDDEN_FROM: usize = 16;

/// Knows the secrets of a run or of one scenario of it. Clones share what they know.
#[derive(Clone)]
pub struct Redactor {
    scope: Arc<Scope>,
}

/// A secret found where none may be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leak {
    /// Class under which the secret was learnt.
    pub class: String,
    /// How it was written.
    pub form: Form,
}

struct Scope {
    key: [u8; 32],
    parent: Option<Arc<Scope>>,
    known: RwLock<Table>,
    /// Bytes of what it knows.
    bytes: AtomicUsize,
    /// Whether something was not learnt for want of room.
    full: AtomicBool,
    /// Every secret of the run, whichever scope learnt it; for the final scan.
    register: Arc<RwLock<Register>>,
    /// Held by whoever searches a large text.
    alone: Arc<Mutex<()>>,
}

#[derive(Default)]
struct Register {
    bytes: usize,
    table: Option<Table>,
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redactor>")
    }
}

impl Redactor {
    /// A redactor that knows nothing yet. `key` makes its pseudonyms; it must not be written down.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self { scope: Arc::new(Scope::new(key, None)) }
    }

    /// A redactor for one scenario: it knows what this one knows and will know, and keeps what it
    /// learns to itself, except that the final scan looks for everything.
    #[must_use]
    pub fn scoped(&self) -> Self {
        let parent = Arc::clone(&self.scope);
        Self { scope: Arc::new(Scope::new(parent.key, Some(parent))) }
    }

    /// Makes a secret known. `class` is one of `password`, `cookie`, `token`, `code`, `key`, `canary`,
    /// or another short word. A value that is itself such a word, or the name of a member that carries
    /// secrets, is not one: `password` as a password would take the word out of every report.
    pub fn learn(&self, class: &str, value: &str) {
        if value.is_empty()
            || structure::is_vocabulary(value)
            || self.scope.chain().any(|s| read(&s.known).knows(value))
        {
            return;
        }
        let bytes = self.scope.bytes.fetch_add(value.len(), Ordering::Relaxed) + value.len();
        let label = self.scope.label(class, value);
        if bytes > SECRETS.most || !self.is_sought(class, &label, value) {
            self.scope.full.store(true, Ordering::Relaxed);
            return;
        }
        write(&self.scope.known).learn(class, &label, value);
    }

    /// Has the final scan look for a secret that is long enough; whether it does. Of a long one it looks
    /// for the end: whoever writes the whole of it writes that.
    fn is_sought(&self, class: &str, label: &str, value: &str) -> bool {
        if value.len() < SCANNED_FROM {
            return true;
        }
        let end = value.ceil_char_boundary(value.len().saturating_sub(SOUGHT_END));
        let sought = if value.len() > SOUGHT_WHOLE { &value[end..] } else { value };
        let mut register = write(&self.scope.register);
        let known = register.table.as_ref().is_some_and(|table| table.knows(sought));
        if !known && register.bytes < SECRETS_OF_RUN.most {
            register.bytes += sought.len() + BESIDE;
            let table = register.table.get_or_insert_with(Table::large);
            table.learn(class, label, sought);
            return true;
        }
        known
    }

    /// Whether there were more secrets than can be looked for. From then on texts show nothing that
    /// could be one.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.scope.chain().any(|scope| scope.full.load(Ordering::Relaxed))
    }

    /// Makes every text and every number in a value known, as [`Self::learn`] does. A number of fewer
    /// digits than a code turns up by chance, and is left.
    pub fn learn_all(&self, class: &str, value: &Value) {
        structure::leaves(value, &mut |leaf| self.learn(class, leaf));
    }

    /// The text with every known secret, in every form, replaced. Where that leaves something, nothing is
    /// shown.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        let shown = self.replaced(text);
        if self.is_full() { hidden(&shown) } else { shown }
    }

    fn replaced(&self, text: &str) -> String {
        let scopes: Vec<_> = self.scope.chain().map(|scope| read(&scope.known)).collect();
        let tables: Vec<&Table> = scopes.iter().map(|table| &**table).collect();
        self.searching(text.len(), &|| replaced(text, &tables))
    }

    /// Searches a text of such a length. Where it is large, nobody else searches one meanwhile, and the
    /// memory that it takes on the way goes with a thread of its own.
    fn searching<T: Send>(&self, length: usize, search: &(dyn Fn() -> T + Sync)) -> T {
        if length <= TEXT_BESIDE.most {
            return search();
        }
        // Whoever broke off in a search has left nothing behind.
        let _alone = self.scope.alone.lock().unwrap_or_else(PoisonError::into_inner);
        thread::scope(|scope| match thread::Builder::new().spawn_scoped(scope, search) {
            Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
            // There is room for no thread.
            Err(_) => search(),
        })
    }

    /// The value with every known secret replaced, and every member whose name says that it carries
    /// one.
    #[must_use]
    pub fn value(&self, value: &Value) -> Value {
        structure::value(self, value)
    }

    /// The exchange, fit to be written down: known secrets are replaced everywhere, unknown ones where
    /// a header, member or field is named like one.
    #[must_use]
    pub fn exchange(&self, exchange: Exchange) -> Exchange {
        structure::exchange(self, exchange)
    }

    /// Every secret of the run (from [`SCANNED_FROM`] bytes on) that stands in some bytes, in any form.
    /// Each class once, in the plainest form.
    #[must_use]
    pub fn scan(&self, bytes: &[u8]) -> Vec<Leak> {
        let register = read(&self.scope.register);
        let Some(table) = &register.table else {
            return Vec::new();
        };
        let leak = |found: Match| Leak { class: found.class.to_string(), form: found.form };
        let found = self.searching(bytes.len(), &|| search(bytes, &[table], Wanted::Every));
        let mut leaks: Vec<_> = found.into_iter().map(leak).collect();
        leaks.sort_unstable();
        leaks.dedup_by(|next, first| next.class == first.class);
        leaks
    }

    /// The pseudonym of a value: of its own class where it is known, else of the given one.
    fn pseudonym(&self, class: &str, value: &str) -> String {
        self.scope
            .chain()
            .find_map(|scope| read(&scope.known).label_of(value))
            .map_or_else(|| self.scope.label(class, value), |label| label.to_string())
    }
}

impl Scope {
    fn new(key: [u8; 32], parent: Option<Arc<Self>>) -> Self {
        let (known, bytes, full) = (RwLock::default(), AtomicUsize::new(0), AtomicBool::new(false));
        let shared = |parent: &Arc<Self>| (Arc::clone(&parent.register), Arc::clone(&parent.alone));
        let (register, alone) = parent.as_ref().map(shared).unwrap_or_default();
        Self { key, parent, known, bytes, full, register, alone }
    }

    fn chain(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |scope| scope.parent.as_deref())
    }

    fn label(&self, class: &str, value: &str) -> String {
        let hash = Hmac::<Sha256>::new_from_slice(&self.key).map_or([0, 0], |mut mac| {
            mac.update(value.as_bytes());
            let hash = mac.finalize().into_bytes();
            [hash[0], hash[1]]
        });
        format!("<{class}:{:02x}{:02x}>", hash[0], hash[1])
    }
}

/// The text without anything that could be a secret: runs of the characters that secrets are made of
/// which are long, or shorter with a digit in them.
fn hidden(text: &str) -> String {
    let fits = |c: char| c.is_alphanumeric() || "-_+/=.%~".contains(c);
    let mut shown = String::new();
    for part in text.split_inclusive(|c| !fits(c)) {
        let run = part.trim_end_matches(|c| !fits(c));
        let digit = run.contains(|c: char| c.is_ascii_digit());
        if run.len() >= HIDDEN_FROM || digit && run.len() >= SCANNED_FROM {
            shown.push_str(HIDDEN);
            shown.push_str(&part[run.len()..]);
        } else {
            shown.push_str(part);
        }
    }
    shown
}

/// The text with the secrets of some tables replaced.
fn replaced(text: &str, tables: &[&Table]) -> String {
    let mut shown = text.to_owned();
    for _ in 0..ROUNDS {
        if search(shown.as_bytes(), tables, Wanted::Any).is_empty() {
            return shown;
        }
        let matches = search(shown.as_bytes(), tables, Wanted::Places);
        shown = replace(&shown, matches);
    }
    Match::of_everything(&[]).label.to_string()
}

/// Replaces matches; those that overlap become one, under the label of the longest.
fn replace(text: &str, mut matches: Vec<Match>) -> String {
    if matches.is_empty() {
        return text.to_owned();
    }
    matches.sort_unstable_by_key(|found| found.place.start);
    let mut out = Vec::with_capacity(text.len());
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut rest = matches.into_iter().peekable();
    while let Some(mut longest) = rest.next() {
        let (start, mut end) = (longest.place.start, longest.place.end);
        while let Some(next) = rest.next_if(|next| next.place.start < end) {
            end = end.max(next.place.end);
            if next.place.len() > longest.place.len() {
                longest = next;
            }
        }
        out.extend_from_slice(&bytes[at..start]);
        out.extend_from_slice(longest.label.as_bytes());
        at = end;
    }
    out.extend_from_slice(&bytes[at..]);
    // Forms are whole strings and escapes are ASCII, so that cutting them out leaves whole characters.
    String::from_utf8_lossy(&out).into_owned()
}

fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    // A panic elsewhere leaves at worst a secret half learnt; refusing to redact would be worse.
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
