//! Acts at the same instant: every request is ready before the first is sent. More than one success
//! is a proof by witness; none at all shows nothing.

use std::sync::Arc;

use driver::{
    deployment::{Answer, AtOnce, Begun, Inputs, Visitor, inputs, open, secret},
    wire::Race,
};
use futures::future::join_all;
use profile::{Verb, error::Error, secret::Secret};
use reports::record::Reply;
use serde_json::Value;

use super::{Break, Challenge, Key, Manner, Person, Response, Told, Witness};

/// What came back to acts at the same instant.
pub struct Together {
    responses: Vec<Response>,
    /// Whether all of them left at the same instant.
    left_as_one: bool,
    /// Why one of them has no answer.
    broken: Option<Error>,
}

impl Together {
    /// One of them signs in, and no more.
    ///
    /// # Errors
    /// A finding, or that none did.
    pub fn at_most_one_is_welcomed(&self) -> Told {
        let unread = self.responses.iter().any(|response| {
            response.after == Witness::Unreadable || was_not_looked_at(response.answer.reply)
        });
        // Where a portal upgrades the session that all of them share, every one of them looks signed
        // in: a request counts that was answered with yes, and is.
        let signed_in = self.responses.iter().filter(|response| {
            response.answer.reply == Reply::Ok && matches!(response.after, Witness::Somebody(_))
        });
        self.expect_one("signed in", signed_in.count(), unread)
    }

    /// One of them is accepted, and no more.
    ///
    /// # Errors
    /// A finding, or that none was.
    pub fn at_most_one_is_accepted(&self) -> Told {
        let accepted =
            self.responses.iter().filter(|response| response.answer.reply == Reply::Ok).count();
        let unread = self.responses.iter().any(|response| was_not_looked_at(response.answer.reply));
        self.expect_one("accepted", accepted, unread)
    }

    fn expect_one(&self, what: &str, count: usize, unread: bool) -> Told {
        if let Some(error) = self.broken.as_ref().filter(|_| count < 2) {
            return Err(error.clone().into());
        }
        let Some(first) = self.responses.first() else {
            return Err(Error::Harness("nothing was sent".into()).into());
        };
        let held = match count {
            0 => None,
            1 if unread || !self.left_as_one => None,
            1 => Some(true),
            _ => Some(false),
        };
        let expected =
            format!("of {} at the same instant exactly one is {what}", self.responses.len());
        let apart = if self.left_as_one { "" } else { ", and they did not leave as one" };
        first.shared.expect(&expected, format!("{count} {what}{apart}"), held)
    }
}

/// Whether such an answer says nothing of the act: the portal limits requests, or gave none.
const fn was_not_looked_at(reply: Reply) -> bool {
    match reply {
        Reply::Unknown | Reply::RateLimited | Reply::Dropped => true,
        Reply::Ok | Reply::FactorNeeded | Reply::Refused | Reply::Expired | Reply::Error => false,
    }
}

/// One request of several.
struct Shot {
    visitor: Visitor,
    verb: Verb,
    begun: Option<Begun>,
    with: Inputs,
}

impl Person {
    /// Sends one answer several times at the same instant, from copies of the same browser.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn sends_at_once(
        &self,
        challenge: &Challenge,
        credential: &Value,
        times: usize,
    ) -> Result<Together, Break> {
        self.shared
            .scene
            .recorder
            .act(format!("{} answers {times} times at the same instant", self.account.alias));
        let shots = (0..times).map(|_| self.shot(challenge, credential)).collect();
        self.together("answers at once", shots).await
    }

    /// Answers two challenges with two keys at the same instant.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn answers_at_once(
        &self,
        one: (&Challenge, &Key),
        two: (&Challenge, &Key),
    ) -> Result<Together, Break> {
        let first = self.touches(one.0, one.1, Manner::default())?;
        let second = self.touches(two.0, two.1, Manner::default())?;
        self.shared
            .scene
            .recorder
            .act(format!("{} answers two challenges at the same instant", self.account.alias));
        let shots = vec![self.shot(one.0, &first.json), self.shot(two.0, &second.json)];
        self.together("answers at once", shots).await
    }

    /// Enters one code in several fresh browsers at the same instant.
    ///
    /// # Errors
    /// The refused password.
    pub async fn enters_code_at_once(
        &self,
        code: &Secret,
        times: usize,
    ) -> Result<Together, Break> {
        let mut shots = Vec::new();
        for _ in 0..times {
            let mut there = self.elsewhere();
            there.enters_password().await?.passes_the_password_step()?;
            let with = inputs([("user", open(self.account.user.as_str())), ("code", secret(code))]);
            shots.push(Shot {
                visitor: there.visitor,
                verb: Verb::AnswerWithTotp,
                begun: None,
                with,
            });
        }
        self.shared.scene.recorder.act(format!(
            "{} enters one code {times} times at the same instant",
            self.account.alias
        ));
        self.together("enters a code at once", shots).await
    }

    /// Uses one link several times at the same instant, each time for another password.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn resets_at_once(&self, link: &Secret, times: usize) -> Result<Together, Break> {
        let mut shots = Vec::new();
        for number in 0..times {
            let mut there = self.elsewhere();
            there.opens(link).await?;
            let with = there.reset_inputs(
                link,
                &self.new_password(&format!("race {number}")),
                Value::Null,
            );
            shots.push(Shot { visitor: there.visitor, verb: Verb::FinishReset, begun: None, with });
        }
        self.shared
            .scene
            .recorder
            .act(format!("{} uses one link {times} times at the same instant", self.account.alias));
        self.together("uses the link at once", shots).await
    }

    /// Registers a key at the same instant as another person does.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn registers_at_once_with(
        &mut self,
        other: &mut Self,
        own: (&Challenge, &Value),
        others: (&Challenge, &Value),
    ) -> Told {
        self.shared.scene.recorder.act(format!(
            "{} and {} register at the same instant",
            self.account.alias, other.account.alias
        ));
        let shots = vec![self.shot(own.0, own.1), other.shot(others.0, others.1)];
        let together = self.together("registers at once", shots).await?;
        if let Some(error) = together.broken {
            return Err(error.into());
        }
        if !together.left_as_one {
            let expected = "both requests leave at the same instant";
            self.shared.expect(expected, "they did not".into(), None)?;
        }
        Ok(())
    }

    fn shot(&self, challenge: &Challenge, credential: &Value) -> Shot {
        let mut with = inputs([
            ("user", open(self.account.user.as_str())),
            ("credential", open(credential.clone())),
        ]);
        if challenge.verb == Verb::RegisterKey {
            with.insert("label", open("at once"));
        }
        Shot {
            visitor: challenge.visitor.clone(),
            verb: challenge.verb,
            begun: Some(challenge.begun.clone()),
            with,
        }
    }

    async fn together(&self, act: &str, mut shots: Vec<Shot>) -> Result<Together, Break> {
        let race = self.race(&mut shots)?;
        let target = &self.shared.target;
        let sent = shots.iter_mut().map(|shot| async {
            let answer = match &shot.begun {
                Some(begun) => {
                    target.driver.finish(&mut shot.visitor, shot.verb, begun, &shot.with).await
                }
                None => target.driver.perform(&mut shot.visitor, shot.verb, &shot.with).await,
            };
            shot.visitor.race = None;
            race.leaves();
            answer
        });
        let answers: Vec<Result<Answer, Error>> = join_all(sent).await;
        let (mut responses, mut broken) = (Vec::new(), None);
        for (shot, answer) in shots.iter_mut().zip(answers) {
            let answer = match answer {
                Ok(answer) => answer,
                Err(error) => {
                    broken = Some(error);
                    continue;
                }
            };
            let after = self.shared.whoami(&mut shot.visitor).await?;
            responses.push(Response {
                goes_with_code: false,
                shared: Arc::clone(&self.shared),
                act: format!("{} {act}", self.account.alias),
                answer,
                before: Witness::Nobody,
                after,
                own_names: self.own_names(),
            });
        }
        Ok(Together { responses, left_as_one: race.was_one(), broken })
    }

    /// Puts shots into one race: a plan has allowed as many as the row of the story says.
    fn race(&self, shots: &mut [Shot]) -> Result<Arc<Race>, Error> {
        let width = u32::try_from(shots.len()).unwrap_or(u32::MAX);
        let said = self.shared.scene.at_once.map(AtOnce::width);
        if said != Some(width) {
            let said = said.unwrap_or_default();
            return Err(Error::Harness(format!(
                "a story acts {width} times at the same instant, and its row says {said}"
            )));
        }
        let race = Arc::new(Race::new(width));
        for shot in shots {
            shot.visitor.race = Some(Arc::clone(&race));
        }
        Ok(race)
    }
}
