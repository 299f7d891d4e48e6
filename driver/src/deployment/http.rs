//! Drives a portal over HTTP, as its profile says.

mod flow;
mod pace;
mod page;

use std::sync::Arc;

use async_trait::async_trait;
use profile::{
    Profile, Verb,
    error::Error,
    flow::{Flow, Halves, Step},
};
use reports::record::Reply;
use serde_json::Value;
use url::Url;

pub(crate) use self::flow::common_headers;
pub(super) use self::flow::{Values, shorten};
use self::{flow::FlowRun, pace::Pace};
pub use self::{
    flow::{NO_VALUE, holds},
    page::Page,
};
use super::{
    Access, Answer, Begun, Between, Driver, Input, Inputs, Visitor,
    browser::Tab,
    half::Half,
    inputs::class_of,
    leave,
    visitor::{DriverState, Memory},
};
use crate::wire::Jar;

/// Drives a portal over HTTP.
#[derive(Debug)]
pub(crate) struct HttpDriver {
    pub(crate) access: Arc<Access>,
    pace: Pace,
}

/// What this driver keeps of a browser.
#[derive(Clone, Debug, Default)]
pub(super) struct Browser {
    pub(super) jar: Jar,
    /// The page that it stands on.
    page: Page,
    /// Where it stands in a real browser, where one is driven.
    pub(super) tab: Tab,
}

impl Browser {
    /// Whether no cookie has come.
    pub(super) fn is_blank(&self) -> bool {
        self.jar.names().next().is_none()
    }
}

impl Memory {
    /// Takes the browser out of what a visitor keeps; a blank one where it has none.
    fn take_browser(&mut self) -> Browser {
        match self.take_state() {
            DriverState::Http(browser) => browser,
            DriverState::Fresh | DriverState::Adapter(_) => Browser::default(),
        }
    }

    /// Does something with the browser.
    pub(super) fn in_browser<R>(&mut self, does: impl FnOnce(&mut Browser) -> R) -> R {
        let mut browser = self.take_browser();
        let done = does(&mut browser);
        self.put_state(DriverState::Http(browser));
        done
    }
}

impl HttpDriver {
    /// Drives the portal that this is the way to.
    pub(crate) fn new(access: Arc<Access>) -> Self {
        Self { access, pace: Pace::default() }
    }

    fn profile(&self) -> &Profile {
        &self.access.profile
    }

    fn flow(&self, verb: Verb) -> Result<&Flow, Error> {
        let missing = || Error::Profile(format!("the profile has no [flow.{}]", verb.name()));
        self.profile().flows.by_verb.get(&verb).ok_or_else(missing)
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
        let origins = self.profile().description.applications.iter();
        origins
            .filter_map(|origin| Url::parse(&origin.replace("{scenario}", label)).ok())
            .filter_map(|origin| origin.host_str().map(str::to_owned))
            .collect()
    }
}

#[async_trait]
impl Driver for HttpDriver {
    fn written(&self, verb: Verb, credential: &Value) -> Value {
        let Some(flow) = self.profile().flows.by_verb.get(&verb) else { return credential.clone() };
        let (Halves::One(steps) | Halves::Two { finish: steps, .. }) = &flow.halves;
        flow::sent(flow::written(credential.clone(), &flow.mapping.answer), steps)
    }

    async fn begin(
        &self,
        visitor: &mut Visitor,
        verb: Verb,
        inputs: &Inputs,
    ) -> Result<Begun, Error> {
        self.access.may(&visitor.scene, verb, inputs)?;
        let steps = self.first_half(verb)?;
        let half = if matches!(self.flow(verb)?.halves, Halves::One(_)) {
            Half::Whole
        } else {
            Half::Begin
        };
        let mut run = FlowRun::new(self, visitor, (verb, half), inputs);
        let answer = run.perform(steps).await?;
        let (options, page) = run.end();
        Ok(Begun { answer, options, inputs: inputs.clone(), between: Between::Page(page) })
    }

    async fn finish(
        &self,
        visitor: &mut Visitor,
        verb: Verb,
        begun: &Begun,
        inputs: &Inputs,
    ) -> Result<Answer, Error> {
        self.access.may(&visitor.scene, verb, inputs)?;
        let steps = self.second_half(verb)?;
        let all = begun.and(inputs);
        let mut run = FlowRun::new(self, visitor, (verb, Half::Finish), &all);
        run.go_on_from(begun);
        let answer = run.perform(steps).await?;
        run.end();
        Ok(answer)
    }

    async fn perform(
        &self,
        visitor: &mut Visitor,
        verb: Verb,
        inputs: &Inputs,
    ) -> Result<Answer, Error> {
        self.access.may(&visitor.scene, verb, inputs)?;
        let applications = self.applications(visitor, verb);
        let (page, aside) = visitor.memory.in_browser(|browser| {
            let page = verb.row().leaves_the_page.then(|| browser.page.clone());
            (page, browser.jar.take_those_of(&applications))
        });
        if let Halves::Two { .. } = self.flow(verb)?.halves {
            let begun = self.begin(visitor, verb, inputs).await?;
            if begun.answer.reply != Reply::Ok {
                return Ok(begun.answer);
            }
            return self.finish(visitor, verb, &begun, inputs).await;
        }
        let answer = flow::whole(self, visitor, (verb, inputs), self.first_half(verb)?).await?;
        visitor.memory.in_browser(|browser| {
            if let Some(page) = page {
                browser.page = page;
            }
            browser.jar.take_those_of(&applications);
            browser.jar.put_back(aside);
        });
        Ok(answer)
    }
}

#[cfg(test)]
mod tests;
