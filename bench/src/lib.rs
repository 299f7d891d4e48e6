//! The benchmark of verification: what is measured (`rows`), with whom it is compared (`peers`), and how
//! (`sampler`); sign-ins over HTTP (`ceremonies`). What becomes of the figures stands in `reports::bench`.

pub mod ceremonies;
pub mod ceremony;
pub mod peers;
pub mod rows;
pub mod sampler;
mod statistics;
