//! The governor in virtual time: nothing here waits.

use std::sync::Arc;

use super::*;

fn limits(per_second: Option<u32>, concurrent: u32, pauses: u64) -> Limits {
    Limits {
        requests_per_second: per_second,
        concurrent,
        mails_per_hour: None,
        body_limit: 1,
        exchange_timeout: Duration::from_secs(1),
        pauses: Duration::from_secs(pauses),
    }
}

fn answer(status: u16, headers: &[(&str, &str)]) -> Response {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Response { status, headers: headers.iter().map(owned).collect(), body: String::new() }
}

fn pause(status: u16, headers: &[(&str, &str)]) -> Option<Option<u64>> {
    let now = date("Wed, 25 Nov 2026 12:00:00 GMT").unwrap();
    Pause::read(&answer(status, headers), now).map(|Pause(length)| length.map(|l| l.as_secs()))
}

#[test]
fn retry_after_is_seconds_or_a_date_by_the_portals_clock() {
    let date = "Wed, 25 Nov 2026 12:00:30 GMT";
    for (status, headers, expected) in [
        (200, vec![("retry-after", "7")], None),
        (500, vec![("retry-after", "7")], None),
        (503, vec![], None),
        (503, vec![("retry-after", "7")], Some(Some(7))),
        (429, vec![("retry-after", " 7 ")], Some(Some(7))),
        (429, vec![], Some(None)),
        (429, vec![("retry-after", "soon")], Some(None)),
        (429, vec![("retry-after", "-5")], Some(None)),
        (429, vec![("retry-after", "")], Some(None)),
        (429, vec![("retry-after", "99999999999999999999999")], Some(Some(86_400))),
        (429, vec![("retry-after", date)], Some(Some(30))),
        (
            429,
            vec![("date", "Wed, 25 Nov 2026 12:00:20 GMT"), ("retry-after", date)],
            Some(Some(10)),
        ),
        (
            429,
            vec![("date", "Wed, 25 Nov 2026 13:00:00 GMT"), ("retry-after", date)],
            Some(Some(0)),
        ),
    ] {
        assert_eq!(pause(status, &headers), expected, "{status} {headers:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn so_many_requests_in_a_second_whoever_sends_them() {
    let governor = Arc::new(Governor::new(&limits(Some(5), 8, 60)));
    let begun = Instant::now();
    let turns = (0..21).map(|_| {
        let governor = Arc::clone(&governor);
        async move { drop(governor.turn().await.unwrap()) }
    });
    futures::future::join_all(turns).await;
    // The first goes at once, the others every 200 ms.
    assert_eq!(begun.elapsed().as_millis(), 4000);
    let traffic = governor.traffic();
    assert_eq!((traffic.requests, traffic.waited_ms), (21, 4000));
}

#[tokio::test(start_paused = true)]
async fn so_many_connections_at_once() {
    let governor = Governor::new(&limits(Some(1000), 2, 60));
    let (one, _two) = (governor.turn().await.unwrap(), governor.turn().await.unwrap());
    let third = tokio::time::timeout(Duration::from_secs(9), governor.turn());
    assert!(third.await.is_err(), "a third connection was opened");
    drop(one);
    assert!(governor.turn().await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_one_is_told_holds_everybody_up() {
    let governor = Governor::new(&limits(None, 8, 60));
    let begun = Instant::now();
    let turn = governor.turn().await.unwrap();
    governor.heard(&turn, Some(Pause(Some(Duration::from_secs(7)))));
    futures::future::join_all((0..4).map(|_| async { drop(governor.turn().await.unwrap()) })).await;
    assert_eq!(begun.elapsed().as_secs(), 7);
    let traffic = governor.traffic();
    assert_eq!((traffic.requests, traffic.throttled, traffic.paused_ms), (5, 1, 7000));
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_for_the_pace_is_held_up_by_a_pause_that_begins_meanwhile() {
    let governor = Arc::new(Governor::new(&limits(Some(1), 8, 60)));
    let begun = Instant::now();
    let turn = governor.turn().await.unwrap();
    let waiting = tokio::spawn({
        let governor = Arc::clone(&governor);
        async move { drop(governor.turn().await.unwrap()) }
    });
    tokio::task::yield_now().await;
    governor.heard(&turn, Some(Pause(Some(Duration::from_secs(7)))));
    waiting.await.unwrap();
    assert_eq!(begun.elapsed().as_secs(), 7);
}

#[tokio::test(start_paused = true)]
async fn pauses_that_overlap_are_one() {
    let governor = Governor::new(&limits(None, 8, 10));
    let (one, two) = (governor.turn().await.unwrap(), governor.turn().await.unwrap());
    governor.heard(&one, Some(Pause(Some(Duration::from_secs(6)))));
    governor.heard(&two, Some(Pause(Some(Duration::from_secs(5)))));
    assert_eq!(governor.traffic().paused_ms, 6000);
    assert_eq!(governor.storm(), None);
}

#[tokio::test(start_paused = true)]
async fn more_waiting_than_is_allowed_is_refused_at_once_and_not_cut_short() {
    let governor = Governor::new(&limits(None, 8, 60));
    let begun = Instant::now();
    let turn = governor.turn().await.unwrap();
    governor.heard(&turn, Some(Pause(Some(Duration::from_secs(3600)))));
    let refused = governor.turn().await.map(|_| ()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "network: the portal limits requests: it asked the run to wait 3600 s in all, and 60 s are allowed"
    );
    assert_eq!(begun.elapsed().as_secs(), 0);
}

#[tokio::test(start_paused = true)]
async fn pauses_without_a_length_double_and_five_in_a_row_are_a_storm() {
    let governor = Governor::new(&limits(None, 8, 600));
    let begun = Instant::now();
    for _ in 0..STORM {
        assert_eq!(governor.storm(), None);
        let turn = governor.turn().await.unwrap();
        governor.heard(&turn, Some(Pause(None)));
    }
    assert_eq!(begun.elapsed().as_secs(), 1 + 2 + 4 + 8);
    assert_eq!(
        governor.storm().as_deref(),
        Some("it asked for 5 pauses and answered nothing in between")
    );
}

#[tokio::test(start_paused = true)]
async fn many_told_at_once_are_no_storm_and_an_answer_ends_the_row() {
    let governor = Governor::new(&limits(None, 20, 600));
    for _ in 0..3 {
        let burst = futures::future::join_all((0..10).map(|_| governor.turn())).await;
        for turn in &burst {
            governor.heard(turn.as_ref().unwrap(), Some(Pause(None)));
        }
    }
    assert_eq!((governor.storm(), governor.traffic().throttled), (None, 30));
    let turn = governor.turn().await.unwrap();
    governor.heard(&turn, None);
    for _ in 0..4 {
        let turn = governor.turn().await.unwrap();
        governor.heard(&turn, Some(Pause(None)));
    }
    assert_eq!(governor.storm(), None);
}
