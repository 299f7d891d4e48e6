//! The form of one line of a ledger, and what is read of one that is damaged. Each line says what stands
//! before it, so that of a line that is lost it is known what it may have been:
//! `{"entry":"created","before":{"lines":2,"accounts":1,"not_ours":0},"n":0}`. Lines of before version 1.1
//! do not say it.

use std::io;

use serde::{Deserialize, Serialize, de::IgnoredAny};

use super::{Header, Name};

/// How every line begins. Inside a string its quotation marks would be escaped.
const MARK: &str = "{\"entry\":\"";

const BEFORE: &str = ",\"before\":";

/// What is said of an account where the line that said it is damaged.
pub(super) const UNREAD: &str = "the line of the ledger that says why is damaged";

/// One line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Line {
    /// The first line.
    Begun(Header),
    /// An account is about to be made.
    Creating { n: u64, account: Name },
    /// It was made.
    Created { n: u64 },
    /// The portal would not make it.
    Refused { n: u64 },
    /// It is about to be removed.
    Removing { n: u64 },
    /// It was there and was removed.
    Removed { n: u64 },
    /// It turned out not to be there: never made, or removed by a run that was killed.
    Absent { n: u64 },
    /// An account of the pool is about to be lent to a scenario.
    Lending { n: u64, account: Name },
    /// It was put back as it was.
    GivenBack { n: u64 },
    /// It could not be removed, or not put back as it was.
    Left { n: u64, why: String },
    /// The portal took its name for that of another account, which is not the run's: it is touched no
    /// more, by nobody.
    LetGo { n: u64, why: String },
    /// It was shown that the portal keeps names apart. Until then no name is sent to be removed of which
    /// the portal may leave somebody else's.
    KeptApart {},
}

impl Line {
    /// Whether it begins an account.
    pub(super) const fn begins(&self) -> bool {
        matches!(self, Self::Creating { .. } | Self::Lending { .. })
    }

    /// The number of its account.
    pub(super) const fn number(&self) -> Option<u64> {
        match self {
            Self::Begun(_) | Self::KeptApart {} => None,
            Self::Creating { n, .. }
            | Self::Created { n }
            | Self::Refused { n }
            | Self::Removing { n }
            | Self::Removed { n }
            | Self::Absent { n }
            | Self::Lending { n, .. }
            | Self::GivenBack { n }
            | Self::Left { n, .. }
            | Self::LetGo { n, .. } => Some(*n),
        }
    }

    /// The same line, without what it quotes.
    pub(super) fn without_reason(&self) -> Self {
        let why = || "its reason held a secret and was withheld".to_owned();
        match self {
            Self::Left { n, .. } => Self::Left { n: *n, why: why() },
            Self::LetGo { n, .. } => Self::LetGo { n: *n, why: why() },
            Self::Begun(_)
            | Self::Creating { .. }
            | Self::Created { .. }
            | Self::Refused { .. }
            | Self::Removing { .. }
            | Self::Removed { .. }
            | Self::Absent { .. }
            | Self::Lending { .. }
            | Self::GivenBack { .. }
            | Self::KeptApart {} => self.clone(),
        }
    }

    /// Whether it says that an account is not the run's. Without it somebody else's would be removed.
    pub(super) const fn bars(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::LetGo { .. })
    }
}

/// What stands in a ledger before a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Before {
    pub(super) lines: u64,
    /// Lines that begin an account.
    pub(super) accounts: u64,
    /// Lines that say that an account is not the run's.
    pub(super) not_ours: u64,
}

impl Before {
    /// What stands before the line that follows one.
    pub(super) fn after(self, line: &Line) -> Self {
        self.with(line.begins(), line.bars())
    }

    /// What may stand before whatever follows a piece that is damaged.
    pub(super) fn after_harm(self, harm: Harm) -> Self {
        match harm {
            Harm::None => self,
            Harm::Lost { begins, bars } => self.with(begins, bars),
        }
    }

    fn with(self, begins: bool, bars: bool) -> Self {
        Self {
            lines: self.lines.saturating_add(1),
            accounts: self.accounts.saturating_add(begins.into()),
            not_ours: self.not_ours.saturating_add(bars.into()),
        }
    }
}

/// What may be lost with a piece of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Harm {
    None,
    /// Lines, and whether one of them may begin an account, or say that one is not the run's.
    Lost {
        begins: bool,
        bars: bool,
    },
}

/// A line, or what is left of some.
#[derive(Debug)]
pub(super) struct Piece {
    /// The line of the file, counted from one.
    pub(super) at: usize,
    pub(super) line: Option<(Line, Option<Before>)>,
    /// Whether the line is there as it was written.
    pub(super) whole: bool,
    pub(super) harm: Harm,
}

/// A line as it is written, with its line break.
pub(super) fn written(line: &Line, before: Option<Before>) -> io::Result<Vec<u8>> {
    let text = serde_json::to_string(line)?;
    let Some(before) = before else { return Ok((text + "\n").into_bytes()) };
    let (kind, members) = split(&text).unwrap_or_default();
    let before = serde_json::to_string(&before)?;
    Ok(format!("{MARK}{kind}\"{BEFORE}{before}{members}\n").into_bytes())
}

/// Reads a file piece by piece. Two lines on one are read apart: a line break may be what was lost.
pub(super) fn pieces(bytes: &[u8]) -> Vec<Piece> {
    let lines = bytes.split_inclusive(|byte| *byte == b'\n').enumerate();
    let pieces = lines.flat_map(|(index, line)| {
        let ends = line.ends_with(b"\n");
        let segments = segments(line.trim_ascii_end());
        let last = segments.len().saturating_sub(1);
        segments.into_iter().enumerate().map(move |(number, segment)| {
            // Whoever is killed, or finds no room, leaves the beginning of a line at the end of the file.
            piece(segment, index + 1, !ends && number == last)
        })
    });
    pieces.collect()
}

/// A line of a file, cut wherever a line begins. One with nothing in it is what is left of a line.
fn segments(line: &[u8]) -> Vec<&[u8]> {
    if line.is_empty() {
        return vec![line];
    }
    let begins = |at: &usize| line[*at..].starts_with(MARK.as_bytes());
    let mut cuts: Vec<usize> = (0..line.len()).filter(begins).collect();
    cuts.insert(0, 0);
    cuts.push(line.len());
    cuts.dedup();
    cuts.windows(2).map(|pair| &line[pair[0]..pair[1]]).collect()
}

fn piece(segment: &[u8], at: usize, half: bool) -> Piece {
    let text = std::str::from_utf8(segment).ok();
    if let Some(line) = text.and_then(whole) {
        return Piece { at, line: Some(line), whole: true, harm: Harm::None };
    }
    let line = recovered(&String::from_utf8_lossy(segment));
    let harm = match (half && is_beginning(segment), &line) {
        (true, Some(_)) => Harm::None,
        // An account is begun only once its line is whole on the disk.
        (true, None) => Harm::Lost { begins: false, bars: may_bar(segment) },
        // As much may be missing as one likes.
        (false, _) => Harm::Lost { begins: true, bars: true },
    };
    Piece { at, line, whole: false, harm }
}

/// Whether it is the beginning of one line, with nothing else in it.
fn is_beginning(segment: &[u8]) -> bool {
    let read = serde_json::from_slice::<IgnoredAny>(segment);
    read.map_or_else(|error| error.is_eof(), |_| true)
}

/// The kind of a line and the members after it.
fn split(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix(MARK)?.split_once('"')
}

/// The kind of a line, what stands before it, and its other members.
fn parts(text: &str) -> Option<(&str, Option<Before>, &str)> {
    let (kind, members) = split(text)?;
    let Some(rest) = members.strip_prefix(BEFORE) else { return Some((kind, None, members)) };
    let end = rest.find('}')? + 1;
    let before = serde_json::from_str(rest.get(..end)?).ok()?;
    Some((kind, Some(before), rest.get(end..)?))
}

fn whole(text: &str) -> Option<(Line, Option<Before>)> {
    let (kind, before, members) = parts(text)?;
    let line = serde_json::from_str(&format!("{MARK}{kind}\"{members}")).ok()?;
    Some((line, before))
}

/// What the beginning of a line says for sure.
fn recovered(text: &str) -> Option<(Line, Option<Before>)> {
    let (kind, before, members) = parts(text)?;
    let after = members.strip_prefix(",\"n\":")?;
    let end = after.find([',', '}'])?;
    let n: u64 = after.get(..end)?.parse().ok()?;
    let why = || UNREAD.to_owned();
    let line = match kind {
        "created" => Line::Created { n },
        "refused" => Line::Refused { n },
        "removing" => Line::Removing { n },
        "removed" => Line::Removed { n },
        "absent" => Line::Absent { n },
        "given-back" => Line::GivenBack { n },
        "left" => Line::Left { n, why: why() },
        "let-go" => Line::LetGo { n, why: why() },
        // The name must be there as a whole.
        _ => {
            let named = members.get(..=members.find('}')?)?;
            serde_json::from_str(&format!("{MARK}{kind}\"{named}}}")).ok()?
        }
    };
    Some((line, before))
}

/// Whether the beginning of a line may be that of one that says that an account is not the run's.
fn may_bar(segment: &[u8]) -> bool {
    let of = |kind: &str| {
        let begins = format!("{MARK}{kind}\"").into_bytes();
        begins.starts_with(segment) || segment.starts_with(&begins)
    };
    let others = [
        "begun",
        "creating",
        "created",
        "removing",
        "removed",
        "absent",
        "lending",
        "given-back",
        "left",
        "kept-apart",
    ];
    of("refused") || of("let-go") || !others.into_iter().any(of)
}
