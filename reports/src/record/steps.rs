//! What was done and seen in a scenario, step by step.

use serde::{Deserialize, Serialize};

use super::Reply;

/// One act or exchange.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "step", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// A sentence of a story, or a heading of a ceremony.
    Act {
        /// In the third person: `alice registers her key "desk"`.
        says: String,
    },
    /// One HTTP exchange.
    Exchange(Box<Exchange>),
    /// What the software key said.
    Ceremony(Box<CeremonyStep>),
    /// Something expected and what was seen.
    Expectation {
        /// What was expected.
        expected: String,
        /// What was seen.
        seen: String,
        /// Whether it held; `None` where it could not be told.
        held: Option<bool>,
    },
    /// Time that went by, virtual or real.
    Wait {
        /// Milliseconds.
        ms: u64,
        /// True where only the portal's clock was moved.
        virtual_time: bool,
    },
}

/// The method of an exchange with an adapter.
pub const ADAPTER: &str = "ADAPTER";

/// The method of a command that was run.
pub const COMMAND: &str = "COMMAND";

/// The method of what was done on a portal's page in a browser.
pub const BROWSER: &str = "BROWSER";

/// One HTTP exchange, one with an adapter, what was done in a browser, or a command, redacted when it was made. What is long is cut,
/// see [`crate::bounds`]: it ends with its length and the digest of the whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// Who: the cookie jar's owner.
    pub who: String,
    /// Which flow and step of the profile, `sign_in`, `register_key.finish`.
    pub flow: String,
    /// Line of that step in the profile, where known.
    pub line: Option<u32>,
    /// The preset, or the profile below, that the line stands in; the profile itself without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Method; `ADAPTER` where an adapter was asked, and the bodies are its messages; `COMMAND` where a
    /// command was run, and its line and its output are the bodies; `BROWSER` where a page was driven in a browser,
    /// and what was done and what the page showed are the bodies.
    pub method: String,
    /// URL.
    pub url: String,
    /// Request headers that matter, redacted.
    pub request_headers: Vec<(String, String)>,
    /// Request body, redacted.
    pub request_body: Option<String>,
    /// Status, or the exit code of a command; absent where no answer came.
    pub status: Option<u16>,
    /// Response headers, redacted.
    pub response_headers: Vec<(String, String)>,
    /// Response body, redacted.
    pub response_body: Option<String>,
    /// How the profile's rules classify it.
    pub reply: Option<Reply>,
    /// From request sent to last byte received, microseconds; 0 on the reference in deterministic files.
    pub micros: u64,
    /// What went wrong, where no answer came.
    pub error: Option<String>,
}

/// What the software key said in one ceremony.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CeremonyStep {
    /// `registration` or `authentication`.
    pub ceremony: String,
    /// Whose key.
    pub who: String,
    /// Which key, by label.
    pub key: String,
    /// What was changed, in words; `None` for an honest ceremony.
    pub told: Option<String>,
    /// The client data, as sent (lossy where it is not UTF-8).
    pub client_data: String,
    /// Authenticator data, hexadecimal.
    pub authenticator_data: String,
    /// Attestation object, hexadecimal; registrations only.
    pub attestation_object: Option<String>,
    /// Signature, hexadecimal; authentications only.
    pub signature: Option<String>,
    /// Credential id, base64url.
    pub credential_id: String,
    /// The envelope as handed to the portal; nothing where the step is kept in short.
    pub envelope: serde_json::Value,
}
