//! What a person reads on the terminal: what failed first, then the counts.

use std::fmt::Write;

use super::{account, cut, families, left_out, occurring, plain, told};
use crate::record::{Run, Scenario, Verdict};

/// One scenario that is not simply a pass, with its evidence and the command that repeats it.
#[must_use]
pub fn failure(scenario: &Scenario, colour: bool) -> String {
    let mut text = String::new();
    let word = painted(scenario.verdict, &scenario.verdict.word().to_uppercase(), colour);
    let _ = writeln!(text, "{word}  {}   {}", scenario.id, plain(&scenario.title));
    let link = scenario.requirement.link.as_deref().unwrap_or_default();
    line(&mut text, scenario.level.word(), &scenario.requirement.says);
    line(&mut text, "", format!("{}  {link}", scenario.requirement.source).trim_end());
    let account = account(scenario);
    if let Some(told) = &account.told {
        line(&mut text, "told", told);
    }
    line(&mut text, "expected", &account.expected);
    line(&mut text, "seen", &account.seen);
    line(&mut text, "because", &scenario.because);
    if let Some(fault) = scenario.fault {
        line(&mut text, "whose", fault.word());
    }
    line(&mut text, "again", &scenario.again);
    text
}

fn line(text: &mut String, name: &str, value: &str) {
    let _ = writeln!(text, "      {name:<9} {}", cut(&plain(value), 400));
}

fn painted(verdict: Verdict, word: &str, colour: bool) -> String {
    if !colour {
        return word.to_owned();
    }
    let code = match verdict {
        Verdict::Pass => 32,
        Verdict::Fail => 31,
        Verdict::Warn | Verdict::Unsteady | Verdict::Inconclusive | Verdict::Review => 33,
        Verdict::Error => 35,
        Verdict::Skip => 90,
    };
    format!("\u{1b}[1;{code}m{word}\u{1b}[0m")
}

/// The whole run.
#[must_use]
pub fn summary(run: &Run, colour: bool) -> String {
    let mut text = String::new();
    for scenario in told(run) {
        text.push_str(&failure(scenario, colour));
        text.push('\n');
    }
    table(&mut text, run);
    for (reason, count) in left_out(run) {
        let _ = writeln!(text, "  left out  {count:3}  {}", plain(reason));
    }
    if let Some(note) = &run.note {
        let _ = writeln!(text, "  note      {}", plain(note));
    }
    let canary = if run.canary.caught { "caught" } else { "not caught" };
    let detection = run.suite.detection.as_deref().unwrap_or("unknown");
    let _ = writeln!(
        text,
        "  canary {canary} · detection {detection} · seed {} · {} ms",
        run.seed, run.duration_ms
    );
    let counts: Vec<String> =
        run.summary.iter().map(|(verdict, count)| format!("{count} {verdict}")).collect();
    let _ = writeln!(text, "  {}   {} (exit {})", counts.join(" · "), run.outcome, run.exit_code);
    text
}

fn table(text: &mut String, run: &Run) {
    let verdicts = occurring(run);
    let _ = write!(text, "  {:<22}", "");
    for verdict in &verdicts {
        let _ = write!(text, "{:>13}", verdict.word());
    }
    text.push('\n');
    for (family, counts) in families(run) {
        let _ = write!(text, "  {family:<22}");
        for verdict in &verdicts {
            let count = counts.get(verdict).map(u32::to_string).unwrap_or_default();
            let _ = write!(text, "{count:>13}");
        }
        text.push('\n');
    }
}
