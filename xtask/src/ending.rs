//! How a run ends: its files are written and searched before any has its name, and its word is decided
//! by what became of them. Nothing on the disk says that a portal conforms when something is missing.

use std::{io, path::Path};

use harness::program;
use ledger::{self, Ledger, LineError};
use reports::{
    evidence::seal_run,
    folder::JOURNAL,
    growth::Growth,
    journal::Event,
    judge,
    record::{Outcome, Run},
    redact::Redactor,
    source::Source,
};

use crate::{
    folder::{Folder, Written, shown},
    live::Live,
    stop::Stop,
};

/// What a run was written with.
pub(crate) struct Desk<'a> {
    pub(crate) folder: &'a Folder,
    pub(crate) live: &'a Live,
    pub(crate) ledger: &'a Ledger,
    pub(crate) redactor: &'a Redactor,
    /// What is printed of a run at its end.
    pub(crate) printed: &'a dyn Fn(&Run, &dyn Source) -> io::Result<String>,
}

/// Why a run is not written as it came out.
#[derive(Debug, Default)]
struct Trouble {
    withheld: Vec<String>,
    /// Of what is printed.
    unprinted: Option<String>,
    failed: Vec<String>,
}

impl Desk<'_> {
    /// Writes every file. The run's word is what stands in the files then; where one is missing, the
    /// error says why.
    pub(crate) fn close(&self, run: &mut Run) -> Result<(), anyhow::Error> {
        let Err(trouble) = self.write(run) else { return Ok(()) };
        let message = trouble.message(self.folder.path());
        run.note = Some(message.clone());
        if !trouble.is_leak() {
            // Without its files a run has no verdict, whatever it saw.
            run.outcome = Outcome::NoVerdict;
            run.exit_code = judge::exit_code(run.outcome);
            seal_run(run, None);
        } else {
            let stopped = Some(Outcome::StoppedForSafety);
            (run.outcome, run.exit_code) =
                judge::conclude(&run.scenarios, &run.canary, run.strict, stopped);
            run.note = Some(trouble.note().to_owned());
            self.write_rest(run, &trouble);
        }
        Err(Stop::with(run.outcome, message))
    }

    /// All or nothing.
    fn write(&self, run: &mut Run) -> Result<(), Trouble> {
        let mut trouble = self.trouble_so_far();
        self.seal(run);
        let finished = self.live.finished();
        let finished = finished.map_err(|error| trouble.with(format!("{JOURNAL}: {error}")))?;
        let prepared = self.folder.prepare(run, &finished, self.redactor);
        let ready = trouble.take(prepared);
        match (self.printed)(run, &finished) {
            Ok(text) => trouble.unprinted = self.leak_of(&text),
            Err(error) => trouble.failed.push(error.to_string()),
        }
        trouble.take(self.folder.search_again(self.redactor, &self.grown()));
        // From here on a kill leaves a journal that says how the run ended.
        if trouble.is_none()
            && let Err(error) = self.live.end(&ended(run))
        {
            trouble.failed.push(format!("journal.jsonl: {error}"));
        }
        if !trouble.is_none() {
            self.folder.discard(&ready);
            return Err(trouble);
        }
        self.publish(&ready).map_err(|error| Trouble { failed: vec![error], ..Trouble::default() })
    }

    /// The text to be printed, where it holds no secret. It is searched like a file.
    pub(crate) fn printable(&self, run: &Run) -> Option<String> {
        let text = (self.printed)(run, &self.live.finished().ok()?).ok()?;
        self.leak_of(&text).is_none().then_some(text)
    }

    fn leak_of(&self, text: &str) -> Option<String> {
        let leak = self.redactor.scan(text.as_bytes()).into_iter().next()?;
        Some(format!("a {} in {} form", leak.class, leak.form))
    }

    /// Gives files their names, where the journal tells of the same end. Otherwise it tells of none.
    fn publish(&self, ready: &[&'static str]) -> Result<(), String> {
        let is_there =
            self.folder.is_there(&self.grown()).inspect_err(|_| self.folder.discard(ready));
        let published = is_there.and_then(|()| self.folder.publish(ready));
        published.map_err(|error| {
            self.live.not_ended();
            error.to_string()
        })
    }

    /// What was written to the files that grow.
    fn grown(&self) -> Vec<(&'static str, Growth)> {
        let ledger = self.ledger.growth().map(|growth| (ledger::FILE, growth));
        [(JOURNAL, self.live.growth())].into_iter().chain(ledger).collect()
    }

    /// The record carries the chain of the journal as it will be.
    fn seal(&self, run: &mut Run) {
        let chain = self.live.chain_with(&ended(run));
        seal_run(run, chain);
    }

    /// What went wrong while the run went on.
    fn trouble_so_far(&self) -> Trouble {
        let mut trouble = Trouble::default();
        let (broken, leak) = self.live.trouble();
        trouble.failed.extend(broken.map(|error| format!("journal.jsonl: {error}")));
        let said = |leak| LineError::Withheld(leak).to_string();
        trouble.withheld.extend(leak.map(|leak| format!("journal.jsonl: {}", said(leak))));
        match self.ledger.trouble() {
            Some(LineError::File(error)) => trouble.failed.push(format!("ledger.jsonl: {error}")),
            Some(error @ LineError::Withheld(_)) => {
                trouble.withheld.push(format!("ledger.jsonl: {error}"));
            }
            None => {}
        }
        if let Err(error) = self.folder.is_there(&self.grown()) {
            trouble.failed.push(error.to_string());
        }
        trouble
    }

    /// What holds no secret is kept, with the word that the run ends in.
    fn write_rest(&self, run: &mut Run, trouble: &Trouble) {
        self.seal(run);
        if !trouble.failed.is_empty() {
            return;
        }
        let Ok(finished) = self.live.finished() else { return };
        let rest = self.folder.prepare(run, &finished, self.redactor).ready;
        if self.live.end(&ended(run)).is_err() {
            self.folder.discard(&rest);
        } else {
            // What is not written is told of already.
            let _ = self.publish(&rest);
        }
    }
}

impl Trouble {
    /// The same, and one thing more.
    fn with(&mut self, failed: String) -> Self {
        self.failed.push(failed);
        std::mem::take(self)
    }

    fn is_none(&self) -> bool {
        !self.is_leak() && self.failed.is_empty()
    }

    fn is_leak(&self) -> bool {
        !self.withheld.is_empty() || self.unprinted.is_some()
    }

    /// What the record says where a secret was found.
    fn note(&self) -> &'static str {
        if self.withheld.is_empty() {
            "what was to be printed held a secret, and is not printed"
        } else {
            "files that held a secret were withheld"
        }
    }

    /// Takes what went wrong; hands on what did not.
    fn take(&mut self, written: Written) -> Vec<&'static str> {
        self.withheld.extend(written.withheld);
        self.failed.extend(written.failed);
        written.ready
    }

    fn message(&self, folder: &Path) -> String {
        let mut said = Vec::new();
        if !self.withheld.is_empty() {
            said.push(format!(
                "kit: files that held a secret were withheld:\n  {}",
                self.withheld.join("\n  ")
            ));
        }
        if let Some(leak) = &self.unprinted {
            said.push(format!(
                "kit: what was to be printed held a secret, and is not printed: {leak}"
            ));
        }
        if !self.failed.is_empty() {
            let folder = shown(folder);
            said.push(format!(
                "kit: the run could not be written to {folder}:\n  {}\nfree space, give another --out, or end what else writes there; what was finished is in the journal: {} report {folder}",
                self.failed.join("\n  "),
                program::name()
            ));
        }
        said.join("\n")
    }
}

/// The last event of a run.
pub(crate) fn ended(run: &Run) -> Event {
    Event::Ended {
        outcome: run.outcome,
        exit_code: run.exit_code,
        duration_ms: run.duration_ms,
        note: run.note.clone(),
        traffic: run.traffic,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use harness::runner::Listener;

    use reports::render::{Style, says_green, terminal};

    use super::*;
    use crate::folder::tests::{conforming, redactor, started};

    /// The files that say how a run ended.
    const TELL: [&str; 5] = ["journal.jsonl", "junit.xml", "report.html", "run.json", "summary.md"];

    /// What is left of a run that is closed, after `spoil` had its way with its folder: its word, what
    /// is said, and the names of its files.
    fn closed(name: &str, spoil: impl Fn(&Path)) -> (Outcome, u8, String, Vec<String>) {
        printing(name, &|run| terminal::summary(run, Style::PLAIN), spoil)
    }

    /// The same, where this is to be printed.
    fn printing(
        name: &str,
        printed: &dyn Fn(&Run) -> String,
        spoil: impl Fn(&Path),
    ) -> (Outcome, u8, String, Vec<String>) {
        let place = tempfile::tempdir().expect("a folder");
        let out = place.path().join("run");
        let redactor = redactor();
        let folder = Folder::make(Some(&out), "").expect("made");
        let live = Live::new(folder.journal(&redactor).expect("a journal"));
        live.hear(&started("plain"));
        spoil(&out);
        let mut run = conforming(name);
        let desk = Desk {
            folder: &folder,
            live: &live,
            ledger: &Ledger::in_memory(),
            redactor: &redactor,
            printed: &|run: &Run, _: &dyn Source| Ok(printed(run)),
        };
        let said = desk.close(&mut run).map_err(|error| {
            let stop = error.downcast_ref::<Stop>().expect("a word");
            assert_eq!(stop.outcome, run.outcome);
            error.to_string()
        });
        for entry in fs::read_dir(&out).into_iter().flatten().flatten() {
            let (name, bytes) = (entry.file_name(), fs::read(entry.path()).expect("read"));
            let tells = TELL.iter().any(|tells| name == *tells);
            assert_eq!(says_green(&bytes), said.is_ok() && tells, "{}", name.display());
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains("SuperSecret"), "{}", name.display());
        }
        let text = desk.printable(&run).unwrap_or_default();
        assert!(said.is_ok() || !says_green(text.as_bytes()), "{text}");
        assert!(!text.contains("SuperSecret"), "{text}");
        let entries = fs::read_dir(&out).into_iter().flatten().flatten();
        let mut names: Vec<_> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        (run.outcome, run.exit_code, said.err().unwrap_or_default(), names)
    }

    #[test]
    fn a_run_that_is_written_keeps_its_word() {
        let (outcome, code, said, names) = closed("plain", |_| {});
        assert_eq!((outcome, code, &*said), (Outcome::Conforms, 0, ""));
        assert_eq!(
            names,
            [
                ".touchstone-run",
                "ceremonies.jsonl",
                "journal.jsonl",
                "junit.xml",
                "report.html",
                "run.json",
                "summary.md"
            ]
        );
    }

    #[test]
    fn a_file_that_cannot_be_written_leaves_the_journal_and_no_verdict() {
        // Somebody is in the way of one file, before it is written and before it has its name.
        for name in [".junit.xml.part", "summary.md"] {
            let (outcome, code, said, names) =
                closed("plain", |out| fs::write(out.join(name), "mine").expect("written"));
            assert_eq!((outcome, code), (Outcome::NoVerdict, 3));
            assert!(said.contains("could not be written") && said.contains("report"), "{said}");
            assert_eq!(names.len(), 3, "{names:?}");
            assert!(names.contains(&"journal.jsonl".to_owned()), "{names:?}");
        }
    }

    #[test]
    fn a_folder_that_is_gone_leaves_no_verdict() {
        let (outcome, code, said, names) =
            closed("plain", |out| fs::remove_dir_all(out).expect("removed"));
        assert_eq!((outcome, code, names.len()), (Outcome::NoVerdict, 3, 0));
        assert!(said.contains("could not be written"), "{said}");
        let (outcome, ..) =
            closed("plain", |out| fs::rename(out, out.with_file_name("away")).expect("renamed"));
        assert_eq!(outcome, Outcome::NoVerdict);
    }

    /// Nothing of a journal is believed that is not, byte by byte, what the run wrote.
    #[test]
    fn a_journal_that_somebody_changed_leaves_no_verdict() {
        type Spoil = fn(&Path);
        let spoils: [(&str, Spoil, &str); 6] = [
            ("emptied", |file| fs::write(file, "").expect("written"), "it holds 0 bytes"),
            (
                "cut",
                |file| {
                    let open = fs::File::options().write(true).open(file).expect("opened");
                    open.set_len(9).expect("cut");
                },
                "it holds 9 bytes",
            ),
            (
                "replaced",
                |file| {
                    let text = fs::read(file).expect("read");
                    fs::remove_file(file).expect("removed");
                    fs::write(file, text).expect("written");
                },
                "another file stands in its place",
            ),
            (
                "edited",
                |file| {
                    let text = fs::read_to_string(file).expect("read");
                    fs::write(file, text.replace("2026", "2025")).expect("written");
                },
                "somebody else changed it",
            ),
            (
                "made longer",
                |file| {
                    let text = fs::read_to_string(file).expect("read");
                    fs::write(file, text + "more\n").expect("written");
                },
                "somebody else changed it",
            ),
            ("removed", |file| fs::remove_file(file).expect("removed"), "No such file"),
        ];
        for (what, spoil, why) in spoils {
            let (outcome, code, said, names) = closed("plain", |out| spoil(&out.join(JOURNAL)));
            assert_eq!((outcome, code), (Outcome::NoVerdict, 3), "{what}: {said}");
            assert!(said.contains("journal.jsonl: ") && said.contains(why), "{what}: {said}");
            assert!(names.len() <= 2, "{what}: {names:?}");
        }
    }

    #[test]
    fn a_secret_stops_the_run_and_what_is_sound_says_so() {
        let (outcome, code, said, names) = closed("SuperSecretGateToken-42", |_| {});
        assert_eq!((outcome, code), (Outcome::StoppedForSafety, 5));
        assert!(said.contains("run.json: a token in plain form"), "{said}");
        assert!(names.contains(&"journal.jsonl".to_owned()), "{names:?}");
        assert!(!names.contains(&"run.json".to_owned()), "{names:?}");
    }

    #[test]
    fn a_secret_in_what_is_printed_alone_stops_the_run_and_is_told() {
        let printed = |_: &Run| "SuperSecretGateToken-42".to_owned();
        let (outcome, code, said, names) = printing("plain", &printed, |_| {});
        assert_eq!((outcome, code), (Outcome::StoppedForSafety, 5));
        let told =
            "kit: what was to be printed held a secret, and is not printed: a token in plain form";
        assert_eq!(said, told);
        // The files hold none, and say how the run ended.
        assert!(TELL.iter().all(|name| names.contains(&(*name).to_owned())), "{names:?}");
    }

    #[test]
    fn a_secret_is_told_also_where_nothing_can_be_written() {
        let (outcome, code, said, names) =
            closed("SuperSecretGateToken-42", |out| fs::remove_dir_all(out).expect("removed"));
        assert_eq!((outcome, code, names.len()), (Outcome::StoppedForSafety, 5, 0));
        assert!(said.contains("held a secret") && said.contains("could not be written"), "{said}");
    }
}
