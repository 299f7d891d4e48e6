//! `summary.md`: one page for a job's summary.

use std::fmt::Write;

use super::{account, cut, families, left_out, occurring, plain, told};
use crate::record::Run;

/// No more findings than this are told.
const MOST: usize = 9;

/// Renders.
#[must_use]
pub fn render(run: &Run) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "# {} is {}\n", escape(&run.profile.name), run.outcome);
    let verdicts = occurring(run);
    let _ = writeln!(
        text,
        "| family | {} |",
        verdicts.iter().map(|verdict| verdict.word()).collect::<Vec<_>>().join(" | ")
    );
    let _ = writeln!(text, "|---|{}", "---:|".repeat(verdicts.len()));
    for (family, counts) in families(run) {
        let cells: Vec<String> = verdicts
            .iter()
            .map(|verdict| counts.get(verdict).map(u32::to_string).unwrap_or_default())
            .collect();
        let _ = writeln!(text, "| {family} | {} |", cells.join(" | "));
    }
    let told = told(run);
    if !told.is_empty() {
        text.push_str("\n## What to look at\n");
    }
    for scenario in told.iter().take(MOST) {
        let account = account(scenario);
        let _ = writeln!(
            text,
            "\n**{}** `{}` {}\n",
            scenario.verdict,
            scenario.id,
            escape(&scenario.requirement.says)
        );
        let _ = writeln!(text, "- expected: {}", escape(&account.expected));
        let _ = writeln!(text, "- seen (from the portal): {}", escape(&account.seen));
        let _ = writeln!(text, "- again: `{}`", scenario.again.replace('`', "'"));
    }
    if told.len() > MOST {
        let _ = writeln!(text, "\nand {} more", told.len() - MOST);
    }
    let left_out = left_out(run);
    if !left_out.is_empty() {
        text.push_str("\n## Left out\n\n");
    }
    for (reason, count) in left_out {
        let _ = writeln!(text, "- {count}: {}", escape(reason));
    }
    if let Some(note) = &run.note {
        let _ = writeln!(text, "\n{}", escape(note));
    }
    let canary = if run.canary.caught { "caught" } else { "not caught" };
    let _ = writeln!(text, "\ncanary {canary}, seed `{}`, exit code {}", run.seed, run.exit_code);
    text
}

/// Text in which nothing is markup, and no line begins a workflow command.
fn escape(text: &str) -> String {
    let mut safe = String::new();
    for c in cut(&plain(text), 400).chars() {
        match c {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '!' | '~' => {
                safe.push('\\');
                safe.push(c);
            }
            c => safe.push(c),
        }
    }
    safe.replace("::", ":\u{200b}:")
}
