//! Looks at a portal's public pages: what the given page leads to, what is usual, and what presets
//! are recognised by. Only GETs, only the one origin, and not many.

use std::{
    collections::{BTreeSet, VecDeque},
    time::Duration,
};

use driver::{
    Recorder,
    deployment::{Scene, http::Page},
    run_tag,
    wire::{Failure, Jar, Origin, Request, Sender, Wire},
};
use profile::{
    self, Actors, Description, Edition, Environment, Limits, NameTemplate, Policy, Portal, Reach,
    Totp, UserVerification, error::Error, flow::Place,
};
use reports::redact::Redactor;
use softkey::Seed;
use url::Url;

use super::{
    Seen, Sighting, Target, guess,
    page::{Topic, links},
};

/// Most requests, redirects among them.
pub(super) const MOST: usize = 25;

/// Most redirects after one request.
const HOPS: usize = 5;

/// What sites publish about themselves at fixed places.
const WELL_KNOWN: &[&str] = &[
    "/.well-known/change-password",
    "/.well-known/openid-configuration",
    "/.well-known/passkey-endpoints",
    "/.well-known/webauthn",
];

/// Where such pages usually are.
const USUAL: &[(Topic, &[&str])] = &[
    (Topic::SignIn, &["/login", "/signin", "/accounts/login/"]),
    (Topic::SignUp, &["/register", "/signup"]),
    (Topic::Reset, &["/reset", "/forgot-password"]),
];

/// Where portals usually say who is signed in, the last part of a path.
const WHO: &[&str] = &["whoami", "me", "session", "get-session", "mysession/?whoami"];

/// Visits. What cannot be reached at all is an error; what is missing is not.
///
/// # Errors
/// When the first page brings no answer.
pub async fn visit(target: &Target) -> Result<Seen, Error> {
    let mut wire = Wire::new(&portal(target), &description(target))?;
    let run_tag = run_tag(&Seed::new(driver::fresh()?).hex());
    wire.set_run_tag(run_tag.clone());
    let redactor = Redactor::new(driver::fresh()?);
    let recorder = Recorder::new(redactor);
    let scene = Scene::new("init".to_owned(), 1, BTreeSet::new(), recorder);
    let seen = Seen { run_tag, ..Seen::default() };
    let jar = Jar::default();
    let mut walk = Walk { target, wire, scene, jar, seen, asked: BTreeSet::new(), skipped: 0 };
    walk.whole().await?;
    if walk.skipped > 0 {
        let note =
            format!("{MOST} requests were enough; {} more pages were not looked at", walk.skipped);
        walk.seen.notes.push(note);
    }
    Ok(walk.seen)
}

struct Walk<'t> {
    target: &'t Target,
    wire: Wire,
    scene: Scene,
    jar: Jar,
    seen: Seen,
    asked: BTreeSet<String>,
    skipped: usize,
}

impl Walk<'_> {
    async fn whole(&mut self) -> Result<(), Error> {
        let mut first = self.target.url.clone();
        first.set_fragment(None);
        self.get(first).await?;
        self.path("/").await;
        self.linked().await;
        for preset in profile::presets() {
            for (path, condition) in &preset.recognised_by {
                self.path(path).await;
                // The other pages of a preset are asked for only where the first is right.
                if !guess::holds(&self.seen, path, condition) {
                    break;
                }
            }
        }
        for path in WELL_KNOWN {
            self.path(path).await;
        }
        for (topic, paths) in USUAL {
            for path in *paths {
                if !guess::speaks_of(&self.seen, *topic) {
                    self.path(path).await;
                }
            }
        }
        for word in WHO {
            self.path(&format!("/{word}")).await;
            let below = self.target.url.path().trim_end_matches('/').to_owned();
            if !below.is_empty() && Topic::of(&below).is_none() {
                self.path(&format!("{below}/{word}")).await;
            }
        }
        self.path("/account").await;
        Ok(())
    }

    /// What the pages so far link to and that speaks of something we look for; never a way out.
    async fn linked(&mut self) {
        let mut wanted: VecDeque<Url> = VecDeque::new();
        for sighting in &self.seen.sightings {
            for (url, words) in sighting.page.look(|html| links(html, &sighting.url)) {
                let topic = Topic::of(url.path()).or_else(|| Topic::of(&words));
                let looked_for = topic.is_some_and(|topic| topic != Topic::SignOut);
                if looked_for && !wanted.contains(&url) {
                    wanted.push_back(url);
                }
            }
        }
        for url in wanted.into_iter().take(8) {
            if self.target.is_own(&url) {
                self.ask(url).await;
            } else {
                self.elsewhere(&url, "a link leads there");
            }
        }
    }

    async fn path(&mut self, path: &str) {
        if let Ok(url) = self.target.url.join(path) {
            self.ask(url).await;
        }
    }

    /// As `get`; what brings no answer is noted.
    async fn ask(&mut self, url: Url) {
        if self.asked.contains(url.as_str()) {
            return;
        }
        if self.seen.sightings.len() >= MOST {
            self.skipped += 1;
            return;
        }
        let shown = url.path().to_owned();
        if let Err(error) = self.get(url).await {
            self.seen.notes.push(format!("GET {shown}: {error}"));
        }
    }

    /// One page, and where it redirects to. Every answer on the way is kept.
    async fn get(&mut self, mut url: Url) -> Result<(), Error> {
        for _ in 0..=HOPS {
            if !self.asked.insert(url.to_string()) || self.seen.sightings.len() >= MOST {
                return Ok(());
            }
            let request = Request {
                method: "GET",
                url: url.clone(),
                headers: vec![as_a_browser()],
                body: None,
            };
            let origin = Origin {
                flow: "init".to_owned(),
                place: Place::default(),
                honest: true,
                decides: false,
            };
            let mut sender = Sender {
                who: "nobody",
                user_agent: None,
                jar: &mut self.jar,
                race: None,
                scene: &self.scene,
            };
            let (_, answer) = self.wire.send(&mut sender, &request, &origin).await?;
            let answer = answer.map_err(|failure| match failure {
                Failure::Broken(error) => error,
                dropped @ Failure::Dropped(_) => Error::Portal(dropped.to_string()),
            })?;
            let next = answer.redirect(&url);
            let page = Page::new(url.clone(), answer);
            let jar = self.jar.clone();
            self.seen.sightings.push(Sighting { url: url.clone(), page, jar });
            match next {
                Some(next) if self.target.is_own(&next) => url = next,
                Some(next) => {
                    self.elsewhere(&next, &format!("{} redirects there", url.path()));
                    return Ok(());
                }
                None => return Ok(()),
            }
        }
        Ok(())
    }

    fn elsewhere(&mut self, url: &Url, why: &str) {
        let note = format!("{}: not contacted ({why})", url.origin().ascii_serialization());
        if !self.seen.notes.contains(&note) {
            self.seen.notes.push(note);
        }
    }
}

fn portal(target: &Target) -> Portal {
    Portal {
        connect: target.connect(),
        ca: target.ca.as_ref().map(|(_, pem)| pem.clone()),
        insecure_tls: false,
        reach: match (target.private_network, target.is_local()) {
            (true, _) => Reach::PrivateNetwork,
            (false, true) => Reach::ThisMachine,
            (false, false) => Reach::Public,
        },
        headers: Vec::new(),
    }
}

/// Some portals answer whoever names JSON at all in JSON.
fn as_a_browser() -> (String, String) {
    ("accept".to_owned(), "text/html,*/*;q=0.8".to_owned())
}

/// No portal is described yet: what a wire asks for, and nothing more.
fn description(target: &Target) -> Description {
    let local = target.is_local();
    Description {
        name: target.origin(),
        digest: String::new(),
        base: target.origin(),
        origin: target.origin(),
        rp_id: target.url.host_str().unwrap_or_default().to_owned(),
        environment: if local { Environment::Local } else { Environment::Staging },
        edition: Edition::W3cL3,
        allow: vec![target.origin()],
        connect: target.connect(),
        abilities: BTreeSet::new(),
        effects: BTreeSet::new(),
        policy: Policy {
            user_verification: UserVerification::Preferred,
            challenge_lifetime: Duration::ZERO,
            reset_lifetime: Duration::ZERO,
            wrong_tries: 0,
            lock_lifetime: Duration::ZERO,
            fresh_for: Duration::ZERO,
        },
        totp: Totp {
            algorithm: softkey::totp::Algorithm::Sha1,
            digits: 6,
            period: 30,
            skew_steps: 0,
        },
        limits: Limits {
            requests_per_second: (!local).then_some(5),
            concurrent: 1,
            mails_per_hour: Some(0),
            body_limit: 2 << 20,
            exchange_timeout: Duration::from_secs(10),
            pauses: Duration::from_secs(60),
        },
        actors: Actors {
            name: NameTemplate::new(""),
            mail: NameTemplate::new(""),
            own_domains: Vec::new(),
            password: None,
            disposable: false,
            pool: Vec::new(),
        },
        mail_patience: Duration::ZERO,
        exclusions: Vec::new(),
        applications: Vec::new(),
        tls: None,
        contact: None,
        loosened: Vec::new(),
    }
}
