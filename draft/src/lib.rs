//! First contact with a portal that nobody has described: looks at its public pages, reads a
//! recording of a browser, and drafts a profile. Whatever could not be told is marked in the draft.
//! Nothing is ever sent but GETs, and to no other origin.

mod draft;
mod forms;
mod guess;
mod har;
mod options;
mod page;
mod recorded;
mod scrub;
mod toml;
mod visit;

use std::{net::SocketAddr, path::PathBuf};

use driver::{deployment::http::Page, wire::Jar};
use profile::Connect;
use url::Url;

pub use self::{draft::draft, har::Recording, visit::visit};

/// How every unknown is marked in a draft.
pub const UNKNOWN: &str = "# UNKNOWN:";

/// The portal to look at.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where to begin; its origin is the only one that is asked.
    pub url: Url,
    /// Address that the name is connected to.
    pub connect: Option<SocketAddr>,
    /// What reports are to call the portal.
    pub name: Option<String>,
    /// Whether the name may resolve to a private address.
    pub private_network: bool,
    /// Certificates to trust instead of the system's: their file, and what it holds.
    pub ca: Option<(PathBuf, Vec<u8>)>,
}

impl Target {
    /// Scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Whether a URL is the portal's.
    fn is_own(&self, url: &Url) -> bool {
        url.origin() == self.url.origin()
    }

    fn connect(&self) -> Connect {
        self.connect.map_or(Connect::AsResolved, Connect::All)
    }

    fn is_local(&self) -> bool {
        let here = self.url.host_str().is_some_and(profile::is_loopback);
        self.connect.map_or(here, |address| address.ip().is_loopback())
    }
}

/// What was seen of a portal by somebody who has no account.
#[derive(Debug, Default)]
pub struct Seen {
    sightings: Vec<Sighting>,
    notes: Vec<String>,
    run_tag: String,
}

impl Seen {
    /// As if one page were all that was seen.
    #[must_use]
    pub fn of_page(target: &Target, body: String) -> Self {
        let answer = driver::wire::Response { status: 200, headers: Vec::new(), body };
        let (url, jar) = (target.url.clone(), Jar::default());
        let page = Page::new(url.clone(), answer);
        Self { sightings: vec![Sighting { url, page, jar }], ..Self::default() }
    }

    /// How many requests were sent.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.sightings.len()
    }

    /// What the portal's operators find the requests by, in the header [`driver::wire::RUN`].
    #[must_use]
    pub fn run_tag(&self) -> &str {
        &self.run_tag
    }

    /// What is worth knowing beside the draft.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }
}

/// One answer.
#[derive(Debug)]
struct Sighting {
    url: Url,
    page: Page,
    /// The cookies after it.
    jar: Jar,
}

/// One flow of the draft, and why it is thought to be so.
#[derive(Debug)]
struct Guess {
    verb: profile::Verb,
    /// What was seen, a line each.
    evidence: Vec<String>,
    /// What could not be told, and how to find out.
    unknown: Vec<String>,
    halves: Halves,
}

#[derive(Debug)]
enum Halves {
    One(Vec<toml::Step>),
    Two(Vec<toml::Step>, Vec<toml::Step>),
}

/// How requests that are no forms prove where they come from.
#[derive(Debug)]
struct Csrf {
    evidence: String,
    entries: Vec<(&'static str, String)>,
}

/// Everything that was told from one source.
#[derive(Debug, Default)]
struct Told {
    flows: Vec<Guess>,
    csrf: Option<Csrf>,
    /// Interrupts, as TOML, each with its evidence.
    interrupts: Vec<(String, String)>,
    notes: Vec<String>,
}

#[cfg(test)]
mod tests;
