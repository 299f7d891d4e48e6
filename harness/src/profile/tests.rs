//! Complaints as they are printed, and what a sound profile comes to.

use std::collections::BTreeMap;

use super::{Ability, Complaint, Profile};
use crate::secret::Secret;

const REFERENCE: &str = include_str!("../../../profiles/reference.toml");

fn provided() -> BTreeMap<String, Secret> {
    let pairs = [("listener", "127.0.0.1:8100"), ("admin", "only-for-tests")];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), Secret::new(value))).collect()
}

fn printed(complaints: &[Complaint]) -> String {
    complaints.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n")
}

#[test]
fn the_reference_profile_is_sound() {
    let profile = Profile::parse(REFERENCE, "profiles/reference.toml", &provided())
        .map_err(|c| printed(&c))
        .unwrap();
    assert!(
        Ability::ALL
            .iter()
            .filter(|a| **a != Ability::KeyFirst)
            .all(|a| profile.description.can(*a))
    );
    assert_eq!(profile.description.origin("a-b"), "http://a-b.portal.localhost");
    assert_eq!(profile.description.allow, ["http://{scenario}.portal.localhost"]);
}
