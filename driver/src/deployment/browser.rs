//! Drives a portal's pages in a real browser, as its profile says. A verb without a page, and an answer that a page
//! does not wait for any more, goes over HTTP with the cookies of the browser.

mod outcome;
mod run;
mod tabs;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use browser::{Answered, Begin, Engine, Session, Trouble, as_a_page_has_it};
use profile::{
    Verb,
    error::Error,
    pages::{Page, PageStep},
    verb::{ALWAYS_SECRET, Presence, ShownOptions},
};
use reports::{record::Reply, redact::Redactor};
use serde_json::Value;
use tokio::sync::{Mutex, MutexGuard};
use url::Url;

use self::{
    run::{PageRun, Stop},
    tabs::Tabs,
};
use super::{
    Access, Answer, Begun, Between, Driver, Input, Inputs, Visitor, half::Half, http::HttpDriver,
    inputs::class_of,
};

pub(super) use self::tabs::Tab;

/// How much longer than one exchange the browser may take for a command: it loads whole pages.
const BEYOND: Duration = Duration::from_secs(20);

/// Which browser a portal's pages are driven in.
#[derive(Clone, Debug)]
pub struct InBrowser {
    /// Which one.
    pub engine: Engine,
    /// A WebDriver server of the user's; one is started without it.
    pub server: Option<Url>,
    /// Whether a window is shown.
    pub headed: bool,
}

/// Drives a portal in a browser.
#[derive(Debug)]
pub(super) struct BrowserDriver {
    access: Arc<Access>,
    http: HttpDriver,
    tabs: Mutex<Tabs>,
}

impl BrowserDriver {
    /// Starts the browser.
    ///
    /// # Errors
    /// [`Error::Browser`] when there is none, or it does not start.
    pub(super) async fn start(access: Arc<Access>, chosen: InBrowser) -> Result<Self, Error> {
        let begin = Begin {
            engine: chosen.engine,
            server: chosen.server,
            headed: chosen.headed,
            hosts: hosts(&access).await?,
            patience: access.profile.description.limits.exchange_timeout + BEYOND,
            arguments: Vec::new(),
        };
        let session = Session::begin(&begin).await.map_err(|trouble| broken(&trouble))?;
        let http = HttpDriver::new(Arc::clone(&access));
        Ok(Self { access, http, tabs: Mutex::new(Tabs::new(session)) })
    }

    /// The page of a verb; `None` where it goes over HTTP, as what several do at the same instant does.
    fn page(&self, visitor: &Visitor, verb: Verb) -> Option<&Page> {
        let page = self.access.profile.flows.pages.get(&verb)?;
        visitor.race.is_none().then_some(page)
    }

    /// The tab of a visitor, in front; nobody else has the browser meanwhile.
    async fn enter(&self, visitor: &mut Visitor) -> Result<(MutexGuard<'_, Tabs>, u64), Error> {
        let mut tabs = self.tabs.lock().await;
        let number = tabs.enter(&self.access, visitor).await.map_err(|error| self.ends(error))?;
        Ok((tabs, number))
    }

    /// Performs a half in the visitor's tab, and writes it down.
    async fn half(
        &self,
        tabs: &mut Tabs,
        visitor: &mut Visitor,
        half: HalfOfPage<'_>,
    ) -> Result<(Answer, Option<browser::Waiting>), Error> {
        for (name, input) in half.inputs {
            if let Input::Secret(secret) = input {
                visitor.scene.recorder.redactor().learn(class_of(name), secret.reveal());
            }
        }
        let (answer, waiting) = {
            let mut run = PageRun::new(&self.access, tabs, visitor, half.inputs);
            let done = run.perform(&half).await;
            if let Ok((answer, _)) | Err(Stop::Shown(answer)) = &done {
                learn(answer, visitor.scene.recorder.redactor());
            }
            run.write_down(half.name(), half.page, &done);
            match done {
                Ok((answer, waiting)) => (half.with_what_it_captures(answer), waiting),
                Err(Stop::Shown(answer)) => (answer, None),
                Err(Stop::Stuck(note)) => (Answer::unknown(note), None),
                Err(Stop::Broken(error)) => return Err(self.ends(error)),
            }
        };
        tabs.leave(visitor).await.map_err(|error| self.ends(error))?;
        let given = |name: &str| half.inputs.get(name).cloned();
        visitor.memory.remember(half.verb, answer.reply, given);
        Ok((answer, waiting))
    }

    /// After a browser that has ended nothing new is begun.
    fn ends(&self, error: Error) -> Error {
        if let Error::Browser(why) = &error {
            let _ = self.access.over().set(format!("the browser does not go on: {why}"));
        }
        error
    }
}

/// One half of a verb on its page.
struct HalfOfPage<'p> {
    verb: Verb,
    half: Half,
    page: &'p Page,
    steps: &'p [PageStep],
    inputs: &'p Inputs,
    /// The ceremony that is answered first, and with what.
    answers: Option<(u64, Value)>,
}

impl HalfOfPage<'_> {
    fn name(&self) -> String {
        self.half.of(self.verb)
    }

    /// What says yes and does not show what the suite reads of it says nothing.
    fn with_what_it_captures(&self, answer: Answer) -> Answer {
        let captures = (self.half == Half::Finish) == self.verb.has_others_between();
        let must =
            self.verb.row().captures.filter(|must| captures && must.presence == Presence::Always);
        match must.filter(|must| !answer.captured.contains_key(must.name)) {
            Some(must) if answer.reply == Reply::Ok => {
                let (place, name) = (&self.page.place, must.name);
                Answer::unknown(format!("{place}: the page says yes, and does not show `{name}`"))
            }
            Some(_) | None => answer,
        }
    }

    /// Whether it is to end with a page that asks for a key.
    fn asks_for_a_key(&self) -> bool {
        self.half == Half::Begin && self.verb.row().options.are_needed()
    }
}

#[async_trait]
impl Driver for BrowserDriver {
    /// A page has no more of a credential than a browser hands over, and sends what its flow sends of that.
    fn written(&self, verb: Verb, credential: &Value) -> Value {
        if !self.access.profile.flows.pages.contains_key(&verb) {
            return self.http.written(verb, credential);
        }
        let creates = verb.row().options == ShownOptions::Creation;
        let handed_over = as_a_page_has_it(credential, creates);
        self.http.written(verb, handed_over.as_ref().unwrap_or(credential))
    }

    async fn begin(
        &self,
        visitor: &mut Visitor,
        verb: Verb,
        inputs: &Inputs,
    ) -> Result<Begun, Error> {
        let Some(page) = self.page(visitor, verb) else {
            return self.http.begin(visitor, verb, inputs).await;
        };
        self.access.may(&visitor.scene, verb, inputs)?;
        let in_halves = page.finish.is_some() || verb.row().options.are_needed();
        let half = if in_halves { Half::Begin } else { Half::Whole };
        let (mut tabs, tab) = self.enter(visitor).await?;
        let half = HalfOfPage { verb, half, page, steps: &page.begin, inputs, answers: None };
        tabs.goes_on(tab);
        let (answer, waiting) = self.half(&mut tabs, visitor, half).await?;
        if let Some(waiting) = &waiting {
            tabs.asks(tab, waiting);
        }
        let between = waiting
            .as_ref()
            .map_or(Between::Nothing, |waiting| Between::Ceremony { tab, number: waiting.number });
        let options = waiting.map(|waiting| waiting.options);
        Ok(Begun { answer, options, inputs: inputs.clone(), between })
    }

    async fn finish(
        &self,
        visitor: &mut Visitor,
        verb: Verb,
        begun: &Begun,
        inputs: &Inputs,
    ) -> Result<Answer, Error> {
        let Some(page) = self.page(visitor, verb) else {
            return self.http.finish(visitor, verb, begun, inputs).await;
        };
        self.access.may(&visitor.scene, verb, inputs)?;
        let all = begun.and(inputs);
        let (mut tabs, tab) = self.enter(visitor).await?;
        let answers = match (&begun.between, all.get("credential")) {
            (Between::Ceremony { tab: asks, number }, Some(credential)) if *asks == tab => {
                let credential = credential.value();
                let waits = tabs.session.waits_for(*number).await;
                let waits = waits.map_err(|trouble| self.ends(broken(&trouble)))?;
                waits.then_some((*number, credential))
            }
            (Between::Ceremony { .. } | Between::Page(_) | Between::Nothing, _) => None,
        };
        if answers.is_none() && verb.row().options.are_needed() {
            // Nobody could have answered such a page: what goes over HTTP in its place would hide that.
            if let Between::Ceremony { tab: asks, number } = begun.between
                && asks == tab
                && tabs.should_wait(tab, number)
            {
                return Ok(Answer::unknown(format!(
                    "{}: the page stopped waiting for the key before its time was over",
                    page.place
                )));
            }
            drop(tabs);
            let says = "(the page does not wait for this answer: it is sent without the page)";
            visitor.scene.recorder.act(says.to_owned());
            return self.http.finish(visitor, verb, begun, inputs).await;
        }
        let steps = page.finish.as_deref().unwrap_or_default();
        let half = HalfOfPage { verb, half: Half::Finish, page, steps, inputs: &all, answers };
        tabs.goes_on(tab);
        Ok(self.half(&mut tabs, visitor, half).await?.0)
    }

    async fn perform(
        &self,
        visitor: &mut Visitor,
        verb: Verb,
        inputs: &Inputs,
    ) -> Result<Answer, Error> {
        let Some(page) = self.page(visitor, verb) else {
            return self.http.perform(visitor, verb, inputs).await;
        };
        let in_halves = page.finish.is_some() || verb.row().options.are_needed();
        let begun = self.begin(visitor, verb, inputs).await?;
        if !in_halves || begun.answer.reply != Reply::Ok {
            return Ok(begun.answer);
        }
        self.finish(visitor, verb, &begun, inputs).await
    }
}

/// Makes known what a page showed that opens an account.
fn learn(answer: &Answer, redactor: &Redactor) {
    let shown = ALWAYS_SECRET.iter().filter_map(|name| Some((name, answer.captured.get(*name)?)));
    shown.for_each(|(name, value)| redactor.learn_all(class_of(name), value));
}

/// Every host of the allow-list, with the address that it is pinned to. A host of each scenario's own is a pattern.
async fn hosts(access: &Access) -> Result<Vec<(String, Option<String>)>, Error> {
    let mut hosts = Vec::new();
    for origin in &access.profile.description.allow {
        let Ok(url) = Url::parse(&origin.replace("{scenario}", "scenario")) else { continue };
        let Some(name) = url.host_str() else { continue };
        let port = url.port_or_known_default().unwrap_or_default();
        let connected = access.profile.portal.connect.of(name);
        let address = match connected {
            Some(address) => Some(address.to_string()),
            None => access.addresses(&url).await?.first().map(ToString::to_string),
        };
        let is_its_own = origin.contains("{scenario}");
        let pattern = if is_its_own { name.replacen("scenario", "*", 1) } else { name.to_owned() };
        let literal = url.domain().is_none();
        let pattern = if connected.is_some() { format!("{pattern}:{port}") } else { pattern };
        hosts.push((pattern, address.filter(|_| !literal)));
    }
    Ok(hosts)
}

/// The browser's trouble as an error of the run.
fn broken(trouble: &Trouble) -> Error {
    Error::Browser(trouble.to_string())
}

/// What became of an answer that a page was given.
fn taken(answered: Answered) -> Result<(), Error> {
    match answered {
        Answered::Taken => Ok(()),
        Answered::Gone => Err(Error::Browser("the page did not wait for the key any more".into())),
        Answered::Unreadable => Err(Error::NotApplicable(
            "a browser hands the members of an answer to a page as bytes, and one of these is none"
                .into(),
        )),
    }
}

#[cfg(test)]
mod tests;
