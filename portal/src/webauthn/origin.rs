//! How an origin is compared: exactly, or in one of the ways that real portals got wrong.

use url::Url;

use super::{Ceremony, Expectation};
use crate::{check::Checks, defect::Weakness};

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
            Self::HostSuffix => alike_but_for_host(origin, expect, |own, rp_id| {
                own.host_str().is_some_and(|host| host.ends_with(rp_id))
            }),
            Self::AnySubdomain => alike_but_for_host(origin, expect, |own, rp_id| {
                let label = own.host_str().and_then(|host| host.strip_suffix(rp_id));
                label.is_some_and(|label| label.ends_with('.'))
            }),
            Self::AnyPort => {
                let bare = Url::parse(origin).and_then(|mut own| {
                    own.set_port(None).map_err(|()| url::ParseError::InvalidPort)?;
                    Ok(own.origin())
                });
                bare == Url::parse(expect.origin).map(|expected| expected.origin())
            }
        }
    }
}

/// Whether scheme and port are the expected ones, and the host passes for the RP id.
fn alike_but_for_host(
    origin: &str,
    expect: &Expectation<'_>,
    host: fn(&Url, &str) -> bool,
) -> bool {
    let (Ok(origin), Ok(expected)) = (Url::parse(origin), Url::parse(expect.origin)) else {
        return false;
    };
    origin.scheme() == expected.scheme()
        && origin.port() == expected.port()
        && host(&origin, expect.rp_id)
}

fn after_scheme(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, rest)| rest)
}
