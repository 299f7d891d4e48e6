//! The profile language: a TOML file that says where a portal is, what it can do and how each verb
//! is performed there. It holds no conformance knowledge. Nothing is sent before a profile is valid.

mod ability;
mod account_names;
mod actors;
mod check;
mod command;
mod complaint;
mod connect;
mod description;
mod domains;
mod driver;
pub mod effect;
pub mod error;
pub mod extractor;
mod files;
pub mod flow;
mod grammar;
mod kinds;
mod layers;
mod loosened;
mod mail;
mod named;
mod names;
pub mod pages;
mod presets;
mod reader;
mod reference;
mod rules;
mod schema;
pub mod secret;
mod secrets;
mod sections;
mod steps;
pub mod template;
pub mod verb;
mod vocabulary;
pub mod words;

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use sha2::{Digest, Sha256};
use toml::de::DeTable;

pub use self::{
    ability::Ability,
    account_names::{Form, NameTemplate, TAG_LENGTH},
    command::Command,
    complaint::Complaint,
    connect::Connect,
    description::{
        Actors, Description, Edition, Environment, Exclusion, Lent, Limits, Policy, Totp,
        UserVerification,
    },
    driver::Driver,
    loosened::Loosened,
    mail::{Layout, Mail, MailSource, ServerKind},
    named::{NamedSecret, SOUGHT_FROM, Use},
    presets::{Preset, presets},
    reference::reference,
    schema::schema,
    sections::is_loopback,
    verb::{Verb, may_count},
};
use self::{
    error::Error,
    flow::Flows,
    grammar::{ANSWERS, ROOT},
    reader::{Layer, Node, Reader, Table},
    secret::Secret,
    secrets::Given,
    template::Template,
    words::meant,
};

/// Version of the language that this program reads.
pub const VERSION: u64 = 1;

/// Largest profile, bytes.
const SIZE_LIMIT: usize = 1 << 20;

/// A valid profile.
#[derive(Clone, Debug)]
pub struct Profile {
    /// What scenarios and the runner may know.
    pub description: Description,
    /// How the portal is reached.
    pub portal: Portal,
    /// How verbs are performed.
    pub flows: Flows,
    /// The program that performs them instead, where there is one.
    pub driver: Option<Driver>,
    /// Secrets by name.
    pub secrets: BTreeMap<String, Secret>,
    /// All secrets that it names, passwords as well, and where they go.
    pub named: Vec<NamedSecret>,
    /// Where the portal's mail is found.
    pub mail: Option<Mail>,
    /// Whether commands that the profile names may be run; the person who starts the run says so.
    pub commands_allowed: bool,
}

/// How a portal is reached.
#[derive(Clone, Debug)]
pub struct Portal {
    /// Where names are connected to, whatever they resolve to.
    pub connect: Connect,
    /// Certificates to trust instead of the system's, PEM.
    pub ca: Option<Vec<u8>>,
    /// Whether any certificate goes; loopback only.
    pub insecure_tls: bool,
    /// Which addresses names may resolve to.
    pub reach: Reach,
    /// Headers of every request.
    pub headers: Vec<(String, Template)>,
}

/// Which addresses a name may resolve to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Such as everybody reaches.
    Public,
    /// This machine's own as well.
    ThisMachine,
    /// Those of private networks as well.
    PrivateNetwork,
}

impl Portal {
    /// Who vouches for the certificates of these origins, in words.
    fn trusts(&self, allow: &[String]) -> Option<&'static str> {
        allow.iter().find(|origin| origin.starts_with("https://"))?;
        Some(match (self.insecure_tls, &self.ca) {
            (true, _) => "certificates are not checked",
            (false, Some(_)) => "the certificates of `ca_file`, and no others",
            (false, None) => "the system's certificates, whatever the environment names",
        })
    }
}

impl Profile {
    /// The verbs that the portal has, by flows or by an adapter.
    #[must_use]
    pub fn verbs(&self) -> BTreeSet<Verb> {
        match &self.driver {
            Some(driver) => driver.verbs.clone(),
            None => self.flows.by_verb.keys().copied().collect(),
        }
    }

    /// What a run executes on this machine, where the command line allows it: what it does, and the
    /// command as one line.
    #[must_use]
    pub fn commands(&self) -> Vec<(String, String)> {
        let driver = self.driver.as_ref().map(|driver| &driver.command);
        let drives = driver.map(|command| ("drives the portal".to_owned(), command.line()));
        let mail = self.mail_program().map(|program| ("prints mails".to_owned(), program.line()));
        let steps =
            self.flows.commands().map(|(verb, line)| (format!("is part of {}", verb.name()), line));
        drives.into_iter().chain(mail).chain(steps).collect()
    }

    /// The command that prints mails, where one does.
    fn mail_program(&self) -> Option<&Command> {
        match &self.mail.as_ref()?.source {
            MailSource::Command(command) => Some(command),
            MailSource::Given
            | MailSource::Smtp(_)
            | MailSource::Folder(..)
            | MailSource::Server(..) => None,
        }
    }

    /// Whether the commands that the profile names may be run.
    ///
    /// # Errors
    /// Which one may not.
    pub fn permits_commands(&self) -> Result<(), Error> {
        match self.commands().first() {
            Some((_, line)) if !self.commands_allowed => Err(Error::Profile(format!(
                "the profile would run the command `{line}`: --allow-commands permits it"
            ))),
            Some(_) | None => Ok(()),
        }
    }

    /// Takes out where mail arrives, unless this verb may wait for some: nothing listens then.
    pub fn only_for(&mut self, verb: Verb) {
        if !self.flows.waits_for_mail(verb) {
            self.mail = None;
        }
    }

    /// Reads a profile. `provided` holds secrets that the launcher knows, and `listener`, the address
    /// of a portal that it has started. Other secrets are read from the environment or from files
    /// beside the profile.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(
        text: &str,
        file_name: &str,
        provided: &BTreeMap<String, Secret>,
    ) -> Result<Self, Vec<Complaint>> {
        Self::parse_only(text, file_name, provided, None)
    }

    /// The same, where of the environment and of files only some may be read: whoever starts the run
    /// need not have written the profile.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse_only(
        text: &str,
        file_name: &str,
        provided: &BTreeMap<String, Secret>,
        only: Option<&BTreeSet<String>>,
    ) -> Result<Self, Vec<Complaint>> {
        Self::parse_with(text, file_name, Given { secrets: provided, only, wanted: None })
    }

    /// Looks at the form of a profile, whether its secrets are there or not. The profile is not for a
    /// run: beside it stands what would have to be set before one.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn form(
        text: &str,
        file_name: &str,
        only: Option<&BTreeSet<String>>,
    ) -> Result<(Self, BTreeSet<String>), Vec<Complaint>> {
        let wanted = RefCell::default();
        let given = Given { secrets: &BTreeMap::new(), only, wanted: Some(&wanted) };
        let profile = Self::parse_with(text, file_name, given)?;
        Ok((profile, wanted.take()))
    }

    fn parse_with(text: &str, file_name: &str, given: Given<'_>) -> Result<Self, Vec<Complaint>> {
        let (sources, trouble) = layers::gather(text, file_name);
        let reader = Reader::new(&sources);
        if text.len() > SIZE_LIMIT {
            reader.complain(0..0, "the profile is larger than 1 MiB");
            return Err(reader.into_complaints());
        }
        if let Some(trouble) = trouble {
            trouble.complain(&reader);
        }
        if !sources[0].is_shown && no_toml(&reader) {
            return Err(reader.into_complaints());
        }
        let trees: Vec<_> = sources.iter().map(|source| parsed(source, &reader)).collect();
        for (tree, source) in trees.iter().zip(&sources) {
            kinds::acts_on_nothing(&reader, source.base, tree);
        }
        if reader.any() {
            return Err(reader.into_complaints());
        }
        let layers = trees.iter().zip(&sources);
        let layers = layers.map(|(entries, source)| Layer { entries, base: source.base }).collect();
        let profile = Self::read(&Table::root(&reader, &ROOT, layers), given);
        let complaints = reader.into_complaints();
        match profile {
            Some(profile) if complaints.is_empty() => Ok(profile),
            _ => Err(complaints),
        }
    }

    /// The profile and what it stands on as one text, each part with where it is from.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn resolved(text: &str, file_name: &str) -> Result<String, Vec<Complaint>> {
        Self::form(text, file_name, None)?;
        let (sources, _) = layers::gather(text, file_name);
        // It has been read as TOML a moment ago.
        Ok(layers::resolved(&sources).unwrap_or_default())
    }

    fn read(root: &Table<'_, '_>, given: Given<'_>) -> Option<Self> {
        let reader = root.reader;
        let own = reader.source(0);
        if own.text.trim().is_empty() {
            reader.complain_with(
                0..0,
                "the profile is empty",
                Some(format!("it begins with `profile = {VERSION}`")),
            );
            return None;
        }
        version(root)?;
        presets::recognisers(root);
        let secrets = secrets::Secrets::read(root, given);
        let portal = sections::portal(root, given);
        let scope = sections::scope(root, portal.as_ref());
        let declared = sections::abilities(root);
        let edition = root.get("edition").and_then(|node| node.word(vocabulary::EDITIONS));
        let (policy, totp) = sections::policy(root);
        let actors = actors::actors(root, portal.as_ref(), &secrets);
        let mail = root.get("mail").and_then(|node| sections::mail(&node));
        let exclusions = sections::exclusions(root);
        let driver = Driver::read(root);
        let flows = if root.has("driver") { Flows::default() } else { flows(root) };
        root.close();
        if reader.any() {
            // What must hold of the whole would only repeat, in other words, what is wrong already.
            return None;
        }
        let (portal, place) = portal?;
        let mut digest = Sha256::new();
        reader.sources().iter().for_each(|source| digest.update(source.text.as_bytes()));
        let digest: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let profile = Self {
            description: Description {
                name: place.name,
                digest: format!("sha256:{digest}"),
                base: place.base,
                origin: place.origin,
                rp_id: place.rp_id,
                environment: place.environment,
                edition: edition.unwrap_or(Edition::W3cL3),
                tls: portal.trusts(&scope.allow),
                contact: scope.contact,
                applications: scope.applications,
                allow: scope.allow,
                effects: scope.effects,
                connect: portal.connect.clone(),
                abilities: declared.iter().map(|(ability, _)| *ability).collect(),
                policy,
                totp,
                limits: scope.limits,
                actors: actors?,
                mail_patience: mail.as_ref().map_or(Duration::ZERO, |mail: &Mail| mail.patience),
                exclusions,
                loosened: Vec::new(),
            },
            portal,
            flows,
            driver,
            secrets: secrets.known.clone(),
            named: Vec::new(),
            mail,
            commands_allowed: false,
        };
        let mut profile = check::check(profile, root, &declared);
        profile.named = named::find(&profile, reader, secrets.origins());
        profile.description.loosened = loosened::of(&profile);
        Some(profile)
    }
}

/// Where a text that is no profile is no TOML either, it is said once: it may be a file of any kind.
fn no_toml(reader: &Reader<'_>) -> bool {
    let own = reader.source(0);
    let (_, errors) = DeTable::parse_recoverable(&own.text);
    let first = errors.first();
    if let Some(error) = first {
        let help = format!(
            "a profile begins with `profile = {VERSION}`; nothing is shown of a file that has no such line"
        );
        let message = error.message().lines().next().unwrap_or_default();
        reader.complain_with(error.span().unwrap_or(0..0), message, Some(help));
    }
    first.is_some()
}

/// A layer's tree; what is no TOML is complained about.
fn parsed<'s>(source: &'s reader::Source, reader: &Reader<'_>) -> DeTable<'s> {
    let (tree, errors) = DeTable::parse_recoverable(&source.text);
    if !errors.is_empty() {
        secrets::hide_what_looks_secret(reader);
    }
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        let message = error.message().lines().next().unwrap_or_default();
        reader.complain(span.start + source.base..span.end + source.base, message);
    }
    tree.into_inner()
}

/// A profile of another version is not read any further: its keys would all seem wrong.
fn version(root: &Table<'_, '_>) -> Option<()> {
    let _ = root.get("extends");
    let Some(node) = root.own("profile") else {
        let help = Some(format!("write `profile = {VERSION}` on the first line"));
        root.reader.complain_with(
            0..0,
            "the profile does not say which version of the language it is written in",
            help,
        );
        return None;
    };
    let found = node.number()?;
    if found != VERSION {
        node.complain(format!("the profile is written in version {found} of the language; this program reads {VERSION}"));
        return None;
    }
    Some(())
}

fn flows(root: &Table<'_, '_>) -> Flows {
    let base = root.get("webauthn").and_then(|node| steps::mapping(&node)).unwrap_or_default();
    let mut flows = Flows::default();
    if let Some(node) = root.get("answers").and_then(|node| node.table(&ANSWERS)) {
        flows.reason = node.get("reason").and_then(|node| steps::words(&node));
        flows.message = node.get("message").and_then(|node| extractor::Extractor::read(&node));
        flows.outcome = node.get("outcome").map(|node| steps::rules(&node)).unwrap_or_default();
        node.close();
    }
    let interrupts = root.get("interrupt").map(|node| node.array()).unwrap_or_default();
    flows.interrupts = interrupts.iter().filter_map(steps::interrupt).collect();
    flows.csrf = root.get("csrf").and_then(|node| steps::csrf(&node));
    let Some(node) = root.get("flow") else {
        let help = "an adapter performs the verbs of a portal that no flow can reach: [driver]";
        root.reader.complain_with(
            0..0,
            "the profile has no flows: [flow.sign_in], [flow.whoami], …",
            Some(help.to_owned()),
        );
        return flows;
    };
    for (name, span, node) in node.entries() {
        let Some(verb) = verb(&node, &name, span, "[flow]") else { continue };
        if let Some(mut flow) = steps::flow(&node) {
            flow.mapping = flow.mapping.over(&base);
            flows.by_verb.insert(verb, flow);
        }
    }
    let pages = root.get("page").map(|node| node.entries()).unwrap_or_default();
    for (name, span, node) in pages {
        let Some(verb) = verb(&node, &name, span, "[page]") else { continue };
        if let Some(page) = pages::Page::read(&node) {
            flows.pages.insert(verb, page);
        }
    }
    flows
}

fn verb(
    node: &Node<'_, '_>,
    name: &str,
    span: std::ops::Range<usize>,
    place: &str,
) -> Option<Verb> {
    let verb = Verb::named(name);
    if verb.is_none() {
        let all: Vec<&str> = Verb::ALL.iter().map(|verb| verb.name()).collect();
        let help = meant(name, all.iter().copied()).map_or_else(
            || format!("verbs: {}", all.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        let message = format!("unknown verb `{}` in {place}", reader::printable(name));
        node.reader.complain_with(span, message, Some(help));
    }
    verb
}

#[cfg(test)]
mod tests;
