//! Whatever a record says that can be read at all, every rendering shows it and none breaks off.

use serde_json::Value;

use super::*;
use crate::edits::{Edit, all, apply, edited};

/// A record that has every kind of step and of scenario, as JSON.
fn record() -> Value {
    let mut run = run();
    // Two of each, so that what is added up is as well.
    let mut kinds = Vec::new();
    run.scenarios.retain(|scenario| {
        let kind = (scenario.kind, scenario.not_judged.is_some());
        kinds.push(kind);
        kinds.iter().filter(|other| **other == kind).count() < 3
    });
    serde_json::to_value(&run).unwrap()
}

/// Renders what can be read; whether it could be.
fn render(record: &Value) -> bool {
    let Ok(run) = serde_json::from_value::<Run>(record.clone()) else { return false };
    let mut all = FORMATS.iter().map(|format| format.render(&run, COLOURED));
    assert!(all.all(|text| !text.is_empty()));
    true
}

#[test]
fn every_member_may_say_anything() {
    let record = record();
    let rendered = edited(&record).filter(|(_, edited)| render(edited)).count();
    assert!(rendered > 400, "{rendered}");
}

#[test]
fn every_number_may_be_as_large_as_it_can_be_written() {
    let mut record = record();
    let mut raised = 0;
    let (places, mut last) = (all(&record), String::new());
    for (place, edit) in places {
        let Edit::Set(Value::Number(_)) = &edit else { continue };
        // The largest comes first: what fits stays.
        let before = record.clone();
        if place != last && before.pointer(&place).is_some_and(Value::is_number) {
            apply(&mut record, &place, &edit);
            if render(&record) {
                (last, raised) = (place, raised + 1);
            } else {
                record = before;
            }
        }
    }
    assert!(raised > 30, "{raised}");
    assert!(record.to_string().contains("18446744073709551615"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_record_that_can_be_read_is_rendered(
        picks in prop::collection::vec((any::<prop::sample::Index>(), 0..HOSTILE.len()), 1..60),
    ) {
        let mut record = record();
        let edits = all(&record);
        for (pick, text) in picks {
            let (place, edit) = pick.get(&edits);
            let before = record.clone();
            apply(&mut record, place, edit);
            if let Some(Value::String(said)) = record.pointer_mut(place) {
                said.push_str(HOSTILE[text]);
            }
            if !render(&record) {
                record = before;
            }
        }
        prop_assert!(render(&record));
    }
}
