//! Reads `[actors]`: who the suite may be. Names and mailboxes that may be somebody else's are wrong.

use super::{
    Actors, Lent, NameTemplate, Portal, domains,
    grammar::{ACTORS, LENT, PASSWORD},
    reader::{Node, Table},
    secrets::Secrets,
    sections::Place,
};
use crate::secret::Secret;

/// `[actors]`.
pub(super) fn actors(
    root: &Table<'_, '_>,
    portal: Option<&(Portal, Place)>,
    secrets: &Secrets<'_>,
) -> Option<Actors> {
    let table = root.need("actors")?.table(&ACTORS)?;
    let own = table.get("own_domains").map(|node| own_domains(&node)).unwrap_or_default();
    let each_has_a_portal = portal.is_some_and(|(_, place)| place.base.contains("{scenario}"));
    let template = |key: &'static str, or: &str| {
        let Some(node) = table.get(key) else { return NameTemplate::new(or) };
        let template = NameTemplate::new(node.text().unwrap_or(or));
        names(&node, &template, each_has_a_portal);
        if key == "mail" || template.text().contains('@') {
            mailbox(&node, template.text(), &own);
        }
        template
    };
    let name = template("name", "ts-{run}-{n}");
    let mail = template("mail", "ts-{run}-{n}@touchstone.test");
    let password = table.get("password").and_then(|node| {
        if node.is_table() && node.table(&PASSWORD)?.has("generate") {
            return generated(&node);
        }
        secrets.reference(&node, None)
    });
    let disposable = table.flag("disposable").unwrap_or(false);
    let pool = table.get("pool").map(|node| pool(&node, secrets, &own)).unwrap_or_default();
    table.close();
    Some(Actors { name, mail, own_domains: own, password, disposable, pool })
}

/// Names that tell the accounts of a run from everybody else's.
fn names(node: &Node<'_, '_>, template: &NameTemplate, each_has_a_portal: bool) {
    let rest = ["{run}", "{n}", "{actor}"]
        .iter()
        .fold(template.text().to_owned(), |text, place| text.replace(place, ""));
    if rest.contains(['{', '}']) {
        node.complain(format!("`{}` knows {{run}}, {{n}} and {{actor}}", node.path));
    } else if let Some((message, help)) = template.fault(each_has_a_portal) {
        node.reader.complain_with(node.span(), format!("`{}`: {message}", node.path), Some(help));
    }
}

/// An address that mail may be sent to.
fn mailbox(node: &Node<'_, '_>, address: &str, own: &[String]) {
    if let Some(fault) = domains::fault(address, own) {
        let help = "take a name that is set aside, as in `ts-{run}-{n}@example.test`, or a domain whose every mailbox is yours, and name it in `own_domains` of [actors]";
        let message = format!("`{}`: {fault}", node.path);
        node.reader.complain_with(node.span(), message, Some(help.to_owned()));
    }
}

/// `own_domains = ["qa.acme.example"]`.
fn own_domains(node: &Node<'_, '_>) -> Vec<String> {
    let mut own = Vec::new();
    for node in node.array() {
        let Some(text) = node.text() else { continue };
        let Some(name) = domains::normal(text) else {
            node.complain(format!("`{}` is a domain such as \"qa.acme.example\"", node.path));
            continue;
        };
        if let Some(whose) = domains::of_strangers(&name) {
            node.complain(format!("{name} is nobody's own: {whose}"));
        }
        own.push(name);
    }
    own
}

/// `pool = [{ name = …, mail = …, password = { env = … } }, …]`.
fn pool(node: &Node<'_, '_>, secrets: &Secrets<'_>, own: &[String]) -> Vec<Lent> {
    let mut pool: Vec<Lent> = Vec::new();
    for node in node.array() {
        let Some(table) = node.table(&LENT) else { continue };
        let user = table.need("name").and_then(|node| node.text().map(str::to_owned));
        if let Some(node) = table.get("mail").filter(Node::is_text) {
            mailbox(&node, node.text().unwrap_or_default(), own);
        }
        let mail = table.text("mail").unwrap_or_default();
        let password = table.need("password").and_then(|node| secrets.reference(&node, None));
        table.close();
        let (Some(user), Some(password)) = (user, password) else { continue };
        if pool.iter().any(|lent| lent.user == user) {
            node.complain(format!("`{}` names this account twice", node.path));
        }
        pool.push(Lent { user, mail, password });
    }
    pool
}

/// `{ generate = true }`: no password that all have.
fn generated(node: &Node<'_, '_>) -> Option<Secret> {
    let table = node.table(&PASSWORD)?;
    if table.flag("generate") != Some(true) {
        node.complain("`generate` is true, or not there");
    }
    for key in ["env", "file", "given", "to"] {
        if let Some(node) = table.get(key) {
            node.complain(format!("`{key}` does not go with `generate`"));
        }
    }
    table.close();
    None
}
