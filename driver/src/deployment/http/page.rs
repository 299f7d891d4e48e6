//! What a browser shows: the last answer, as a flow goes on from it.

use std::sync::Arc;

use scraper::Html;
use url::Url;

use super::flow::Body;
use crate::wire::Response;

/// The last answer of a flow, as a browser would stand on it.
#[derive(Clone, Debug, Default)]
pub struct Page {
    pub(super) url: Option<Url>,
    pub(super) status: u16,
    /// The exit code, where it is what a command printed.
    pub(super) exit: Option<i32>,
    pub(super) headers: Arc<[(String, String)]>,
    pub(super) body: Body,
}

impl Page {
    /// An answer as it came.
    #[must_use]
    pub fn new(url: Url, answer: Response) -> Self {
        let Response { status, headers, body } = answer;
        Self { url: Some(url), status, exit: None, headers: headers.into(), body: body.into() }
    }

    /// Whether a flow goes on from it where no rule says what it is.
    pub(super) fn is_fine(&self) -> bool {
        self.exit.map_or(self.status < 400, |code| code == 0)
    }

    /// Its address; `None` before the first answer.
    #[must_use]
    pub const fn url(&self) -> Option<&Url> {
        self.url.as_ref()
    }

    /// Its status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Headers, names in lower case.
    #[must_use]
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// Its text.
    #[must_use]
    pub fn body(&self) -> &str {
        self.body.text()
    }

    /// Looks at what it shows; it is parsed once.
    pub fn look<R>(&self, look: impl FnOnce(&Html) -> R) -> R {
        self.body.look(look)
    }

    /// Whether its text is JSON.
    pub(super) fn is_json(&self) -> bool {
        self.body.look_at_json(|_| ()).is_some()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}
