//! Ends what a user holds.

use super::{Aim, Session, SessionState, State};
use crate::rules::Ended;

impl State {
    /// Forgets a user, with all that is the user's; whether there was one.
    pub(crate) fn forget(&mut self, name: &str) -> bool {
        self.wrong_codes.forget(name);
        self.prompted.forget(name);
        self.sessions.retain(|_, session| session.user() != Some(name));
        self.ceremonies.retain(|ceremony| ceremony.user != name);
        self.tickets.retain(|ticket| ticket.user != name);
        self.resets.retain(|_, reset| reset.user != name);
        self.users.remove(name).is_some()
    }

    /// Ends what an event ends. It happens to a user, in the session `here`; an empty one is none.
    pub(crate) fn ends(&mut self, ended: &Ended, user: &str, here: &str) {
        self.end_sessions(ended, (user, here));
        self.end_ceremonies(ended, (user, here));
        self.end_factors(ended, (user, here));
        let known = |owner: &str| ended.wrong_passwords.reaches((owner, ""), (user, here));
        self.wrong_passwords.retain(|owner, _| !known(owner));
        let known = |owner: &str| ended.wrong_codes.reaches((owner, ""), (user, here));
        self.wrong_codes.forget_where(known);
    }

    fn end_sessions(&mut self, ended: &Ended, whose: (&str, &str)) {
        self.sessions.retain(|id, session| {
            let scope = match &session.state {
                SessionState::Visitor => return true,
                SessionState::HalfSignedIn { .. } => ended.half_sessions,
                SessionState::SignedIn { .. } | SessionState::LeftToApplications { .. } => {
                    ended.sessions
                }
            };
            !scope.reaches((session.user().unwrap_or_default(), id), whose)
        });
        for (id, session) in &mut self.sessions {
            let own = (session.user().unwrap_or_default().to_owned(), id.as_str());
            let own = (own.0.as_str(), own.1);
            if ended.set_ups.reaches(own, whose) {
                session.pending_totp = None;
            }
            if ended.proofs.reaches(own, whose) {
                session.outlive_proof();
            }
            if ended.applications.reaches((whose.0, id), whose) {
                session.wanted = None;
            }
        }
    }

    fn end_ceremonies(&mut self, ended: &Ended, whose: (&str, &str)) {
        self.ceremonies.retain(|ceremony| {
            let scope = match ceremony.aim {
                Aim::Registration => ended.registrations,
                Aim::SignIn => ended.sign_ins,
                Aim::Passwordless | Aim::Reset(_) | Aim::Password | Aim::AdminRegistration => {
                    return true;
                }
            };
            !scope.reaches((&ceremony.user, &ceremony.session), whose)
        });
        // Tickets and links belong to no session.
        self.tickets.retain(|ticket| !ended.tickets.reaches((&ticket.user, ""), whose));
        for reset in self.resets.values_mut() {
            if ended.links.reaches((&reset.user, ""), whose) {
                reset.newest = false;
            }
        }
    }

    fn end_factors(&mut self, ended: &Ended, whose: (&str, &str)) {
        for (name, user) in &mut self.users {
            let own = (name.as_str(), "");
            if ended.password.reaches(own, whose) {
                user.password.clear();
            }
            if ended.keys.reaches(own, whose) {
                user.keys.clear();
            }
            if ended.marks.reaches(own, whose) {
                user.keys.iter_mut().for_each(|key| key.administered = false);
            }
            if ended.codes.reaches(own, whose) {
                user.totp = None;
            }
            if ended.device.reaches(own, whose) {
                user.device = None;
            }
        }
    }

    /// Ends the proofs that a key made alone.
    pub(crate) fn end_proofs_of(&mut self, credential: &[u8]) {
        let by_it = |session: &&mut Session| session.proved_by.as_deref() == Some(credential);
        self.sessions.values_mut().filter(by_it).for_each(Session::outlive_proof);
    }
}
