//! The stage about disks that are small, full, read-only or gone: a run that cannot be written ends
//! with code 3, nothing on the disk is green, and the journal tells what was finished.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
};

use anyhow::{Context, ensure};
use reports::render::says_green;

use super::{PROGRAM, hostile, touchstone};
use crate::deployment::ports;

/// What runs on most of them: a few dozen scenarios.
const SCENARIOS: &[&str] = &["registration/origin", "authentication/origin"];

/// A disk, and what becomes of it before, during and after a run.
struct Disk {
    name: &'static str,
    /// Options of `mount`.
    mount: &'static str,
    /// A line of shell that runs beside the program; `$disk` is where the disk is.
    beside: &'static str,
    /// A line that runs after both, before what is left there is looked at.
    after: &'static str,
    /// What runs on the reference portal.
    scenarios: &'static [&'static str],
    /// Whether there is room for all of it.
    has_room: bool,
    /// Whether a run on a portal that foretells its sessions is made on it besides.
    foretold: bool,
}

const fn disk(name: &'static str, mount: &'static str) -> Disk {
    let (beside, after) = (":", ":");
    Disk { name, mount, beside, after, scenarios: SCENARIOS, has_room: false, foretold: false }
}

/// One on which everything runs that there is.
const fn the_suite_on(name: &'static str, mount: &'static str) -> Disk {
    Disk { scenarios: &[], ..disk(name, mount) }
}

const fn foretold(disk: &Disk) -> Disk {
    Disk { foretold: true, ..*disk }
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

const DISKS: [Disk; 18] = [
    disk("64k", "size=64k"),
    disk("128k", "size=128k"),
    foretold(&the_suite_on("512k", "size=512k")),
    the_suite_on("1m", "size=1m"),
    the_suite_on("2m", "size=2m"),
    the_suite_on("4m", "size=4m"),
    the_suite_on("6m", "size=6m"),
    Disk { has_room: true, ..the_suite_on("16m, the whole suite", "size=16m") },
    Disk { has_room: true, ..disk("16m", "size=16m") },
    disk("4 inodes", "size=64m,nr_inodes=4"),
    foretold(&disk("6 inodes", "size=64m,nr_inodes=6")),
    foretold(&disk("8 inodes", "size=64m,nr_inodes=8")),
    disk("read-only", "size=64m,ro"),
    Disk {
        beside: once_begun!("cat /dev/zero >$disk/filler 2>/dev/null"),
        ..foretold(&disk("full in the middle", "size=64m"))
    },
    Disk { beside: once_begun!("rm -rf $disk/run"), ..disk("gone in the middle", "size=64m") },
    // Nothing can be made read-only while a file on it is open to write; what lies over it can be.
    Disk {
        beside: once_begun!("mount -t tmpfs -o ro touchstone $disk"),
        after: "umount $disk",
        ..foretold(&disk("a read-only one over it in the middle", "size=64m"))
    },
    Disk { beside: once_begun!("umount -l $disk"), ..disk("unmounted in the middle", "size=64m") },
    Disk { has_room: true, ..foretold(&disk("64m", "size=64m")) },
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
    let place = |about: &str, disk: &Disk| {
        room.join("runs/disks").join(about).join(disk.name.replace(' ', "-"))
    };
    for disk in &DISKS {
        on(disk, &place("reference", disk)).with_context(|| disk.name)?;
    }
    let (port, used) = (ports::free()?, room.join("foretold"));
    let name = used.display().to_string();
    let _portal = hostile::portal("foretells", port, port, &["--used", &name])?;
    let profile = room.join("foretells.toml");
    ports::copy_of_profile(Path::new("profiles/stub.toml"), &profile, &[(8190, port)])?;
    let profile = profile.display().to_string();
    for disk in DISKS.iter().filter(|disk| disk.foretold) {
        nothing_foretold_stays(disk, &place("foretold", disk), &profile, &used)
            .with_context(|| format!("{}, with a portal that foretells its sessions", disk.name))?;
    }
    Ok(())
}

/// Runs on a disk: how that ended, and what was said.
fn run_on(disk: &Disk, place: &Path, args: &[&str]) -> anyhow::Result<(ExitStatus, String)> {
    fs::create_dir_all(place.join("disk"))?;
    let script = format!(
        "disk=$1/disk; mount -t tmpfs -o {} touchstone $disk || exit 99
         program=$2; place=$1; shift 2
         $program scenarios \"$@\" --concurrency 2 --out $disk/run >$place/said 2>$place/aside & run=$!
         ( {} ) & beside=$!
         wait $run; code=$?; wait $beside; {}
         cp -r $disk/run $place/left 2>/dev/null
         exit $code",
        disk.mount, disk.beside, disk.after
    );
    let mut command = apart(&script);
    let status = command.arg("disks").arg(place).arg(PROGRAM).args(args).status()?;
    let said = fs::read_to_string(place.join("said"))? + &fs::read_to_string(place.join("aside"))?;
    Ok((status, said))
}

/// Runs on a disk, and looks at what is left there.
fn on(disk: &Disk, place: &Path) -> anyhow::Result<()> {
    let (status, said) = run_on(disk, place, disk.scenarios)?;
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
    ensure!(!says_green(said.as_bytes()), "the run says that it is green: {said}");
    for file in files(&left) {
        ensure!(!says_green(&fs::read(&file)?), "{} is green", file.display());
    }
    readable(&left)
}

/// A portal tells of a secret before it is one, so that the journal holds it by then. It is taken away
/// at the end, also where nothing can be written any more.
fn nothing_foretold_stays(
    disk: &Disk,
    place: &Path,
    profile: &str,
    used: &Path,
) -> anyhow::Result<()> {
    let args = [SCENARIOS, &["--profile", profile]].concat();
    let (status, said) = run_on(disk, place, &args)?;
    let found = said.contains("files that held a secret were withheld");
    let wanted = if found { 5 } else { 3 };
    ensure!(status.code() == Some(wanted), "the run ended with {status}: {said}");
    ensure!(found || !disk.has_room, "nothing was found where all was written: {said}");
    let names = fs::read_to_string(used)?;
    for file in files(&place.join("left")) {
        let text = String::from_utf8_lossy(&fs::read(&file)?).into_owned();
        let stays = names.lines().find(|name| text.contains(name));
        ensure!(stays.is_none(), "{} holds a session", file.display());
    }
    Ok(())
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
    ensure!(!says_green(&report.stdout), "the report is green");
    for format in ["html", "junit", "md"] {
        let args = ["report".as_ref(), left.as_os_str(), "--format".as_ref(), format.as_ref()];
        let report = touchstone(args).output()?;
        ensure!(report.status.code() == Some(3), "report as {format}: {}", report.status);
        ensure!(!says_green(&report.stdout), "the report as {format} is green");
    }
    Ok(())
}
