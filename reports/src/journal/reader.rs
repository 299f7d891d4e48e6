//! Reading a journal, whatever became of it: a line that is not whole costs itself and nothing else,
//! and what was cut, edited, moved or put in is told from what only tore.

use serde::de::IgnoredAny;

use super::{
    Event,
    chain::{self, Link, PREFIX, START},
};
use crate::{evidence::evidence_digest, record::Scenario, source::let_go};

/// A journal as far as it can be read.
#[derive(Debug, Default)]
pub struct Reading {
    /// The events, in the order of the lines.
    pub events: Vec<Event>,
    /// Whether its lines are chained; journals of before version 1.1 are not.
    pub chained: bool,
    /// The chain of the last line that is whole.
    pub head: Option<String>,
    /// How many events stood on lines that are not whole any more. The last line is not counted where
    /// it has no line break: whoever is killed leaves one.
    pub lost: u64,
    /// Whether the last line is half a line.
    pub torn: bool,
    /// What no accident makes of a journal.
    pub faults: Vec<Fault>,
}

/// Something in a journal that no accident explains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line, counted from one.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

/// How many bytes of a file are whole lines.
#[must_use]
pub fn whole_lines(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1)
}

/// The finished scenario on a line, where there is one.
#[must_use]
pub fn finished(line: &[u8]) -> Option<Scenario> {
    let line = std::str::from_utf8(line).ok()?;
    match chain::parse(line.trim_end_matches('\n'))?.1.ok()? {
        Event::ScenarioDone { scenario } => Some(*scenario),
        Event::Started { .. }
        | Event::CanaryDone { .. }
        | Event::ScenarioStarted { .. }
        | Event::CleanedUp { .. }
        | Event::Ended { .. } => None,
    }
}

/// Reads a journal.
#[must_use]
pub fn read(bytes: &[u8]) -> Reading {
    read_each(bytes, |_| {})
}

/// Reads a journal of which finished scenarios are wanted in outline alone, see [`crate::source`].
#[must_use]
pub fn read_outlines(bytes: &[u8]) -> Reading {
    read_each(bytes, let_go)
}

fn read_each(bytes: &[u8], take: fn(&mut Scenario)) -> Reading {
    let mut reading = Reading { chained: is_chained(bytes), ..Reading::default() };
    let mut last = Link { n: 0, after: String::new(), chain: START.to_owned() };
    // Lines since the last whole one that are not whole.
    let mut spoilt = 0;
    for (index, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let (line, number) = (Line::of(line, reading.chained), index + 1);
        match line {
            Line::Plain(event) => reading.keep(event, number, take),
            Line::Chained { link, event, glued } => {
                reading.follows(&last, &link, spoilt + u64::from(glued), number);
                (last, spoilt) = (link, 0);
                match event {
                    Ok(event) => reading.keep(event, number, take),
                    Err(error) => reading.fault(number, &format!("it is no event: {error}")),
                }
            }
            Line::Edited => {
                spoilt += 1;
                reading.fault(number, "its digest is another one, and it is no half line");
            }
            Line::Spoilt if reading.chained => spoilt += 1,
            Line::Spoilt => reading.lost += 1,
            Line::Torn => reading.torn = true,
        }
    }
    reading.lost = reading.lost.saturating_add(spoilt);
    reading.head = (last.n > 0).then_some(last.chain);
    reading
}

fn is_chained(bytes: &[u8]) -> bool {
    bytes.split(|byte| *byte == b'\n').any(|line| line.starts_with(PREFIX.as_bytes()))
}

impl Reading {
    /// Whether every line is there, whole and as it was written.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.chained && self.lost == 0 && !self.torn && self.faults.is_empty()
    }

    /// What stands in a scenario is that of its digest, or a fault: outlines are compared by it.
    fn keep(&mut self, mut event: Event, number: usize, take: fn(&mut Scenario)) {
        if let Event::ScenarioDone { scenario } = &mut event {
            if evidence_digest(scenario) != scenario.evidence_digest {
                self.fault(number, "the evidence in it has another digest");
            }
            take(scenario);
        }
        self.events.push(event);
    }

    /// One line after another: either it continues it, or something that is not whole lies between.
    fn follows(&mut self, last: &Link, link: &Link, spoilt: u64, number: usize) {
        let missing = link.n.checked_sub(last.n).and_then(|apart| apart.checked_sub(1));
        match (missing, spoilt) {
            (Some(0), 0) if link.after == last.chain => {}
            (Some(0), 0) => self.fault(number, "it does not continue the line before it"),
            (Some(0), _) => self.fault(number, "something was put in before it"),
            (Some(missing), 0) => {
                self.lost = self.lost.saturating_add(missing);
                self.fault(number, &format!("{missing} lines before it are missing"));
            }
            (Some(missing), _) => self.lost = self.lost.saturating_add(missing),
            (None, _) => self.fault(number, "it stands after a line that is later than it"),
        }
    }

    fn fault(&mut self, line: usize, what: &str) {
        self.faults.push(Fault { line, what: what.to_owned() });
    }
}

/// What stands on a line.
enum Line {
    /// An event without a chain, as programs before version 1.1 wrote it.
    Plain(Event),
    /// An event with its place, and whether half a line stands before it.
    Chained { link: Link, event: serde_json::Result<Event>, glued: bool },
    /// JSON that is whole and is not what was written.
    Edited,
    /// Anything else, with a line break.
    Spoilt,
    /// Anything else, without one: the last line.
    Torn,
}

impl Line {
    fn of(bytes: &[u8], chained: bool) -> Self {
        let text = std::str::from_utf8(bytes).ok().map(|line| line.trim_end_matches('\n'));
        let known =
            text.and_then(|text| if chained { Self::chained(text) } else { Self::plain(text) });
        known.unwrap_or_else(|| match (serde_json::from_slice::<IgnoredAny>(bytes), bytes.last()) {
            (Ok(_), _) if chained => Self::Edited,
            (_, Some(b'\n')) => Self::Spoilt,
            (_, Some(_) | None) => Self::Torn,
        })
    }

    fn plain(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self::Plain)
    }

    /// A whole line that was glued to half a line is read all the same.
    fn chained(text: &str) -> Option<Self> {
        if let Some((link, event)) = chain::parse(text) {
            return Some(Self::Chained { link, event, glued: false });
        }
        let (link, event) = chain::parse(text.get(text.rfind(PREFIX)?..)?)?;
        Some(Self::Chained { link, event, glued: true })
    }
}
