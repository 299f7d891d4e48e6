//! The reference portal, asking for other things than it does, or sent less than it is: what applies to
//! it then, and what does not.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use reports::record::{
    Impact, Level, NotJudged, SkipRule, Traffic,
    Verdict::{self, Fail, Pass, Skip},
};
use serde_json::{Value, json};
use softkey::{Flags, Model, Tampering};

use crate::{
    deployment::{Answer, Begun, Deployment, Inputs, Scene, Verb, Visitor},
    error::Error,
    plan::{Patience, Plan},
    policy::Policy,
    portal::defect::find,
    profile::{Ability, Description},
    reference,
    requirement::{
        Asked, Ceremony, Family, Proof, Requirement, TamperingCase, VariationCase, portal,
        tampering, variation,
    },
    runner::{
        presumed_canary, run,
        tests::{Silence, settings},
    },
    secret::Secret,
};

const PLAIN: Requirement = Requirement {
    id: "test/plain",
    family: Family::Registration,
    level: Level::Must,
    impact: Impact::Denial,
    source: portal("test"),
    says: "What does not apply is left out.",
    catalogue: &[],
    reasons: &[],
    proof: Proof::NotObservable("see below"),
};

static ATTESTED: Requirement = Requirement {
    proof: Proof::Variations(
        Ceremony::Registration,
        &[VariationCase {
            keeps_attestation: true,
            asked: Some(Asked::Attestation),
            ..variation("one", "one", Model::u2f(), &[])
        }],
    ),
    ..PLAIN
};

const NOT_VERIFIED: Tampering = Tampering::AuthData(|data| data.flags.clear(Flags::UV));

static NO_PIN: Requirement = Requirement {
    proof: Proof::Variations(
        Ceremony::Authentication,
        &[VariationCase {
            change: Some(NOT_VERIFIED),
            asked: Some(Asked::VerificationPreferred),
            ..variation("one", "one", Model::roaming(), &[])
        }],
    ),
    ..PLAIN
};

const UNVERIFIED: TamperingCase = TamperingCase {
    asked: Some(Asked::Verification),
    ..tampering("one", "one", NOT_VERIFIED, &[])
};

static REQUIRED: Requirement = Requirement {
    proof: Proof::Tamperings(
        Ceremony::Authentication,
        &[TamperingCase { policy: Policy::verified(), ..UNVERIFIED }],
    ),
    ..PLAIN
};

static REQUIRED_AT_REGISTRATION: Requirement = Requirement {
    proof: Proof::Tamperings(
        Ceremony::Registration,
        &[TamperingCase { policy: Policy::verified(), ..UNVERIFIED }],
    ),
    ..PLAIN
};

static NOWHERE_REQUIRED: Requirement =
    Requirement { proof: Proof::Tamperings(Ceremony::Authentication, &[UNVERIFIED]), ..PLAIN };

static NO_RAW_ID: Requirement = Requirement {
    proof: Proof::Tamperings(
        Ceremony::Registration,
        &[tampering("one", "one", Tampering::Envelope(without_raw_id), &[])],
    ),
    ..PLAIN
};

static NO_RAW_ID_AT_SIGN_IN: Requirement = Requirement {
    proof: Proof::Tamperings(
        Ceremony::Authentication,
        &[tampering("one", "one", Tampering::Envelope(without_raw_id), &[])],
    ),
    ..PLAIN
};

static IDS_DIFFER: Requirement = Requirement {
    proof: Proof::Tamperings(
        Ceremony::Registration,
        &[tampering("one", "one", Tampering::Envelope(|e| e["id"] = json!("AAAA")), &[])],
    ),
    ..PLAIN
};

fn without_raw_id(envelope: &mut Value) {
    if let Some(members) = envelope.as_object_mut() {
        members.remove("rawId");
    }
}

/// How it is unlike the reference.
#[derive(Clone, Copy)]
struct Unlike {
    defect: Option<&'static str>,
    attestation: Option<&'static str>,
    /// Of which verb's options, and the word in them.
    verification: Option<(Verb, &'static str)>,
    reads_attestations: bool,
    sends_raw_id: bool,
}

const LIKE: Unlike = Unlike {
    defect: None,
    attestation: None,
    verification: None,
    reads_attestations: true,
    sends_raw_id: true,
};

struct Portal {
    inner: Arc<dyn Deployment>,
    about: Description,
    unlike: Unlike,
}

#[async_trait]
impl Deployment for Portal {
    fn description(&self) -> &Description {
        &self.about
    }

    fn stopped(&self) -> Option<String> {
        self.inner.stopped()
    }

    fn traffic(&self) -> Traffic {
        self.inner.traffic()
    }

    fn visitor(&self, scene: &Arc<Scene>, who: &str) -> Visitor {
        self.inner.visitor(scene, who)
    }

    fn written(&self, _: Verb, credential: &Value) -> Value {
        let mut credential = credential.clone();
        if !self.unlike.sends_raw_id {
            without_raw_id(&mut credential);
        }
        credential
    }

    async fn begin(
        &self,
        visitor: &mut Visitor,
        verb: Verb,
        inputs: &Inputs,
    ) -> Result<Begun, Error> {
        let mut begun = self.inner.begin(visitor, verb, inputs).await?;
        let registers = verb == Verb::RegisterKey;
        if let Some(options) = begun.options.as_mut() {
            if let (true, Some(word)) = (registers, self.unlike.attestation) {
                options["attestation"] = json!(word);
            }
            if let Some((_, word)) = self.unlike.verification.filter(|(of, _)| *of == verb) {
                let place =
                    if registers { &mut options["authenticatorSelection"] } else { options };
                place["userVerification"] = json!(word);
            }
        }
        Ok(begun)
    }

    async fn finish(
        &self,
        visitor: &mut Visitor,
        verb: Verb,
        begun: &Begun,
        inputs: &Inputs,
    ) -> Result<Answer, Error> {
        self.inner.finish(visitor, verb, begun, inputs).await
    }

    async fn perform(
        &self,
        visitor: &mut Visitor,
        verb: Verb,
        inputs: &Inputs,
    ) -> Result<Answer, Error> {
        self.inner.perform(visitor, verb, inputs).await
    }

    async fn mail_mark(&self) -> Result<u64, Error> {
        self.inner.mail_mark().await
    }

    async fn mailed(
        &self,
        scene: &Arc<Scene>,
        to: &str,
        mark: u64,
        patience: Duration,
    ) -> Result<Option<Secret>, Error> {
        self.inner.mailed(scene, to, mark, patience).await
    }
}

async fn check(requirement: &'static Requirement, unlike: Unlike, expected: (Verdict, &str)) {
    let settings = settings();
    let defect = unlike.defect.map(|id| find(id).unwrap());
    let portal = reference::start(&settings.seed, defect, &settings.redactor).await.unwrap();
    let inner: Arc<dyn Deployment> = portal.deployment.clone();
    let mut about = inner.description().clone();
    if !unlike.reads_attestations {
        about.abilities.remove(&Ability::Attestation);
    }
    let patience = Patience { max_wait: Duration::ZERO };
    let plan = Plan::make(&[requirement], &[], &about, patience).unwrap();
    let deployment = Arc::new(Portal { inner, about, unlike });
    let run = run(deployment, &plan, settings, presumed_canary(), Arc::new(Silence)).await;
    portal.served.stop().await;
    let [scenario] = run.scenarios.as_slice() else { panic!("{:?}", run.note) };
    let why = match &scenario.not_judged {
        Some(NotJudged::Skipped { rule: SkipRule::NotApplicable, reason }) => reason.as_str(),
        _ => "",
    };
    assert_eq!((scenario.verdict, why), expected, "{}", scenario.because);
}

#[tokio::test]
async fn an_attestation_reaches_a_portal_that_asks_for_it_or_reads_it_unasked() {
    let unread = Unlike { reads_attestations: false, ..LIKE };
    let none = "the portal asks for no attestation, and then a client sends none";
    check(&ATTESTED, LIKE, (Pass, "")).await;
    check(&ATTESTED, unread, (Skip, none)).await;
    check(&ATTESTED, Unlike { attestation: Some("nonsense"), ..unread }, (Skip, none)).await;
    check(&ATTESTED, Unlike { attestation: Some("direct"), ..unread }, (Pass, "")).await;
}

#[tokio::test]
async fn a_key_without_a_pin_is_unusual_where_one_is_preferred() {
    let discouraged = "the portal asks the key not to verify its user, and requires it nowhere";
    let required = "the portal requires that the key verifies its user";
    let asks = |word| Unlike { verification: Some((Verb::AnswerWithKey, word)), ..LIKE };
    check(&NO_PIN, asks("preferred"), (Pass, "")).await;
    check(&NO_PIN, asks("discouraged"), (Skip, discouraged)).await;
    check(&NO_PIN, asks("required"), (Skip, required)).await;
}

#[tokio::test]
async fn a_key_that_verified_nobody_is_refused_wherever_that_is_required() {
    let asks = |word| Unlike { verification: Some((Verb::AnswerWithKey, word)), ..LIKE };
    for requirement in [&REQUIRED, &REQUIRED_AT_REGISTRATION] {
        check(requirement, LIKE, (Pass, "")).await;
    }
    let forgets = Unlike { defect: Some("login/uv-unchecked"), ..asks("discouraged") };
    check(&REQUIRED, forgets, (Fail, "")).await;
    let verification = Some((Verb::RegisterKey, "discouraged"));
    let forgets = Unlike { defect: Some("register/uv-unchecked"), verification, ..LIKE };
    check(&REQUIRED_AT_REGISTRATION, forgets, (Fail, "")).await;
    let why = "the portal asks the key not to verify its user, and requires it nowhere";
    check(&NOWHERE_REQUIRED, asks("discouraged"), (Skip, why)).await;
    check(&NOWHERE_REQUIRED, asks("preferred"), (Fail, "")).await;
}

#[tokio::test]
async fn a_change_that_is_not_sent_shows_nothing() {
    let less = Unlike { sends_raw_id: false, ..LIKE };
    let why =
        "as the profile has answers sent, the change changes nothing: it is the honest answer";
    for requirement in [&NO_RAW_ID, &NO_RAW_ID_AT_SIGN_IN] {
        check(requirement, LIKE, (Pass, "")).await;
        check(requirement, less, (Skip, why)).await;
    }
    check(&IDS_DIFFER, less, (Pass, "")).await;
}
