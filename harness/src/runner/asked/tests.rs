//! The reference portal, asking for other things than it does, or sent less than it is: what applies to
//! it then, and what does not.

use std::sync::atomic::{AtomicU32, Ordering};

use portal::defect::find;
use profile::{Ability, Description, UserVerification, Verb};
use reports::record::{
    Impact, Level, NotJudged, SkipRule,
    Verdict::{self, Fail, Inconclusive, Pass, Skip},
};
use serde_json::{Value, json};
use softkey::{Flags, Model, Tampering};

use crate::{
    policy::Policy,
    requirement::{
        Asked, Ceremony, Family, Proof, Requirement, TamperingCase, VariationCase, portal,
        tampering, variation,
    },
    runner::changed::{Change, run_on},
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

fn sent_without_raw_id(mut credential: Value) -> Value {
    without_raw_id(&mut credential);
    credential
}

/// How it is unlike the reference.
#[derive(Clone, Copy)]
struct Unlike {
    defect: Option<&'static str>,
    attestation: Option<&'static str>,
    /// Of which verb's options, and the word in them.
    verification: Option<(Verb, &'static str)>,
    /// How often it asks for that when keys are registered.
    times: u32,
    /// At which registration its selection of keys is none.
    nonsense: Option<u32>,
    reads_attestations: bool,
    /// Whether the profile says that keys must verify their user.
    requires: bool,
    sends_raw_id: bool,
}

const LIKE: Unlike = Unlike {
    defect: None,
    attestation: None,
    verification: None,
    times: u32::MAX,
    nonsense: None,
    reads_attestations: true,
    requires: false,
    sends_raw_id: true,
};

impl Unlike {
    fn change(self) -> Change {
        let about: fn(&mut Description) = match (self.reads_attestations, self.requires) {
            (true, false) => |_| {},
            (false, _) => |about| {
                about.abilities.remove(&Ability::Attestation);
            },
            (true, true) => |about| about.policy.user_verification = UserVerification::Required,
        };
        let written: fn(Value) -> Value =
            if self.sends_raw_id { std::convert::identity } else { sent_without_raw_id };
        let asked = AtomicU32::new(0);
        Change {
            about,
            written,
            begun: Box::new(move |_, verb, begun| {
                let Some(options) = begun.options.as_mut() else { return };
                let registers = verb == Verb::RegisterKey;
                let number = if registers { asked.fetch_add(1, Ordering::SeqCst) } else { 0 };
                if let (true, Some(word)) = (registers, self.attestation) {
                    options["attestation"] = json!(if number < self.times { word } else { "none" });
                }
                if registers && self.nonsense == Some(number) {
                    options["authenticatorSelection"] = json!("nonsense");
                }
                if let Some((_, word)) = self.verification.filter(|(of, _)| *of == verb) {
                    let place =
                        if registers { &mut options["authenticatorSelection"] } else { options };
                    place["userVerification"] = json!(word);
                }
            }),
            ..Change::default()
        }
    }
}

async fn check(requirement: &'static Requirement, unlike: Unlike, expected: (Verdict, &str)) {
    let defect = unlike.defect.map(|id| find(id).unwrap());
    let scenario = run_on(requirement, defect, unlike.change()).await;
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
    let direct = Unlike { attestation: Some("direct"), ..unread };
    check(&ATTESTED, direct, (Pass, "")).await;
    // The first control of the run, the control and the trial; then no more. What was seen of the
    // trial stands, and without a control it is no verdict.
    check(&ATTESTED, Unlike { times: 3, ..direct }, (Inconclusive, "")).await;
    check(&ATTESTED, Unlike { times: 2, ..direct }, (Skip, none)).await;
}

#[tokio::test]
async fn a_key_without_a_pin_is_unusual_where_one_is_preferred() {
    let discouraged = "the portal asks the key not to verify its user, and requires it nowhere";
    let required = "the portal requires that the key verifies its user";
    let asks = |word| Unlike { verification: Some((Verb::AnswerWithKey, word)), ..LIKE };
    check(&NO_PIN, asks("preferred"), (Pass, "")).await;
    check(&NO_PIN, asks("discouraged"), (Skip, discouraged)).await;
    check(&NO_PIN, asks("required"), (Skip, required)).await;
    // Whatever word it sends: the profile says that it refuses.
    check(&NO_PIN, Unlike { requires: true, ..asks("preferred") }, (Skip, required)).await;
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
    // Nonsense at the trial: the key verifies for all that, and nothing of ours breaks off.
    check(&REQUIRED_AT_REGISTRATION, Unlike { nonsense: Some(2), ..LIKE }, (Pass, "")).await;
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
