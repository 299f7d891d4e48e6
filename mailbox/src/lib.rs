//! Reads the mail that a portal sends: an SMTP listener of our own, a folder, a mail server's HTTP, or
//! a command.
//! Everything about a mail is untrusted: sizes are capped, and only text is looked at.

mod command;
mod folder;
mod message;
mod server;
mod side_client;
mod smtp;

use std::{io::ErrorKind, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use profile::{Command, Layout, ServerKind, error::Error};
use regex::Regex;
use tokio::{sync::Notify, time::Instant};

use self::{command::Printer, folder::Folder, message::Message, server::Server, smtp::Inbox};

/// How often a place that does not say so itself is looked into.
const EVERY: Duration = Duration::from_millis(100);

/// Where mail arrives. Clones are the same mailbox.
#[derive(Clone, Debug)]
pub struct Mailbox {
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    Smtp { inbox: Arc<Inbox>, address: SocketAddr, _listener: Arc<Listening> },
    Folder(Folder),
    Server(Arc<Server>),
    Command(Arc<Printer>),
}

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub struct MailQuery<'s> {
    /// Recipient.
    pub to: &'s str,
    /// The link or code.
    pub pattern: &'s Regex,
    /// The subject, where it matters.
    pub subject: Option<&'s Regex>,
}

/// A mail that arrived, for whoever shows it to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The recipients of the envelope.
    pub to: String,
    /// The subject; may be empty.
    pub subject: String,
    /// The first part that is text.
    pub text: String,
}

/// What was found.
#[derive(Clone, PartialEq, Eq)]
pub struct Found {
    /// The whole match.
    pub whole: String,
    /// Group 1 where there is one, else the whole match.
    pub value: String,
}

/// Stops the listener when the last mailbox is gone.
#[derive(Debug)]
struct Listening(tokio::task::AbortHandle);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What stands in the bytes of one mail.
#[must_use]
pub fn find_in(raw: &[u8], seen: &MailQuery<'_>) -> Option<Found> {
    Message { recipients: Vec::new(), raw: raw.into() }.find(seen)
}

impl Mailbox {
    /// An SMTP listener on this machine; port 0 takes a free one.
    ///
    /// # Errors
    /// [`Error::Safety`] for an address that others can reach, [`Error::Harness`] when this machine does
    /// not let us listen there.
    pub async fn listen(address: SocketAddr) -> Result<Self, Error> {
        if !address.ip().is_loopback() {
            return Err(Error::Safety(format!("mail is taken on loopback only, not on {address}")));
        }
        let broken = |error: std::io::Error| {
            let why = if error.kind() == ErrorKind::AddrInUse {
                "another program on this machine listens there".to_owned()
            } else {
                error.to_string()
            };
            Error::Harness(format!(
                "no mail can be taken on {address}: {why}; end what listens there, or name another port in `smtp` of [mail], and have the portal deliver to it"
            ))
        };
        let listener = tokio::net::TcpListener::bind(address).await.map_err(broken)?;
        let address = listener.local_addr().map_err(broken)?;
        let inbox = Arc::new(Inbox::default());
        let task = tokio::spawn(smtp::serve(listener, Arc::clone(&inbox)));
        let listening = Arc::new(Listening(task.abort_handle()));
        Ok(Self { source: Source::Smtp { inbox, address, _listener: listening } })
    }

    /// A folder into which something else puts mails.
    #[must_use]
    pub fn folder(path: PathBuf, layout: Layout) -> Self {
        Self { source: Source::Folder(Folder::new(path, layout)) }
    }

    /// A mail server for tests, by the URL that its API stands below.
    /// `client` is what it is asked with, and says which certificates go.
    #[must_use]
    pub fn server(kind: ServerKind, base: url::Url, client: reqwest::Client) -> Self {
        Self { source: Source::Server(Arc::new(Server::new(kind, base, client))) }
    }

    /// A command that prints mails.
    #[must_use]
    pub fn command(command: Command) -> Self {
        Self { source: Source::Command(Arc::new(Printer::new(command))) }
    }

    /// Where mail is to be sent; only the listener has an address.
    #[must_use]
    pub const fn address(&self) -> Option<SocketAddr> {
        match &self.source {
            Source::Smtp { address, .. } => Some(*address),
            Source::Folder(_) | Source::Server(_) | Source::Command(_) => None,
        }
    }

    /// The mails that our own listener has taken and still holds, the newest first; none of another place.
    #[must_use]
    pub fn arrived(&self) -> Vec<Mail> {
        match &self.source {
            Source::Smtp { inbox, .. } => {
                inbox.after(0).0.iter().rev().map(Message::shown).collect()
            }
            Source::Folder(_) | Source::Server(_) | Source::Command(_) => Vec::new(),
        }
    }

    /// A mark; mail that arrives later is newer than it.
    ///
    /// # Errors
    /// When the place cannot be read.
    pub async fn mark(&self) -> Result<u64, Error> {
        match &self.source {
            Source::Smtp { inbox, .. } => Ok(inbox.mark()),
            Source::Folder(folder) => folder.mark().await,
            Source::Server(server) => server.mark().await,
            Source::Command(command) => Ok(command.mark()),
        }
    }

    /// Waits for mail that is newer than a mark; `None` when none came in time.
    ///
    /// # Errors
    /// When the place cannot be read.
    pub async fn wait(
        &self,
        seen: &MailQuery<'_>,
        mark: u64,
        patience: Duration,
    ) -> Result<Option<Found>, Error> {
        let until = Instant::now() + patience;
        let mut ticks = tokio::time::interval(EVERY);
        let mut mark = mark;
        loop {
            // Listened for before the look, so that nothing falls in between.
            let arrival = self.arrivals().map(|arrivals| arrivals.notified());
            let mut arrival = arrival.map(Box::pin);
            if let Some(arrival) = arrival.as_mut() {
                arrival.as_mut().enable();
            }
            if let Some(found) = self.newest(seen, &mut mark).await? {
                return Ok(Some(found));
            }
            // Mail without a pause would else be waited for without an end.
            if Instant::now() >= until {
                return Ok(None);
            }
            let next = async {
                match arrival {
                    Some(arrival) => arrival.await,
                    None => {
                        ticks.tick().await;
                    }
                }
            };
            if tokio::time::timeout_at(until, next).await.is_err() {
                return self.newest(seen, &mut mark).await;
            }
        }
    }

    fn arrivals(&self) -> Option<&Notify> {
        match &self.source {
            Source::Smtp { inbox, .. } => Some(&inbox.arrivals),
            Source::Folder(_) | Source::Server(_) | Source::Command(_) => None,
        }
    }

    /// Looks through the mails after a mark. Those of our own listener are looked at once: the mark
    /// goes on to the end of them.
    async fn newest(&self, seen: &MailQuery<'_>, mark: &mut u64) -> Result<Option<Found>, Error> {
        let messages: Vec<Message> = match &self.source {
            Source::Smtp { inbox, .. } => {
                let (messages, end) = inbox.after(*mark);
                *mark = end;
                messages
            }
            Source::Folder(folder) => folder.after(*mark).await?,
            Source::Server(server) => server.after(*mark).await?,
            Source::Command(command) => command.after(seen.to, *mark).await?,
        };
        Ok(messages.iter().rev().find_map(|message| message.find(seen)))
    }
}

#[cfg(test)]
mod tests;
