//! Steps that must not come twice in a short time, as `apart` of a profile says.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use profile::flow::{Place, Step};

use super::Visitor;

/// When each person was last through with a step that must not come twice in a short time.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// By scenario, person and place in the profile.
    last: Mutex<BTreeMap<(usize, String, Place), Instant>>,
}

impl Pace {
    /// Waits until the step may be carried out once more.
    pub(super) async fn waits(&self, visitor: &Visitor, step: &Step) {
        let Some(apart) = step.apart else { return };
        let last = self.locked().get(&Self::key(visitor, step)).copied();
        let Some(rest) =
            last.and_then(|last| (last + apart).checked_duration_since(Instant::now()))
        else {
            return;
        };
        tokio::time::sleep(rest).await;
        visitor.scene.recorder.wait(u64::try_from(rest.as_millis()).unwrap_or(u64::MAX), false);
    }

    /// The step has been answered.
    pub(super) fn marks(&self, visitor: &Visitor, step: &Step) {
        if step.apart.is_some() {
            self.locked().insert(Self::key(visitor, step), Instant::now());
        }
    }

    fn key(visitor: &Visitor, step: &Step) -> (usize, String, Place) {
        (visitor.scene.number, visitor.who.clone(), step.place.clone())
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<(usize, String, Place), Instant>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
