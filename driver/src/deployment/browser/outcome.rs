//! What a page shows in the end: the first rule that holds, and what is taken from the page.

use std::collections::BTreeMap;

use browser::{Shown, View};
use profile::pages::{Control, Page, PageRule};
use reports::record::Reply;
use serde_json::Value;

use super::run::{PageRun, Stop, first};
use crate::deployment::{Answer, http::shorten};

/// The rules of a page, and what held before the last thing was done.
pub(super) struct Rules<'p> {
    page: &'p Page,
    wanted: Vec<browser::Control>,
    /// The document, and which rules held of it.
    before: Option<(u64, Vec<bool>)>,
}

/// A view of the page, with the controls of the rules in it.
struct Seen<'p> {
    page: &'p Page,
    view: View,
}

impl<'p> Rules<'p> {
    pub(super) fn of(run: &PageRun<'_>, page: &'p Page) -> Result<Self, Stop> {
        let wanted: Result<Vec<_>, Stop> =
            controls(page).into_iter().map(|control| run.control(control)).collect();
        Ok(Self { page, wanted: wanted?, before: None })
    }

    /// Takes down what holds now: it is no answer to what comes.
    pub(super) async fn mark(&mut self, run: &PageRun<'_>) -> Result<(), Stop> {
        self.before = self.look(run).await?.map(|seen| (seen.view.document, seen.holding()));
        Ok(())
    }

    /// What the page says, by the first rule that holds; `None` while none does. What held before on the same
    /// document counts only where nothing else comes.
    pub(super) async fn answer(
        &self,
        run: &PageRun<'_>,
        is_late: bool,
    ) -> Result<Option<Answer>, Stop> {
        let Some(seen) = self.look(run).await? else { return Ok(None) };
        if !seen.view.ready {
            return Ok(None);
        }
        let before = self.before.as_ref().filter(|(document, _)| seen.view.document == *document);
        let held = |place: usize| {
            before.is_some_and(|(_, held)| held.get(place).copied().unwrap_or_default())
        };
        let holding = seen.holding();
        let mut rules = self.page.outcome.iter().zip(holding).enumerate();
        let rule = rules.find(|(place, (_, holds))| *holds && (is_late || !held(*place)));
        Ok(rule.map(|(_, (rule, _))| seen.answer(rule)))
    }

    /// What the page says where it is no success: in place of a control that a step needs.
    pub(super) async fn refusal(&self, run: &PageRun<'_>) -> Result<Option<Answer>, Stop> {
        let Some(seen) = self.look(run).await?.filter(|seen| seen.view.ready) else {
            return Ok(None);
        };
        let rules = self.page.outcome.iter();
        let mut refusals = rules.filter(|rule| match rule.reply {
            Reply::Ok | Reply::FactorNeeded | Reply::Unknown => false,
            Reply::Refused
            | Reply::Expired
            | Reply::RateLimited
            | Reply::Error
            | Reply::Dropped => true,
        });
        Ok(refusals.find(|rule| seen.holds(rule)).map(|rule| seen.answer(rule)))
    }

    /// What is taken from the page where it leads on.
    pub(super) async fn shown(&self, run: &PageRun<'_>) -> Result<Answer, Stop> {
        let captured = self.look(run).await?.map(|seen| seen.captured()).unwrap_or_default();
        Ok(Answer { captured, ..Answer::plain(Reply::Ok) })
    }

    async fn look(&self, run: &PageRun<'_>) -> Result<Option<Seen<'p>>, Stop> {
        let view = run.patiently(run.session.look(&self.wanted).await)?;
        Ok(view.map(|view| Seen { page: self.page, view }))
    }
}

/// The controls of the rules, three for each, and those of the captures after them.
fn controls(page: &Page) -> Vec<&Control> {
    let rules = page.outcome.iter().flat_map(of_a_rule).flatten();
    rules.chain(page.capture.iter().map(|(_, control)| control)).collect()
}

const fn of_a_rule(rule: &PageRule) -> [Option<&Control>; 3] {
    [rule.shows.as_ref(), rule.hides.as_ref(), rule.message.as_ref()]
}

impl Seen<'_> {
    /// What is shown of each control, in the order of [`controls`].
    fn shown(&self, wanted: &Control) -> Option<&Shown> {
        let place =
            controls(self.page).iter().position(|control| std::ptr::eq(*control, wanted))?;
        first(self.view.shown.get(place)?, wanted)
    }

    fn holding(&self) -> Vec<bool> {
        self.page.outcome.iter().map(|rule| self.holds(rule)).collect()
    }

    fn holds(&self, rule: &PageRule) -> bool {
        rule.shows.as_ref().is_none_or(|control| self.shown(control).is_some())
            && rule.hides.as_ref().is_none_or(|control| self.shown(control).is_none())
            && rule.url.as_ref().is_none_or(|url| url.is_match(&self.view.address))
    }

    fn answer(&self, rule: &PageRule) -> Answer {
        let text = |control: &Control| Some(self.shown(control)?.text.clone());
        let words = rule.message.as_ref().or(rule.shows.as_ref()).and_then(text);
        Answer {
            reason: rule.reason.clone(),
            message: words.map(|words| shorten(&words)),
            captured: self.captured(),
            ..Answer::plain(rule.reply)
        }
    }

    fn captured(&self) -> BTreeMap<String, Value> {
        let text = |control: &Control| Some(Value::from(self.shown(control)?.text.clone()));
        let captures = self.page.capture.iter();
        captures.filter_map(|(name, control)| Some((name.clone(), text(control)?))).collect()
    }
}
