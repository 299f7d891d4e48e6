//! The way to a portal that every driver goes: its profile, the wire with its pace and its allow-list, and
//! the mailbox.

use std::{
    collections::BTreeSet,
    net::IpAddr,
    sync::{Arc, OnceLock},
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use profile::{
    Description, Loosened, MailSource, Profile, Verb, effect::Effect, error::Error, secret::Secret,
};
use reports::record::{Exchange, Traffic};
use url::Url;

use super::{Inputs, Mail, Scene, Visitor};
use crate::wire::{self, Failure, Jar, Origin, Request, Response, Sender, Wire};
use mailbox::{MailQuery, Mailbox};

/// The way to a portal. What may be done there is settled before a driver has it.
#[derive(Debug)]
pub struct Access {
    pub(super) profile: Profile,
    pub(crate) wire: Wire,
    mailbox: Option<Mailbox>,
    over: Arc<OnceLock<String>>,
}

impl Access {
    /// The way to the portal of a profile. `given` is the mailbox that the launcher opened for a profile
    /// whose mail source is `given`; another one is opened here.
    ///
    /// # Errors
    /// When it names a command and none may be run, when the mailbox cannot be opened, or when it names
    /// certificates that are none.
    pub async fn open(profile: Profile, given: Option<Mailbox>) -> Result<Self, Error> {
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
            Some(MailSource::Server(kind, base)) => {
                Some(Mailbox::server(*kind, base.clone(), wire::side_client(base)?))
            }
            Some(MailSource::Command(command)) => Some(Mailbox::command(command.clone())),
        };
        let wire = Wire::new(&profile.portal, &profile.description)?;
        Ok(Self { profile, wire, mailbox, over: Arc::default() })
    }

    /// What the profile declares.
    #[must_use]
    pub const fn description(&self) -> &Description {
        &self.profile.description
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

    /// Takes down what whoever starts the run loosens, for every report.
    pub(crate) fn record_loosened(&mut self, loosened: Loosened) {
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

    /// One request that no flow of the profile makes, by a browser that has never been there; its redirects
    /// are not followed.
    ///
    /// # Errors
    /// [`Error::Safety`] before anything is sent, and whatever keeps the answer away.
    pub async fn ask(
        &self,
        (scene, who): (&Scene, &str),
        request: &Request,
        origin: &Origin,
    ) -> Result<(Exchange, Response), Error> {
        let mut jar = Jar::default();
        let mut sender = Sender { who, user_agent: None, jar: &mut jar, race: None, scene };
        let (exchange, answer) = self.wire.send(&mut sender, request, origin).await?;
        let answer = answer.map_err(|failure| match failure {
            Failure::Broken(error) => error,
            dropped @ Failure::Dropped(_) => Error::Portal(dropped.to_string()),
        })?;
        Ok((exchange, answer))
    }

    pub(super) fn has_adapter(&self) -> bool {
        self.profile.driver.is_some()
    }

    /// A fresh browser. Whatever secrets it may come across are known to the record before it begins.
    pub(crate) fn visitor(&self, scene: &Arc<Scene>, who: &str) -> Visitor {
        let redactor = scene.recorder.redactor();
        self.profile.secrets.values().for_each(|secret| redactor.learn("token", secret.reveal()));
        let actors = &self.profile.description.actors;
        if let Some(password) = &actors.password {
            redactor.learn("password", password.reveal());
        }
        Visitor::new(scene, who)
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

    /// Where a driver that ends says why: nothing is begun after it.
    pub(super) fn over(&self) -> Arc<OnceLock<String>> {
        Arc::clone(&self.over)
    }

    /// Why nothing new should begin on the portal, where that is so.
    pub(crate) fn stopped(&self) -> Option<String> {
        self.over.get().cloned().or_else(|| self.wire.stopped())
    }

    /// What went over the wire so far.
    pub(crate) fn traffic(&self) -> Traffic {
        self.wire.traffic()
    }
}

/// As the profile's `[mail]` describes it.
#[async_trait]
impl Mail for Access {
    async fn mark(&self) -> Result<u64, Error> {
        match &self.mailbox {
            Some(mailbox) => mailbox.mark().await,
            None => Ok(0),
        }
    }

    async fn mailed(
        &self,
        scene: &Scene,
        to: &str,
        mark: u64,
        patience: Duration,
    ) -> Result<Option<Secret>, Error> {
        let (Some(mailbox), Some(mail)) = (&self.mailbox, &self.profile.mail) else {
            return Err(Error::Profile("the profile has no [mail]".into()));
        };
        let seen = MailQuery { to, pattern: &mail.pattern, subject: mail.subject.as_ref() };
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
}
