//! Processes in groups of their own, so that whatever a portal's start brought forth ends with it, and
//! nothing else does. A process is known by its pid together with the time of its start: a pid alone is
//! given out again.

use std::{
    fs,
    mem::forget,
    os::unix::process::CommandExt,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde::{Deserialize, Serialize};

use crate::say;

/// How long a group may take to end when it is asked to.
const GRACE: Duration = Duration::from_secs(15);

/// How long the kernel may take to end a group that is not asked.
const FORCED: Duration = Duration::from_secs(5);

/// One process of this machine, and no other that gets its pid later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Process {
    pub(crate) pid: u32,
    /// When it was started, in ticks of the clock since the machine was.
    start: u64,
    /// The machine's own start.
    boot: String,
}

impl Process {
    /// The process that has a pid now.
    fn of(pid: u32) -> Option<Self> {
        let start = Stat::of(pid)?.start;
        Some(Self { pid, start, boot: boot()? })
    }

    /// Whether it runs; one that ended and that nobody has asked for yet does not.
    pub(crate) fn is_alive(&self) -> bool {
        self.stat().is_some_and(|stat| stat.runs)
    }

    /// What the kernel tells of it, as long as the pid is its own.
    fn stat(&self) -> Option<Stat> {
        let stat = Stat::of(self.pid).filter(|stat| stat.start == self.start)?;
        (boot()? == self.boot).then_some(stat)
    }

    /// The command line that it runs.
    pub(crate) fn command_line(&self) -> Vec<String> {
        let line = fs::read(format!("/proc/{}/cmdline", self.pid)).unwrap_or_default();
        line.split(|byte| *byte == 0)
            .map(|word| String::from_utf8_lossy(word).into_owned())
            .collect()
    }

    /// Ends the group that it leads, and waits until nothing of it is left. Whoever has its pid now is
    /// left alone.
    pub(crate) fn end_group(&self) -> anyhow::Result<()> {
        self.end_group_after(GRACE)
    }

    /// Asks first, and forces what has not ended after a while.
    fn end_group_after(&self, grace: Duration) -> anyhow::Result<()> {
        if self.stat().is_none() {
            return Ok(());
        }
        self.send(Signal::TERM);
        if self.is_gone_within(grace) {
            return Ok(());
        }
        self.send(Signal::KILL);
        if self.is_gone_within(FORCED) {
            return Ok(());
        }
        bail!("kit: processes {:?} do not end", members(self.pid))
    }

    /// To every process of its group. One that ended in between is no error: whether it is gone is asked
    /// of the kernel.
    fn send(&self, signal: Signal) {
        if let Some(group) = i32::try_from(self.pid).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, signal);
        }
    }

    fn is_gone_within(&self, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        while !members(self.pid).is_empty() {
            if Instant::now() > deadline {
                return false;
            }
            std::thread::park_timeout(Duration::from_millis(20));
        }
        true
    }
}

/// What the kernel tells of a process.
struct Stat {
    runs: bool,
    parent: u32,
    group: u32,
    start: u64,
}

impl Stat {
    fn of(pid: u32) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    /// Reads the line of `/proc/PID/stat` (proc(5)). The name in brackets may hold anything.
    fn parse(line: &str) -> Option<Self> {
        let (_, after) = line.rsplit_once(')')?;
        let fields: Vec<&str> = after.split_whitespace().collect();
        Some(Self {
            runs: !["Z", "X"].contains(fields.first()?),
            parent: fields.get(1)?.parse().ok()?,
            group: fields.get(2)?.parse().ok()?,
            start: fields.get(19)?.parse().ok()?,
        })
    }
}

/// The id that the kernel gave this start of the machine.
fn boot() -> Option<String> {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned())
}

/// Processes that run, with what the kernel tells of each.
fn running() -> impl Iterator<Item = (u32, Stat)> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_string_lossy().parse().ok());
    pids.filter_map(|pid| Some((pid, Stat::of(pid).filter(|stat| stat.runs)?)))
}

/// Processes of a group that still run.
fn members(group: u32) -> Vec<u32> {
    running().filter(|(_, stat)| stat.group == group).map(|(pid, _)| pid).collect()
}

/// Processes that were started by this one, or by one that was.
fn descendants() -> Vec<u32> {
    let all: Vec<(u32, u32)> = running().map(|(pid, stat)| (pid, stat.parent)).collect();
    let mut found = vec![std::process::id()];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        let children = all.iter().filter(|(pid, of)| *of == parent && !found.contains(pid));
        let children: Vec<u32> = children.map(|(pid, _)| *pid).collect();
        found.extend(children);
        next += 1;
    }
    found.split_off(1)
}

/// Sends a signal to each of some processes. One that ended in between is no error.
fn send_to(pids: &[u32], signal: Signal) {
    for pid in pids {
        if let Some(pid) = i32::try_from(*pid).ok().and_then(Pid::from_raw) {
            let _ = kill_process(pid, signal);
        }
    }
}

/// Ends whatever descends from this program: asks first, and forces what has not ended after a while.
/// Whether there was anything.
pub(crate) fn end_descendants() -> bool {
    let deadline = Instant::now() + GRACE;
    let mut asked = Vec::new();
    loop {
        let mut alive = descendants();
        if alive.is_empty() {
            return !asked.is_empty();
        }
        if Instant::now() > deadline {
            send_to(&alive, Signal::KILL);
            return true;
        }
        alive.retain(|pid| !asked.contains(pid));
        send_to(&alive, Signal::TERM);
        asked.extend(alive);
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

/// Ends at once whatever descends from this program.
pub(crate) fn kill_descendants() {
    send_to(&descendants(), Signal::KILL);
}

/// What this program started and has not let go.
static STARTED: Mutex<Vec<Process>> = Mutex::new(Vec::new());

fn started() -> MutexGuard<'static, Vec<Process>> {
    STARTED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A group of processes that ends when this is dropped, or when this program is interrupted.
pub(crate) struct Group {
    child: Child,
    leader: Process,
    released: bool,
}

impl Group {
    /// Starts a command in a group of its own, with nothing to read.
    pub(crate) fn start(command: &mut Command) -> anyhow::Result<Self> {
        // Held, so that an interruption comes either before the start or after it is known.
        let mut started = started();
        let mut child = command
            .stdin(Stdio::null())
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().display()))?;
        let Some(leader) = Process::of(child.id()) else {
            let _ = child.kill();
            let _ = child.wait();
            bail!("kit: cannot watch processes; is /proc mounted?");
        };
        started.push(leader.clone());
        Ok(Self { child, leader, released: false })
    }

    /// The process that was started itself.
    pub(crate) fn leader(&self) -> &Process {
        &self.leader
    }

    /// Waits until the command ends by itself; what it leaves behind is ended.
    pub(crate) fn ends_within(mut self, limit: Duration) -> anyhow::Result<ExitStatus> {
        let deadline = Instant::now() + limit;
        while self.leader.is_alive() {
            ensure!(Instant::now() < deadline, "did not end within {} s", limit.as_secs());
            std::thread::park_timeout(Duration::from_millis(20));
        }
        // Nobody else gets its pid before we have asked how it ended.
        self.leader.end_group()?;
        Ok(self.child.wait()?)
    }

    /// Lets it run on without this program.
    pub(crate) fn release(mut self) {
        self.released = true;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if !self.released {
            if let Err(error) = self.leader.end_group() {
                say::tell(&format!("touchstone: {error:#}"));
            }
            let _ = self.child.wait();
        }
        started().retain(|known| *known != self.leader);
    }
}

/// What was being ended when the program was interrupted.
static ENDING: Mutex<Vec<Process>> = Mutex::new(Vec::new());

/// Ends everything that this program started, and lets nothing more be started: for whoever ends the
/// program itself. Whether there was anything.
pub(crate) fn end_all() -> bool {
    let started = started();
    ENDING.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&started);
    for leader in started.iter() {
        if let Err(error) = leader.end_group() {
            say::tell(&format!("touchstone: {error:#}"));
        }
    }
    let any = !started.is_empty();
    // Kept until the end: nobody tells of an end that we brought about.
    forget(started);
    any
}

/// Ends at once what [`end_all`] has asked to end.
pub(crate) fn kill_all() {
    for leader in ENDING.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        if leader.stat().is_some() {
            leader.send(Signal::KILL);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A leader, a child, and another with a child of its own, all of which wait.
    fn family() -> Group {
        with_children("")
    }

    /// The same family, whose second child may begin by doing something.
    fn with_children(begin: &str) -> Group {
        let script = format!("({begin} sleep 600 & wait; sleep 600) & sleep 600 & wait");
        let group = Group::start(Command::new("sh").args(["-c", &script])).expect("started");
        let deadline = Instant::now() + Duration::from_secs(10);
        while members(group.leader.pid).len() < 4 {
            assert!(Instant::now() < deadline, "the family is not complete");
            std::thread::yield_now();
        }
        group
    }

    #[test]
    fn a_group_ends_as_a_whole_and_alone() {
        let (ended, other) = (family(), family());
        let (pid, other_pid) = (ended.leader.pid, other.leader.pid);
        drop(ended);
        assert_eq!(members(pid), Vec::<u32>::new());
        assert_eq!(members(other_pid).len(), 4);
        assert!(other.leader.is_alive());
    }

    #[test]
    fn who_does_not_end_when_asked_is_forced_to() {
        let group = with_children("trap '' TERM;");
        group.leader.end_group_after(Duration::from_millis(100)).expect("ended");
        assert_eq!(members(group.leader.pid), Vec::<u32>::new());
    }

    #[test]
    fn what_a_command_leaves_behind_ends_with_it() {
        let begun = Group::start(Command::new("sh").args(["-c", "sleep 600 & exit 7"]));
        let group = begun.expect("started");
        let pid = group.leader.pid;
        let status = group.ends_within(Duration::from_secs(10)).expect("ended");
        assert_eq!(status.code(), Some(7));
        assert_eq!(members(pid), Vec::<u32>::new());
    }

    #[test]
    fn a_group_that_is_let_go_runs_on_and_can_be_ended_from_what_is_known_of_it() {
        let group = family();
        let leader = group.leader.clone();
        group.release();
        assert!(leader.is_alive());
        let noted = serde_json::to_string(&leader).expect("written");
        let read: Process = serde_json::from_str(&noted).expect("read");
        read.end_group().expect("ended");
        assert_eq!(members(leader.pid), Vec::<u32>::new());
        assert!(!read.is_alive());
        read.end_group().expect("nothing left to end");
    }

    #[test]
    fn another_process_with_the_same_pid_is_left_alone() {
        let group = family();
        let (now, pid) = (group.leader.clone(), group.leader.pid);
        for earlier in [
            Process { start: now.start - 1, ..now.clone() },
            Process { boot: "an earlier start of the machine".to_owned(), ..now.clone() },
        ] {
            assert!(!earlier.is_alive());
            earlier.end_group().expect("left alone");
            assert_eq!(members(pid).len(), 4, "{earlier:?}");
        }
    }

    #[test]
    fn a_command_that_does_not_end_is_ended() {
        let group = family();
        let pid = group.leader.pid;
        let error = group.ends_within(Duration::from_millis(50)).expect_err("it sleeps");
        assert_eq!(error.to_string(), "did not end within 0 s");
        assert_eq!(members(pid), Vec::<u32>::new());
    }

    #[test]
    fn the_line_of_a_process_whose_name_is_awkward() {
        let line = "42 (a) b (c)) S 1 41 40 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 98765 1 2";
        let stat = Stat::parse(line).expect("read");
        assert_eq!((stat.runs, stat.parent, stat.group, stat.start), (true, 1, 41, 98765));
        let stat = Stat::parse(&line.replace(" S ", " Z ")).expect("read");
        assert!(!stat.runs);
        assert!(Stat::parse("42 (sh").is_none());
    }
}
