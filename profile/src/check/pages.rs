//! What must hold of pages: each stands beside a flow, has the halves of its verb, names values that are known
//! there, and says what is `ok`.

use std::collections::BTreeSet;

use reports::record::Reply;

use super::Checker;
use crate::{
    Verb,
    pages::{Act, Control, Page},
    template::Template,
    verb::{ANSWERS, Browser, Division, SIGNED_IN},
};

impl Checker<'_, '_> {
    pub(super) fn page(&self, verb: Verb, page: &Page) {
        let (name, at) = (verb.name(), self.reader.line_span(&page.place));
        if !self.profile.flows.by_verb.contains_key(&verb) {
            let help =
                "what no page does goes over HTTP: a repeated answer, a run without a browser";
            let message = format!("[page.{name}] stands beside [flow.{name}], and there is none");
            self.reader.complain_with(at.clone(), message, Some(help.to_owned()));
        }
        let (division, needs_key) = (verb.row().division, verb.row().options.are_needed());
        if division == Division::Whole && page.finish.is_some() {
            let message = format!("[page.{name}] has one half: write `steps`");
            self.reader.complain(at.clone(), message);
        }
        let is_divided = matches!(division, Division::Halves | Division::HalvesApart);
        if is_divided && page.finish.is_none() && !needs_key {
            let message = format!("[page.{name}] has two halves: write `begin` and `finish`");
            self.reader.complain(at.clone(), message);
        }
        if !page.outcome.iter().any(|rule| rule.reply == Reply::Ok) {
            let message = format!("[page.{name}] has no rule for `ok`");
            let help =
                "what no rule holds of is `unknown`, and counts as neither accepted nor refused";
            self.reader.complain_with(at, message, Some(help.to_owned()));
        }
        if let Some(name) = verb.must_capture()
            && !page.capture.iter().any(|(captured, _)| captured == name)
        {
            let message = format!("[page.{}] does not capture `{name}`", verb.name());
            self.reader.complain(self.reader.line_span(&page.place), message);
        }
        self.values(verb, page);
    }

    /// The values that its templates name are known where they stand.
    fn values(&self, verb: Verb, page: &Page) {
        let mut known = self.names.everywhere.clone();
        if verb.row().browser == Browser::Visitors {
            known.extend(SIGNED_IN.iter().map(|name| (*name).to_owned()));
        }
        let given = || verb.row().inputs.iter().map(|input| input.name.to_owned());
        let in_halves = page.finish.is_some() || verb.row().options.are_needed();
        known.extend(given().filter(|name| !(in_halves && ANSWERS.contains(&name.as_str()))));
        let of = |steps: &[crate::pages::PageStep], known: &BTreeSet<String>| {
            for step in steps {
                step.when.iter().for_each(|control| self.control(control, known));
                match &step.act {
                    Act::Open(address) => {
                        self.url(address);
                        self.template(address, known);
                    }
                    Act::Fill(field, with) => {
                        self.control(field, known);
                        self.template(with, known);
                    }
                    Act::Press(control) => self.control(control, known),
                }
            }
        };
        of(&page.begin, &known);
        known.extend(given());
        of(page.finish.as_deref().unwrap_or_default(), &known);
        for rule in &page.outcome {
            let controls = [&rule.shows, &rule.hides, &rule.message].into_iter().flatten();
            controls.for_each(|control| self.control(control, &known));
        }
        page.capture.iter().for_each(|(_, control)| self.control(control, &known));
    }

    fn control(&self, control: &Control, known: &BTreeSet<String>) {
        let templates: [&Option<Template>; 2] = [&control.name, &control.label];
        templates.into_iter().flatten().for_each(|template| self.template(template, known));
    }
}
