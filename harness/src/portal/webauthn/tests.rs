//! Tests of the relying party. Honest answers are built here, by libraries that neither the portal
//! nor the software key decodes with; one change at a time is made to them.

mod answers;
mod attestation;
mod authentication;
mod cbor;
mod garbage;
mod keys;
mod registration;

use super::{Credential, Expectation};
use crate::portal::{
    check::{Check, Checks},
    defect::{DEFECTS, Defect, Fault, find},
};

const CHALLENGE: &[u8] = b"thirty-two bytes of a challenge.";
const RP_ID: &str = "one.portal.localhost";
const ORIGIN: &str = "http://one.portal.localhost";

fn expectation() -> Expectation<'static> {
    Expectation {
        challenge: CHALLENGE,
        origin: ORIGIN,
        rp_id: RP_ID,
        user_verification_required: false,
        algorithms: &[-7, -8, -257],
        attestation_required: false,
    }
}

/// The portal that forgets a check.
fn forgetful(check: Check) -> Checks {
    let forgets = |defect: &&Defect| defect.fault == Fault::Forgets(check);
    Checks::new(Some(DEFECTS.iter().find(forgets).expect("each check has a defect")))
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

#[test]
fn each_check_of_a_ceremony_has_a_defect_that_forgets_it() {
    let of_a_ceremony = |check: &&Check| {
        **check <= Check::AuthenticationCounter
            || (Check::RegistrationClientDataMembers..=Check::AuthenticationTrailing)
                .contains(check)
    };
    let forgotten = |check: Check| DEFECTS.iter().any(|own| own.fault == Fault::Forgets(check));
    let without: Vec<_> =
        Check::ALL.iter().filter(of_a_ceremony).filter(|check| !forgotten(**check)).collect();
    assert_eq!(without, Vec::<&Check>::new());
}

#[test]
fn defect_ids_are_unique_and_forgotten_checks_belong_to_what_they_break() {
    for defect in DEFECTS {
        let namesakes = DEFECTS.iter().filter(|other| other.id == defect.id).count();
        assert_eq!(namesakes, 1, "{}", defect.id);
        if let Fault::Forgets(check) = defect.fault {
            assert!(check.id().starts_with(defect.breaks), "{}", defect.id);
        }
    }
}
