//! Drives a portal over HTTP, as its profile says.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use async_trait::async_trait;
use profile::{
    Description, Loosened, MailSource, Profile, Verb,
    effect::Effect,
    error::Error,
    flow::{Flow, Halves, Place, Step},
    secret::Secret,
    verb::SIGNED_IN,
};
use reports::record::{Reply, Traffic};
use scraper::Html;
use serde_json::Value;
use url::Url;

use super::{
    Answer, Begun, Deployment, Input, Inputs, Scene, Visitor,
    flow::{self, Body, Half, Members, Performance},
};
use crate::{
    mailbox::{Mailbox, Seen},
    wire::{Failure, Jar, Origin, Request, Response, Wire},
};

/// A portal reached over HTTP.
#[derive(Debug)]
pub struct HttpDeployment {
    pub(super) profile: Profile,
    pub(super) wire: Wire,
    pub(super) pace: Pace,
    mailbox: Option<Mailbox>,
}

/// When each person was last through with a step that must not come twice in a short time.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// By scenario, person and place in the profile.
    last: Mutex<BTreeMap<(usize, String, Place), Instant>>,
}

impl Pace {
    /// Waits until the step may be carried out once more.
    pub(super) async fn waits(&self, visitor: &Visitor, step: &Step) {
        let Some(apart) = step.apart else { return };
        let last = self.locked().get(&Self::key(visitor, step)).copied();
        let Some(rest) =
            last.and_then(|last| (last + apart).checked_duration_since(Instant::now()))
        else {
            return;
        };
        tokio::time::sleep(rest).await;
        visitor.scene.recorder.wait(u64::try_from(rest.as_millis()).unwrap_or(u64::MAX), false);
    }

    /// The step has been answered.
    pub(super) fn marks(&self, visitor: &Visitor, step: &Step) {
        if step.apart.is_some() {
            self.locked().insert(Self::key(visitor, step), Instant::now());
        }
    }

    fn key(visitor: &Visitor, step: &Step) -> (usize, String, Place) {
        (visitor.scene.number, visitor.who.clone(), step.place.clone())
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<(usize, String, Place), Instant>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a browser keeps.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// Its cookies.
    pub(super) jar: Jar,
    /// The page it stands on.
    pub(super) page: Page,
    /// Values for later flows: whom it signed in as, and what the profile keeps.
    pub(super) kept: BTreeMap<String, Input>,
    /// What it sends and what it does not, member for member.
    pub(super) members: Members,
}

impl Memory {
    /// Its cookies.
    #[must_use]
    pub const fn jar(&self) -> &Jar {
        &self.jar
    }

    /// Whether no cookie has come, and later flows know nothing that earlier ones kept.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.jar.names().next().is_none() && self.kept.is_empty()
    }

    /// That of a browser which leaves one member out of every body: somebody has taken it off the form.
    #[must_use]
    pub fn leaving_out(member: &str) -> Self {
        Self { members: Members::leaving_out(member), ..Self::default() }
    }

    /// That of another browser which leaves out the same.
    #[must_use]
    pub fn of_a_fresh(&self) -> Self {
        Self { members: self.members.of_a_fresh(), ..Self::default() }
    }

    /// Names of what it has sent in bodies so far, but for those that held the password.
    #[must_use]
    pub fn sent(&self) -> Vec<String> {
        self.members.sent()
    }

    /// Whether later flows know a value of this name.
    #[must_use]
    pub fn keeps(&self, name: &str) -> bool {
        self.kept.contains_key(name)
    }

    /// What later flows know by this name.
    #[must_use]
    pub fn kept(&self, name: &str) -> Option<&Input> {
        self.kept.get(name)
    }

    /// Whom the visitor is signed in as, and with which password, after a verb that says so. `given`
    /// finds what the verb was given.
    pub fn remembers(&mut self, verb: Verb, reply: Reply, given: impl Fn(&str) -> Option<Input>) {
        let names: &[&str] = match (verb, reply) {
            (Verb::SignIn, Reply::Ok | Reply::FactorNeeded) => SIGNED_IN,
            (_, Reply::Ok) if verb.row().sets_password && self.kept.contains_key("password") => {
                &["password"]
            }
            (_, _) => &[],
        };
        let inputs = names.iter().filter_map(|name| Some(((*name).to_owned(), given(name)?)));
        self.kept.extend(inputs);
    }
}

/// The last answer of a flow, as a browser would stand on it.
#[derive(Clone, Debug, Default)]
pub struct Page {
    pub(super) url: Option<Url>,
    pub(super) status: u16,
    /// The exit code, where it is what a command printed.
    pub(super) exit: Option<i32>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Body,
}

impl Page {
    /// An answer as it came.
    #[must_use]
    pub fn new(url: Url, answer: Response) -> Self {
        let Response { status, headers, body } = answer;
        Self { url: Some(url), status, exit: None, headers, body: body.into() }
    }

    /// Whether a flow goes on from it where no rule says what it is.
    pub(super) fn is_fine(&self) -> bool {
        self.exit.map_or(self.status < 400, |code| code == 0)
    }

    /// Its address; `None` before the first answer.
    #[must_use]
    pub const fn url(&self) -> Option<&Url> {
        self.url.as_ref()
    }

    /// Its status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Headers, names in lower case.
    #[must_use]
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// Its text.
    #[must_use]
    pub fn body(&self) -> &str {
        self.body.text()
    }

    /// Looks at what it shows; it is parsed once.
    pub fn look<R>(&self, look: impl FnOnce(&Html) -> R) -> R {
        self.body.look(look)
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl HttpDeployment {
    /// Drives the portal of a profile. `given` is the mailbox that the launcher opened for a profile
    /// whose mail source is `given`; another one is opened here.
    ///
    /// # Errors
    /// When it names a command and none may be run, when the mailbox cannot be opened, or when it names certificates that are none.
    pub async fn new(profile: Profile, given: Option<Mailbox>) -> Result<Self, Error> {
        profile.permits_commands()?;
        let mailbox = match profile.mail.as_ref().map(|mail| &mail.source) {
            None => None,
            Some(MailSource::Given) => {
                let missing = || {
                    Error::Harness(
                        "the profile's mailbox is given by the program, and it gave none".into(),
                    )
                };
                Some(given.ok_or_else(missing)?)
            }
            Some(MailSource::Smtp(address)) => Some(Mailbox::listen(*address).await?),
            Some(MailSource::Folder(folder, layout)) => {
                Some(Mailbox::folder(folder.clone(), *layout))
            }
            Some(MailSource::Server(kind, base)) => Some(Mailbox::server(*kind, base.clone())?),
            Some(MailSource::Command(command)) => Some(Mailbox::command(command.clone())),
        };
        let wire = Wire::new(&profile.portal, &profile.description)?;
        Ok(Self { profile, wire, mailbox, pace: Pace::default() })
    }

    /// What sends its requests.
    #[must_use]
    pub const fn wire(&self) -> &Wire {
        &self.wire
    }

    /// Names the run in every request from now on.
    pub fn set_run_tag(&mut self, run_tag: String) {
        self.wire.set_run_tag(run_tag);
    }

    /// Sends no more in a second from now on, and begins nothing new after a time, where there is one.
    pub(crate) fn keep_to(&mut self, per_second: Option<u32>, until: Option<SystemTime>) {
        let limits = &mut self.profile.description.limits;
        let slower = per_second.into_iter().chain(limits.requests_per_second).min();
        limits.requests_per_second = slower;
        self.wire.keep_to(slower, until);
    }

    /// What whoever starts the run loosens, for every report.
    pub(crate) fn is_loosened(&mut self, loosened: Loosened) {
        self.profile.description.loosened.push(loosened);
    }

    /// Allows no effects but these from now on.
    pub fn limit_effects(&mut self, allowed: &BTreeSet<Effect>) {
        self.profile.description.effects.retain(|effect| allowed.contains(effect));
    }

    /// The addresses that a URL's host is connected to.
    pub(crate) async fn addresses(&self, url: &Url) -> Result<Vec<IpAddr>, Error> {
        self.wire.addresses(url).await
    }

    /// The headers of every request to the portal, for one that no flow makes. One that has a place for
    /// what only a flow knows is left out.
    pub(crate) fn common_headers(&self, visitor: &Visitor) -> Vec<(String, String)> {
        flow::common_headers(&self.profile, visitor)
    }

    /// One request that no flow of the profile makes; its redirects are not followed.
    pub(crate) async fn ask(
        &self,
        visitor: &mut Visitor,
        request: &Request,
        origin: &Origin,
    ) -> Result<Response, Error> {
        let (_, answer) = self.wire.send(&mut visitor.sender(), request, origin).await?;
        answer.map_err(|failure| match failure {
            Failure::Broken(error) => error,
            Failure::Dropped(how) => Error::Portal(how),
        })
    }

    /// The plan leaves out what may not be done; this holds even where it is wrong about that.
    pub(super) fn may(&self, scene: &Scene, verb: Verb, inputs: &Inputs) -> Result<(), Error> {
        // `profile check` knows of no other names.
        if let Some(name) = inputs.keys().find(|name| !verb.takes(name)) {
            return Err(Error::Harness(format!("{} is not to be given `{name}`", verb.name())));
        }
        let Some(effect) = verb.row().effect else { return Ok(()) };
        if scene.effects.contains(&effect) && self.profile.description.effects.contains(&effect) {
            return Ok(());
        }
        Err(Error::Safety(format!("[flow.{}] {effect}: that is not allowed here", verb.name())))
    }

    fn flow(&self, verb: Verb) -> Result<&Flow, Error> {
        let missing = || Error::Profile(format!("the profile has no [flow.{}]", verb.name()));
        self.profile.flows.by_verb.get(&verb).ok_or_else(missing)
    }

    fn first_half(&self, verb: Verb) -> Result<&[Step], Error> {
        Ok(match &self.flow(verb)?.halves {
            Halves::One(steps) => steps,
            Halves::Two { begin, .. } => begin,
        })
    }

    fn second_half(&self, verb: Verb) -> Result<&[Step], Error> {
        match &self.flow(verb)?.halves {
            Halves::One(_) => {
                Err(Error::Profile(format!("[flow.{}] has no second half", verb.name())))
            }
            Halves::Two { finish, .. } => Ok(finish),
        }
    }

    /// Hosts of applications, whose own sessions say nothing of the portal's: they are opened by a browser
    /// that has never been there.
    fn applications(&self, visitor: &Visitor, verb: Verb) -> Vec<String> {
        if verb != Verb::OpenApp {
            return Vec::new();
        }
        let label = &visitor.scene.label;
        let origins = self.profile.description.applications.iter();
        origins
            .filter_map(|origin| Url::parse(&origin.replace("{scenario}", label)).ok())
            .filter_map(|origin| origin.host_str().map(str::to_owned))
            .collect()
    }

    /// Waits for the mail that the profile's `[mail]` describes.
    pub(super) async fn mail(
        &self,
        scene: &Scene,
        to: &str,
        mark: u64,
        patience: Duration,
    ) -> Result<Option<Secret>, Error> {
        let (Some(mailbox), Some(mail)) = (&self.mailbox, &self.profile.mail) else {
            return Err(Error::Profile("the profile has no [mail]".into()));
        };
        let seen = Seen { to, pattern: &mail.pattern, subject: mail.subject.as_ref() };
        let Some(found) = mailbox.wait(&seen, mark, patience).await? else { return Ok(None) };
        if mail.is_link {
            let url = Url::parse(&found.whole).map_err(|_| {
                Error::Profile(format!(
                    "[mail] link: what was found is not a URL ({} characters)",
                    found.whole.len()
                ))
            })?;
            self.wire.permits(&url, &scene.label)?;
            scene.recorder.redactor().learn("token", &found.whole);
        }
        scene.recorder.redactor().learn(if mail.is_link { "token" } else { "code" }, &found.value);
        Ok(Some(Secret::new(found.value)))
    }

    pub(super) async fn mark(&self) -> Result<u64, Error> {
        match &self.mailbox {
            Some(mailbox) => mailbox.mark().await,
            None => Ok(0),
        }
    }
}

#[async_trait]
impl Deployment for HttpDeployment {
    fn description(&self) -> &Description {
        &self.profile.description
    }

    fn stopped(&self) -> Option<String> {
        self.wire.stopped()
    }

    fn traffic(&self) -> Traffic {
        self.wire.traffic()
    }

    fn visitor(&self, scene: &Arc<Scene>, who: &str) -> Visitor {
        let redactor = scene.recorder.redactor();
        self.profile.secrets.values().for_each(|secret| redactor.learn("token", secret.reveal()));
        let actors = &self.profile.description.actors;
        if let Some(password) = &actors.password {
            redactor.learn("password", password.reveal());
        }
        Visitor::new(scene, who)
    }

    fn written(&self, verb: Verb, credential: &Value) -> Value {
        let Some(flow) = self.profile.flows.by_verb.get(&verb) else { return credential.clone() };
        let (Halves::One(steps) | Halves::Two { finish: steps, .. }) = &flow.halves;
        flow::sent(flow::written(credential.clone(), &flow.mapping.answer), steps)
    }

    async fn begin(
        &self,
        visitor: &mut Visitor,
        verb: Verb,
        inputs: &Inputs,
    ) -> Result<Begun, Error> {
        self.may(&visitor.scene, verb, inputs)?;
        let steps = self.first_half(verb)?;
        let half = if matches!(self.flow(verb)?.halves, Halves::One(_)) {
            Half::Whole
        } else {
            Half::Begin
        };
        let mut performance = Performance::new(self, visitor, (verb, half), inputs);
        let answer = performance.perform(steps).await?;
        let (options, page) = performance.end();
        Ok(Begun { answer, options, page, inputs: inputs.clone() })
    }

    async fn finish(
        &self,
        visitor: &mut Visitor,
        verb: Verb,
        begun: &Begun,
        inputs: &Inputs,
    ) -> Result<Answer, Error> {
        self.may(&visitor.scene, verb, inputs)?;
        let steps = self.second_half(verb)?;
        let all = begun.and(inputs);
        let mut performance = Performance::new(self, visitor, (verb, Half::Finish), &all);
        performance.go_on_from(begun);
        let answer = performance.perform(steps).await?;
        performance.end();
        Ok(answer)
    }

    async fn perform(
        &self,
        visitor: &mut Visitor,
        verb: Verb,
        inputs: &Inputs,
    ) -> Result<Answer, Error> {
        self.may(&visitor.scene, verb, inputs)?;
        let page = verb.row().leaves_the_page.then(|| visitor.memory.page.clone());
        let applications = self.applications(visitor, verb);
        let aside = visitor.memory.jar.take_those_of(&applications);
        if let Halves::Two { .. } = self.flow(verb)?.halves {
            let begun = self.begin(visitor, verb, inputs).await?;
            if begun.answer.reply != Reply::Ok {
                return Ok(begun.answer);
            }
            return self.finish(visitor, verb, &begun, inputs).await;
        }
        let answer = flow::whole(self, visitor, (verb, inputs), self.first_half(verb)?).await?;
        if let Some(page) = page {
            visitor.memory.page = page;
        }
        visitor.memory.jar.take_those_of(&applications);
        visitor.memory.jar.put_back(aside);
        Ok(answer)
    }

    async fn mail_mark(&self) -> Result<u64, Error> {
        self.mark().await
    }

    async fn mailed(
        &self,
        scene: &Arc<Scene>,
        to: &str,
        mark: u64,
        patience: Duration,
    ) -> Result<Option<Secret>, Error> {
        self.mail(scene, to, mark, patience).await
    }
}

#[cfg(test)]
mod tests;
