//! Prompts on a device: asking for one after the password, and what is said to it there.

use super::Person;
use crate::{
    deployment::Verb,
    story::{Break, Response, Told, inputs, open},
};

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
}
