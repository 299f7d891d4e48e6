//! From names to addresses: once for each name and pinned from then on, so that a name cannot be
//! turned to another machine half way.

use std::{
    collections::HashMap,
    fmt,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};

use profile::{Connect, Reach};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// A name without an address that may be contacted.
#[derive(Clone, Debug)]
pub(super) struct NoName(String);

impl fmt::Display for NoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoName {}

/// Resolves names as a profile allows it.
#[derive(Debug)]
pub(super) struct Resolver {
    connect: Connect,
    reach: Reach,
    pinned: Pinned,
}

impl Resolver {
    pub(super) fn new(connect: Connect, reach: Reach) -> Self {
        Self { connect, reach, pinned: Arc::default() }
    }

    /// The addresses of a name, the same ones every time.
    pub(super) async fn addresses(&self, name: &str) -> Result<Vec<SocketAddr>, NoName> {
        let pinned = Arc::clone(&self.pinned);
        let name = name.to_ascii_lowercase();
        find(self.connect.of(&name), self.reach, pinned, name).await
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_ascii_lowercase();
        let (connect, reach, pinned) =
            (self.connect.of(&name), self.reach, Arc::clone(&self.pinned));
        Box::pin(async move { Ok(addresses(find(connect, reach, pinned, name).await?)) })
    }
}

type Pinned = Arc<Mutex<HashMap<String, Vec<SocketAddr>>>>;

async fn find(
    connect: Option<SocketAddr>,
    reach: Reach,
    pinned: Pinned,
    name: String,
) -> Result<Vec<SocketAddr>, NoName> {
    if let Some(address) = connect {
        return Ok(vec![address]);
    }
    let known = pinned.lock().unwrap_or_else(PoisonError::into_inner).get(&name).cloned();
    if let Some(known) = known {
        return Ok(known);
    }
    let found = look_up(&name, reach).await?;
    let mut pinned = pinned.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(pinned.entry(name).or_insert(found).clone())
}

fn addresses(list: Vec<SocketAddr>) -> Addrs {
    Box::new(list.into_iter())
}

/// `localhost` and names below it are this machine, whatever a resolver says (RFC 6761 §6.3).
async fn look_up(name: &str, reach: Reach) -> Result<Vec<SocketAddr>, NoName> {
    if name == "localhost" || name.ends_with(".localhost") {
        return Ok(vec![SocketAddr::from(([127, 0, 0, 1], 0))]);
    }
    let found: Vec<SocketAddr> = tokio::net::lookup_host((name, 0))
        .await
        .map_err(|error| NoName(format!("no address for this name: {error}")))?
        .collect();
    let fit: Vec<SocketAddr> =
        found.iter().copied().filter(|address| may_be_contacted(address.ip(), reach)).collect();
    match (fit.is_empty(), found.first()) {
        (false, _) => Ok(fit),
        (true, None) => Err(NoName("no address for this name".into())),
        (true, Some(address)) => Err(NoName(format!(
            "the name resolves to {}, which is refused: `private_network = true` allows private addresses",
            address.ip()
        ))),
    }
}

/// Link-local addresses (cloud metadata among them) are never contacted by name.
fn may_be_contacted(address: IpAddr, reach: Reach) -> bool {
    let private = reach >= Reach::PrivateNetwork;
    let here = reach >= Reach::ThisMachine;
    match address {
        IpAddr::V4(v4) => {
            let never =
                v4.is_link_local() || v4.is_unspecified() || v4.is_broadcast() || v4.is_multicast();
            let shared = v4.octets()[0] == 100 && v4.octets()[1] & 0xc0 == 64;
            !never && (private || !(v4.is_private() || shared)) && (here || !v4.is_loopback())
        }
        IpAddr::V6(v6) => {
            if let Some(v4) = v6.to_ipv4_mapped() {
                return may_be_contacted(IpAddr::V4(v4), reach);
            }
            let never = v6.is_unicast_link_local() || v6.is_unspecified() || v6.is_multicast();
            !never && (private || !v6.is_unique_local()) && (here || !v6.is_loopback())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `.invalid` has no address anywhere (RFC 6761 §6.4): who has one has it from the first time.
    #[tokio::test]
    async fn a_name_that_was_resolved_is_never_resolved_again() {
        let resolver = Resolver::new(Connect::AsResolved, Reach::Public);
        let address = SocketAddr::from(([192, 0, 2, 7], 0));
        resolver.pinned.lock().unwrap().insert("turned.invalid".into(), vec![address]);
        assert_eq!(resolver.addresses("Turned.invalid").await.unwrap(), [address]);
        let name = "turned.invalid".parse().unwrap();
        assert_eq!(resolver.resolve(name).await.unwrap().collect::<Vec<_>>(), [address]);
        assert!(resolver.addresses("other.invalid").await.is_err());
    }

    #[tokio::test]
    async fn what_a_name_resolved_to_is_kept() {
        let resolver = Resolver::new(Connect::AsResolved, Reach::ThisMachine);
        let found = resolver.addresses("a.localhost").await.unwrap();
        assert_eq!(resolver.pinned.lock().unwrap().get("a.localhost"), Some(&found));
    }

    #[test]
    fn metadata_is_never_contacted_and_private_networks_only_when_allowed() {
        let least = |address: &str| {
            [Reach::Public, Reach::ThisMachine, Reach::PrivateNetwork]
                .into_iter()
                .find(|reach| may_be_contacted(address.parse().unwrap(), *reach))
        };
        for (address, expected) in [
            ("169.254.169.254", None),
            ("::ffff:169.254.169.254", None),
            ("fe80::1", None),
            ("0.0.0.0", None),
            ("10.1.2.3", Some(Reach::PrivateNetwork)),
            ("100.64.0.1", Some(Reach::PrivateNetwork)),
            ("::ffff:192.168.0.1", Some(Reach::PrivateNetwork)),
            ("fd00::1", Some(Reach::PrivateNetwork)),
            ("127.0.0.1", Some(Reach::ThisMachine)),
            ("::1", Some(Reach::ThisMachine)),
            ("93.184.216.34", Some(Reach::Public)),
        ] {
            assert_eq!(least(address), expected, "{address}");
        }
    }
}
