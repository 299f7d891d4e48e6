//! `connect`: addresses in place of what names resolve to, as `curl --connect-to` has them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    net::SocketAddr,
};

use serde::Serialize;
use url::Url;

use super::{
    reader::{Node, printable},
    secrets::{Given, Missing},
};
use crate::secret::Secret;

/// Where names are connected to, whatever they resolve to. The Host header stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Connect {
    /// Where they resolve to.
    #[default]
    AsResolved,
    /// Every allowed name to one address.
    All(SocketAddr),
    /// These names, in lower case; the others to where they resolve to.
    Named(BTreeMap<String, SocketAddr>),
}

impl Connect {
    /// The address of a name, where it is not resolved.
    #[must_use]
    pub fn of(&self, name: &str) -> Option<SocketAddr> {
        match self {
            Self::AsResolved => None,
            Self::All(address) => Some(*address),
            Self::Named(names) => names.get(&name.to_ascii_lowercase()).copied(),
        }
    }

    /// As a report shows it; `None` where names are resolved.
    #[must_use]
    pub fn shown(&self) -> Option<String> {
        match self {
            Self::AsResolved => None,
            Self::All(_) | Self::Named(_) => Some(self.to_string()),
        }
    }

    /// Whether it needs names, and an address in its place would not be led anywhere.
    pub(super) const fn leads_all(&self) -> bool {
        matches!(self, Self::All(_))
    }

    pub(super) fn read(node: &Node<'_, '_>, given: Given<'_>) -> Self {
        if !node.is_table() {
            return address(node, given).map_or(Self::AsResolved, Self::All);
        }
        let names = node.entries().into_iter().filter_map(|(name, _, node)| {
            Some((name.to_ascii_lowercase(), address(&node, given)?))
        });
        Self::Named(names.collect())
    }

    /// A name that nothing is sent to is a slip; an address would not be led anywhere; and what is said
    /// of some names says nothing of a host that each scenario has to itself.
    pub(super) fn compare(&self, node: &Node<'_, '_>, allow: &[String]) {
        if !matches!(self, Self::Named(_)) {
            return;
        }
        if allow.iter().any(|origin| origin.contains("{scenario}")) {
            node.complain(
                "hosts with `{scenario}` go with one address in `connect`, for all of them",
            );
        }
        let hosts: BTreeSet<String> = allow
            .iter()
            .filter_map(|origin| Url::parse(origin).ok()?.host_str().map(str::to_owned))
            .collect();
        for (name, span, _) in node.entries() {
            if matches!(url::Host::parse(&name), Ok(url::Host::Ipv4(_) | url::Host::Ipv6(_))) {
                let message = "`connect` leads names, and this is an address";
                node.reader.complain(span.clone(), message);
            }
            if !hosts.contains(&name.to_ascii_lowercase()) {
                let message = format!(
                    "`connect` names a host that is neither that of `base` nor in `allow`: `{}`",
                    printable(&name)
                );
                node.reader.complain(span, message);
            }
        }
    }
}

impl fmt::Display for Connect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AsResolved => f.write_str("where the name resolves to"),
            Self::All(address) => write!(f, "{address}"),
            Self::Named(names) => {
                let each: Vec<String> =
                    names.iter().map(|(name, address)| format!("{address} for {name}")).collect();
                f.write_str(&each.join(", "))
            }
        }
    }
}

fn address(node: &Node<'_, '_>, given: Given<'_>) -> Option<SocketAddr> {
    let text = node.text()?;
    let listener = if text == "{listener}" { Some(listener(node, given)?) } else { None };
    let address = listener.as_ref().map_or(text, Secret::reveal);
    let parsed = address.parse().ok().filter(|address: &SocketAddr| address.port() > 0);
    if parsed.is_none() {
        node.complain("`connect` is an address and a port, such as \"127.0.0.1:8103\", or one for each of some names");
    }
    parsed
}

/// The address of a portal that the launcher has started.
fn listener(node: &Node<'_, '_>, given: Given<'_>) -> Option<Secret> {
    if let Some(listener) = given.secrets.get("listener") {
        return Some(listener.clone());
    }
    let missing = Missing {
        message: "`{listener}` is the address of a portal that the program started, and it has started none".into(),
        help: "nothing is wrong with the profile: it is for the program that starts the portal itself".into(),
        wanted: "`{listener}`, which only the program that starts the portal can give".into(),
    };
    given.lacks(node, missing, "127.0.0.1:9")
}
