//! Registering and keeping keys: a part of the table of defects.

use super::{Defect, decides, forgets};
use crate::{
    check::Check,
    defect::mistakes::{keys, sessions},
    registration::is_a_label,
    rules::{Checked, Registering},
};

pub(super) const DEFECTS: &[Defect] = &[
    decides(
        "manage/proof-outlives-key",
        "after/key-deleted",
        "What a deleted key alone has proved counts as a fresh proof still.",
        |r| r.keys.ends_its_proofs = false,
    ),
    decides(
        "register/pending-login-allowed",
        "registration/signed-in",
        "A session after the password alone may register a key.",
        |r| r.session.of_request = sessions::half_registers,
    ),
    decides(
        "register/unauthenticated",
        "registration/signed-in",
        "Whoever asks is given registration options, signed in or not.",
        |r| r.session.of_request = sessions::visitor_registers,
    ),
    decides(
        "register/finish-without-session",
        "registration/signed-in",
        "The challenge alone tells whose new key it is: nobody asks who answers, or whether the user is still signed in.",
        |r| r.session.of_request = sessions::registrant_of_challenge,
    ),
    forgets(
        "register/self-registration-ignored",
        "registration/self-service",
        "Users register keys although the administrator does not let them.",
        Check::RegistrationSelfService,
    ),
    forgets(
        "register/key-off-ignored",
        "registration/key-allowed",
        "Users register keys although keys are switched off.",
        Check::RegistrationKeyOff,
    ),
    forgets(
        "register/no-fresh-authentication",
        "registration/fresh-authentication",
        "An old session may add a key.",
        Check::RegistrationFresh,
    ),
    decides(
        "register/fresh-for-half-the-time",
        "registration/fresh-authentication",
        "A session counts as old after half of the time that the policy allows.",
        |r| r.session.fresh_for = 300,
    ),
    forgets(
        "register/unlimited-keys",
        "registration/key-limit",
        "There is no limit to the keys of a user.",
        Check::RegistrationKeyLimit,
    ),
    forgets(
        "register/label-unchecked",
        "registration/label",
        "A label may hold anything, and any amount of it.",
        Check::RegistrationLabel,
    ),
    decides(
        "register/label-required",
        "registration/label",
        "A key without a label is refused.",
        |r| r.new_key.label = |label| !label.is_empty() && is_a_label(label),
    ),
    decides(
        "register/label-escaped",
        "registration/label",
        "The label is escaped when it is stored, and comes back as nobody typed it.",
        |r| {
            r.new_key.stored_label = |label| label.replace('<', "&lt;").replace('>', "&gt;");
        },
    ),
    decides(
        "register/label-lost",
        "registration/plain",
        "The label is not stored with the key.",
        |r| r.new_key.stored_label = |_| String::new(),
    ),
    decides(
        "register/listed-before-touch",
        "registration/abandoned",
        "The key stands in the list as soon as its options are asked for.",
        |r| r.new_key.registering = keys::listed_before_touch,
    ),
    decides(
        "register/issued-key-not-own",
        "registration/by-administrator",
        "A key that the administrator registers counts as the administrator's own.",
        |r| {
            r.keys.owns = |owner, key, name| owner == name && !key.administered;
        },
    ),
    decides(
        "register/duplicate-id-race",
        "registration/credential-unique",
        "Whether a credential id is new is asked before it is stored, and not when.",
        |r| r.new_key.unique_asked = Checked::BeforeItActs,
    ),
    decides(
        "register/one-key-only",
        "registration/several",
        "A user has one key; another takes its place.",
        |r| {
            r.new_key.registering = |user, registering| match registering {
                Registering::Begun(_) => (),
                Registering::Done => user.keys.clear(),
            };
        },
    ),
    decides(
        "register/other-factor-dropped",
        "registration/other-factors",
        "Registering a key removes the authenticator app.",
        |r| {
            r.new_key.registering = |user, registering| match registering {
                Registering::Begun(_) => (),
                Registering::Done => user.totp = None,
            };
        },
    ),
    decides(
        "register/push-dropped",
        "registration/other-factors",
        "Registering a key removes the push device.",
        |r| {
            r.new_key.registering = |user, registering| match registering {
                Registering::Begun(_) => (),
                Registering::Done => user.device = None,
            };
        },
    ),
    decides(
        "register/exclude-list-empty",
        "registration/options",
        "The options do not name the keys that the user has.",
        |r| r.options.excluded = |_| Vec::new(),
    ),
    decides(
        "register/user-handle-has-pii",
        "registration/options",
        "The user handle is the user's name.",
        |r| r.options.new_handle = |_, name| name.as_bytes().to_vec(),
    ),
    decides(
        "register/user-handle-unstable",
        "registration/options",
        "The user handle differs from ceremony to ceremony.",
        |r| r.options.handle = keys::another_handle,
    ),
    decides(
        "register/user-handle-shared",
        "registration/options",
        "All users have one user handle.",
        |r| {
            r.options.new_handle = |state, _| state.random.constant::<32>("user handle").to_vec();
        },
    ),
    decides(
        "register/user-handle-counts",
        "registration/handle-random",
        "The user handle is the number of the account.",
        |r| {
            r.options.new_handle = |state, _| (state.users.len() + 1).to_string().into_bytes();
        },
    ),
    decides(
        "register/rp-id-of-the-domain-above",
        "registration/options",
        "The RP id is the domain above the portal's, which other hosts share.",
        |r| {
            r.options.rp_id = |domain| domain.split_once('.').map_or(domain, |(_, above)| above);
        },
    ),
    decides(
        "register/only-es256-offered",
        "registration/interoperable",
        "No other algorithm than ES256 is offered.",
        |r| r.options.offers = |algorithm| algorithm == -7,
    ),
    decides(
        "register/algorithms-left-out",
        "registration/options-form",
        "The options offer no algorithm, and leave the choice to the browser.",
        |r| r.options.offers = |_| false,
    ),
    decides(
        "register/residency-contradicted",
        "registration/options-form",
        "The old member requires a discoverable key where the new one only prefers it.",
        |r| r.options.requires_resident_key = true,
    ),
    forgets(
        "manage/delete-idor",
        "keys/own",
        "Anyone signed in renames and deletes anybody's key.",
        Check::KeysOwn,
    ),
    forgets(
        "manage/administered-key-renamed",
        "keys/administered",
        "The user renames a key of the administrator's.",
        Check::KeysAdministered,
    ),
    forgets(
        "manage/last-factor-removable",
        "keys/last-factor",
        "The last factor can be deleted although one is required.",
        Check::KeysLastFactor,
    ),
    decides(
        "manage/last-factor-miscounted",
        "keys/last-factor",
        "Kinds of factors are counted instead of factors.",
        |r| {
            r.keys.factor_remains = |user| !user.must_have_a_factor() || user.has_totp_factor();
        },
    ),
    forgets(
        "manage/disable-without-proof",
        "keys/fresh-authentication",
        "An old session may delete a key.",
        Check::KeysFresh,
    ),
    forgets(
        "manage/list-shown-when-off",
        "keys/visible",
        "The list is shown although keys are switched off.",
        Check::KeysVisible,
    ),
    decides("manage/rename-breaks-key", "keys/rename", "Renaming a key breaks it.", |r| {
        r.keys.renamed = |key| key.credential.public_key = None
    }),
];
