//! The words that keys of a profile take, and what each stands for: the grammar lists them, the readers look
//! them up.

use softkey::totp::Algorithm;

use super::{Edition, Environment, UserVerification};

/// How bytes are written in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binary {
    /// base64url without padding.
    Base64Url,
    /// base64 with padding.
    Base64,
    /// The bytes of the text.
    Text,
    /// A list of numbers.
    Numbers,
}

/// How the interrupted step is taken up again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Go on where the interrupt ended, when that is the page that was asked for; else ask again.
    Resume,
    /// Ask again.
    Repeat,
    /// Go on where the interrupt ended.
    GoOn,
}

/// The editions of the standard.
pub(super) const EDITIONS: &[(&str, Edition)] =
    &[(Edition::W3cL3.word(), Edition::W3cL3), (Edition::FidoServer.word(), Edition::FidoServer)];

/// What a portal asks of keys.
pub(super) const VERIFICATION: &[(&str, UserVerification)] = &[
    (UserVerification::Discouraged.word(), UserVerification::Discouraged),
    (UserVerification::Preferred.word(), UserVerification::Preferred),
    (UserVerification::Required.word(), UserVerification::Required),
];

/// The hashes of RFC 6238.
pub(super) const ALGORITHMS: &[(&str, Algorithm)] =
    &[("SHA1", Algorithm::Sha1), ("SHA256", Algorithm::Sha256), ("SHA512", Algorithm::Sha512)];

/// What a portal is there for.
pub(super) const ENVIRONMENTS: &[(&str, Environment)] = &[
    (Environment::Local.word(), Environment::Local),
    (Environment::Test.word(), Environment::Test),
    (Environment::Staging.word(), Environment::Staging),
    (Environment::Production.word(), Environment::Production),
];

/// How binary values are written in JSON.
pub(super) const BINARIES: &[(&str, Binary)] = &[
    ("base64url", Binary::Base64Url),
    ("base64", Binary::Base64),
    ("text", Binary::Text),
    ("numbers", Binary::Numbers),
];

/// How a flow goes on after an interrupt.
pub(super) const THENS: &[(&str, Then)] =
    &[("resume", Then::Resume), ("repeat", Then::Repeat), ("go-on", Then::GoOn)];

/// Roles of WAI-ARIA 1.2 (§5.4) that something shown on a page may have.
pub(super) const ROLES: &[&str] = &[
    "alert",
    "alertdialog",
    "article",
    "banner",
    "button",
    "cell",
    "checkbox",
    "columnheader",
    "combobox",
    "complementary",
    "contentinfo",
    "definition",
    "dialog",
    "figure",
    "form",
    "grid",
    "gridcell",
    "group",
    "heading",
    "img",
    "link",
    "list",
    "listbox",
    "listitem",
    "log",
    "main",
    "menu",
    "menubar",
    "menuitem",
    "menuitemcheckbox",
    "menuitemradio",
    "meter",
    "navigation",
    "note",
    "option",
    "progressbar",
    "radio",
    "radiogroup",
    "region",
    "row",
    "rowgroup",
    "rowheader",
    "search",
    "searchbox",
    "slider",
    "spinbutton",
    "status",
    "switch",
    "tab",
    "table",
    "tablist",
    "tabpanel",
    "term",
    "textbox",
    "timer",
    "toolbar",
    "tooltip",
    "tree",
    "treegrid",
    "treeitem",
];
