//! The tabs of visitors: each has one of its own, in one browser. The cookies of whoever is in front are the
//! browser's; the others' wait where HTTP keeps them as well.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use browser::{Session, Waiting};
use profile::error::Error;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::broken;
use crate::{
    deployment::{Access, Visitor},
    wire::Jar,
};

/// Most tabs at once; the oldest is closed, and its visitor begins anew where the profile says.
const MOST: usize = 12;

/// How long a page waits for a key where its options do not say, milliseconds: as Chromium has it.
const TIMEOUT: u64 = 60_000;

/// What pages can store beside cookies.
const STORAGE: &str =
    "file_systems,indexeddb,local_storage,websql,service_workers,cache_storage,shared_storage";

/// Which tab is a visitor's. A copy of a visitor has the cookies of then, and goes on in the same tab: whatever is
/// not on its page any more is opened anew, or goes over HTTP.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::deployment) struct Tab(Option<u64>);

/// A browser, and who has which tab.
#[derive(Debug)]
pub(super) struct Tabs {
    pub(super) session: Session,
    /// Names of all scenarios that ever had a tab.
    pub(super) labels: BTreeSet<String>,
    open: BTreeMap<u64, Open>,
    front: Option<u64>,
    next: u64,
    /// The cookies that the browser has.
    cookies: Vec<Value>,
    /// The ceremony that each tab began last, while nothing else was done there, and until when its page waits.
    asked: BTreeMap<u64, (u64, Instant)>,
}

#[derive(Debug)]
struct Open {
    handle: String,
    user_agent: Option<String>,
}

impl Tabs {
    pub(super) const fn new(session: Session) -> Self {
        Self {
            session,
            labels: BTreeSet::new(),
            open: BTreeMap::new(),
            front: None,
            next: 0,
            cookies: Vec::new(),
            asked: BTreeMap::new(),
        }
    }

    /// Brings a visitor's tab to the front, with the visitor's cookies and user agent; a new one where there is
    /// none. Its number.
    pub(super) async fn enter(
        &mut self,
        access: &Access,
        visitor: &mut Visitor,
    ) -> Result<u64, Error> {
        let (tab, jar) = visitor.memory.in_browser(|browser| (browser.tab.0, browser.jar.clone()));
        let number = match tab.filter(|number| self.open.contains_key(number)) {
            Some(number) => {
                self.bring_to_front(number).await?;
                number
            }
            None => self.begin(access, &visitor.scene.label).await?,
        };
        visitor.memory.in_browser(|browser| browser.tab = Tab(Some(number)));
        self.agree(number, visitor.user_agent.as_deref()).await?;
        let wanted = jar.for_a_browser();
        if wanted != self.cookies {
            self.session.set_cookies(&wanted).await.map_err(|trouble| broken(&trouble))?;
            self.cookies = wanted;
        }
        Ok(number)
    }

    /// Gives the visitor in front the cookies that have come.
    pub(super) async fn leave(&mut self, visitor: &mut Visitor) -> Result<(), Error> {
        let cookies = self.session.cookies().await.map_err(|trouble| broken(&trouble))?;
        let jar = Jar::of_a_browser(&cookies);
        let redactor = visitor.scene.recorder.redactor();
        jar.values().for_each(|value| redactor.learn("cookie", value.reveal()));
        self.cookies = jar.for_a_browser();
        visitor.memory.in_browser(|browser| browser.jar = jar);
        Ok(())
    }

    /// A tab is about to do something else than to wait.
    pub(super) fn goes_on(&mut self, tab: u64) {
        self.asked.remove(&tab);
    }

    /// A tab waits for a key, as long as its options say.
    pub(super) fn asks(&mut self, tab: u64, waiting: &Waiting) {
        let limit = waiting.options.get("timeout").and_then(Value::as_u64).unwrap_or(TIMEOUT);
        self.asked.insert(tab, (waiting.number, Instant::now() + Duration::from_millis(limit)));
    }

    /// Whether nothing was done in a tab since it began a ceremony, and its time is not over: its page should wait.
    pub(super) fn should_wait(&self, tab: u64, ceremony: u64) -> bool {
        let asked = self.asked.get(&tab);
        asked.is_some_and(|(number, until)| *number == ceremony && Instant::now() < *until)
    }

    async fn bring_to_front(&mut self, number: u64) -> Result<(), Error> {
        if self.front == Some(number) {
            return Ok(());
        }
        if let Some(open) = self.open.get(&number) {
            let front = self.session.bring_to_front(&open.handle).await;
            front.map_err(|trouble| broken(&trouble))?;
        }
        self.front = Some(number);
        Ok(())
    }

    /// A new tab in which nothing is stored.
    async fn begin(&mut self, access: &Access, label: &str) -> Result<u64, Error> {
        let handle = self.session.new_tab().await.map_err(|trouble| broken(&trouble))?;
        for origin in &access.profile.description.allow {
            let origin = origin.replace("{scenario}", label);
            let all = json!({"origin": origin, "storageTypes": STORAGE});
            let cleared = self.session.devtools("Storage.clearDataForOrigin", all).await;
            cleared.map_err(|trouble| broken(&trouble))?;
        }
        // What one visitor was sent is not shown to another.
        let cleared = self.session.devtools("Network.clearBrowserCache", json!({})).await;
        cleared.map_err(|trouble| broken(&trouble))?;
        self.labels.insert(label.to_owned());
        self.next += 1;
        self.open.insert(self.next, Open { handle, user_agent: None });
        self.front = Some(self.next);
        self.close_the_oldest().await?;
        Ok(self.next)
    }

    /// Closes tabs beyond the most that there may be, and stands on the one in front again.
    async fn close_the_oldest(&mut self) -> Result<(), Error> {
        if self.open.len() <= MOST {
            return Ok(());
        }
        let (oldest, front) = (self.open.pop_first(), self.front.take());
        if let Some((_, oldest)) = oldest {
            self.session.close(&oldest.handle).await.map_err(|trouble| broken(&trouble))?;
        }
        match front {
            Some(front) => self.bring_to_front(front).await,
            None => Ok(()),
        }
    }

    async fn agree(&mut self, number: u64, user_agent: Option<&str>) -> Result<(), Error> {
        let Some(open) = self.open.get_mut(&number) else { return Ok(()) };
        if open.user_agent.as_deref() != user_agent {
            let named = json!({"userAgent": user_agent.unwrap_or_default()});
            let set = self.session.devtools("Network.setUserAgentOverride", named).await;
            set.map_err(|trouble| broken(&trouble))?;
            open.user_agent = user_agent.map(str::to_owned);
        }
        Ok(())
    }
}
