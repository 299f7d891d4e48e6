//! Renderings of a run: each module a projection of [`crate::record::Run`] into text, for one kind of
//! reader, and a row of [`FORMATS`]. What counts as what is asked of [`crate::judge`], never decided here.

mod green;
pub mod html;
pub mod junit;
pub mod markdown;
mod plain;
mod points;
mod style;
mod tally;
pub mod terminal;

use std::io;

pub use green::says_green;
pub use plain::{clip, is_plain, plain, plain_json, plain_toml};
pub use style::{Style, ascii_json};

use crate::{
    record::Run,
    source::{InMemory, Source},
};

/// The file of the report for people.
pub const REPORT: &str = "report.html";

/// Every format, in the order in which the files of a run are written.
pub const FORMATS: &[Format] = &[
    Format {
        word: "html",
        says: "One file, opens from disk",
        file: Some(REPORT),
        write: |run, source, _, sink| html::write(run, source, sink),
    },
    Format {
        word: "junit",
        says: "For test runners",
        file: Some("junit.xml"),
        write: |run, _, _, sink| sink.write_all(junit::render(run).as_bytes()),
    },
    Format {
        word: "md",
        says: "For a job's summary",
        file: Some("summary.md"),
        write: |run, _, _, sink| sink.write_all(markdown::render(run).as_bytes()),
    },
    Format {
        word: "text",
        says: "As on the terminal",
        file: None,
        write: |run, _, style, sink| sink.write_all(terminal::summary(run, style).as_bytes()),
    },
];

/// Writes a run as it is rendered, with its scenarios' steps from the source, to the sink.
pub type Write = fn(&Run, &dyn Source, Style, &mut dyn io::Write) -> io::Result<()>;

/// A form in which a run is shown to somebody.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// The word for it on a command line.
    pub word: &'static str,
    /// Whom it is for.
    pub says: &'static str,
    /// Its file in the directory of a run; `None` where it is printed only.
    pub file: Option<&'static str>,
    /// Writes it. The style is for what is printed only.
    pub write: Write,
}

impl Format {
    /// The format of a word.
    #[must_use]
    pub fn named(word: &str) -> Option<&'static Self> {
        FORMATS.iter().find(|format| format.word == word)
    }

    /// A run whose scenarios have their steps, in this format.
    #[must_use]
    pub fn render(&self, run: &Run, style: Style) -> String {
        let mut text = Vec::new();
        // Scenarios that have their steps can be read, and memory takes every byte.
        let _ = (self.write)(run, &InMemory, style, &mut text);
        String::from_utf8_lossy(&text).into_owned()
    }
}

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
