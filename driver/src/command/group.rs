//! The process group of a program, which ends as a whole: a browser that it started ends with it, and all
//! of them end with this program.

use std::{
    collections::BTreeSet,
    io,
    mem::forget,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};

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

    /// Ends every process in it, once: its number is given out again some time after.
    pub(crate) fn end(&self) {
        let mut running = running();
        if running.remove(&self.leader) {
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

/// What has ended by itself is no error.
fn kill(leader: u32) {
    if let Some(leader) = i32::try_from(leader).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(leader, Signal::KILL);
    }
}
