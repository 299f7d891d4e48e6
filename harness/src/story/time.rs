//! Time in a story: how long things last by the profile, and letting it pass.

use std::{collections::BTreeMap, time::Duration};

use driver::deployment::Input;
use profile::{Ability, Verb};
use serde_json::json;

use super::{Stage, Told, control};

impl Stage {
    /// How long a ceremony may take, by the profile.
    #[must_use]
    pub fn ceremony_lifetime(&self) -> Duration {
        self.shared.target.description().policy.challenge_lifetime
    }

    /// How long a reset token lives, by the profile.
    #[must_use]
    pub fn reset_lifetime(&self) -> Duration {
        self.shared.target.description().policy.reset_lifetime
    }

    /// How long a lock lasts, by the profile.
    #[must_use]
    pub fn lock_lifetime(&self) -> Duration {
        self.shared.target.description().policy.lock_lifetime
    }

    /// How old the last proof may be when factors are changed, by the profile.
    #[must_use]
    pub fn proof_lifetime(&self) -> Duration {
        self.shared.target.description().policy.fresh_for
    }

    /// How many wrong tries in a row an account bears, by the profile: the next one may lock it.
    #[must_use]
    pub fn wrong_tries(&self) -> u32 {
        self.shared.target.description().policy.wrong_tries
    }

    /// How many steps before and after the present one have codes that are accepted, by the profile.
    #[must_use]
    pub fn window(&self) -> u32 {
        self.shared.target.description().totp.skew_steps
    }

    /// How far from the end of a lifetime a story stays: a second where the clock stands still
    /// meanwhile, more where real requests take real time.
    #[must_use]
    pub fn margin(&self) -> Duration {
        Duration::from_secs(if self.shared.can(Ability::Clock) { 1 } else { 8 })
    }

    /// Lets some steps of one-time codes pass.
    ///
    /// # Errors
    /// When the clock cannot be moved.
    pub async fn steps_pass(&self, steps: u32) -> Told {
        let totp = self.shared.target.description().totp;
        self.time_passes(totp.lasts(steps)).await
    }

    /// Lets time pass: the portal's own where it can be moved, else real time.
    ///
    /// # Errors
    /// When the clock cannot be moved.
    pub async fn time_passes(&self, time: Duration) -> Told {
        let shared = &self.shared;
        let ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let own_clock = shared.can(Ability::Clock);
        shared.scene.recorder.wait(ms, own_clock);
        if !own_clock {
            tokio::time::sleep(time).await;
            return Ok(());
        }
        let mut clerk = shared.target.visitor(&shared.scene, "clock");
        let seconds = BTreeMap::from([("seconds", Input::Open(json!(time.as_secs())))]);
        let answer = shared.target.driver.perform(&mut clerk, Verb::AdvanceClock, &seconds).await?;
        control("the portal's clock moves on", &answer)
    }
}
