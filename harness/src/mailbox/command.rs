//! Mail that a command of the user's prints. No shell: a program and its arguments, in which `{to}`
//! stands for the address and `{since}` for the mark, in milliseconds since 1970. It prints the newest
//! mail to that address that came since, as RFC 5322 has it, or nothing.

use std::{
    process::Stdio,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::io::AsyncReadExt;

use super::message::Message;
use crate::error::Error;

/// Largest mail that is read, and longest run of the command.
const LARGEST: u64 = 2 << 20;
const LONGEST: Duration = Duration::from_secs(10);

/// A program and its arguments.
#[derive(Debug)]
pub(super) struct Command {
    argv: Vec<String>,
}

impl Command {
    pub(super) const fn new(argv: Vec<String>) -> Self {
        Self { argv }
    }

    pub(super) fn mark(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    pub(super) async fn after(&self, to: &str, mark: u64) -> Result<Vec<Message>, Error> {
        let [program, arguments @ ..] = self.argv.as_slice() else { return Ok(Vec::new()) };
        let broken = |why: String| Error::Network(format!("the mail command {program}: {why}"));
        let filled = arguments
            .iter()
            .map(|argument| argument.replace("{to}", to).replace("{since}", &mark.to_string()));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut child = tokio::process::Command::new(program)
            .args(filled)
            // Secrets of the environment are for the profile, not for a command.
            .env_clear()
            .env("PATH", path)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| broken(error.to_string()))?;
        let output = child.stdout.take();
        let work = async {
            let mut raw = Vec::new();
            if let Some(output) = output {
                output.take(LARGEST).read_to_end(&mut raw).await?;
            }
            Ok::<_, std::io::Error>((raw, child.wait().await?))
        };
        let done = tokio::time::timeout(LONGEST, work).await;
        let seconds = LONGEST.as_secs();
        let (raw, status) = done
            .map_err(|_| broken(format!("it did not end within {seconds} s")))?
            .map_err(|error| broken(error.to_string()))?;
        if !status.success() {
            return Err(broken(format!("it ended with {status}")));
        }
        if raw.is_empty() {
            return Ok(Vec::new());
        }
        Ok(vec![Message { recipients: Vec::new(), raw: Arc::from(raw) }])
    }
}
