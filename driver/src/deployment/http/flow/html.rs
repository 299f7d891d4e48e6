//! The page or the JSON that an answer is, parsed once however often it is looked at; one that is very
//! large, each time.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use reports::bounds::{PAGE_BESIDE, PAGE_KEPT};
use scraper::Html;
use serde_json::Value;

use html::parse;

/// The text of an answer, and the page or the JSON that it is: parsed when somebody first looks, and kept
/// unless it is very large. Clones are the same page.
#[derive(Clone, Default)]
pub(in crate::deployment::http) struct Body(Arc<Sheet>);

/// Held while a large answer is parsed and looked at: of those there is one at a time.
static ALONE: Mutex<()> = Mutex::new(());

#[derive(Default)]
struct Sheet {
    text: Box<str>,
    html: Mutex<Option<Html>>,
    json: OnceLock<Option<Value>>,
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
        let _alone = self.alone();
        let html = parse(self.text());
        let seen = look(&html);
        if html.tree.nodes().len() <= PAGE_KEPT.most {
            *kept = Some(html);
        }
        seen
    }

    /// Looks at the JSON; `None` where it is none. As of pages, one large one at a time.
    pub(in crate::deployment) fn look_at_json<R>(
        &self,
        look: impl FnOnce(&Value) -> R,
    ) -> Option<R> {
        let parsed = || serde_json::from_str(self.text()).ok();
        if let Some(_alone) = self.alone() {
            return parsed().as_ref().map(look);
        }
        self.0.json.get_or_init(parsed).as_ref().map(look)
    }

    /// A turn among the large answers, where this is one.
    fn alone(&self) -> Option<MutexGuard<'static, ()>> {
        let large = self.text().len() > PAGE_BESIDE.most;
        large.then(|| ALONE.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<T: Into<Box<str>>> From<T> for Body {
    fn from(text: T) -> Self {
        Self(Arc::new(Sheet { text: text.into(), ..Sheet::default() }))
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

    #[test]
    fn json_stays_parsed_unless_it_is_very_large_and_says_the_same_each_time() {
        for (items, kept) in [(1000, true), (100_000, false)] {
            let body = Body::from(format!("[0{}]", ", 0".repeat(items - 1)));
            for _ in 0..2 {
                assert_eq!(body.look_at_json(|json| json.as_array().unwrap().len()), Some(items));
                assert_eq!(body.0.json.get().is_some(), kept, "{items}");
            }
        }
        assert_eq!(Body::from("<p>").look_at_json(|_| ()), None);
    }
}
