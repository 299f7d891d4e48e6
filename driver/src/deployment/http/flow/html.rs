//! The page that an answer is, parsed once however often it is looked at; one that is very large, each
//! time.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use reports::bounds::{PAGE_BESIDE, PAGE_KEPT};
use scraper::Html;

use crate::html::parse;

/// The text of an answer, and the page that it is: parsed when somebody first looks, and kept unless it
/// is very large. Clones are the same page.
#[derive(Clone, Default)]
pub(in crate::deployment::http) struct Body(Arc<Sheet>);

/// Held while a large page is parsed and looked at: of those there is one at a time.
static ALONE: Mutex<()> = Mutex::new(());

#[derive(Default)]
struct Sheet {
    text: Box<str>,
    html: Mutex<Option<Html>>,
}

impl Body {
    /// The text.
    #[must_use]
    pub(in crate::deployment::http) fn text(&self) -> &str {
        &self.0.text
    }

    /// Looks at the page; nobody else does so meanwhile. A look within a look at the same page, or at
    /// another large one, would wait for itself.
    pub(in crate::deployment::http) fn look<R>(&self, look: impl FnOnce(&Html) -> R) -> R {
        let mut kept = self.0.html.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(html) = &*kept {
            return look(html);
        }
        let large = self.text().len() > PAGE_BESIDE.most;
        let _alone = large.then(|| ALONE.lock().unwrap_or_else(PoisonError::into_inner));
        let html = parse(self.text());
        let seen = look(&html);
        if html.tree.nodes().len() <= PAGE_KEPT.most {
            *kept = Some(html);
        }
        seen
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_stays_parsed_unless_it_is_very_large_and_shows_the_same_each_time() {
        for (rows, kept) in [(1000, true), (100_000, false)] {
            let body = Body::from("<p>x".repeat(rows));
            for _ in 0..2 {
                assert_eq!(body.look(|html| html.root_element().text().count()), rows);
                assert_eq!(body.0.html.lock().unwrap().is_some(), kept, "{rows}");
            }
        }
    }
}
