//! Writes the draft: a profile with what was told, why, and marks where something is missing.

use profile::{Preset, Verb, presets};
use reports::render::plain;

use super::{
    Guess, Halves, Recording, Seen, Target, Told, UNKNOWN, guess, page, recorded,
    toml::{comment, steps, text},
};

/// Without these a profile is not valid: what to look for.
const NEEDED: &[(Verb, &str)] = &[
    (
        Verb::CreateUser,
        "how an account is made: by signing up, or by an administrator. Every scenario has accounts of its own",
    ),
    (Verb::SignIn, "how one signs in with a password"),
    (
        Verb::Whoami,
        "who is signed in: a page or endpoint that names the user, and no user to nobody. It is the last word on every verdict",
    ),
];

/// Drafts a profile from what was seen and, where there is one, recorded.
#[must_use]
pub fn draft(target: &Target, seen: &Seen, recording: Option<&Recording>) -> String {
    let preset = guess::preset(seen, presets());
    let mut told = guess::told(seen, target);
    if let Some(recording) = recording {
        told = over(recorded::told(recording), told);
    }
    told.notes.extend(seen.notes.iter().cloned());
    let below = preset.as_ref().and_then(|preset| preset.text.parse::<::toml::Table>().ok());
    Draft { target, seen, told, preset, below: below.unwrap_or_default() }.written()
}

/// What a recording tells goes before what pages tell.
fn over(mut first: Told, second: Told) -> Told {
    let more = second
        .flows
        .into_iter()
        .filter(|guess| first.flows.iter().all(|known| known.verb != guess.verb));
    let more: Vec<Guess> = more.collect();
    first.flows.extend(more);
    first.csrf = first.csrf.or(second.csrf);
    first.notes.extend(second.notes);
    first
}

struct Draft<'d> {
    target: &'d Target,
    seen: &'d Seen,
    told: Told,
    preset: Option<Preset>,
    /// What the preset says.
    below: ::toml::Table,
}

impl Draft<'_> {
    fn written(&self) -> String {
        let parts = [
            self.head(),
            self.portal(),
            self.actors(),
            self.mail(),
            self.csrf(),
            self.interrupts(),
            self.flows(),
            self.rest(),
        ];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
    }

    fn has(&self, section: &str) -> bool {
        self.below.contains_key(section)
    }

    fn head(&self) -> String {
        let mut head = comment(&format!(
            "A draft for {}, by `init`: what its public pages{} told. Each part says what it rests on. What could not be told is marked UNKNOWN. The language is in docs/profile.md.",
            self.target.origin(),
            if self
                .told
                .flows
                .iter()
                .any(|guess| guess.evidence.iter().any(|line| line.starts_with("recorded")))
            {
                " and a recording"
            } else {
                ""
            },
        ));
        let mut notes = self.told.notes.clone();
        notes.dedup();
        for note in &notes {
            head.push_str(&comment(&format!("- {note}")));
        }
        head.push_str("\nprofile = 1\n");
        if let Some(preset) = &self.preset {
            let pages: Vec<&str> =
                preset.recognised_by.iter().map(|(path, _)| path.as_str()).collect();
            head.push_str(&comment(&format!(
                "Recognised by {}. What stands here goes before what the preset says.",
                pages.join(", ")
            )));
            head.push_str(&format!("extends = {}\n", text(&format!("preset:{}", preset.name))));
        }
        head
    }

    fn portal(&self) -> String {
        let title = self.seen.sightings.iter().filter(|sighting| sighting.page.status() == 200);
        let title = title.filter_map(|sighting| sighting.page.look(page::title)).next();
        let name = self
            .target
            .name
            .clone()
            .or(title)
            .unwrap_or_else(|| self.target.url.host_str().unwrap_or("portal").to_owned());
        let mut lines = format!(
            "[portal]\nname = {}\nbase = {}\n",
            text(&plain(&name)),
            text(&self.target.origin())
        );
        if let Some(connect) = self.target.connect {
            lines.push_str(&format!("connect = {}\n", text(&connect.to_string())));
        }
        if let Some((file, _)) = &self.target.ca {
            lines.push_str(&format!("ca_file = {}\n", text(&file.display().to_string())));
        }
        if self.target.private_network && !self.target.is_local() {
            lines.push_str("private_network = true\n");
        }
        if self.target.is_local() {
            lines.push_str("environment = \"local\"\n");
        } else {
            lines.push_str(&unknown("whether this is `test` or `staging`; `staging` is the careful one (docs/profile.md, Portal)"));
            lines.push_str("environment = \"staging\"\n");
        }
        lines
    }

    fn actors(&self) -> String {
        if self.has("actors") {
            return String::new();
        }
        "[actors]\nname = \"ts-{run}-{n}\"\n# A domain whose mail is the suite's. Some portals refuse `.test`.\nmail = \"ts-{run}-{n}@example.test\"\npassword = { generate = true }\n".to_owned()
    }

    /// A preset knows how its mails look, and never where they arrive.
    fn mail(&self) -> String {
        let Some(below) = self.below.get("mail").and_then(::toml::Value::as_table) else {
            return match self.told.flows.iter().any(|guess| guess.verb == Verb::RequestReset)
                && !self.has("mail")
            {
                true => unknown(
                    "where the portal's mail arrives, and how the link or code in it looks: [mail] with `source` and `link` or `code` (docs/profile.md, Mail)",
                ),
                false => String::new(),
            };
        };
        if below.contains_key("source") {
            return String::new();
        }
        format!(
            "[mail]\n{}source = {{ smtp = \"127.0.0.1:8201\" }}\n",
            unknown(
                "where the portal's mail arrives. As it stands, the suite listens on this address: let the portal deliver to it, or name another source (docs/profile.md, Mail source)"
            ),
        )
    }

    fn csrf(&self) -> String {
        let Some(csrf) = self.told.csrf.as_ref().filter(|_| !self.has("csrf")) else {
            return String::new();
        };
        let entries = csrf.entries.iter().map(|(name, value)| format!("{name} = {value}\n"));
        format!("{}[csrf]\n{}", comment(&csrf.evidence), entries.collect::<String>())
    }

    fn interrupts(&self) -> String {
        if self.has("interrupt") {
            return String::new();
        }
        let each = self
            .told
            .interrupts
            .iter()
            .map(|(evidence, toml)| format!("{}[[interrupt]]\n{toml}", comment(evidence)));
        each.collect::<Vec<_>>().join("\n")
    }

    fn flows(&self) -> String {
        let below = self.below.get("flow").and_then(::toml::Value::as_table);
        let has = |verb: Verb| below.is_some_and(|flows| flows.contains_key(verb.name()));
        let mut parts = Vec::new();
        for (verb, what) in NEEDED {
            let told = self.told.flows.iter().any(|guess| guess.verb == *verb);
            if !told && !has(*verb) {
                parts.push(unknown(&format!(
                    "[flow.{}]: {what} (docs/profile.md, Flow and Verbs)",
                    verb.name()
                )));
            }
        }
        parts.extend(self.told.flows.iter().filter(|guess| !has(guess.verb)).map(flow));
        parts.join("\n")
    }

    /// The flows that nobody has told yet, for who wants to add them.
    fn rest(&self) -> String {
        if self.preset.is_some() {
            return String::new();
        }
        let optional = [
            Verb::RegisterKey,
            Verb::AnswerWithKey,
            Verb::SignInWithKey,
            Verb::EnrolTotp,
            Verb::AnswerWithTotp,
            Verb::AnswerWithPush,
            Verb::RequestReset,
            Verb::OpenReset,
            Verb::FinishReset,
            Verb::ChangePassword,
            Verb::ListKeys,
            Verb::RenameKey,
            Verb::DeleteKey,
            Verb::SignOut,
            Verb::OpenProtected,
            Verb::OpenApp,
            Verb::StartAtApp,
        ];
        let missing =
            optional.iter().filter(|verb| self.told.flows.iter().all(|guess| guess.verb != **verb));
        let missing: Vec<&str> = missing.map(|verb| verb.name()).collect();
        if missing.is_empty() {
            return String::new();
        }
        comment(&format!(
            "Not told, and not tested without: {}. A recording of a browser that does these things (a HAR file) shows some of them: `init` takes it as --har.",
            missing.join(", ")
        ))
    }
}

fn unknown(what: &str) -> String {
    format!("{UNKNOWN} {what}\n")
}

fn flow(guess: &Guess) -> String {
    let mut part: String = guess.evidence.iter().map(|line| comment(line)).collect();
    let mut marks: Vec<&String> = guess.unknown.iter().collect();
    marks.dedup();
    for mark in marks {
        part.push_str(&unknown(mark));
    }
    part.push_str(&format!("[flow.{}]\n", guess.verb.name()));
    match &guess.halves {
        Halves::One(all) => part.push_str(&steps("steps", all)),
        Halves::Two(begin, finish) => {
            part.push_str(&steps("begin", begin));
            part.push_str(&steps("finish", finish));
        }
    }
    part
}
