//! What a benchmark measured: rows with their medians and ratios, as `bench.json` holds them. How rows are
//! measured stands in `bench/`, a workspace of its own.

mod compare;
mod table;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use compare::{Change, compare, unmeasured};
pub(crate) use table::time;
pub use table::{in_words, table};

/// The form of the file.
pub const SCHEMA_VERSION: &str = "1.0";

/// One run of the benchmark.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bench {
    /// The form of the file.
    pub schema_version: String,
    /// The processor, as its system calls it.
    pub processor: String,
    /// Its cores, as many as the program may use.
    pub cores: usize,
    /// How often each row was measured.
    pub rounds: usize,
    /// The rows, in the order of the table.
    pub rows: Vec<Row>,
    /// What was not measured, and why.
    pub skipped: Vec<Skipped>,
}

/// One thing that was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Its name: what is done, and with which algorithm or format.
    pub name: String,
    /// Whose code does it, and which library makes the signatures.
    pub library: String,
    /// How many threads do it at once.
    pub threads: usize,
    /// The middle of all rounds, nanoseconds for each time that it is done.
    pub median_ns: f64,
    /// The quickest round.
    pub floor_ns: f64,
    /// The row that it was measured beside, time for time; a row that others are measured beside has none.
    pub beside: Option<String>,
    /// How many times as long as that row it takes: the median of the rounds.
    pub ratio: f64,
    /// Where the true ratio lies, with a confidence of 95 %.
    pub ci95: [f64; 2],
    /// What it takes beside its signatures, nanoseconds: the median of the rounds. Only for rows that verify
    /// as many signatures as is known.
    pub own_ns: Option<f64>,
}

/// What was not measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// The library.
    pub name: String,
    /// Why it was not, and what to do about it.
    pub reason: String,
}

/// What the program in `bench/` is told to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Order {
    /// Measure rows.
    Rows {
        /// Parts of the names of rows; none for all of them.
        filters: Vec<String>,
        /// How often each is measured.
        rounds: usize,
        /// What could not be built.
        skipped: Vec<Skipped>,
        /// The file that the figures go to.
        out: PathBuf,
    },
    /// Sign in at the reference portal over HTTP.
    Ceremonies {
        /// For how long.
        seconds: f64,
        /// Browsers side by side.
        browsers: usize,
        /// The file that the figures go to.
        out: PathBuf,
    },
}

/// Sign-ins over HTTP.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ceremonies {
    /// Browsers side by side.
    pub browsers: usize,
    /// How long they signed in.
    pub seconds: f64,
    /// How often they did.
    pub sign_ins: usize,
    /// How often in a second.
    pub per_second: f64,
    /// Processor time of the browser for each, microseconds.
    pub client_us: f64,
    /// Processor time of the portal for each, microseconds.
    pub server_us: f64,
    /// How long so many of a hundred took at most, microseconds.
    pub percentiles_us: Vec<(usize, f64)>,
}

impl Bench {
    /// The row of a name.
    #[must_use]
    pub fn row(&self, name: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.name == name)
    }
}

#[cfg(test)]
pub(crate) mod sample {
    use super::*;

    /// A row with a ratio and half the width of its interval.
    pub(crate) fn row(name: &str, ratio: f64, half: f64) -> Row {
        let anchor = name.starts_with("signature/");
        Row {
            name: name.to_owned(),
            library: "ours on aws-lc".to_owned(),
            threads: 1,
            median_ns: 50_000.0 * ratio,
            floor_ns: 49_000.0 * ratio,
            beside: (!anchor).then(|| "signature/ES256".to_owned()),
            ratio,
            ci95: [ratio - half, ratio + half],
            own_ns: (!anchor).then_some(50_000.0 * (ratio - 1.0)),
        }
    }

    pub(crate) fn bench(rows: Vec<Row>) -> Bench {
        Bench {
            schema_version: SCHEMA_VERSION.to_owned(),
            processor: "A processor".to_owned(),
            cores: 2,
            rounds: 100,
            rows,
            skipped: vec![Skipped {
                name: "webauthn-rs-core".to_owned(),
                reason: "OpenSSL's headers are missing".to_owned(),
            }],
        }
    }
}
