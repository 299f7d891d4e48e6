//! Mail that a command of the user's prints: `{to}` stands for the address and `{since}` for the mark,
//! in milliseconds since 1970. It prints the newest mail to that address that came since, as RFC 5322
//! has it, or nothing.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use profile::{Command, error::Error};
use programs::Bounds;

use super::message::Message;

/// Longest run of the command, and largest mail that is read.
const BOUNDS: Bounds = Bounds { time: Duration::from_secs(10), output: 2 << 20 };

/// A command that prints mails.
#[derive(Debug)]
pub(super) struct Printer(Command);

impl Printer {
    pub(super) const fn new(command: Command) -> Self {
        Self(command)
    }

    pub(super) fn mark(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    pub(super) async fn after(&self, to: &str, mark: u64) -> Result<Vec<Message>, Error> {
        let program = self.0.argv.first().map_or("", String::as_str);
        let broken = |why: String| Error::Network(format!("the mail command {program}: {why}"));
        let filled = |part: &String| part.replace("{to}", to).replace("{since}", &mark.to_string());
        let argv = self.0.argv.iter().map(filled).collect();
        let command = Command { argv, folder: self.0.folder.clone() };
        let ended = programs::once(&command, &[], BOUNDS).await.map_err(broken)?;
        match ended.code {
            Some(0) if ended.output.is_empty() => Ok(Vec::new()),
            Some(0) => Ok(vec![Message { recipients: Vec::new(), raw: Arc::from(ended.output) }]),
            Some(code) => Err(broken(format!("it ended with code {code}"))),
            None => Err(broken("a signal ended it".into())),
        }
    }
}
