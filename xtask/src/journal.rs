//! The journal of a run as it is written: an event a line, each searched for secrets first.

use std::{borrow::Cow, collections::BTreeMap, fs::File, io, ops::Range, os::unix::fs::FileExt};

use reports::{
    evidence::evidence_digest,
    folder::JOURNAL,
    growth::Growth,
    journal::{self, Event},
    record::Scenario,
    redact::{Leak, Redactor},
    source::Source,
};

use crate::folder::{CHANGED, Searched};

/// Writes events. What finds no room is tried again before the next.
pub(crate) struct Journal {
    file: File,
    lines: journal::Journal<File>,
    redactor: Redactor,
    trouble: Option<String>,
    withheld: Option<Leak>,
    /// How long the file was before the last event.
    before_end: Option<u64>,
    /// Where each finished scenario stands, or will once there is room.
    places: BTreeMap<String, Range<u64>>,
}

impl Journal {
    /// Begins in an empty file that was opened to append to.
    pub(crate) fn new(file: File, redactor: &Redactor) -> io::Result<Self> {
        let lines = journal::Journal::new(file.try_clone()?);
        let redactor = redactor.clone();
        let places = BTreeMap::new();
        Ok(Self { file, lines, redactor, trouble: None, withheld: None, before_end: None, places })
    }

    /// Writes an event down, after what still waits. One that holds a secret is left out.
    pub(crate) fn keep(&mut self, event: &Event) {
        let mut searched = Searched::new(io::sink(), &self.redactor);
        // Where it holds no secret, nothing can fail but what fails again when it is written.
        let _ = serde_json::to_writer(&mut searched, event).map(|()| searched.end());
        if let Some(leak) = searched.leak() {
            self.withheld.get_or_insert(leak);
            return;
        }
        let begins = self.lines.end();
        let written = self.lines.append(event);
        self.trouble = written.err().map(|error| error.to_string());
        if let Event::ScenarioDone { scenario } = event {
            self.places.insert(scenario.id.clone(), begins..self.lines.end());
        }
    }

    /// Whether a finished scenario can be read again.
    pub(crate) fn holds(&self, scenario: &str) -> bool {
        self.places.get(scenario).is_some_and(|place| self.is_written(place))
    }

    fn is_written(&self, place: &Range<u64>) -> bool {
        !place.is_empty() && place.end <= self.growth().length()
    }

    /// What reads finished scenarios again.
    pub(crate) fn finished(&self) -> io::Result<Finished> {
        let mut places = self.places.clone();
        places.retain(|_, place| self.is_written(place));
        Ok(Finished { file: self.file.try_clone()?, places })
    }

    /// The chain of its lines once one more event is written.
    pub(crate) fn chain_with(&self, event: &Event) -> Option<String> {
        self.lines.head_with(event)
    }

    /// Writes the last event down and waits until all is on the disk. Where that fails, it is not there.
    pub(crate) fn end(&mut self, event: &Event) -> Result<(), String> {
        self.before_end = Some(self.growth().length());
        self.keep(event);
        let synced = self.file.sync_all().map_err(|error| error.to_string());
        let ended = self.trouble().map_or(synced, Err);
        if ended.is_err() {
            self.take_back();
        }
        ended
    }

    /// Takes the last event away again. Nothing can be written after that.
    pub(crate) fn take_back(&mut self) {
        // A disk that lets nothing be cut has let nothing be written either.
        let _ = self.before_end.map(|before| self.file.set_len(before));
    }

    /// What was written to the file.
    pub(crate) fn growth(&self) -> &Growth {
        self.lines.growth()
    }

    /// Why an event is not in it, where one is not.
    pub(crate) fn trouble(&self) -> Option<String> {
        self.trouble.clone()
    }

    /// The secret that an event held, where one did.
    pub(crate) fn withheld(&self) -> Option<&Leak> {
        self.withheld.as_ref()
    }
}

/// Finished scenarios as they stand in the journal.
pub(crate) struct Finished {
    file: File,
    places: BTreeMap<String, Range<u64>>,
}

impl Source for Finished {
    fn whole<'a>(&self, scenario: &'a Scenario) -> io::Result<Cow<'a, Scenario>> {
        let gone = || io::Error::other(format!("{JOURNAL}: {CHANGED}"));
        let Some(place) = self.places.get(&scenario.id) else {
            // What was not written is still whole.
            let whole = evidence_digest(scenario) == scenario.evidence_digest;
            return whole.then_some(Cow::Borrowed(scenario)).ok_or_else(gone);
        };
        let length = usize::try_from(place.end - place.start).map_err(io::Error::other)?;
        let mut line = vec![0; length];
        self.file.read_exact_at(&mut line, place.start)?;
        let whole = journal::finished(&line)
            .filter(|whole| whole.evidence_digest == scenario.evidence_digest);
        whole.map(Cow::Owned).ok_or_else(gone)
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use reports::journal::read;

    use super::*;
    use crate::folder::tests::{redactor, started};

    fn journal(path: &Path) -> Journal {
        let file = File::options().create(true).append(true).open(path).expect("a file");
        Journal::new(file, &redactor()).expect("a journal")
    }

    fn began(id: &str) -> Event {
        Event::ScenarioStarted { id: id.into() }
    }

    #[test]
    fn a_disk_without_room_is_told() {
        let mut journal = journal(Path::new("/dev/full"));
        journal.keep(&started("plain"));
        assert!(journal.trouble().is_some());
        assert!(journal.end(&began("one")).is_err());
    }

    #[test]
    fn a_line_with_a_secret_is_withheld_and_the_rest_stands() {
        let room = tempfile::tempdir().expect("a folder");
        let path = room.path().join("journal");
        let mut journal = journal(&path);
        journal.keep(&started("plain"));
        journal.keep(&began("SuperSecretGateToken-42"));
        let chain = journal.chain_with(&began("one"));
        assert_eq!(journal.end(&began("one")), Ok(()));
        assert_eq!(journal.withheld().map(|leak| &*leak.class), Some("token"));
        let reading = read(&fs::read(&path).expect("read"));
        assert!(reading.is_whole(), "{reading:?}");
        assert_eq!(reading.events, [started("plain"), began("one")]);
        assert_eq!(reading.head, chain);

        journal.take_back();
        assert_eq!(read(&fs::read(&path).expect("read")).events, [started("plain")]);
    }
}
