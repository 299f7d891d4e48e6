//! The directory of a run: where it is, what is written there, and the last look for secrets.

use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use anyhow::Context;
use reports::{
    folder::to_json,
    record::{Outcome, Run, Step},
    redact::Redactor,
    render::{html, junit, markdown},
};

use crate::stop::Stop;

/// A run's directory, readable by its owner alone.
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
}

impl Folder {
    /// Makes the directory; one that holds a run already is not written over.
    pub(crate) fn make(out: Option<&Path>, name: &str) -> anyhow::Result<Self> {
        let path =
            out.map_or_else(|| PathBuf::from("target/touchstone").join(name), Path::to_owned);
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

    /// The journal, to append to.
    pub(crate) fn journal(&self) -> anyhow::Result<File> {
        let mut options = OpenOptions::new();
        options.create(true).append(true).mode(0o600);
        options.open(self.path.join("journal.jsonl")).context("cannot write the journal")
    }

    /// Writes every file of a run but the journal.
    pub(crate) fn write(&self, run: &Run) -> anyhow::Result<()> {
        self.file("run.json", &to_json(run))?;
        self.file("ceremonies.jsonl", ceremonies(run).as_bytes())?;
        self.file("report.html", html::render(run).as_bytes())?;
        self.file("junit.xml", junit::render(run).as_bytes())?;
        self.file("summary.md", markdown::render(run).as_bytes())
    }

    /// Looks for secrets in every file. One that holds any is taken away, and the run is stopped for
    /// safety.
    pub(crate) fn search_for_secrets(&self, redactor: &Redactor) -> anyhow::Result<()> {
        let mut withheld = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let path = entry?.path();
            if !path.is_file() {
                continue;
            }
            let leaks = redactor.scan(&fs::read(&path)?);
            if let Some(leak) = leaks.first() {
                fs::remove_file(&path)?;
                withheld.push(format!(
                    "{}: a {} in {} form",
                    path.display(),
                    leak.class,
                    leak.form
                ));
            }
        }
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
