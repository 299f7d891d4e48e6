//! Tamperings and variations: the honest ceremony before, the changed one, and the honest one after,
//! with the deployment's state around the changed one. One mechanism for both; the judge tells them
//! apart.

use std::collections::BTreeMap;

use driver::deployment::describe;
use profile::{Ability, effect::Effect, error::Error};
use reports::{
    judge,
    record::{Answer, Control, Honest, Kind, Reply, State, States},
};
use softkey::{Model, Spoken, Tampering};

use super::{asked, bystander, dropped};
use crate::{
    policy::Policy,
    requirement::{Asked, Ceremony, Requirement, TamperingCase, VariationCase},
    story::{Break, Challenge, Key, Manner, Person, Response, Stage, Told, Witness},
};

/// What is tried between two honest ceremonies.
#[derive(Clone, Copy)]
pub(super) struct Trial {
    kind: Kind,
    ceremony: Ceremony,
    /// What its record calls whoever it is made on.
    who: &'static str,
    requirement: &'static Requirement,
    title: &'static str,
    /// The key of the trial; for a tampering also that of its controls.
    model: Model,
    control: Model,
    change: Option<Tampering>,
    /// Whether the controls of a sign-in have a key of their own.
    own_key: bool,
    keeps_attestation: bool,
    asked: Option<Asked>,
    policy: Policy,
}

impl Trial {
    pub(super) fn tampering(
        ceremony: Ceremony,
        requirement: &'static Requirement,
        case: &TamperingCase,
    ) -> Self {
        let (title, model, change) = (case.title, case.model, Some(case.change));
        let (keeps_attestation, asked, policy) = (case.keeps_attestation, case.asked, case.policy);
        Self {
            kind: Kind::Tampering,
            ceremony,
            who: "alice",
            requirement,
            title,
            model,
            control: model,
            change,
            own_key: false,
            keeps_attestation,
            asked,
            policy,
        }
    }

    pub(super) fn variation(
        ceremony: Ceremony,
        requirement: &'static Requirement,
        case: &VariationCase,
    ) -> Self {
        let (title, model, change) = (case.title, case.model, case.change);
        let (keeps_attestation, asked, policy) = (case.keeps_attestation, case.asked, case.policy);
        let control = Model::roaming();
        Self {
            kind: Kind::Variation,
            ceremony,
            who: "alice",
            requirement,
            title,
            model,
            control,
            change,
            // A variation's own key is the thing judged.
            own_key: change.is_none() || model.name != control.name,
            keeps_attestation,
            asked,
            policy,
        }
    }

    /// The same with nothing unusual in it, made on somebody else.
    pub(super) fn plainly_by(&self, who: &'static str) -> Self {
        Self { who, model: self.control, change: None, asked: None, ..*self }
    }

    fn meets(&self, challenge: &Challenge) -> Result<Challenge, Break> {
        asked::meets(challenge, self.asked, self.policy)
    }

    fn manner(&self) -> Manner<'_> {
        let change = self.change.as_ref().map(|change| (change, self.title));
        Manner { change, ignores_lists: false, keeps_attestation: self.keeps_attestation }
    }

    fn answer(&self, response: &Response) -> Answer {
        let redactor = response.shared.scene.recorder.redactor();
        let told = |text: &Option<String>| text.as_ref().map(|text| redactor.text(text));
        let answer = &response.answer;
        let names_the_rule =
            answer.reason.as_deref().is_some_and(|reason| self.requirement.is_named_by(reason));
        Answer {
            reply: answer.reply,
            status: answer.status,
            reason: told(&answer.reason),
            message: told(&answer.message),
            names_the_rule,
        }
    }
}

/// What a trial showed, as far as it came.
#[derive(Default)]
pub(super) struct Evidence {
    pub(super) control: Control,
    pub(super) state: States,
    pub(super) answer: Option<Answer>,
}

/// Runs a trial; what was found before a break stays in `evidence`.
pub(super) async fn run(stage: &mut Stage, trial: &Trial, evidence: &mut Evidence) -> Told {
    let Some(mut alice) = way(stage, trial, evidence).await? else { return Ok(()) };
    let Evidence { control, state, answer: Some(answer) } = evidence else { return Ok(()) };
    if control.after == Honest::Refused && judge::took(trial.kind, state, answer) {
        bystander::asks(stage, trial, &mut alice, control).await?;
    }
    Ok(())
}

/// Whoever a trial was made on, and a key that was accepted before it.
pub(super) struct Tried {
    person: Person,
    key: Key,
}

impl Tried {
    /// The honest control once more, in a fresh browser.
    pub(super) async fn again(&mut self, trial: &Trial) -> Result<Honest, Break> {
        match trial.ceremony {
            Ceremony::Registration => {
                self.person.moves_in_with(&self.key).await?;
                let keys = count(&mut self.person).await?;
                let (again, ..) = registers(&mut self.person, "again", trial, keys).await?;
                Ok(again)
            }
            Ceremony::Authentication | Ceremony::Passwordless => {
                comes_in(&self.person, &self.key, trial.ceremony).await
            }
        }
    }
}

/// The whole way of a trial: the control before, the trial, and the control after. Nobody comes to the
/// end of it who is refused before the trial.
pub(super) async fn way(
    stage: &mut Stage,
    trial: &Trial,
    evidence: &mut Evidence,
) -> Result<Option<Tried>, Break> {
    match trial.ceremony {
        Ceremony::Registration => registration(stage, trial, evidence).await,
        Ceremony::Authentication | Ceremony::Passwordless => {
            authentication(stage, trial, evidence).await
        }
    }
}

async fn registration(
    stage: &mut Stage,
    trial: &Trial,
    evidence: &mut Evidence,
) -> Result<Option<Tried>, Break> {
    let mut alice = stage.person_with(trial.who, trial.policy).await?;
    alice.signs_in().await?;
    let none = count(&mut alice).await?;
    let (before, keys, first) = registers(&mut alice, "before", trial, none).await?;
    evidence.control.before = before;
    let (Honest::Accepted, Some(first)) = (before, first) else { return Ok(None) };

    evidence.state.before =
        registration_state(alice.witness().await?.fact(), keys.clone(), Some("no".into()));
    evidence.state.goal = BTreeMap::from([("new_key_signs_in".to_owned(), "yes".to_owned())]);
    if let Some(Some(before)) = &keys {
        evidence
            .state
            .goal
            .insert("keys".into(), before.parse::<u32>().map_or(0, |n| n + 1).to_string());
    }

    let key = alice.new_key("trial", trial.model);
    let (response, spoken) = offers(&mut alice, trial, &key, &keys).await?;
    evidence.answer = Some(trial.answer(&response));
    let signs_in = signs_in(&alice, &key).await?;
    let keys = count(&mut alice).await?;
    evidence.state.after = registration_state(response.after.fact(), keys.clone(), signs_in);
    if response.answer.reply != Reply::Ok {
        key.forget(&softkey::base64url(&spoken.credential_id));
    }

    evidence.control.after = match registers(&mut alice, "after", trial, keys).await {
        // The portal asks for less by now: no such control can be made, and what was seen stands.
        Err(Break::Ours(Error::NotApplicable(why))) => {
            alice.shared.scene.recorder.act(format!("(no control after it can be made: {why})"));
            Honest::Unclear
        }
        after => after?.0,
    };
    Ok(Some(Tried { person: alice, key: first }))
}

/// Registers the key of the trial; once more from a new challenge where the connection was dropped and
/// nothing came of it.
async fn offers(
    alice: &mut Person,
    trial: &Trial,
    key: &Key,
    before: &Listed,
) -> Result<(Response, Spoken), Break> {
    let registering = trial.meets(&alice.begins_registration("trial").await?)?;
    let first = alice.registers(&registering, key, trial.manner()).await?;
    if !dropped::is_without_an_answer(&first.0) || !dropped::added_nothing(alice, before).await? {
        return Ok(first);
    }
    key.forget(&softkey::base64url(&first.1.credential_id));
    let again = async {
        let registering = trial.meets(&alice.begins_registration("trial").await?)?;
        alice.registers(&registering, key, trial.manner()).await
    };
    Ok(dropped::once_more(&first.0, again).await?.unwrap_or(first))
}

/// Facts of a registration. `keys` is `None` where the deployment has no list, `Some(None)` where it
/// could not be read.
fn registration_state(signed_in: Option<String>, keys: Listed, new_key: Option<String>) -> State {
    let mut state = State::from([
        ("signed_in".to_owned(), signed_in),
        ("new_key_signs_in".to_owned(), new_key),
    ]);
    if let Some(keys) = keys {
        state.insert("keys".into(), keys);
    }
    state
}

pub(super) async fn count(person: &mut Person) -> Result<Listed, Break> {
    if !person.can(Ability::ListKeys) {
        return Ok(None);
    }
    let listed = person.listed_keys().await?;
    Ok(Some(listed.map(|keys| keys.len().to_string())))
}

/// How many keys are listed: `None` where the deployment has no list, `Some(None)` where it could not
/// be read.
pub(super) type Listed = Option<Option<String>>;

/// Registers an honest key, when so many are listed. Accepted where the list says so, or where there
/// is no list, the key signs in. Tells how many are listed then, and which key it is.
async fn registers(
    alice: &mut Person,
    label: &str,
    trial: &Trial,
    before: Listed,
) -> Result<(Honest, Listed, Option<Key>), Break> {
    let registered = honest(registers_one(alice, label, trial, &before).await)?;
    let after = count(alice).await?;
    let Some(key) = registered.1 else { return Ok((registered.0, after, None)) };
    let confirmed = match (&before, &after) {
        (Some(Some(before)), Some(Some(after))) => Some(before != after),
        (Some(_), Some(_)) => None,
        (None, _) | (_, None) => signs_in(alice, &key).await?.map(|signs_in| signs_in == "yes"),
    };
    let verdict = confirmed
        .map_or(Honest::Unclear, |yes| if yes { Honest::Accepted } else { Honest::Refused });
    Ok((verdict, after, Some(key)))
}

/// One honest registration: how it was answered, and the key where the answer was yes.
async fn registers_one(
    alice: &mut Person,
    label: &str,
    trial: &Trial,
    before: &Listed,
) -> Result<(Honest, Option<Key>), Break> {
    let key = alice.new_key(label, trial.control);
    let mut response = registers_plainly(alice, &key, trial).await?;
    if dropped::is_without_an_answer(&response) && dropped::added_nothing(alice, before).await? {
        let again = registers_plainly(alice, &key, trial);
        response = dropped::once_more(&response, again).await?.unwrap_or(response);
    }
    let reply = response.answer.reply;
    Ok((unconfirmed(reply), (reply == Reply::Ok).then_some(key)))
}

async fn registers_plainly(
    alice: &mut Person,
    key: &Key,
    trial: &Trial,
) -> Result<Response, Break> {
    let registering = alice.begins_registration(&key.label).await?;
    // The controls are attested too: where nothing is asked for, none of them is sent.
    let attested = trial.asked.filter(|asked| *asked == Asked::Attestation);
    asked::meets(&registering, attested, trial.policy)?;
    let manner = Manner { keeps_attestation: trial.keeps_attestation, ..Manner::default() };
    alice.registers(&registering, key, manner).await.map(|(response, _)| response)
}

/// Whether a key signs its owner in, asked for or not; `None` where it could not be told.
async fn signs_in(alice: &Person, key: &Key) -> Result<Option<String>, Break> {
    let word = |yes: bool| Some(if yes { "yes" } else { "no" }.to_owned());
    if key.credential_id().is_none() {
        return Ok(word(false));
    }
    let challenge = match alice.asks_for_sign_in().await {
        Ok(challenge) if challenge.was_issued() => challenge,
        Ok(challenge) => return Ok(nobody(challenge.begun.answer.reply)),
        Err(Break::ControlRefused { .. }) => return Ok(word(false)),
        Err(Break::Unclear { .. }) => return Ok(None),
        Err(other) => return Err(other),
    };
    let response = match alice.answers_unasked(&challenge, key).await {
        Ok(response) => response,
        // The portal's options left an honest key nothing to say.
        Err(Break::ControlRefused { .. }) => return Ok(word(false)),
        Err(other) => return Err(other),
    };
    Ok(match &response.after {
        Witness::Nobody => nobody(response.answer.reply),
        Witness::Somebody(_) => word(response.before != response.after),
        Witness::Unreadable => None,
    })
}

/// What it says of a key that nobody is signed in after this answer; an answer that could not be
/// classified says nothing.
fn nobody(reply: Reply) -> Option<String> {
    match reply {
        Reply::RateLimited | Reply::Unknown => None,
        Reply::Ok
        | Reply::FactorNeeded
        | Reply::Refused
        | Reply::Expired
        | Reply::Error
        | Reply::Dropped => Some("no".to_owned()),
    }
}

async fn authentication(
    stage: &mut Stage,
    trial: &Trial,
    evidence: &mut Evidence,
) -> Result<Option<Tried>, Break> {
    let mut alice = stage.person_with(trial.who, trial.policy).await?;
    let key = alice.registers_model("desk", trial.model).await?;
    let plain = if trial.own_key {
        alice.registers_model("plain", trial.control).await?
    } else {
        key.clone()
    };
    let response = answers_plainly(&alice, &plain, trial.ceremony).await?;
    evidence.control.before = welcomed(&response);
    if evidence.control.before != Honest::Accepted {
        return Ok(None);
    }
    if let Some(name) = response.after.fact() {
        evidence.state.goal.insert("signed_in".into(), name);
    }

    let mut response = answers_as_tried(&alice, trial, &key).await?;
    if dropped::is_without_an_answer(&response) {
        let again = answers_as_tried(&alice, trial, &key);
        response = dropped::once_more(&response, again).await?.unwrap_or(response);
    }
    evidence.answer = Some(trial.answer(&response));
    evidence.state.before = State::from([("signed_in".to_owned(), response.before.fact())]);
    evidence.state.after = State::from([("signed_in".to_owned(), response.after.fact())]);

    let after = comes_in(&alice, &plain, trial.ceremony).await;
    evidence.control.after = honest(after.map(|after| (after, None::<()>)))?.0;
    Ok(Some(Tried { person: alice, key: plain }))
}

async fn answers_as_tried(alice: &Person, trial: &Trial, key: &Key) -> Result<Response, Break> {
    let challenge = trial.meets(&begins(alice, trial.ceremony).await?)?;
    alice.answers_so(&challenge, key, trial.manner()).await.map(|(response, _)| response)
}

/// An honest sign-in, in a fresh browser.
async fn comes_in(alice: &Person, key: &Key, ceremony: Ceremony) -> Result<Honest, Break> {
    Ok(welcomed(&answers_plainly(alice, key, ceremony).await?))
}

/// The same, whatever comes of it; once more where the connection was dropped.
async fn answers_plainly(alice: &Person, key: &Key, ceremony: Ceremony) -> Result<Response, Break> {
    let answers = async || {
        let challenge = begins(alice, ceremony).await?;
        alice.answers(&challenge, key).await
    };
    let first = answers().await?;
    if !dropped::is_without_an_answer(&first) {
        return Ok(first);
    }
    Ok(dropped::once_more(&first, answers()).await?.unwrap_or(first))
}

async fn begins(alice: &Person, ceremony: Ceremony) -> Result<Challenge, Break> {
    match ceremony {
        Ceremony::Registration | Ceremony::Authentication => alice.begins_sign_in().await,
        Ceremony::Passwordless => alice.begins_passwordless().await,
    }
}

/// An honest ceremony that broke on the way counts by how it broke; our own faults go on.
pub(super) fn honest<T>(
    control: Result<(Honest, Option<T>), Break>,
) -> Result<(Honest, Option<T>), Break> {
    match control {
        Ok(honest) => Ok(honest),
        Err(Break::Broke { .. } | Break::ControlRefused { .. }) => Ok((Honest::Refused, None)),
        Err(Break::Unclear { .. }) => Ok((Honest::Unclear, None)),
        Err(Break::Ours(error)) => Err(Break::Ours(error)),
    }
}

fn welcomed(response: &Response) -> Honest {
    match &response.after {
        Witness::Somebody(name)
            if response.own_names.iter().any(|own| own.eq_ignore_ascii_case(name)) =>
        {
            Honest::Accepted
        }
        Witness::Somebody(_) => Honest::Refused,
        Witness::Nobody => unconfirmed(response.answer.reply),
        Witness::Unreadable => Honest::Unclear,
    }
}

const fn unconfirmed(reply: Reply) -> Honest {
    match reply {
        Reply::Ok
        | Reply::FactorNeeded
        | Reply::Refused
        | Reply::Expired
        | Reply::Error
        | Reply::Dropped => Honest::Refused,
        Reply::RateLimited | Reply::Unknown => Honest::Unclear,
    }
}

/// The run's first honest control: an account whose name is nobody else's, a key, and a sign-in with it.
pub(super) async fn first_control(stage: &mut Stage) -> Told {
    let mut alice = stage.first_person("alice").await?;
    alice.signs_in().await?;
    stage.asks_about_names(&alice).await?;
    let may = stage.shared.scene.effects.contains(&Effect::ChangesOwnAccount);
    if !(may && alice.can(Ability::KeySignIn)) {
        return Ok(());
    }
    let key = alice.registers_key("first").await?;
    let response = alice.signs_in_with(&key).await?;
    if welcomed(&response) == Honest::Accepted {
        return Ok(());
    }
    let seen = format!("{}; {}", describe(&response.answer), response.after);
    Err(Break::ControlRefused { expected: "alice signs in with her key".into(), seen })
}
