//! Carries out the steps of a flow: requests, redirects, captures, interrupts, and what the answer
//! means by the profile's rules.

mod again;
mod command;
mod extract;
mod fill;
mod form;
mod html;
mod kept;
mod members;
mod options;
mod race;
mod request;
mod rules;
mod send;
mod transform;

use std::{collections::BTreeMap, mem::take};

use profile::{
    Verb,
    error::Error,
    flow::{Condition, Flow, Interrupt, Place as LineOfProfile, Request, Step, Then},
    template::Place,
    verb::{ALWAYS_SECRET, ShownOptions},
};
use reports::record::{Exchange, Reply};
use serde_json::Value;
use url::Url;

use self::{
    again::CutShort,
    extract::PageView,
    rules::{Class, Classifier},
};
pub(super) use self::{again::whole, fill::sent, html::Body, options::map_answer as written};
pub(in crate::deployment) use self::{fill::Values, rules::shorten};
use super::{
    Access, Answer, Begun, Between, Browser, DriverState, Half, HttpDriver, Input, Inputs, Page,
    Visitor, class_of, leave,
};
use crate::{
    deployment::Mail,
    wire::{Jar, Origin},
};

/// Most interrupts that are answered before one step is through.
const INTERRUPTS: usize = 3;

/// What a note says of a place that could not be filled.
pub const NO_VALUE: &str = "has no value";

/// Whether a condition holds of a page that no flow has led to.
#[must_use]
pub fn holds(condition: &Condition, page: &Page, jar: &Jar) -> bool {
    PageView { page, jar }.meets(condition, &Values::default())
}

/// One flow while it is carried out.
pub(super) struct FlowRun<'d, 'v> {
    driver: &'d HttpDriver,
    visitor: &'v mut Visitor,
    /// The visitor's; it goes back there when the flow is through, however it ends.
    browser: Browser,
    verb: Verb,
    half: Half,
    values: Values,
    page: Page,
    captured: BTreeMap<String, Value>,
    options: Option<Value>,
    /// The last exchange; written down as soon as its class is known.
    pending: Option<Exchange>,
    mark: u64,
    /// Names that a step looked for and did not find, and which step.
    unfound: BTreeMap<String, LineOfProfile>,
    /// How the last request was cut short, where it was and cannot be sent again by itself.
    cut_short: Option<CutShort>,
    /// Whether anything was sent that decides.
    decided: bool,
}

/// How a step ended, where it did not end with an answer to classify.
enum Stop {
    /// The portal hung up.
    Dropped,
    /// The profile's step cannot be carried out on this page.
    Stuck(String),
    /// An interrupt was answered, and the portal did not take the answer.
    Ended(Class),
    /// We could not find out.
    Broken(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}

impl<'d, 'v> FlowRun<'d, 'v> {
    pub(super) fn new(
        driver: &'d HttpDriver,
        visitor: &'v mut Visitor,
        (verb, half): (Verb, Half),
        inputs: &Inputs,
    ) -> Self {
        let redactor = visitor.scene.recorder.redactor();
        for (name, input) in inputs {
            if let Input::Secret(secret) = input {
                redactor.learn(class_of(name), secret.reveal());
            }
        }
        let profile = driver.profile();
        let mapping = profile.flows.by_verb.get(&verb).map(|flow| &flow.mapping.answer);
        let values = Values::new(profile, visitor, inputs, mapping);
        let browser = visitor.memory.take_browser();
        let page = browser.page.clone();
        Self {
            driver,
            visitor,
            browser,
            verb,
            half,
            values,
            page,
            captured: BTreeMap::new(),
            options: None,
            pending: None,
            mark: 0,
            unfound: BTreeMap::new(),
            cut_short: None,
            decided: false,
        }
    }

    /// The page and the captures of the first half; where other verbs came in between, theirs is the page,
    /// and what the second half is to show it does not have of the first.
    pub(super) fn go_on_from(&mut self, begun: &Begun) {
        let between = self.verb.has_others_between();
        if let (false, Between::Page(page)) = (between, &begun.between) {
            self.page = page.clone();
        }
        let shown = self.verb.must_capture().filter(|_| between);
        let first = begun.answer.captured.iter().filter(|(name, _)| Some(name.as_str()) != shown);
        for (name, value) in first {
            self.values.put(name, value.clone());
            self.captured.insert(name.clone(), value.clone());
        }
    }

    /// Leaves the visitor on the last page; gives the options and that page.
    pub(super) fn end(mut self) -> (Option<Value>, Page) {
        self.browser.page = take(&mut self.page);
        (self.options.take(), self.browser.page.clone())
    }

    /// Carries the steps out, and says what they came to.
    pub(super) async fn perform(&mut self, steps: &[Step]) -> Result<Answer, Error> {
        if steps.iter().any(|step| matches!(step.request, Request::Mail(_))) {
            self.mark = self.driver.access.mark().await?;
        }
        let ended = self.all(steps, true).await;
        let class = match ended {
            Ok(class) | Err(Stop::Ended(class)) => class,
            Err(Stop::Dropped) => Class::plain(Reply::Dropped),
            Err(Stop::Stuck(note)) => Class { note: Some(note), ..Class::plain(Reply::Unknown) },
            Err(Stop::Broken(error)) => {
                self.write_down(None);
                return Err(error);
            }
        };
        self.write_down(Some(class.reply));
        if let Some(note) = &class.note {
            self.visitor.scene.recorder.act(format!("(not classified: {note})"));
        }
        self.remember(class.reply);
        let mut captured = self.captured.clone();
        if self.verb == Verb::RequestReset {
            // Whether the answer gives the mailed link away is asked of every portal.
            captured.entry("body".to_owned()).or_insert_with(|| Value::from(self.page.body()));
        }
        Ok(Answer {
            reply: class.reply,
            status: (class.reply != Reply::Dropped && self.page.status > 0)
                .then_some(self.page.status),
            reason: class.reason,
            message: class.message,
            captured,
            note: class.note,
        })
    }

    /// Whom the visitor is signed in as, and with which password: interrupts of later flows ask for it.
    fn remember(&mut self, reply: Reply) {
        let values = &self.values;
        self.visitor.memory.remember(self.verb, reply, |name| values.input(name));
    }

    async fn all(&mut self, steps: &[Step], interruptible: bool) -> Result<Class, Stop> {
        let mut class = Class::plain(Reply::Unknown);
        let last = steps.len().saturating_sub(1);
        for (number, step) in steps.iter().enumerate() {
            if step.when.as_ref().is_some_and(|when| !self.view().meets(when, &self.values)) {
                continue;
            }
            self.driver.pace.waits(self.visitor, step).await;
            let decides = interruptible && race::decides(steps, number);
            self.carry_out(step, interruptible, decides).await?;
            self.driver.pace.marks(self.visitor, step);
            let found = self.capture(step)?;
            class = self.classify(step, found);
            let goes_on = match class.reply {
                Reply::Ok => true,
                Reply::Unknown => self.page.is_fine(),
                Reply::FactorNeeded
                | Reply::Refused
                | Reply::Expired
                | Reply::RateLimited
                | Reply::Error
                | Reply::Dropped => false,
            };
            if number < last && !goes_on {
                break;
            }
        }
        Ok(class)
    }

    /// The request of a step, with its redirects and the pages that come in between.
    async fn carry_out(
        &mut self,
        step: &Step,
        interruptible: bool,
        decides: bool,
    ) -> Result<(), Stop> {
        let before = self.page.clone();
        let mut asked_for = self.ask(step, decides).await?;
        if !interruptible || matches!(step.request, Request::Command(_)) {
            return Ok(());
        }
        let driver = self.driver;
        for _ in 0..INTERRUPTS {
            let Some(interrupt) = self.interrupt(&driver.profile().flows.interrupts) else {
                return Ok(());
            };
            self.write_down(None);
            let place = &interrupt.place;
            self.visitor
                .scene
                .recorder
                .act(format!("(a page comes in between: interrupt, {place} of the profile)"));
            let class = Box::pin(self.all(&interrupt.steps, false)).await?;
            if !matches!(class.reply, Reply::Ok | Reply::Unknown) {
                return Err(Stop::Ended(class));
            }
            let arrived = asked_for.is_some()
                && self.page.url.as_ref().map(Url::path) == asked_for.as_ref().map(Url::path);
            let repeat = match interrupt.then {
                Then::Resume => !arrived,
                Then::Repeat => true,
                Then::GoOn => false,
            };
            if repeat {
                self.page = before.clone();
                asked_for = self.ask(step, decides).await?;
            }
        }
        match self.interrupt(&driver.profile().flows.interrupts) {
            Some(interrupt) => Err(Stop::Stuck(format!(
                "{}: the interrupt comes again and again",
                interrupt.place
            ))),
            None => Ok(()),
        }
    }

    fn interrupt<'i>(&self, interrupts: &'i [Interrupt]) -> Option<&'i Interrupt> {
        let view = self.view();
        interrupts.iter().find(|interrupt| view.meets(&interrupt.when, &self.values))
    }

    /// Sends what a step asks for; the URL that was asked for first.
    async fn ask(&mut self, step: &Step, decides: bool) -> Result<Option<Url>, Stop> {
        match &step.request {
            Request::Stay => {
                if self.page.url.is_none() {
                    return Err(Stop::Stuck(format!(
                        "{}: there is no page to stay on",
                        step.place
                    )));
                }
                return Ok(None);
            }
            Request::Mail(to) => {
                let to = self.values.text(to).map_err(|place| self.missing(step, &place))?;
                let patience = self.driver.profile().description.mail_patience;
                let mailed = self
                    .driver
                    .access
                    .mailed(&self.visitor.scene, &to, self.mark, patience)
                    .await?;
                let mailed = mailed
                    .ok_or_else(|| Stop::Stuck(format!("{}: no mail came to {to}", step.place)))?;
                self.values.put("mailed", Value::from(mailed.reveal()));
                return Ok(None);
            }
            Request::Command(program) => {
                self.run(step, program).await?;
                return Ok(None);
            }
            Request::Send { .. } | Request::Form(_) => {}
        }
        let request = self.request(step).await?;
        let asked_for = request.url.clone();
        let origin = Origin { decides, ..self.origin(&self.name(), step) };
        let aside = (!step.cookies).then(|| take(&mut self.browser.jar));
        let sent = self.send(request, step, origin).await;
        if let Some(jar) = aside {
            self.browser.jar = jar;
        }
        sent?;
        Ok(Some(asked_for))
    }

    /// Takes values from the page; whether the step's options were on it.
    fn capture(&mut self, step: &Step) -> Result<bool, Stop> {
        for (name, extractor) in &step.capture {
            let found = self.view().find(extractor, &self.values);
            if found.as_ref().is_none_or(Value::is_null) {
                self.unfound.insert(name.clone(), step.place.clone());
            }
            let Some(value) = found else { continue };
            let secret = step.secret.contains(name) || ALWAYS_SECRET.contains(&&**name);
            if secret {
                self.visitor.scene.recorder.redactor().learn_all(class_of(name), &value);
            }
            if step.keep.contains(name) {
                let input = match value.as_str().filter(|_| secret) {
                    Some(text) => Input::Secret(profile::secret::Secret::new(text)),
                    None => Input::Open(value.clone()),
                };
                self.visitor.memory.keep(name, input);
            }
            self.values.put(name, value.clone());
            // What a browser keeps is its own: it does not go to another with the half that is done.
            if !step.keep.contains(name) {
                self.captured.insert(name.clone(), value);
            }
        }
        let Some(extractor) = &step.options else { return Ok(false) };
        let found = self.view().find(extractor, &self.values);
        let mapping = self.driver.profile().flows.by_verb.get(&self.verb).map(|flow| &flow.mapping);
        let (Some(found), Some(mapping)) = (found, mapping) else { return Ok(false) };
        let creates = self.verb.row().options == ShownOptions::Creation;
        let rp_id = mapping.rp_id.as_ref().map(|template| self.values.text(template));
        let rp_id = rp_id.transpose().map_err(|place| self.missing(step, &place))?;
        let Some(mapped) = options::map(found, mapping, rp_id.as_deref(), creates) else {
            return Ok(false);
        };
        for default in mapped.filled_in {
            self.visitor
                .scene
                .recorder
                .act(format!("(the options have no {default}: the profile's default stands in)"));
        }
        self.options = Some(mapped.options);
        Ok(true)
    }

    fn classify(&self, step: &Step, options_found: bool) -> Class {
        if step.outcome.is_empty() && options_found {
            return Class::plain(Reply::Ok);
        }
        let view = self.view();
        Classifier { flows: &self.driver.profile().flows, view: &view, values: &self.values }
            .class(step)
    }

    fn view(&self) -> PageView<'_> {
        PageView { page: &self.page, jar: &self.browser.jar }
    }

    /// A step cannot be carried out for want of a value: which, and where it should have come from.
    fn missing(&self, step: &Step, place: &Place) -> Stop {
        let (at, name) = (&step.place, &place.name);
        let why = if self.values.has(name) {
            format!("`{name}` has one, but no such part, or none that can be changed so")
        } else if let Some(line) = self.unfound.get(name) {
            let seen = extract::describe(&self.page);
            format!("{line} looked for it and found nothing; the last answer was {seen}")
        } else if let Some(line) = self.captured_at(name) {
            format!("{line} captures it, and was left out by its `when`, or found nothing")
        } else {
            "neither the verb nor an earlier flow in this browser gave it".to_owned()
        };
        Stop::Stuck(format!("{at}: `{{{}}}` {NO_VALUE}: {why}", place.written))
    }

    /// The step of this flow, or of an interrupt, that captures a name.
    fn captured_at(&self, name: &str) -> Option<&LineOfProfile> {
        let flows = &self.driver.profile().flows;
        let own = flows.by_verb.get(&self.verb).into_iter().flat_map(Flow::steps);
        let mut steps = own.chain(flows.interrupts.iter().flat_map(|interrupt| &interrupt.steps));
        let step = steps.find(|step| step.capture.iter().any(|(captured, _)| captured == name))?;
        Some(&step.place)
    }

    fn name(&self) -> String {
        self.half.of(self.verb)
    }

    fn write_down(&mut self, reply: Option<Reply>) {
        if let Some(mut exchange) = self.pending.take() {
            exchange.reply = reply;
            self.visitor.scene.recorder.exchange(exchange);
        }
    }
}

/// What was a flow's is the visitor's again.
impl Drop for FlowRun<'_, '_> {
    fn drop(&mut self) {
        self.visitor.memory.put_state(DriverState::Http(take(&mut self.browser)));
    }
}

/// The headers of every request to a portal, as far as they are known before any flow.
pub(crate) fn common_headers(access: &Access, visitor: &Visitor) -> Vec<(String, String)> {
    let profile = &access.profile;
    let values = Values::new(profile, visitor, &Inputs::new(), None);
    let known = profile.portal.headers.iter().filter_map(|(name, template)| {
        Some((name.clone(), values.maybe_text(template).ok().flatten()?))
    });
    known.collect()
}
