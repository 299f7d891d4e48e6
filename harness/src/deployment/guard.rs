//! Stands between scenarios and the deployment: an account that this run neither made nor was lent is
//! not changed, and none is tried until the portal locks it.

use std::{borrow::Borrow, collections::BTreeMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use reports::record::{Reply, Traffic};
use serde_json::Value;

use super::{Answer, Begun, Deployment, Input, Inputs, Scene, Visitor, leave::Leave, mails::Mails};
use crate::{
    effect,
    error::Error,
    profile::{Ability, Description, Verb},
    secret::Secret,
    standing::{Admitted, Standings, With},
    story::Witness,
};

/// A deployment behind the guard.
pub(crate) struct Guarded {
    inner: Arc<dyn Deployment>,
    standings: Arc<Standings>,
    mails: Arc<Mails>,
}

impl Guarded {
    pub(crate) fn new(inner: Arc<dyn Deployment>, standings: Arc<Standings>) -> Self {
        let mails = Arc::new(Mails::new(inner.description().limits.mails_per_hour));
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

    /// Whether anything may be done to the account that a verb is about: none that turned out to be
    /// somebody else's, and no key that a lent account had before. Where one was somebody else's, the
    /// portal does not keep names apart, and no more are made.
    fn holds_back(&self, visitor: &Visitor, verb: Verb, inputs: &Inputs) -> Result<(), Error> {
        let label = &visitor.scene.label;
        let touches = effect::of_verb(verb).is_some() || verb.is_a_try();
        let user = self.tried_user(visitor, inputs).filter(|_| touches);
        let let_go = if verb == Verb::CreateUser {
            self.standings.any_let_go()
        } else {
            user.and_then(|user| self.standings.let_go(label, &user))
        };
        if let Some(why) = let_go {
            return Err(Error::Safety(why));
        }
        let changes_a_key =
            matches!(verb, Verb::DeleteKey | Verb::RenameKey | Verb::AdminDeleteKey);
        let key = open(inputs, "key").filter(|_| changes_a_key);
        if key.is_some_and(|key| self.standings.was_lent_with(label, &key)) {
            let why = "a key that the account had before it was lent would be changed";
            return Err(Error::Safety(format!("{}: {why}", verb.name())));
        }
        Ok(())
    }

    /// Whoever signed in with the password of a scenario's account is called by its name, or the portal
    /// took it for another.
    fn recognises(&self, visitor: &Visitor, answer: &Answer) {
        let Witness::Somebody(name) = Witness::read(answer) else { return };
        let (Some(user), Some(Input::Secret(password))) =
            (open(&visitor.memory.kept, "user"), visitor.memory.kept.get("password"))
        else {
            return;
        };
        let label = &visitor.scene.label;
        if self.standings.password_of(label, &user).as_ref() == Some(password) {
            self.standings.is_called(label, &user, &name);
        }
    }

    /// What is asked before it is sent again.
    fn leave(&self, visitor: &Visitor, verb: Verb, admitted: Option<&Admitted>) -> Option<Leave> {
        if verb == Verb::RequestReset {
            return Some(Leave::Mail(Arc::clone(&self.mails)));
        }
        let leave = |admitted| self.standings.leave(&visitor.scene.label, admitted);
        admitted.map(|admitted| Leave::Try(leave(admitted)))
    }

    /// A key that is to be deleted or called otherwise bears its label for nobody any more, whatever is
    /// heard of it: somebody else may give it to a key of their own. Tells whose and which it was.
    fn frees(&self, visitor: &Visitor, verb: Verb, inputs: &Inputs) -> Option<(String, String)> {
        if !matches!(verb, Verb::DeleteKey | Verb::RenameKey | Verb::AdminDeleteKey) {
            return None;
        }
        let user = self.tried_user(visitor, inputs)?;
        self.standings.frees_label(&visitor.scene.label, &user, &open(inputs, "key")?)
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
        if answer.reply != Reply::Ok {
            return;
        }
        if let (Verb::ListKeys, Some(keys)) = (verb, answer.keys()) {
            self.standings.lists_keys(label, &user, &keys);
        }
        let labels = matches!(verb, Verb::RegisterKey | Verb::AdminRegisterKey | Verb::RenameKey);
        if let (true, Some(key)) = (labels, open(inputs, "label")) {
            self.standings.labels_a_key(label, &user, &key);
        }
        let changed = matches!(verb, Verb::ChangePassword | Verb::FinishReset);
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
        named(inputs)
            .or_else(|| open(&visitor.memory.kept, "user"))
            .or_else(|| self.standings.user_of(&visitor.scene.label, &visitor.who))
    }
}

/// The account that the inputs name.
fn named(inputs: &Inputs) -> Option<String> {
    open(inputs, "user")
}

/// A text among inputs that is no secret.
fn open<K: Borrow<str> + Ord>(inputs: &BTreeMap<K, Input>, name: &str) -> Option<String> {
    match inputs.get(name) {
        Some(Input::Open(Value::String(text))) => Some(text.clone()),
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

/// Whether an answer says that nothing was done.
const fn did_nothing(reply: Reply) -> bool {
    match reply {
        Reply::Refused | Reply::Expired | Reply::FactorNeeded | Reply::RateLimited => true,
        Reply::Ok | Reply::Error | Reply::Dropped | Reply::Unknown => false,
    }
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
        self.holds_back(visitor, verb, inputs)?;
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
        self.holds_back(visitor, verb, &all)?;
        let admitted = self.admits(visitor, verb, &all)?;
        visitor.leave = self.leave(visitor, verb, admitted.as_ref());
        let answer = self.inner.finish(visitor, verb, begun, inputs).await;
        visitor.leave = None;
        let answer = answer?;
        self.notes(visitor, (verb, &all), admitted, &answer);
        Ok(answer)
    }

    async fn perform(
        &self,
        visitor: &mut Visitor,
        verb: Verb,
        inputs: &Inputs,
    ) -> Result<Answer, Error> {
        self.holds_back(visitor, verb, inputs)?;
        let admitted = self.admits(visitor, verb, inputs)?;
        let freed = self.frees(visitor, verb, inputs);
        visitor.leave = self.leave(visitor, verb, admitted.as_ref());
        let answer = self.inner.perform(visitor, verb, inputs).await;
        visitor.leave = None;
        let answer = answer?;
        if let (Some((user, key)), true) = (freed, did_nothing(answer.reply)) {
            self.standings.labels_a_key(&visitor.scene.label, &user, &key);
        }
        self.notes(visitor, (verb, inputs), admitted, &answer);
        if verb == Verb::Whoami {
            self.recognises(visitor, &answer);
        }
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
    use loopback::{HEAD, TAIL, answer, serve};

    use super::*;
    use crate::{
        accounts::Account,
        fixture::{account, visit},
        ledger::Ledger,
        mailbox::Mailbox,
    };

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
        let standings = Arc::new(Standings::new(3, Ledger::in_memory()));
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
            let standings = Arc::new(Standings::new(3, Ledger::in_memory()));
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

    /// Each time that a reset is asked for may send a mail, also after a pause.
    #[tokio::test]
    async fn no_more_mails_are_asked_for_again_than_are_allowed() {
        let reset = r#"
[mail]
source = { smtp = "given" }
link = 'http://x/(.*)'
[flow.request_reset]
steps = [
    { get = "/reset" },
    { post = "/reset", json = { mail = "{mail}" }, outcome = [{ status = 429, is = "rate_limited" }] },
    { get = "/sent", outcome = [{ status = 200, is = "ok" }] },
]
"#;
        for (most, sent) in [(1, 1), (2, 2), (100, 4)] {
            let count = Arc::new(AtomicUsize::new(0));
            let counts = Arc::clone(&count);
            let listener = serve(move |asked| match &*asked.line {
                "POST /reset" => {
                    counts.fetch_add(1, Ordering::SeqCst);
                    answer(429, &["retry-after: 0"], "")
                }
                _ => answer(200, &[], ""),
            })
            .await;
            let limit = format!("[scope]\nlimits = {{ mails_per_hour = {most} }}\n");
            let mailbox = Mailbox::listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
            let text = format!("{HEAD}{limit}{reset}{TAIL}");
            let (inner, mut visitor) = visit(&text, &listener, Some(mailbox)).await;
            let standings = Arc::new(Standings::new(3, Ledger::in_memory()));
            let guarded = Guarded::new(Arc::new(inner), standings);
            let mail = Inputs::from([("mail", Input::Open("ts-1@example.test".into()))]);
            let answer = guarded.perform(&mut visitor, Verb::RequestReset, &mail).await.unwrap();
            assert_eq!(answer.reply, Reply::RateLimited);
            assert_eq!((most, count.load(Ordering::SeqCst)), (most, sent));
        }
    }

    #[tokio::test]
    async fn a_prompt_that_was_denied_or_not_answered_is_a_wrong_try() {
        assert_eq!(heard(Verb::AnswerWithPush, 403).await, [2, 0]);
        assert_eq!(heard(Verb::AnswerWithPush, 202).await, [2, 0]);
        assert_eq!(heard(Verb::AnswerWithPush, 200).await, [2, 2]);
    }

    /// A portal that calls whoever signs in so; what a visitor came to who signed in with the account's
    /// own password and changes it then, and how many requests were heard.
    async fn called(name: &'static str) -> (usize, Ledger, Result<Answer, Error>, Option<Error>) {
        const CHANGES: &str = "[flow.change_password]\npost = \"/password\"\njson = { password = \"{password}\" }\noutcome = [{ status = 200, is = \"ok\" }]\n";
        let count = Arc::new(AtomicUsize::new(0));
        let counts = Arc::clone(&count);
        let listener = serve(move |_| {
            counts.fetch_add(1, Ordering::SeqCst);
            answer(200, &[], &serde_json::json!({ "user": name }).to_string())
        })
        .await;
        let (inner, mut visitor) = visit(&format!("{HEAD}{CHANGES}{TAIL}"), &listener, None).await;
        let ledger = Ledger::in_memory();
        let standings = Arc::new(Standings::new(3, ledger.clone()));
        let (label, mail) = (visitor.scene.label.clone(), "ts-1@example.test".to_owned());
        let account = Account { mail: mail.clone(), ..account() };
        let named = crate::ledger::Name { user: account.user.clone(), mail, scene: label.clone() };
        ledger.creating(named, account.password.clone()).await.unwrap().created();
        standings.ours(&label, &account);
        let guarded = Guarded::new(Arc::new(inner), standings);
        let password = Input::Secret(account.password);
        let inputs = Inputs::from([("user", Input::Open("ts-1".into())), ("password", password)]);
        guarded.perform(&mut visitor, Verb::SignIn, &inputs).await.unwrap();
        guarded.perform(&mut visitor, Verb::Whoami, &Inputs::new()).await.unwrap();
        let new = Input::Secret(Secret::new("new"));
        let new = Inputs::from([("old", inputs["password"].clone()), ("password", new)]);
        let changed = guarded.perform(&mut visitor, Verb::ChangePassword, &new).await;
        let more = Inputs::from([("user", Input::Open("ts-2".into()))]);
        let more = guarded.perform(&mut visitor.clone(), Verb::CreateUser, &more).await.err();
        (count.load(Ordering::SeqCst), ledger, changed, more)
    }

    #[tokio::test]
    async fn an_account_that_the_portal_calls_by_another_name_is_let_go() {
        for own in ["ts-1", "TS-1", "ts-1@example.test"] {
            let (heard, ledger, changed, more) = called(own).await;
            assert!(changed.is_ok() && more.is_none() && ledger.let_go().is_empty(), "{own}");
            assert_eq!(heard, 4, "{own}");
        }
        for strange in ["alice", "ts-11", "ts"] {
            let (heard, ledger, changed, more) = called(strange).await;
            assert_eq!(heard, 2, "{strange}");
            for refused in [changed.err(), more] {
                assert!(
                    matches!(&refused, Some(Error::Safety(why)) if why.contains(strange)),
                    "{refused:?}"
                );
            }
            assert_eq!(ledger.let_go().len(), 1, "{strange}");
            assert!(ledger.open_accounts().is_empty());
        }
    }
}
