//! Rows of stories: what a story needs, how long it waits, and what happens in it at the same instant.

use std::borrow::Cow;

use driver::deployment::AtOnce;
use futures::future::BoxFuture;
use profile::Ability;
use reports::record::{Impact, Level};

use crate::story::{Break, Stage, Told};

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

/// A story of its own.
pub type Story = for<'a> fn(&'a mut Stage) -> BoxFuture<'a, Result<(), Break>>;

/// A cell of a matrix, which tells the story of the whole matrix with its own values.
pub trait Cell: Send + Sync {
    /// Tells it.
    fn tell<'a>(&'a self, stage: &'a mut Stage) -> BoxFuture<'a, Told>;
}

/// How a story is run.
pub enum Tell {
    /// A story of its own.
    Own(Story),
    /// The story that all cells of a matrix share.
    Cell(Box<dyn Cell>),
}

impl Tell {
    /// Tells the story.
    pub fn tell<'a>(&'a self, stage: &'a mut Stage) -> BoxFuture<'a, Told> {
        match self {
            Self::Own(story) => story(stage),
            Self::Cell(cell) => cell.tell(stage),
        }
    }
}

/// How a case binds, where it binds otherwise than its requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight {
    /// How it binds.
    pub level: Level,
    /// What breaking it costs.
    pub impact: Impact,
}

/// A row of stories.
pub struct StoryCase {
    /// Last part of the scenario's id.
    pub case: &'static str,
    /// What happens, as a sentence.
    pub title: Cow<'static, str>,
    /// What the deployment must be able to do.
    pub needs: Cow<'static, [Ability]>,
    /// How much time must pass in it; virtual where the deployment's clock can be moved.
    pub waits: Waits,
    /// What happens in it at the same instant, where something does.
    pub at_once: Option<AtOnce>,
    /// The story.
    pub tell: Tell,
    /// Catalogue ids.
    pub covers: &'static [&'static str],
    /// How it binds, where that is not as its requirement does.
    pub weight: Option<Weight>,
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
            title: ::std::borrow::Cow::Borrowed($title),
            needs: ::std::borrow::Cow::Borrowed(&[$($crate::requirement::Ability::$need),*]),
            waits: $crate::requirement::Waits::$($waits)+,
            at_once: $crate::story!(@at_once $($acts $width)?),
            tell: $crate::requirement::Tell::Own(|stage| ::std::boxed::Box::pin($tell(stage))),
            covers: &[$($covers),*],
            weight: ::core::option::Option::None,
        }
    };
    (@at_once) => { ::core::option::Option::None };
    (@at_once $acts:ident $width:literal) => {
        ::core::option::Option::Some($crate::requirement::AtOnce::$acts($width))
    };
}
