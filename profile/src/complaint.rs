//! What is wrong with a profile, said like a compiler: file, line, column, the line itself, a caret
//! and the nearest word that would be right.

use std::{fmt, ops::Range, path::Path};

use reports::input::shown;

/// One thing that is wrong with a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Name of the file, as it was given.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
    /// Whether nothing is wrong with the profile: a value is not there that a run needs.
    pub missing: bool,
    /// The line of the file, where it may be shown; control characters are left out, a secret on it is
    /// masked.
    source: Option<String>,
    /// Where the caret stands in `source`, and how long it is.
    mark: (usize, usize),
}

/// Longest part of a line that is shown, characters, and what of it stands before the caret at most.
const SHOWN: usize = 120;
const BEFORE: usize = 80;

/// Stands for a secret.
const MASK: &str = "********";

impl Complaint {
    /// A complaint about some bytes of a text. Bytes in `hidden` are masked: they may be secrets.
    pub(super) fn about(
        file: &str,
        text: &str,
        span: &Range<usize>,
        hidden: &[Range<usize>],
    ) -> Self {
        let start = floor(text, span.start);
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let end = floor(text, span.end).clamp(start, line_end);

        let mut source = String::new();
        let mut mark = (None, 0);
        for (offset, c) in text[line_start..line_end].trim_end().char_indices() {
            let at = line_start + offset;
            let width = source.chars().count();
            if at >= start && mark.0.is_none() {
                mark.0 = Some(width);
            }
            match hidden.iter().find(|range| range.contains(&at)) {
                Some(range) if at == range.start.max(line_start) => source.push_str(MASK),
                None if c == '\t' => source.push(' '),
                None if !c.is_control() => source.push(c),
                Some(_) | None => {}
            }
            if (start..end).contains(&at) {
                mark.1 += source.chars().count() - width;
            }
        }
        let at = mark.0.unwrap_or_else(|| source.chars().count());
        let cut = if at > SHOWN - 20 { at - BEFORE } else { 0 };
        Self {
            file: file.to_owned(),
            line: text[..start].matches('\n').count() + 1,
            column: text[line_start..start].chars().count() + 1,
            message: String::new(),
            help: None,
            missing: false,
            source: Some(source.chars().skip(cut).take(SHOWN).collect()),
            mark: (at - cut, mark.1.clamp(1, SHOWN - (at - cut).min(SHOWN - 1))),
        }
    }

    pub(super) fn saying(self, message: String, help: Option<String>) -> Self {
        Self { message, help, ..self }
    }

    pub(super) fn without_its_line(self) -> Self {
        Self { source: None, ..self }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, message, help, missing: _, source, mark: (at, length) } =
            self;
        let gutter = " ".repeat(line.to_string().len());
        writeln!(f, "error: {message}")?;
        write!(f, "{gutter}--> {}:{line}:{column}", shown(Path::new(file)))?;
        if let Some(source) = source {
            writeln!(f, "\n{gutter} |")?;
            writeln!(f, "{line} | {source}")?;
            write!(f, "{gutter} | {}{}", " ".repeat(*at), "^".repeat(*length))?;
        }
        if let Some(help) = help {
            write!(f, "\n{gutter} = help: {help}")?;
        }
        Ok(())
    }
}

fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
