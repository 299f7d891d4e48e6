//! The reference portal, changed on the way to it and back, for tests of what the runner makes of other
//! portals.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use driver::deployment::{Answer, Begun, Driver, Inputs, Visitor};
use portal::defect::Defect;
use profile::{Description, Verb, error::Error};
use reports::record::{Reply, Scenario};
use serde_json::Value;

use super::{
    presumed_canary, run,
    tests::{Silence, settings},
};
use crate::{
    plan::{Patience, Plan},
    reference,
    requirement::Requirement,
};

type OnBegun = Box<dyn Fn(&Visitor, Verb, &mut Begun) + Send + Sync>;
type OnPerformed = Box<dyn Fn(Verb, Answer) -> Result<Answer, Error> + Send + Sync>;
type OnFinishing = Box<dyn Fn(&Visitor, Verb) -> Option<Lost> + Send + Sync>;
type OnFinished = Box<dyn Fn(&Visitor, Verb, &Inputs) + Send + Sync>;

/// What a connection that is dropped takes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// What was sent.
    Request,
    /// What came back.
    Answer,
}

/// What is changed.
pub(super) struct Change {
    /// What the profile says of the portal.
    pub(super) about: fn(&mut Description),
    /// A credential, as it is sent.
    pub(super) written: fn(Value) -> Value,
    /// What a first half came to.
    pub(super) begun: OnBegun,
    /// What a verb came to that has one half.
    pub(super) performed: OnPerformed,
    /// What is lost of a second half.
    pub(super) loses: OnFinishing,
    /// Is told of each second half.
    pub(super) finished: OnFinished,
}

impl Default for Change {
    fn default() -> Self {
        Self {
            about: |_| {},
            written: std::convert::identity,
            begun: Box::new(|_, _, _| {}),
            performed: Box::new(|_, answer| Ok(answer)),
            loses: Box::new(|_, _| None),
            finished: Box::new(|_, _, _| {}),
        }
    }
}

/// Runs the one scenario of a requirement on the reference portal, with a defect or without.
pub(super) async fn run_on(
    requirement: &'static Requirement,
    defect: Option<&'static Defect>,
    change: Change,
) -> Scenario {
    let settings = settings();
    let portal = reference::start(&settings.seed, defect, &settings.redactor).await.unwrap();
    let mut target = portal.target;
    (change.about)(Arc::make_mut(&mut target.about));
    target.driver = Arc::new(Changed { driver: Arc::clone(&target.driver), change });
    let patience = Patience { max_wait: Duration::ZERO };
    let plan = Plan::make(&[requirement], &[], target.description(), patience).unwrap();
    let mut run = run(target, &plan, settings, presumed_canary(), Arc::new(Silence)).await;
    portal.served.stop().await;
    assert_eq!(run.scenarios.len(), 1, "{:?}", run.note);
    run.scenarios.remove(0)
}

struct Changed {
    driver: Arc<dyn Driver>,
    change: Change,
}

#[async_trait]
impl Driver for Changed {
    fn written(&self, verb: Verb, credential: &Value) -> Value {
        (self.change.written)(self.driver.written(verb, credential))
    }

    async fn begin(
        &self,
        visitor: &mut Visitor,
        verb: Verb,
        inputs: &Inputs,
    ) -> Result<Begun, Error> {
        let mut begun = self.driver.begin(visitor, verb, inputs).await?;
        (self.change.begun)(visitor, verb, &mut begun);
        Ok(begun)
    }

    async fn finish(
        &self,
        visitor: &mut Visitor,
        verb: Verb,
        begun: &Begun,
        inputs: &Inputs,
    ) -> Result<Answer, Error> {
        let lost = (self.change.loses)(visitor, verb);
        let nothing = Answer { reply: Reply::Dropped, status: None, ..begun.answer.clone() };
        if lost == Some(Lost::Request) {
            return Ok(nothing);
        }
        let answer = self.driver.finish(visitor, verb, begun, inputs).await?;
        (self.change.finished)(visitor, verb, inputs);
        Ok(if lost == Some(Lost::Answer) { nothing } else { answer })
    }

    async fn perform(
        &self,
        visitor: &mut Visitor,
        verb: Verb,
        inputs: &Inputs,
    ) -> Result<Answer, Error> {
        let answer = self.driver.perform(visitor, verb, inputs).await?;
        (self.change.performed)(verb, answer)
    }
}
