//! Which requests of a flow decide a race: those that leave at the same instant as their like.

use std::collections::BTreeSet;

use profile::{
    flow::{Request, Step},
    template::Template,
};

/// What a verb is given to be answered with.
const ANSWERS: [&str; 3] = ["credential", "code", "password"];

/// Whether the request of a step decides what comes of its flow: it sends the answer, or is the last
/// where none of them does.
pub(super) fn decides(steps: &[Step], number: usize) -> bool {
    let answers = answers(steps);
    let sends_one = |step: &Step| sends_an_answer(step, &answers);
    if steps.iter().any(sends_one) {
        return steps.get(number).is_some_and(sends_one);
    }
    steps.iter().rposition(sends) == Some(number)
}

const fn sends(step: &Step) -> bool {
    match step.request {
        Request::Send { .. } | Request::Form(_) => true,
        Request::Stay | Request::Mail(_) | Request::Command(_) => false,
    }
}

/// Names of what a verb is answered with, and of what steps take out of that for later ones.
fn answers(steps: &[Step]) -> BTreeSet<&str> {
    let mut answers = BTreeSet::from(ANSWERS);
    for (name, extractor) in steps.iter().flat_map(|step| &step.capture) {
        let mut templates = Vec::new();
        extractor.templates(&mut templates);
        if holds_one(&templates, &answers) {
            answers.insert(name);
        }
    }
    answers
}

fn sends_an_answer(step: &Step, answers: &BTreeSet<&str>) -> bool {
    let mut templates = Vec::new();
    step.templates(&mut templates);
    sends(step) && holds_one(&templates, answers)
}

fn holds_one(templates: &[&Template], answers: &BTreeSet<&str>) -> bool {
    let mut places = templates.iter().flat_map(|template| template.places());
    places.any(|place| answers.contains(place.name.as_str()))
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Arc, Mutex},
        time::Instant,
    };

    use futures::future::join_all;
    use loopback::{HEAD, TAIL, answer, serve};
    use profile::{Verb, flow::Halves};

    use super::*;
    use crate::{
        deployment::{Driver, Input, Inputs},
        fixture::{profile, visit},
        wire::Race,
    };

    /// The steps of a flow that decide.
    fn check(steps: &str, expected: &[bool]) {
        let steps = steps.replace('}', ", outcome = [{ status = 200, is = \"ok\" }] }");
        let steps = steps.replace('<', "{").replace('>', "}");
        let flow = format!("[flow.answer_with_totp]\nsteps = [{steps}]\n");
        let profile = profile(&format!("{HEAD}{flow}{TAIL}"), "127.0.0.1:9");
        let Halves::One(steps) = &profile.flows.by_verb[&Verb::AnswerWithTotp].halves else {
            panic!("one half");
        };
        let found: Vec<bool> = (0..steps.len()).map(|number| decides(steps, number)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_sends_the_answer_decides_and_else_the_last_request() {
        let (form, code) = ("{ get = \"/form\" }", "{ post = \"/<code>\" }");
        check(&format!("{form}, {code}"), &[false, true]);
        check(&format!("{form}, {code}, {{ get = \"/after\" }}"), &[false, true, false]);
        check(&format!("{code}, {form}, {code}"), &[true, false, true]);
        check(&format!("{form}, {{ post = \"/\" }}, {{ stay = true }}"), &[false, true, false]);
        let taken = "{ stay = true, capture = < data = < value = \"<code>\" > > }";
        let sent = "{ post = \"/\", json = < data = \"<data>\" > }";
        check(&format!("{taken}, {sent}, {form}"), &[false, true, false]);
    }

    #[tokio::test]
    async fn the_deciding_requests_of_a_race_leave_together_whatever_the_pace() {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hears = Arc::clone(&heard);
        let listener = serve(move |asked| {
            hears.lock().unwrap().push((asked.line, Instant::now()));
            answer(200, &[], "")
        })
        .await;
        let flow = "[scope]\nlimits = { requests_per_second = 5 }\n[flow.answer_with_totp]\nsteps = [{ get = \"/form\" }, { post = \"/code\", json = { code = \"{code}\" }, outcome = [{ status = 200, is = \"ok\" }] }]\n";
        let (driver, visitor) = visit(&format!("{HEAD}{flow}{TAIL}"), &listener, None).await;
        let race = Arc::new(Race::new(5));
        let inputs = Inputs::from([("code", Input::Open("123456".into()))]);
        let shots = (0..5).map(|_| async {
            let mut shot = visitor.clone();
            shot.race = Some(Arc::clone(&race));
            let answer = driver.perform(&mut shot, Verb::AnswerWithTotp, &inputs).await;
            race.leaves();
            answer.unwrap();
        });
        join_all(shots).await;
        assert!(race.was_one());
        let heard = heard.lock().unwrap();
        let lines: Vec<&str> = heard.iter().map(|(line, _)| line.as_str()).collect();
        assert_eq!(lines, [vec!["GET /form"; 5], vec!["POST /code"; 5]].concat());
        // By the pace, the last would come 800 ms after the first.
        let spread = heard[9].1.duration_since(heard[5].1);
        assert!(spread.as_millis() < 500, "{spread:?}");
    }
}
