//! The pages of the reference portal. A [`View`] holds what one page shows, and [`render`] makes HTML of
//! it. What is allowed, and what happens when a form is sent, the portal decides.
//!
//! No page holds a script or a style of its own: both come from [`asset`], so that a page may forbid any
//! other ([`content_security_policy`]).

mod account;
mod assets;
mod ceremony;
mod console;
mod frame;
mod keys;
mod notice;
mod qr;
mod reset;
mod set_up;
mod sign_in;
mod totp;

pub use account::{Application, Applications, ChangePassword, Codes, Security};
pub use assets::{Asset, asset, content_security_policy};
pub use console::{
    AdministratorSignIn, DeleteUser, DeleteUserKey, PERIOD, Policy, TICKED, UserDetails, UserRow,
    Users,
};
pub use frame::{Audience, Done, Forms, Frame, Said, Tab, View, Who, render};
pub use keys::{Adding, DeleteKey, Key, RenameKey};
pub use notice::Notice;
pub use reset::{AskForLink, Confirming, LinkSent, NewPassword};
pub use set_up::{Missing, SetUp, SetUpKey};
pub use sign_in::{ChooseFactor, CodePrompt, Factor, KeyPrompt, PushPrompt, SignIn};
pub use totp::{DeleteTotp, SetUpTotp};

#[cfg(test)]
mod tests;
