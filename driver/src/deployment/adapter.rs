//! Drives a portal through a program of the user's that answers the verbs as JSON lines on its standard
//! input and output, as `docs/adapter.md` says: for portals that the flows of a profile cannot reach.

mod manual;
mod program;
mod protocol;
mod session;

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use profile::{
    Ability, Driver as Declared, Verb,
    error::Error,
    secret::Secret,
    verb::{Division, Presence},
};
use reports::{
    record::{ADAPTER, Exchange, Reply},
    redact::Redactor,
};
use serde_json::Value;

pub use self::manual::manual;
pub(super) use self::session::Session;
use self::{
    program::{Log, Program},
    protocol::{AdapterRequest, Answered, Hello, Portal, VERSION},
};
use super::{
    Access, Answer, Begun, Between, Driver, Input, Inputs, Mail, Scene, Visitor, half::Half,
    inputs::class_of, leave, visitor::DriverState,
};
use crate::{recorder, wire::Origin};

/// A portal that an adapter drives. Consent, pace and mail are those of every other.
#[derive(Debug)]
pub(super) struct AdapterDriver {
    access: Arc<Access>,
    declared: Declared,
    program: Program,
    /// Knows every secret that went to the adapter or came from it: what it writes on standard error
    /// may hold any of them.
    redactor: Redactor,
}

/// What a verb is performed with.
struct Call<'c> {
    verb: Verb,
    half: Half,
    inputs: &'c Inputs,
    /// What the first half captured, for the second.
    begun: Option<&'c BTreeMap<String, Value>>,
}

impl AdapterDriver {
    /// Starts the adapter of a profile that has one, and speaks the first words with it.
    ///
    /// # Errors
    /// [`Error::Adapter`] when it does not start, or does not speak the protocol.
    pub(super) async fn start(access: Arc<Access>) -> Result<Self, Error> {
        let missing = || Error::Harness("the profile has no [driver]".into());
        let declared = access.profile.driver.clone().ok_or_else(missing)?;
        access.profile.permits_commands()?;
        let redactor = Redactor::new(crate::fresh()?);
        let secrets = &access.profile.secrets;
        secrets.values().for_each(|secret| redactor.learn("token", secret.reveal()));
        let about = &access.profile.description;
        let hello = Hello {
            touchstone: VERSION,
            portal: Portal { name: &about.name, base: &about.base, connect: &about.connect },
            verbs: declared.verbs.iter().map(|verb| verb.name()).collect(),
            secrets: secrets.iter().map(|(name, secret)| (&**name, secret.reveal())).collect(),
            line_limit: about.limits.body_limit,
            timeout_ms: u64::try_from(about.limits.exchange_timeout.as_millis())
                .unwrap_or(u64::MAX),
        };
        let log = Log { redactor: redactor.clone(), over: access.over() };
        let program = Program::start(&declared, &about.limits, &hello, log).await?;
        Ok(Self { access, declared, program, redactor })
    }

    /// Asks the adapter; a question that met a call for a pause is asked again after it.
    async fn ask(
        &self,
        visitor: &mut Visitor,
        call: &Call<'_>,
    ) -> Result<(Answer, Option<Value>), Error> {
        self.access.may(&visitor.scene, call.verb, call.inputs)?;
        if !self.declared.verbs.contains(&call.verb) {
            let name = call.verb.name();
            return Err(Error::Profile(format!("[driver] does not name the verb `{name}`")));
        }
        self.learn(visitor, call.inputs);
        let decides = call.half != Half::Begin;
        let mut patience = visitor.patience(decides);
        let costs = decides && leave::costs(call.verb);
        loop {
            let answered = self.exchange(visitor, call).await?;
            let spends = self.access.description().can(Ability::TotpWithPassword);
            let unheard = patience > 0 && may_follow(call.verb, &answered, spends);
            if unheard && (!costs || visitor.may_try_again()) {
                patience -= 1;
                visitor.sent_again = true;
                continue;
            }
            return Ok(self.taken(visitor, call, answered));
        }
    }

    /// One request and its answer, written down.
    async fn exchange(&self, visitor: &mut Visitor, call: &Call<'_>) -> Result<Answered, Error> {
        let about = self.access.description();
        let label = visitor.scene.label.clone();
        let half = call.half.of(call.verb);
        let number = self.number_of(visitor);
        let request = AdapterRequest {
            id: self.program.id(),
            visitor: number,
            who: &visitor.who,
            scenario: &label,
            base: about.base(&label),
            origin: about.origin(&label),
            rp_id: about.rp_id(&label),
            user_agent: visitor.user_agent.as_deref(),
            verb: call.verb.name(),
            half: half.split_once('.').map_or("whole", |(_, half)| half),
            inputs: given(call),
            begun: call.begun,
        };
        let (id, line) = (request.id, request.line());
        let race = visitor.race(call.half != Half::Begin);
        let turn = self.access.wire.turn(&visitor.scene, race).await?;
        let asked = Instant::now();
        let said = self.program.ask(id, line.clone()).await;
        let took = asked.elapsed();
        self.access.wire.took(took);
        let (raw, answered) = match said {
            Ok((raw, said)) => {
                self.learn_captured(visitor, &said.secrets);
                (Some(raw), said.answered)
            }
            Err(error) => (None, Err(error)),
        };
        let answered = answered.and_then(|answered| complete(call, answered));
        if let Ok(answered) = &answered {
            let pauses = answered.reply == Reply::RateLimited && !visitor.scene.meets_limits();
            self.access.wire.came_of(&turn, pauses);
        }
        let origin = Origin {
            flow: half,
            place: self.declared.place.clone(),
            honest: false,
            decides: false,
        };
        let heard = answered.as_ref().ok();
        visitor.scene.recorder.exchange(Exchange {
            request_body: Some(line),
            status: heard.and_then(|heard| heard.status),
            response_body: raw,
            reply: heard.map(|heard| heard.reply),
            micros: recorder::micros(took),
            error: answered.as_ref().err().map(ToString::to_string),
            ..recorder::begins(&visitor.who, &origin, ADAPTER, about.base(&label))
        });
        answered
    }

    /// The visitor's number in the adapter, which hears of it from now on.
    fn number_of(&self, visitor: &mut Visitor) -> u64 {
        let session = match visitor.memory.take_state() {
            DriverState::Adapter(session) => session,
            DriverState::Fresh | DriverState::Http(_) => self.program.session(),
        };
        let number = session.number();
        visitor.memory.put_state(DriverState::Adapter(session));
        number
    }

    /// What the suite goes on with.
    fn taken(
        &self,
        visitor: &mut Visitor,
        call: &Call<'_>,
        answered: Answered,
    ) -> (Answer, Option<Value>) {
        if let Some(note) = &answered.note {
            visitor.scene.recorder.act(format!("(the adapter: {note})"));
        }
        visitor.memory.remember(call.verb, answered.reply, |name| call.inputs.get(name).cloned());
        let mut captured = call.begun.cloned().unwrap_or_default();
        if call.verb.has_others_between() {
            captured.retain(|name, _| Some(name.as_str()) != call.verb.must_capture());
        }
        captured.extend(answered.captured);
        let answer = Answer {
            reply: answered.reply,
            status: answered.status,
            reason: answered.reason,
            message: answered.message,
            captured,
            note: answered.note,
        };
        (answer, answered.options)
    }

    fn learn(&self, visitor: &Visitor, inputs: &Inputs) {
        for (name, input) in inputs {
            if let Input::Secret(secret) = input {
                self.both(visitor, name, &Value::from(secret.reveal()));
            }
        }
    }

    fn learn_captured(&self, visitor: &Visitor, secrets: &[(String, Value)]) {
        secrets.iter().for_each(|(name, value)| self.both(visitor, name, value));
    }

    fn both(&self, visitor: &Visitor, name: &str, value: &Value) {
        let class = class_of(name);
        visitor.scene.recorder.redactor().learn_all(class, value);
        self.redactor.learn_all(class, value);
    }
}

/// Whether a question may be asked again after a call for a pause. Only 429 says that nothing was done;
/// otherwise a code that goes with the password may be spent, and not every verb is harmless twice.
fn may_follow(verb: Verb, answered: &Answered, codes_with_passwords: bool) -> bool {
    let harmless =
        if verb == Verb::SignIn { !codes_with_passwords } else { verb.row().is_harmless_twice };
    answered.reply == Reply::RateLimited && (answered.status == Some(429) || harmless)
}

/// An answer that says `ok` holds what the verb is asked for.
fn complete(call: &Call<'_>, answered: Answered) -> Result<Answered, Error> {
    if answered.reply != Reply::Ok {
        return Ok(answered);
    }
    let name = call.half.of(call.verb);
    let lacks = |what: String| {
        Err(Error::Adapter(format!("it answered `ok` to {name}, and its answer has no {what}")))
    };
    if call.half != Half::Finish {
        if call.verb.row().options.are_needed() && answered.options.is_none() {
            return lacks("`options`".to_owned());
        }
        let captures = call.verb.row().captures;
        let must = captures.filter(|capture| capture.presence == Presence::Always);
        if let Some(must) = must.filter(|must| !answered.captured.contains_key(must.name)) {
            return lacks(format!("`{}` among what is captured", must.name));
        }
    }
    Ok(answered)
}

/// What a verb is given, in the clear.
fn given(call: &Call<'_>) -> BTreeMap<&'static str, Value> {
    call.inputs.iter().map(|(name, input)| (*name, input.value())).collect()
}

/// How a verb begins: an adapter is asked for the halves of every verb that may have two.
const fn first(verb: Verb) -> Half {
    match verb.row().division {
        Division::Whole => Half::Whole,
        Division::Halves | Division::HalvesApart | Division::Either => Half::Begin,
    }
}

#[async_trait]
impl Driver for AdapterDriver {
    /// What the adapter makes of it on its way is not known: it is taken as it is handed over.
    fn written(&self, _: Verb, credential: &Value) -> Value {
        credential.clone()
    }

    async fn begin(
        &self,
        visitor: &mut Visitor,
        verb: Verb,
        inputs: &Inputs,
    ) -> Result<Begun, Error> {
        let call = Call { verb, half: first(verb), inputs, begun: None };
        let (answer, options) = self.ask(visitor, &call).await?;
        Ok(Begun { answer, options, inputs: inputs.clone(), between: Between::Nothing })
    }

    async fn finish(
        &self,
        visitor: &mut Visitor,
        verb: Verb,
        begun: &Begun,
        inputs: &Inputs,
    ) -> Result<Answer, Error> {
        let all = begun.and(inputs);
        let captured = Some(&begun.answer.captured);
        let call = Call { verb, half: Half::Finish, inputs: &all, begun: captured };
        Ok(self.ask(visitor, &call).await?.0)
    }

    async fn perform(
        &self,
        visitor: &mut Visitor,
        verb: Verb,
        inputs: &Inputs,
    ) -> Result<Answer, Error> {
        let begun = self.begin(visitor, verb, inputs).await?;
        if first(verb) == Half::Whole || begun.answer.reply != Reply::Ok {
            return Ok(begun.answer);
        }
        self.finish(visitor, verb, &begun, inputs).await
    }
}

/// What arrives elsewhere may still turn up in what the adapter writes.
#[async_trait]
impl Mail for AdapterDriver {
    async fn mark(&self) -> Result<u64, Error> {
        self.access.mark().await
    }

    async fn mailed(
        &self,
        scene: &Scene,
        to: &str,
        mark: u64,
        patience: Duration,
    ) -> Result<Option<Secret>, Error> {
        let mailed = self.access.mailed(scene, to, mark, patience).await?;
        if let Some(mailed) = &mailed {
            self.redactor.learn("token", mailed.reveal());
        }
        Ok(mailed)
    }
}

#[cfg(test)]
mod tests;
