//! Prompts on a device: asking for one after the password, and what is said to it there.

use driver::deployment::{inputs, open};
use profile::Verb;

use super::Person;
use crate::story::{Break, Response, Told};

impl Person {
    /// Asks for a prompt in this browser, after the password, and approves it on the device.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn approves_a_prompt(&mut self) -> Result<Response, Break> {
        self.prompted("approves", Some("approve")).await
    }

    /// The same, and denies it on the device.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn denies_a_prompt(&mut self) -> Result<Response, Break> {
        self.prompted("denies", Some("deny")).await
    }

    /// The same, and nobody answers it.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn leaves_a_prompt(&mut self) -> Result<Response, Break> {
        self.prompted("does not answer", None).await
    }

    async fn prompted(&mut self, does: &str, answer: Option<&str>) -> Result<Response, Break> {
        let says = format!("{} asks for a prompt and {does} it", self.account.alias);
        let mut with = inputs([("user", open(self.account.user.as_str()))]);
        with.extend(answer.map(|answer| ("answer", open(answer))));
        self.acts(&says, Verb::AnswerWithPush, &with).await
    }

    /// Enters the password in a fresh browser, then approves a prompt.
    ///
    /// # Errors
    /// The refused password.
    pub async fn signs_in_with_push(&self) -> Result<Response, Break> {
        let mut there = self.elsewhere();
        there.enters_password().await?.passes_the_password_step()?;
        there.approves_a_prompt().await
    }

    /// Asks for prompts in this browser, one after the other, which nobody answers; none may sign in.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub async fn leaves_prompts(&mut self, times: u32) -> Told {
        for _ in 0..times {
            self.leaves_a_prompt().await?.is_refused_or_slowed()?;
        }
        Ok(())
    }

    /// The same, each in a fresh browser after the password.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub async fn leaves_prompts_in_new_sessions(&self, times: u32) -> Told {
        for _ in 0..times {
            let mut there = self.elsewhere();
            let entered = there.enters_password().await?;
            if entered.bars_the_way() {
                entered.is_refused_or_slowed()?;
                continue;
            }
            there.leaves_a_prompt().await?.is_refused_or_slowed()?;
        }
        Ok(())
    }

    /// Enters the password in a fresh browser, then approves a prompt, as far as that goes: a limit on
    /// prompts may stop the password already.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn tries_push(&self) -> Result<Response, Break> {
        let mut there = self.elsewhere();
        let entered = there.enters_password().await?;
        if entered.bars_the_way() { Ok(entered) } else { there.approves_a_prompt().await }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use driver::{Recorder, deployment::Scene};
    use ledger::Ledger;
    use profile::effect;
    use reports::redact::Redactor;
    use softkey::Seed;

    use crate::{
        accounts::Accounts,
        guard::Guarded,
        reference,
        story::{Break, Stage, Told},
    };

    /// What comes of a denial where the reference portal and its double are driven by a profile.
    async fn denied(profile: &str) -> Told {
        let (seed, redactor) = (Seed::new([3; 32]), Redactor::new([7; 32]));
        let reference = reference::start_as(profile, &seed, None, &redactor).await.unwrap();
        let target = reference.target.clone();
        let effects = effect::but_for_limits();
        let scene = Scene::new("push".to_owned(), 1, effects, Recorder::new(redactor));
        let accounts = Accounts::new(target.description(), "", Ledger::in_memory());
        let guarded = Guarded::target(target, accounts.standings());
        let mut stage = Stage::new(guarded, Arc::new(scene), Arc::new(accounts), seed);
        let alice = stage.person("alice").await?;
        stage.admin().sets_push_up(&alice).await?;

        let mut here = alice.elsewhere();
        here.enters_password().await?.passes_the_password_step()?;
        here.denies_a_prompt().await?.is_denied()
    }

    #[tokio::test]
    async fn a_denial_that_does_not_arrive_shows_nothing() {
        assert!(denied(reference::PROFILE).await.is_ok());

        let hears = "post = \"/api/push/answer\", when = { given = \"answer\" }, headers = { Authorization = \"Bearer {device}\" }, json = { answer = \"{answer}\", number = \"{number}\" }, outcome = [{ json = \"/status\", equals = \"answered\", is = \"ok\" }]";
        let hears_nothing = "get = \"/api/clock\", outcome = [{ status = 200, is = \"ok\" }]";
        let deaf = reference::PROFILE.replace(hears, hears_nothing);
        let told = denied(&deaf).await;
        let Err(Break::Unclear { expected, seen }) = told else { panic!("{told:?}") };
        assert_eq!(expected, "alice asks for a prompt and denies it, and the portal hears of it");
        assert!(seen.ends_with("nobody is signed in"), "{seen}");
    }
}
