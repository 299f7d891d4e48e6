//! How an origin is compared: exactly, or in one of the ways that real portals got wrong.

use url::Url;

use super::{Ceremony, Expectation};
use crate::portal::{check::Checks, defect::Weakness};

#[derive(Clone, Copy)]
enum Rule {
    Exact,
    HostSuffix,
    Prefix,
    AnySubdomain,
    AnyScheme,
    AnyPort,
}

/// The ways to get it wrong, with their names at registration and at authentication.
const MISTAKES: &[(Rule, Weakness, Weakness)] = &[
    (Rule::HostSuffix, Weakness::RegistrationOriginSuffix, Weakness::OriginSuffix),
    (Rule::Prefix, Weakness::RegistrationOriginPrefix, Weakness::OriginPrefix),
    (Rule::AnySubdomain, Weakness::RegistrationOriginSubdomain, Weakness::OriginSubdomain),
    (Rule::AnyScheme, Weakness::RegistrationOriginScheme, Weakness::OriginScheme),
    (Rule::AnyPort, Weakness::RegistrationOriginPort, Weakness::OriginPort),
];

/// Whether an origin is one that the portal expects.
pub(super) fn is_expected(
    checks: &Checks,
    ceremony: Ceremony,
    origin: &str,
    expect: &Expectation<'_>,
) -> bool {
    let mistake = MISTAKES.iter().find(|(_, at_registration, at_authentication)| {
        checks.weak(match ceremony {
            Ceremony::Registration => *at_registration,
            Ceremony::Authentication => *at_authentication,
        })
    });
    let rule = mistake.map_or(Rule::Exact, |(rule, ..)| *rule);
    origin == expect.origin || rule.admits(origin, expect)
}

impl Rule {
    fn admits(self, origin: &str, expect: &Expectation<'_>) -> bool {
        match self {
            Self::Exact => false,
            Self::Prefix => origin.starts_with(expect.origin),
            Self::AnyScheme => after_scheme(origin) == after_scheme(expect.origin),
            Self::HostSuffix => alike(origin, expect, |host, rp_id| host.ends_with(rp_id)),
            Self::AnySubdomain => alike(origin, expect, |host, rp_id| {
                host.strip_suffix(rp_id).is_some_and(|label| label.ends_with('.'))
            }),
            Self::AnyPort => alike(origin, expect, |host, rp_id| host == rp_id),
        }
    }
}

/// Whether the schemes are the same, and the host is taken for the RP id's.
fn alike(origin: &str, expect: &Expectation<'_>, hosts: fn(&str, &str) -> bool) -> bool {
    let (Ok(origin), Ok(expected)) = (Url::parse(origin), Url::parse(expect.origin)) else {
        return false;
    };
    origin.scheme() == expected.scheme()
        && origin.host_str().is_some_and(|host| hosts(host, expect.rp_id))
}

fn after_scheme(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, rest)| rest)
}
