//! What ends and what lives on: a part of the table of defects, an event a row and a thing a word. Each leaves
//! one thing alive that ends, or ends one that lives. What is in no list is not modelled yet, or hides behind
//! another rule.

use super::{Defect, decides};
use crate::rules::Scope;

/// What a thing is called.
macro_rules! word {
    (sessions) => {
        "sessions"
    };
    (half_sessions) => {
        "half-sessions"
    };
    (registrations) => {
        "registrations"
    };
    (sign_ins) => {
        "challenges"
    };
    (set_ups) => {
        "set-ups"
    };
    (proofs) => {
        "proofs"
    };
    (applications) => {
        "applications"
    };
    (links) => {
        "links"
    };
    (password) => {
        "password"
    };
    (keys) => {
        "keys"
    };
    (marks) => {
        "marks"
    };
    (codes) => {
        "codes"
    };
    (device) => {
        "device"
    };
    (wrong_passwords) => {
        "wrong-passwords"
    };
    (wrong_codes) => {
        "wrong-codes"
    };
}

macro_rules! table {
    ($($event:ident $slug:literal $words:literal {
        $(leaves $($left:ident)+;)?
        $(ends $scope:ident $($ended:ident)+;)*
    })+) => {
        &[$(
            $($(decides(
                concat!("after/", $slug, "-leaves-", word!($left)),
                concat!("after/", $slug),
                concat!($words, " leaves the user's ", word!($left), " alive."),
                |r| r.ends.$event.$left = Scope::Nowhere,
            ),)+)?
            $($(decides(
                concat!("after/", $slug, "-ends-", word!($ended)),
                concat!("after/", $slug),
                concat!($words, " ends the user's ", word!($ended), "."),
                |r| r.ends.$event.$ended = Scope::$scope,
            ),)+)*
        )+]
    };
}

/// A row an event of the portal's, with the requirement that its mistakes break.
pub(super) const DEFECTS: &[Defect] = table! {
    signed_out "sign-out" "Signing out" {
        ends Elsewhere sessions;
        ends Everywhere half_sessions applications links password keys codes device
            marks wrong_passwords wrong_codes;
    }
    signed_in "sign-in" "A sign-in" {
        ends Everywhere sessions half_sessions applications links keys codes device
            marks wrong_codes registrations set_ups sign_ins proofs;
    }
    password_right "sign-in" "A right password" {
        leaves wrong_passwords;
    }
    sign_in_begun "sign-in-begun" "A sign-in that is begun" {
        ends Everywhere sessions applications links password codes device marks
            wrong_codes sign_ins proofs;
        ends Elsewhere half_sessions;
    }
    password_changed "password-change" "A change of the password" {
        leaves sessions half_sessions links;
        ends Everywhere sessions applications keys codes device marks wrong_codes;
    }
    password_reset "password-reset" "A reset of the password" {
        leaves sessions half_sessions;
        ends Everywhere applications keys codes device marks wrong_codes;
    }
    link_asked "link-asked" "A link that is asked for" {
        leaves links;
        ends Everywhere sessions half_sessions applications password keys codes device
            marks wrong_passwords wrong_codes;
    }
    link_opened "link-opened" "A link that is opened" {
        ends Everywhere sessions half_sessions applications links password keys codes
            device marks wrong_passwords wrong_codes;
    }
    registration_begun "registration-begun" "A registration that is begun" {
        ends Elsewhere sessions;
        ends Everywhere half_sessions applications links keys codes device
            marks wrong_passwords wrong_codes registrations set_ups;
    }
    key_added "key-added" "A new key" {
        ends Everywhere sessions half_sessions applications links codes
            device marks wrong_passwords wrong_codes registrations;
    }
    key_deleted "key-deleted" "A key that its user deletes" {
        ends Everywhere sessions applications links password keys codes
            device marks wrong_passwords wrong_codes;
    }
    key_deleted "other-key-deleted" "A key that its user deletes" {
        ends Everywhere half_sessions;
    }
    key_taken "key-deleted-by-administrator" "A key that the administrator deletes" {
        ends Everywhere sessions applications links password keys codes
            device marks wrong_passwords wrong_codes;
    }
    last_key_deleted "last-key-deleted" "The last key that is deleted" {
        ends Everywhere sessions applications links password codes device
            wrong_passwords wrong_codes;
    }
    codes_set_up "codes-set-up-again" "A new secret of codes" {
        ends Everywhere sessions half_sessions applications links device
            marks wrong_passwords;
    }
    codes_replaced "codes-set-up-again" "A new secret in place of an old one" {
        ends Everywhere password keys;
    }
    set_up_begun "set-up-abandoned" "A set-up of codes that is begun" {
        ends Elsewhere set_ups;
        ends Everywhere sessions half_sessions applications links password keys codes
            device marks wrong_passwords wrong_codes;
    }
    disabled "disabled" "Disabling an account" {
        leaves sessions;
    }
    enabled "enabled-again" "Enabling an account again" {
        leaves half_sessions links;
        ends Everywhere password keys codes device marks;
    }
    keys_off "keys-off" "Switching keys off" {
        ends Everywhere sessions password codes device
            wrong_passwords wrong_codes;
    }
    policy_changed "keys-off-and-on" "Switching keys on again" {
        ends Everywhere sessions half_sessions applications links password keys codes
            device marks wrong_passwords wrong_codes;
    }
    period_reset "enrolment-reset" "A new enrollment period" {
        ends Everywhere sessions half_sessions applications links password keys device
            marks wrong_passwords;
    }
    password_wrong "wrong-password" "A wrong password" {
        ends Everywhere sessions half_sessions applications links password keys codes
            device marks wrong_passwords wrong_codes;
    }
    answer_refused "wrong-key" "A refused answer of a key" {
        ends Everywhere sessions half_sessions applications links password keys codes
            device marks wrong_codes;
    }
    code_wrong "wrong-code" "A wrong code" {
        ends Everywhere sessions half_sessions applications links password keys codes
            device marks;
    }
    signed_out "stranger" "The sign-out of anybody" {
        ends ForEverybody sessions half_sessions applications links password keys codes
            device marks wrong_passwords wrong_codes;
    }
};
