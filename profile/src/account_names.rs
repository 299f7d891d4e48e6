//! Names of the accounts that a run makes: which templates tell them from everybody else's, what a
//! template comes to, and whether a name is one that it gives.

use std::collections::BTreeSet;

use regex::Regex;
use reports::render::is_plain;

/// Characters at the beginning of a name that every portal keeps; some cut off the rest.
const KEPT: usize = 20;

/// Characters of a run's tag: so many that nobody has it in a name by accident.
pub const TAG_LENGTH: usize = 10;

const RUN: &str = "{run}";
const N: &str = "{n}";
const ACTOR: &str = "{actor}";

/// In which of two forms a run writes a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The tag first: whatever a portal drops of such a name, what is left is nobody else's.
    TagFirst,
    /// As the profile has it: what a portal leaves of it may be somebody's name.
    AsWritten,
}

/// A template of user names or mail addresses: `{run}`, `{n}`, `{actor}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameTemplate(String);

/// Whether a text is a run's tag: nothing else counts as one.
#[must_use]
fn is_tag(text: &str) -> bool {
    text.len() == TAG_LENGTH && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

impl NameTemplate {
    /// A template as it stands.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As the profile writes it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The same in a form.
    #[must_use]
    pub fn in_form(&self, form: Form) -> Self {
        match form {
            Form::TagFirst => self.tag_first(),
            Form::AsWritten => self.clone(),
        }
    }

    /// With `{run}` before the fixed text. Words and signs of that text change places, so that the signs
    /// stand between the tag and the number: `alice-{run}-{n}` becomes `{run}-alice-{n}`.
    fn tag_first(&self) -> Self {
        let Some((before, after)) = self.0.split_once(RUN) else { return self.clone() };
        let before: Vec<char> = before.chars().collect();
        let parts = before.chunk_by(|one, two| one.is_alphanumeric() == two.is_alphanumeric());
        let moved: String = parts.rev().flatten().collect();
        Self(format!("{RUN}{moved}{after}"))
    }

    /// The name of one account.
    #[must_use]
    pub fn filled(&self, tag: &str, n: &str, actor: &str) -> String {
        self.0.replace(ACTOR, actor).replace(RUN, tag).replace(N, n)
    }

    /// The numbers in a name, where this template gives exactly that name in a run; `None` where it does
    /// not.
    #[must_use]
    pub fn numbers_in<'n>(&self, name: &'n str, tag: &str) -> Option<BTreeSet<&'n str>> {
        let literal = |text: &str| {
            let parts: Vec<String> = text.split(N).map(regex::escape).collect();
            parts.join("([0-9]{3,9})").replace(r"\{actor\}", "[a-z]{1,20}")
        };
        let parts: Vec<String> = self.0.split(RUN).map(literal).collect();
        let pattern = Regex::new(&format!(r"\A{}\z", parts.join(&regex::escape(tag)))).ok()?;
        if !is_tag(tag) || parts.len() < 2 {
            return None;
        }
        let found = pattern.captures(name)?;
        Some(found.iter().skip(1).flatten().map(|number| number.as_str()).collect())
    }

    /// What is wrong with a template, and what to do about it. Where each scenario has a portal of its
    /// own, `{actor}` tells its accounts apart.
    pub(super) fn fault(&self, each_has_a_portal: bool) -> Option<(String, String)> {
        const INSTEAD: &str = "write it near the beginning, as in `ts-{run}-{n}`";
        let text = self.0.as_str();
        let wrong = |message: String, help: &str| Some((message, help.to_owned()));
        if let Some(odd) = text.chars().find(|c| c.is_whitespace() || !is_plain(*c)) {
            let message = format!("a name holds {}", odd.escape_unicode());
            return wrong(message, "names are made of characters that everybody sees");
        }
        let Some((before, _)) = text.split_once(RUN) else {
            let message = "without `{run}` the names of a run may be those of people: such accounts would be changed and deleted".to_owned();
            return wrong(message, INSTEAD);
        };
        if before.contains('{') {
            let message = "only fixed text stands before `{run}`: where a portal cuts names short, the rest is somebody's name";
            return wrong(message.to_owned(), INSTEAD);
        }
        if before.contains(['+', '@']) {
            let message = format!(
                "`{{run}}` stands after `{}`: many portals leave that part of a name out",
                if before.contains('@') { '@' } else { '+' }
            );
            return wrong(message, INSTEAD);
        }
        if before.chars().count() + TAG_LENGTH > KEPT {
            let message = format!(
                "`{{run}}` ({TAG_LENGTH} characters) does not end within the first {KEPT} of a name: a portal that cuts names there would cut it off"
            );
            return wrong(message, INSTEAD);
        }
        let by_actor = each_has_a_portal && text.contains(ACTOR);
        if !text.contains(N) && !by_actor {
            let message = "without `{n}` two scenarios would share an account".to_owned();
            return wrong(message, "write it as well, as in `ts-{run}-{n}`");
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAG: &str = "7f3a91c2d0";

    #[test]
    fn a_name_is_a_runs_own_where_the_template_gives_exactly_that_name() {
        let gives = |template: &str, name: &str| {
            NameTemplate::new(template).numbers_in(name, TAG).map(|numbers| numbers.len())
        };
        for (template, name, expected) in [
            ("ts-{run}-{n}", "ts-7f3a91c2d0-101", Some(1)),
            ("ts-{run}-{n}", "ts-7f3a91c2d0-53012", Some(1)),
            ("ts-{run}-{n}@example.test", "ts-7f3a91c2d0-101@example.test", Some(1)),
            ("ts-{run}-{actor}", "ts-7f3a91c2d0-alice", Some(0)),
            ("{run}{n}", "7f3a91c2d0101", Some(1)),
            ("{run}{n}{n}", "7f3a91c2d0101102", Some(2)),
            ("ts-{run}-{n}", "alice", None),
            ("ts-{run}-{n}", "ts-7f3a91c2d0-101 ", None),
            ("ts-{run}-{n}", "ts-7f3a91c2d0-101\n", None),
            ("ts-{run}-{n}", "ts-7f3a91c2d0-101\u{0}", None),
            ("ts-{run}-{n}", "TS-7f3a91c2d0-101", None),
            ("ts-{run}-{n}", "ts-7F3A91C2D0-101", None),
            ("ts-{run}-{n}", "ats-7f3a91c2d0-101", None),
            ("ts-{run}-{n}", "alice-7f3a91c2d0-101", None),
            ("ts-{run}-{n}", "alice7f3a91c2d0", None),
            ("ts-{run}-{n}", "ts-7f3a91c2d1-101", None),
            ("ts-{run}-{n}", "ts-7f3a91c2d0-1", None),
            ("ts-{run}-{n}", "ts-7f3a91c2d0-", None),
            ("ts.{run}.{n}", "tsx7f3a91c2d0x101", None),
            ("ts-{run}-{n}@example.test", "ts-7f3a91c2d0-101@example.test.corp.com", None),
            ("ts-{run}-{actor}", "ts-7f3a91c2d0-../admin", None),
            ("{actor}", "alice", None),
        ] {
            assert_eq!(gives(template, name), expected, "{template} {name:?}");
        }
    }

    #[test]
    fn the_tag_first_and_the_signs_before_the_number() {
        for (template, first) in [
            ("ts-{run}-{n}", "{run}-ts-{n}"),
            ("acme.ts_{run}+{n}@example.test", "{run}_ts.acme+{n}@example.test"),
            ("ts{run}{n}", "{run}ts{n}"),
            ("{run}-{n}", "{run}-{n}"),
            ("ts-{run}-{actor}", "{run}-ts-{actor}"),
        ] {
            let template = NameTemplate::new(template);
            let moved = template.in_form(Form::TagFirst);
            assert_eq!(moved.text(), first);
            assert_eq!(template.in_form(Form::AsWritten), template);
            let name = moved.filled(TAG, "00101", "alice");
            assert!(moved.numbers_in(&name, TAG).is_some(), "{name}");
        }
    }

    #[test]
    fn what_a_template_fills_is_its_own() {
        for template in ["ts-{run}-{n}", "{run}.{n}.{actor}@example.test"] {
            let template = NameTemplate::new(template);
            let name = template.filled(TAG, "001", "alice");
            assert_eq!(template.numbers_in(&name, TAG), Some(BTreeSet::from(["001"])), "{name}");
        }
    }

    #[test]
    fn a_tag_has_its_length_and_its_characters() {
        for (tag, expected) in [
            (TAG, true),
            ("", false),
            ("7f3a91", false),
            ("7f3a91c2d", false),
            ("7f3a91c2d00", false),
            ("7F3A91C2D0", false),
            ("7f3a91c2d.", false),
            (".{0,99}..", false),
            ("7f3a91c2\u{e9}", false),
        ] {
            assert_eq!(is_tag(tag), expected, "{tag:?}");
            let name = format!("ts-{tag}-101");
            let own = NameTemplate::new("ts-{run}-{n}").numbers_in(&name, tag);
            assert_eq!(own.is_some(), expected, "{tag:?}");
        }
    }

    #[test]
    fn the_tag_stands_where_portals_keep_it() {
        for (template, each_has_a_portal, fault) in [
            ("ts-{run}-{n}", false, None),
            ("{run}{n}", false, None),
            ("tstesting-{run}-{n}", false, None),
            ("ts-{run}-{actor}", true, None),
            ("ts-{run}-{n}+tag@example.test", false, None),
            ("admin", false, Some("without `{run}`")),
            ("{actor}", true, Some("without `{run}`")),
            ("ts-{n}", false, Some("without `{run}`")),
            ("ts-{Run}-{n}", false, Some("without `{run}`")),
            ("{actor}-{run}-{n}", true, Some("only fixed text stands before `{run}`")),
            ("{n}-{run}", false, Some("only fixed text stands before `{run}`")),
            ("alice+{run}-{n}", false, Some("stands after `+`")),
            ("ts@{run}.example.test{n}", false, Some("stands after `@`")),
            ("touchstone-{run}-{n}", false, Some("within the first 20 of a name")),
            ("ts-{run}", false, Some("without `{n}`")),
            ("ts-{run}", true, Some("without `{n}`")),
            ("ts-{run}-{actor}", false, Some("without `{n}`")),
            ("ts-{run}-{n} ", false, Some("a name holds")),
            ("ts-{run}-{n}\u{200b}", false, Some("a name holds")),
            ("\u{1b}[31mts-{run}-{n}", false, Some("a name holds")),
            ("ts\u{202e}{run}-{n}", false, Some("a name holds")),
        ] {
            let found = NameTemplate::new(template).fault(each_has_a_portal);
            let told = found.as_ref().map(|(message, _)| message.as_str());
            let as_expected = match (told, fault) {
                (Some(told), Some(fault)) => told.contains(fault),
                (None, None) => true,
                (Some(_), None) | (None, Some(_)) => false,
            };
            assert!(as_expected, "{template:?}: {told:?}, expected {fault:?}");
        }
    }
}
