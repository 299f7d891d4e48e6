//! Labels of one account's keys: how many keys of each are the run's, as far as the portal has said so.

use std::collections::BTreeMap;

/// What is known of them.
#[derive(Debug, Default)]
pub(super) struct Labels {
    /// Labels that the portal took from the run and still bears for it, and how often.
    taken: BTreeMap<String, usize>,
    /// The label of each key, by the portal's id, when the list was read last.
    listed: BTreeMap<String, String>,
    /// Keys that were to lose a label of the run's.
    freed: BTreeMap<String, Freed>,
}

/// What was to become of a key with a label of the run's.
#[derive(Debug)]
struct Freed {
    label: String,
    /// The label that it was to have instead.
    becomes: Option<String>,
    /// Whether the portal has answered: what it lists before that shows nothing.
    answered: bool,
}

impl Labels {
    /// The portal took a label for a key.
    pub(super) fn takes(&mut self, label: &str) {
        *self.taken.entry(label.to_owned()).or_default() += 1;
    }

    /// The portal lists the keys so: ids and labels. A key that still has the label that it was to lose
    /// bears it for the run.
    pub(super) fn lists(&mut self, keys: &[(String, String)]) {
        self.listed = keys.iter().cloned().collect();
        let (answered, open) =
            std::mem::take(&mut self.freed).into_iter().partition(|(_, freed)| freed.answered);
        self.freed = open;
        let answered: BTreeMap<String, Freed> = answered;
        for (key, Freed { label, becomes, .. }) in answered {
            if self.listed.get(&key) == Some(&label) && becomes.as_ref() != Some(&label) {
                self.takes(&label);
            }
        }
    }

    /// Whether a key was listed.
    pub(super) fn have_listed(&self, key: &str) -> bool {
        self.listed.contains_key(key)
    }

    /// A key is to be deleted, or to become another label: the one that it has is one key's less. Tells
    /// which it was, where it was the run's.
    pub(super) fn free(&mut self, key: &str, becomes: Option<&str>) -> Option<String> {
        let label = self.listed.get(key)?;
        let taken = self.taken.get_mut(label).filter(|taken| **taken > 0)?;
        *taken -= 1;
        let becomes = becomes.map(str::to_owned);
        self.freed.insert(key.to_owned(), Freed { label: label.clone(), becomes, answered: false });
        Some(label.clone())
    }

    /// The portal has answered: the next list shows what it did.
    pub(super) fn answered(&mut self, key: &str) {
        if let Some(freed) = self.freed.get_mut(key) {
            freed.answered = true;
        }
    }

    /// Nothing was done to the key: it has the label that it had.
    pub(super) fn gives_back(&mut self, key: &str) {
        if let Some(freed) = self.freed.remove(key) {
            self.takes(&freed.label);
        }
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
        assert_eq!(labels.free("none", None), None);
        let freed: Vec<_> = ["1", "2", "3"].map(|id| labels.free(id, None)).into();
        assert_eq!(freed, [Some("desk".to_owned()), Some("desk".to_owned()), None]);
        assert_eq!(labels.taken(), BTreeMap::from([("desk".to_owned(), 0)]));
        labels.lists(&[]);
        assert!(!labels.have_listed("1"));
    }

    #[test]
    fn a_key_that_keeps_its_label_bears_it_for_the_run_again() {
        let key = |id: &str, label: &str| (id.to_owned(), label.to_owned());
        let after = |becomes, listed: &[(String, String)], done: bool| {
            let mut labels = Labels::default();
            labels.takes("desk");
            labels.lists(&[key("1", "desk")]);
            assert_eq!(labels.free("1", becomes), Some("desk".to_owned()));
            // A list from before the answer shows nothing.
            labels.lists(&[key("1", "desk")]);
            if done {
                labels.answered("1");
            } else {
                labels.gives_back("1");
            }
            labels.lists(listed);
            labels.lists(listed);
            labels.taken()["desk"]
        };
        assert_eq!(after(None, &[], true), 0);
        assert_eq!(after(None, &[key("1", "desk")], true), 1, "it was not deleted");
        assert_eq!(after(None, &[key("2", "desk")], true), 0, "the key is another");
        assert_eq!(after(Some("car"), &[key("1", "car")], true), 0);
        assert_eq!(after(Some("car"), &[key("1", "desk")], true), 1, "it was not renamed");
        assert_eq!(after(Some("desk"), &[key("1", "desk")], true), 0, "the answer counts it");
        assert_eq!(after(None, &[key("1", "desk")], false), 1, "it was refused");
    }
}
