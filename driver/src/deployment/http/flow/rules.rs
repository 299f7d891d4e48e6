//! What an answer means: conditions, and the first outcome rule that fits.

use profile::{
    extractor::Source,
    flow::{Condition, Flows, JsonTest, Rule, Step, Words},
    template::Tree,
};
use reports::record::Reply;

use super::{
    extract::{PageView, describe, plain, point},
    fill::Values,
};

/// The class of an answer.
#[derive(Clone, Debug)]
pub(super) struct Class {
    pub(super) reply: Reply,
    pub(super) reason: Option<String>,
    pub(super) message: Option<String>,
    pub(super) note: Option<String>,
}

impl Class {
    pub(super) const fn plain(reply: Reply) -> Self {
        Self { reply, reason: None, message: None, note: None }
    }
}

/// Longest reason or message that is kept, characters.
const LONGEST: usize = 400;

/// The profile's rules, and what they are asked about.
pub(super) struct Classifier<'c> {
    pub(super) flows: &'c Flows,
    pub(super) view: &'c PageView<'c>,
    pub(super) values: &'c Values,
}

impl Classifier<'_> {
    /// The step's own rules, then those for all flows.
    pub(super) fn class(&self, step: &Step) -> Class {
        let mut rules = step.outcome.iter().chain(&self.flows.outcome);
        let rule = rules.find(|rule| self.view.meets(&rule.when, self.values));
        let reply = match rule {
            Some(rule) => rule.reply,
            None if self.view.page.status() >= 500 => Reply::Error,
            None => Reply::Unknown,
        };
        let explained = match reply {
            Reply::Ok | Reply::FactorNeeded => false,
            Reply::Refused
            | Reply::Expired
            | Reply::RateLimited
            | Reply::Error
            | Reply::Dropped
            | Reply::Unknown => true,
        };
        let own = rule.and_then(|rule| rule.reason.as_ref());
        let reason = own.or_else(|| self.flows.reason.as_ref().filter(|_| explained));
        let own = rule.and_then(|rule| rule.message.as_ref());
        let message = own.or_else(|| self.flows.message.as_ref().filter(|_| explained));
        Class {
            reply,
            reason: reason.and_then(|words| self.words(words)),
            message: message
                .and_then(|extractor| self.view.find(extractor, self.values))
                .map(|value| shorten(&plain(&value))),
            note: (rule.is_none()).then(|| self.no_rule(step)),
        }
    }

    fn words(&self, words: &Words) -> Option<String> {
        match words {
            Words::Literal(text) => Some(text.clone()),
            Words::Found(extractor) => {
                let found =
                    self.view.find(extractor, self.values).filter(|value| !value.is_null())?;
                Some(shorten(&plain(&found))).filter(|text| !text.is_empty())
            }
        }
    }

    fn no_rule(&self, step: &Step) -> String {
        let seen = describe(self.view.page);
        let wants_json = |rule: &Rule| rule.when.json.is_some();
        let from_json =
            step.options.iter().chain(step.capture.iter().map(|(_, extractor)| extractor)).any(
                |extractor| extractor.ways.iter().any(|way| matches!(way.source, Source::Json(_))),
            );
        let not_json =
            (step.outcome.iter().any(wants_json) || from_json) && !self.view.page.is_json();
        let why = match (not_json, step.options.is_some() && step.outcome.is_empty()) {
            (true, _) => "the profile looks for JSON, and the body is none",
            (false, true) => {
                "no WebAuthn options where the profile looks for them, and no rule fits"
            }
            (false, false) => "no rule fits",
        };
        format!("{}: {why}; the answer was {seen}", step.place)
    }
}

impl PageView<'_> {
    /// Whether everything holds that a condition says.
    pub(super) fn meets(&self, condition: &Condition, values: &Values) -> bool {
        let page = self.page;
        let url = page.url().map(ToString::to_string).unwrap_or_default();
        let location = page.header("location").unwrap_or_default();
        let status = |ranges: &Vec<(u16, u16)>| {
            ranges.iter().any(|(from, to)| (*from..=*to).contains(&page.status()))
        };
        let exit = |codes: &Vec<u64>| {
            page.exit
                .and_then(|code| u64::try_from(code).ok())
                .is_some_and(|code| codes.contains(&code))
        };
        condition.status.as_ref().is_none_or(status)
            && condition.exit.as_ref().is_none_or(exit)
            && condition.url.as_ref().is_none_or(|regex| regex.is_match(&url))
            && condition.location.as_ref().is_none_or(|regex| regex.is_match(location))
            && condition.cookie.as_ref().is_none_or(|name| self.jar.get(name).is_some())
            && condition.no_cookie.as_ref().is_none_or(|name| self.jar.get(name).is_none())
            && condition.given.as_ref().is_none_or(|name| values.has(name))
            && condition.not_given.as_ref().is_none_or(|name| !values.has(name))
            && condition.body.as_ref().is_none_or(|regex| regex.is_match(page.body()))
            && condition.json.as_ref().is_none_or(|(pointer, test)| {
                // A page that is not JSON meets no test on JSON, not even one of absence; nor does
                // any page where a place of the pointer has no value.
                let found =
                    |at| page.body.look_at_json(|json| test_json(point(json, &at), test, values));
                values.pointer(pointer).and_then(found).unwrap_or(false)
            })
            && condition.css.as_ref().is_none_or(|selector| self.has_element(selector))
            && condition.no_css.as_ref().is_none_or(|selector| !self.has_element(selector))
    }
}

fn test_json(found: Option<&serde_json::Value>, test: &JsonTest, values: &Values) -> bool {
    let found = found.filter(|value| !value.is_null());
    match test {
        JsonTest::Exists => found.is_some(),
        JsonTest::Absent => found.is_none(),
        JsonTest::Equals(wanted) => found.is_some_and(|found| equals(found, wanted, values)),
        JsonTest::Matches(regex) => found.is_some_and(|value| regex.is_match(&plain(value))),
    }
}

/// A text with places is compared with the value's text: what fills them is often a text of a number.
fn equals(found: &serde_json::Value, wanted: &Tree, values: &Values) -> bool {
    match wanted {
        Tree::Template(template) if template.places().next().is_some() => {
            values.maybe_text(template).is_ok_and(|text| text == Some(plain(found)))
        }
        Tree::Value(_) | Tree::Template(_) | Tree::Array(_) | Tree::Object(_) => {
            values.json(wanted).is_ok_and(|wanted| wanted.as_ref() == Some(found))
        }
    }
}

/// One line without control characters.
pub(in crate::deployment) fn shorten(text: &str) -> String {
    let line: Vec<&str> = text.split_whitespace().collect();
    line.join(" ").chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}
