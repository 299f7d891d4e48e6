//! What runs of the stages and what does not, and what is said of both in the end.

use reports::record::Outcome;

use super::schedule::{Done, Stage};
use crate::{cli::TestArgs, stop::Stop};

/// A stage that took less is not worth a word.
const WORTH_A_WORD: f32 = 1.0;

/// What does not run, and why.
#[derive(Default)]
pub(super) struct Tally {
    names: Vec<String>,
    quick: Vec<String>,
    not_asked_for: Vec<String>,
    lacks: Vec<String>,
}

/// Whether a stage has that name, or one that begins with its words.
fn is_called(stage: &str, name: &str) -> bool {
    let rest = stage.strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ',']))
}

impl Tally {
    /// The stages that run; notes the others.
    pub(super) fn choose(&mut self, stages: Vec<Stage>, args: &TestArgs) -> Vec<Stage> {
        let mut chosen = Vec::new();
        for stage in stages {
            self.names.push(stage.name.clone());
            if !args.only.is_empty() && !args.only.iter().any(|name| is_called(&stage.name, name)) {
                self.not_asked_for.push(stage.name);
            } else if args.quick && stage.full_only {
                self.quick.push(stage.name);
            } else if let Some(reason) = &stage.lacks {
                self.lacks.push(format!("{}: it {reason}", stage.name));
            } else {
                chosen.push(stage);
            }
        }
        chosen
    }

    /// Whether each name that was given is that of a stage.
    pub(super) fn knows(&self, only: &[String]) -> anyhow::Result<()> {
        let is_one = |name: &&String| self.names.iter().any(|stage| is_called(stage, name));
        match only.iter().find(|name| !is_one(name)) {
            None => Ok(()),
            Some(name) => Err(Stop::bad_command(format!(
                "--only {name}: no stage is called so; they are\n  {}",
                self.names.join("\n  ")
            ))),
        }
    }

    /// Where the time went, what was left out and why, how much of the rest passed, and the word for it.
    pub(super) fn conclude(&self, done: &[Done], sampled: &str) -> (String, Outcome) {
        let mut said = where_the_time_went(done);
        said += sampled;
        for (why, stages) in [("--quick", &self.quick), ("--only", &self.not_asked_for)] {
            if !stages.is_empty() {
                said += &format!("{why} left out: {}\n", stages.join(" · "));
            }
        }
        for stage in &self.lacks {
            said += &format!("left out: {stage}\n");
        }
        let failed: Vec<&str> =
            done.iter().filter(|done| !done.passed).map(|done| &*done.name).collect();
        if !failed.is_empty() {
            said += &format!("failed: {}\n", failed.join(" · "));
        }
        let skipped = self.quick.len() + self.not_asked_for.len() + self.lacks.len();
        let (bad, good) = (failed.len(), done.len() - failed.len());
        said += &format!("{good} passed, {bad} failed, {skipped} skipped\n");
        let outcome = match (good, bad) {
            (0, 0) => Outcome::NoVerdict,
            (_, 0) => Outcome::Conforms,
            _ => Outcome::DoesNotConform,
        };
        (said, outcome)
    }
}

/// The seconds of each stage, the longest first. Stages overlap, so they add up to more than passed.
fn where_the_time_went(done: &[Done]) -> String {
    let mut longest: Vec<&Done> = done.iter().filter(|done| done.seconds >= WORTH_A_WORD).collect();
    longest.sort_by(|one, other| other.seconds.total_cmp(&one.seconds));
    if longest.is_empty() {
        return String::new();
    }
    let each: Vec<String> =
        longest.iter().map(|done| format!("{} {:.0} s", done.name, done.seconds)).collect();
    format!("time, side by side: {}\n", each.join(" · "))
}

#[cfg(test)]
mod tests {
    use super::{super::schedule::Mostly, *};

    fn stage(name: &str, full_only: bool, lacks: Option<&str>) -> Stage {
        Stage {
            name: name.to_owned(),
            full_only,
            lacks: lacks.map(str::to_owned),
            mostly: Mostly::Works,
            run: Box::new(|_| Ok(())),
        }
    }

    fn done(name: &str, passed: bool, seconds: f32) -> Done {
        Done { name: name.to_owned(), passed, seconds }
    }

    /// The stages that run, and what is said in the end when they passed.
    fn chosen(quick: bool, only: &[&str]) -> (Vec<String>, String, Outcome) {
        let mut tally = Tally::default();
        let only = only.iter().map(|name| (*name).to_owned()).collect();
        let stages = vec![
            stage("format", false, None),
            stage("portal, its twin", true, None),
            stage("portals", true, Some("needs root, and this is user 7")),
        ];
        let args = TestArgs { quick, only, ..TestArgs::default() };
        let chosen = tally.choose(stages, &args);
        let passed: Vec<Done> = chosen.iter().map(|stage| done(&stage.name, true, 0.1)).collect();
        let (said, outcome) = tally.conclude(&passed, "");
        (chosen.into_iter().map(|stage| stage.name).collect(), said, outcome)
    }

    #[test]
    fn what_runs_and_what_is_left_out() {
        let lacks = "left out: portals: it needs root, and this is user 7\n";
        let twin = "portal, its twin";
        for (quick, only, names, said, outcome) in [
            (
                false,
                &[][..],
                &["format", twin][..],
                format!("{lacks}2 passed, 0 failed, 1 skipped\n"),
                Outcome::Conforms,
            ),
            (
                true,
                &[],
                &["format"],
                format!("--quick left out: {twin} · portals\n1 passed, 0 failed, 2 skipped\n"),
                Outcome::Conforms,
            ),
            (
                false,
                &["portal"],
                &[twin],
                "--only left out: format · portals\n1 passed, 0 failed, 2 skipped\n".to_owned(),
                Outcome::Conforms,
            ),
            (
                false,
                &[twin, "format"],
                &["format", twin],
                "--only left out: portals\n2 passed, 0 failed, 1 skipped\n".to_owned(),
                Outcome::Conforms,
            ),
            // Nothing ran, so nothing is known.
            (
                false,
                &["portals"],
                &[],
                format!("--only left out: format · {twin}\n{lacks}0 passed, 0 failed, 3 skipped\n"),
                Outcome::NoVerdict,
            ),
        ] {
            let names = names.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(chosen(quick, only), (names, said, outcome), "{quick} {only:?}");
        }
    }

    #[test]
    fn the_last_lines_say_where_the_time_went_and_what_failed() {
        let all = [
            done("short", true, 0.9),
            done("long", true, 61.4),
            done("longer", false, 300.6),
            done("brief", true, 1.0),
        ];
        let (said, outcome) = Tally::default().conclude(&all, "sampled: something\n");
        let expected = "time, side by side: longer 301 s · long 61 s · brief 1 s\n\
                        sampled: something\n\
                        failed: longer\n\
                        3 passed, 1 failed, 0 skipped\n";
        assert_eq!((&*said, outcome), (expected, Outcome::DoesNotConform));
    }

    #[test]
    fn a_name_that_is_no_stage() {
        let mut tally = Tally::default();
        tally.choose(super::super::stages(), &TestArgs::default());
        tally.knows(&["format".to_owned(), "stubs".to_owned()]).expect("both are stages");
        let error = tally.knows(&["form".to_owned()]).expect_err("no stage").to_string();
        assert!(error.starts_with("--only form: no stage is called so"), "{error}");
        assert!(error.contains("stubs in another language"), "{error}");
    }
}
