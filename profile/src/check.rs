//! What must hold of a profile as a whole: names are known, verbs have the halves that they need,
//! every answer has rules, abilities have their flows, and nothing points outside the allow-list.

mod pages;

use std::{collections::BTreeSet, ops::Range};

use url::Url;

use super::{
    Ability, Profile,
    extractor::Extractor,
    flow::{Condition, Flow, Halves, Place, Request, Rule, Step, Words},
    reader::{Reader, Table},
    template::Template,
    verb::{ALWAYS_SECRET, ANSWERS, Browser, Division, Parameter, SIGNED_IN},
};
use crate::{Verb, words::meant};

/// Names that every flow knows: the scene's.
pub(super) const ALWAYS: &[&str] = &["scenario", "base", "origin", "rp_id", "host", "actor"];

/// Checks, and adds the abilities that the flows imply.
pub(super) fn check(
    mut profile: Profile,
    root: &Table<'_, '_>,
    declared: &[(Ability, Range<usize>)],
) -> Profile {
    let reader = root.reader;
    let names = Names::of(&profile);
    for (verb, flow) in &profile.flows.by_verb {
        let checker = Checker { reader, profile: &profile, names: &names };
        checker.flow(*verb, flow);
    }
    for (verb, page) in &profile.flows.pages {
        Checker { reader, profile: &profile, names: &names }.page(*verb, page);
    }
    let checker = Checker { reader, profile: &profile, names: &names };
    checker.shared();
    checker.presence();
    checker.abilities(declared);
    let verbs = profile.verbs();
    let implied = Ability::ALL.iter().filter(|ability| {
        ability.implied() && ability.flows().iter().all(|verb| verbs.contains(verb))
    });
    profile.description.abilities.extend(implied);
    let entailed: Vec<Ability> = Ability::ALL
        .iter()
        .copied()
        .filter(|ability| ability.flows().iter().all(|verb| verbs.contains(verb)))
        .filter(|ability| ability.entailed_by().iter().any(|by| profile.description.can(*by)))
        .collect();
    profile.description.abilities.extend(entailed);
    if profile.mail.is_some() {
        profile.description.abilities.insert(Ability::Mail);
    }
    profile
}

/// Names that are known anywhere.
struct Names {
    everywhere: BTreeSet<String>,
    anywhere: BTreeSet<String>,
    /// Those whose values are secrets.
    secret: BTreeSet<String>,
}

impl Names {
    fn of(profile: &Profile) -> Self {
        let mut everywhere: BTreeSet<String> =
            ALWAYS.iter().map(|name| (*name).to_owned()).collect();
        everywhere.extend(profile.secrets.keys().map(|name| format!("secret.{name}")));
        let all_steps = || {
            let flows = profile.flows.by_verb.values().flat_map(Flow::steps);
            flows.chain(profile.flows.interrupts.iter().flat_map(|interrupt| &interrupt.steps))
        };
        everywhere.extend(all_steps().flat_map(|step| step.keep.iter().cloned()));
        let mut anywhere = everywhere.clone();
        anywhere.extend(["mailed"].iter().chain(SIGNED_IN).map(|name| (*name).to_owned()));
        anywhere
            .extend(all_steps().flat_map(|step| step.capture.iter().map(|(name, _)| name.clone())));
        let given = Verb::ALL.iter().flat_map(|verb| verb.row().inputs);
        anywhere.extend(given.map(|input| input.name.to_owned()));
        let secret = secret_names(profile, &all_steps().collect::<Vec<_>>());
        Self { everywhere, anywhere, secret }
    }
}

/// Names of secrets: inputs, those of [secrets], captures that a step calls so, and what captures make
/// of any of them.
fn secret_names(profile: &Profile, steps: &[&Step]) -> BTreeSet<String> {
    let inputs = Parameter::ALL.iter().filter(|input| input.is_secret).map(|input| input.name);
    let always = inputs.chain(["mailed"]).chain(ALWAYS_SECRET);
    let mut secret: BTreeSet<String> = always.map(str::to_owned).collect();
    secret.extend(profile.secrets.keys().map(|name| format!("secret.{name}")));
    secret.extend(steps.iter().flat_map(|step| step.secret.iter().cloned()));
    loop {
        let before = secret.len();
        for (name, extractor) in steps.iter().flat_map(|step| &step.capture) {
            let mut templates = Vec::new();
            extractor.templates(&mut templates);
            let mut places = templates.iter().flat_map(|template| template.places());
            if places.any(|place| secret.contains(&place.name)) {
                secret.insert(name.clone());
            }
        }
        if secret.len() == before {
            return secret;
        }
    }
}

struct Checker<'c, 't> {
    reader: &'c Reader<'t>,
    profile: &'c Profile,
    names: &'c Names,
}

impl Checker<'_, '_> {
    fn flow(&self, verb: Verb, flow: &Flow) {
        let Some(first) = flow.steps().next() else { return };
        let at = self.reader.line_span(&first.place);
        self.programs(Some(verb), flow.steps());
        self.whom(verb, flow, &at);
        match (verb.row().division, &flow.halves) {
            (Division::Halves | Division::HalvesApart, Halves::One(_)) => self.reader.complain(
                at,
                format!("[flow.{0}] has two halves: write `begin` (up to the options) and `finish` (the answer)", verb.name()),
            ),
            (Division::Whole, Halves::Two { .. }) => {
                self.reader.complain(at, format!("[flow.{}] has one half: write `steps`", verb.name()));
            }
            (Division::Whole | Division::Either, Halves::One(_))
            | (Division::Halves | Division::HalvesApart | Division::Either, Halves::Two { .. }) => {}
        }
        let mut known = self.names.everywhere.clone();
        if verb.row().browser == Browser::Visitors {
            known.extend(SIGNED_IN.iter().map(|name| (*name).to_owned()));
        }
        let given = || verb.row().inputs.iter().map(|input| input.name.to_owned());
        match &flow.halves {
            Halves::One(steps) => {
                known.extend(given());
                self.steps(steps.iter(), &mut known);
            }
            Halves::Two { begin, finish } => {
                known.extend(given().filter(|name| !ANSWERS.contains(&name.as_str())));
                self.steps(begin.iter(), &mut known);
                known.extend(given());
                self.steps(finish.iter(), &mut known);
            }
        }
        if let Some(template) = &flow.mapping.rp_id {
            self.template(template, &known);
        }
        match &flow.halves {
            Halves::One(steps) => self.ending(verb, steps, "steps"),
            Halves::Two { begin, finish } => {
                self.ending(verb, begin, "begin");
                self.ending(verb, finish, "finish");
            }
        }
        self.captures(verb, flow);
    }

    /// What is done to an account names it by what only its run calls it.
    fn whom(&self, verb: Verb, flow: &Flow, at: &Range<usize>) {
        let mut templates = Vec::new();
        flow.steps().for_each(|step| step.templates(&mut templates));
        let mut places = templates.iter().flat_map(|template| template.places());
        let own = places.any(|place| matches!(place.name.as_str(), "user" | "mail"));
        if own || !verb.row().is_done_to_an_account {
            return;
        }
        let message = format!(
            "[flow.{}] does not say to which account: it would be somebody else's",
            verb.name()
        );
        let help = "name it by `{user}` or `{mail}`, which hold what only this run calls it";
        self.reader.complain_with(at.clone(), message, Some(help.to_owned()));
    }

    fn steps<'s>(&self, steps: impl Iterator<Item = &'s Step>, known: &mut BTreeSet<String>) {
        for step in steps {
            if let Some(condition) = &step.when {
                self.condition(condition, &step.place, known);
            }
            let mut templates = Vec::new();
            step.templates(&mut templates);
            for template in templates {
                self.template(template, known);
            }
            if let Request::Send { url, .. } = &step.request {
                self.url(url);
            }
            if matches!(step.request, Request::Mail(_)) {
                known.insert("mailed".to_owned());
            }
            for (name, extractor) in &step.capture {
                self.extractor(extractor, known);
                known.insert(name.clone());
            }
            step.options.iter().for_each(|extractor| self.extractor(extractor, known));
            step.outcome.iter().for_each(|rule| self.rule(rule, known));
        }
    }

    /// Commands are for the administrator, and their arguments are for everybody to see.
    fn programs<'s>(&self, verb: Option<Verb>, steps: impl Iterator<Item = &'s Step>) {
        let secrets = &self.names.secret;
        for step in steps {
            let Request::Command(program) = &step.request else { continue };
            let by = verb.map(|verb| verb.row().browser);
            if by != Some(Browser::Administrators) {
                let help = "what a visitor does goes over the portal's own pages";
                let message = "`command` stands in flows of the administrator alone";
                self.reader.complain_with(
                    self.reader.line_span(&step.place),
                    message,
                    Some(help.to_owned()),
                );
            }
            if program.argv.first().is_some_and(|program| program.places().next().is_some()) {
                let message = "which program is run is written out: no place can stand there";
                self.reader.complain(program.argv[0].span.clone(), message);
            }
            for template in &program.argv {
                let Some(place) = template.places().find(|place| secrets.contains(&place.name))
                else {
                    continue;
                };
                let help = "give it in `environment`";
                let message = format!("the list of processes would show `{}`", place.name);
                self.reader.complain_with(template.span.clone(), message, Some(help.to_owned()));
            }
        }
    }

    fn rule(&self, rule: &Rule, known: &BTreeSet<String>) {
        self.condition(&rule.when, &rule.place, known);
        if let Some(Words::Found(extractor)) = &rule.reason {
            self.extractor(extractor, known);
        }
        rule.message.iter().for_each(|extractor| self.extractor(extractor, known));
    }

    fn extractor(&self, extractor: &Extractor, known: &BTreeSet<String>) {
        let mut templates = Vec::new();
        extractor.templates(&mut templates);
        templates.into_iter().for_each(|template| self.template(template, known));
    }

    fn template(&self, template: &Template, known: &BTreeSet<String>) {
        for place in template.places().filter(|place| !known.contains(&place.name)) {
            let help = meant(&place.name, known.iter().map(String::as_str)).map_or_else(
                || {
                    format!(
                        "known here: {}",
                        known.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
                    )
                },
                |near| format!("did you mean `{near}`?"),
            );
            let message = format!("no value is called `{}` here", place.name);
            self.reader.complain_with(template.span.clone(), message, Some(help));
        }
    }

    fn condition(&self, condition: &Condition, place: &Place, known: &BTreeSet<String>) {
        for name in [&condition.given, &condition.not_given].into_iter().flatten() {
            if !known.contains(name) {
                let help = meant(name, known.iter().map(String::as_str))
                    .map(|near| format!("did you mean `{near}`?"));
                self.reader.complain_with(
                    self.reader.line_span(place),
                    format!("no value is called `{name}` here"),
                    help,
                );
            }
        }
        let mut templates = Vec::new();
        condition.templates(&mut templates);
        templates.into_iter().for_each(|template| self.template(template, known));
    }

    /// A URL that is written out must be within the allow-list; the others are checked when used.
    fn url(&self, template: &Template) {
        let lead = template.lead();
        let slash = |c: char| matches!(c, '/' | '\\');
        if lead.starts_with(slash) && lead[1..].starts_with(slash) {
            let message = "what begins with `//` names a host: write the whole URL, or one `/`";
            self.reader.complain(template.span.clone(), message);
            return;
        }
        if template.only_place().is_some() || lead.starts_with('/') || lead.starts_with('?') {
            return;
        }
        if template.places().next().is_some_and(|place| place.name == "base") && lead.is_empty() {
            return;
        }
        let sample: String = template
            .parts
            .iter()
            .map(|part| match part {
                super::template::Part::Text(text) => text.as_str(),
                super::template::Part::Place(place) if place.name == "scenario" => "scenario",
                super::template::Part::Place(_) => "x",
            })
            .collect();
        let Ok(url) = Url::parse(&sample) else {
            self.reader.complain(
                template.span.clone(),
                "a URL is a path that begins with `/`, or a whole URL",
            );
            return;
        };
        let allowed = self.profile.description.allow.iter().any(|allow| {
            Url::parse(&allow.replace("{scenario}", "scenario"))
                .is_ok_and(|allow| allow.origin() == url.origin())
        });
        if !allowed {
            let origin = url.origin().ascii_serialization();
            let help =
                Some(format!("add \"{origin}\" to `allow` in [scope] if it may be contacted"));
            self.reader.complain_with(
                template.span.clone(),
                format!("`{origin}` is outside the allow-list"),
                help,
            );
        }
    }

    fn ending(&self, verb: Verb, steps: &[Step], half: &str) {
        let Some(last) = steps.last() else { return };
        let common = &self.profile.flows.outcome;
        let accepts = |rule: &Rule| rule.reply == reports::record::Reply::Ok;
        if last.options.is_none() && !last.outcome.iter().chain(common).any(accepts) {
            let message =
                format!("the last step of `{half}` in [flow.{}] has no rule for `ok`", verb.name());
            let help = "an answer that no rule matches is `unknown`, and counts as neither accepted nor refused";
            self.reader.complain_with(
                self.reader.line_span(&last.place),
                message,
                Some(help.to_owned()),
            );
        }
    }

    fn captures(&self, verb: Verb, flow: &Flow) {
        let Some(first) = flow.steps().next() else { return };
        let begin: &[Step] = match &flow.halves {
            Halves::One(steps) => steps,
            Halves::Two { begin, .. } => begin,
        };
        if verb.row().options.are_needed() && !begin.iter().any(|step| step.options.is_some()) {
            let message = format!(
                "[flow.{}] does not say where the WebAuthn options are: `options = {{ json = … }}`",
                verb.name()
            );
            self.reader.complain(self.reader.line_span(&first.place), message);
        }
        let Some(name) = verb.must_capture() else { return };
        let takes = |step: &Step| step.capture.iter().any(|(captured, _)| captured == name);
        let (found, half) = match &flow.halves {
            Halves::Two { finish, .. } if verb.has_others_between() => {
                (finish.iter().any(takes), ".finish")
            }
            Halves::One(_) | Halves::Two { .. } => (flow.steps().any(takes), ""),
        };
        if !found {
            self.reader.complain(
                self.reader.line_span(&first.place),
                format!("[flow.{}{half}] does not capture `{name}`", verb.name()),
            );
        }
    }

    /// What goes for all flows.
    fn shared(&self) {
        let (flows, portal) = (&self.profile.flows, &self.profile.portal);
        let mut anywhere = self.names.anywhere.clone();
        for interrupt in &flows.interrupts {
            self.condition(&interrupt.when, &interrupt.place, &anywhere);
            self.programs(None, interrupt.steps.iter());
            self.steps(interrupt.steps.iter(), &mut anywhere);
        }
        let mut everywhere: Vec<&Template> =
            portal.headers.iter().map(|(_, template)| template).collect();
        if let Some(csrf) = &flows.csrf {
            everywhere
                .extend(csrf.get.iter().chain(csrf.headers.iter().map(|(_, template)| template)));
            if let super::flow::CsrfToken::Value(template) = &csrf.token {
                everywhere.push(template);
            }
            csrf.get.iter().for_each(|get| self.url(get));
        }
        let mut known = self.names.everywhere.clone();
        known.extend(SIGNED_IN.iter().map(|name| (*name).to_owned()));
        for template in everywhere {
            self.template(template, &known);
        }
        flows.outcome.iter().for_each(|rule| self.rule(rule, &anywhere));
    }

    fn presence(&self) {
        let verbs = self.profile.verbs();
        if verbs.is_empty() && self.profile.driver.is_none() {
            return;
        }
        let at = self.driver();
        for verb in [Verb::SignIn, Verb::Whoami] {
            if !verbs.contains(&verb) {
                let help = "who is signed in is the last word on every verdict";
                let message = format!("the profile has no {}", self.named(verb));
                self.reader.complain_with(
                    at.clone(),
                    message,
                    (verb == Verb::Whoami).then(|| help.to_owned()),
                );
            }
        }
        let pool = &self.profile.description.actors.pool;
        let create = self.named(Verb::CreateUser);
        match (verbs.contains(&Verb::CreateUser), pool.is_empty()) {
            (true, true) | (false, false) => {}
            (false, true) => self.reader.complain(
                at.clone(),
                format!("the profile has no {create}, and no `pool` in [actors]: every scenario has accounts of its own"),
            ),
            (true, false) => self.reader.complain(
                at.clone(),
                format!("the profile has both {create} and a `pool` in [actors]: accounts are made or lent, not both"),
            ),
        }
        if verbs.contains(&Verb::RequestReset) && self.profile.mail.is_none() {
            let reset = self.named(Verb::RequestReset);
            self.reader
                .complain(at, format!("{reset} sends mail, and no [mail] says where it arrives"));
        }
    }

    /// What a profile says of a verb, as it would be written.
    fn named(&self, verb: Verb) -> String {
        match self.profile.driver {
            Some(_) => format!("`{}` among the verbs of [driver]", verb.name()),
            None => format!("[flow.{}]", verb.name()),
        }
    }

    /// Where [driver] stands, or the head of the profile.
    fn driver(&self) -> Range<usize> {
        let driver = self.profile.driver.as_ref();
        driver.map_or(0..0, |driver| self.reader.line_span(&driver.place))
    }

    fn abilities(&self, declared: &[(Ability, Range<usize>)]) {
        let verbs = self.profile.verbs();
        // One complaint for each flow, however many abilities want it.
        for verb in Verb::ALL.iter().filter(|verb| !verbs.contains(verb)) {
            let wanting: Vec<_> =
                declared.iter().filter(|(ability, _)| ability.flows().contains(verb)).collect();
            let Some((_, span)) = wanting.first() else { continue };
            let words: Vec<String> =
                wanting.iter().map(|(ability, _)| format!("`{}`", ability.word())).collect();
            let are = if words.len() == 1 { "is" } else { "are" };
            let message = format!(
                "{} {are} declared, and the profile has no {}",
                words.join(", "),
                self.named(*verb)
            );
            let help = format!("it says: {}", verb.row().says);
            self.reader.complain_with(span.clone(), message, Some(help));
        }
        for (ability, span) in declared {
            if *ability == Ability::Mail && self.profile.mail.is_none() {
                self.reader
                    .complain(span.clone(), "`mail` is declared, and the profile has no [mail]");
            }
        }
    }
}
