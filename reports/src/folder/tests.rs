//! A run's directory, whole, killed, edited and empty.

use super::*;
use crate::sample::{journal, run};

#[test]
fn a_directory_is_read_from_its_record_or_its_journal() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(load(dir.path()), Err(FolderError::Empty(_))));
    assert!(matches!(verify(dir.path()), Err(FolderError::Empty(_))));

    let whole = journal(&run());
    let killed = &whole[..whole.len() - 10];
    fs::write(dir.path().join(JOURNAL), killed).unwrap();
    let rebuilt = load(dir.path()).unwrap();
    assert_eq!((rebuilt.exit_code, rebuilt.note.as_deref()), (3, Some(UNFINISHED)));
    assert_eq!(verify(dir.path()).unwrap().run, rebuilt);

    fs::write(dir.path().join(JOURNAL), whole).unwrap();
    fs::write(dir.path().join(RUN), to_json(&run())).unwrap();
    assert_eq!(load(dir.path()).unwrap(), run());
    assert_eq!(verify(dir.path()).unwrap().run, run());

    let mut edited = run();
    edited.scenarios[0].title.push('x');
    fs::write(dir.path().join(RUN), to_json(&edited)).unwrap();
    assert!(
        matches!(verify(dir.path()), Err(FolderError::DoesNotHold(findings)) if findings.len() == 1)
    );

    fs::write(dir.path().join(RUN), "{}").unwrap();
    assert!(matches!(load(dir.path()), Err(FolderError::Form(_))));
}
