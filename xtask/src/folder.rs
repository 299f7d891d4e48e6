//! The directory of a run: what is written there, and the last look for secrets. Where it is and whose
//! is `folder/place.rs`'s, what becomes of a run by it `ending.rs`'s.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::Context;
use harness::program;
use ledger::{self, Ledger};
use profile::Description;
use reports::{
    folder::{JOURNAL, RUN, to_writer},
    growth::Growth,
    journal::Event,
    record::{Outcome, Run, Step},
    redact::{Leak, Redactor},
    render::{self, FORMATS, Format, Style},
    source::Source,
};
use softkey::Seed;

use crate::{journal::Journal, stop::Stop};

mod place;
mod searched;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use place::shown;
use place::{Identity, Place};
pub(crate) use searched::Searched;

/// Where runs stand in the repository that are given no other place.
pub(crate) const IN_ITS_REPOSITORY: &str = "target/touchstone";

/// Where they stand beside an installed program.
pub(crate) const INSTALLED: &str = "touchstone-runs";

/// Where they stand here.
pub(crate) fn runs() -> &'static str {
    if program::name() == program::INSTALLED { INSTALLED } else { IN_ITS_REPOSITORY }
}

/// A file that is made of a run's record.
struct Rendering {
    name: &'static str,
    write: render::Write,
}

/// What machines read of a run.
const DATA: [Rendering; 2] = [
    Rendering { name: RUN, write: |run, source, _, sink| to_writer(run, source, sink) },
    Rendering {
        name: "ceremonies.jsonl",
        write: |run, source, _, sink| ceremonies(run, source, sink),
    },
];

/// Every file of a run but what grows: the journal and the ledger.
fn renderings() -> impl Iterator<Item = Rendering> {
    let shown = FORMATS.iter().filter_map(|format| {
        let Format { file, write, .. } = *format;
        Some(Rendering { name: file?, write })
    });
    DATA.into_iter().chain(shown)
}

/// What is said of a file that grows and holds something else than what was written.
pub(crate) const CHANGED: &str = "somebody else changed it while the run went on";

/// The last second that RFC 3339 knows, since 1970.
const LAST_SECOND: u64 = 253_402_300_799;

/// The present time as a run writes down when it began, RFC 3339.
pub(crate) fn now() -> String {
    written(SystemTime::now())
}

/// A time, RFC 3339; of a clock that is far wrong, the nearest that can be written so.
fn written(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let time = UNIX_EPOCH + Duration::from_secs(since.min(LAST_SECOND));
    humantime::format_rfc3339_seconds(time).to_string()
}

/// A directory's name: when a run began, and its seed's beginning.
pub(crate) fn name(started: &str, seed: &Seed) -> String {
    let stamp = started.replace([':', '-'], "").replace('T', "-");
    let seed = seed.hex();
    format!("{}-{}", stamp.trim_end_matches('Z'), seed.get(..8).unwrap_or_default())
}

/// Refuses a directory that [`Folder::make`] would refuse, before anything is sent or made.
pub(crate) fn look(out: Option<&Path>) -> anyhow::Result<()> {
    out.map_or(Ok(()), place::look)
}

/// A run's directory. Only files that this run made are ever read, withheld or removed.
pub(crate) struct Folder {
    place: Place,
    /// What grows as long as the run goes on.
    growing: Mutex<Vec<Growing>>,
}

/// A file that grows. What was written to it is its writer's to say.
#[derive(Clone, Copy)]
struct Growing {
    name: &'static str,
    made: Identity,
}

/// What was written to each file that grows, by its name.
pub(crate) type Grown = [(&'static str, Growth)];

/// What became of files.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// What is whole, searched, and without its name yet.
    pub(crate) ready: Vec<&'static str>,
    /// What held a secret.
    pub(crate) withheld: Vec<String>,
    /// What could not be written, with what the system says.
    pub(crate) failed: Vec<String>,
}

impl Folder {
    /// Takes the directory for a run; makes it where there is none.
    pub(crate) fn make(out: Option<&Path>, name: &str) -> anyhow::Result<Self> {
        let path = out.map_or_else(|| PathBuf::from(runs()).join(name), Path::to_owned);
        let place = Place::take(&path)?;
        if out.is_none() {
            point_latest(name);
        }
        Ok(Self { place, growing: Mutex::default() })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.place.path()
    }

    /// The ledger; a file, unless the profile says that accounts vanish with the portal.
    pub(crate) fn ledger(
        &self,
        about: &Description,
        header: &ledger::Header,
        redactor: &Redactor,
    ) -> anyhow::Result<Ledger> {
        if about.actors.disposable {
            return Ok(Ledger::in_memory());
        }
        let file = self.grows(ledger::FILE).map_err(|error| self.cannot(ledger::FILE, &error))?;
        Ledger::create(file, header, redactor).map_err(|error| self.cannot(ledger::FILE, &error))
    }

    /// The journal, to append to.
    pub(crate) fn journal(&self, redactor: &Redactor) -> anyhow::Result<Journal> {
        let journal = self.grows(JOURNAL).and_then(|file| Journal::new(file, redactor));
        journal.map_err(|error| self.cannot(JOURNAL, &error))
    }

    /// What stands in the journal so far, finished scenarios in outline.
    pub(crate) fn events(&self, written: &Growth) -> anyhow::Result<Vec<Event>> {
        let bytes = self.place.read(JOURNAL).context("kit: the journal cannot be read")?;
        if !written.is(&bytes) {
            return Err(Stop::with(Outcome::NoVerdict, format!("kit: {JOURNAL}: {CHANGED}")));
        }
        Ok(reports::journal::read_outlines(&bytes).events)
    }

    fn grows(&self, name: &'static str) -> io::Result<fs::File> {
        let file = self.place.create(name)?;
        let made = Identity::of(&file)?;
        self.growing().push(Growing { name, made });
        Ok(file)
    }

    fn growing(&self) -> MutexGuard<'_, Vec<Growing>> {
        self.growing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cannot(&self, name: &str, error: &dyn std::fmt::Display) -> anyhow::Error {
        let path = shown(&self.path().join(name));
        Stop::with(
            Outcome::NoVerdict,
            format!("kit: cannot write {path}: {error}; free space or give another --out"),
        )
    }

    /// Writes every file of a run but the journal, and searches each piece of it before that is on the
    /// disk. None has its name yet, and none is whole in memory.
    pub(crate) fn prepare(&self, run: &Run, source: &dyn Source, redactor: &Redactor) -> Written {
        let mut written = Written::default();
        for file in renderings() {
            let name = file.name;
            match self.prepare_one(&file, (run, source), redactor) {
                Ok(None) => written.ready.push(name),
                Ok(Some(leak)) => written.withheld.push(leak),
                Err(error) => written.failed.push(format!("{name}: {error}")),
            }
        }
        written
    }

    fn prepare_one(
        &self,
        Rendering { name, write }: &Rendering,
        (run, source): (&Run, &dyn Source),
        redactor: &Redactor,
    ) -> io::Result<Option<String>> {
        let search = |sink: &mut dyn io::Write| {
            let mut searched = Searched::new(sink, redactor);
            let written =
                write(run, source, Style::PLAIN, &mut searched).and_then(|()| searched.end());
            (written, searched.leak())
        };
        let mut leak = None;
        let prepared = self.place.prepare(name, |file| {
            let (written, found) = search(file);
            leak = found;
            written
        });
        if leak.is_none() && prepared.is_err() {
            // A secret is told of also where nothing can be written.
            leak = search(&mut io::sink()).1;
        }
        match leak {
            Some(leak) => Ok(Some(self.told(name, &leak))),
            None => prepared.map(|()| None),
        }
    }

    fn told(&self, name: &str, leak: &Leak) -> String {
        let path = shown(&self.path().join(name));
        format!("{path}: a {} in {} form", leak.class, leak.form)
    }

    /// What a file of this run holds: how much, and the first secret.
    fn looked_at(
        &self,
        name: &str,
        made: Identity,
        redactor: &Redactor,
    ) -> io::Result<(Growth, Option<Leak>)> {
        self.place.holds(name, made, None)?;
        let mut growth = Growth::default();
        let mut searched = Searched::new(&mut growth, redactor);
        let read =
            io::copy(&mut self.place.open(name)?, &mut searched).and_then(|_| searched.end());
        match searched.leak() {
            None => read.map(|()| (growth, None)),
            leak => Ok((growth, leak)),
        }
    }

    /// Searches what has grown once more, for what was learnt after a line was written. A file that
    /// holds a secret is taken away. One that does not hold what was written is told of, and one that
    /// stands in its place is somebody's: it is left alone.
    pub(crate) fn search_again(&self, redactor: &Redactor, grown: &Grown) -> Written {
        let mut written = Written::default();
        self.growing().retain(|Growing { name, made }| {
            match self.looked_at(name, *made, redactor) {
                Ok((_, Some(leak))) => {
                    self.place.remove(name);
                    written.withheld.push(self.told(name, &leak));
                    false
                }
                Ok((seen, None)) => {
                    let changed = |(known, growth): &(&str, Growth)| {
                        known == name && !growth.is_that_of(&seen)
                    };
                    if grown.iter().any(changed) {
                        written.failed.push(format!("{name}: {CHANGED}"));
                    }
                    true
                }
                Err(error) => {
                    written.failed.push(format!("{name}: {error}"));
                    true
                }
            }
        });
        written
    }

    /// Gives files their names, all or none.
    pub(crate) fn publish(&self, names: &[&'static str]) -> io::Result<()> {
        self.publish_and(names, || self.place.sync())
    }

    /// The same, with what must be done before they may keep their names.
    fn publish_and(
        &self,
        names: &[&'static str],
        sync: impl Fn() -> io::Result<()>,
    ) -> io::Result<()> {
        for (at, name) in names.iter().enumerate() {
            if let Err(error) = self.place.publish(name) {
                names[..at].iter().for_each(|name| self.place.remove(name));
                self.discard(&names[at..]);
                return Err(io::Error::new(error.kind(), format!("{name}: {error}")));
            }
        }
        sync().inspect_err(|_| names.iter().for_each(|name| self.place.remove(name)))
    }

    /// Takes prepared files away.
    pub(crate) fn discard(&self, names: &[&'static str]) {
        names.iter().for_each(|name| self.place.discard(name));
    }

    /// Whether everything that grew is still where people will look for it, and is as long as what was
    /// written.
    pub(crate) fn is_there(&self, grown: &Grown) -> io::Result<()> {
        self.place.is_there()?;
        for Growing { name, made } in self.growing().iter() {
            let growth = grown.iter().find(|(known, _)| known == name);
            let length = growth.map(|(_, growth)| growth.length());
            self.place
                .holds(name, *made, length)
                .map_err(|error| io::Error::new(error.kind(), format!("{name}: {error}")))?;
        }
        Ok(())
    }

    /// Takes the directory away, where it holds nothing but what grew.
    pub(crate) fn unmake(self) {
        let growing = self.growing.into_inner().unwrap_or_else(PoisonError::into_inner);
        let names: Vec<&str> = growing.iter().map(|growing| growing.name).collect();
        self.place.unmake(&names);
    }
}

/// A link to the newest run. What is no link is somebody's, and stays.
fn point_latest(name: &str) {
    let latest = Path::new(runs()).join("latest");
    if fs::symlink_metadata(&latest).is_ok_and(|found| !found.is_symlink()) {
        return;
    }
    let _ = fs::remove_file(&latest);
    let _ = std::os::unix::fs::symlink(name, latest);
}

/// What the software key said, a line each, in the order of the plan.
fn ceremonies(run: &Run, source: &dyn Source, sink: &mut dyn io::Write) -> io::Result<()> {
    for scenario in &run.scenarios {
        let scenario = source.whole(scenario)?;
        for step in &scenario.steps {
            if let Step::Ceremony(said) = step {
                let line = serde_json::json!({ "scenario": scenario.id, "said": said });
                writeln!(sink, "{line}")?;
            }
        }
        let left_out = scenario.left_out.as_ref().and_then(|left| left.ceremonies.as_ref());
        if let Some(said) = left_out {
            let line = serde_json::json!({ "scenario": scenario.id, "left_out": said });
            writeln!(sink, "{line}")?;
        }
    }
    Ok(())
}
