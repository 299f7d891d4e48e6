//! How much is kept of what a portal says: every bound with its reason, in one table, and the cutting
//! of what is longer. A value that is cut stands with its beginning, its length and the digest of the
//! whole, so that equal values stay equal and others do not.

mod keeper;
mod room;

pub use self::{keeper::Keeper, room::Room};
use crate::evidence::sha256;

/// One bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// What is bounded, in words.
    pub of: &'static str,
    /// The most of it.
    pub most: usize,
    /// What is counted.
    pub unit: &'static str,
    /// Why so much, and not more.
    pub why: &'static str,
}

macro_rules! bounds {
    ($($name:ident, $of:literal, $most:expr, $unit:literal, $why:literal;)+) => {
        $(#[doc = $why] pub const $name: Bound =
            Bound { of: $of, most: $most, unit: $unit, why: $why };)+

        /// Every bound, in the order of `docs/limits.md`.
        pub const ALL: &[Bound] = &[$($name),+];
    };
}

bounds! {
    BODY, "a body in the record, of a request or an answer", 16 << 10, "bytes",
        "A page that a person reads fits; nobody reads more of one in a report.";
    URL, "a URL in the record", 2 << 10, "bytes",
        "Browsers and proxies take hardly longer ones, and reports show them on one line.";
    HEADER, "a header's value in the record", 4 << 10, "bytes",
        "The longest policies that portals send in headers fit.";
    HEADERS, "headers of one message in the record", 64, "headers",
        "Portals send twenty.";
    HEADERS_TOGETHER, "all headers of one message in the record", 16 << 10, "bytes",
        "As much as a body.";
    SENTENCE, "a sentence, a fact or an error in the record", 2 << 10, "bytes",
        "It stands in every report; a portal's own words in it are shorter already.";
    CEREMONY, "a member of what the key said, in the record", 16 << 10, "bytes",
        "An attestation with its certificates fits; a challenge comes back in it, however long.";
    STEPS, "steps of a scenario in the record", 3000, "steps",
        "Twenty times as many as the longest story takes.";
    SCENARIO, "the steps of a scenario in the record", 1 << 20, "bytes",
        "Five times as much as the longest story takes; what comes after it is kept in short.";
    RUN, "the steps of a run in the record", 32 << 20, "bytes",
        "What passed takes a twentieth of it; what did not is kept whole, and all files of a run stay below 200 MB.";
    FINDINGS, "the steps of findings, once those of the run are used up", 4 << 20, "bytes",
        "What was found needs its evidence more than what was kept.";
    IN_SHORT, "steps that are kept in short, all scenarios together", 4 << 20, "bytes",
        "Method, URL, status, lengths and digests of ten thousand exchanges.";
    SECRETS, "values of a scenario that are looked for in its texts", 256 << 10, "bytes",
        "Every cookie of the longest story; each is looked for in a dozen forms.";
    SECRETS_OF_RUN, "secrets that the files of a run are searched for", 4 << 20, "bytes",
        "Two for every request of a whole run; each is looked for in a dozen forms.";
    PAGE, "elements and texts of a page; on one that has more, nothing is found", 600_000, "nodes",
        "A table of the largest size that is read has fewer; parsed, a page takes far more memory than its text.";
    PAGE_KEPT, "elements and texts of a page that stays parsed", 4000, "nodes",
        "Every browser of every scenario stands on a page; larger ones are parsed for each look.";
    PAGE_BESIDE, "a page that is parsed while others are", 128 << 10, "bytes",
        "Larger ones are parsed one after the other.";
    TEXT_BESIDE, "a text that is searched for secrets while others are", 128 << 10, "bytes",
        "Larger ones are searched one after the other; a search takes many times their size.";
    ANSWER_BESIDE, "an answer, beyond which two scenarios at most run side by side", 256 << 10, "bytes",
        "A scenario holds several answers in several forms; pages of portals are shorter.";
    COOKIE, "a cookie", 4096, "bytes",
        "As browsers have it.";
    COOKIES, "cookies of a browser", 180, "cookies",
        "As browsers have it.";
    REDIRECTS, "redirects that are followed after one request", 10, "redirects",
        "Browsers follow twenty, portals need three.";
    BODY_READ, "a body that is read, where a profile raises `body_limit`", 16 << 20, "bytes",
        "What is read is held in memory, in several forms, for every scenario that runs beside it.";
    MAIL, "a mail", 2 << 20, "bytes",
        "As small mail servers have it.";
    MAILS, "mails that are kept, the newest", 10_000, "mails",
        "A whole run asks for a few hundred.";
    MAIL_TOGETHER, "all mails that are kept, the newest", 16 << 20, "bytes",
        "Thousands of mails as portals write them.";
    LINK, "a link or code in a mail", 8 << 10, "bytes",
        "Longer ones do not survive mail programs.";
}

/// The text where it is no longer than a bound, else its beginning, how long it was, and the digest of
/// the whole. Never longer than the bound.
#[must_use]
pub fn cut(text: String, most: usize) -> String {
    if text.len() <= most {
        return text;
    }
    let mark = mark(&text);
    let room = text.floor_char_boundary(most.saturating_sub(mark.len()));
    format!("{}{mark}", &text[..room])
}

/// What [`cut`] left of a text; the text itself where it is whole.
pub(crate) fn uncut(text: &str) -> &str {
    let Some((kept, mark)) = text.rsplit_once(MARK) else {
        return text;
    };
    let about = mark.split_once(" bytes, sha256:").and_then(|(length, digest)| {
        let digest = digest.strip_suffix(')')?;
        let hex = |byte: u8| byte.is_ascii_hexdigit();
        Some(length.parse::<u64>().is_ok() && digest.len() == 64 && digest.bytes().all(hex))
    });
    if about == Some(true) { kept } else { text }
}

const MARK: &str = "… (cut: ";

/// Length and digest of a text that does not stand in the record as a whole.
fn mark(text: &str) -> String {
    format!("{MARK}{} bytes, {})", text.len(), sha256(text.as_bytes()))
}

/// The bounds as a page of the documentation.
#[must_use]
pub fn manual() -> String {
    let mut page = String::from(MANUAL);
    for Bound { of, most, unit, why } in ALL {
        page.push_str(&format!("| {of} | {} {unit} | {why} |\n", grouped(*most)));
    }
    page
}

const MANUAL: &str = "# Limits

A portal may send what it likes; Touchstone keeps only so much of it. A run is made to stay below 300 MB of
memory and 200 MB of files. On a portal with a megabyte in every value of every answer, the most that was
measured is 441 MB of memory, in a whole run.

- A value that is too long is cut when it is written down. Its beginning, its length and the SHA-256 of
  the whole stay: `… (cut: 1048576 bytes, sha256:…)`. Secrets are taken out before, so the digest is that
  of the redacted value.
- No verdict depends on a cut. What decides is read from the whole answer, or compared by the digest.
- Of a scenario that passed, what decided it is kept: see docs/records.md.
- Where a scenario or a run has used up its room, further exchanges are kept in short: method, URL,
  status, and length and digest of each body. Findings have room of their own.
- `cut` of a scenario in `run.json` counts the values that were cut, the exchanges that are kept in
  short, and the steps that are left out. Every report says so.
- A portal that sets more secrets than can be looked for gets the rest of its texts hidden: every run of
  characters in them that could be a secret.

A profile can raise `body_limit` of `[scope.limits]`, up to the bound below. That stands among the guards
that were loosened, in every report.

| what | most | why |
|---|---|---|
";

fn grouped(number: usize) -> String {
    if number >= 1 << 20 && number.is_multiple_of(1 << 20) {
        format!("{} Mi", number >> 20)
    } else if number >= 1 << 10 && number.is_multiple_of(1 << 10) {
        format!("{} Ki", number >> 10)
    } else {
        number.to_string()
    }
}

#[cfg(test)]
mod tests;
