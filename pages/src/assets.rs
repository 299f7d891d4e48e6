//! The files that every page loads, and the policy that forbids anything else.

/// A file of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Its media type.
    pub media_type: &'static str,
    /// What it holds.
    pub text: &'static str,
}

/// Where the style sheet is.
pub(crate) const STYLE: &str = "/assets/portal.css";
/// Where the icon is.
pub(crate) const ICON: &str = "/assets/portal.svg";
/// Where the script is.
pub(crate) const SCRIPT: &str = "/assets/portal.js";

/// The file behind a path.
#[must_use]
pub fn asset(path: &str) -> Option<Asset> {
    match path {
        STYLE => Some(Asset {
            media_type: "text/css; charset=utf-8",
            text: include_str!("../assets/portal.css"),
        }),
        ICON => {
            Some(Asset { media_type: "image/svg+xml", text: include_str!("../assets/portal.svg") })
        }
        SCRIPT => Some(Asset {
            media_type: "text/javascript; charset=utf-8",
            text: include_str!("../assets/portal.js"),
        }),
        _ => None,
    }
}

/// The Content-Security-Policy of every page (CSP Level 3). A form may lead on to one of the origins that
/// are named, since browsers hold `form-action` against redirects as well.
#[must_use]
pub fn content_security_policy(leads_on_to: &[&str]) -> String {
    let mut policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
            .to_owned();
    for origin in leads_on_to {
        policy.push(' ');
        policy.push_str(origin);
    }
    policy
}
