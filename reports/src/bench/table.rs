//! The rows as a table for a terminal.

use std::fmt::Write as _;

use super::{Bench, Ceremonies};

/// The rows, then what was not measured.
#[must_use]
pub fn table(bench: &Bench) -> String {
    let width = bench.rows.iter().map(|row| row.name.len()).max().unwrap_or_default();
    let mut text = format!(
        "{:width$}  {:>10}  {:>10}  {:>7}  {:>17}  {:>9}  library\n",
        "row", "median", "floor", "ratio", "95 %", "own work"
    );
    for row in &bench.rows {
        let (ratio, interval) = match row.beside {
            Some(_) => {
                (format!("{:.3}", row.ratio), format!("{:.3} to {:.3}", row.ci95[0], row.ci95[1]))
            }
            None => (String::new(), String::new()),
        };
        let own = row.own_ns.map(time).unwrap_or_default();
        let (median, floor) = (time(row.median_ns), time(row.floor_ns));
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{:width$}  {median:>10}  {floor:>10}  {ratio:>7}  {interval:>17}  {own:>9}  {}",
            row.name, row.library
        );
    }
    for skipped in &bench.skipped {
        let _ = writeln!(text, "{} is not measured: {}", skipped.name, skipped.reason);
    }
    text
}

/// Sign-ins over HTTP, in three lines.
#[must_use]
pub fn in_words(said: &Ceremonies) -> String {
    let within = said.percentiles_us.iter();
    let within = within.map(|(percent, time)| format!("{percent} % {time:.0} µs"));
    format!(
        "{} sign-ins in {:.1} s by {} browsers: {:.0} a second\n  processor time  browser {:.0} µs, portal {:.0} µs for each\n  answered within {}\n",
        said.sign_ins,
        said.seconds,
        said.browsers,
        said.per_second,
        said.client_us,
        said.server_us,
        within.collect::<Vec<_>>().join(", ")
    )
}

/// A time in microseconds.
pub(crate) fn time(nanoseconds: f64) -> String {
    format!("{:.2} µs", nanoseconds / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::sample::{bench, row};

    #[test]
    fn sign_ins_are_told_with_both_sides() {
        let said = Ceremonies {
            browsers: 2,
            seconds: 1.5,
            sign_ins: 3000,
            per_second: 2000.0,
            client_us: 40.4,
            server_us: 120.6,
            percentiles_us: vec![(50, 310.0), (100, 900.4)],
        };
        let expected = "\
3000 sign-ins in 1.5 s by 2 browsers: 2000 a second
  processor time  browser 40 µs, portal 121 µs for each
  answered within 50 % 310 µs, 100 % 900 µs
";
        assert_eq!(in_words(&said), expected);
    }

    #[test]
    fn every_row_and_whatever_was_left_out_is_said() {
        let rows = vec![row("signature/ES256", 1.0, 0.0), row("assertion/ES256", 1.02, 0.002)];
        let expected = "\
row                  median       floor    ratio               95 %   own work  library
signature/ES256    50.00 µs    49.00 µs                                         ours on aws-lc
assertion/ES256    51.00 µs    49.98 µs    1.020     1.018 to 1.022    1.00 µs  ours on aws-lc
webauthn-rs-core is not measured: OpenSSL's headers are missing
";
        assert_eq!(table(&bench(rows)), expected);
    }
}
