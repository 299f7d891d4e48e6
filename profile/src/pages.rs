//! Pages as data: what a person opens, fills in and presses for a verb, and what the page shows then. Reading them
//! from TOML is here; carrying them out is the driver's.

use regex::Regex;
use reports::record::Reply;

use super::{
    extractor::{regex, selector},
    flow::Place,
    grammar::{CONTROL, PAGE, PAGE_RULE, PAGE_STEP},
    reader::{Node, Table},
    secrets,
    template::Template,
    vocabulary::ROLES,
};

/// How a verb is performed on pages.
#[derive(Clone, Debug)]
pub struct Page {
    /// Where it stands in the profile.
    pub place: Place,
    /// Up to what the suite answers, or all of it.
    pub begin: Vec<PageStep>,
    /// After that; `None` where there is one half, or where the page goes on by itself.
    pub finish: Option<Vec<PageStep>>,
    /// What the page shows in the end.
    pub outcome: Vec<PageRule>,
    /// Texts that are taken from it, by name.
    pub capture: Vec<(String, Control)>,
}

/// One thing that a person does.
#[derive(Clone, Debug)]
pub struct PageStep {
    /// Where it stands in the profile.
    pub place: Place,
    /// What it is.
    pub act: Act,
    /// Only where this is shown.
    pub when: Option<Control>,
}

/// What a person does on a page.
#[derive(Clone, Debug)]
pub enum Act {
    /// Opens an address.
    Open(Template),
    /// Types into a field.
    Fill(Control, Template),
    /// Presses something.
    Press(Control),
}

impl Act {
    /// The control that it is done to, where it is done to one.
    #[must_use]
    pub const fn control(&self) -> Option<&Control> {
        match self {
            Self::Open(_) => None,
            Self::Fill(control, _) | Self::Press(control) => Some(control),
        }
    }
}

/// Something that a page shows.
#[derive(Clone, Debug)]
pub struct Control {
    /// As it is written in the profile, for messages.
    pub shown: String,
    /// Its role.
    pub role: Option<String>,
    /// Its accessible name.
    pub name: Option<Template>,
    /// The text of its label.
    pub label: Option<Template>,
    /// CSS selector.
    pub css: Option<String>,
    /// What its text matches.
    pub text: Option<Regex>,
}

/// What a page shows, and what that is.
#[derive(Clone, Debug)]
pub struct PageRule {
    /// Where it stands in the profile.
    pub place: Place,
    /// This is shown.
    pub shows: Option<Control>,
    /// This is not.
    pub hides: Option<Control>,
    /// The address matches.
    pub url: Option<Regex>,
    /// Its class.
    pub reply: Reply,
    /// The portal's reason.
    pub reason: Option<String>,
    /// Where the portal's words stand.
    pub message: Option<Control>,
}

impl Page {
    /// `[page.VERB]`.
    pub(super) fn read(node: &Node<'_, '_>) -> Option<Self> {
        let table = node.table(&PAGE)?;
        let halves = [("steps", table.get("steps")), ("begin", table.get("begin"))];
        let finish = table.get("finish").map(|node| steps(&node));
        let given: Vec<_> =
            halves.into_iter().filter_map(|(key, node)| Some((key, steps(&node?)))).collect();
        let outcome = table.need("outcome").map(|node| node.array()).unwrap_or_default();
        let capture = table.get("capture").map(|node| node.entries()).unwrap_or_default();
        let capture = capture.into_iter();
        let page = Self {
            place: node.reader.place(table.span.start),
            begin: Vec::new(),
            finish,
            outcome: outcome.iter().filter_map(rule).collect(),
            capture: capture.filter_map(|(name, _, node)| Some((name, control(&node)?))).collect(),
        };
        table.close();
        match <[_; 1]>::try_from(given) {
            Ok([("steps", _)]) if page.finish.is_some() => {
                node.complain("`finish` goes with `begin`: `steps` is a verb in one half");
                None
            }
            Ok([(_, begin)]) => Some(Self { begin, ..page }),
            Err(_) => {
                node.complain(format!("`{}` says one of: steps, begin", node.path));
                None
            }
        }
    }

    /// All steps, first half first.
    pub fn steps(&self) -> impl Iterator<Item = &PageStep> {
        self.begin.iter().chain(self.finish.iter().flatten())
    }
}

fn steps(node: &Node<'_, '_>) -> Vec<PageStep> {
    node.one_or_many().iter().filter_map(step).collect()
}

fn step(node: &Node<'_, '_>) -> Option<PageStep> {
    let table = node.table(&PAGE_STEP)?;
    let mut acts = Vec::new();
    acts.extend(table.get("open").map(|node| Template::read(&node).map(Act::Open)));
    acts.extend(fill(&table));
    acts.extend(table.get("press").map(|node| control(&node).map(Act::Press)));
    let when = table.get("when").map(|node| control(&node));
    table.close();
    if acts.len() != 1 {
        node.complain(format!("`{}`: a step on a page says one of: open, fill, press", node.path));
        return None;
    }
    Some(PageStep {
        place: node.reader.place(table.span.start),
        act: acts.pop().flatten()?,
        when: when.map_or(Some(None), |when| when.map(Some))?,
    })
}

/// `fill` and `with`, which go together.
fn fill(table: &Table<'_, '_>) -> Option<Option<Act>> {
    match (table.get("fill"), table.get("with")) {
        (Some(field), Some(with)) => {
            let (field, with) = (control(&field), Template::read(&with));
            let (field, with) = (field?, with?);
            let named = field.label.as_ref().map_or("", Template::lead);
            secrets::written_out(table.reader, [(named, &with)]);
            Some(Some(Act::Fill(field, with)))
        }
        (Some(field), None) => {
            field.complain("`fill` goes with `with`, which says what is typed");
            Some(None)
        }
        (None, Some(with)) => {
            with.complain("`with` goes with `fill`, which says where it is typed");
            None
        }
        (None, None) => None,
    }
}

/// Something that a page shows.
fn control(node: &Node<'_, '_>) -> Option<Control> {
    let table = node.table(&CONTROL)?;
    let known: Vec<(&str, &str)> = ROLES.iter().map(|role| (*role, *role)).collect();
    let role = table.get("role");
    let (name, label) = (table.get("name"), table.get("label"));
    let (css, text) = (table.get("css"), table.get("text"));
    table.close();
    if [&role, &label, &css].iter().all(|part| part.is_none()) {
        node.complain(format!("`{}` is found by one of: role, label, css", node.path));
    }
    if let (Some(name), None) = (&name, &role) {
        name.complain("`name` goes with `role`; a field is found by its `label`");
    }
    let written =
        [("role", &role), ("name", &name), ("label", &label), ("css", &css), ("text", &text)];
    let written: Vec<String> = written
        .iter()
        .filter_map(|(key, node)| Some(format!("{key} \"{}\"", node.as_ref()?.text()?)))
        .collect();
    let css = css.and_then(|node| selector(&node).and(node.text()).map(str::to_owned));
    Some(Control {
        shown: written.join(", "),
        role: role.and_then(|node| node.word(&known)).map(str::to_owned),
        name: name.and_then(|node| Template::read(&node)),
        label: label.and_then(|node| Template::read(&node)),
        css,
        text: text.and_then(|node| regex(&node)),
    })
}

fn rule(node: &Node<'_, '_>) -> Option<PageRule> {
    let table = node.table(&PAGE_RULE)?;
    let known: Vec<(&str, Reply)> = Reply::ALL.iter().map(|reply| (reply.word(), *reply)).collect();
    let shown = |key| table.get(key).and_then(|node| control(&node));
    let (shows, hides, message) = (shown("shows"), shown("hides"), shown("message"));
    let url = table.get("url").and_then(|node| regex(&node));
    let reply = table.need("is").and_then(|node| node.word(&known));
    let reason = table.text("reason");
    let says = ["shows", "hides", "url"].iter().any(|key| table.has(key));
    table.close();
    if !says {
        node.complain(format!(
            "`{}` holds of every page: it says one of: shows, hides, url",
            node.path
        ));
    }
    let place = node.reader.place(table.span.start);
    Some(PageRule { place, shows, hides, url, reply: reply?, reason, message })
}
