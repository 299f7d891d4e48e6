//! The first answer of a portal: where it came from, how it is protected, what time it is there.

use std::time::{SystemTime, UNIX_EPOCH};

use driver::{
    deployment::{Access, Scene},
    wire::{Origin, Request},
};
use profile::{error::Error, flow::Place};
use reports::record::Fault;
use url::Url;

use super::{Health, Trouble};

/// The first answer.
pub(super) struct Look {
    url: Url,
    status: u16,
    micros: u64,
    /// What its `Date` header says, and what time it was here: Unix seconds.
    date: Option<(u64, u64)>,
}

/// Clocks agree to this many seconds: `Date` has no fractions, and the answer took its time.
const AGREE: u64 = 2;

pub(super) async fn look(access: &Access, scene: &Scene) -> Result<Look, Error> {
    let base = access.description().base(&scene.label);
    let url = Url::parse(&format!("{base}/"))
        .map_err(|error| Error::Profile(format!("`base` is not a URL: {error}")))?;
    let request = Request { method: "GET", url: url.clone(), headers: Vec::new(), body: None };
    let origin =
        Origin { flow: "doctor".to_owned(), place: Place::default(), honest: true, decides: false };
    let (exchange, answer) = access.ask((scene, "doctor"), &request, &origin).await?;
    let here = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let date = answer.header("date").and_then(|date| Some((http_date(date)?, here)));
    Ok(Look { url, status: answer.status, micros: exchange.micros, date })
}

/// Unix seconds of an HTTP date, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
fn http_date(text: &str) -> Option<u64> {
    let date = mail_parser::DateTime::parse_rfc822(text)?;
    u64::try_from(date.to_timestamp()).ok()
}

impl Look {
    pub(super) fn in_words(&self) -> String {
        let milliseconds = self.micros / 1000;
        let safe = if self.url.scheme() == "https" { ", its certificate holds" } else { "" };
        format!("{} answers {} in {milliseconds} ms{safe}", self.url, self.status)
    }
}

/// What a difference of clocks means for one-time codes.
pub(super) fn clock(look: &Look, period: Option<u32>) -> Health {
    let Some((there, here)) = look.date else {
        return Health::NotChecked("the portal sends no `Date`".to_owned());
    };
    let off = there.abs_diff(here);
    let seen = format!("the portal's clock is {off} s off ours");
    let whose = Fault::Environment;
    match period {
        _ if off <= AGREE => Health::Fine("the portal's clock agrees with ours".to_owned()),
        Some(period) if off * 2 >= u64::from(period) => Health::Problem(Trouble {
            seen,
            whose,
            to_do: "set one of the clocks: codes made here would be those of another step there"
                .to_owned(),
        }),
        Some(_) | None => Health::Warning(Trouble {
            seen,
            whose,
            to_do: "set one of the clocks: lifetimes are measured by ours".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(there: u64) -> Look {
        let url = Url::parse("http://portal.localhost/").unwrap();
        Look { url, status: 200, micros: 1000, date: Some((there, 1000)) }
    }

    #[test]
    fn a_clock_that_would_make_codes_wrong_is_a_problem() {
        assert!(matches!(clock(&look(1002), Some(30)), Health::Fine(_)));
        assert!(matches!(clock(&look(990), Some(30)), Health::Warning(_)));
        assert!(matches!(clock(&look(1015), Some(30)), Health::Problem(_)));
        assert!(matches!(clock(&look(5000), None), Health::Warning(_)));
        let silent = Look { date: None, ..look(0) };
        assert!(matches!(clock(&silent, Some(30)), Health::NotChecked(_)));
    }

    #[test]
    fn dates_of_http_are_read() {
        assert_eq!(http_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(http_date("yesterday"), None);
    }
}
