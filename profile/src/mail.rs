//! Where a portal's mail is found, and what is looked for in it. How it is read is the driver's.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use regex::Regex;

use super::Command;

/// Where the portal's mail is found.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Where.
    pub source: MailSource,
    /// The link or code in a mail: group 1 where there is one.
    pub pattern: Regex,
    /// Whether the pattern finds a link, which must be within the allow-list.
    pub is_link: bool,
    /// What the subject must match.
    pub subject: Option<Regex>,
    /// How long mail is waited for.
    pub patience: Duration,
}

/// A place where mail arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailSource {
    /// An SMTP listener that the launcher has opened already.
    Given,
    /// An SMTP listener of ours at an address.
    Smtp(SocketAddr),
    /// A folder of mails.
    Folder(PathBuf, Layout),
    /// A mail server for tests, by the URL of its API.
    Server(ServerKind, url::Url),
    /// A command that prints mails.
    Command(Command),
}

/// How mails stand in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Files whose names end in `.eml`.
    Eml,
    /// Files of any name in `new` and `cur`.
    Maildir,
}

/// A mail server's own words for its mails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerKind {
    /// `GET /api/v1/messages`, then `/api/v1/message/ID/raw`.
    Mailpit,
    /// `GET /api/v2/messages`, which holds the raw mails.
    MailHog,
}
