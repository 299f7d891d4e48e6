//! What ends when something happens to a user, and what lives on. A row an event, a member a thing that
//! the user may hold. Where the standards are silent the decisions are the portal's own, and stand here.

/// How far an event reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// It ends nothing.
    Nowhere,
    /// What the user has in other sessions than that in which it happens. What belongs to no session
    /// ends too.
    Elsewhere,
    /// All that the user has of it.
    Everywhere,
    /// What everybody has of it: no sound portal does that.
    ForEverybody,
}

impl Scope {
    /// Whether it reaches something of `owner` in a session, when it happens to `user` in the session
    /// `here`.
    pub(crate) fn reaches(
        self,
        (owner, session): (&str, &str),
        (user, here): (&str, &str),
    ) -> bool {
        match self {
            Self::Nowhere => false,
            Self::Elsewhere => owner == user && session != here,
            Self::Everywhere => owner == user,
            Self::ForEverybody => true,
        }
    }
}

/// What one event ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended {
    /// Full sessions.
    pub(crate) sessions: Scope,
    /// Sessions between password and factor.
    pub(crate) half_sessions: Scope,
    /// Challenges for registrations.
    pub(crate) registrations: Scope,
    /// Challenges for sign-ins.
    pub(crate) sign_ins: Scope,
    /// Secrets of one-time codes that were shown and not confirmed.
    pub(crate) set_ups: Scope,
    /// Proofs that are fresh.
    pub(crate) proofs: Scope,
    /// The applications that wait for a sign-in; nobody's, as nobody has signed in yet.
    pub(crate) applications: Scope,
    /// Tickets that an application has not used.
    pub(crate) tickets: Scope,
    /// Mailed links.
    pub(crate) links: Scope,
    /// The password.
    pub(crate) password: Scope,
    /// Registered keys.
    pub(crate) keys: Scope,
    /// That a key was registered by the administrator.
    pub(crate) marks: Scope,
    /// The secret of one-time codes.
    pub(crate) codes: Scope,
    /// The device for prompts.
    pub(crate) device: Scope,
    /// Wrong passwords of late, and the lock that they are.
    pub(crate) wrong_passwords: Scope,
    /// The same of wrong codes.
    pub(crate) wrong_codes: Scope,
}

impl Ended {
    /// An event that ends nothing.
    const NOTHING: Self = Self {
        sessions: Scope::Nowhere,
        half_sessions: Scope::Nowhere,
        registrations: Scope::Nowhere,
        sign_ins: Scope::Nowhere,
        set_ups: Scope::Nowhere,
        proofs: Scope::Nowhere,
        applications: Scope::Nowhere,
        tickets: Scope::Nowhere,
        links: Scope::Nowhere,
        password: Scope::Nowhere,
        keys: Scope::Nowhere,
        marks: Scope::Nowhere,
        codes: Scope::Nowhere,
        device: Scope::Nowhere,
        wrong_passwords: Scope::Nowhere,
        wrong_codes: Scope::Nowhere,
    };
}

/// What each event ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EndRules {
    /// A user signs out: beside the session itself, which `SessionRules::signed_out` ends.
    pub(crate) signed_out: Ended,
    /// The right password was entered.
    pub(crate) password_right: Ended,
    /// A wrong password was entered for a user.
    pub(crate) password_wrong: Ended,
    /// A right code was entered.
    pub(crate) code_right: Ended,
    /// A wrong code was entered.
    pub(crate) code_wrong: Ended,
    /// An answer of a key was refused.
    pub(crate) answer_refused: Ended,
    /// A user is wholly signed in.
    pub(crate) signed_in: Ended,
    /// A challenge for a sign-in was issued.
    pub(crate) sign_in_begun: Ended,
    /// A challenge for a registration was issued.
    pub(crate) registration_begun: Ended,
    /// The password was changed by whoever is signed in (OWASP ASVS 7.4.3).
    pub(crate) password_changed: Ended,
    /// The password was reset by mail: in no session of the user's (OWASP ASVS 7.4.3).
    pub(crate) password_reset: Ended,
    /// A link was asked for: the older ones are void.
    pub(crate) link_asked: Ended,
    /// A mailed link was opened, by its owner or by a mail scanner.
    pub(crate) link_opened: Ended,
    /// A key was registered.
    pub(crate) key_added: Ended,
    /// Its user deleted a key: beside the key, and the proofs that it made alone.
    pub(crate) key_deleted: Ended,
    /// The same by the administrator.
    pub(crate) key_taken: Ended,
    /// The last key was deleted, by whomever.
    pub(crate) last_key_deleted: Ended,
    /// A secret of one-time codes was shown.
    pub(crate) set_up_begun: Ended,
    /// A set-up of one-time codes was confirmed: beside the older secret.
    pub(crate) codes_set_up: Ended,
    /// The same where an older secret gave way to it: beside that one.
    pub(crate) codes_replaced: Ended,
    /// The administrator disabled the account (OWASP ASVS 7.4.2). Whoever is between password and factor
    /// is told there.
    pub(crate) disabled: Ended,
    /// The administrator enabled it again: nothing that was open before comes back.
    pub(crate) enabled: Ended,
    /// The administrator switched keys off.
    pub(crate) keys_off: Ended,
    /// The administrator changed something else of the policy.
    pub(crate) policy_changed: Ended,
    /// The administrator began the enrollment period anew.
    pub(crate) period_reset: Ended,
}

impl EndRules {
    pub(super) const SOUND: Self = Self {
        signed_out: Ended::NOTHING,
        password_right: Ended { wrong_passwords: Scope::Everywhere, ..Ended::NOTHING },
        password_wrong: Ended::NOTHING,
        code_right: Ended { wrong_codes: Scope::Everywhere, ..Ended::NOTHING },
        code_wrong: Ended::NOTHING,
        answer_refused: Ended::NOTHING,
        signed_in: Ended::NOTHING,
        sign_in_begun: Ended::NOTHING,
        registration_begun: Ended::NOTHING,
        password_changed: Ended {
            sessions: Scope::Elsewhere,
            half_sessions: Scope::Elsewhere,
            links: Scope::Everywhere,
            // The wrong ones were tried at a password that is no more.
            wrong_passwords: Scope::Everywhere,
            ..Ended::NOTHING
        },
        // The link that did it is spent, and asking for it has ended the older ones.
        password_reset: Ended {
            sessions: Scope::Everywhere,
            half_sessions: Scope::Everywhere,
            wrong_passwords: Scope::Everywhere,
            ..Ended::NOTHING
        },
        link_asked: Ended { links: Scope::Everywhere, ..Ended::NOTHING },
        link_opened: Ended::NOTHING,
        key_added: Ended::NOTHING,
        key_deleted: Ended::NOTHING,
        key_taken: Ended::NOTHING,
        last_key_deleted: Ended::NOTHING,
        set_up_begun: Ended::NOTHING,
        codes_set_up: Ended::NOTHING,
        codes_replaced: Ended::NOTHING,
        disabled: Ended {
            sessions: Scope::Everywhere,
            tickets: Scope::Everywhere,
            ..Ended::NOTHING
        },
        enabled: Ended {
            half_sessions: Scope::Everywhere,
            links: Scope::Everywhere,
            ..Ended::NOTHING
        },
        keys_off: Ended::NOTHING,
        policy_changed: Ended::NOTHING,
        period_reset: Ended::NOTHING,
    };
}
