//! The stages about documents that show what commands print: `docs/live.md`, where every command is run
//! on the portal that it is about, and README.md, where one finds something on the reference portal. Each
//! is written anew with what was printed, and must come out as it stands, but for what no two runs share.
//! With `TOUCHSTONE_WRITE_DOCS` set it is written to the file instead.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, ensure};
use regex::Regex;

use super::{PROGRAM, picture, portals::Listening};
use crate::deployment::group::Group;

const LIVE: &str = "docs/live.md";

/// The page that people see first.
pub(super) const FRONT: &str = "README.md";

/// The ports that the document names: the portal's, and that of its mail.
const PORTS: (u16, u16) = (8101, 8201);

/// How long one command may take.
const LIMIT: Duration = Duration::from_secs(300);

/// How a command begins in the document.
const COMMAND: &str = "    cargo xtask ";

/// How the content of a file begins in the document.
const FILE: &str = "```toml ";

/// The last line of an output of which only the beginning stands in the document.
const AND_SO_ON: &str = "    …";

/// Walks the document on a portal, in a directory of its own.
pub(super) fn live(room: &Path, portal: &Listening) -> anyhow::Result<()> {
    let smtp_port = portal.smtp_port.context("no port for mail")?;
    let ports = vec![(PORTS.0, portal.port), (PORTS.1, smtp_port)];
    let commands = &["init", "profile", "doctor", "plan", "scenarios", "judge"];
    walk(room, &Document { file: LIVE, commands, ends: 0, silent: true }, ports)
}

/// Repeats what README shows: a finding, and the picture of a report where documents are written anew.
pub(super) fn front(room: &Path) -> anyhow::Result<()> {
    let shown = Document { file: FRONT, commands: &["scenarios"], ends: 1, silent: false };
    walk(room, &shown, Vec::new())?;
    if writes_documents() { picture::of_a_report(room) } else { Ok(()) }
}

/// Whether documents are written anew instead of being compared.
fn writes_documents() -> bool {
    std::env::var_os("TOUCHSTONE_WRITE_DOCS").is_some()
}

/// A document that is walked.
struct Document {
    file: &'static str,
    /// What its commands begin with, in their order.
    commands: &'static [&'static str],
    /// The code that each of them ends with.
    ends: i32,
    /// Whether commands are run that show nothing.
    silent: bool,
}

fn walk(room: &Path, document: &Document, ports: Vec<(u16, u16)>) -> anyhow::Result<()> {
    let file = document.file;
    let written = fs::read_to_string(file).with_context(|| file.to_owned())?;
    let dir = room.join("runs").join("walk").join(file.replace('/', "-"));
    fs::create_dir_all(&dir)?;
    let walk = Walk { document, program: std::path::absolute(PROGRAM)?, dir, ports };
    let walked = walk.through(&written)?;
    if writes_documents() {
        return fs::write(file, walked).with_context(|| file.to_owned());
    }
    let (stands, came) = (timeless(&written)?, timeless(&walked)?);
    let differs = stands.lines().zip(came.lines()).find(|(stands, came)| stands != came);
    ensure!(
        stands == came,
        "{file} says\n  {}\nand it came out as\n  {}\nwith TOUCHSTONE_WRITE_DOCS=1 the stage writes it anew",
        differs.map_or("less or more than", |(stands, _)| stands),
        differs.map_or("there is", |(_, came)| came)
    );
    Ok(())
}

/// A text without what no two runs share: times, shares of it, seeds and names of accounts.
fn timeless(text: &str) -> anyhow::Result<String> {
    let mut text = text.to_owned();
    for (pattern, instead) in [
        (r"ts-[0-9a-f]{10}-", "ts-RUN-"),
        (r"\b[0-9a-f]{10}-ts-", "RUN-ts-"),
        (r"touchstone-run: [0-9a-f]{10}", "touchstone-run: RUN"),
        (r"\b(\d+ min )?\d+(\.\d+)? m?s\b", "TIME"),
        (r"(about|, and) (\d+h ?)?(\d+m ?)?(\d+s)? where", "$1 TIME where"),
        (r"\b\d{4}-\d\d-\d\dT[0-9:]+Z", "WHEN"),
        (r"\b\d+\.\d %", "SHARE"),
        (r"seed [0-9a-f]{64}", "seed SEED"),
    ] {
        text = Regex::new(pattern)?.replace_all(&text, instead).into_owned();
    }
    Ok(text)
}

struct Walk<'d> {
    document: &'d Document,
    program: PathBuf,
    dir: PathBuf,
    /// Ports of the document, and those that are meant.
    ports: Vec<(u16, u16)>,
}

impl Walk<'_> {
    /// The document with what its commands print now.
    fn through(&self, written: &str) -> anyhow::Result<String> {
        let (mut done, mut commands) = (String::new(), Vec::new());
        let mut lines = written.lines().peekable();
        while let Some(line) = lines.next() {
            done.extend([line, "\n"]);
            if let Some(name) = line.strip_prefix(FILE) {
                while lines.next_if(|line| *line != "```").is_some() {}
                done.push_str(&self.meant_as(&fs::read_to_string(self.dir.join(name))?));
                continue;
            }
            // Starting and stopping portals has tests of its own; here the stage does it.
            let command =
                line.strip_prefix(COMMAND).filter(|rest| !rest.starts_with("deployment "));
            let Some(command) = command else { continue };
            let mut stood = Vec::new();
            while let Some(line) = lines.next_if(|line| belongs(line)) {
                stood.push(line);
            }
            if !self.document.silent && stood.iter().all(|line| line.is_empty()) {
                done.extend(stood.into_iter().flat_map(|line| [line, "\n"]));
                continue;
            }
            commands.push(command.split(' ').next().unwrap_or_default());
            done.push('\n');
            done.push_str(&shown(&self.prints(command)?, &stood));
            done.push('\n');
        }
        let Document { file, commands: all, .. } = self.document;
        ensure!(commands == *all, "{file}: the commands found in it are {commands:?}, not {all:?}");
        Ok(done)
    }

    /// What a command prints, in the document's ports.
    fn prints(&self, command: &str) -> anyhow::Result<String> {
        let mut command = command.to_owned();
        for (named, meant) in &self.ports {
            command = command.replace(&format!(":{named}"), &format!(":{meant}"));
        }
        let (said, aside) = (self.dir.join("said"), self.dir.join("aside"));
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("exec \"$TOUCHSTONE\" {command}")]);
        shell.env("TOUCHSTONE", &self.program).current_dir(&self.dir);
        shell.stdin(Stdio::null()).stdout(File::create(&said)?).stderr(File::create(&aside)?);
        let status = Group::start(&mut shell)?.ends_within(LIMIT).context(command.clone())?;
        ensure!(
            status.code() == Some(self.document.ends),
            "`{command}`: {status}: {}",
            fs::read_to_string(&aside)?
        );
        if command.starts_with("init ") {
            self.takes_mail()?;
        }
        let said = fs::read_to_string(said)?;
        // A command whose result is a file speaks beside it only.
        let said = if said.is_empty() { fs::read_to_string(aside)? } else { said };
        Ok(self.meant_as(&said))
    }

    /// The draft names the port at which this project's portals deliver; here it is another.
    fn takes_mail(&self) -> anyhow::Result<()> {
        let draft = self.dir.join("portal.toml");
        let Some((named, meant)) = self.ports.last() else { return Ok(()) };
        let text = fs::read_to_string(&draft)?;
        fs::write(&draft, text.replace(&format!(":{named}"), &format!(":{meant}")))?;
        Ok(())
    }

    fn meant_as(&self, text: &str) -> String {
        self.ports.iter().fold(text.to_owned(), |text, (named, meant)| {
            text.replace(&format!(":{meant}"), &format!(":{named}"))
        })
    }
}

/// Whether a line belongs to the output of the command above it.
fn belongs(line: &str) -> bool {
    line.is_empty() || line.starts_with("    ") && !line.starts_with(COMMAND)
}

/// An output as the document shows it: all of it, or as many lines as stood there before `…`.
fn shown(output: &str, stood: &[&str]) -> String {
    let text = |line: &&str| !line.trim().is_empty();
    let first = stood.iter().position(text).unwrap_or_default();
    let part = stood.iter().position(|line| *line == AND_SO_ON).map(|last| last - first);
    let lines: Vec<&str> = output.trim_end().lines().skip_while(|line| !text(line)).collect();
    let mut shown = String::new();
    for line in lines.iter().take(part.unwrap_or(lines.len())) {
        let indent = if line.is_empty() { "" } else { "    " };
        shown.extend([indent, line, "\n"]);
    }
    if part.is_some() {
        shown.extend([AND_SO_ON, "\n"]);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_is_shown_whole_or_as_far_as_it_stood() {
        let output = "\none\n\n  two\nthree\n";
        assert_eq!(shown(output, &["", "    old"]), "    one\n\n      two\n    three\n");
        assert_eq!(shown(output, &["", "    old", "    older", "    …"]), "    one\n\n    …\n");
    }

    #[test]
    fn only_what_no_two_runs_share_is_passed_over() {
        let line = |time: &str, tag: &str, count: u8| {
            timeless(&format!("{count} pass in {time}, ts-{tag}-11")).expect("patterns")
        };
        assert_eq!(line("2.3 s", "342438c0de", 9), line("1 min 00 s", "27e5e1c0de", 9));
        assert_ne!(line("2.3 s", "342438c0de", 9), line("2.3 s", "342438c0de", 8));
    }
}
