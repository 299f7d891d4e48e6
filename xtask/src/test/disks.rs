//! The stage about disks that are small, full, read-only or gone: a run that cannot be written ends
//! with code 3, nothing on the disk is green, and the journal tells what was finished.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, ensure};

use super::{PROGRAM, touchstone};

/// What runs: a few dozen scenarios.
const SCENARIOS: [&str; 2] = ["registration/origin", "authentication/origin"];

/// A disk, and what becomes of it before, during and after a run.
struct Disk {
    name: &'static str,
    /// Options of `mount`.
    mount: &'static str,
    /// A line of shell that runs beside the program; `$disk` is where the disk is.
    beside: &'static str,
    /// Whether there is room for a whole run.
    has_room: bool,
}

const fn disk(name: &'static str, mount: &'static str) -> Disk {
    Disk { name, mount, beside: ":", has_room: false }
}

/// Waits for the first finished scenario, then does something; ends with the run.
macro_rules! once_begun {
    ($then:literal) => {
        concat!(
            "until grep -qs scenario-done $disk/run/journal.jsonl; do kill -0 $run || exit 0; done; ",
            $then
        )
    };
}

const DISKS: [Disk; 12] = [
    disk("64k", "size=64k"),
    disk("128k", "size=128k"),
    disk("512k", "size=512k"),
    disk("1m", "size=1m"),
    disk("2m", "size=2m"),
    disk("4 inodes", "size=64m,nr_inodes=4"),
    disk("6 inodes", "size=64m,nr_inodes=6"),
    disk("8 inodes", "size=64m,nr_inodes=8"),
    disk("read-only", "size=64m,ro"),
    Disk {
        beside: once_begun!("cat /dev/zero >$disk/filler 2>/dev/null"),
        ..disk("full in the middle", "size=64m")
    },
    Disk { beside: once_begun!("rm -rf $disk/run"), ..disk("gone in the middle", "size=64m") },
    Disk { has_room: true, ..disk("64m", "size=64m") },
];

/// A disk that this user can mount, in a name space of its own.
pub(super) fn lacks() -> Option<String> {
    let script = "mount -t tmpfs -o size=64k,nr_inodes=4 touchstone /mnt";
    let mounted = apart(script).stderr(Stdio::null()).status();
    let can = mounted.is_ok_and(|status| status.success());
    (!can).then(|| "lets nobody mount a disk in a name space (`unshare --user --mount`)".to_owned())
}

fn apart(script: &str) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script]);
    command
}

pub(super) fn disks(room: &Path) -> anyhow::Result<()> {
    for disk in &DISKS {
        on(disk, &room.join("runs/disks").join(disk.name.replace(' ', "-")))
            .with_context(|| disk.name)?;
    }
    Ok(())
}

/// Runs on a disk, and looks at what is left there.
fn on(disk: &Disk, place: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(place.join("disk"))?;
    let script = format!(
        "disk=$1/disk; mount -t tmpfs -o {} touchstone $disk || exit 99
         program=$2; place=$1; shift 2
         $program scenarios \"$@\" --concurrency 2 --out $disk/run >$place/said 2>$place/aside & run=$!
         ( {} ) & beside=$!
         wait $run; code=$?; wait $beside
         cp -r $disk/run $place/left 2>/dev/null
         exit $code",
        disk.mount, disk.beside
    );
    let status = apart(&script).arg("disks").arg(place).arg(PROGRAM).args(SCENARIOS).status()?;
    let said = fs::read_to_string(place.join("said"))? + &fs::read_to_string(place.join("aside"))?;
    let wanted = if disk.has_room { 0 } else { 3 };
    ensure!(status.code() == Some(wanted), "the run ended with {status}: {said}");
    let left = place.join("left");
    if disk.has_room {
        let judged =
            touchstone(["judge".as_ref(), left.as_os_str()]).stdout(Stdio::null()).status()?;
        ensure!(judged.success(), "the record does not hold: {judged}");
        return Ok(());
    }
    ensure!(said.contains("touchstone: kit: "), "the run does not say why: {said}");
    ensure!(!is_green(&said), "the run says that it is green: {said}");
    for file in files(&left) {
        let text = String::from_utf8_lossy(&fs::read(&file)?).into_owned();
        ensure!(!is_green(&text), "{} is green", file.display());
    }
    readable(&left)
}

/// Whether something says that a run conforms.
fn is_green(text: &str) -> bool {
    [
        "outcome\":\"conforms",
        "outcome\": \"conforms",
        "\"exit_code\":0",
        "\"exit_code\": 0",
        "exit 0",
    ]
    .iter()
    .any(|word| text.contains(word))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect()
}

/// Every scenario that the journal has finished stands in a report, which is not green.
fn readable(left: &Path) -> anyhow::Result<()> {
    let journal = fs::read_to_string(left.join("journal.jsonl")).unwrap_or_default();
    let begun = journal.lines().next().is_some_and(|line| line.contains("\"event\":\"started\""));
    if !begun || !journal.contains('\n') {
        return Ok(());
    }
    let done = journal.lines().filter(|line| line.ends_with('}') && line.contains("scenario-done"));
    let report = touchstone(["report".as_ref(), left.as_os_str()]).output()?;
    let text = String::from_utf8_lossy(&report.stdout);
    ensure!(report.status.code() == Some(3), "report ended with {}", report.status);
    ensure!(
        done.count() == 0 || text.contains("pass"),
        "the report has nothing of what was finished"
    );
    ensure!(!is_green(&text), "the report is green");
    Ok(())
}
