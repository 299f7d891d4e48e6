//! What became slower between two runs of the benchmark. Ratios are compared and not times: another machine,
//! or a busy one, changes both times of a ratio.

use super::{Bench, Row};

/// A smaller change than this part of a row says nothing: another build of the same code makes as much.
const NOTICEABLE: f64 = 0.02;

/// With less confidence than this nothing became slower.
const CONFIDENT: f64 = 0.99;

/// How wide an interval of 95 % is, in standard errors.
const WIDTH: f64 = 2.0 * 1.96;

/// What became of a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The row.
    pub name: String,
    /// By which part it takes longer now; less than nothing where it is quicker.
    pub longer: f64,
    /// How sure it is that it takes longer: from 0 to 1.
    pub confidence: f64,
}

impl Change {
    /// Whether it became slower, so that somebody should look.
    #[must_use]
    pub fn is_slower(&self) -> bool {
        self.longer >= NOTICEABLE && self.confidence >= CONFIDENT
    }
}

/// What became of each row that both runs have, in the order of the later one. Rows that others are measured
/// beside have no ratio, and are not ours.
#[must_use]
pub fn compare(before: &Bench, now: &Bench) -> Vec<Change> {
    let pairs = now.rows.iter().filter(|row| row.beside.is_some()).filter_map(|row| {
        let earlier = before.row(&row.name).filter(|earlier| earlier.beside == row.beside)?;
        Some((earlier, row))
    });
    pairs.map(|(earlier, now)| change(earlier, now)).collect()
}

/// Rows of the earlier run that could have been compared and were not measured in the later one.
#[must_use]
pub fn unmeasured<'b>(before: &'b Bench, now: &Bench) -> Vec<&'b str> {
    let rows = before.rows.iter().filter(|row| row.beside.is_some());
    rows.filter(|row| now.row(&row.name).is_none()).map(|row| &*row.name).collect()
}

fn change(before: &Row, now: &Row) -> Change {
    let error = |row: &Row| (row.ci95[1] - row.ci95[0]) / WIDTH;
    let apart = now.ratio - before.ratio;
    let together = error(before).hypot(error(now));
    let confidence =
        if together > 0.0 { normal(apart / together) } else { f64::from(u8::from(apart > 0.0)) };
    Change { name: now.name.clone(), longer: apart / before.ratio, confidence }
}

/// The part of a normal distribution that lies below so many standard deviations (Abramowitz and Stegun
/// 26.2.17, to seven digits).
fn normal(deviations: f64) -> f64 {
    const TERMS: [f64; 5] =
        [0.319_381_53, -0.356_563_782, 1.781_477_937, -1.821_255_978, 1.330_274_429];
    let t = 1.0 / (1.0 + 0.231_641_9 * deviations.abs());
    let sum = TERMS.iter().rev().fold(0.0, |sum, term| (sum + term) * t);
    let density = (-deviations * deviations / 2.0).exp() / std::f64::consts::TAU.sqrt();
    let above = density * sum;
    if deviations < 0.0 { above } else { 1.0 - above }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::sample::{bench, row};

    #[test]
    fn the_normal_distribution_is_the_one_of_tables() {
        for (deviations, part) in
            [(0.0, 0.5), (1.0, 0.841_345), (-1.96, 0.024_998), (2.326, 0.989_991)]
        {
            assert!(
                (normal(deviations) - part).abs() < 1e-5,
                "{deviations}: {}",
                normal(deviations)
            );
        }
    }

    #[test]
    fn a_row_is_slower_where_it_is_noticeable_and_sure() {
        let before = bench(vec![
            row("signature/ES256", 1.0, 0.0),
            row("assertion/ES256", 1.02, 0.002),
            row("registration/none", 0.10, 0.001),
            row("registration/packed", 2.0, 0.2),
            row("decode/assertion", 0.02, 0.0001),
            row("gone", 1.0, 0.001),
        ]);
        let now = bench(vec![
            // Whatever a signature takes is not ours.
            row("signature/ES256", 3.0, 0.0),
            row("assertion/ES256", 1.07, 0.002),
            // Surely longer, and by too little.
            row("registration/none", 0.1015, 0.0001),
            // Longer by much, and by chance.
            row("registration/packed", 2.1, 0.2),
            row("decode/assertion", 0.01, 0.0001),
            row("new", 9.0, 0.001),
        ]);
        assert_eq!(unmeasured(&before, &now), ["gone"]);
        let changes = compare(&before, &now);
        let slower: Vec<&str> =
            changes.iter().filter(|one| one.is_slower()).map(|one| one.name.as_str()).collect();
        assert_eq!(slower, ["assertion/ES256"]);
        let names: Vec<&str> = changes.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(
            names,
            ["assertion/ES256", "registration/none", "registration/packed", "decode/assertion"]
        );
        assert!(changes[0].confidence > 0.999_9 && changes[3].confidence < 0.000_1, "{changes:?}");
        assert!((changes[3].longer + 0.5).abs() < 1e-9, "{changes:?}");
    }

    #[test]
    fn a_run_beside_itself_is_not_slower() {
        let same = bench(vec![row("assertion/ES256", 1.02, 0.0)]);
        assert!(compare(&same, &same).iter().all(|change| !change.is_slower()));
    }
}
