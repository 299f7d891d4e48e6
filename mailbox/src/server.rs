//! Mail that a mail server for tests keeps and gives out over HTTP: Mailpit and MailHog. A mark is a
//! count of the mails that were seen until then, so that no clock has to agree with another.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use profile::{ServerKind, error::Error};
use reports::bounds::{MAIL, MAIL_TOGETHER, MAILS};
use reqwest::Client;
use serde_json::Value;
use url::Url;

use super::{message::Message, side_client::SideClient};

/// Most mails that are looked at: the newest.
const MOST: usize = 200;

/// A mail server.
#[derive(Debug)]
pub(super) struct Server {
    kind: ServerKind,
    base: Url,
    wire: SideClient,
    /// Mails by the server's id, in the order in which they were first seen.
    seen: Mutex<Shelf>,
}

#[derive(Debug, Default)]
struct Shelf {
    numbers: BTreeMap<String, u64>,
    mails: BTreeMap<u64, Message>,
    /// Bytes of the mails that are kept.
    bytes: usize,
    /// How many there were.
    count: u64,
}

impl Shelf {
    /// Takes a mail in that it does not know, and lets go of the oldest where there are too many.
    fn put(&mut self, id: &str, mail: Message) {
        self.numbers.insert(id.to_owned(), self.count);
        self.bytes += mail.raw.len();
        self.mails.insert(self.count, mail);
        self.count += 1;
        while self.mails.len() > MAILS.most || self.bytes > MAIL_TOGETHER.most {
            let Some((_, oldest)) = self.mails.pop_first() else { break };
            self.bytes -= oldest.raw.len();
        }
        // Far more than the server lists: what it lists stays known.
        if self.numbers.len() > 2 * MAILS.most {
            let most = u64::try_from(MAILS.most).unwrap_or(u64::MAX);
            self.numbers.retain(|_, number| *number + most > self.count);
        }
    }
}

impl Server {
    pub(super) fn new(kind: ServerKind, base: Url, client: Client) -> Self {
        let wire = SideClient::new("the mail server", client);
        Self { kind, base, wire, seen: Mutex::default() }
    }

    pub(super) async fn mark(&self) -> Result<u64, Error> {
        self.look().await?;
        Ok(self.count())
    }

    pub(super) async fn after(&self, mark: u64) -> Result<Vec<Message>, Error> {
        self.look().await?;
        let shelf = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(shelf.mails.range(mark..).map(|(_, mail)| mail.clone()).collect())
    }

    fn count(&self) -> u64 {
        let shelf = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.count
    }

    /// Takes in what is new.
    async fn look(&self) -> Result<(), Error> {
        let path = match self.kind {
            ServerKind::Mailpit => format!("api/v1/messages?limit={MOST}"),
            ServerKind::MailHog => format!("api/v2/messages?limit={MOST}"),
        };
        let list: Value = serde_json::from_str(&self.get(&path).await?)
            .map_err(|_| self.strange("its list of mails is not JSON"))?;
        let member = match self.kind {
            ServerKind::Mailpit => "messages",
            ServerKind::MailHog => "items",
        };
        let items = list[member]
            .as_array()
            .ok_or_else(|| self.strange(&format!("its list of mails has no `{member}`")))?;
        // The newest comes first; the oldest is to have the lowest number.
        for item in items.iter().rev() {
            let Some(id) = item["ID"].as_str() else {
                return Err(self.strange("a mail in its list has no `ID`"));
            };
            if self.knows(id) {
                continue;
            }
            let mut mail = self.fetch(item, id).await?;
            if mail.raw.len() > MAIL.most {
                // Known, so that it is not fetched again; nothing is looked for in it.
                mail.raw = Arc::default();
            }
            self.put(id, mail);
        }
        Ok(())
    }

    async fn fetch(&self, item: &Value, id: &str) -> Result<Message, Error> {
        match self.kind {
            ServerKind::Mailpit => {
                let raw = self.get(&format!("api/v1/message/{id}/raw")).await?;
                Ok(Message { recipients: Vec::new(), raw: Arc::from(raw.into_bytes()) })
            }
            ServerKind::MailHog => {
                let raw = item["Raw"]["Data"].as_str().unwrap_or_default();
                let to = item["Raw"]["To"].as_array().map(Vec::as_slice).unwrap_or_default();
                let to = to.iter().filter_map(Value::as_str).map(str::to_owned);
                Ok(Message { recipients: to.collect(), raw: Arc::from(raw.as_bytes()) })
            }
        }
    }

    fn knows(&self, id: &str) -> bool {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).numbers.contains_key(id)
    }

    fn put(&self, id: &str, mail: Message) {
        let mut shelf = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        // Somebody else may have looked at the same time.
        if !shelf.numbers.contains_key(id) {
            shelf.put(id, mail);
        }
    }

    async fn get(&self, path: &str) -> Result<String, Error> {
        let url = self.base.join(path).map_err(|_| self.strange("its ids make no URL"))?;
        self.wire.get(&url).await
    }

    fn strange(&self, what: &str) -> Error {
        Error::Network(format!("the mail server at {}: {what}", self.base))
    }
}
