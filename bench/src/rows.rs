//! The rows: our verifier from a JSON body to its verdict, and the signatures alone that it is measured beside.
//! What others do of the same stands in `peers`.

mod ours;
mod signature;

use softkey::Algorithm;

use crate::{peers, sampler::Work};

/// An algorithm as rows are named after it.
#[must_use]
pub const fn name(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Es256 => "ES256",
        Algorithm::EdDsa => "EdDSA",
        Algorithm::Rs256 => "RS256",
    }
}

/// The row of the bare signature of an algorithm.
#[must_use]
pub fn bare(algorithm: Algorithm) -> String {
    format!("signature/{}", name(algorithm))
}

/// The rows with some of these parts in their names, and those that they are measured beside; all of them where
/// no part is given.
#[must_use]
pub fn chosen(filters: &[String]) -> Vec<Work> {
    let all = all();
    let asked = |name: &str| filters.is_empty() || filters.iter().any(|part| name.contains(part));
    let mut wanted: Vec<String> =
        all.iter().filter(|work| asked(&work.name)).map(|work| work.name.clone()).collect();
    let mut seen = 0;
    while let Some(name) = wanted.get(seen).cloned() {
        let beside = all.iter().find(|work| work.name == name).and_then(|work| work.beside.clone());
        wanted.extend(beside.filter(|beside| !wanted.contains(beside)));
        seen += 1;
    }
    all.into_iter().filter(|work| wanted.contains(&work.name)).collect()
}

fn all() -> Vec<Work> {
    let mut rows = signature::rows();
    rows.extend(ours::rows());
    rows.extend(peers::rows());
    rows
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_row_has_one_name_and_stands_beside_one_that_is_there() {
        let rows = all();
        let names: BTreeSet<&str> = rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names.len(), rows.len());
        for row in &rows {
            assert!(
                row.beside.as_deref().is_none_or(|beside| names.contains(beside)),
                "{}",
                row.name
            );
        }
    }

    #[test]
    fn a_row_brings_those_that_it_is_measured_beside() {
        let rows = chosen(&["assertion/RS256/two".to_owned()]);
        let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["signature/RS256", "assertion/RS256", "assertion/RS256/two-threads"]);
    }

    /// A row that fails ends the benchmark: it never measures a refusal.
    #[test]
    fn every_row_does_what_it_says() {
        for row in all() {
            (row.run)();
        }
    }
}
