//! The browser around the key: on which page it stands, what its user does, which rules it keeps.

use std::net::Ipv4Addr;

use crate::refusal::Refusal;

/// A page in a browser. [`Browser::at`] is an honest one; deviations are struct updates of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Browser {
    /// The origin of the page: scheme, host, and the port where it is not the scheme's own.
    pub origin: String,
    /// The origin of the page that frames this one, where there is one.
    pub top_origin: Option<String>,
    /// Whether `allowCredentials` and `excludeCredentials` are heeded. A browser that does not
    /// registers a key twice, and signs in with the credential in `picks` or else the newest one.
    pub obeys_lists: bool,
    /// The credential (base64url) that the user picks where there is a choice.
    pub picks: Option<String>,
    /// Whether the user touches the key.
    pub touches: bool,
    /// Whether the user knows the PIN or gives the fingerprint, where the key can take one.
    pub verifies: bool,
    /// Whether attestation is handed on even where the portal asked for none.
    pub keeps_attestation: bool,
}

impl Browser {
    /// An honest browser on a page of this origin. A path, a slash at the end, upper case in the
    /// host and the scheme's own port are dropped, as browsers do.
    pub fn at(origin: impl AsRef<str>) -> Self {
        Self {
            origin: serialized_origin(origin.as_ref()),
            top_origin: None,
            obeys_lists: true,
            picks: None,
            touches: true,
            verifies: true,
            keeps_attestation: false,
        }
    }

    /// The relying party id for this page (WebAuthn Level 3 §5.1.3 step 8): what the options ask
    /// for if it is the host or a domain above it, the host if they ask for nothing.
    pub(crate) fn rp_id(&self, asked: Option<&str>) -> Result<String, Refusal> {
        let (scheme, host) = scheme_and_host(&self.origin).ok_or(Refusal::WrongRpId)?;
        let local = host == "localhost" || host.ends_with(".localhost");
        let secure = scheme == "https" || scheme == "http" && local;
        // An address is not a domain, and a browser takes only domains.
        let is_address = host.starts_with('[') || host.parse::<Ipv4Addr>().is_ok();
        if !secure || is_address || host.is_empty() {
            return Err(Refusal::WrongRpId);
        }
        match asked {
            None => Ok(host.to_owned()),
            Some(id) if id == host || is_registrable_suffix(id, host) => Ok(id.to_owned()),
            Some(_) => Err(Refusal::WrongRpId),
        }
    }
}

/// Without a list of public suffixes, any domain of two labels counts as one that can be registered.
fn is_registrable_suffix(id: &str, host: &str) -> bool {
    let below = host.strip_suffix(id).is_some_and(|rest| rest.ends_with('.'));
    below && id.contains('.') && !id.starts_with('.')
}

fn scheme_and_host(origin: &str) -> Option<(&str, &str)> {
    let (scheme, authority) = origin.split_once("://")?;
    let port = authority.rfind(':').filter(|colon| !authority[*colon..].contains(']'));
    Some((scheme, &authority[..port.unwrap_or(authority.len())]))
}

fn serialized_origin(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let scheme = scheme.to_lowercase();
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default().to_lowercase();
    let own_port = match scheme.as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => "",
    };
    let authority = authority.strip_suffix(own_port).unwrap_or(&authority);
    format!("{scheme}://{authority}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_do() {
        for (text, expected) in [
            ("https://portal.example", "https://portal.example"),
            ("HTTPS://Portal.Example:443/a?b#c", "https://portal.example"),
            ("http://a.localhost:80/", "http://a.localhost"),
            ("http://a.localhost:443", "http://a.localhost:443"),
            ("https://portal.example:8443/", "https://portal.example:8443"),
            ("nonsense", "nonsense"),
        ] {
            assert_eq!(Browser::at(text).origin, expected);
        }
    }

    #[test]
    fn a_relying_party_belongs_to_the_page() {
        for (origin, asked, expected) in [
            ("https://login.portal.example", None, Some("login.portal.example")),
            ("https://login.portal.example:1", None, Some("login.portal.example")),
            ("https://login.portal.example", Some("portal.example"), Some("portal.example")),
            ("https://portal.example", Some("login.portal.example"), None),
            ("https://evilportal.example", Some("portal.example"), None),
            ("https://portal.example", Some("example"), None),
            ("https://portal.example", Some(".portal.example"), None),
            ("https://portal.example", Some(""), None),
            ("https://portal.example", Some("PORTAL.example"), None),
            ("http://a.portal.localhost", Some("a.portal.localhost"), Some("a.portal.localhost")),
            ("http://a.portal.localhost", Some("portal.localhost"), Some("portal.localhost")),
            ("http://localhost:8080", None, Some("localhost")),
            ("http://portal.example", None, None),
            ("http://notlocalhost", None, None),
            ("https://127.0.0.1", None, None),
            ("https://[::1]:1", None, None),
            ("https://", None, None),
            ("nonsense", None, None),
        ] {
            let found = Browser::at(origin).rp_id(asked).ok();
            assert_eq!(found.as_deref(), expected, "{origin} {asked:?}");
        }
    }
}
