//! A real browser, driven over WebDriver: started and ended, its pages opened and looked at, its security keys
//! answered by whoever asks. It knows no verbs and no verdicts. Whatever it speaks to is a WebDriver server; what
//! the browser may contact is said when it begins.

mod credential;
mod launch;
mod page;
mod requests;
mod session;
mod shim;
mod webdriver;

pub use self::{
    credential::as_a_page_has_it,
    launch::Engine,
    page::{Control, Element, Shown, View},
    session::{Begin, Session},
    shim::{Answered, Waiting},
    webdriver::Trouble,
};

#[cfg(test)]
mod tests;
