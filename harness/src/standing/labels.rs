//! Labels of one account's keys: how many keys of each are the run's, as far as the portal has said so.

use std::collections::BTreeMap;

/// What is known of them.
#[derive(Debug, Default)]
pub(super) struct Labels {
    /// Labels that the portal took from the run and still bears for it, and how often.
    taken: BTreeMap<String, usize>,
    /// The label of each key, by the portal's id, when the list was read last.
    listed: BTreeMap<String, String>,
}

impl Labels {
    /// The portal took a label for a key.
    pub(super) fn takes(&mut self, label: &str) {
        *self.taken.entry(label.to_owned()).or_default() += 1;
    }

    /// The portal lists the keys so: ids and labels.
    pub(super) fn lists(&mut self, keys: &[(String, String)]) {
        self.listed = keys.iter().cloned().collect();
    }

    /// Whether a key was listed.
    pub(super) fn have_listed(&self, key: &str) -> bool {
        self.listed.contains_key(key)
    }

    /// A key is to be deleted or called otherwise: its label is one key's less. Tells which it was, where
    /// it was the run's.
    pub(super) fn free(&mut self, key: &str) -> Option<String> {
        let label = self.listed.get(key)?;
        let taken = self.taken.get_mut(label).filter(|taken| **taken > 0)?;
        *taken -= 1;
        Some(label.clone())
    }

    /// Each label, and how many keys of it are the run's.
    pub(super) fn taken(&self) -> BTreeMap<String, usize> {
        self.taken.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_the_runs_as_often_as_it_was_taken_and_not_freed() {
        let mut labels = Labels::default();
        labels.takes("desk");
        labels.takes("desk");
        let key = |id: &str| (id.to_owned(), "desk".to_owned());
        labels.lists(&[key("1"), key("2"), key("3")]);
        assert_eq!(labels.free("none"), None);
        let freed: Vec<_> = ["1", "2", "3"].map(|id| labels.free(id)).into();
        assert_eq!(freed, [Some("desk".to_owned()), Some("desk".to_owned()), None]);
        assert_eq!(labels.taken(), BTreeMap::from([("desk".to_owned(), 0)]));
        labels.lists(&[]);
        assert!(!labels.have_listed("1"));
    }
}
