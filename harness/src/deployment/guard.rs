//! Stands between scenarios and the deployment: an account that this run neither made nor was lent is
//! not changed, and none is tried until the portal locks it.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use reports::record::Traffic;
use serde_json::Value;

use super::{Answer, Begun, Deployment, Input, Inputs, Scene, Verb, Visitor, mails::Mails};
use crate::{
    error::Error,
    profile::{Ability, Description},
    secret::Secret,
    standing::{Admitted, Standings, With},
};

/// A deployment behind the guard.
pub(crate) struct Guarded {
    inner: Arc<dyn Deployment>,
    standings: Arc<Standings>,
    mails: Mails,
}

impl Guarded {
    pub(crate) fn new(inner: Arc<dyn Deployment>, standings: Arc<Standings>) -> Self {
        let mails = Mails::new(inner.description().limits.mails_per_hour);
        Self { inner, standings, mails }
    }

    /// Whether a verb may be performed at all; the try that it is, where it is one.
    fn admits(
        &self,
        visitor: &Visitor,
        verb: Verb,
        inputs: &Inputs,
    ) -> Result<Option<Admitted>, Error> {
        let label = &visitor.scene.label;
        if changes_the_named(verb) {
            let user = named(inputs).unwrap_or_default();
            if !self.standings.is_ours(label, &user) {
                return Err(Error::Safety(format!(
                    "{} names an account that this run did not make: {user}",
                    verb.name()
                )));
            }
        }
        if verb == Verb::RequestReset {
            self.mails.one_more()?;
        }
        if !verb.is_a_try() {
            return Ok(None);
        }
        let Some(user) = self.tried_user(visitor, inputs) else { return Ok(None) };
        if visitor.scene.meets_limits() {
            return Ok(Some(self.standings.admits_any(label, &user)));
        }
        let admitted = self.standings.admits(label, &user, self.tried_with(verb, inputs));
        admitted.map(Some).map_err(Error::Withheld)
    }

    /// Takes down what came of it. A try without an answer stays a wrong one: the portal may have
    /// counted it.
    fn notes(
        &self,
        visitor: &Visitor,
        (verb, inputs): (Verb, &Inputs),
        admitted: Option<Admitted>,
        answer: &Answer,
    ) {
        let label = &visitor.scene.label;
        if let Some(admitted) = admitted {
            let came_to = (verb, answer.reply);
            self.standings.tried(label, admitted, self.tried_with(verb, inputs), came_to);
        }
        let Some(user) = self.tried_user(visitor, inputs) else { return };
        if matches!(verb, Verb::DeleteKey | Verb::AdminDeleteKey) {
            self.standings.lost_a_key(label, &user);
        }
        let changed = matches!(verb, Verb::ChangePassword | Verb::FinishReset)
            && answer.reply == reports::record::Reply::Ok;
        if let (true, Some(Input::Secret(password))) = (changed, inputs.get("password")) {
            self.standings.has_password(label, &user, password);
        }
    }

    /// What a try is made with. Where codes go with the password, the right one alone may be a wrong try.
    fn tried_with<'i>(&self, verb: Verb, inputs: &'i Inputs) -> With<'i> {
        let whole = !self.inner.description().can(Ability::TotpWithPassword);
        if let (Verb::SignIn, true, Some(Input::Secret(password))) =
            (verb, whole, inputs.get("password"))
        {
            return With::Password(password);
        }
        let id = match inputs.get("credential") {
            Some(Input::Open(credential)) => credential.get("id").and_then(Value::as_str),
            Some(Input::Secret(_)) | None => None,
        };
        id.map_or(With::Other, With::Key)
    }

    /// Whose account a try is made on: the one that is named, that the browser has begun to sign in
    /// to, or that of whoever sits there.
    fn tried_user(&self, visitor: &Visitor, inputs: &Inputs) -> Option<String> {
        let kept = match visitor.memory.kept.get("user") {
            Some(Input::Open(Value::String(user))) => Some(user.clone()),
            Some(Input::Open(_) | Input::Secret(_)) | None => None,
        };
        named(inputs)
            .or(kept)
            .or_else(|| self.standings.user_of(&visitor.scene.label, &visitor.who))
    }
}

/// The account that the inputs name.
fn named(inputs: &Inputs) -> Option<String> {
    match inputs.get("user") {
        Some(Input::Open(Value::String(user))) => Some(user.clone()),
        Some(Input::Open(_) | Input::Secret(_)) | None => None,
    }
}

/// What an administrator does to an account that is named.
const fn changes_the_named(verb: Verb) -> bool {
    matches!(
        verb,
        Verb::SetPolicy
            | Verb::AdminRegisterKey
            | Verb::AdminDeleteKey
            | Verb::ResetEnrolment
            | Verb::DeleteUser
    )
}

#[async_trait]
impl Deployment for Guarded {
    fn description(&self) -> &Description {
        self.inner.description()
    }

    fn stopped(&self) -> Option<String> {
        self.inner.stopped()
    }

    fn traffic(&self) -> Traffic {
        self.inner.traffic()
    }

    fn visitor(&self, scene: &Arc<Scene>, who: &str) -> Visitor {
        self.inner.visitor(scene, who)
    }

    fn written(&self, verb: Verb, credential: &Value) -> Value {
        self.inner.written(verb, credential)
    }

    async fn begin(
        &self,
        visitor: &mut Visitor,
        verb: Verb,
        inputs: &Inputs,
    ) -> Result<Begun, Error> {
        // A challenge that is asked for is no try yet.
        if changes_the_named(verb) {
            self.admits(visitor, verb, inputs)?;
        }
        self.inner.begin(visitor, verb, inputs).await
    }

    async fn finish(
        &self,
        visitor: &mut Visitor,
        verb: Verb,
        begun: &Begun,
        inputs: &Inputs,
    ) -> Result<Answer, Error> {
        let all = begun.and(inputs);
        let admitted = self.admits(visitor, verb, &all)?;
        let answer = self.inner.finish(visitor, verb, begun, inputs).await?;
        self.notes(visitor, (verb, &all), admitted, &answer);
        Ok(answer)
    }

    async fn perform(
        &self,
        visitor: &mut Visitor,
        verb: Verb,
        inputs: &Inputs,
    ) -> Result<Answer, Error> {
        let admitted = self.admits(visitor, verb, inputs)?;
        let answer = self.inner.perform(visitor, verb, inputs).await?;
        self.notes(visitor, (verb, inputs), admitted, &answer);
        Ok(answer)
    }

    async fn mail_mark(&self) -> Result<u64, Error> {
        self.inner.mail_mark().await
    }

    async fn mailed(
        &self,
        scene: &Arc<Scene>,
        to: &str,
        mark: u64,
        patience: Duration,
    ) -> Result<Option<Secret>, Error> {
        self.inner.mailed(scene, to, mark, patience).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    };

    use futures::future::join_all;

    use super::*;
    use crate::fixture::{HEAD, TAIL, account, answer, serve, visit};

    const CODE: &str = "[flow.answer_with_totp]\npost = \"/code\"\njson = { code = \"{code}\" }\noutcome = [{ status = 200, is = \"ok\" }, { status = 403, is = \"refused\" }]\n";

    const PUSH: &str = "[flow.answer_with_push]\npost = \"/push\"\njson = { said = \"{answer?}\" }\noutcome = [{ status = 200, is = \"ok\" }, { status = 202, is = \"factor_needed\" }, { status = 403, is = \"refused\" }]\n";

    /// Enters as many codes, or asks for as many prompts, at once on a portal that locks at three, and
    /// again; how many it heard each time.
    async fn heard(verb: Verb, status: u16) -> [usize; 2] {
        let flow = if verb == Verb::AnswerWithPush { PUSH } else { CODE };
        let count = Arc::new(AtomicUsize::new(0));
        let counts = Arc::clone(&count);
        let listener = serve(move |_| {
            counts.fetch_add(1, Ordering::SeqCst);
            answer(status, &[], "")
        })
        .await;
        let (inner, visitor) = visit(&format!("{HEAD}{flow}{TAIL}"), &listener, None).await;
        let standings = Arc::new(Standings::new(3));
        standings.ours(&visitor.scene.label, &account());
        let guarded = Guarded::new(Arc::new(inner), standings);
        let (name, value) =
            if verb == Verb::AnswerWithPush { ("answer", "deny") } else { ("code", "123456") };
        let inputs = Inputs::from([(name, Input::Open(value.into()))]);
        let mut told = [0, 0];
        for before in &mut told {
            let refusals = Mutex::new(Vec::new());
            let shots = (0..5).map(|_| async {
                let mut shot = visitor.clone();
                if let Err(error) = guarded.perform(&mut shot, verb, &inputs).await {
                    refusals.lock().unwrap().push(error);
                }
            });
            join_all(shots).await;
            let refusals = refusals.into_inner().unwrap();
            let withheld = refusals.iter().all(|error| matches!(error, Error::Withheld(_)));
            assert!(withheld, "{refusals:?}");
            *before = count.swap(0, Ordering::SeqCst);
            assert_eq!(*before + refusals.len(), 5);
        }
        told
    }

    #[tokio::test]
    async fn tries_at_the_same_instant_are_counted_before_they_are_answered() {
        // Two may be wrong; where they were not, two more may.
        assert_eq!(heard(Verb::AnswerWithTotp, 403).await, [2, 0]);
        assert_eq!(heard(Verb::AnswerWithTotp, 200).await, [2, 2]);
    }

    /// Where the code goes with the password, the right password alone is a wrong try.
    #[tokio::test]
    async fn the_right_password_alone_may_be_the_last_try_only_where_it_is_whole() {
        for (can, sent) in [("", 3), ("can = [\"totp-with-password\"]\n", 2)] {
            let count = Arc::new(AtomicUsize::new(0));
            let counts = Arc::clone(&count);
            let listener = serve(move |_| {
                counts.fetch_add(1, Ordering::SeqCst);
                answer(403, &[], "")
            })
            .await;
            let tail = TAIL.replacen(
                "is = \"ok\" }",
                "is = \"ok\" }, { status = 403, is = \"refused\" }",
                1,
            );
            let text =
                format!("{}{CODE}{tail}", HEAD.replacen("[portal]", &format!("{can}[portal]"), 1));
            let (inner, visitor) = visit(&text, &listener, None).await;
            let standings = Arc::new(Standings::new(3));
            standings.ours(&visitor.scene.label, &account());
            let guarded = Guarded::new(Arc::new(inner), standings);
            let password = Input::Secret(account().password);
            let inputs =
                Inputs::from([("user", Input::Open("ts-1".into())), ("password", password)]);
            for _ in 0..5 {
                let _ = guarded.perform(&mut visitor.clone(), Verb::SignIn, &inputs).await;
            }
            assert_eq!((can, count.load(Ordering::SeqCst)), (can, sent));
        }
    }

    #[tokio::test]
    async fn a_prompt_that_was_denied_or_not_answered_is_a_wrong_try() {
        assert_eq!(heard(Verb::AnswerWithPush, 403).await, [2, 0]);
        assert_eq!(heard(Verb::AnswerWithPush, 202).await, [2, 0]);
        assert_eq!(heard(Verb::AnswerWithPush, 200).await, [2, 2]);
    }
}
