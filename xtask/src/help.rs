//! The command line as help shows it: commands in groups, and examples by the name that the program has.

use clap::{Command, builder::StyledStr};
use harness::program;

use crate::folder;

/// What people come for, and the commands for it. Each command stands in one group.
const GROUPS: &[(&str, &[&str])] = &[
    ("Run", &["scenarios", "plan", "list", "show"]),
    ("Describe a portal", &["init", "profile", "doctor"]),
    ("After a run", &["report", "judge", "clean"]),
    ("The reference portal", &["serve", "defects"]),
    ("This project itself, in its repository", &["deployment", "test", "bench", "fuzz"]),
];

/// The commands as they are read and shown.
pub(crate) fn arranged(cli: Command) -> Command {
    let commands = groups(&cli);
    let template = format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{commands}Options:\n{{options}}{{after-help}}"
    );
    renamed(cli).help_template(template)
}

fn groups(cli: &Command) -> String {
    let longest = cli.get_subcommands().map(|command| command.get_name().len()).max();
    let width = longest.unwrap_or_default();
    let mut text = String::new();
    for (title, names) in GROUPS {
        text.push_str(&format!("{title}:\n"));
        for command in names.iter().filter_map(|name| cli.find_subcommand(name)) {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            text.push_str(&format!("  {:width$}  {about}\n", command.get_name()));
        }
        text.push('\n');
    }
    text
}

/// Examples are written as they are typed in the repository.
fn renamed(command: Command) -> Command {
    let example = command.get_after_help().map(|text| {
        let text = text.to_string().replace(program::IN_ITS_REPOSITORY, program::name());
        StyledStr::from(text.replace(folder::IN_ITS_REPOSITORY, folder::runs()))
    });
    let command = match example {
        Some(example) => command.after_help(example),
        None => command,
    };
    command.mut_subcommands(renamed)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn each_command_stands_in_one_group() {
        let cli = Cli::command();
        let known: BTreeSet<&str> = cli.get_subcommands().map(Command::get_name).collect();
        let grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| *names).copied().collect();
        assert_eq!(known.len(), grouped.len());
        assert_eq!(known, grouped.into_iter().collect());
        let help = arranged(cli).render_help().to_string();
        for (title, names) in GROUPS {
            assert!(help.contains(&format!("\n{title}:\n  {}", names[0])), "{help}");
        }
    }

    #[test]
    fn each_command_has_an_example_by_its_own_name() {
        fn look(command: &Command, path: &str) {
            for one in command.get_subcommands() {
                let line = format!("{path} {}", one.get_name());
                let example = one.get_after_help().map(ToString::to_string).unwrap_or_default();
                assert!(example.contains(&line), "{line}: {example}");
                look(one, &line);
            }
        }
        look(&Cli::command(), program::IN_ITS_REPOSITORY);
    }
}
