//! The options of a run as they are typed again: what repeats a scenario carries whatever the run had.

use std::path::Path;

use profile::effect::Effect;

use crate::cli::RunArgs;

/// The options that say on what and how scenarios are run, each after a blank, quoted for a shell. Not
/// the filters, the seed, and what says only where and how it is reported.
pub(crate) fn options(args: &RunArgs) -> String {
    let selection = &args.selection;
    let path = |file: &Path| file.display().to_string();
    let effects: Vec<&str> = selection.effects.iter().copied().map(Effect::word).collect();
    let max_wait = humantime::format_duration(selection.max_wait).to_string().replace(' ', "");
    let valued = [
        ("profile", selection.profile.as_deref().map(path)),
        ("defect", args.defect.clone()),
        ("browser", args.browser.map(|engine| engine.word().to_owned())),
        ("webdriver", args.webdriver.as_ref().map(ToString::to_string)),
        ("only-secrets", selection.secrets.only_secrets.as_ref().map(|names| names.join(","))),
        ("max-wait", (!selection.max_wait.is_zero()).then_some(max_wait)),
        ("effects", (!effects.is_empty()).then(|| effects.join(","))),
        ("yes-production", args.yes_production.clone()),
        ("authorised-by", args.authorised_by.clone()),
    ];
    let plain = [
        ("allow-commands", selection.allow_commands),
        ("quick", selection.quick),
        ("strict", args.strict),
        ("headed", args.headed),
    ];
    let valued = valued
        .into_iter()
        .filter_map(|(name, value)| value.map(|value| format!(" --{name} {}", quoted(&value))));
    let plain = plain.into_iter().filter(|(_, given)| *given).map(|(name, _)| format!(" --{name}"));
    valued.chain(plain).collect()
}

/// A word as a shell takes it for one.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:,@%+=".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, process::Command as Shell};

    use clap::{CommandFactory, Parser};

    use super::*;
    use crate::cli::{Cli, Command};

    /// One line with every option, and the defect, which is for the reference portal alone.
    const LINES: [&[&str]; 3] = [
        &[],
        &["--defect", "login/origin-prefix", "--quick"],
        &[
            "--profile",
            "our portals/it's mine.toml",
            "--only-secrets",
            "A,B",
            "--max-wait",
            "1m 30s",
            "--effects",
            "creates-account,wrong-tries",
            "--yes-production",
            "login.example",
            "--authorised-by",
            "alice & bob",
            "--allow-commands",
            "--strict",
            "--browser",
            "chromium",
            "--webdriver",
            "http://127.0.0.1:4444/",
            "--headed",
        ],
    ];

    fn parsed<S: AsRef<str>>(line: impl IntoIterator<Item = S>) -> RunArgs {
        let line = line.into_iter().map(|word| word.as_ref().to_owned());
        let words = ["touchstone", "scenarios"].map(str::to_owned).into_iter().chain(line);
        let Command::Scenarios(args) = Cli::parse_from(words).command else { unreachable!() };
        args
    }

    /// The words that a shell makes of a line.
    fn by_a_shell(line: &str) -> Vec<String> {
        let script = format!("for word in {line}; do printf '%s\\n' \"$word\"; done");
        let said = Shell::new("sh").args(["-c", &script]).output().expect("a shell").stdout;
        String::from_utf8(said).expect("text").lines().map(str::to_owned).collect()
    }

    #[test]
    fn what_is_typed_again_comes_to_the_same() {
        for line in LINES {
            let options = options(&parsed(line));
            let again = parsed(by_a_shell(&options));
            assert_eq!(super::options(&again), options, "{line:?}");
            // The blank in a duration is the only thing that is written otherwise.
            let said: Vec<String> =
                line.iter().map(|word| word.replace("1m 30s", "1m30s")).collect();
            let (said, typed): (BTreeSet<_>, BTreeSet<_>) =
                (said.into_iter().collect(), by_a_shell(&options).into_iter().collect());
            assert_eq!(typed, said);
        }
    }

    /// Whoever adds an option to a run says whether repeating a scenario needs it.
    #[test]
    fn every_option_is_typed_again_or_is_said_not_to_be() {
        let not = ["filters", "concurrency", "json", "seed", "out", "keep", "help"];
        let said: String = LINES.iter().map(|line| options(&parsed(*line))).collect();
        let scenarios = Cli::command();
        let scenarios = scenarios.find_subcommand("scenarios").expect("the command");
        for option in scenarios.get_arguments().map(|option| option.get_id().as_str()) {
            let typed = said.contains(&format!(" --{}", option.replace('_', "-")));
            assert_ne!(typed, not.contains(&option), "{option}");
        }
    }
}
