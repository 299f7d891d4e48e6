//! Flows as data: steps, requests, outcome rules, interrupts, CSRF and the WebAuthn mapping. Reading
//! them from TOML is [`super::steps`]; carrying them out is the driver's.

use std::{collections::BTreeMap, fmt, path::PathBuf, sync::Arc, time::Duration};

use regex::Regex;
use reports::record::Reply;
use scraper::Selector;

use super::{
    extractor::{Extractor, Pointer, PointerTemplate},
    pages::Page,
    template::{Template, Tree},
};
use crate::Verb;

pub use super::vocabulary::{Binary, Then};

/// A line of a profile.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The preset, or the profile below, that it stands in; the profile itself without.
    pub file: Option<Arc<str>>,
    /// Line, from 1.
    pub line: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        self.file.iter().try_for_each(|file| write!(f, " of {file}"))
    }
}

/// How a verb is performed.
#[derive(Clone, Debug)]
pub struct Flow {
    /// Its steps.
    pub halves: Halves,
    /// How WebAuthn's JSON looks at this portal.
    pub mapping: Mapping,
}

/// One half or two.
#[derive(Clone, Debug)]
pub enum Halves {
    /// Everything at once.
    One(Vec<Step>),
    /// The suite stands between them.
    Two {
        /// Up to the options.
        begin: Vec<Step>,
        /// From the answer on.
        finish: Vec<Step>,
    },
}

/// One request and what is made of its answer.
#[derive(Clone, Debug)]
pub struct Step {
    /// Where it stands in the profile.
    pub place: Place,
    /// What is asked for.
    pub request: Request,
    /// Only where this holds of the page before.
    pub when: Option<Condition>,
    /// Headers of its own.
    pub headers: Vec<(String, Template)>,
    /// Parameters added to the URL.
    pub query: Vec<(String, Template)>,
    /// Body.
    pub body: Body,
    /// How long after one round of it the same person begins another: some portals name things by the
    /// second.
    pub apart: Option<Duration>,
    /// Whether redirects are followed.
    pub follow: bool,
    /// Whether the profile's CSRF token goes along.
    pub csrf: bool,
    /// Whether the browser's cookies go along, and come back.
    pub cookies: bool,
    /// Values taken from the answer, by name.
    pub capture: Vec<(String, Extractor)>,
    /// Those of them that are secrets.
    pub secret: Vec<String>,
    /// Those of them that the visitor keeps for later flows.
    pub keep: Vec<String>,
    /// WebAuthn options in the answer.
    pub options: Option<Extractor>,
    /// What the answer means, in order.
    pub outcome: Vec<Rule>,
}

/// What a step asks for.
#[derive(Clone, Debug)]
pub enum Request {
    /// `get = "/path"` and so on.
    Send {
        /// Method.
        method: Method,
        /// Path on the base, or whole URL.
        url: Template,
    },
    /// `form = "css"`: submits a form of the current page.
    Form(Box<Form>),
    /// `stay = true`: looks at the current page again, without a request.
    Stay,
    /// `command = ["program", "{user}"]`: runs a program on this machine.
    Command(Box<Program>),
    /// `mail = "{mail}"`: waits for mail to an address; captures `mailed`, the link or code in it.
    Mail(Template),
}

/// A program to run, for the administrator.
#[derive(Clone, Debug)]
pub struct Program {
    /// The program and its arguments.
    pub argv: Vec<Template>,
    /// As they are written.
    pub shown: String,
    /// Where it is run.
    pub folder: PathBuf,
    /// Variables of its environment; secrets go there, where no list of processes shows them.
    pub environment: Vec<(String, Template)>,
}

/// A form to submit.
#[derive(Clone, Debug)]
pub struct Form {
    /// The form, or something in it.
    pub selector: Selector,
    /// The selector as written, for messages.
    pub shown: String,
    /// Fields filled in; the others go along as they are.
    pub fill: Vec<Field>,
    /// Fields left out.
    pub leave_out: Vec<String>,
    /// The button that is pressed, whose name and value go along.
    pub press: Option<Selector>,
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
    /// PUT.
    Put,
    /// PATCH.
    Patch,
    /// DELETE.
    Delete,
}

impl Method {
    /// As it stands on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// A request's body.
#[derive(Clone, Debug)]
pub enum Body {
    /// None.
    Empty,
    /// `json = {…}`.
    Json(Tree),
    /// `fields = {…}`: form-urlencoded.
    Fields(Vec<Field>),
}

/// A field of a form. Some portals have a value in the name: `key_{key}`.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name.
    pub name: Template,
    /// Its value.
    pub value: Template,
}

/// What must hold of an answer; every part that is given.
#[derive(Clone, Debug, Default)]
pub struct Condition {
    /// Exit code of a command: one of these.
    pub exit: Option<Vec<u64>>,
    /// Status in one of these ranges.
    pub status: Option<Vec<(u16, u16)>>,
    /// Final URL.
    pub url: Option<Regex>,
    /// `Location` header.
    pub location: Option<Regex>,
    /// Body.
    pub body: Option<Regex>,
    /// A value in a JSON body.
    pub json: Option<(PointerTemplate, JsonTest)>,
    /// A cookie in the jar.
    pub cookie: Option<String>,
    /// A cookie not in the jar.
    pub no_cookie: Option<String>,
    /// An element on the page.
    pub css: Option<Selector>,
    /// No such element on the page.
    pub no_css: Option<Selector>,
    /// A value that the flow was given, or captured.
    pub given: Option<String>,
    /// A value that it was not.
    pub not_given: Option<String>,
}

/// What is asked of a JSON value.
#[derive(Clone, Debug)]
pub enum JsonTest {
    /// There is one, and it is not null.
    Exists,
    /// There is none, or it is null.
    Absent,
    /// It is this; a text with places is compared with its text.
    Equals(Tree),
    /// Its text matches.
    Matches(Regex),
}

/// What an answer means.
#[derive(Clone, Debug)]
pub struct Rule {
    /// When.
    pub when: Condition,
    /// Its class.
    pub reply: Reply,
    /// The portal's reason.
    pub reason: Option<Words>,
    /// The portal's words.
    pub message: Option<Extractor>,
    /// Where it stands in the profile.
    pub place: Place,
}

/// Written in the profile, or found in the answer.
#[derive(Clone, Debug)]
pub enum Words {
    /// Written.
    Literal(String),
    /// Found.
    Found(Extractor),
}

/// A page that comes in between.
#[derive(Clone, Debug)]
pub struct Interrupt {
    /// How it is known.
    pub when: Condition,
    /// How it is answered.
    pub steps: Vec<Step>,
    /// What then.
    pub then: Then,
    /// Where it stands in the profile.
    pub place: Place,
}

/// How requests prove that they come from the portal's own pages. Forms carry their hidden inputs
/// and need none of this.
#[derive(Clone, Debug)]
pub struct Csrf {
    /// Where the token is found.
    pub token: CsrfToken,
    /// Header that carries it.
    pub header: String,
    /// Page that brings it, fetched when there is none.
    pub get: Option<Template>,
    /// Headers of that fetch.
    pub headers: Vec<(String, Template)>,
}

/// Where a CSRF token is found.
#[derive(Clone, Debug)]
pub enum CsrfToken {
    /// A cookie.
    Cookie(String),
    /// On the page that `get` names: JSON, a meta tag, anything.
    Found(Extractor),
    /// Always the same text.
    Value(Template),
}

/// How WebAuthn's JSON looks at a portal, where it differs from WebAuthn Level 3 §5.1.
#[derive(Clone, Debug, Default)]
pub struct Mapping {
    /// Members of the options under other names: from, to.
    pub rename: Vec<(Pointer, Pointer)>,
    /// RP id where the options have none.
    pub rp_id: Option<Template>,
    /// Algorithms where the options have none.
    pub algs: Option<Vec<i64>>,
    /// How binary members of the options are written.
    pub binary: Option<Binary>,
    /// How `user.id` is written, where it differs from the others.
    pub user_id: Option<Binary>,
    /// The answer.
    pub answer: AnswerMapping,
}

/// How the answer differs from `toJSON()`.
#[derive(Clone, Debug, Default)]
pub struct AnswerMapping {
    /// Members that are not sent.
    pub omit: Vec<Pointer>,
    /// Members that are sent as base64 with padding.
    pub base64: Vec<Pointer>,
    /// Members under other names: from, to.
    pub rename: Vec<(Pointer, Pointer)>,
}

/// Flows by name of their verb, and what goes for all of them.
#[derive(Clone, Debug, Default)]
pub struct Flows {
    /// By verb.
    pub by_verb: BTreeMap<Verb, Flow>,
    /// How people perform verbs on pages.
    pub pages: BTreeMap<Verb, Page>,
    /// Rules tried after a flow's own.
    pub outcome: Vec<Rule>,
    /// Reason of an answer that is not ok, where its rule has none.
    pub reason: Option<Words>,
    /// Words of an answer that is not ok, where its rule has none.
    pub message: Option<Extractor>,
    /// Pages that come in between.
    pub interrupts: Vec<Interrupt>,
    /// CSRF token of requests that are not forms.
    pub csrf: Option<Csrf>,
}

impl Flows {
    /// Every step, those of interrupts as well, with the section that it stands in.
    pub(super) fn all_steps(&self) -> Vec<(String, &Step)> {
        let flows = self.by_verb.iter().flat_map(|(verb, flow)| {
            flow.steps().map(|step| (format!("[flow.{}]", verb.name()), step))
        });
        let interrupts = self.interrupts.iter().flat_map(|interrupt| &interrupt.steps);
        flows.chain(interrupts.map(|step| ("[[interrupt]]".to_owned(), step))).collect()
    }

    /// Whether a verb may wait for mail: in its own steps, or on a page that comes in between.
    pub(super) fn waits_for_mail(&self, verb: Verb) -> bool {
        let own = self.by_verb.get(&verb).into_iter().flat_map(Flow::steps);
        let between = self.interrupts.iter().flat_map(|interrupt| &interrupt.steps);
        own.chain(between).any(|step| matches!(step.request, Request::Mail(_)))
    }

    /// The commands of flows, by verb, each as one line.
    pub(crate) fn commands(&self) -> impl Iterator<Item = (Verb, String)> {
        self.by_verb.iter().flat_map(|(verb, flow)| {
            flow.steps().filter_map(|step| match &step.request {
                Request::Command(program) => Some((*verb, program.shown.clone())),
                Request::Send { .. } | Request::Form(_) | Request::Stay | Request::Mail(_) => None,
            })
        })
    }
}

impl Flow {
    /// All steps, first half first.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        let (first, second): (&[Step], &[Step]) = match &self.halves {
            Halves::One(steps) => (steps, &[]),
            Halves::Two { begin, finish } => (begin, finish),
        };
        first.iter().chain(second)
    }
}

impl Condition {
    /// Every template in it.
    pub(super) fn templates<'a>(&'a self, into: &mut Vec<&'a Template>) {
        let Some((pointer, test)) = &self.json else { return };
        pointer.templates(into);
        match test {
            JsonTest::Equals(tree) => tree.templates(into),
            JsonTest::Exists | JsonTest::Absent | JsonTest::Matches(_) => {}
        }
    }
}

impl Step {
    /// What is filled in before the request is sent.
    pub fn templates<'s>(&'s self, into: &mut Vec<&'s Template>) {
        match &self.request {
            Request::Send { url, .. } => into.push(url),
            Request::Form(form) => into.extend(of_fields(&form.fill)),
            Request::Mail(to) => into.push(to),
            Request::Command(program) => {
                into.extend(&program.argv);
                into.extend(program.environment.iter().map(|(_, template)| template));
            }
            Request::Stay => {}
        }
        into.extend(self.headers.iter().chain(&self.query).map(|(_, template)| template));
        match &self.body {
            Body::Empty => {}
            Body::Fields(fields) => into.extend(of_fields(fields)),
            Body::Json(tree) => tree.templates(into),
        }
    }
}

fn of_fields(fields: &[Field]) -> impl Iterator<Item = &Template> {
    fields.iter().flat_map(|field| [&field.name, &field.value])
}

impl Mapping {
    /// This one, and what it does not say from another.
    #[must_use]
    pub(super) fn over(self, base: &Self) -> Self {
        let or = |own: Vec<(Pointer, Pointer)>, other: &[(Pointer, Pointer)]| {
            if own.is_empty() { other.to_vec() } else { own }
        };
        let pointers = |own: Vec<Pointer>, other: &[Pointer]| {
            if own.is_empty() { other.to_vec() } else { own }
        };
        Self {
            rename: or(self.rename, &base.rename),
            rp_id: self.rp_id.or_else(|| base.rp_id.clone()),
            algs: self.algs.or_else(|| base.algs.clone()),
            binary: self.binary.or(base.binary),
            user_id: self.user_id.or(base.user_id),
            answer: AnswerMapping {
                omit: pointers(self.answer.omit, &base.answer.omit),
                base64: pointers(self.answer.base64, &base.answer.base64),
                rename: or(self.answer.rename, &base.answer.rename),
            },
        }
    }
}
