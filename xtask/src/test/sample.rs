//! Which scenarios a real portal is tried with: those that are listed for it, and a sample of the
//! others that is drawn anew for every run of the tests. What was drawn is said in the end.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use softkey::Seed;

use crate::stop::Stop;

/// How many digits a seed has that nobody gave.
const DIGITS: usize = 8;

/// A sample is no more than this part of what it is drawn of: one of four, rounded up.
const PART: usize = 4;

/// Draws samples, and remembers what it drew.
pub(super) struct Sampler {
    /// As digits and as a source; nothing where everything is tried.
    seed: Option<(String, Seed)>,
    drawn: Mutex<Vec<Drawn>>,
}

/// What was drawn for one run on a portal.
struct Drawn {
    label: String,
    listed: usize,
    sample: usize,
    others: usize,
}

impl Sampler {
    /// For everything, for the seed of an earlier run, or for a fresh one.
    pub(super) fn new(all: bool, seed: Option<&str>) -> anyhow::Result<Self> {
        let digits = match seed {
            Some(digits) => digits.to_owned(),
            None => {
                let fresh = driver::fresh().map_err(anyhow::Error::from)?;
                Seed::new(fresh).hex().chars().take(DIGITS).collect()
            }
        };
        let seed = Seed::from_hex(&digits).ok_or_else(|| {
            Stop::bad_command(format!(
                "--sample-seed {digits}: not hexadecimal digits of an even number, as in 5f3a09c1"
            ))
        })?;
        Ok(Self { seed: (!all).then_some((digits, seed)), drawn: Mutex::default() })
    }

    /// Whether everything is tried everywhere.
    pub(super) fn takes_all(&self) -> bool {
        self.seed.is_none()
    }

    /// What draws the sample of one kind, with the digits that draw it again; nothing where everything is
    /// tried.
    pub(super) fn draws(&self, kind: &str) -> Option<(&str, Seed)> {
        self.seed.as_ref().map(|(digits, seed)| (digits.as_str(), seed.derive(kind)))
    }

    /// What the run with this label is to try: all that is listed, and some of the others, `most` at most.
    pub(super) fn choose(
        &self,
        label: &str,
        listed: BTreeSet<String>,
        others: BTreeSet<String>,
        most: usize,
    ) -> BTreeSet<String> {
        let Some((_, seed)) = &self.seed else { return listed.union(&others).cloned().collect() };
        let seed = seed.derive(label);
        let count = others.len();
        let mut ranked: Vec<(Vec<u8>, String)> =
            others.into_iter().map(|id| (seed.bytes(&id, 16), id)).collect();
        ranked.sort();
        ranked.truncate(most.min(count.div_ceil(PART)));
        let drawn = Drawn {
            label: label.to_owned(),
            listed: listed.len(),
            sample: ranked.len(),
            others: count,
        };
        self.drawn.lock().unwrap_or_else(PoisonError::into_inner).push(drawn);
        listed.into_iter().chain(ranked.into_iter().map(|(_, id)| id)).collect()
    }

    /// What was sampled and what was left out, for the last lines; nothing where nothing was drawn.
    pub(super) fn said(&self) -> String {
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        drawn.sort_by(|one, other| one.label.cmp(&other.label));
        let Some((digits, _)) = self.seed.as_ref().filter(|_| !drawn.is_empty()) else {
            return String::new();
        };
        let each: Vec<String> = drawn.iter().map(Drawn::said).collect();
        let left_out: usize = drawn.iter().map(|one| one.others - one.sample).sum();
        format!(
            "sampled: {}\nleft out of the sample: {left_out} runs of scenarios; --all runs them, \
             --sample-seed {digits} draws this sample again\n",
            each.join(" · ")
        )
    }
}

impl Drawn {
    fn said(&self) -> String {
        let Self { label, listed, sample, others } = self;
        format!("{label}: {listed} listed, {sample} of {others} others")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(of: &str, count: usize) -> BTreeSet<String> {
        (0..count).map(|number| format!("{of}/{number}")).collect()
    }

    /// What the portal is tried with by a seed.
    fn chosen(seed: &str, label: &str) -> BTreeSet<String> {
        let sampler = Sampler::new(false, Some(seed)).expect("a seed");
        sampler.choose(label, ids("listed", 5), ids("other", 100), 20)
    }

    #[test]
    fn what_is_listed_and_as_many_of_the_others_as_were_asked_for() {
        let chosen = chosen("5f3a", "portal");
        let listed = |id: &&String| id.starts_with("listed/");
        assert_eq!(chosen.iter().filter(listed).count(), 5);
        assert_eq!(chosen.iter().filter(|id| !listed(id)).count(), 20);
        let whole = ids("listed", 5).union(&ids("other", 100)).cloned().collect();
        assert!(chosen.is_subset(&whole));
    }

    #[test]
    fn a_seed_draws_the_same_again_and_another_seed_or_portal_something_else() {
        let once = chosen("5f3a", "portal");
        assert_eq!(once, chosen("5f3a", "portal"));
        assert_ne!(once, chosen("5f3b", "portal"));
        assert_ne!(once, chosen("5f3a", "portal, its twin"));
    }

    #[test]
    fn a_draw_without_a_seed_is_another_each_time_and_can_be_repeated() {
        let (one, other) = (Sampler::new(false, None), Sampler::new(false, None));
        let (one, other) = (one.expect("drawn"), other.expect("drawn"));
        let draw = |sampler: &Sampler| sampler.choose("p", BTreeSet::new(), ids("o", 400), 40);
        let first = draw(&one);
        assert_ne!(first, draw(&other));
        let said = one.said();
        let digits = said.split("--sample-seed ").nth(1).and_then(|rest| rest.split(' ').next());
        let again = Sampler::new(false, digits).expect("the seed that was said");
        assert_eq!(first, draw(&again));
    }

    /// Over many draws everything comes, as often as everything else.
    #[test]
    fn nothing_is_never_drawn() {
        let mut seen = BTreeSet::new();
        for number in 0..200 {
            seen.extend(chosen(&format!("{number:04x}"), "portal"));
        }
        assert_eq!(seen.len(), 105);
    }

    #[test]
    fn all_is_all() {
        let sampler = Sampler::new(true, None).expect("no seed");
        let chosen = sampler.choose("portal", ids("listed", 5), ids("other", 100), 20);
        assert_eq!((chosen.len(), sampler.said().as_str()), (105, ""));
    }

    #[test]
    fn the_last_lines_say_what_was_sampled_and_what_was_left_out() {
        let sampler = Sampler::new(false, Some("5f3a09c1")).expect("a seed");
        assert_eq!(sampler.said(), "");
        sampler.choose("two", ids("listed", 3), ids("other", 10), 20);
        sampler.choose("one", ids("listed", 5), ids("other", 100), 20);
        assert_eq!(
            sampler.said(),
            "sampled: one: 5 listed, 20 of 100 others · two: 3 listed, 3 of 10 others\n\
             left out of the sample: 87 runs of scenarios; --all runs them, \
             --sample-seed 5f3a09c1 draws this sample again\n"
        );
    }

    #[test]
    fn a_seed_is_digits() {
        for seed in ["", "5f3", "seed"] {
            let error = Sampler::new(false, Some(seed)).err().expect("no seed").to_string();
            assert!(error.starts_with(&format!("--sample-seed {seed}: not hex")), "{error}");
        }
    }
}
