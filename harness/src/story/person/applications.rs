//! Applications that sign in by the portal: opened, or begun with and returned to.

use std::sync::Arc;

use driver::deployment::{Answer, Begun, Inputs, describe};
use profile::Verb;
use reports::record::Reply;

use super::Person;
use crate::story::{Break, Response, Shared, Told, Witness, control};

/// A sign-in that an application asked for.
pub struct Started {
    shared: Arc<Shared>,
    /// What the person did, in the third person.
    act: String,
    begun: Begun,
}

impl Started {
    /// The application leads to the portal's sign-in.
    ///
    /// # Errors
    /// A finding, or that it could not be told.
    pub fn is_led_to_the_sign_in(&self) -> Told {
        let expected = format!("{}, and is led to the portal's sign-in", self.act);
        let held = match self.begun.answer.reply {
            Reply::Ok => Some(true),
            Reply::FactorNeeded | Reply::Refused | Reply::Expired | Reply::Error => Some(false),
            Reply::Dropped | Reply::RateLimited | Reply::Unknown => None,
        };
        self.shared.expect(&expected, describe(&self.begun.answer), held)
    }

    /// The same for an honest step on the way.
    ///
    /// # Errors
    /// The refused control.
    pub fn must_be_led_to_the_sign_in(&self) -> Told {
        control(&format!("{}, and is led to the portal's sign-in", self.act), &self.begun.answer)
    }
}

impl Person {
    /// Opens the application in this browser. Whom it takes the visitor for is who is signed in there.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn opens_the_application(&mut self) -> Result<Response, Break> {
        let says = format!("{} opens the application", self.account.alias);
        self.shared.scene.recorder.act(says.as_str());
        let driver = Arc::clone(&self.shared.target.driver);
        let answer = driver.perform(&mut self.visitor, Verb::OpenApp, &Inputs::new()).await?;
        Ok(self.at_the_application(says, answer))
    }

    /// Opens the application in this browser, to sign in from there.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn starts_at_the_application(&mut self) -> Result<Started, Break> {
        let act = format!("{} starts at the application", self.account.alias);
        self.shared.scene.recorder.act(act.as_str());
        let driver = Arc::clone(&self.shared.target.driver);
        let begun = driver.begin(&mut self.visitor, Verb::StartAtApp, &Inputs::new()).await?;
        Ok(Started { shared: Arc::clone(&self.shared), act, begun })
    }

    /// Goes where the portal leads after the sign-in: back to the application, if it remembers.
    ///
    /// # Errors
    /// When it could not be tried.
    pub async fn returns_to_the_application(
        &mut self,
        started: &Started,
    ) -> Result<Response, Break> {
        let says = format!("{} returns to the application", self.account.alias);
        self.shared.scene.recorder.act(says.as_str());
        let (driver, nothing) = (Arc::clone(&self.shared.target.driver), Inputs::new());
        let answer =
            driver.finish(&mut self.visitor, Verb::StartAtApp, &started.begun, &nothing).await?;
        Ok(self.at_the_application(says, answer))
    }

    /// What an application makes of its visitor: nobody, where the portal sends it none.
    fn at_the_application(&self, act: String, answer: Answer) -> Response {
        let after = match answer.reply {
            Reply::Ok => Witness::read(&answer),
            Reply::FactorNeeded | Reply::Refused | Reply::Expired => Witness::Nobody,
            Reply::Error => {
                let falls = describe(&answer);
                self.shared.graceless(format!("{act}: stopped by falling over ({falls})"));
                Witness::Nobody
            }
            Reply::Dropped | Reply::RateLimited | Reply::Unknown => Witness::Unreadable,
        };
        Response {
            goes_with_code: false,
            shared: Arc::clone(&self.shared),
            act,
            answer,
            before: Witness::Nobody,
            after,
            own_names: self.own_names(),
        }
    }
}
