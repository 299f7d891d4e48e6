//! Challenges and options: a part of the table of defects.

use super::{Defect, decides, forgets};
use crate::{
    ceremony::{begun, unheard_of},
    check::Check,
    defect::mistakes::{keys, sign_in},
    options,
    random::Purpose,
    rules::Spent,
};

pub(super) const DEFECTS: &[Defect] = &[
    decides(
        "login/challenge-constant",
        "authentication/options",
        "Every challenge is the same.",
        |r| r.challenge.issued = |random| random.constant::<32>("challenge").to_vec(),
    ),
    decides(
        "login/challenge-short",
        "authentication/options",
        "A challenge has eight bytes.",
        |r| r.challenge.issued = |random| random.draw::<8>(Purpose::Challenge).to_vec(),
    ),
    decides(
        "login/rp-id-of-the-domain-above",
        "authentication/options",
        "At sign-in the RP id is the domain above the portal's, which other hosts share.",
        |r| {
            r.options.rp_id = |domain| domain.split_once('.').map_or(domain, |(_, above)| above);
        },
    ),
    decides(
        "login/challenge-padded",
        "authentication/options-form",
        "The challenge is written with padding.",
        |r| r.options.challenge = |challenge| options::text(challenge) + "=",
    ),
    decides(
        "login/keys-not-named",
        "authentication/options",
        "After the password no key is named to the browser.",
        |r| r.options.allowed = |_, _| Vec::new(),
    ),
    decides(
        "login/decoy-named",
        "authentication/options",
        "A made-up key is named beside the user's own, although the password has told who signs in.",
        |r| r.options.allowed = keys::with_a_decoy,
    ),
    decides(
        "login/challenge-from-client",
        "login/challenge-once",
        "The expected challenge is the one that the answer names.",
        |r| {
            r.challenge.of_answer = |state, asked, claimed| {
                let named = claimed.map(|claimed| unheard_of(state, asked, claimed));
                named.or_else(|| begun(state, asked, claimed))
            };
        },
    ),
    decides("login/challenge-reusable", "login/challenge-once", "A challenge stays good.", |r| {
        r.challenge.spent = Spent::Never
    }),
    decides(
        "login/challenge-race",
        "login/challenge-once",
        "A challenge is spent after the answer was verified.",
        |r| r.challenge.spent = Spent::AfterVerification,
    ),
    decides(
        "login/retry-answered-again",
        "login/challenge-once",
        "An answer that comes again is taken for a retry and signs in once more, wherever it comes from.",
        |r| r.sign_in.repeated = sign_in::repeats,
    ),
    decides(
        "register/challenge-reusable",
        "registration/challenge-once",
        "A challenge stays good.",
        |r| r.challenge.spent = Spent::Never,
    ),
    forgets(
        "login/challenge-never-issued",
        "login/challenge-once",
        "A used challenge, or none at all, is taken.",
        Check::LoginChallengeOnce,
    ),
    forgets(
        "register/challenge-never-issued",
        "registration/challenge-once",
        "At registration a used challenge, or none at all, is taken.",
        Check::RegistrationChallengeOnce,
    ),
    forgets(
        "login/challenge-not-session-bound",
        "login/challenge-bound",
        "A challenge issued to one browser is accepted from another.",
        Check::LoginChallengeBound,
    ),
    forgets(
        "register/challenge-not-session-bound",
        "registration/challenge-bound",
        "A registration challenge issued to one browser is accepted from another.",
        Check::RegistrationChallengeBound,
    ),
    forgets(
        "login/challenge-no-expiry",
        "login/challenge-lifetime",
        "The server never ages a challenge.",
        Check::LoginChallengeLifetime,
    ),
    decides(
        "login/challenge-short-lived",
        "login/challenge-lifetime",
        "A challenge lives half as long as the browser is told.",
        |r| r.challenge.lifetime = 30,
    ),
    forgets(
        "register/challenge-no-expiry",
        "registration/challenge-lifetime",
        "The server never ages a registration challenge.",
        Check::RegistrationChallengeLifetime,
    ),
    decides(
        "register/challenge-short-lived",
        "registration/challenge-lifetime",
        "At registration a challenge lives half as long as the browser is told.",
        |r| r.challenge.lifetime = 30,
    ),
    forgets(
        "login/purpose-confusion",
        "login/purpose",
        "A registration challenge is good for a sign-in.",
        Check::LoginPurpose,
    ),
    forgets(
        "register/purpose-confusion",
        "registration/purpose",
        "A sign-in challenge is good for a registration.",
        Check::RegistrationPurpose,
    ),
    decides(
        "login/timeout-unannounced",
        "browser-timeout/announced",
        "The browser is given another time limit than the portal keeps.",
        |r| r.options.timeout = 600_000,
    ),
    decides(
        "login/timeout-in-seconds",
        "authentication/options-form",
        "The browser's time limit is written in seconds instead of milliseconds.",
        |r| r.options.timeout = 60,
    ),
    decides(
        "login/uv-policy-from-client",
        "authentication/user-verified",
        "The client says whether its user has to be verified.",
        |r| r.options.verification = |policy, said| said.unwrap_or(policy),
    ),
];
