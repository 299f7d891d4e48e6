//! A page that says one thing, and where to go from there.

use maud::{Markup, html};

use crate::frame::{Forms, View, way};

/// What somebody is told where no other page can be shown.
pub struct Notice {
    /// What it is about.
    pub heading: &'static str,
    /// What happened, and the way out.
    pub message: String,
    /// Where to go: an address, and the name of the link.
    pub on: (&'static str, &'static str),
}

impl View for Notice {
    fn title(&self) -> String {
        self.heading.to_owned()
    }

    fn content(&self, _: Forms<'_>) -> Markup {
        let (to, name) = self.on;
        html! {
            section class="card" {
                p role="alert" { (self.message) }
                p { (way(to, name)) }
            }
        }
    }
}
