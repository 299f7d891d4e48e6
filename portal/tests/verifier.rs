//! The relying party, as anybody may use it. Honest answers are built here, by libraries that neither the portal
//! nor the software key decodes with; one change at a time is made to them.

#[path = "verifier/answers.rs"]
mod answers;
#[path = "verifier/attestation.rs"]
mod attestation;
#[path = "verifier/authentication.rs"]
mod authentication;
#[path = "verifier/cbor.rs"]
mod cbor;
#[path = "verifier/garbage.rs"]
mod garbage;
#[path = "verifier/keys.rs"]
mod keys;
#[path = "verifier/registration.rs"]
mod registration;

use portal::{
    Check, Defect,
    check::Checks,
    defect::{DEFECTS, Fault, find},
    webauthn::{ClientDataVerification, Expectation, sha256},
};

const CHALLENGE: &[u8] = b"thirty-two bytes of a challenge.";
const RP_ID: &str = "one.portal.localhost";
const ORIGIN: &str = "http://one.portal.localhost";

fn expectation() -> Expectation<'static> {
    Expectation {
        challenge: CHALLENGE,
        origin: ORIGIN,
        rp_id: RP_ID,
        rp_id_hash: sha256(RP_ID.as_bytes()),
        user_verification_required: false,
        algorithms: &[-7, -8, -257],
        attestation_required: false,
        client_data: ClientDataVerification::Full,
    }
}

/// The portal that forgets a check.
fn forgetful(check: Check) -> Checks {
    let fault = Fault::Forgets(check);
    let made_up = Defect { id: "test/forgets", breaks: "", says: "It forgets one check.", fault };
    Checks::new(Some(Box::leak(Box::new(made_up))))
}

/// The portal with a defect.
fn defective(id: &str) -> Checks {
    Checks::new(Some(find(id).unwrap_or_else(|| panic!("no defect {id}"))))
}

static CANARY: Defect = Defect {
    id: "test/canary",
    breaks: "",
    says: "It accepts everything.",
    fault: Fault::AcceptsEverything,
};

fn canary() -> Checks {
    Checks::new(Some(&CANARY))
}

/// No policy of the reference asks for an attestation.
const NEVER_ASKED: [Check; 2] =
    [Check::RegistrationAttestationPolicy, Check::RegistrationAttestationPolicySelf];

fn is_of_a_ceremony(check: Check) -> bool {
    check <= Check::AuthenticationCounter
        || (Check::RegistrationClientDataMembers..=Check::AuthenticationTrailing).contains(&check)
}

#[test]
fn each_check_of_a_ceremony_has_a_defect_that_forgets_it() {
    let forgotten = |check: Check| {
        DEFECTS.iter().any(|own| matches!(own.fault, Fault::Forgets(known) if known == check))
    };
    let without: Vec<_> = Check::ALL
        .iter()
        .filter(|check| is_of_a_ceremony(**check) && !NEVER_ASKED.contains(check))
        .filter(|check| !forgotten(**check))
        .collect();
    assert_eq!(without, Vec::<&Check>::new());
}

/// A rule may have a stricter or narrower part of its own, `-strict` or `-model`.
#[test]
fn forgotten_checks_of_a_ceremony_belong_to_what_they_break() {
    for defect in DEFECTS {
        if let Fault::Forgets(check) = defect.fault
            && is_of_a_ceremony(check)
        {
            let rule = defect.breaks.trim_end_matches("-strict").trim_end_matches("-model");
            assert!(check.id().starts_with(rule), "{}", defect.id);
        }
    }
}
