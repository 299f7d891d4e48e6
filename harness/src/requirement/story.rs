//! Rows of stories: what a story needs, how long it waits, and what happens in it at the same instant.

use driver::deployment::AtOnce;
use futures::future::BoxFuture;
use profile::Ability;

use crate::story::{Break, Stage};

/// How much time must pass in a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waits {
    /// The same on every portal.
    Seconds(u64),
    /// Some steps of the portal's one-time codes.
    Steps(u32),
    /// Some steps more than the portal accepts codes of beside the present one.
    StepsPastTheWindow(u32),
    /// The longest of the lifetimes that its abilities are about.
    Lifetime,
}

/// How a story is run.
pub type Tell = for<'a> fn(&'a mut Stage) -> BoxFuture<'a, Result<(), Break>>;

/// A row of stories.
#[derive(Clone, Copy)]
pub struct StoryCase {
    /// Last part of the scenario's id.
    pub case: &'static str,
    /// What happens, as a sentence.
    pub title: &'static str,
    /// What the deployment must be able to do.
    pub needs: &'static [Ability],
    /// How much time must pass in it; virtual where the deployment's clock can be moved.
    pub waits: Waits,
    /// What happens in it at the same instant, where something does.
    pub at_once: Option<AtOnce>,
    /// The story.
    pub tell: Tell,
    /// Catalogue ids.
    pub covers: &'static [&'static str],
}

impl std::fmt::Debug for StoryCase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoryCase").field("case", &self.case).finish_non_exhaustive()
    }
}

/// A row of stories from an `async fn(&mut Stage) -> Told`:
/// `story!("plain", "alice signs in with her key", plain, [Key], ["LOG-01"])`, with
/// what must pass where time must: `after SECONDS`, `after lifetime`, `after 2 steps` or
/// `after 2 steps past the window`, and what happens at the same instant where several acts do:
/// `at_once Tries N` or `at_once Acts N`.
#[macro_export]
macro_rules! story {
    ($case:literal, $title:literal, $tell:path, $needs:tt, $covers:tt) => {
        $crate::story!(@row $case, $title, $tell, $needs, $covers, [], Seconds(0))
    };
    ($case:literal, $title:literal, $tell:path, $needs:tt, $covers:tt, at_once $acts:ident $width:literal) => {
        $crate::story!(@row $case, $title, $tell, $needs, $covers, [$acts $width], Seconds(0))
    };
    ($case:literal, $title:literal, $tell:path, $needs:tt, $covers:tt, after lifetime) => {
        $crate::story!(@row $case, $title, $tell, $needs, $covers, [], Lifetime)
    };
    ($case:literal, $title:literal, $tell:path, $needs:tt, $covers:tt, after $steps:literal steps $(, at_once $acts:ident $width:literal)?) => {
        $crate::story!(@row $case, $title, $tell, $needs, $covers, [$($acts $width)?], Steps($steps))
    };
    ($case:literal, $title:literal, $tell:path, $needs:tt, $covers:tt, after $steps:literal steps past the window) => {
        $crate::story!(@row $case, $title, $tell, $needs, $covers, [], StepsPastTheWindow($steps))
    };
    ($case:literal, $title:literal, $tell:path, $needs:tt, $covers:tt, after $seconds:expr $(, at_once $acts:ident $width:literal)?) => {
        $crate::story!(@row $case, $title, $tell, $needs, $covers, [$($acts $width)?], Seconds($seconds))
    };
    (@row $case:literal, $title:literal, $tell:path, [$($need:ident),* $(,)?], [$($covers:literal),* $(,)?], [$($acts:ident $width:literal)?], $($waits:tt)+) => {
        $crate::requirement::StoryCase {
            case: $case,
            title: $title,
            needs: &[$($crate::requirement::Ability::$need),*],
            waits: $crate::requirement::Waits::$($waits)+,
            at_once: $crate::story!(@at_once $($acts $width)?),
            tell: |stage| ::std::boxed::Box::pin($tell(stage)),
            covers: &[$($covers),*],
        }
    };
    (@at_once) => { ::core::option::Option::None };
    (@at_once $acts:ident $width:literal) => {
        ::core::option::Option::Some($crate::requirement::AtOnce::$acts($width))
    };
}
