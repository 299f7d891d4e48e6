//! The table of verdicts, row by row, and what holds over every combination.

use proptest::{collection::vec, prelude::*, sample::select};

use super::{outcome::outcome_of_verdicts, *};
use crate::{
    record::{Canary, Control, Impact, Outcome, SkipRule},
    sample::{answer, canary, passing, run_of, signed_in, told},
};

const ACCEPTED: Control = Control {
    before: Honest::Accepted,
    after: Honest::Accepted,
    bystander: Honest::Absent,
    again: Honest::Absent,
};

/// Whatever the witnesses say: nobody needs them where both controls were accepted.
fn both_accepted(control: &Control) -> bool {
    control.before == Honest::Accepted && control.after == Honest::Accepted
}

/// Of an account that is broken while somebody else's is not.
const BROKEN: Control = Control {
    before: Honest::Accepted,
    after: Honest::Refused,
    bystander: Honest::Accepted,
    again: Honest::Refused,
};

fn unreadable_state() -> State {
    State::from([("signed_in".to_owned(), None)])
}

#[track_caller]
fn check(scenario: &Scenario, expected: (Verdict, Option<Grade>, Option<&str>, Option<Fault>)) {
    let Judgement { verdict, grade, symptom, fault, because } = judge(scenario);
    assert_eq!((verdict, grade, symptom.as_deref(), fault), expected, "{because}");
    assert!(!because.is_empty());
}

fn tampering(level: Level, control: Control, after: State, answer: Option<Answer>) -> Scenario {
    let state = States { before: signed_in("nobody"), after, goal: [].into() };
    Scenario { level, control, state, answer, ..passing(Kind::Tampering) }
}

#[test]
fn a_changed_state_is_a_witness_whatever_was_answered() {
    let after_refused = Control { after: Honest::Refused, ..ACCEPTED };
    for reply in Reply::ALL {
        for control in [ACCEPTED, after_refused.clone()] {
            let scenario =
                tampering(Level::Must, control, signed_in("alice"), Some(answer(*reply, 500)));
            check(
                &scenario,
                (Verdict::Fail, None, Some("accepted:500:signed-in"), Some(Fault::Portal)),
            );
        }
    }
    let by = |level| tampering(level, ACCEPTED, signed_in("alice"), None);
    check(
        &by(Level::Must),
        (Verdict::Fail, None, Some("accepted:none:signed-in"), Some(Fault::Portal)),
    );
    check(
        &by(Level::Should),
        (Verdict::Warn, None, Some("accepted:none:signed-in"), Some(Fault::Portal)),
    );
    check(&by(Level::May), (Verdict::Pass, None, Some("accepted:none:signed-in"), None));
}

#[test]
fn every_fact_that_moved_is_named_whichever_way_it_moved() {
    let mut scenario = tampering(Level::Must, ACCEPTED, signed_in("bob"), None);
    scenario.state.before = signed_in("alice");
    for state in [&mut scenario.state.before, &mut scenario.state.after] {
        state.insert("keys".into(), Some("desk".into()));
        state.insert("password_of_alice".into(), Some("old".into()));
    }
    scenario.state.after.insert("password_of_alice".into(), Some("new".into()));
    let symptom = Some("accepted:none:password-of-alice+signed-in");
    check(&scenario, (Verdict::Fail, None, symptom, Some(Fault::Portal)));
    assert_eq!(
        judge(&scenario).because,
        "what had to be refused took effect: password_of_alice \"old\" → \"new\", signed_in \"alice\" → \"bob\""
    );
}

#[test]
fn a_session_that_the_portal_ended_is_no_harm_of_its_own() {
    let refused = Some(answer(Reply::Refused, 403));
    let mut scenario = tampering(Level::Must, ACCEPTED, signed_in("nobody"), refused);
    scenario.state.before = signed_in("alice");
    assert_eq!(judge(&scenario).verdict, Verdict::Pass);
    scenario.state.after = signed_in("bob");
    assert_eq!(judge(&scenario).verdict, Verdict::Fail);
    scenario.state.after = signed_in("nobody");
    scenario.control.after = Honest::Refused;
    assert_eq!(
        judge(&scenario).verdict,
        Verdict::Inconclusive,
        "the control tells that it did harm"
    );
}

#[test]
fn a_witness_beside_a_fact_that_cannot_be_read_is_still_one() {
    let mut scenario = tampering(Level::Must, ACCEPTED, signed_in("alice"), None);
    scenario.state.after.insert("keys".into(), None);
    check(&scenario, (Verdict::Fail, None, Some("accepted:none:signed-in"), Some(Fault::Portal)));
}

#[test]
fn nothing_is_judged_without_the_control_before() {
    let rows = [
        (Honest::Refused, Fault::Portal),
        (Honest::Unclear, Fault::Profile),
        (Honest::Absent, Fault::Kit),
    ];
    for (before, fault) in rows {
        let control = Control { before, ..ACCEPTED };
        let changed = tampering(
            Level::Must,
            control.clone(),
            signed_in("alice"),
            Some(answer(Reply::Ok, 200)),
        );
        check(&changed, (Verdict::Inconclusive, None, None, Some(fault)));
        check(
            &Scenario { control, ..passing(Kind::Variation) },
            (Verdict::Inconclusive, None, None, Some(fault)),
        );
    }
}

#[test]
fn an_unchanged_state_lets_the_answer_speak() {
    let rows = [
        (Reply::Ok, Verdict::Warn, None, Some("said-yes:418:unchanged"), Some(Fault::Portal)),
        (Reply::FactorNeeded, Verdict::Pass, Some(Grade::B), None, None),
        (Reply::Refused, Verdict::Pass, Some(Grade::B), None, None),
        (Reply::Expired, Verdict::Pass, Some(Grade::B), None, None),
        (Reply::RateLimited, Verdict::Inconclusive, None, None, Some(Fault::Environment)),
        (Reply::Error, Verdict::Warn, None, Some("fell-over:418"), Some(Fault::Portal)),
        (Reply::Dropped, Verdict::Warn, None, Some("fell-over:418"), Some(Fault::Portal)),
        (Reply::Unknown, Verdict::Inconclusive, None, None, Some(Fault::Profile)),
    ];
    for (reply, verdict, grade, symptom, fault) in rows {
        let mut scenario =
            tampering(Level::Must, ACCEPTED, signed_in("nobody"), Some(answer(reply, 418)));
        check(&scenario, (verdict, grade, symptom, fault));
        scenario.answer.as_mut().unwrap().names_the_rule = true;
        check(&scenario, (verdict, grade.map(|_| Grade::A), symptom, fault));
    }
}

#[test]
fn a_tampering_that_shows_nothing_is_inconclusive() {
    let refused = || Some(answer(Reply::Refused, 400));
    let nobody = || signed_in("nobody");
    let unread = tampering(Level::Must, ACCEPTED, unreadable_state(), refused());
    check(&unread, (Verdict::Inconclusive, None, None, Some(Fault::Profile)));
    let missing = tampering(Level::Must, ACCEPTED, State::new(), refused());
    check(&missing, (Verdict::Inconclusive, None, None, Some(Fault::Profile)));
    let unasked = Scenario { state: States::default(), ..missing };
    check(&unasked, (Verdict::Inconclusive, None, None, Some(Fault::Profile)));
    let after = Control { after: Honest::Refused, ..ACCEPTED };
    let locked_out = tampering(Level::Must, after.clone(), nobody(), refused());
    check(&locked_out, (Verdict::Inconclusive, Some(Grade::C), None, Some(Fault::Portal)));
    let fell = tampering(Level::Must, after, nobody(), Some(answer(Reply::Error, 500)));
    check(&fell, (Verdict::Inconclusive, None, None, Some(Fault::Portal)));
    check(
        &tampering(Level::Must, ACCEPTED, nobody(), None),
        (Verdict::Inconclusive, None, None, Some(Fault::Kit)),
    );
}

#[test]
fn a_variation_must_be_confirmed_by_the_state() {
    use Verdict::{Fail, Inconclusive, Pass};
    let portal = Some(Fault::Portal);
    let rows = [
        (Reply::Ok, (Pass, None, None), (Fail, Some("unconfirmed:418"), portal)),
        (Reply::FactorNeeded, (Pass, None, None), (Fail, Some("factor-needed:418"), portal)),
        (
            Reply::Refused,
            (Fail, Some("refused:418:done"), portal),
            (Fail, Some("refused:418"), portal),
        ),
        (
            Reply::Expired,
            (Fail, Some("refused:418:done"), portal),
            (Fail, Some("refused:418"), portal),
        ),
        (
            Reply::RateLimited,
            (Fail, Some("refused:418:done"), portal),
            (Inconclusive, None, Some(Fault::Environment)),
        ),
        (
            Reply::Error,
            (Fail, Some("fell-over:418:done"), portal),
            (Fail, Some("fell-over:418"), portal),
        ),
        (
            Reply::Dropped,
            (Fail, Some("fell-over:418:done"), portal),
            (Fail, Some("fell-over:418"), portal),
        ),
        (Reply::Unknown, (Pass, None, None), (Inconclusive, None, Some(Fault::Profile))),
    ];
    for (reply, confirmed, missed) in rows {
        let mut scenario =
            Scenario { answer: Some(answer(reply, 418)), ..passing(Kind::Variation) };
        check(&scenario, (confirmed.0, None, confirmed.1, confirmed.2));
        scenario.state.after = signed_in("nobody");
        check(&scenario, (missed.0, None, missed.1, missed.2));
    }
}

#[test]
fn a_variation_that_shows_nothing_is_inconclusive() {
    type Row = (fn(&mut Scenario), Fault);
    let rows: [Row; 6] = [
        (|it| it.control.after = Honest::Refused, Fault::Portal),
        (|it| it.control.after = Honest::Unclear, Fault::Profile),
        (|it| it.answer = None, Fault::Kit),
        (|it| it.state.goal.clear(), Fault::Kit),
        (|it| it.state.before = signed_in("alice"), Fault::Kit),
        (|it| it.state.after = unreadable_state(), Fault::Profile),
    ];
    for (change, fault) in rows {
        let mut scenario = passing(Kind::Variation);
        change(&mut scenario);
        check(&scenario, (Verdict::Inconclusive, None, None, Some(fault)));
    }
}

type Change = fn(&mut Control);

/// Controls that are unlike those of a broken account in one thing, and what that says.
const NOT_BROKEN: &[(Change, &str)] = &[
    (|it| it.before = Honest::Refused, "never worked"),
    (|it| it.after = Honest::Unclear, "cannot be told"),
    (|it| it.bystander = Honest::Refused, "the portal refuses everybody"),
    (|it| it.bystander = Honest::Unclear, "whether it does cannot be told"),
    (|it| it.bystander = Honest::Absent, "nobody else was asked"),
    (|it| it.again = Honest::Accepted, "the account works again"),
    (|it| it.again = Honest::Unclear, "whether it does cannot be told"),
    (|it| it.again = Honest::Absent, "it was not tried again"),
];

#[test]
fn a_variation_that_was_taken_must_not_break_the_account() {
    let confirmed = passing(Kind::Variation).state;
    let missed = States { after: signed_in("nobody"), ..confirmed.clone() };
    let unreadable = States { after: unreadable_state(), ..confirmed.clone() };
    for reply in Reply::ALL {
        let taken = matches!(reply, Reply::Ok | Reply::Error | Reply::Dropped);
        for (state, broken) in [(&confirmed, true), (&missed, taken), (&unreadable, taken)] {
            let mut scenario = Scenario {
                control: BROKEN,
                state: state.clone(),
                answer: Some(answer(*reply, 418)),
                ..passing(Kind::Variation)
            };
            let portal = Some(Fault::Portal);
            let open = (Verdict::Inconclusive, None, None, portal);
            let symptom = Some("broke-account:418");
            check(&scenario, if broken { (Verdict::Fail, None, symptom, portal) } else { open });
            scenario.level = Level::Should;
            check(&scenario, if broken { (Verdict::Warn, None, symptom, portal) } else { open });
            scenario.level = Level::May;
            check(&scenario, if broken { (Verdict::Pass, None, symptom, None) } else { open });
        }
    }
    for (change, why) in NOT_BROKEN {
        let mut scenario = Scenario { control: BROKEN, ..passing(Kind::Variation) };
        change(&mut scenario.control);
        assert_eq!(judge(&scenario).verdict, Verdict::Inconclusive, "{why}");
    }
    let unanswered = Scenario { control: BROKEN, answer: None, ..passing(Kind::Variation) };
    assert_eq!(judge(&unanswered).verdict, Verdict::Inconclusive);
}

#[test]
fn an_account_may_be_locked_because_of_what_was_refused() {
    let nobody = || signed_in("nobody");
    for reply in Reply::ALL {
        let said = || Some(answer(*reply, 418));
        // Said yes or not: the state shows that it was not taken.
        let locked = tampering(Level::Must, BROKEN, nobody(), said());
        assert_eq!(judge(&locked).verdict, Verdict::Inconclusive, "{reply}");
        let mut blind = tampering(Level::Must, BROKEN, nobody(), said());
        blind.state.before.insert("keys".into(), Some("1".into()));
        blind.state.after.insert("keys".into(), None);
        let expected = if *reply == Reply::Ok { Verdict::Fail } else { Verdict::Inconclusive };
        assert_eq!(judge(&blind).verdict, expected, "{reply}");
        // What could not be read before either shows nothing.
        blind.state.before.insert("keys".into(), None);
        assert_eq!(judge(&blind).verdict, Verdict::Inconclusive, "{reply}");
    }
    let mut taken =
        tampering(Level::Must, BROKEN, unreadable_state(), Some(answer(Reply::Ok, 200)));
    check(&taken, (Verdict::Fail, None, Some("broke-account:200"), Some(Fault::Portal)));
    for (change, why) in NOT_BROKEN {
        taken.control = BROKEN;
        change(&mut taken.control);
        assert_eq!(judge(&taken).verdict, Verdict::Inconclusive, "{why}");
    }
}

#[test]
fn a_story_is_judged_by_its_ending() {
    let story = |told| Scenario { told, ..passing(Kind::Story) };
    check(&story(Some(told(Ending::Held))), (Verdict::Pass, None, None, None));
    check(&story(None), (Verdict::Inconclusive, None, None, Some(Fault::Kit)));
    let empty = Told { checked: 0, ..told(Ending::Held) };
    check(&story(Some(empty)), (Verdict::Inconclusive, None, None, Some(Fault::Kit)));
    let graceless = Told { graceless: vec!["alice answers".into()], ..told(Ending::Held) };
    check(
        &story(Some(graceless)),
        (Verdict::Warn, None, Some("fell-over:alice-answers"), Some(Fault::Portal)),
    );
    check(
        &story(Some(told(Ending::ControlRefused))),
        (Verdict::Inconclusive, None, None, Some(Fault::Portal)),
    );
    check(
        &story(Some(told(Ending::Unclear))),
        (Verdict::Inconclusive, None, None, Some(Fault::Profile)),
    );
    let broke = Told { step: Some("alice signs in".into()), ..told(Ending::Broke) };
    let mut scenario = story(Some(broke));
    check(&scenario, (Verdict::Fail, None, Some("broke:alice-signs-in"), Some(Fault::Portal)));
    scenario.level = Level::Should;
    check(&scenario, (Verdict::Warn, None, Some("broke:alice-signs-in"), Some(Fault::Portal)));
    scenario.level = Level::May;
    check(&scenario, (Verdict::Pass, None, Some("broke:alice-signs-in"), None));
}

#[test]
fn what_was_not_run_is_not_judged() {
    for kind in Kind::ALL {
        let not = |why| Scenario { not_judged: Some(why), ..passing(*kind) };
        let skipped =
            NotJudged::Skipped { rule: SkipRule::NotApplicable, reason: "no TOTP".into() };
        check(&not(skipped), (Verdict::Skip, None, None, None));
        check(
            &not(NotJudged::Unfinished),
            (Verdict::Inconclusive, None, None, Some(Fault::Environment)),
        );
        for fault in Fault::ALL {
            let broken = NotJudged::Broken { fault: *fault, error: "timed out".into() };
            check(&not(broken), (Verdict::Error, None, None, Some(*fault)));
        }
    }
}

#[test]
fn exit_codes_win_in_the_order_of_the_table() {
    let order = [7, 5, 6, 2, 130, 1, 4, 3, 0];
    let mut by_rank: Vec<_> = Outcome::ALL.to_vec();
    by_rank.sort_by(|a, b| {
        if worst(*a, *b) == *a { std::cmp::Ordering::Less } else { std::cmp::Ordering::Greater }
    });
    assert_eq!(by_rank.into_iter().map(exit_code).collect::<Vec<_>>(), order);
}

#[test]
fn a_roll_up_is_the_worst_and_never_made_of_skips() {
    use Verdict::{Error, Fail, Inconclusive, Pass, Review, Skip, Unsteady, Warn};
    let order = [Fail, Error, Inconclusive, Unsteady, Review, Warn, Pass];
    for (index, verdict) in order.iter().enumerate() {
        assert_eq!(roll_up(&[&[Skip], &order[index..]].concat()), *verdict);
    }
    assert_eq!(roll_up(&[Skip, Skip]), Inconclusive);
    assert_eq!(roll_up(&[]), Inconclusive);
}

#[test]
fn a_run_is_void_when_the_portal_that_accepts_everything_was_not_caught() {
    let run = run_of(vec![passing(Kind::Tampering)]);
    let tried = |verdict| self_check([("a/b/c".to_owned(), verdict)].into());
    assert_eq!(outcome_of(&run.scenarios, &canary(), false), Outcome::Conforms);
    for verdict in Verdict::ALL {
        let expected = if *verdict == Verdict::Fail { Outcome::Conforms } else { Outcome::Void };
        assert_eq!(outcome_of(&run.scenarios, &tried(*verdict), false), expected);
    }
    let untried = Canary { caught: true, tried: [].into() };
    assert_eq!(outcome_of(&run.scenarios, &untried, false), Outcome::NoVerdict);
    let claimed = Canary { caught: true, ..tried(Verdict::Pass) };
    assert_eq!(outcome_of(&run.scenarios, &claimed, false), Outcome::Void);
}

proptest! {
    #[test]
    fn a_run_is_green_only_on_passes_with_warnings_and_skips_beside_them(
        verdicts in vec(select(Verdict::ALL), 0..8), strict: bool,
    ) {
        let outcome = outcome_of_verdicts(&verdicts, strict);
        let has = |wanted: Verdict| verdicts.contains(&wanted);
        if exit_code(outcome) == 0 {
            prop_assert!(verdicts.iter().all(|it| matches!(it, Verdict::Pass | Verdict::Warn | Verdict::Skip)));
            prop_assert!(has(Verdict::Pass) || has(Verdict::Warn));
            prop_assert!(!(strict && has(Verdict::Warn)));
        } else {
            prop_assert!(verdicts.iter().any(|it| !matches!(it, Verdict::Pass | Verdict::Skip)) || !has(Verdict::Pass));
        }
        prop_assert_eq!(outcome == Outcome::DoesNotConform, has(Verdict::Fail) || (strict && has(Verdict::Warn)));
    }

    #[test]
    fn all_skips_are_never_green(count in 0..50_usize, strict: bool) {
        prop_assert_eq!(outcome_of_verdicts(&vec![Verdict::Skip; count], strict), Outcome::NoVerdict);
    }

    /// Whatever is in the record: no pass of a must without controls, an answer and a readable state,
    /// and no finding of the portal without an answer, a state or a telling to show for it.
    #[test]
    fn no_pass_comes_without_proof(scenario in any_scenario()) {
        let Judgement { verdict, grade, fault, .. } = judge(&scenario);
        prop_assert!(scenario.not_judged.is_some() || verdict != Verdict::Skip);
        prop_assert_eq!(fault.is_none(), matches!(verdict, Verdict::Pass | Verdict::Skip));
        prop_assert!(grade.is_none() || scenario.kind == Kind::Tampering);
        if verdict == Verdict::Pass && scenario.level == Level::Must {
            match scenario.kind {
                Kind::Tampering => {
                    prop_assert!(both_accepted(&scenario.control));
                    prop_assert_eq!(&scenario.state.before, &scenario.state.after);
                    prop_assert!(!scenario.state.after.is_empty() && scenario.state.after.values().all(Option::is_some));
                    prop_assert!(is_refusal(scenario.answer.as_ref().unwrap().reply));
                }
                Kind::Variation => {
                    prop_assert!(both_accepted(&scenario.control));
                    prop_assert!(scenario.state.before != scenario.state.after);
                    prop_assert!(scenario.answer.is_some());
                }
                Kind::Observation | Kind::Story => prop_assert!(scenario.told.unwrap().checked > 0),
            }
        }
    }

    /// A control that was refused afterwards makes a finding only beside a witness, or of an account that
    /// is broken while somebody else's is not.
    #[test]
    fn no_finding_comes_of_a_portal_that_refuses_everybody(scenario in any_scenario()) {
        let judged = judge(&scenario);
        let ceremony = matches!(scenario.kind, Kind::Tampering | Kind::Variation);
        if ceremony && judged.symptom.is_some() && scenario.control.after != Honest::Accepted {
            let witness = scenario.kind == Kind::Tampering && !moved(&scenario.state).is_empty();
            prop_assert!(witness || scenario.control == BROKEN);
        }
    }
}

fn any_scenario() -> impl Strategy<Value = Scenario> {
    let state = || proptest::collection::btree_map("[ab]", proptest::option::of("[xy]"), 0..3);
    let goal = proptest::collection::btree_map("[ab]", "[xy]", 0..3);
    let controls = select(vec![ACCEPTED, BROKEN]);
    let honest = || select(Honest::ALL);
    let control = prop_oneof![
        controls,
        (honest(), honest(), honest(), honest()).prop_map(|(before, after, bystander, again)| {
            Control { before, after, bystander, again }
        }),
    ];
    let answer = proptest::option::of(
        (select(Reply::ALL), any::<bool>())
            .prop_map(|(reply, names_the_rule)| Answer { names_the_rule, ..answer(reply, 200) }),
    );
    let telling = proptest::option::of(
        (select(Ending::ALL), 0..3_u32)
            .prop_map(|(ending, checked)| Told { checked, ..told(ending) }),
    );
    let states =
        (state(), state(), goal).prop_map(|(before, after, goal)| States { before, after, goal });
    (select(Kind::ALL), select(Level::ALL), control, states, answer, telling).prop_map(
        |(kind, level, control, state, answer, told)| Scenario {
            level,
            control,
            state,
            answer,
            told,
            impact: Impact::Takeover,
            ..passing(kind)
        },
    )
}
