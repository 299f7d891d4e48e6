//! Files that a user hands over: profiles, recordings, and what a run wrote.

use draft::{Recording, Seen, draft};
use ledger::Ledger;
use profile::Profile;
use reports::{
    folder::to_json,
    journal,
    record::Run,
    render::{FORMATS, Style},
    verify::{examine_rebuilt, parse_run, verify_run},
};

use crate::portals::{assert_is_toml, target};

pub(super) fn profile(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    // Other files are somebody else's: a target reads its input and nothing else.
    if text.contains("extends") && !text.contains("\"preset:") {
        return;
    }
    let Err(complaints) = Profile::form(&text, "profile.toml", None) else {
        Profile::resolved(&text, "profile.toml").expect("a profile that is read can be shown");
        return;
    };
    assert!(!complaints.is_empty(), "refused without a word");
    for complaint in complaints {
        assert!(!complaint.to_string().is_empty());
    }
}

pub(super) fn har(bytes: &[u8]) {
    let target = target();
    let text = String::from_utf8_lossy(bytes);
    let Ok(recording) = Recording::read(&text, &target) else { return };
    assert_is_toml(&draft(&target, &Seen::default(), Some(&recording)));
}

pub(super) fn record(bytes: &[u8]) {
    let Ok(run) = parse_run(bytes) else { return };
    render(&run);
    let written = to_json(&run);
    let again = parse_run(&written).expect("what is written can be read");
    assert_eq!(to_json(&again), written, "a record changes when it is written again");
    let _ = verify_run(bytes, None);
}

pub(super) fn journal(bytes: &[u8]) {
    let reading = journal::read(bytes);
    assert!(!reading.is_whole() || reading.lost == 0, "whole, and lines are lost");
    let Ok(run) = journal::rebuild(&reading.events, "unfinished") else { return };
    render(&run);
    let _ = examine_rebuilt(&run, &reading);
    let _ = verify_run(&to_json(&run), Some(bytes));
}

pub(super) fn ledger(bytes: &[u8]) {
    let Ok(ledger) = Ledger::parse(bytes) else { return };
    let (made, removed) = ledger.counts();
    let left = ledger.left();
    assert!(removed <= made, "{removed} of {made} accounts were removed");
    assert!(left.len() <= bytes.len(), "more accounts than bytes");
}

fn render(run: &Run) {
    for format in FORMATS {
        assert!(!format.render(run, Style::PLAIN).is_empty(), "{}", format.word);
    }
}
