//! Whether a portal may be tested at all. One on this machine may; one elsewhere has to say so itself
//! (`/.well-known/touchstone-consent`), or somebody answers for it by name.

use std::{collections::BTreeSet, net::IpAddr, num::NonZeroU32, sync::Arc, time::SystemTime};

use profile::{Loosened, effect::Effect, error::Error, flow::Place};
use reports::{
    bounds::{SENTENCE, cut},
    redact::Redactor,
    render::is_plain,
};
use serde::Deserialize;
use url::Url;

use crate::{
    Recorder,
    deployment::{Access, Scene, http},
    wire::{Origin, Request, Response},
};

/// Where a portal says that it may be tested.
const PLACE: &str = "/.well-known/touchstone-consent";

/// Longest contact that is taken over into a report.
const CONTACT: usize = 200;

/// What allows a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Consent {
    /// The portal is on this machine.
    ThisMachine,
    /// The portal says so.
    Token(Terms),
    /// Somebody answers for it.
    Authorised {
        /// Who.
        by: String,
    },
}

/// What a portal allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// What may be done to it.
    pub effects: BTreeSet<Effect>,
    /// Whom to ask about it.
    pub contact: String,
    /// Requests in a second, where it says so.
    pub requests_per_second: Option<u32>,
    /// When nothing new may begin any more.
    pub until: Option<SystemTime>,
}

impl Consent {
    /// As it stands in every report.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::ThisMachine => "not needed: the portal is on this machine".to_owned(),
            Self::Token(terms) => terms.words(),
            Self::Authorised { by } => format!("authorised by {by}"),
        }
    }
}

impl Terms {
    /// Keeps the way to a portal to what it allows from now on.
    fn bind(&self, access: &mut Access) {
        access.limit_effects(&self.effects);
        access.keep_to(self.requests_per_second, self.until);
    }

    fn words(&self) -> String {
        let mut words = "given by the portal".to_owned();
        if let Some(until) = self.until {
            words += &format!(" until {}", humantime::format_rfc3339_seconds(until));
        }
        if let Some(number) = self.requests_per_second {
            words += &format!(", for {number} requests in a second");
        }
        words + "; contact: " + &self.contact
    }
}

/// Whether what is connected to is this very machine: every address of it, so that a name with one
/// address here and one elsewhere is elsewhere.
fn is_this_machine(addresses: &[IpAddr]) -> bool {
    !addresses.is_empty() && addresses.iter().all(|address| address.to_canonical().is_loopback())
}

/// Whoever answers for a run, as a report can name them: something that a reader sees.
///
/// # Errors
/// What is wrong with the name.
pub fn somebody(text: &str) -> Result<String, String> {
    // Letters to the standard, and blanks to the eye.
    let unseen = |c: char| matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}');
    let name = text.trim();
    if !name.chars().any(|c| c.is_alphanumeric() && !unseen(c)) {
        return Err("it names nobody: give the name of whoever answers for the run".to_owned());
    }
    if let Some(odd) = name.chars().find(|c| !is_plain(*c) || unseen(*c)) {
        return Err(format!("it holds {}, which no reader sees", odd.escape_unicode()));
    }
    if name.chars().count() > CONTACT {
        return Err(format!("it is longer than {CONTACT} characters"));
    }
    Ok(name.to_owned())
}

/// Finds out whether a portal may be tested, and keeps whoever goes there to what it allows. Sends nothing
/// to one on this machine, nor to one that somebody answers for, and one request to any other.
///
/// # Errors
/// [`Error::Safety`] where nothing allows it.
pub async fn obtain(access: &mut Access, authorised_by: Option<&str>) -> Result<Consent, Error> {
    let consent = find(access, authorised_by).await?;
    match &consent {
        Consent::Token(terms) => terms.bind(access),
        Consent::Authorised { by } => access.record_loosened(Loosened {
            by: "--authorised-by",
            says: format!("the portal was not asked whether it may be tested: {by} answers for it"),
        }),
        Consent::ThisMachine => {}
    }
    Ok(consent)
}

async fn find(access: &Access, authorised_by: Option<&str>) -> Result<Consent, Error> {
    let base = base(access)?;
    let mut here = is_this_machine(&access.addresses(&base).await?);
    for origin in &access.description().allow {
        let url = Url::parse(&origin.replace("{scenario}", "consent"))
            .map_err(|_| Error::Profile(format!("`{origin}` is not a URL")))?;
        // One whose name nobody knows is not this machine.
        here &= access.addresses(&url).await.is_ok_and(|found| is_this_machine(&found));
    }
    if here {
        return Ok(Consent::ThisMachine);
    }
    if let Some(by) = authorised_by {
        let by = somebody(by).map_err(|why| Error::Safety(format!("--authorised-by: {why}")))?;
        return Ok(Consent::Authorised { by });
    }
    ask(access, &base).await
}

fn base(access: &Access) -> Result<Url, Error> {
    let base = access.description().base("consent");
    Url::parse(&base).map_err(|_| Error::Profile(format!("`{base}` is not a URL")))
}

/// The one request.
async fn ask(access: &Access, base: &Url) -> Result<Consent, Error> {
    let url = base.join(PLACE).map_err(|error| Error::Harness(error.to_string()))?;
    let recorder = Recorder::new(Redactor::new([0; 32]));
    let label = "consent".to_owned();
    let scene = Arc::new(Scene::new(label, 0, BTreeSet::new(), recorder));
    let visitor = access.visitor(&scene, "consent");
    let headers = http::common_headers(access, &visitor);
    let request = Request { method: "GET", url, headers, body: None };
    let origin = Origin {
        flow: "consent".to_owned(),
        place: Place::default(),
        honest: false,
        decides: false,
    };
    let (_, answer) = access.ask((&scene, "consent"), &request, &origin).await?;
    read(&answer, SystemTime::now()).map_err(|why| {
        let why = cut(why, SENTENCE.most);
        Error::Safety(format!(
            "{} is not on this machine, and does not say at {PLACE} that it may be tested ({why}); --authorised-by NAME says who answers for it",
            base.origin().ascii_serialization()
        ))
    })
}

/// A token as the portal serves it. What is not known here may be a limit, and is not passed over.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Token {
    touchstone: u32,
    effects: Vec<String>,
    contact: String,
    requests_per_second: Option<NonZeroU32>,
    /// RFC 3339, as is `until`.
    from: Option<String>,
    until: Option<String>,
}

/// Reads a token; why it is none that is good `now`, where it is none.
fn read(answer: &Response, now: SystemTime) -> Result<Consent, String> {
    if answer.status != 200 {
        return Err(format!("it answers {}", answer.status));
    }
    let token: Token = serde_json::from_str(&answer.body)
        .map_err(|_| "what stands there is no token, or says more than this version knows")?;
    if token.touchstone != 1 {
        return Err("the token is of another version".to_owned());
    }
    let contact: String = token.contact.trim().chars().take(CONTACT).collect();
    if contact.is_empty() {
        return Err("the token names no contact".to_owned());
    }
    let effects: Option<BTreeSet<Effect>> =
        token.effects.iter().map(|word| Effect::of(word)).collect();
    let effects = effects.ok_or("the token names an effect that this version does not know")?;
    let (from, until) = (time("from", token.from)?, time("until", token.until)?);
    if from.is_some_and(|from| now < from) {
        return Err("the token is not good yet".to_owned());
    }
    if until.is_some_and(|until| now >= until) {
        return Err("the token is good no more".to_owned());
    }
    let requests_per_second = token.requests_per_second.map(NonZeroU32::get);
    Ok(Consent::Token(Terms { effects, contact, requests_per_second, until }))
}

fn time(member: &str, text: Option<String>) -> Result<Option<SystemTime>, String> {
    let read = |text: String| {
        humantime::parse_rfc3339(&text)
            .map_err(|_| format!("the token's `{member}` is no time such as 2026-01-31T09:00:00Z"))
    };
    text.map(read).transpose()
}

#[cfg(test)]
mod tests {
    use std::{
        sync::Mutex,
        time::{Duration, Instant},
    };

    use loopback::{HEAD, TAIL, answer, redirect, serve};
    use profile::Verb;

    use super::*;
    use crate::{
        deployment::{Driver, Inputs, http::HttpDriver},
        fixture,
    };

    #[test]
    fn this_machine_is_where_every_address_is_loopback() {
        for (addresses, here) in [
            (vec!["127.0.0.1"], true),
            (vec!["127.8.9.10", "::1"], true),
            (vec!["::ffff:127.0.0.1"], true),
            (vec!["127.0.0.1", "93.184.216.34"], false),
            (vec!["10.0.0.1"], false),
            (vec!["192.168.1.1"], false),
            (vec!["0.0.0.0"], false),
            (vec!["fe80::1"], false),
            (vec![], false),
        ] {
            let addresses: Vec<IpAddr> =
                addresses.iter().map(|address| address.parse().unwrap()).collect();
            assert_eq!(is_this_machine(&addresses), here, "{addresses:?}");
        }
    }

    #[test]
    fn whoever_answers_for_a_run_has_a_name_that_is_seen() {
        for (text, expected) in [
            ("QA, Alice", Some("QA, Alice")),
            (" \u{5c71}\u{7530} ", Some("\u{5c71}\u{7530}")),
            ("", None),
            (" ", None),
            ("\t\n", None),
            ("-", None),
            ("''", None),
            ("\u{a0}\u{3000}", None),
            ("\u{200b}", None),
            ("\u{2800}", None),
            ("\u{3164}", None),
            ("\u{e0041}", None),
            ("\u{301}", None),
            ("QA\u{200b}", None),
            ("QA\u{1b}[2J", None),
            ("QA\nconsent  given", None),
            ("\u{202e}QA", None),
            ("Q\u{3164}A", None),
        ] {
            assert_eq!(somebody(text).ok().as_deref(), expected, "{text:?}");
        }
        assert!(somebody(&"x".repeat(201)).is_err());
    }

    fn token(status: u16, body: &str) -> Result<Consent, String> {
        let now = humantime::parse_rfc3339("2026-06-01T12:00:00Z").unwrap();
        read(&Response { status, headers: Vec::new(), body: body.to_owned() }, now)
    }

    #[test]
    fn a_token_names_what_may_be_done_and_whom_to_ask() {
        let good =
            r#"{"touchstone": 1, "effects": ["creates-account"], "contact": " sec@portal.test "}"#;
        let mut terms = Terms {
            effects: BTreeSet::from([Effect::CreatesAccount]),
            contact: "sec@portal.test".to_owned(),
            requests_per_second: None,
            until: None,
        };
        assert_eq!(token(200, good), Ok(Consent::Token(terms.clone())));
        let more = good.replace(
            '}',
            r#", "requests_per_second": 2, "from": "2026-06-01T12:00:00Z", "until": "2026-06-01T12:00:01Z"}"#,
        );
        terms.requests_per_second = Some(2);
        terms.until = humantime::parse_rfc3339("2026-06-01T12:00:01Z").ok();
        assert_eq!(
            terms.words(),
            "given by the portal until 2026-06-01T12:00:01Z, for 2 requests in a second; contact: sec@portal.test"
        );
        assert_eq!(token(200, &more), Ok(Consent::Token(terms)));
        for limit in [
            r#""from": "2026-06-01T12:00:01Z""#,
            r#""until": "2026-06-01T12:00:00Z""#,
            r#""until": 1"#,
            r#""until": "tomorrow""#,
            r#""requests_per_second": 0"#,
            r#""hosts": ["elsewhere"]"#,
        ] {
            let body = good.replace('}', &format!(", {limit}}}"));
            assert!(token(200, &body).is_err(), "{body}");
        }
        for (status, body) in [
            (404, good),
            (200, ""),
            (200, "<html>"),
            (200, r#"{"touchstone": 2, "effects": [], "contact": "x"}"#),
            (200, r#"{"touchstone": 1, "effects": [], "contact": " "}"#),
            (200, r#"{"touchstone": 1, "effects": ["everything"], "contact": "x"}"#),
            (200, r#"{"touchstone": 1, "contact": "x"}"#),
            (200, r#"{"effects": ["creates-account"], "contact": "x"}"#),
        ] {
            assert!(token(status, body).is_err(), "{status} {body}");
        }
    }

    /// Asks a portal, wherever it is; what it was asked, and what came of it.
    async fn asked(
        portal: impl Fn() -> loopback::Back + Send + Sync + 'static,
    ) -> (Vec<String>, Result<Consent, Error>) {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hears = Arc::clone(&heard);
        let listener = serve(move |asked| {
            hears.lock().unwrap().push(asked.line);
            portal()
        })
        .await;
        let (access, _) = fixture::access(&format!("{HEAD}{TAIL}"), &listener, None).await;
        let told = ask(&access, &base(&access).unwrap()).await;
        let heard = heard.lock().unwrap().clone();
        (heard, told)
    }

    #[tokio::test]
    async fn without_a_token_nothing_else_is_sent_and_no_redirect_is_followed() {
        for portal in
            [|| answer(404, &[], ""), || redirect("/elsewhere"), || answer(200, &[], "{}")]
        {
            let (heard, told) = asked(portal).await;
            assert_eq!(heard, ["GET /.well-known/touchstone-consent"]);
            assert!(matches!(told, Err(Error::Safety(_))), "{told:?}");
        }
        let given =
            || answer(200, &[], r#"{"touchstone": 1, "effects": ["wrong-tries"], "contact": "x"}"#);
        assert!(matches!(asked(given).await.1, Ok(Consent::Token(_))));
    }

    #[tokio::test]
    async fn it_has_the_headers_that_the_profile_gives_every_request() {
        for (headers, run, gate) in [
            ("", Some("7f3a91"), None),
            (r#"headers = { Touchstone-Run = "", X-Gate = "{scenario}" }"#, None, Some("consent")),
        ] {
            let heard = Arc::new(Mutex::new(Vec::new()));
            let hears = Arc::clone(&heard);
            let listener = serve(move |asked| {
                hears.lock().unwrap().push(asked.headers);
                answer(404, &[], "")
            })
            .await;
            let head = HEAD.replace("[actors]", &format!("{headers}\n[actors]"));
            let (mut access, _) = fixture::access(&format!("{head}{TAIL}"), &listener, None).await;
            access.set_run_tag("7f3a91".into());
            let told = ask(&access, &base(&access).unwrap()).await;
            assert!(matches!(told, Err(Error::Safety(_))), "{told:?}");
            let heard = heard.lock().unwrap();
            let [sent] = &heard[..] else { panic!("one request: {heard:?}") };
            let sent = |name: &str| sent.get(name).map(String::as_str);
            assert_eq!((sent("touchstone-run"), sent("x-gate")), (run, gate));
        }
    }

    #[tokio::test]
    async fn what_is_connected_to_decides_and_not_the_name() {
        let listener = serve(|_| answer(500, &[], "")).await;
        let text = format!("{HEAD}{TAIL}").replace("portal.localhost", "portal.example");
        let (mut access, _) = fixture::access(&text, &listener, None).await;
        assert_eq!(obtain(&mut access, None).await.unwrap(), Consent::ThisMachine);

        // 192.0.2.1 is nobody's (RFC 5737), and nothing is sent to it: somebody answers for it.
        let (mut access, _) = fixture::access(&text, "192.0.2.1:80", None).await;
        let by = obtain(&mut access, Some("a name")).await.unwrap();
        assert_eq!(by, Consent::Authorised { by: "a name".to_owned() });
        let mut loosened = access.description().loosened.iter().map(|loosened| loosened.by);
        assert_eq!(loosened.next_back(), Some("--authorised-by"));

        let (mut access, _) = fixture::access(&text, "192.0.2.1:80", None).await;
        let nobody = obtain(&mut access, Some(" \u{200b}")).await;
        assert!(
            matches!(&nobody, Err(Error::Safety(why)) if why.contains("names nobody")),
            "{nobody:?}"
        );
    }

    #[tokio::test]
    async fn a_run_keeps_to_what_the_portal_allows() {
        let listener = serve(|_| answer(200, &[], r#"{"user": "alice"}"#)).await;
        let (mut access, mut visitor) =
            fixture::access(&format!("{HEAD}{TAIL}"), &listener, None).await;
        let mut terms = Terms {
            effects: BTreeSet::from([Effect::WrongTries]),
            contact: "x".into(),
            requests_per_second: Some(4),
            until: Some(SystemTime::now() + Duration::from_secs(3600)),
        };
        terms.bind(&mut access);
        assert_eq!(access.description().effects, terms.effects);
        let driver = HttpDriver::new(Arc::new(access));
        let begun = Instant::now();
        for _ in 0..3 {
            driver.perform(&mut visitor, Verb::Whoami, &Inputs::new()).await.unwrap();
        }
        assert!(
            begun.elapsed() >= Duration::from_millis(500),
            "three requests at four in a second"
        );
        assert_eq!(driver.access.stopped(), None);
        let mut access = Arc::try_unwrap(driver.access).unwrap();

        // What it says later may not be faster than what the profile or it said before.
        terms.requests_per_second = Some(9);
        terms.until = Some(SystemTime::UNIX_EPOCH);
        terms.bind(&mut access);
        assert_eq!(access.description().limits.requests_per_second, Some(4));
        assert!(access.stopped().is_some_and(|why| why.contains("the time is over")));
    }
}
