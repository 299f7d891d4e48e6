//! One-time codes: setting them up and entering them.

use std::sync::Arc;

use driver::deployment::{Begun, Inputs, inputs, open, secret};
use profile::{Ability, Verb, error::Error, secret::Secret};
use serde_json::Value;

use super::Person;
use crate::story::{Break, Response, Told, Witness, control};

impl Person {
    /// Signs in if need be and sets up TOTP.
    ///
    /// # Errors
    /// The refused control.
    pub async fn enrols_totp(&mut self) -> Told {
        if self.before().await? == Witness::Nobody {
            if self.must_have_codes() {
                return self.signs_in().await;
            }
            self.signs_in().await?;
        }
        let begun = self.is_shown_a_secret().await?;
        let code = self.code_now(0).await?;
        self.confirms_totp(&begun, &code).await?.must_be_accepted()
    }

    /// Asks to set up TOTP and takes the secret down.
    ///
    /// # Errors
    /// The refused control.
    pub async fn is_shown_a_secret(&mut self) -> Result<Begun, Break> {
        let begun = self.begins_totp().await?;
        control(&format!("{} is shown a secret", self.account.alias), &begun.answer)?;
        Ok(begun)
    }

    /// Whether codes are what the portal insists on: the first sign-in sets them up then.
    fn must_have_codes(&self) -> bool {
        self.can(Ability::MandatoryFactor) && !self.can(Ability::Key)
    }

    /// Comes to where TOTP is set up: signed in, or inside the sign-in where the portal insists on codes.
    ///
    /// # Errors
    /// The refused control.
    pub async fn comes_to_set_codes_up(&mut self) -> Told {
        if self.must_have_codes() {
            return self.enters_password().await?.passes_the_password_step();
        }
        self.signs_in().await
    }

    /// Expects that a set-up which was never completed set nothing up: the password is enough. Where the
    /// portal insists on codes, those of the secret that was shown sign nobody in, and others are set up.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub async fn has_no_codes(&self) -> Told {
        if self.must_have_codes() {
            let mut there = self.elsewhere();
            there.enters_password().await?.passes_the_password_step()?;
            let code = there.code_now(0).await?;
            there.enters_code(&code).await?.is_refused()?;
        }
        let mut there = Self { totp_secret: None, ..self.elsewhere() };
        there.gets_in().await?.is_welcomed()
    }

    /// Asks to set up TOTP; takes the secret down.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn begins_totp(&mut self) -> Result<Begun, Break> {
        self.shared.scene.recorder.act(format!("{} sets up one-time codes", self.account.alias));
        let driver = Arc::clone(&self.shared.target.driver);
        // A portal that asks for the password is told it by a visitor who has not signed in as well:
        // refused for want of it, she would not show that a session is asked for.
        let with = if self.visitor.memory.keeps("password") {
            Inputs::new()
        } else {
            inputs([("password", secret(&self.account.password))])
        };
        let begun = driver.begin(&mut self.visitor, Verb::EnrolTotp, &with).await?;
        if let Some(Value::String(shown)) = begun.answer.captured.get("secret") {
            self.shared.scene.recorder.redactor().learn("totp", shown);
            self.totp_secret = Some(Secret::new(shown));
        }
        Ok(begun)
    }

    /// Enters the code that completes the set-up.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn confirms_totp(&mut self, begun: &Begun, code: &Secret) -> Result<Response, Break> {
        let says = format!("{} enters the code that completes the set-up", self.account.alias);
        let before = self.before().await?;
        self.shared.scene.recorder.act(says.as_str());
        let driver = Arc::clone(&self.shared.target.driver);
        let answer = driver
            .finish(&mut self.visitor, Verb::EnrolTotp, begun, &inputs([("code", secret(code))]))
            .await?;
        self.responds(says, before, answer).await
    }

    /// The code that the person's authenticator app shows, `steps` steps from now.
    ///
    /// # Errors
    /// When there is no secret, or the clock cannot be read.
    pub async fn code_now(&self, steps: i64) -> Result<Secret, Break> {
        let period = u64::from(self.shared.target.description().totp.period);
        let standings = self.shared.accounts.standings();
        let secret = self.shown_secret()?;
        let label = &self.shared.scene.label;
        loop {
            let now = self.shared.early_in_a_step(period).await?;
            let step = self.time_of(now, steps) / period.max(1);
            // Where time is moved, every scenario has a portal of its own.
            let taken = standings.takes_step(secret, label, step).err();
            let Some(last) = taken.filter(|_| !self.can(Ability::Clock)) else {
                return self.code_of(now, steps);
            };
            let wait = (last + 1 - step) * period - now % period.max(1);
            self.shared.scene.recorder.wait(wait * 1000, false);
            tokio::time::sleep(std::time::Duration::from_secs(wait)).await;
        }
    }

    fn shown_secret(&self) -> Result<&Secret, Error> {
        let missing = || Error::Harness("no TOTP secret was captured".into());
        self.totp_secret.as_ref().ok_or_else(missing)
    }

    fn time_of(&self, now: u64, steps: i64) -> u64 {
        let period = i64::from(self.shared.target.description().totp.period);
        now.checked_add_signed(steps.saturating_mul(period)).unwrap_or(0)
    }

    /// The code of some steps after a time.
    fn code_of(&self, now: u64, steps: i64) -> Result<Secret, Break> {
        let totp = &self.shared.target.description().totp;
        let (at, shown) = (self.time_of(now, steps), self.shown_secret()?);
        let code = totp.codes().at(shown.reveal(), at);
        let code = code.ok_or_else(|| Error::Portal("the TOTP secret is not base32".into()))?;
        self.shared.scene.recorder.redactor().learn("code", &code);
        Ok(Secret::new(code))
    }

    /// Enters the password in a fresh browser, then the code of now.
    ///
    /// # Errors
    /// The refused password.
    pub async fn signs_in_with_totp(&self) -> Result<Response, Break> {
        let code = self.code_now(0).await?;
        self.signs_in_with_code(&code).await
    }

    /// Enters the password in a fresh browser, then some code.
    ///
    /// # Errors
    /// The refused password.
    pub async fn signs_in_with_code(&self, code: &Secret) -> Result<Response, Break> {
        let mut other = self.elsewhere();
        other.enters_password().await?.passes_the_password_step()?;
        other.enters_code(code).await
    }

    /// Enters the password in a fresh browser, then the code of now, as far as that goes: a lock on
    /// the account may stop the password already.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn tries_totp(&self) -> Result<Response, Break> {
        let code = self.code_now(0).await?;
        self.tries_code(&code).await
    }

    /// The same with some code.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn tries_code(&self, code: &Secret) -> Result<Response, Break> {
        let mut there = self.elsewhere();
        let entered = there.enters_password().await?;
        if entered.bars_the_way() { Ok(entered) } else { there.enters_code(code).await }
    }

    /// Enters a code in this browser.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn enters_code(&mut self, code: &Secret) -> Result<Response, Break> {
        if self.can(Ability::TotpWithPassword) && !self.visitor.memory.keeps("password") {
            if self.visitor.is_blank() {
                let why = "codes are entered with passwords here, and never alone";
                return Err(Error::NotApplicable(why.to_owned()).into());
            }
            let expected =
                format!("{} has entered a password that goes with codes", self.account.alias);
            return Err(Break::Unclear {
                expected,
                seen: "none was taken, nor asked for a code".into(),
            });
        }
        let says = format!("{} enters a one-time code", self.account.alias);
        let with = inputs([("user", open(self.account.user.as_str())), ("code", secret(code))]);
        self.acts(&says, Verb::AnswerWithTotp, &with).await
    }

    /// A code that is not the right one in any step of the window.
    ///
    /// # Errors
    /// When there is no secret, or the clock cannot be read.
    pub async fn wrong_code(&self) -> Result<Secret, Break> {
        let totp = self.shared.target.description().totp;
        let now = self.shared.early_in_a_step(u64::from(totp.period)).await?;
        // One step more to either side: the code arrives when the step may be over.
        let far = i64::from(totp.skew_steps) + 1;
        let near =
            (-far..=far).map(|steps| self.code_of(now, steps)).collect::<Result<Vec<_>, _>>()?;
        let digits = usize::try_from(totp.digits).unwrap_or(6);
        let written = |n: u32| Secret::new(format!("{n:0digits$}"));
        let wrong = (0..=u32::MAX).map(written).find(|code| !near.contains(code));
        Ok(wrong.unwrap_or_else(|| written(0)))
    }

    /// Enters wrong codes in this browser, one after the other; each must be refused or slowed down.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub async fn guesses_codes(&mut self, times: u32) -> Told {
        for _ in 0..times {
            let wrong = self.wrong_code().await?;
            self.enters_code(&wrong).await?.is_refused_or_slowed()?;
        }
        Ok(())
    }

    /// The same, each in a fresh browser after the password.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub async fn guesses_codes_in_new_sessions(&self, times: u32) -> Told {
        for _ in 0..times {
            let mut there = self.elsewhere();
            let wrong = self.wrong_code().await?;
            let entered = there.enters_password().await?;
            if entered.bars_the_way() {
                entered.is_refused_or_slowed()?;
                continue;
            }
            there.enters_code(&wrong).await?.is_refused_or_slowed()?;
        }
        Ok(())
    }

    /// Asks for a secret; what comes back is what the story is about.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn asks_for_totp(&mut self) -> Result<Response, Break> {
        let before = self.before().await?;
        let known = self.totp_secret.clone();
        let begun = self.begins_totp().await?;
        // A story that only asks keeps the codes that its person has.
        self.totp_secret = known.or_else(|| self.totp_secret.clone());
        self.responds(
            format!("{} asks to set up one-time codes", self.account.alias),
            before,
            begun.answer,
        )
        .await
    }

    /// Signs in and sets TOTP up, as what the story expects.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub async fn sets_up_afresh(&mut self) -> Told {
        self.gets_in().await?.is_welcomed()?;
        let begun = self.begins_totp().await?;
        let code = self.code_now(0).await?;
        self.confirms_totp(&begun, &code).await?.is_accepted()
    }

    /// Expects to have been shown another secret than somebody else.
    ///
    /// # Errors
    /// A finding, or that none was shown.
    pub fn has_another_secret_than(&self, other: &Self) -> Told {
        let held = match (&self.totp_secret, &other.totp_secret) {
            (Some(one), Some(two)) => Some(one != two),
            (Some(_) | None, None) | (None, Some(_)) => None,
        };
        let seen = match held {
            Some(true) => "different secrets",
            Some(false) => "the same secret",
            None => "a secret was not shown",
        };
        self.shared.expect("each set-up shows a secret of its own", seen.to_owned(), held)
    }
}
