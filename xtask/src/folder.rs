//! The directory of a run: where it is, what is written there, and the last look for secrets.

use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    time::SystemTime,
};

use anyhow::Context;
use harness::{
    ledger::{self, Ledger},
    profile::Description,
};
use reports::{
    folder::to_json,
    record::{Outcome, Run, Step},
    redact::Redactor,
    render::{html, junit, markdown},
};
use softkey::Seed;

use crate::stop::Stop;

/// Where runs stand that are given no other place.
pub(crate) const RUNS: &str = "target/touchstone";

/// The present time as a run writes down when it began, RFC 3339.
pub(crate) fn now() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}

/// A directory's name: when a run began, and its seed's beginning.
pub(crate) fn name(started: &str, seed: &Seed) -> String {
    let stamp = started.replace([':', '-'], "").replace('T', "-");
    let seed = seed.hex();
    format!("{}-{}", stamp.trim_end_matches('Z'), seed.get(..8).unwrap_or_default())
}

/// A run's directory, readable by its owner alone.
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
}

impl Folder {
    /// Makes the directory; one that holds a run already is not written over.
    pub(crate) fn make(out: Option<&Path>, name: &str) -> anyhow::Result<Self> {
        let path = out.map_or_else(|| PathBuf::from(RUNS).join(name), Path::to_owned);
        let refuse =
            |error| Stop::bad_command(format!("cannot write to {}: {error}", path.display()));
        fs::create_dir_all(&path).map_err(refuse)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).map_err(refuse)?;
        if path.join("journal.jsonl").exists() {
            return Err(Stop::bad_command(format!(
                "{} holds a run already; give another --out",
                path.display()
            )));
        }
        if out.is_none() {
            let latest = path.with_file_name("latest");
            let _ = fs::remove_file(&latest);
            let _ = std::os::unix::fs::symlink(name, latest);
        }
        Ok(Self { path })
    }

    /// The ledger; a file, unless the profile says that accounts vanish with the portal.
    pub(crate) fn ledger(
        &self,
        about: &Description,
        started: &str,
        run_tag: String,
    ) -> anyhow::Result<Ledger> {
        if about.actors.disposable {
            return Ok(Ledger::in_memory());
        }
        let header = ledger::Header {
            portal: about.name.clone(),
            base: about.base.clone(),
            started: started.to_owned(),
            run_tag,
        };
        let path = self.path.join(ledger::FILE);
        Ledger::create(&path, &header)
            .map_err(|error| Stop::bad_command(format!("cannot write {}: {error}", path.display())))
    }

    /// The journal, to append to.
    pub(crate) fn journal(&self) -> anyhow::Result<File> {
        let mut options = OpenOptions::new();
        options.create(true).append(true).mode(0o600);
        options.open(self.path.join("journal.jsonl")).context("cannot write the journal")
    }

    /// Writes every file of a run but the journal, side by side.
    pub(crate) fn write(&self, run: &Run) -> anyhow::Result<()> {
        type Rendering = fn(&Run) -> Vec<u8>;
        let files: [(&str, Rendering); 5] = [
            ("run.json", to_json),
            ("report.html", |run| html::render(run).into_bytes()),
            ("ceremonies.jsonl", |run| ceremonies(run).into_bytes()),
            ("junit.xml", |run| junit::render(run).into_bytes()),
            ("summary.md", |run| markdown::render(run).into_bytes()),
        ];
        let written = side_by_side(&files, |(name, render)| self.file(name, &render(run)));
        written.into_iter().collect()
    }

    /// Looks for secrets in every file. One that holds any is taken away, and the run is stopped for
    /// safety.
    pub(crate) fn search_for_secrets(&self, redactor: &Redactor) -> anyhow::Result<()> {
        let entries = fs::read_dir(&self.path)?.collect::<Result<Vec<_>, _>>()?;
        let paths: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).collect();
        let searched = side_by_side(&paths, |path| search(path, redactor));
        let withheld: Vec<String> = searched
            .into_iter()
            .collect::<anyhow::Result<Vec<_>>>()?
            .into_iter()
            .flatten()
            .collect();
        if withheld.is_empty() {
            return Ok(());
        }
        let message =
            format!("kit: files that held a secret were withheld:\n  {}", withheld.join("\n  "));
        Err(Stop::with(Outcome::StoppedForSafety, message))
    }

    fn file(&self, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let path = self.path.join(name);
        let mut options = OpenOptions::new();
        options.create(true).write(true).truncate(true).mode(0o600);
        let written = options.open(&path).and_then(|mut file| file.write_all(bytes));
        written.with_context(|| format!("cannot write {}", path.display()))
    }
}

/// Takes a file away that holds a secret; tells which.
fn search(path: &Path, redactor: &Redactor) -> anyhow::Result<Option<String>> {
    if !path.is_file() {
        return Ok(None);
    }
    let leaks = redactor.scan(&fs::read(path)?);
    let Some(leak) = leaks.first() else { return Ok(None) };
    fs::remove_file(path)?;
    Ok(Some(format!("{}: a {} in {} form", path.display(), leak.class, leak.form)))
}

/// Does one thing for each of several, on a thread each.
fn side_by_side<T: Sync, R: Send>(
    all: &[T],
    work: impl Fn(&T) -> anyhow::Result<R> + Sync,
) -> Vec<anyhow::Result<R>> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = all.iter().map(|one| scope.spawn(|| work(one))).collect();
        let broke = |_| Err(anyhow::anyhow!("kit: a thread broke off"));
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(broke)).collect()
    })
}

/// What the software key said, a line each, in the order of the plan.
fn ceremonies(run: &Run) -> String {
    let mut lines = String::new();
    for scenario in &run.scenarios {
        for step in &scenario.steps {
            if let Step::Ceremony(said) = step {
                let line = serde_json::json!({ "scenario": scenario.id, "said": said });
                lines.push_str(&line.to_string());
                lines.push('\n');
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_holds_a_secret_is_taken_away_and_the_run_stopped_for_safety() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = Folder::make(Some(&place.path().join("run")), "").expect("made");
        let redactor = Redactor::new([7; 32]);
        redactor.learn("password", "correct horse battery");
        let written = |name: &str, text: &str| {
            folder.file(name, text.as_bytes()).expect("written");
            folder.path.join(name)
        };
        let sound = written("summary.md", "a <password:1f2e> was sent");
        folder.search_for_secrets(&redactor).expect("nothing is found");

        let leaks = written("report.html", "<p>correct+horse+battery</p>");
        let error = folder.search_for_secrets(&redactor).expect_err("one is found");
        let stop = error.downcast_ref::<Stop>().expect("a word");
        assert_eq!(reports::judge::exit_code(stop.outcome), 5);
        let said = error.to_string();
        assert!(said.contains("report.html: a password in "), "{said}");
        assert!(!said.contains("correct"), "{said}");
        assert_eq!((sound.exists(), leaks.exists()), (true, false));
        folder.search_for_secrets(&redactor).expect("nothing is left to be found");
    }
}
