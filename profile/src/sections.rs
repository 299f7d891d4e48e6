//! Reads the sections of a profile other than flows and actors: where, scope, abilities, policy, secrets,
//! mail and exclusions.

use std::{collections::BTreeSet, net::SocketAddr, ops::Range, time::Duration};

use reports::bounds::BODY_READ;
use softkey::totp::Algorithm;
use url::Url;

use super::{
    Ability, Connect, Environment, Exclusion, Limits, Mail, MailSource, Policy, Portal, Reach,
    Totp, UserVerification,
    extractor::regex,
    grammar::{
        EXCLUDED, LIFETIMES, LIMITS, LOCKOUT, MAIL, MAIL_SOURCE, POLICY, PORTAL, SCOPE, TOTP,
    },
    names,
    reader::{Node, Table},
    secrets::{self, Given},
    vocabulary::{ALGORITHMS, ENVIRONMENTS, VERIFICATION},
};
use crate::{Command, Layout, ServerKind, effect::Effect};

/// Nobody's clock is further off: the widest window that a profile may declare.
const MOST_SKEW: u64 = 100;

/// Names and addresses of a portal.
pub(super) struct Place {
    pub(super) name: String,
    pub(super) base: String,
    pub(super) origin: String,
    pub(super) rp_id: String,
    pub(super) environment: Environment,
}

/// `[portal]`.
pub(super) fn portal(root: &Table<'_, '_>, given: Given<'_>) -> Option<(Portal, Place)> {
    let table = root.need("portal")?.table(&PORTAL)?;
    let name = table.need("name").and_then(|node| node.text().map(str::to_owned));
    let base = table.need("base").and_then(|node| Some((url(&node)?, node)));
    let origin = table.get("origin").and_then(|node| origin(&node));
    let rp_id = table.get("rp_id").and_then(|node| placed(&node).map(str::to_owned));
    let environment = table.need("environment").and_then(|node| node.word(ENVIRONMENTS));
    let connect = table.get("connect").map(|node| Connect::read(&node, given)).unwrap_or_default();
    let ca = table.get("ca_file").and_then(|node| secrets::certificates(&node));
    let headers = table.get("headers").map(|node| names::headers(&node)).unwrap_or_default();
    secrets::written_out(
        table.reader,
        headers.iter().map(|(name, template)| (name.as_str(), template)),
    );
    let insecure = table.get("insecure_tls").filter(|node| node.flag() == Some(true));
    let private = table.flag("private_network").unwrap_or(false);
    table.close();

    let (base, base_node) = base?;
    let sample = Url::parse(&base.replace("{scenario}", "scenario")).ok()?;
    let host = sample.host_str().unwrap_or_default();
    if let Some(node) = insecure.as_ref().filter(|_| !is_here(host, &connect)) {
        node.complain("`insecure_tls` is for portals on this machine only");
    }
    if connect.leads_all() && sample.domain().is_none() {
        base_node.complain("`connect` needs a host name in `base`, not an address");
    }
    let place = Place {
        name: name?,
        origin: origin.unwrap_or_else(|| base_origin(&base)),
        rp_id: rp_id.unwrap_or_else(|| base_host(&base)),
        base,
        environment: environment?,
    };
    let reach = match (private, place.environment.is_for_tests()) {
        (true, _) => Reach::PrivateNetwork,
        (false, true) => Reach::ThisMachine,
        (false, false) => Reach::Public,
    };
    let portal = Portal { connect, ca, insecure_tls: insecure.is_some(), reach, headers };
    Some((portal, place))
}

/// The scheme, host and port of a URL that may hold `{scenario}`.
fn base_origin(base: &str) -> String {
    let start = base.find("://").map_or(0, |at| at + 3);
    let end = base[start..].find('/').map_or(base.len(), |at| start + at);
    base[..end].to_owned()
}

/// Whether a host is on this machine, as far as a profile tells.
fn is_here(host: &str, connect: &Connect) -> bool {
    connect.of(host).map_or_else(|| is_loopback(host), |address| address.ip().is_loopback())
}

fn base_host(base: &str) -> String {
    let origin = base_origin(base);
    let host = origin.split_once("://").map_or(origin.as_str(), |(_, host)| host);
    host.rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
        .map_or(host, |(host, _)| host)
        .to_owned()
}

/// Whether a host is this machine by its name.
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A text in which only `{scenario}` may be a place.
fn placed<'r>(node: &Node<'r, '_>) -> Option<&'r str> {
    let text = node.text()?;
    if text.replace("{scenario}", "").contains(['{', '}']) {
        node.complain(format!("only `{{scenario}}` can stand in `{}`", node.path));
        return None;
    }
    Some(text)
}

fn url(node: &Node<'_, '_>) -> Option<String> {
    let text = placed(node)?;
    let parsed = Url::parse(&text.replace("{scenario}", "scenario")).ok();
    let sound = parsed.filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
            && url.port() != Some(0)
    });
    if sound.is_none() {
        node.complain(format!("`{}` is a URL such as \"https://login.example\"", node.path));
        return None;
    }
    Some(text.trim_end_matches('/').to_owned())
}

pub(super) fn origin(node: &Node<'_, '_>) -> Option<String> {
    let text = url(node)?;
    if base_origin(&text) != text {
        node.complain(format!("`{}` is scheme, host and port, without a path", node.path));
        return None;
    }
    Some(text)
}

/// Whether the host of an origin is an address and no name.
fn is_address(origin: &str) -> bool {
    let sample = Url::parse(&origin.replace("{scenario}", "scenario"));
    sample.is_ok_and(|sample| sample.domain().is_none())
}

/// `[scope]`.
pub(super) struct Scope {
    pub(super) allow: Vec<String>,
    pub(super) effects: BTreeSet<Effect>,
    pub(super) limits: Limits,
    pub(super) contact: Option<String>,
    pub(super) applications: Vec<String>,
}

/// `[scope]`; the origin of `base` is always in it.
pub(super) fn scope(root: &Table<'_, '_>, portal: Option<&(Portal, Place)>) -> Scope {
    let place = portal.map(|(_, place)| place);
    let mut allow: Vec<String> = place.map(|place| base_origin(&place.base)).into_iter().collect();
    let Some(table) = root.get("scope").and_then(|node| node.table(&SCOPE)) else {
        connects_what_is_allowed(root, portal, &allow);
        let limits = limits(portal, &allow, None);
        return Scope {
            allow,
            effects: Effect::all(),
            limits,
            contact: None,
            applications: Vec::new(),
        };
    };
    let effects = table.get("effects").map_or_else(Effect::all, |node| effects(&node));
    let nodes = |key| table.get(key).map(|node| node.array()).unwrap_or_default();
    let applications = nodes("applications");
    let nodes: Vec<_> = nodes("allow").into_iter().chain(applications.iter().cloned()).collect();
    let applications = applications.iter().filter_map(origin).collect();
    let reached = portal.map(|(portal, _)| portal);
    let connects = reached.is_some_and(|portal| portal.connect.leads_all());
    for (node, origin) in nodes.iter().filter_map(|node| Some((node, origin(node)?))) {
        if connects && is_address(&origin) {
            node.complain("`connect` needs host names in `allow`, not addresses");
        }
        let unchecked = reached.filter(|portal| portal.insecure_tls);
        if unchecked.is_some_and(|portal| !is_here(&base_host(&origin), &portal.connect)) {
            node.complain("`insecure_tls` is for this machine only: certificates would not be checked there either");
        }
        if !allow.contains(&origin) {
            allow.push(origin);
        }
    }
    let stated = table.get("limits").and_then(|node| node.table(&LIMITS));
    let limits = limits(portal, &allow, stated.as_ref());
    let contact = table.get("contact").and_then(|node| contact(&node));
    table.close();
    connects_what_is_allowed(root, portal, &allow);
    Scope { allow, effects, limits, contact, applications }
}

/// `[scope.limits]`. A portal on this machine is not slowed down where the profile says what it is.
fn limits(
    portal: Option<&(Portal, Place)>,
    allow: &[String],
    stated: Option<&Table<'_, '_>>,
) -> Limits {
    let mut limits = Limits::CAUTIOUS;
    let unhurried = portal.is_some_and(|(portal, place)| {
        let mut hosts = allow.iter().map(|origin| base_host(origin));
        place.environment.is_for_tests() && hosts.all(|host| is_here(&host, &portal.connect))
    });
    if unhurried {
        limits = Limits { requests_per_second: None, mails_per_hour: None, ..limits };
    }
    let Some(table) = stated else { return limits };
    let any = u32::MAX;
    let small = |key, most| table.get(key).and_then(|node| count(&node, most));
    limits.requests_per_second = small("requests_per_second", any).or(limits.requests_per_second);
    limits.concurrent = small("concurrent", any).unwrap_or(limits.concurrent);
    limits.mails_per_hour = small("mails_per_hour", any).or(limits.mails_per_hour);
    let most = u32::try_from(BODY_READ.most).unwrap_or(any);
    limits.body_limit = small("body_limit", most).map_or(limits.body_limit, u64::from);
    let time = |key| table.get(key).and_then(|node| lasting(&node));
    limits.exchange_timeout = time("exchange_timeout").unwrap_or(limits.exchange_timeout);
    limits.pauses = time("pauses").unwrap_or(limits.pauses);
    table.close();
    limits
}

/// A number from 1: with 0 nothing would be done at all.
fn count(node: &Node<'_, '_>, most: u32) -> Option<u32> {
    let number = node.number()?;
    let count = u32::try_from(number).ok().filter(|number| (1..=most).contains(number));
    if count.is_none() {
        node.complain(format!("`{}` is a number from 1 to {most}", node.path));
    }
    count
}

/// A time that is longer than none.
fn lasting(node: &Node<'_, '_>) -> Option<Duration> {
    let time = node.duration()?;
    if time.is_zero() {
        node.complain(format!("`{}` is longer than nothing", node.path));
    }
    Some(time)
}

/// A mail address or a URL; it stands in a header.
fn contact(node: &Node<'_, '_>) -> Option<String> {
    let text = node.text()?;
    let fits = |c: char| c.is_ascii_graphic() && !matches!(c, '(' | ')' | '\\');
    if text.is_empty() || text.len() > 200 || !text.chars().all(fits) {
        node.complain("`contact` is a mail address or a URL, without blanks and parentheses");
        return None;
    }
    Some(text.to_owned())
}

fn connects_what_is_allowed(
    root: &Table<'_, '_>,
    portal: Option<&(Portal, Place)>,
    allow: &[String],
) {
    let node = root.get("portal").and_then(|node| node.table(&PORTAL)?.get("connect"));
    if let (Some(node), Some((portal, _))) = (node, portal) {
        portal.connect.compare(&node, allow);
    }
}

fn effects(node: &Node<'_, '_>) -> BTreeSet<Effect> {
    let known: Vec<(&str, Effect)> =
        Effect::ALL.iter().map(|effect| (effect.word(), *effect)).collect();
    node.array().iter().filter_map(|node| node.word(&known)).collect()
}

/// `can = […]`, each with its place.
pub(super) fn abilities(root: &Table<'_, '_>) -> Vec<(Ability, Range<usize>)> {
    let known: Vec<(&str, Ability)> =
        Ability::ALL.iter().map(|ability| (ability.word(), *ability)).collect();
    let nodes = root.get("can").map(|node| node.array()).unwrap_or_default();
    nodes.iter().filter_map(|node| Some((node.word(&known)?, node.span()))).collect()
}

/// `[policy]`.
pub(super) fn policy(root: &Table<'_, '_>) -> (Policy, Totp) {
    let mut policy = Policy {
        user_verification: UserVerification::Preferred,
        challenge_lifetime: Duration::from_secs(60),
        reset_lifetime: Duration::from_secs(300),
        wrong_tries: Policy::WRONG_TRIES,
        lock_lifetime: Duration::from_secs(300),
        fresh_for: Duration::from_secs(600),
    };
    let mut totp = Totp { algorithm: Algorithm::Sha1, digits: 6, period: 30, skew_steps: 1 };
    let Some(table) = root.get("policy").and_then(|node| node.table(&POLICY)) else {
        return (policy, totp);
    };
    let asked = table.get("user_verification").and_then(|node| node.word(VERIFICATION));
    policy.user_verification = asked.unwrap_or(policy.user_verification);
    if let Some(lifetimes) = table.get("lifetimes").and_then(|node| node.table(&LIFETIMES)) {
        let time = |key| lifetimes.get(key).and_then(|node| lasting(&node));
        policy.challenge_lifetime = time("challenge").unwrap_or(policy.challenge_lifetime);
        policy.reset_lifetime = time("reset").unwrap_or(policy.reset_lifetime);
        policy.fresh_for = time("fresh_authentication").unwrap_or(policy.fresh_for);
        lifetimes.close();
    }
    if let Some(codes) = table.get("totp").and_then(|node| node.table(&TOTP)) {
        let algorithm = codes.get("algorithm").and_then(|node| node.word(ALGORITHMS));
        totp.algorithm = algorithm.unwrap_or(totp.algorithm);
        totp.digits = codes.get("digits").and_then(|node| digits(&node)).unwrap_or(totp.digits);
        totp.period =
            codes.get("period").and_then(|node| count(&node, u32::MAX)).unwrap_or(totp.period);
        let skew = codes.get("skew_steps").and_then(|node| skew(&node));
        totp.skew_steps = skew.unwrap_or(totp.skew_steps);
        codes.close();
    }
    if let Some(lockout) = table.get("lockout").and_then(|node| node.table(&LOCKOUT)) {
        let tries = lockout.get("wrong_tries").and_then(|node| count(&node, u32::MAX));
        policy.wrong_tries = tries.unwrap_or(policy.wrong_tries);
        let lasts = lockout.get("lasts").and_then(|node| lasting(&node));
        policy.lock_lifetime = lasts.unwrap_or(policy.lock_lifetime);
        lockout.close();
    }
    table.close();
    (policy, totp)
}

/// As many as a code can have.
fn digits(node: &Node<'_, '_>) -> Option<u32> {
    let digits = u32::try_from(node.number()?).ok().filter(|digits| (1..=9).contains(digits));
    if digits.is_none() {
        node.complain(format!("`{}` is a number from 1 to 9", node.path));
    }
    digits
}

fn skew(node: &Node<'_, '_>) -> Option<u32> {
    let steps = node.number()?;
    if steps > MOST_SKEW {
        node.complain(format!("`{}` is {MOST_SKEW} at the most", node.path));
    }
    u32::try_from(steps).ok()
}

/// `[mail]`.
pub(super) fn mail(node: &Node<'_, '_>) -> Option<Mail> {
    let table = node.table(&MAIL)?;
    let source = table.need("source").and_then(|node| mail_source(&node));
    let link = table.get("link").map(|node| regex(&node));
    let code = table.get("code").map(|node| regex(&node));
    let subject = table.get("subject").and_then(|node| regex(&node));
    let patience = table.duration("patience").unwrap_or(Duration::from_secs(10));
    table.close();
    let is_link = link.is_some();
    let ((Some(pattern), None) | (None, Some(pattern))) = (link, code) else {
        node.complain("[mail] says `link` or `code`: a regular expression for what is mailed");
        return None;
    };
    Some(Mail { source: source?, pattern: pattern?, is_link, subject, patience })
}

fn mail_source(node: &Node<'_, '_>) -> Option<MailSource> {
    let table = node.table(&MAIL_SOURCE)?;
    let mut sources = Vec::new();
    let mut found = |source: Option<MailSource>| sources.push(source);
    table.get("smtp").into_iter().for_each(|node| found(smtp(&node)));
    for (key, layout) in [("eml_folder", Layout::Eml), ("maildir", Layout::Maildir)] {
        let folder =
            |node: Node<'_, '_>| Some(MailSource::Folder(node.beside(node.text()?), layout));
        table.get(key).into_iter().for_each(|node| found(folder(node)));
    }
    for (key, kind) in [("mailpit", ServerKind::Mailpit), ("mailhog", ServerKind::MailHog)] {
        table.get(key).into_iter().for_each(|node| found(mail_server(&node, kind)));
    }
    table
        .get("command")
        .into_iter()
        .for_each(|node| found(command(&node).map(MailSource::Command)));
    table.close();
    let source = sources.pop();
    if source.is_none() || !sources.is_empty() {
        let known: Vec<&str> = MAIL_SOURCE.all().map(|key| key.name).collect();
        node.complain(format!("a mail source says one of: {}", known.join(", ")));
        return None;
    }
    source.flatten()
}

fn smtp(node: &Node<'_, '_>) -> Option<MailSource> {
    let text = node.text()?;
    if text == "given" {
        return Some(MailSource::Given);
    }
    let fits = |address: &SocketAddr| address.ip().is_loopback() && address.port() > 0;
    let address = text.parse().ok().filter(fits);
    if address.is_none() {
        node.complain("`smtp` is \"given\", or a loopback address such as \"127.0.0.1:2525\"");
    }
    address.map(MailSource::Smtp)
}

fn mail_server(node: &Node<'_, '_>, kind: ServerKind) -> Option<MailSource> {
    let text = url(node)?;
    Some(MailSource::Server(kind, Url::parse(&format!("{text}/")).ok()?))
}

/// A program and its arguments.
pub(super) fn command(node: &Node<'_, '_>) -> Option<Command> {
    let argv: Vec<String> =
        node.array().iter().filter_map(|part| part.text().map(str::to_owned)).collect();
    if argv.is_empty() {
        node.complain("`command` is a program and its arguments");
        return None;
    }
    Some(Command::new(argv, &node.beside("")))
}

/// `[[excluded]]`.
pub(super) fn exclusions(root: &Table<'_, '_>) -> Vec<Exclusion> {
    let nodes = root.get("excluded").map(|node| node.array()).unwrap_or_default();
    let exclusions = nodes.iter().filter_map(|node| {
        let table = node.table(&EXCLUDED)?;
        let scenario = table.text("scenario");
        let requirement = table.text("requirement");
        let reason = table.need("reason").and_then(|node| node.text().map(str::to_owned));
        table.close();
        let ((Some(pattern), None) | (None, Some(pattern))) = (scenario, requirement) else {
            node.complain("[[excluded]] says `scenario` or `requirement`: an id or a glob");
            return None;
        };
        let reason = reason?;
        if reason.trim().is_empty() {
            node.complain("an exclusion has a reason: it stands in every report");
        }
        Some(Exclusion { pattern, reason })
    });
    exclusions.collect()
}
