//! Whose mailboxes a run may have mail sent to: nobody's, at names that are set aside for tests, or
//! those of a domain that the profile declares as its own. Never a stranger's.

use url::Host;

/// Nobody has a mailbox below these (RFC 2606, RFC 6761).
const RESERVED: &[&str] =
    &["example.com", "example.net", "example.org", "test", "example", "invalid", "localhost"];

/// Everybody has a mailbox below these, so that they are nobody's own.
const PROVIDERS: &[&str] = &[
    "126.com",
    "163.com",
    "10minutemail.com",
    "aim.com",
    "alice.it",
    "att.net",
    "bellsouth.net",
    "bigpond.com",
    "bk.ru",
    "bol.com.br",
    "btinternet.com",
    "charter.net",
    "comcast.net",
    "cox.net",
    "daum.net",
    "disroot.org",
    "email.com",
    "fastmail.com",
    "fastmail.fm",
    "foxmail.com",
    "free.fr",
    "freenet.de",
    "gmail.com",
    "google.com",
    "googlemail.com",
    "grr.la",
    "guerrillamail.com",
    "hanmail.net",
    "hey.com",
    "hushmail.com",
    "icloud.com",
    "inbox.ru",
    "laposte.net",
    "libero.it",
    "list.ru",
    "mac.com",
    "mail.com",
    "mail.ru",
    "mailbox.org",
    "mailinator.com",
    "me.com",
    "microsoft.com",
    "nate.com",
    "naver.com",
    "o2.pl",
    "onet.pl",
    "onmicrosoft.com",
    "orange.fr",
    "passport.com",
    "pm.me",
    "posteo.de",
    "proton.me",
    "protonmail.ch",
    "protonmail.com",
    "qq.com",
    "rambler.ru",
    "rediffmail.com",
    "riseup.net",
    "rocketmail.com",
    "sbcglobal.net",
    "seznam.cz",
    "sfr.fr",
    "sharklasers.com",
    "shaw.ca",
    "sina.com",
    "sky.com",
    "sohu.com",
    "t-online.de",
    "temp-mail.org",
    "terra.com.br",
    "tiscali.it",
    "tuta.com",
    "tuta.io",
    "tutanota.com",
    "ukr.net",
    "uol.com.br",
    "usa.com",
    "verizon.net",
    "virgilio.it",
    "wanadoo.fr",
    "web.de",
    "wp.pl",
    "yeah.net",
    "ymail.com",
    "yopmail.com",
    "zoho.com",
    "zohomail.com",
];

/// The same, under many countries' names.
const FAMILIES: &[&str] = &["aol", "gmx", "hotmail", "live", "msn", "outlook", "yahoo", "yandex"];

/// What stands before a country's name where registries give out names one level lower.
const SECOND_LEVEL: &[&str] = &["ac", "co", "com", "edu", "gov", "net", "ne", "or", "org"];

/// A domain as mail servers compare it; `None` where it is no name, or not in its ASCII form.
pub(super) fn normal(text: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    if text.is_empty() || !text.chars().all(plain) {
        return None;
    }
    let Ok(Host::Domain(name)) = Host::parse(text) else { return None };
    let name = name.strip_suffix('.').unwrap_or(&name).to_ascii_lowercase();
    let sound = |label: &str| {
        let ends = label.starts_with('-') || label.ends_with('-');
        !label.is_empty() && label.len() <= 63 && !ends
    };
    name.split('.').all(sound).then_some(name)
}

/// Whether a domain is another, or below it.
fn is_below(name: &str, above: &str) -> bool {
    name.strip_suffix(above).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Whether mail to a domain goes to nobody.
fn is_reserved(name: &str) -> bool {
    RESERVED.iter().any(|reserved| is_below(name, reserved))
}

/// Why a domain cannot be anybody's own, where that is so.
pub(super) fn of_strangers(name: &str) -> Option<&'static str> {
    if is_reserved(name) {
        return None;
    }
    let labels: Vec<&str> = name.split('.').rev().collect();
    let country = |label: &str| label.len() == 2;
    let registry = match labels.as_slice() {
        [] | [_] => true,
        [top, second] => country(top) && SECOND_LEVEL.contains(second),
        [_, _, _, ..] => false,
    };
    if registry {
        return Some("a registry gives out names below it");
    }
    let family = match labels.as_slice() {
        [top, second, third, ..] if country(top) && SECOND_LEVEL.contains(second) => Some(third),
        [_, second, ..] => Some(second),
        [] | [_] => None,
    };
    let provider = PROVIDERS.iter().any(|provider| is_below(name, provider))
        || family.is_some_and(|family| FAMILIES.contains(family));
    provider.then_some("everybody may have a mailbox there")
}

/// Why no mail may be sent to an address, where that is so. Places in the part before the `@` are
/// filled later, with letters, digits and `-`.
pub(super) fn fault(address: &str, own: &[String]) -> Option<String> {
    let Some((local, domain)) = address.split_once('@') else {
        return Some("a mail address has an `@`".to_owned());
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    let bare = ["{run}", "{n}", "{actor}"].iter().fold(local.to_owned(), |local, place| {
        // A place is never empty.
        local.replace(place, "x")
    });
    if bare.is_empty() || !bare.chars().all(plain) {
        return Some(
            "before the `@` stand letters, digits, `.`, `_`, `-`, `+` and places".to_owned(),
        );
    }
    let Some(name) = normal(domain) else {
        return Some("after the `@` stands one domain by its name, and no place".to_owned());
    };
    if is_reserved(&name) || own.iter().any(|own| is_below(&name, own)) {
        return None;
    }
    let whose = of_strangers(&name).unwrap_or("somebody may have a mailbox there");
    Some(format!("mail to {name} may reach strangers: {whose}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_goes_to_nobody_or_to_a_domain_of_the_profiles_own() {
        let own = ["qa.corp.com".to_owned()];
        for (address, reaches_a_stranger) in [
            ("ts-{run}-{n}@example.com", false),
            ("ts-{run}-{n}@a.b.example.org", false),
            ("ts-{run}-{n}@EXAMPLE.net.", false),
            ("ts-{run}-{n}@touchstone.test", false),
            ("ts-{run}-{n}@qa.acme.example", false),
            ("ts-{run}-{n}@x.invalid", false),
            ("ts-{run}-{n}@localhost", false),
            ("ts-{run}-{n}@qa.corp.com", false),
            ("ts-{run}-{n}@eu.QA.corp.com", false),
            ("real.person@corp.com", true),
            ("ts-{run}-{n}@corp.com", true),
            ("ts-{run}-{n}@otherqa.corp.com", true),
            ("ts-{run}-{n}@gmail.com", true),
            ("ts-{run}-{n}@GMAIL.com.", true),
            ("ts-{run}-{n}@gmail\u{3002}com", true),
            ("ts-{run}-{n}@\u{ff47}mail.com", true),
            ("ts-{run}-{n}@notexample.com", true),
            ("ts-{run}-{n}@example.com.evil.net", true),
            ("ts-{run}-{n}@example.co", true),
            ("ts-{run}-{n}@latest", true),
            ("ts-{run}-{n}@m\u{fc}nchen.de", true),
            ("ts-{run}-{n}@[192.0.2.1]", true),
            ("ts-{run}-{n}@192.0.2.1", true),
            ("ts-{run}-{n}@3221225985", true),
            ("ts-{run}-{n}@{run}.example.com", true),
            ("ts-{run}-{n}@corp.com@example.com", true),
            ("\"ts-{run}@corp.com\"@example.com", true),
            ("ts-{run}%corp.com@example.com", true),
            ("corp.com!ts-{run}@example.com", true),
            ("a@b.com,ts-{run}@example.com", true),
            ("ts-{run}@example.com,a@corp.com", true),
            ("ts-{run}@example.com>", true),
            ("ts-{run}@example.com\r\nBcc: a@corp.com", true),
            ("ts-{run}@", true),
            ("@example.com", true),
            ("ts-{run}", true),
            ("ts-{run}@example..com", true),
            ("ts-{run}@.example.com", true),
        ] {
            let found = fault(address, &own);
            assert_eq!(found.is_some(), reaches_a_stranger, "{address:?}: {found:?}");
        }
    }

    #[test]
    fn what_everybody_has_is_nobodys_own() {
        for (domain, own) in [
            ("corp.com", true),
            ("qa.acme.co.uk", true),
            ("live.acme.com", true),
            ("outlook.corp.com", true),
            ("nextgmail.com", true),
            ("qa.example.com", true),
            ("gmail.com", false),
            ("mail.gmail.com", false),
            ("acme.onmicrosoft.com", false),
            ("yahoo.com", false),
            ("yahoo.co.jp", false),
            ("eu.yahoo.fr", false),
            ("hotmail.de", false),
            ("com", false),
            ("co.uk", false),
            ("com.br", false),
        ] {
            assert_eq!(of_strangers(domain).is_none(), own, "{domain}");
        }
    }
}
