//! A person in a story: an account, a browser, keys and codes. Methods in the plain third person are
//! honest steps on the way; those that return a [`Response`] are what a story is about.

use std::sync::Arc;

use driver::deployment::{Answer, Inputs, Memory, Visitor, inputs, open, secret};
use profile::{Ability, Verb, error::Error, secret::Secret};
use reports::record::Reply;
use serde_json::Value;
use softkey::{Browser, Tampering};

use super::{Break, Challenge, Key, Registering, Response, Shared, Told, Witness};
use crate::account::Account;

mod applications;
mod codes;
mod entry;
mod keys;
mod passwords;
mod push;
mod sign_in;

pub use applications::Started;

/// A person at a browser.
#[derive(Clone)]
pub struct Person {
    pub(crate) shared: Arc<Shared>,
    pub(super) account: Account,
    pub(super) visitor: Visitor,
    totp_secret: Option<Secret>,
    /// The key that a portal with a mandatory factor made the person register before anything else.
    entry: Option<Key>,
    /// Who was signed in in this browser when that was last asked.
    seen: Option<Witness>,
}

/// What an answer to a challenge is made with.
#[derive(Clone, Copy, Default)]
pub struct Manner<'a> {
    /// The one false thing, and how to say it.
    pub change: Option<(&'a Tampering, &'a str)>,
    /// A client that answers with a key that was not asked for, or registers one that was excluded.
    pub ignores_lists: bool,
    /// A browser that hands an attestation on although none was asked for.
    pub keeps_attestation: bool,
}

impl Person {
    pub(super) fn new(shared: Arc<Shared>, account: Account) -> Self {
        let visitor = shared.target.visitor(&shared.scene, &account.alias);
        Self { shared, account, visitor, totp_secret: None, entry: None, seen: None }
    }

    /// The account.
    #[must_use]
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// The same person at another browser: no cookies.
    #[must_use]
    pub fn elsewhere(&self) -> Self {
        let Visitor { user_agent, memory, .. } = &self.visitor;
        let visitor =
            Visitor { user_agent: user_agent.clone(), memory: memory.of_a_fresh(), ..self.fresh() };
        Self { visitor, seen: None, ..self.clone() }
    }

    /// The same person at a browser of another make.
    #[must_use]
    pub fn with_browser(&self, user_agent: &str) -> Self {
        let visitor = Visitor { user_agent: Some(user_agent.to_owned()), ..self.fresh() };
        Self { visitor, seen: None, ..self.clone() }
    }

    /// The same person at a browser that leaves one member out of whatever it sends.
    #[must_use]
    pub fn leaving_out(&self, member: &str) -> Self {
        let visitor = Visitor { memory: Memory::leaving_out(member), ..self.fresh() };
        Self { visitor, seen: None, ..self.clone() }
    }

    /// The same account after its password was changed.
    #[must_use]
    pub fn with_password(&self, password: &Secret) -> Self {
        let account = Account { password: password.clone(), ..self.account.clone() };
        Self { account, ..self.clone() }
    }

    /// The same person, who mistakes `codes` for the secret of their own authenticator app.
    #[must_use]
    pub fn with_codes_of(&self, other: &Self) -> Self {
        Self { totp_secret: other.totp_secret.clone(), ..self.clone() }
    }

    /// The same person, typing another user name.
    #[must_use]
    pub fn named(&self, user: &str) -> Self {
        let account = Account { user: user.to_owned(), ..self.account.clone() };
        Self { account, ..self.clone() }
    }

    /// The same person in a fresh browser, typing the names of another account.
    pub(super) fn under_the_names_of(&self, account: &Account) -> Self {
        Self { account: account.clone(), ..self.elsewhere() }
    }

    /// This person, sitting down at the browser of another, with its cookies.
    #[must_use]
    pub fn at_the_browser_of(&self, other: &Self) -> Self {
        Self { visitor: other.visitor.clone(), seen: None, ..self.clone() }
    }

    /// Somebody with a copy of the cookies that a challenge was issued to.
    #[must_use]
    pub fn at_the_browser_before(&self, challenge: &Challenge) -> Self {
        Self { visitor: challenge.visitor.clone(), seen: None, ..self.clone() }
    }

    /// Whether the deployment has an ability.
    pub(crate) fn can(&self, ability: Ability) -> bool {
        self.shared.can(ability)
    }

    /// The origin that this deployment's client data must name.
    pub(crate) fn origin(&self) -> String {
        self.shared.target.description().origin(&self.shared.scene.label)
    }

    /// The deployment's RP id.
    pub(crate) fn rp_id(&self) -> String {
        self.shared.target.description().rp_id(&self.shared.scene.label)
    }

    /// Types user name and password.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn enters_password(&mut self) -> Result<Response, Break> {
        let password = self.account.password.clone();
        self.enters(&password).await
    }

    /// Types user name and some password.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn enters(&mut self, password: &Secret) -> Result<Response, Break> {
        let says = format!("{} enters a user name and a password", self.account.alias);
        let with = inputs([
            ("user", open(self.account.user.as_str())),
            ("password", secret(password)),
            ("mail", open(self.account.mail.as_str())),
        ]);
        let mut response = self.acts(&says, Verb::SignIn, &with).await?;
        let alone = self.can(Ability::TotpWithPassword) && self.totp_secret.is_some();
        let refused =
            (response.answer.reply, &response.after) == (Reply::Refused, &Witness::Nobody);
        if alone && refused && *password == self.account.password {
            self.shared.scene.recorder.act("(alone: this portal takes passwords with codes)");
            response.goes_with_code = true;
            self.visitor
                .memory
                .remember(Verb::SignIn, Reply::FactorNeeded, |name| with.get(name).cloned());
        }
        Ok(response)
    }

    /// Enters wrong passwords, one after the other; each must be refused or slowed down.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub async fn guesses_passwords(&mut self, times: u32) -> Told {
        for number in 0..times {
            let guess = self.new_password(&format!("guess {number}"));
            self.enters(&guess).await?.is_refused_or_slowed()?;
        }
        Ok(())
    }

    /// Signs out.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn signs_out(&mut self) -> Result<Response, Break> {
        self.acts(&format!("{} signs out", self.account.alias), Verb::SignOut, &Inputs::new()).await
    }

    /// Opens something that needs a full session.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn opens_the_account_page(&mut self) -> Result<Response, Break> {
        let says = format!("{} opens the account page", self.account.alias);
        self.acts(&says, Verb::OpenProtected, &Inputs::new()).await
    }

    /// Who the portal says is signed in, in this browser.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn witness(&mut self) -> Result<Witness, Break> {
        let witness = self.shared.whoami(&mut self.visitor).await?;
        self.seen = Some(witness.clone());
        Ok(witness)
    }

    /// Who is signed in, where the first look speaks against what came before it: portals that keep
    /// sessions in several places are out of step now and then.
    async fn second_look(&mut self) -> Result<Witness, Break> {
        self.shared.scene.recorder.act("(nobody is signed in: looks a second time)");
        self.witness().await
    }

    /// Expects to be signed in, in this browser.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub async fn is_signed_in(&mut self) -> Told {
        self.expects_witness(true).await
    }

    /// Expects nobody to be signed in, in this browser.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub async fn is_not_signed_in(&mut self) -> Told {
        self.expects_witness(false).await
    }

    async fn expects_witness(&mut self, signed_in: bool) -> Told {
        let mut witness = self.witness().await?;
        if signed_in && witness == Witness::Nobody {
            witness = self.second_look().await?;
        }
        let expected =
            format!("{} is {}signed in", self.account.alias, if signed_in { "" } else { "not " });
        let held = match &witness {
            Witness::Nobody => Some(!signed_in),
            Witness::Somebody(name) => {
                Some(signed_in && self.own_names().iter().any(|own| own.eq_ignore_ascii_case(name)))
            }
            Witness::Unreadable => None,
        };
        self.shared.expect(&expected, witness.to_string(), held)
    }

    /// Who was signed in before the next act: nobody in a browser to which nothing came, else who was seen
    /// last. What is judged asks anew.
    async fn before(&mut self) -> Result<Witness, Break> {
        if self.visitor.is_blank() {
            return Ok(Witness::Nobody);
        }
        match self.seen.clone() {
            Some(witness) => Ok(witness),
            None => self.witness().await,
        }
    }

    /// Performs a flow in this browser and asks who is signed in before and after.
    async fn acts(&mut self, says: &str, verb: Verb, with: &Inputs) -> Result<Response, Break> {
        let before = self.before().await?;
        self.shared.scene.recorder.act(says);
        let driver = Arc::clone(&self.shared.target.driver);
        let answer = driver.perform(&mut self.visitor, verb, with).await?;
        if verb.row().is_a_try {
            return self.responds_to_a_try(says.to_owned(), before, answer).await;
        }
        self.responds(says.to_owned(), before, answer).await
    }

    /// As [`Self::responds`], where a yes means that somebody is signed in.
    async fn responds_to_a_try(
        &mut self,
        act: String,
        before: Witness,
        answer: Answer,
    ) -> Result<Response, Break> {
        let mut response = self.responds(act, before, answer).await?;
        if (response.answer.reply, &response.after) == (Reply::Ok, &Witness::Nobody) {
            response.after = self.second_look().await?;
        }
        Ok(response)
    }

    async fn responds(
        &mut self,
        act: String,
        before: Witness,
        answer: Answer,
    ) -> Result<Response, Break> {
        let after = self.witness().await?;
        Ok(Response {
            goes_with_code: false,
            shared: Arc::clone(&self.shared),
            act,
            answer,
            before,
            after,
            own_names: self.own_names(),
        })
    }

    /// What the portal may call this person.
    pub(crate) fn own_names(&self) -> Vec<String> {
        vec![self.account.user.clone(), self.account.mail.clone()]
    }

    fn browser(&self, manner: Manner<'_>) -> Browser {
        Browser {
            obeys_lists: !manner.ignores_lists,
            keeps_attestation: manner.keeps_attestation,
            ..Browser::at(self.origin())
        }
    }

    /// Whether this portal is sent anything else than the honest answer by a changed one: what a profile
    /// leaves out, or writes in one way whatever it was, changes nothing.
    pub(super) fn sends_otherwise(&self, verb: Verb, honest: &Value, changed: &Value) -> Told {
        let driver = &self.shared.target.driver;
        if driver.written(verb, honest) != driver.written(verb, changed) {
            return Ok(());
        }
        let why =
            "as the profile has answers sent, the change changes nothing: it is the honest answer";
        Err(Error::NotApplicable(why.to_owned()).into())
    }

    pub(super) fn fresh(&self) -> Visitor {
        self.shared.target.visitor(&self.shared.scene, &self.account.alias)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    };

    use ledger::Ledger;
    use loopback::{HEAD, TAIL, answer, json as answers, serve};
    use serde_json::{Value, json};
    use softkey::Seed;

    use crate::{
        accounts::Accounts,
        fixture::visit,
        guard::Guarded,
        story::{Break, Stage},
    };

    /// Signs in at a portal that says so many times that nobody is signed in; whether alice is found.
    async fn found_after(silent: usize) -> bool {
        let looked = AtomicUsize::new(0);
        let user = Mutex::new(Value::Null);
        let listener = serve(move |asked| match &*asked.line {
            "POST /users" => {
                let made: Value = serde_json::from_str(&asked.body).unwrap();
                *user.lock().unwrap() = made["name"].clone();
                answer(201, &[], "")
            }
            "GET /me" if looked.fetch_add(1, Ordering::SeqCst) < silent => {
                answers(200, &json!({ "user": null }))
            }
            "GET /me" => answers(200, &json!({ "user": *user.lock().unwrap() })),
            _ => answer(200, &["set-cookie: session=1"], "in"),
        })
        .await;
        let (target, visitor) = visit(&format!("{HEAD}{TAIL}"), &listener, None).await;
        let accounts = Accounts::new(target.description(), "7f3a91", Ledger::in_memory());
        let guarded = Guarded::target(target, accounts.standings());
        let scene = Arc::clone(&visitor.scene);
        let mut stage = Stage::new(guarded, scene, Arc::new(accounts), Seed::new([3; 32]));
        let mut alice = stage.person("alice").await.unwrap();
        match alice.signs_in().await {
            Ok(()) => true,
            Err(Break::ControlRefused { .. } | Break::Broke { .. }) => false,
            Err(other) => panic!("{other:?}"),
        }
    }

    /// Sessions on two machines that are out of step: one look in two finds nobody.
    #[tokio::test]
    async fn nobody_is_looked_at_a_second_time_and_not_a_third() {
        assert_eq!(
            [found_after(0).await, found_after(1).await, found_after(2).await],
            [true, true, false]
        );
    }
}
