//! The portals in `loopback`, for tests.

use std::{collections::BTreeMap, sync::Arc};

use driver::{
    Recorder,
    deployment::{Access, Scene, Target, Visitor},
};
use mailbox::Mailbox;
use profile::{Profile, effect, secret::Secret};
use reports::redact::Redactor;

use crate::account::Account;

/// A sound profile of a portal that listens at an address.
pub(crate) fn profile(text: &str, listener: &str) -> Profile {
    let provided = BTreeMap::from([("listener".to_owned(), Secret::new(listener))]);
    Profile::parse(text, "test.toml", &provided)
        .map_err(|complaints| {
            complaints.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        })
        .unwrap_or_else(|complaints| panic!("{complaints}"))
}

/// A portal, and a visitor of one scene.
pub(crate) async fn visit(
    text: &str,
    listener: &str,
    mailbox: Option<Mailbox>,
) -> (Target, Visitor) {
    visitor(Access::open(profile(text, listener), mailbox).await.unwrap())
}

/// The portal that this is the way to, and a visitor of one scene.
pub(crate) fn visitor(access: Access) -> (Target, Visitor) {
    let target = Target::over_http(access);
    let recorder = Recorder::new(Redactor::new([7; 32]));
    let effects = effect::but_for_limits();
    let scene = Arc::new(Scene::new("scene".to_owned(), 1, effects, recorder));
    let visitor = target.visitor(&scene, "alice");
    (target, visitor)
}

/// An account of the run's own, `ts-1`.
pub(crate) fn account() -> Account {
    Account {
        alias: "alice".into(),
        user: "ts-1".into(),
        password: Secret::new("right"),
        mail: String::new(),
        passwordless: false,
    }
}
