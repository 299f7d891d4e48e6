//! The process group of a program, which ends as a whole: a browser that it started ends with it.

use std::{
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
};

use tokio::process::Child;

/// The group that a process leads.
#[derive(Debug)]
pub(crate) struct Group {
    leader: Option<u32>,
    ended: AtomicBool,
}

impl Group {
    /// The group of a process that was started in one of its own.
    pub(crate) fn of(child: &Child) -> Self {
        Self { leader: child.id(), ended: AtomicBool::new(false) }
    }

    /// Ends every process in it, once: its number is given out again some time after.
    pub(crate) fn end(&self) {
        let Some(leader) = self.leader.filter(|_| !self.ended.swap(true, Ordering::SeqCst)) else {
            return;
        };
        // The shell's own `kill`, which takes a group everywhere.
        let mut kill = Command::new("sh");
        kill.args(["-c", "kill -s KILL -- \"-$1\"", "sh", &leader.to_string()]);
        let _ = kill.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}
