//! The process group of a program, which ends as a whole: a browser that it started ends with it, and all
//! of them end with this program.

use std::{
    collections::BTreeSet,
    io,
    mem::forget,
    process::ExitStatus,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use tokio::{
    process::{Child, Command},
    signal::unix::{SignalKind, signal},
};

/// Leaders of the groups that have not ended.
static RUNNING: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

fn running() -> MutexGuard<'static, BTreeSet<u32>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The group that a process leads. It ends with this.
#[derive(Debug)]
pub(crate) struct Group {
    leader: u32,
}

impl Group {
    /// Starts a process that leads a group of its own.
    pub(crate) fn start(command: &mut Command) -> io::Result<(Child, Self)> {
        // Held, so that whoever ends all of them comes either before the start or after it is known.
        let mut running = running();
        let child = command.process_group(0).spawn()?;
        let leader = child.id().ok_or(io::ErrorKind::NotFound)?;
        running.insert(leader);
        Ok((child, Self { leader }))
    }

    /// Waits until the leader has ended by itself. Its number stays its own: whoever is to end the group
    /// does so before the leader is waited for as a child, and its number is given out again.
    pub(crate) async fn leader_ends(&self) -> io::Result<()> {
        // Listened for before the first look, so that no end is missed.
        let mut ends = signal(SignalKind::child())?;
        while !has_ended(self.leader)? {
            ends.recv().await;
        }
        Ok(())
    }

    /// Waits until the leader has ended by itself, ends what it left behind, and says how it ended.
    pub(crate) async fn wait(&self, leader: &mut Child) -> io::Result<ExitStatus> {
        self.leader_ends().await?;
        self.end();
        leader.wait().await
    }

    /// Ends every process in it, once.
    pub(crate) fn end(&self) {
        let mut running = running();
        if running.remove(&self.leader) {
            debug_assert!(has_ended(self.leader).is_ok(), "the number may be somebody else's");
            kill(self.leader);
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
    running.iter().copied().for_each(kill);
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
fn kill(leader: u32) {
    if let Some(leader) = i32::try_from(leader).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(leader, Signal::KILL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_number_of_a_group_is_its_own_until_the_group_has_ended() {
        let (mut child, group) = Group::start(Command::new("sh").args(["-c", "exit 3"])).unwrap();
        group.leader_ends().await.unwrap();
        let state = std::fs::read_to_string(format!("/proc/{}/stat", group.leader)).unwrap();
        assert!(state.contains(") Z "), "{state}");
        assert_eq!(group.wait(&mut child).await.unwrap().code(), Some(3));
        assert!(!running().contains(&group.leader), "it is ended once");
    }
}
