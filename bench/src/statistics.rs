//! Medians, and where the true one lies. Nothing is assumed of how the samples are spread: a busy machine
//! spreads them in odd ways.

/// Some samples, the smallest first.
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    /// Sorts samples, of which there has to be one.
    pub(crate) fn new(mut samples: Vec<f64>) -> Self {
        assert!(!samples.is_empty(), "nothing was measured");
        samples.sort_by(f64::total_cmp);
        Self(samples)
    }

    pub(crate) fn median(&self) -> f64 {
        let middle = self.0.len() / 2;
        if self.0.len() % 2 == 1 {
            self.0[middle]
        } else {
            f64::midpoint(self.0[middle - 1], self.0[middle])
        }
    }

    pub(crate) fn floor(&self) -> f64 {
        self.0[0]
    }

    /// Between which samples the true median lies with a confidence of 95 %: how many samples lie below it
    /// is as often as tossing a coin.
    pub(crate) fn ci95(&self) -> [f64; 2] {
        let count = self.0.len();
        let half = 1.96 * (count as f64).sqrt() / 2.0;
        let middle = count as f64 / 2.0;
        let low = (middle - half).floor().max(0.0) as usize;
        let high = ((middle + half).ceil() as usize).min(count - 1);
        [self.0[low], self.0[high]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_stands_in_the_middle_and_its_interval_around_it() {
        let samples = Samples::new((0..100).rev().map(f64::from).collect());
        assert_eq!((samples.median(), samples.floor()), (49.5, 0.0));
        // From the tables of the binomial distribution: the 41st and the 61st of a hundred.
        assert_eq!(samples.ci95(), [40.0, 60.0]);
        let few = Samples::new(vec![3.0, 1.0, 2.0]);
        assert_eq!((few.median(), few.ci95()), (2.0, [1.0, 3.0]));
    }
}
