//! What becomes of an account of which the portal says two things.

use std::sync::Mutex;

use loopback::{HEAD, TAIL, answer, serve};

use super::*;
use crate::fixture::{account, visit};

/// A portal that makes an account and then asks for a pause says that it is there, when asked again. It
/// is one of the run's, and stays to be removed.
#[tokio::test]
async fn an_account_that_was_asked_for_twice_and_refused_stays_to_be_removed() {
    for (first, open) in [(429, 1), (503, 1), (409, 0)] {
        let asked = Mutex::new(0);
        let listener = serve(move |_| {
            let mut asked = asked.lock().unwrap();
            *asked += 1;
            let status = if *asked == 1 { first } else { 409 };
            answer(status, &["retry-after: 0"], "")
        })
        .await;
        let taken = r#"outcome = [{ status = 201, is = "ok" }, { status = 409, is = "refused" }]"#;
        let tail = TAIL.replace(r#"outcome = [{ status = 201, is = "ok" }]"#, taken);
        let (target, visitor) = visit(&format!("{HEAD}{tail}"), &listener, None).await;
        let ledger = Ledger::in_memory();
        let accounts = Accounts::new(target.description(), "", ledger.clone());
        let (scene, alice) = (&visitor.scene, account());
        let made = accounts.create(&target, scene, &alice, Policy::plain()).await.unwrap();
        assert!(!matches!(made, Made::Yes));
        assert_eq!(ledger.open_accounts().len(), open, "{first}");
    }
}
