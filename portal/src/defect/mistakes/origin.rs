//! The ways in which real portals compared an origin. Each takes the portal's own origin as well.

use url::Url;

use crate::webauthn::Expectation;

/// The host is compared by its end, without a dot before it.
pub(in crate::defect) fn ends_alike(sent: &str, expect: &Expectation<'_>) -> bool {
    sent == expect.origin
        || alike_but_for_host(sent, expect, |own, rp_id| {
            own.host_str().is_some_and(|host| host.ends_with(rp_id))
        })
}

/// The origin is compared by its beginning.
pub(in crate::defect) fn begins_alike(sent: &str, expect: &Expectation<'_>) -> bool {
    sent.starts_with(expect.origin)
}

/// Every sub-domain passes.
pub(in crate::defect) fn any_subdomain(sent: &str, expect: &Expectation<'_>) -> bool {
    sent == expect.origin
        || alike_but_for_host(sent, expect, |own, rp_id| {
            let label = own.host_str().and_then(|host| host.strip_suffix(rp_id));
            label.is_some_and(|label| label.ends_with('.'))
        })
}

/// The scheme is not compared.
pub(in crate::defect) fn any_scheme(sent: &str, expect: &Expectation<'_>) -> bool {
    after_scheme(sent) == after_scheme(expect.origin)
}

/// The port is not compared.
pub(in crate::defect) fn any_port(sent: &str, expect: &Expectation<'_>) -> bool {
    let bare = Url::parse(sent).and_then(|mut own| {
        own.set_port(None).map_err(|()| url::ParseError::InvalidPort)?;
        Ok(own.origin())
    });
    sent == expect.origin || bare == Url::parse(expect.origin).map(|expected| expected.origin())
}

/// Whether scheme and port are the expected ones, and the host passes for the RP id.
fn alike_but_for_host(sent: &str, expect: &Expectation<'_>, host: fn(&Url, &str) -> bool) -> bool {
    let (Ok(sent), Ok(expected)) = (Url::parse(sent), Url::parse(expect.origin)) else {
        return false;
    };
    sent.scheme() == expected.scheme()
        && sent.port() == expected.port()
        && host(&sent, expect.rp_id)
}

fn after_scheme(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, rest)| rest)
}
