//! What a portal sends: pages and mails.

use std::sync::LazyLock;

use draft::{Seen, Target};
use regex::Regex;
use url::Url;

/// A portal to be drafted.
pub(super) fn target() -> Target {
    let url = Url::parse("http://portal.localhost/login").expect("an address");
    Target { url, connect: None, name: None, private_network: false, ca: None }
}

pub(super) fn assert_is_toml(draft: &str) {
    if let Err(error) = draft.parse::<toml::Table>() {
        panic!("the draft is no TOML: {error}\n{draft}");
    }
}

pub(super) fn page(bytes: &[u8]) {
    let (target, body) = (target(), String::from_utf8_lossy(bytes).into_owned());
    assert_is_toml(&draft::draft(&target, &Seen::of_page(&target, body), None));
}

pub(super) fn mail(bytes: &[u8]) {
    static LINK: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"http://[^\s<>]+/([a-z0-9]+)").expect("a pattern"));
    let wanted = mailbox::MailQuery { to: "alice@portal.example", pattern: &LINK, subject: None };
    let Some(found) = mailbox::find_in(bytes, &wanted) else { return };
    assert!(found.whole.contains(&found.value), "a value from elsewhere");
    assert!(LINK.is_match(&found.whole), "a match that is none");
}
