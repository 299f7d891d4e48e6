//! Ways to the portals in `loopback`, for tests.

use std::{collections::BTreeMap, sync::Arc};

use profile::{Profile, effect, secret::Secret};
use reports::{
    record::{Exchange, Step},
    redact::Redactor,
};

use crate::{
    Recorder,
    deployment::{Access, Scene, Visitor, http::HttpDriver},
};
use mailbox::Mailbox;

/// A sound profile of a portal that listens at an address.
pub(crate) fn profile(text: &str, listener: &str) -> Profile {
    let provided = BTreeMap::from([("listener".to_owned(), Secret::new(listener))]);
    Profile::parse(text, "test.toml", &provided)
        .map_err(|complaints| {
            complaints.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        })
        .unwrap_or_else(|complaints| panic!("{complaints}"))
}

/// The way to a portal, and a visitor of one scene.
pub(crate) async fn access(
    text: &str,
    listener: &str,
    mailbox: Option<Mailbox>,
) -> (Access, Visitor) {
    let access = Access::open(profile(text, listener), mailbox).await.unwrap();
    let recorder = Recorder::new(Redactor::new([7; 32]));
    let effects = effect::but_for_limits();
    let scene = Arc::new(Scene::new("scene".to_owned(), 1, effects, recorder));
    let visitor = access.visitor(&scene, "alice");
    (access, visitor)
}

/// What drives a portal over HTTP, and a visitor of one scene.
pub(crate) async fn visit(
    text: &str,
    listener: &str,
    mailbox: Option<Mailbox>,
) -> (HttpDriver, Visitor) {
    let (access, visitor) = access(text, listener, mailbox).await;
    (HttpDriver::new(Arc::new(access)), visitor)
}

/// The exchanges that were written down.
pub(crate) fn exchanges(visitor: &Visitor) -> Vec<Exchange> {
    let (steps, _) = visitor.scene.recorder.take();
    let exchanges = steps.into_iter().filter_map(|step| match step {
        Step::Exchange(exchange) => Some(*exchange),
        Step::Act { .. } | Step::Ceremony(_) | Step::Expectation { .. } | Step::Wait { .. } => None,
    });
    exchanges.collect()
}
