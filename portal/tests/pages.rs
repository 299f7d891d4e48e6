//! The pages of the portal, over its router: what they show, to whom, and what their forms do.

#[path = "pages/access.rs"]
mod access;
#[path = "pages/browser.rs"]
mod browser;
#[path = "pages/console.rs"]
mod console;
#[path = "pages/factors.rs"]
mod factors;
#[path = "pages/guards.rs"]
mod guards;
#[path = "pages/key.rs"]
mod key;
#[path = "pages/mailbox.rs"]
mod mailbox;
#[path = "pages/stories.rs"]
mod stories;
