//! The process group of a program, which ends as a whole: a browser that it started ends with it, and all
//! of them end with this program. A folder that only the group uses goes with it.

use std::{
    collections::BTreeMap,
    fs, io,
    mem::forget,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    process::ExitStatus,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{
        Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, kill_process_group, pidfd_open, waitid,
    },
};
use tokio::{
    process::{Child, Command},
    signal::unix::{SignalKind, signal},
};

/// Longest time that killed processes may take to be gone, before their folder is removed.
const GOES: Timespec = Timespec { tv_sec: 5, tv_nsec: 0 };

/// Leaders of the groups that have not ended, each with the folder that goes with it.
static RUNNING: Mutex<BTreeMap<u32, Option<PathBuf>>> = Mutex::new(BTreeMap::new());

fn running() -> MutexGuard<'static, BTreeMap<u32, Option<PathBuf>>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The group that a process leads. It ends with this.
#[derive(Debug)]
pub struct Group {
    leader: u32,
}

impl Group {
    /// Starts a process that leads a group of its own.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(command: &mut Command) -> io::Result<(Child, Self)> {
        Self::begin(command, None)
    }

    /// The same, with a folder of its own, which is removed with all that is in it when the group ends.
    ///
    /// # Errors
    /// When it cannot be started; the folder is removed then too.
    pub fn start_in(command: &mut Command, folder: &Path) -> io::Result<(Child, Self)> {
        Self::begin(command, Some(folder)).inspect_err(|_| remove(folder))
    }

    fn begin(command: &mut Command, folder: Option<&Path>) -> io::Result<(Child, Self)> {
        // Held, so that whoever ends all of them comes either before the start or after it is known.
        let mut running = running();
        let child = command.process_group(0).spawn()?;
        let leader = child.id().ok_or(io::ErrorKind::NotFound)?;
        running.insert(leader, folder.map(Path::to_owned));
        Ok((child, Self { leader }))
    }

    /// Waits until the leader has ended by itself. Its number stays its own: whoever is to end the group
    /// does so before the leader is waited for as a child, and its number is given out again.
    ///
    /// # Errors
    /// When its end cannot be heard of.
    pub async fn leader_ends(&self) -> io::Result<()> {
        // Listened for before the first look, so that no end is missed.
        let mut ends = signal(SignalKind::child())?;
        while !has_ended(self.leader)? {
            ends.recv().await;
        }
        Ok(())
    }

    /// Waits until the leader has ended by itself, ends what it left behind, and says how it ended.
    ///
    /// # Errors
    /// When its end cannot be heard of.
    pub async fn wait(&self, leader: &mut Child) -> io::Result<ExitStatus> {
        self.leader_ends().await?;
        self.end();
        leader.wait().await
    }

    /// Ends every process in it, once.
    pub fn end(&self) {
        let mut running = running();
        if let Some(folder) = running.remove(&self.leader) {
            debug_assert!(has_ended(self.leader).is_ok(), "the number may be somebody else's");
            end(self.leader, folder.as_deref());
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}

/// Ends all groups, for good: nothing is started any more. For whoever ends the program itself.
pub fn end_all() {
    let running = running();
    running.iter().for_each(|(leader, folder)| end(*leader, folder.as_deref()));
    forget(running);
}

/// Whether a child of ours has ended; it stays to be waited for.
///
/// # Errors
/// When it was waited for already.
fn has_ended(child: u32) -> io::Result<bool> {
    let child = i32::try_from(child).ok().and_then(Pid::from_raw).ok_or(io::ErrorKind::NotFound)?;
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    Ok(waitid(WaitId::Pid(child), look)?.is_some())
}

/// What has ended by itself is no error.
fn end(leader: u32, folder: Option<&Path>) {
    let Some(leader) = i32::try_from(leader).ok().and_then(Pid::from_raw) else { return };
    let Some(folder) = folder else {
        let _ = kill_process_group(leader, Signal::KILL);
        return;
    };
    let members = members(leader);
    let _ = kill_process_group(leader, Signal::KILL);
    // Nobody writes into the folder any more once all of them are gone.
    members.iter().for_each(gone);
    remove(folder);
}

/// A handle on each process of a group.
fn members(leader: Pid) -> Vec<OwnedFd> {
    let Ok(processes) = fs::read_dir("/proc") else { return Vec::new() };
    let numbers = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let members = numbers.filter(|number| group_of(*number) == Some(leader.as_raw_nonzero().get()));
    let open = |number| pidfd_open(Pid::from_raw(number)?, PidfdFlags::empty()).ok();
    members.filter_map(open).collect()
}

/// The group that a process belongs to, as the system says.
fn group_of(process: i32) -> Option<i32> {
    let about = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // Behind the name, which may hold anything: state, parent, group.
    about.rsplit_once(')')?.1.split_whitespace().nth(2)?.parse().ok()
}

/// Waits until a process has ended.
fn gone(process: &OwnedFd) {
    let _ = poll(&mut [PollFd::new(process, PollFlags::IN)], Some(&GOES));
}

fn remove(folder: &Path) {
    let _ = fs::remove_dir_all(folder);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_number_of_a_group_is_its_own_until_the_group_has_ended() {
        let (mut child, group) = Group::start(Command::new("sh").args(["-c", "exit 3"])).unwrap();
        group.leader_ends().await.unwrap();
        let state = fs::read_to_string(format!("/proc/{}/stat", group.leader)).unwrap();
        assert!(state.contains(") Z "), "{state}");
        assert_eq!(group.wait(&mut child).await.unwrap().code(), Some(3));
        assert!(!running().contains_key(&group.leader), "it is ended once");
    }

    #[tokio::test]
    async fn the_folder_of_a_group_goes_once_nobody_writes_into_it() {
        let folder = tempfile::tempdir().unwrap().keep();
        // Of the shell alone: a program that it started would be one more in the group.
        let busy = "while :; do i=$((i+1)); : > file$$-$((i%9)); done";
        let mut command = Command::new("sh");
        command.args(["-c", &format!("sh -c '{busy}' & echo; {busy}")]).current_dir(&folder);
        let command = command.stdout(std::process::Stdio::piped());
        let (mut child, group) = Group::start_in(command, &folder).unwrap();
        let mut said = [0];
        let output = child.stdout.as_mut().unwrap();
        tokio::io::AsyncReadExt::read_exact(output, &mut said).await.unwrap();
        let leader = i32::try_from(group.leader).ok().and_then(Pid::from_raw).unwrap();
        assert_eq!(members(leader).len(), 2);
        drop(group);
        assert!(!folder.exists());
    }
}
