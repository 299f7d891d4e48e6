//! The renderings of a run with every verdict: snapshots of what a well-behaved portal makes of them,
//! and properties of what a hostile one cannot make of them.

mod extremes;

use std::time::Instant;

use proptest::prelude::*;
use quick_xml::{Reader, events::Event};

use super::{
    FORMATS, html, junit, markdown, plain,
    plain::tests::obeyed,
    plain_json,
    sample::{COMMANDS, HOSTILE, failed, hostile, run, run_of, run_with, stranger, tampering},
    style::Style,
    tally, terminal,
};
use crate::{
    judge::{conclude, self_check},
    record::{Outcome, Run, Scenario, Step, Verdict},
};

/// A terminal with colours.
const COLOURED: Style = Style { colour: true, ..Style::PLAIN };

#[test]
fn a_failure_on_the_terminal() {
    insta::assert_snapshot!(terminal::failure(&failed(), Style::PLAIN));
}

#[test]
fn a_run_on_the_terminal() {
    insta::assert_snapshot!(terminal::summary(&run(), Style::PLAIN));
}

#[test]
fn what_is_owed_stands_once_above_the_passes_of_a_requirement_and_with_each_finding() {
    let of = |case: &str, verdict| Scenario {
        verdict,
        ..tampering(&format!("registration/origin/{case}"), "another site's origin")
    };
    for (second, stands) in [(Verdict::Pass, 1), (Verdict::Fail, 2)] {
        let page = html::render(&run_of(vec![of("one", Verdict::Pass), of("two", second)]));
        assert_eq!(page.matches("class=\"owed\"").count(), stands, "{second:?}");
    }
}

#[test]
fn a_run_as_junit() {
    insta::assert_snapshot!(junit::render(&run()));
}

#[test]
fn a_run_as_markdown() {
    insta::assert_snapshot!(markdown::render(&run()));
}

#[test]
fn a_hostile_run_as_markdown() {
    insta::assert_snapshot!(markdown::render(&run_with(&hostile())));
}

#[test]
fn a_portal_cannot_act_on_a_terminal() {
    for text in HOSTILE {
        let line = plain(text);
        assert!(!line.chars().any(acts), "{line:?}");
    }
    // A line ends within a word right before colons, or between words.
    let unbroken = "x".repeat(96);
    for between in ["", " "] {
        let text = format!("{unbroken}{between}::add-mask::x {}", hostile());
        let printed = terminal::summary(&run_with(&text), Style::PLAIN);
        assert!(!printed.chars().any(|c| c != '\n' && acts(c)), "{printed}");
        for line in printed.lines().map(str::trim_start) {
            assert!(!line.starts_with("::") && !line.contains("##"), "{line}");
            assert!(!line.starts_with("PASS"), "{line}");
        }
    }
}

/// Each text stands wherever a record can hold one, as in a record of a stranger's, and goes through
/// every rendering there is.
#[test]
fn no_rendering_says_what_a_log_reader_obeys() {
    for text in COMMANDS {
        let run = stranger(text);
        let json = plain_json(&String::from_utf8_lossy(&crate::folder::to_json(&run)));
        assert_eq!(serde_json::from_str::<Run>(&json).unwrap(), run);
        let pages = FORMATS.iter().map(|format| format.render(&run, Style::PLAIN));
        for page in pages.chain([json]) {
            for line in page.lines() {
                assert_eq!(obeyed(line), None, "{text:?} in {line:?}");
            }
        }
    }
}

#[test]
fn colour_is_all_that_colour_adds() {
    let run = run_with(&hostile());
    let mut painted = terminal::summary(&run, COLOURED);
    assert!(painted.contains("\u{1b}[1m\u{1b}[31mFAIL\u{1b}[0m"));
    for style in ["1", "31", "32", "33", "35", "2", "0"] {
        painted = painted.replace(&format!("\u{1b}[{style}m"), "");
    }
    assert_eq!(painted, terminal::summary(&run, Style::PLAIN));
}

#[test]
fn a_run_fits_a_narrow_terminal_but_for_what_people_copy() {
    let narrow = Style { width: Some(20), ..Style::PLAIN };
    for run in [run(), run_with(&hostile())] {
        let printed = terminal::summary(&run, narrow);
        let wide: Vec<&str> = printed
            .lines()
            .filter(|line| line.chars().count() > 40)
            .filter(|line| {
                let copied = ["cargo xtask ", "http"];
                !copied.iter().any(|copied| line.trim_start().contains(copied))
            })
            .collect();
        // The table of families has its columns, and a name has its letters.
        let table = |line: &&str| line.contains('·') || line.contains("family");
        assert!(wide.iter().all(table), "{wide:#?}");
        let words = |text: &str| text.split_whitespace().collect::<String>();
        assert_eq!(words(&printed), words(&terminal::summary(&run, Style::PLAIN)));
    }
}

#[test]
fn a_run_in_ascii() {
    let printed = terminal::summary(&run_with(&hostile()), Style { ascii: true, ..Style::PLAIN });
    assert!(printed.is_ascii(), "{printed}");
    assert!(!printed.chars().any(|c| c != '\n' && acts(c)), "{printed}");
}

#[test]
fn a_hostile_run_is_still_xml() {
    for text in HOSTILE.iter().copied().chain([&*hostile()]) {
        let xml = junit::render(&run_with(text));
        let mut reader = Reader::from_str(&xml);
        let mut elements = Vec::new();
        loop {
            match reader.read_event().unwrap() {
                Event::Start(tag) | Event::Empty(tag) => {
                    tag.attributes().for_each(|attribute| drop(attribute.unwrap()));
                    elements.push(String::from_utf8(tag.name().as_ref().to_vec()).unwrap());
                }
                Event::DocType(_) | Event::PI(_) | Event::Comment(_) => panic!("{text}"),
                Event::Eof => break,
                Event::End(_)
                | Event::Text(_)
                | Event::CData(_)
                | Event::Decl(_)
                | Event::GeneralRef(_) => {}
            }
        }
        let known =
            "testsuites testsuite testcase properties property failure error skipped system-out";
        for element in &elements {
            assert!(known.split(' ').any(|known| known == element), "{element}");
        }
        assert!(xml.chars().all(|c| c == '\n' || !acts(c)), "{xml}");
    }
}

#[test]
fn a_hostile_run_stays_in_its_fences() {
    let text = markdown::render(&run_with(&hostile()));
    let mut fence: Option<&str> = None;
    for line in text.lines() {
        match fence {
            Some(marks) if line == marks => fence = None,
            Some(_) => {}
            None if line.starts_with("```") => fence = line.strip_suffix("text"),
            None => {
                assert!(!line.contains("evil.example"), "{line}");
                assert!(!line.contains("<b>") && !line.contains("@somebody"), "{line}");
            }
        }
        assert!(!line.starts_with("::"), "{line}");
    }
    assert_eq!(fence, None);
}

#[test]
fn a_summary_fits_a_job_page() {
    let scenario = run_with(&hostile().repeat(20)).scenarios.remove(0);
    let run = run_of((0..300).map(|_| scenario.clone()).collect());
    assert!(markdown::render(&run).len() < 100_000);
}

#[test]
fn a_page_loads_nothing_and_runs_nothing() {
    const TAGS: &str = "!doctype html head meta title style body header footer nav main section article \
        div p h1 h2 h3 a ul ol li dl dt dd table thead tbody tr th td details summary pre code span b \
        strong small q svg rect";
    const ATTRIBUTES: &str = "html lang charset http-equiv content name class id href rel scope role \
        viewbox preserveaspectratio aria-label x width height open";
    let page = html::render(&run_with(&hostile())).to_lowercase();
    let (style, marked) = page.split_once("</style>").unwrap();
    assert!(!style.contains("url(") && !style.contains("@import"));
    assert!(
        style.contains("content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    );
    for tag in marked.split('<').skip(1) {
        let (inside, _) = tag.split_once('>').unwrap();
        let (name, attributes) = inside.split_once(' ').unwrap_or((inside, ""));
        assert!(TAGS.split_whitespace().any(|known| known == name.trim_matches('/')), "{inside}");
        for attribute in attributes.split("\" ").filter(|one| !one.is_empty()) {
            let name = attribute.split('=').next().unwrap();
            assert!(ATTRIBUTES.split_whitespace().any(|known| known == name), "{inside}");
            assert!(!attribute.contains("evil") && !attribute.contains("javascript"), "{inside}");
            assert!(!attribute.starts_with("href") || links_well(attribute), "{attribute}");
        }
    }
    assert!(page.chars().all(|c| c == '\n' || !acts(c)));
}

fn links_well(href: &str) -> bool {
    href.starts_with("href=\"#") || href.starts_with("href=\"https://www.w3.org/")
}

#[test]
fn an_attribute_stays_one() {
    let mut scenario = tampering("registration/a\" onclick=\"x/b'c", "another site's origin");
    scenario.family = "f\" onclick=\"x".into();
    scenario.requirement.link = Some("https://a\" onclick=\"x".into());
    let page = html::render(&run_of(vec![scenario]));
    let tags: Vec<_> = page.split('<').filter_map(|tag| tag.split('>').next()).collect();
    assert!(tags.iter().all(|tag| !tag.contains("onclick=\"")), "{tags:?}");
}

#[test]
fn every_scenario_has_its_anchor_and_every_link_its_end() {
    let run = run();
    let page = html::render(&run);
    for scenario in &run.scenarios {
        let id = format!(" id=\"{}\"", scenario.id.replace('/', "."));
        assert_eq!(page.matches(&id).count(), 1, "{id}");
    }
    for href in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert_eq!(page.matches(&format!("id=\"{href}\"")).count(), 1, "{href}");
    }
}

#[test]
fn a_page_is_well_formed() {
    for page in [html::render(&run()), html::render(&run_with(&hostile()))] {
        let body = page.split_once("<body>").unwrap().1;
        let mut reader = Reader::from_str(body);
        reader.config_mut().check_end_names = true;
        let mut open = 0;
        loop {
            match reader.read_event() {
                Ok(Event::Start(_)) => open += 1,
                Ok(Event::End(_)) => open -= 1,
                Ok(Event::Eof) => break,
                Ok(_) => {}
                // The two that were open already.
                Err(_) if open == 0 => break,
                Err(error) => panic!("{error}: {}", reader.error_position()),
            }
        }
    }
}

#[test]
fn headings_come_in_order() {
    let page = html::render(&run());
    let levels: Vec<u32> =
        page.split("<h").skip(1).filter_map(|rest| rest.chars().next()?.to_digit(10)).collect();
    assert_eq!(levels.first(), Some(&1));
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
    assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
}

#[test]
fn a_duplicate_member_stays_one_on_the_page() {
    let mut scenario = tampering("registration/client-data/duplicate", "a member twice");
    if let Some(Step::Exchange(exchange)) = scenario.steps.last_mut() {
        exchange.request_body = Some(r#"{"a":1,"a":"x\"{,","b":[],"c":{}}"#.into());
    }
    let page = html::render(&run_of(vec![scenario]));
    let shown = "{\n  \"a\":1,\n  \"a\":\"x\\\"{,\",\n  \"b\":[],\n  \"c\":{}\n}";
    assert!(page.contains(shown), "{page}");
}

#[test]
fn headers_are_told_once() {
    let scenario = tampering("registration/origin/foreign", "another site's origin");
    let mut other = scenario.clone();
    if let Some(Step::Exchange(exchange)) = other.steps.last_mut() {
        exchange.request_headers.push(("accept".into(), "*/*".into()));
    }
    let said = |scenario| {
        let page = html::render(&run_of(vec![scenario]));
        (page.matches("cookie: portal").count(), page.matches("headers as in the exchange").count())
    };
    assert_eq!(said(scenario), (1, 2));
    assert_eq!(said(other), (2, 1));
}

/// Ten times as many scenarios take about ten times as long; the square of something would take a
/// hundred times.
#[test]
fn a_large_run_is_small_and_its_page_made_in_proportion() {
    let best_of_three = |run: &Run| {
        let times = (0..3).map(|_| {
            let begun = Instant::now();
            let page = html::render(run);
            (begun.elapsed(), page.len())
        });
        times.min().unwrap_or_default()
    };
    let (short, _) = best_of_three(&large(25, 20));
    let (long, bytes) = best_of_three(&large(250, 20));
    assert!(bytes < 10_000_000, "{bytes} bytes");
    assert!(long < short * 40, "{long:?}, and {short:?} for a tenth of it");
}

#[test]
fn a_void_run_is_nowhere_green() {
    let mut run = run_of(vec![tampering("registration/origin/foreign", "another site's origin")]);
    run.canary = self_check([("registration/origin/foreign".to_owned(), Verdict::Pass)].into());
    (run.outcome, run.exit_code) = conclude(&run.scenarios, &run.canary, false, None);
    assert_eq!(run.outcome, Outcome::Void);
    assert!(terminal::summary(&run, Style::PLAIN).contains("SURVIVED"));
    assert!(markdown::render(&run).starts_with("# Touchstone: void"));
    assert!(html::render(&run).contains("SURVIVED"));
    assert!(junit::render(&run).contains("<error message=\"SURVIVED"));
}

#[test]
fn a_run_that_ended_early_is_not_green_as_junit() {
    for outcome in Outcome::ALL.iter().copied().filter(|outcome| *outcome != Outcome::Conforms) {
        let mut run = run_of(vec![with_verdict(Verdict::Pass)]);
        run.outcome = outcome;
        run.note = Some("the breaker opened".into());
        let said = format!("{}: the breaker opened\" type=\"{outcome}\"", tally::outcome(&run));
        assert!(junit::render(&run).contains(&said), "{outcome}");
    }
}

#[test]
fn a_selection_is_named_wherever_a_person_looks() {
    let mut run = run();
    let all = |run: &Run| {
        [html::render(run), markdown::render(run), terminal::summary(run, Style::PLAIN)]
    };
    assert!(all(&run).iter().all(|text| !text.contains("registration/only")));
    run.filters = vec!["registration/only".into(), "keys".into()];
    for text in all(&run) {
        assert!(text.contains("selected") && text.contains("registration/only keys"), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_rendering_is_green_by_omission(
        verdicts in prop::collection::vec(0..Verdict::ALL.len(), 0..12),
        strict in any::<bool>(),
    ) {
        let scenarios: Vec<_> = verdicts.iter().map(|index| with_verdict(Verdict::ALL[*index])).collect();
        let mut run = run_of(scenarios);
        run.strict = strict;
        (run.outcome, run.exit_code) = conclude(&run.scenarios, &run.canary, strict, None);
        let green = run.outcome == Outcome::Conforms;
        let word = tally::outcome(&run);
        let printed = terminal::summary(&run, Style::PLAIN);
        let last = format!("  {word}   exit {}\n", run.exit_code);
        prop_assert!(printed.ends_with(&last));
        let page = html::render(&run);
        let outcome = format!("<span class=\"outcome\">{word}</span>");
        prop_assert!(page.contains(&outcome));
        let summary = markdown::render(&run);
        let title = format!("# Touchstone: {word}\n");
        prop_assert!(summary.starts_with(&title));
        let xml = junit::render(&run);
        prop_assert_eq!(!xml.contains("<failure") && !xml.contains("<error"), green);
    }

    #[test]
    fn nothing_that_acts_gets_through(text in any::<String>()) {
        prop_assert!(!plain(&text).chars().any(acts));
        let _ = html::render(&run_with(&text));
        let _ = markdown::render(&run_with(&text));
    }
}

fn with_verdict(verdict: Verdict) -> Scenario {
    Scenario { verdict, ..tampering("registration/origin/foreign", "another site's origin") }
}

/// A run as large as the suite, with bodies as large as a portal's.
fn large(scenarios: usize, exchanges: usize) -> Run {
    let one = tampering("registration/origin/foreign", "another site's origin");
    let [act, exchange, ceremony, _] = one.steps.clone().try_into().unwrap();
    let told = [
        act,
        exchange.clone(),
        exchange.clone(),
        ceremony,
        exchange.clone(),
        exchange.clone(),
        exchange,
    ];
    let scenarios = (0..scenarios).map(|number| {
        let mut scenario = Scenario { id: format!("registration/large/n{number}"), ..one.clone() };
        scenario.steps = told.iter().cycle().take(exchanges / 5 * told.len()).cloned().collect();
        for step in &mut scenario.steps {
            if let Step::Exchange(exchange) = step {
                exchange.response_body =
                    Some(format!(r#"{{"publicKey":"{}"}}"#, "Ab\\\"9".repeat(100)));
            }
        }
        scenario
    });
    run_of(scenarios.collect())
}

/// Whether a character acts on a terminal or hides from the eye.
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

#[test]
fn the_time_is_shared_out_where_one_scenario_is_run_at_a_time() {
    let mut scenario = failed();
    let exchanges = scenario.steps.iter_mut().filter_map(|step| match step {
        Step::Exchange(exchange) => Some(&mut exchange.micros),
        Step::Act { .. } | Step::Ceremony(_) | Step::Expectation { .. } | Step::Wait { .. } => None,
    });
    let mut number = 0;
    for micros in exchanges {
        *micros = 0;
        number += 1;
        if number == 1 {
            *micros = 700_000;
        }
    }
    scenario.steps.push(Step::Wait { ms: 200, virtual_time: false });
    scenario.steps.push(Step::Wait { ms: 60_000, virtual_time: true });
    let mut run = run_of(vec![scenario]);
    (run.duration_ms, run.guards.concurrency, run.traffic) = (1000, 1, None);
    let said = "the portal took 70.0 % of the time, real waits 20.0 %, this program 10.0 %";
    assert_eq!(tally::shares(&run).as_deref(), Some(said));
    assert!(terminal::summary(&run, Style::PLAIN).contains("the portal took 70.0 %"));
    run.traffic = Some(crate::record::Traffic { answering_ms: 750, ..Default::default() });
    let said = "the portal took 75.0 % of the time, real waits 20.0 %, this program 5.0 %";
    assert_eq!(tally::shares(&run).as_deref(), Some(said));
    // The pace and the pauses that the portal asked for are waits; a wait for both is one.
    for traffic in [
        crate::record::Traffic { waited_ms: 150, paused_ms: 100, ..Default::default() },
        crate::record::Traffic { paused_ms: 150, ..Default::default() },
    ] {
        run.traffic = Some(traffic);
        let said = "the portal took 70.0 % of the time, real waits 35.0 %, this program 0.0 %";
        assert_eq!(tally::shares(&run).as_deref(), Some(said));
    }
    run.guards.concurrency = 8;
    assert_eq!(tally::shares(&run), None);
}

#[test]
fn times_that_no_run_took_are_rendered_as_all_of_it() {
    let mut scenario = failed();
    for _ in 0..2 {
        scenario.steps.push(Step::Wait { ms: u64::MAX, virtual_time: false });
    }
    let mut run = run_of(vec![scenario]);
    (run.duration_ms, run.guards.concurrency) = (1000, 1);
    run.traffic = Some(crate::record::Traffic {
        requests: u64::MAX,
        throttled: u64::MAX,
        paused_ms: u64::MAX,
        answering_ms: u64::MAX,
        waited_ms: u64::MAX,
    });
    let said = "the portal took 100.0 % of the time, real waits 100.0 %, this program 0.0 %";
    assert!(terminal::summary(&run, Style::PLAIN).contains(said));
    run.duration_ms = u64::MAX;
    assert!(tally::shares(&run).is_some());
}
