//! Whether a portal may be tested at all. One on this machine may; one elsewhere has to say so itself
//! (`/.well-known/touchstone-consent`), or somebody answers for it by name.

use std::{collections::BTreeSet, net::IpAddr, sync::Arc};

use reports::redact::Redactor;
use serde::Deserialize;
use url::Url;

use crate::{
    deployment::{Deployment, Scene, http::HttpDeployment},
    effect::Effect,
    error::Error,
    profile::flow::Place,
    recorder::Recorder,
    wire::{Origin, Request, Response},
};

/// Where a portal says that it may be tested.
pub const PLACE: &str = "/.well-known/touchstone-consent";

/// Longest contact that is taken over into a report.
const CONTACT: usize = 200;

/// What allows a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Consent {
    /// The portal is on this machine.
    ThisMachine,
    /// The portal says so.
    Token {
        /// What may be done to it.
        effects: BTreeSet<Effect>,
        /// Whom to ask about it.
        contact: String,
    },
    /// Somebody answers for it.
    Authorised {
        /// Who.
        by: String,
    },
}

impl Consent {
    /// As it stands in every report.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::ThisMachine => "not needed: the portal is on this machine".to_owned(),
            Self::Token { contact, .. } => format!("given by the portal; contact: {contact}"),
            Self::Authorised { by } => format!("authorised by {by}"),
        }
    }

    /// What it limits effects to; `None` where it does not.
    #[must_use]
    pub const fn effects(&self) -> Option<&BTreeSet<Effect>> {
        match self {
            Self::ThisMachine | Self::Authorised { .. } => None,
            Self::Token { effects, .. } => Some(effects),
        }
    }
}

/// Whether what is connected to is this very machine: every address of it, so that a name with one
/// address here and one elsewhere is elsewhere.
#[must_use]
pub fn is_this_machine(addresses: &[IpAddr]) -> bool {
    !addresses.is_empty() && addresses.iter().all(|address| address.to_canonical().is_loopback())
}

/// Finds out whether a portal may be tested. Sends nothing to one on this machine, nor to one that
/// somebody answers for, and one request to any other.
///
/// # Errors
/// [`Error::Safety`] where nothing allows it.
pub async fn obtain(
    deployment: &HttpDeployment,
    authorised_by: Option<&str>,
) -> Result<Consent, Error> {
    let base = base(deployment)?;
    let mut here = is_this_machine(&deployment.addresses(&base).await?);
    for origin in &deployment.description().allow {
        let url = Url::parse(&origin.replace("{scenario}", "consent"))
            .map_err(|_| Error::Profile(format!("`{origin}` is not a URL")))?;
        // One whose name nobody knows is not this machine.
        here &= deployment.addresses(&url).await.is_ok_and(|found| is_this_machine(&found));
    }
    if here {
        return Ok(Consent::ThisMachine);
    }
    if let Some(by) = authorised_by {
        return Ok(Consent::Authorised { by: by.to_owned() });
    }
    ask(deployment, &base).await
}

fn base(deployment: &HttpDeployment) -> Result<Url, Error> {
    let base = deployment.description().base("consent");
    Url::parse(&base).map_err(|_| Error::Profile(format!("`{base}` is not a URL")))
}

/// The one request.
async fn ask(deployment: &HttpDeployment, base: &Url) -> Result<Consent, Error> {
    let url = base.join(PLACE).map_err(|error| Error::Harness(error.to_string()))?;
    let recorder = Recorder::new(Redactor::new([0; 32]));
    let label = "consent".to_owned();
    let scene = Scene { label, number: 0, effects: BTreeSet::new(), recorder };
    let mut visitor = deployment.visitor(&Arc::new(scene), "consent");
    let request = Request { method: "GET", url, headers: Vec::new(), body: None };
    let origin = Origin { flow: "consent".to_owned(), place: Place::default(), honest: false };
    let answer = deployment.ask(&mut visitor, &request, &origin).await?;
    read(&answer).map_err(|why| {
        Error::Safety(format!(
            "{} is not on this machine, and does not say at {PLACE} that it may be tested ({why}); --authorised-by NAME says who answers for it",
            base.origin().ascii_serialization()
        ))
    })
}

/// A token as the portal serves it.
#[derive(Deserialize)]
struct Token {
    touchstone: u32,
    effects: Vec<String>,
    contact: String,
}

/// Reads a token; why it is none, where it is none.
fn read(answer: &Response) -> Result<Consent, String> {
    if answer.status != 200 {
        return Err(format!("it answers {}", answer.status));
    }
    let token: Token = serde_json::from_str(&answer.body)
        .map_err(|_| "what stands there is no token".to_owned())?;
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
    Ok(Consent::Token { effects, contact })
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::fixture::{self, HEAD, TAIL, answer, redirect, serve};

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

    fn token(status: u16, body: &str) -> Result<Consent, String> {
        read(&Response { status, headers: Vec::new(), body: body.to_owned() })
    }

    #[test]
    fn a_token_names_what_may_be_done_and_whom_to_ask() {
        let good = r#"{"touchstone": 1, "effects": ["creates-account"], "contact": " sec@portal.test ", "until": 1}"#;
        let effects = BTreeSet::from([Effect::CreatesAccount]);
        let contact = "sec@portal.test".to_owned();
        assert_eq!(token(200, good), Ok(Consent::Token { effects, contact }));
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
        portal: impl Fn() -> fixture::Back + Send + Sync + 'static,
    ) -> (Vec<String>, Result<Consent, Error>) {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hears = Arc::clone(&heard);
        let listener = serve(move |asked| {
            hears.lock().unwrap().push(asked.line);
            portal()
        })
        .await;
        let (deployment, _) = fixture::visit(&format!("{HEAD}{TAIL}"), &listener, None).await;
        let told = ask(&deployment, &base(&deployment).unwrap()).await;
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
        assert!(matches!(asked(given).await.1, Ok(Consent::Token { .. })));
    }

    #[tokio::test]
    async fn what_is_connected_to_decides_and_not_the_name() {
        let listener = serve(|_| answer(500, &[], "")).await;
        let text = format!("{HEAD}{TAIL}").replace("portal.localhost", "portal.example");
        let (deployment, _) = fixture::visit(&text, &listener, None).await;
        assert_eq!(obtain(&deployment, None).await.unwrap(), Consent::ThisMachine);

        // 192.0.2.1 is nobody's (RFC 5737), and nothing is sent to it: somebody answers for it.
        let (deployment, _) = fixture::visit(&text, "192.0.2.1:80", None).await;
        let by = obtain(&deployment, Some("a name")).await.unwrap();
        assert_eq!(by, Consent::Authorised { by: "a name".to_owned() });
    }
}
