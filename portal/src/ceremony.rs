//! Challenges: issued, found again and spent. What they are answered with is verified in
//! `assertion.rs` and `registration.rs`.

use super::{
    Portal,
    check::{Check, Refusal},
    rules::Spent,
    state::{Aim, Ceremony, Session, State, Verification},
    webauthn::KeyAnswer,
};

/// The checks of one kind of ceremony.
pub(super) struct CeremonyChecks {
    once: Check,
    bound: Check,
    purpose: Check,
    lifetime: Check,
}

pub(super) const REGISTRATION: CeremonyChecks = CeremonyChecks {
    once: Check::RegistrationChallengeOnce,
    bound: Check::RegistrationChallengeBound,
    purpose: Check::RegistrationPurpose,
    lifetime: Check::RegistrationChallengeLifetime,
};

pub(super) const SIGN_IN: CeremonyChecks = CeremonyChecks {
    once: Check::LoginChallengeOnce,
    bound: Check::LoginChallengeBound,
    purpose: Check::LoginPurpose,
    lifetime: Check::LoginChallengeLifetime,
};

pub(super) const CONFIRMATION: CeremonyChecks = CeremonyChecks {
    once: Check::LoginChallengeOnce,
    bound: Check::ResetKeyChallenge,
    purpose: Check::ResetKeyChallenge,
    lifetime: Check::LoginChallengeLifetime,
};

/// Who asks for a ceremony, and what for.
pub(super) struct Asked<'a> {
    pub(super) aim: Aim,
    pub(super) session: &'a str,
}

impl Portal {
    /// Issues a challenge for a user; nobody is named where a key signs in alone.
    pub(super) fn issue(
        &self,
        state: &mut State,
        asked: Asked<'_>,
        user: &str,
        (listed, verification): (Vec<Vec<u8>>, Verification),
    ) -> Vec<u8> {
        let challenge = (self.rules().challenge.issued)(&mut state.random);
        let session = asked.session.to_owned();
        state.remember(Ceremony {
            challenge: challenge.clone(),
            aim: asked.aim,
            session,
            user: user.to_owned(),
            issued: state.now,
            spent: false,
            listed,
            verification,
        });
        challenge
    }

    /// Finds the ceremony that an answer belongs to and spends it: from here on it is used, whatever
    /// becomes of the answer.
    pub(super) fn take(
        &self,
        state: &mut State,
        checks: &CeremonyChecks,
        asked: &Asked<'_>,
        answer: &KeyAnswer<'_>,
    ) -> Result<Ceremony, Refusal> {
        let rules = &self.rules().challenge;
        let claimed = answer.claimed_challenge();
        let found = (rules.of_answer)(state, asked, claimed.as_deref());
        let ceremony = self.checks.admit(checks.once, found, || {
            unheard_of(state, asked, claimed.as_deref().unwrap_or_default())
        })?;
        self.require(checks.once, !ceremony.spent)?;
        // One that is out of time or belongs to somebody else is not spent by this answer.
        self.require(checks.bound, ceremony.session == asked.session)?;
        if rules.spent == Spent::OnReceipt {
            state.spend(&ceremony.challenge);
        }
        self.require(checks.purpose, ceremony.aim == asked.aim)?;
        self.require(checks.lifetime, state.now <= ceremony.issued + rules.lifetime)?;
        Ok(ceremony)
    }
}

/// The ceremony that an answer belongs to: that of its challenge, or the newest one that was begun for
/// the same thing, whose challenge it then does not have.
pub(super) fn begun(state: &State, asked: &Asked<'_>, claimed: Option<&[u8]>) -> Option<Ceremony> {
    let newest_first = || state.ceremonies.iter().rev();
    let named = newest_first().find(|known| Some(known.challenge.as_slice()) == claimed);
    let latest = || {
        newest_first()
            .find(|known| known.session == asked.session && known.aim == asked.aim && !known.spent)
    };
    named.or_else(latest).cloned()
}

/// A ceremony that nobody began, as forgetful portals take one.
pub(super) fn unheard_of(state: &State, asked: &Asked<'_>, challenge: &[u8]) -> Ceremony {
    let session = state.sessions.get(asked.session);
    Ceremony {
        challenge: challenge.to_vec(),
        aim: asked.aim.clone(),
        session: asked.session.to_owned(),
        user: session.and_then(Session::user).unwrap_or_default().to_owned(),
        issued: state.now,
        spent: false,
        listed: Vec::new(),
        verification: Verification::Preferred,
    }
}
