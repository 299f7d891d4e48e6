//! The judge: from what stands in the record to a verdict, and from verdicts to an exit code. Pure,
//! so that a stranger can judge a record again offline. State decides first, the answer second.

mod account;
pub mod codes;
mod outcome;

pub use account::took;
pub use outcome::{
    Counts, conclude, counts, exit_code, outcome_of, roll_up, self_check, summary, worst,
};

use crate::record::{
    Answer, Ending, Fault, Grade, Honest, Kind, Level, NotJudged, Reply, Scenario, State, States,
    Told, Verdict,
};

/// The judge's word on one scenario, and the reason for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// How well a refusal is explained; tamperings only.
    pub grade: Option<Grade>,
    /// A short stable key of what was seen, where something was found.
    pub symptom: Option<String>,
    /// Whose it is; absent for a pass and for a skip.
    pub fault: Option<Fault>,
    /// One sentence for people.
    pub because: String,
}

/// Judges one scenario from its kind, level, control, state, answer and telling. Whatever verdict
/// already stands in the record is not looked at.
#[must_use]
pub fn judge(scenario: &Scenario) -> Judgement {
    if let Some(why) = &scenario.not_judged {
        return not_judged(why);
    }
    match scenario.kind {
        Kind::Tampering => tampering(scenario),
        Kind::Variation => variation(scenario),
        Kind::Observation | Kind::Story => told(scenario),
    }
}

fn not_judged(why: &NotJudged) -> Judgement {
    match why {
        NotJudged::Skipped { rule, reason } => {
            Judgement::plain(Verdict::Skip, format!("{rule}: {reason}"))
        }
        NotJudged::Broken { fault, error } => Judgement {
            fault: Some(*fault),
            ..Judgement::plain(Verdict::Error, format!("nothing could be judged: {error}"))
        },
        NotJudged::Unfinished => {
            Judgement::open(Fault::Environment, "the run ended before this scenario did")
        }
    }
}

fn tampering(scenario: &Scenario) -> Judgement {
    if let Some(unproved) = unproved(scenario.control.before, "before") {
        return unproved;
    }
    // Before anything else that may be wrong: a witness is a witness, whatever was answered and
    // whatever the control after it says.
    let moved = moved(&scenario.state);
    if !moved.is_empty() {
        return witnessed(scenario, &moved);
    }
    if let Some(broken) = account::broken(scenario) {
        return broken;
    }
    if let Some(unreadable) = unreadable(&scenario.state) {
        return unreadable;
    }
    if let Some(unproved) = unproved(scenario.control.after, "after") {
        let grade =
            scenario.answer.as_ref().filter(|answer| is_refusal(answer.reply)).map(|_| Grade::C);
        return Judgement { grade, ..unproved };
    }
    let Some(answer) = &scenario.answer else {
        return Judgement::open(Fault::Kit, "no answer to the tampering was recorded");
    };
    unchanged(scenario, answer)
}

/// The state stands as it did: now the answer speaks.
fn unchanged(scenario: &Scenario, answer: &Answer) -> Judgement {
    let rule = &scenario.requirement.id;
    match answer.reply {
        Reply::Ok => Judgement::warn(
            format!("said-yes:{}:unchanged", status(answer)),
            "said yes, did nothing: the answer accepts what the state does not show",
        ),
        Reply::Error | Reply::Dropped => Judgement::warn(
            format!("fell-over:{}", status(answer)),
            "refused by falling over: nothing changed, but the portal did not answer properly",
        ),
        Reply::Refused | Reply::Expired | Reply::FactorNeeded if answer.names_the_rule => {
            Judgement {
                grade: Some(Grade::A),
                ..Judgement::plain(Verdict::Pass, format!("refused, and the reason names {rule}"))
            }
        }
        Reply::Refused | Reply::Expired | Reply::FactorNeeded => Judgement {
            grade: Some(Grade::B),
            ..Judgement::plain(
                Verdict::Pass,
                "refused; both controls were accepted, the tampering is the only difference",
            )
        },
        Reply::RateLimited => rate_limited(),
        Reply::Unknown => unclassified(),
    }
}

fn witnessed(scenario: &Scenario, moved: &[Moved<'_>]) -> Judgement {
    let facts: Vec<_> = moved.iter().map(|fact| fact.name.replace('_', "-")).collect();
    let shown: Vec<_> = moved
        .iter()
        .map(|fact| format!("{} {:?} → {:?}", fact.name, fact.before, fact.after))
        .collect();
    let status = scenario.answer.as_ref().map_or_else(|| "none".to_owned(), status);
    by_level(
        scenario.level,
        format!("accepted:{status}:{}", facts.join("+")),
        &format!("what had to be refused took effect: {}", shown.join(", ")),
    )
}

fn variation(scenario: &Scenario) -> Judgement {
    if let Some(broken) = account::broken(scenario) {
        return broken;
    }
    let controls = [(scenario.control.before, "before"), (scenario.control.after, "after")];
    if let Some(unproved) = controls.into_iter().find_map(|(control, when)| unproved(control, when))
    {
        return unproved;
    }
    let Some(answer) = &scenario.answer else {
        return Judgement::open(Fault::Kit, "no answer to the variation was recorded");
    };
    match reached(&scenario.state) {
        Reached::NoGoal => {
            Judgement::open(Fault::Kit, "the record names no state that the variation had to reach")
        }
        Reached::Before => {
            Judgement::open(Fault::Kit, "the goal already stood before: reaching it shows nothing")
        }
        Reached::Confirmed => confirmed(scenario.level, answer),
        Reached::Unreadable(fact) => {
            Judgement::open(Fault::Profile, format!("the state could not be read: {fact}"))
        }
        Reached::Missed(fact) => missed(scenario.level, answer, fact),
    }
}

fn confirmed(level: Level, answer: &Answer) -> Judgement {
    match answer.reply {
        Reply::Ok | Reply::FactorNeeded | Reply::Unknown => {
            Judgement::plain(Verdict::Pass, "accepted, and the state confirms it")
        }
        Reply::Refused | Reply::Expired | Reply::RateLimited => by_level(
            level,
            format!("refused:{}:done", status(answer)),
            "refused in words, done in fact: the state shows what the answer denies",
        ),
        Reply::Error | Reply::Dropped => by_level(
            level,
            format!("fell-over:{}:done", status(answer)),
            "fell over, yet done: the state shows it, but nobody was told",
        ),
    }
}

fn missed(level: Level, answer: &Answer, fact: &str) -> Judgement {
    match answer.reply {
        Reply::Ok => by_level(
            level,
            format!("unconfirmed:{}", status(answer)),
            &format!("accepted in words, but the state does not confirm it: {fact}"),
        ),
        Reply::FactorNeeded => by_level(
            level,
            format!("factor-needed:{}", status(answer)),
            "an honest variation was not enough: the portal went on to ask for a factor",
        ),
        Reply::Refused | Reply::Expired => by_level(
            level,
            format!("refused:{}", status(answer)),
            "an honest variation was refused while both controls were accepted",
        ),
        Reply::Error | Reply::Dropped => by_level(
            level,
            format!("fell-over:{}", status(answer)),
            "the portal fell over an honest variation while both controls were accepted",
        ),
        Reply::RateLimited => rate_limited(),
        Reply::Unknown => unclassified(),
    }
}

fn told(scenario: &Scenario) -> Judgement {
    let Some(told) = &scenario.told else {
        return Judgement::open(Fault::Kit, "nothing was told");
    };
    match told.ending {
        Ending::Held => held(told),
        Ending::Broke => by_level(
            scenario.level,
            format!("broke:{}", slug(told.step.as_deref().unwrap_or("unnamed"))),
            &format!(
                "did not hold{}: expected {}, saw {}",
                at(told),
                words(&told.expected),
                words(&told.seen)
            ),
        ),
        Ending::ControlRefused => Judgement::open(
            Fault::Portal,
            format!("an honest step was refused{}: nothing was shown", at(told)),
        ),
        Ending::Unclear => Judgement::open(Fault::Profile, format!("cannot tell{}", at(told))),
    }
}

fn held(told: &Told) -> Judgement {
    if told.checked == 0 {
        return Judgement::open(Fault::Kit, "nothing was checked: held says nothing");
    }
    let Some(first) = told.graceless.first() else {
        let expectations = if told.checked == 1 { "expectation" } else { "expectations" };
        return Judgement::plain(
            Verdict::Pass,
            format!("held: {} {expectations} checked", told.checked),
        );
    };
    Judgement::warn(
        format!("fell-over:{}", slug(first)),
        format!("held, but refused by falling over: {}", told.graceless.join(", ")),
    )
}

/// What a control that was not accepted makes of a scenario; `None` where it was.
fn unproved(control: Honest, when: &str) -> Option<Judgement> {
    match control {
        Honest::Accepted => None,
        Honest::Refused => Some(Judgement::open(
            Fault::Portal,
            format!("the honest control {when} it was refused"),
        )),
        Honest::Unclear => Some(Judgement::open(
            Fault::Profile,
            format!("whether the honest control {when} it was accepted cannot be told"),
        )),
        Honest::Absent => {
            Some(Judgement::open(Fault::Kit, format!("there was no honest control {when} it")))
        }
    }
}

/// A fact known before and after, with different values.
struct Moved<'a> {
    name: &'a str,
    before: &'a str,
    after: &'a str,
}

fn moved(state: &States) -> Vec<Moved<'_>> {
    let mut moved = Vec::new();
    for (name, before) in &state.before {
        if let Some(before) = before.as_deref()
            && let Some(after) = known(&state.after, name)
            && before != after
            && !signed_out(name, after)
        {
            moved.push(Moved { name, before, after });
        }
    }
    moved
}

/// Whether a fact is only that nobody is signed in any more: a portal may end the session of somebody
/// who sent it a forgery. If it did more harm than that, the control afterwards fails, and nothing
/// passes.
fn signed_out(name: &str, after: &str) -> bool {
    name == "signed_in" && after == "nobody"
}

/// A tampering proves something only if every fact could be read on both sides.
fn unreadable(state: &States) -> Option<Judgement> {
    if state.before.is_empty() && state.after.is_empty() {
        return Some(Judgement::open(Fault::Profile, "the deployment's state was not asked"));
    }
    let fact =
        state.before.keys().chain(state.after.keys()).find(|fact| {
            known(&state.before, fact).is_none() || known(&state.after, fact).is_none()
        })?;
    Some(Judgement::open(
        Fault::Profile,
        format!("the state could not be read on both sides: {fact}"),
    ))
}

enum Reached<'a> {
    NoGoal,
    Before,
    Confirmed,
    Unreadable(&'a str),
    Missed(&'a str),
}

fn reached(state: &States) -> Reached<'_> {
    if state.goal.is_empty() {
        return Reached::NoGoal;
    }
    if state.goal.iter().all(|(fact, value)| known(&state.before, fact) == Some(value)) {
        return Reached::Before;
    }
    if let Some(fact) = state.goal.keys().find(|fact| known(&state.after, fact).is_none()) {
        return Reached::Unreadable(fact);
    }
    match state.goal.iter().find(|(fact, value)| known(&state.after, fact) != Some(value)) {
        Some((fact, _)) => Reached::Missed(fact),
        None => Reached::Confirmed,
    }
}

fn known<'a>(state: &'a State, fact: &str) -> Option<&'a str> {
    state.get(fact)?.as_deref()
}

const fn is_refusal(reply: Reply) -> bool {
    match reply {
        Reply::Refused | Reply::Expired | Reply::FactorNeeded => true,
        Reply::Ok | Reply::RateLimited | Reply::Error | Reply::Dropped | Reply::Unknown => false,
    }
}

fn rate_limited() -> Judgement {
    Judgement::open(
        Fault::Environment,
        "rate limited: what the portal would have said cannot be told",
    )
}

fn unclassified() -> Judgement {
    Judgement::open(
        Fault::Profile,
        "no rule of the profile classifies the answer; unknown never counts as refused",
    )
}

fn by_level(level: Level, symptom: String, because: &str) -> Judgement {
    let (verdict, fault) = match level {
        Level::Must => (Verdict::Fail, Some(Fault::Portal)),
        Level::Should => (Verdict::Warn, Some(Fault::Portal)),
        Level::May => (Verdict::Pass, None),
    };
    let because = match level {
        Level::Must | Level::Should => because.to_owned(),
        Level::May => format!("note, not a fault, since the requirement is a may: {because}"),
    };
    Judgement { verdict, grade: None, symptom: Some(symptom), fault, because }
}

fn status(answer: &Answer) -> String {
    answer.status.map_or_else(|| "none".to_owned(), |status| status.to_string())
}

fn at(told: &Told) -> String {
    told.step.as_ref().map(|step| format!(" at \"{step}\"")).unwrap_or_default()
}

fn words(said: &Option<String>) -> &str {
    said.as_deref().unwrap_or("nothing that was written down")
}

/// A stable key of a sentence: lower-case letters and digits, hyphens between, at most 60.
fn slug(sentence: &str) -> String {
    let mut slug = String::new();
    for c in sentence.chars().take(60) {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

impl Judgement {
    fn plain(verdict: Verdict, because: impl Into<String>) -> Self {
        Self { verdict, grade: None, symptom: None, fault: None, because: because.into() }
    }

    fn warn(symptom: String, because: impl Into<String>) -> Self {
        Self {
            symptom: Some(symptom),
            fault: Some(Fault::Portal),
            ..Self::plain(Verdict::Warn, because)
        }
    }

    fn open(fault: Fault, because: impl Into<String>) -> Self {
        Self { fault: Some(fault), ..Self::plain(Verdict::Inconclusive, because) }
    }
}

#[cfg(test)]
mod tests;
