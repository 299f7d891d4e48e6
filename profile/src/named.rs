//! The secrets that a profile names: where each comes from, and everywhere it goes. A secret goes to the
//! portal's own origin; to another one of the scope only where the profile says so of that secret.

use std::collections::BTreeSet;

use reports::redact::SCANNED_FROM;
use serde::Serialize;
use url::Url;

use super::{
    Profile,
    flow::{Body, CsrfToken, Field, Request, Step},
    reader::Reader,
    secrets::Origin,
    template::{Part, Template, Tree},
};
use crate::secret::Secret;

/// Shortest value that is looked for: a shorter one stands in any text.
pub const SOUGHT_FROM: usize = 4;

/// A secret that a profile names.
#[derive(Clone, Debug, Serialize)]
pub struct NamedSecret {
    /// What the profile calls it: `secret.NAME`, or the key that it is the value of.
    pub name: String,
    /// Where it comes from, in words.
    pub from: String,
    /// Where it goes.
    pub goes: Vec<Use>,
    /// Origins beside the portal's own that it may be sent to; `{scenario}` is a place in them.
    #[serde(skip)]
    pub to: Vec<String>,
    /// Its value.
    #[serde(skip)]
    pub secret: Secret,
}

/// One place that a secret is sent in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Use {
    /// An origin, or a program of the user's.
    pub to: String,
    /// Header, field, member or variable, and the flow.
    pub place: String,
}

impl NamedSecret {
    /// What does not look for it because it is too short, where it is there; nothing of the secret.
    #[must_use]
    pub fn unsought(&self) -> Option<String> {
        let (from, says) = match self.secret.reveal().len() {
            0..SOUGHT_FROM => (SOUGHT_FROM, "neither requests to other hosts nor files of a run"),
            SOUGHT_FROM..SCANNED_FROM => (SCANNED_FROM, "no files of a run"),
            _ => return None,
        };
        Some(format!("is shorter than {from} bytes, so that {says} are searched for it"))
    }
}

/// What leads wherever the portal says.
const WHEREVER: &str = "wherever the portal's page leads, of the origins that the secret may go to";

/// Finds where every secret goes; complains about one that would go to another origin.
pub(super) fn find(
    profile: &Profile,
    reader: &Reader<'_>,
    origins: Vec<Origin>,
) -> Vec<NamedSecret> {
    let named = origins.into_iter().map(|origin| {
        for (to, span) in &origin.to {
            if !profile.description.allow.contains(to) {
                let message = "`to` names an origin that is neither that of `base` nor in `allow`";
                reader.complain(span.clone(), message);
            }
        }
        let to = origin.to.into_iter().map(|(to, _)| to).collect();
        let Origin { name, from, secret, .. } = origin;
        let mut named = NamedSecret { name, from, goes: Vec::new(), to, secret };
        let mut goes = Vec::new();
        for Sent { to, place, template } in sent(profile, &named.name) {
            if let To::Origin(origin) = &to
                && !may_go(profile, &named, origin)
            {
                complain(reader, &named.name, origin, template);
            }
            goes.push(Use { to: to.in_words(), place });
        }
        goes.extend(to_an_adapter(profile, &named.name));
        let mut seen = BTreeSet::new();
        goes.retain(|going| seen.insert(going.clone()));
        named.goes = goes;
        named
    });
    named.collect()
}

fn may_go(profile: &Profile, named: &NamedSecret, origin: &str) -> bool {
    is_own(profile, origin) || named.to.iter().any(|to| sample(to) == origin)
}

/// Whether an origin is that of `base`.
fn is_own(profile: &Profile, origin: &str) -> bool {
    Url::parse(&sample(&profile.description.base))
        .is_ok_and(|base| base.origin().ascii_serialization() == origin)
}

/// Where secrets may go beside the origin of `base`, a line for each that may.
pub(super) fn elsewhere(profile: &Profile) -> Vec<String> {
    let lines = profile.named.iter().filter_map(|named| {
        let others = named.to.iter().filter(|to| !is_own(profile, &sample(to)));
        let others: Vec<&str> = others.map(|to| &**to).collect();
        let says = || format!("`{}` may go to other hosts: {} (to)", named.name, others.join(", "));
        (!others.is_empty()).then(says)
    });
    lines.collect()
}

fn complain(reader: &Reader<'_>, name: &str, origin: &str, template: &Template) {
    let message = format!("`{name}` would go to {origin}: a secret goes to the origin of `base`");
    let help = format!(
        "where it is meant for that host as well: `to = [\"{origin}\"]` beside where it comes from"
    );
    reader.complain_with(template.span.clone(), message, Some(help));
}

/// Where something is sent.
enum To {
    /// The portal's own origin, as the profile has it.
    Portal(String),
    Origin(String),
    Wherever,
    Program(String),
}

impl To {
    fn in_words(&self) -> String {
        match self {
            Self::Portal(origin) | Self::Origin(origin) => origin.clone(),
            Self::Wherever => WHEREVER.to_owned(),
            Self::Program(line) => format!("the program `{line}` on this machine"),
        }
    }
}

/// A template that holds a secret, and where it goes.
struct Sent<'p> {
    to: To,
    place: String,
    template: &'p Template,
}

/// Everything that is sent of a secret, of what captures make of it as well.
fn sent<'p>(profile: &'p Profile, name: &str) -> Vec<Sent<'p>> {
    let names = names_of(profile, name);
    let holds = |template: &Template| template.places().any(|place| names.contains(&place.name));
    let mut all = Vec::new();
    for (header, template) in &profile.portal.headers {
        let place = format!("the header `{header}` of every request");
        all.push(Sent { to: to(profile, None), place, template });
    }
    if let Some(csrf) = &profile.flows.csrf {
        if let CsrfToken::Value(template) = &csrf.token {
            let place = format!("the header `{}` of [csrf]", csrf.header);
            all.push(Sent { to: To::Wherever, place, template });
        }
        if let Some(template) = &csrf.get {
            all.push(Sent {
                to: to(profile, Some(template)),
                place: "the URL of [csrf]".into(),
                template,
            });
        }
        for (header, template) in &csrf.headers {
            let place = format!("the header `{header}` of [csrf]");
            all.push(Sent { to: to(profile, csrf.get.as_ref()), place, template });
        }
    }
    for (flow, step) in profile.flows.all_steps() {
        for (place, template) in places(step) {
            let to = match &step.request {
                Request::Send { url, .. } => to(profile, Some(url)),
                Request::Form(_) => To::Wherever,
                Request::Command(program) => To::Program(program.shown.clone()),
                // Nothing is sent.
                Request::Stay | Request::Mail(_) => continue,
            };
            all.push(Sent { to, place: format!("{place} of {flow}"), template });
        }
    }
    all.retain(|sent| holds(sent.template));
    all
}

/// The names under which flows know a secret.
fn names_of(profile: &Profile, name: &str) -> BTreeSet<String> {
    let own: &[&str] = if name.starts_with("secret.") { &[name] } else { &["password", "old"] };
    let mut names: BTreeSet<String> = own.iter().map(|name| (*name).to_owned()).collect();
    loop {
        let before = names.len();
        for (captured, extractor) in
            profile.flows.all_steps().into_iter().flat_map(|(_, step)| &step.capture)
        {
            let mut templates = Vec::new();
            extractor.templates(&mut templates);
            let mut places = templates.iter().flat_map(|template| template.places());
            if places.any(|place| names.contains(&place.name)) {
                names.insert(captured.clone());
            }
        }
        if names.len() == before {
            return names;
        }
    }
}

/// Where a URL leads, as far as it is written out; none is that of the portal.
fn to(profile: &Profile, url: Option<&Template>) -> To {
    // The first that may be contacted is the origin of `base`.
    let own = To::Portal(profile.description.allow.first().cloned().unwrap_or_default());
    let Some(url) = url else { return own };
    let at_base = match url.parts.first() {
        Some(Part::Text(text)) => text.starts_with(['/', '?']),
        Some(Part::Place(place)) => place.name == "base" || place.name == "origin",
        None => true,
    };
    if at_base {
        return own;
    }
    let written: String = url
        .parts
        .iter()
        .map(|part| match part {
            Part::Text(text) => text.as_str(),
            Part::Place(place) if place.name == "scenario" => "scenario",
            Part::Place(_) => "x",
        })
        .collect();
    match Url::parse(&written) {
        Ok(url) if url.has_host() => To::Origin(url.origin().ascii_serialization()),
        Ok(_) | Err(_) => To::Wherever,
    }
}

/// The templates of a step that are sent, each with what it is in.
fn places(step: &Step) -> Vec<(String, &Template)> {
    let mut all = Vec::new();
    match &step.request {
        Request::Send { url, .. } => all.push(("the URL".to_owned(), url)),
        Request::Form(form) => all.extend(fields(&form.fill)),
        Request::Command(program) => {
            all.extend(program.argv.iter().map(|part| ("the arguments".to_owned(), part)));
            let variable = |(name, template)| (format!("the variable `{name}`"), template);
            all.extend(program.environment.iter().map(|(name, part)| variable((name, part))));
        }
        Request::Stay | Request::Mail(_) => {}
    }
    let header = |(name, template)| (format!("the header `{name}`"), template);
    all.extend(step.headers.iter().map(|(name, template)| header((name, template))));
    let query = |(name, template)| (format!("the parameter `{name}`"), template);
    all.extend(step.query.iter().map(|(name, template)| query((name, template))));
    match &step.body {
        Body::Empty => {}
        Body::Fields(of_body) => all.extend(fields(of_body)),
        Body::Json(tree) => members(tree, "", &mut all),
    }
    all
}

fn fields(fields: &[Field]) -> impl Iterator<Item = (String, &Template)> {
    fields.iter().flat_map(|Field { name, value }| {
        let place = format!("the field `{}`", written(name));
        [(place.clone(), name), (place, value)]
    })
}

fn members<'p>(tree: &'p Tree, at: &str, all: &mut Vec<(String, &'p Template)>) {
    match tree {
        Tree::Value(_) => {}
        Tree::Template(template) => all.push((format!("the JSON, `{at}`"), template)),
        Tree::Array(items) => items.iter().for_each(|item| members(item, at, all)),
        Tree::Object(entries) => {
            for (name, member) in entries {
                members(member, &format!("{at}/{name}"), all);
            }
        }
    }
}

/// A template as it is written.
fn written(template: &Template) -> String {
    let parts = template.parts.iter().map(|part| match part {
        Part::Text(text) => text.clone(),
        Part::Place(place) => format!("{{{}}}", place.written),
    });
    parts.collect()
}

/// An adapter is told all secrets of [secrets], and a password with the verbs that take one.
fn to_an_adapter(profile: &Profile, name: &str) -> Option<Use> {
    let driver = profile.driver.as_ref()?;
    let place =
        if name.starts_with("secret.") { "its first line" } else { "every verb that takes it" };
    let to = To::Program(driver.command.line()).in_words();
    Some(Use { to, place: place.to_owned() })
}

fn sample(url: &str) -> String {
    url.replace("{scenario}", "scenario")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes count, and nothing of the secret is said.
    #[test]
    fn a_secret_that_is_too_short_to_be_searched_for_says_so() {
        let neither = "is shorter than 4 bytes, so that neither requests to other hosts nor files of a run are searched for it";
        let no_files = "is shorter than 8 bytes, so that no files of a run are searched for it";
        for (value, says) in [
            ("x", Some(neither)),
            ("qzj", Some(neither)),
            ("qzjx", Some(no_files)),
            ("qzjxqzj", Some(no_files)),
            ("qzjxqzjx", None),
            ("äöüä", None),
        ] {
            let (name, from) = ("secret.admin".to_owned(), "a file".to_owned());
            let (goes, to, secret) = (Vec::new(), Vec::new(), Secret::new(value));
            let named = NamedSecret { name, from, goes, to, secret };
            assert_eq!(named.unsought().as_deref(), says, "{value}");
        }
    }
}
