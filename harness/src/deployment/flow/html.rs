//! The page that an answer is, parsed once however often it is looked at.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use scraper::Html;

use crate::html::parse;

/// The text of an answer, and the page that it is: parsed once, when somebody first looks. Clones are
/// the same page.
#[derive(Clone, Default)]
pub(in crate::deployment) struct Body(Arc<Sheet>);

#[derive(Default)]
struct Sheet {
    text: Box<str>,
    html: Mutex<Option<Html>>,
}

impl Body {
    /// The text.
    #[must_use]
    pub(in crate::deployment) fn text(&self) -> &str {
        &self.0.text
    }

    /// Looks at the page; nobody else does so meanwhile. A look within a look at the same page would
    /// wait for itself.
    pub(in crate::deployment) fn look<R>(&self, look: impl FnOnce(&Html) -> R) -> R {
        let mut html = self.0.html.lock().unwrap_or_else(PoisonError::into_inner);
        look(html.get_or_insert_with(|| parse(self.text())))
    }
}

impl<T: Into<Box<str>>> From<T> for Body {
    fn from(text: T) -> Self {
        Self(Arc::new(Sheet { text: text.into(), html: Mutex::default() }))
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text().fmt(f)
    }
}
