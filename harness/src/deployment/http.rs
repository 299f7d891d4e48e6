//! Drives a portal over HTTP, as its profile says.

/// Cookies, kept by the driver.
#[derive(Clone, Debug, Default)]
pub struct Jar;

/// The page.
#[derive(Clone, Debug, Default)]
pub struct Page;
