//! `list` and `show`: what there is and what one thing is about.

use std::collections::{BTreeMap, BTreeSet};

use harness::{
    program,
    requirement::{Proof, Requirement, Scenario},
};
use portal::defect::{self, DEFECTS, Defect};
use profile::words;
use reports::record::Outcome;
use serde_json::{Value, json};

use crate::{
    cli::{ListArgs, ShowArgs},
    say,
    stop::Stop,
    suite,
};

/// Lists.
pub(crate) fn list(args: &ListArgs) -> anyhow::Result<Outcome> {
    let rows = if args.requirements {
        requirements()
    } else if args.cases {
        cases()
    } else if args.defects {
        DEFECTS.iter().map(about_defect).collect()
    } else {
        scenarios()?
    };
    if args.json {
        say::machine(&format!("{:#}\n", Value::Array(rows)));
        return Ok(Outcome::Conforms);
    }
    for row in &rows {
        let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
        let about = [text("title"), text("says")]
            .into_iter()
            .find(|words| !words.is_empty())
            .unwrap_or_default();
        say::lines(&format!("{:<58} {about}\n", text("id")));
    }
    say::lines(&format!("{} in all{}\n", rows.len(), left_out(args)));
    Ok(Outcome::Conforms)
}

/// How many cells of matrices the scenarios leave out; `show` says why.
fn left_out(args: &ListArgs) -> String {
    if args.requirements || args.cases || args.defects {
        return String::new();
    }
    let untried = suite::requirements().into_iter().map(|one| one.untried().len()).sum::<usize>();
    format!(", and {untried} cells of matrices are not tried: `show REQUIREMENT` tells why")
}

fn scenarios() -> anyhow::Result<Vec<Value>> {
    let sole = sole_catchers()?;
    let rows = all().into_iter().map(|scenario| {
        let mut row = about_scenario(&scenario);
        row["sole_catcher_of"] = json!(sole.get(&scenario.id).cloned().unwrap_or_default());
        row
    });
    Ok(rows.collect())
}

/// The defects that one scenario alone finds, of those of its own requirement, by scenario.
fn sole_catchers() -> anyhow::Result<BTreeMap<String, Vec<String>>> {
    let mut sole: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in &suite::table()?.defects {
        if let [only] = row.caught_by.as_slice()
            && row.collateral.is_empty()
        {
            sole.entry(only.clone()).or_default().push(row.id.clone());
        }
    }
    Ok(sole)
}

fn all() -> Vec<Scenario> {
    suite::requirements().into_iter().flat_map(Requirement::scenarios).collect()
}

fn about_scenario(scenario: &Scenario) -> Value {
    let requirement = scenario.requirement;
    json!({
        "id": scenario.id,
        "title": scenario.case.title(),
        "kind": scenario.case.kind(),
        "family": requirement.family.word(),
        "requirement": requirement.id,
        "level": scenario.level(),
        "covers": scenario.case.covers(),
    })
}

fn requirements() -> Vec<Value> {
    let rows = suite::requirements().into_iter().map(|requirement| {
        let scenarios: Vec<String> =
            requirement.scenarios().into_iter().map(|scenario| scenario.id).collect();
        let defects: Vec<&str> = DEFECTS
            .iter()
            .filter(|defect| defect.breaks == requirement.id)
            .map(|defect| defect.id)
            .collect();
        json!({
            "id": requirement.id,
            "says": requirement.says,
            "level": requirement.level,
            "impact": requirement.impact,
            "catalogue": requirement.catalogue,
            "proof": proof(&requirement.proof),
            "scenarios": scenarios,
            "not_tried": not_tried(requirement),
            "defects": defects,
            "where": "wire",
        })
    });
    rows.collect()
}

/// The cells of its matrix that no scenario tries, and why.
fn not_tried(requirement: &'static Requirement) -> Vec<Value> {
    let untried = requirement.untried().into_iter();
    untried
        .map(|cell| json!({ "id": format!("{}/{}", requirement.id, cell.case), "why": cell.why }))
        .collect()
}

/// The kinds of a proof, or why there is none.
fn proof(proof: &Proof) -> Value {
    match proof {
        Proof::Tamperings(..) => json!(["tampering"]),
        Proof::Variations(..) => json!(["variation"]),
        Proof::Observations(_) => json!(["observation"]),
        Proof::Stories(_) | Proof::Cells(_) => json!(["story"]),
        Proof::Several(proofs) => {
            let kinds: BTreeSet<String> = proofs
                .iter()
                .map(self::proof)
                .flat_map(|kinds| {
                    let names = kinds.as_array().cloned().unwrap_or_default();
                    names
                        .into_iter()
                        .filter_map(|name| name.as_str().map(str::to_owned))
                        .collect::<Vec<_>>()
                })
                .collect();
            json!(kinds)
        }
        Proof::NotObservable(why) => json!({ "not_observable": why }),
    }
}

fn cases() -> Vec<Value> {
    let mut covered: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for scenario in all() {
        for id in scenario.case.covers() {
            covered.entry(id).or_default().push(scenario.id.clone());
        }
    }
    covered.into_iter().map(|(id, scenarios)| json!({ "id": id, "title": scenarios.join(", "), "scenarios": scenarios })).collect()
}

fn about_defect(defect: &Defect) -> Value {
    json!({ "id": defect.id, "requirement": defect.breaks, "says": defect.says })
}

/// Shows one thing.
pub(crate) fn show(args: &ShowArgs) -> anyhow::Result<Outcome> {
    let all = all();
    let scenario = all.iter().find(|scenario| scenario.id == args.id);
    let requirement =
        suite::requirements().into_iter().find(|requirement| requirement.id == args.id);
    let (machine, text) = match (scenario, requirement, defect::find(&args.id)) {
        (Some(scenario), _, _) => {
            (about_scenario(scenario), told(scenario.requirement, Some(scenario)))
        }
        (None, Some(requirement), _) => {
            let row = requirements().into_iter().find(|row| row["id"] == requirement.id);
            (row.unwrap_or_default(), told(requirement, None))
        }
        (None, None, Some(defect)) => (about_defect(defect), told_of_defect(defect)),
        (None, None, None) => {
            let nearest = words::nearest(&args.id, all.iter().map(|scenario| &*scenario.id));
            return Err(Stop::bad_command(format!(
                "nothing is called `{}`; the nearest is `{}`",
                args.id,
                nearest.unwrap_or_default()
            )));
        }
    };
    if args.json {
        say::machine(&format!("{machine:#}\n"));
    } else {
        say::lines(&text);
    }
    Ok(Outcome::Conforms)
}

fn told(requirement: &'static Requirement, scenario: Option<&Scenario>) -> String {
    let mut text = String::new();
    if let Some(scenario) = scenario {
        text.push_str(&format!("{}   {}\n", scenario.id, scenario.case.title()));
        text.push_str(&format!("  kind        {}\n", scenario.case.kind()));
    } else {
        text.push_str(&format!("{}\n", requirement.id));
    }
    let level = scenario.map_or(requirement.level, Scenario::level);
    let impact = scenario.map_or(requirement.impact, Scenario::impact);
    text.push_str(&format!("  {:<10}  {}\n", level.word(), requirement.says));
    text.push_str(&format!("  impact      {impact}\n"));
    text.push_str(&format!(
        "  source      {}  {}\n",
        requirement.source.short,
        requirement.source.link.unwrap_or_default()
    ));
    if !requirement.catalogue.is_empty() {
        text.push_str(&format!("  catalogue   {}\n", requirement.catalogue.join(", ")));
    }
    for sister in requirement.scenarios() {
        text.push_str(&format!("  scenario    {}   {}\n", sister.id, sister.case.title()));
    }
    for cell in requirement.untried() {
        text.push_str(&format!("  not tried   {}/{}   {}\n", requirement.id, cell.case, cell.why));
    }
    for defect in DEFECTS.iter().filter(|defect| defect.breaks == requirement.id) {
        text.push_str(&format!("  defect      {}   {}\n", defect.id, defect.says));
    }
    let id = scenario.map_or(requirement.id, |scenario| scenario.id.as_str());
    text.push_str(&format!("  run it      {} scenarios {id}\n", program::name()));
    text
}

fn told_of_defect(defect: &Defect) -> String {
    let (me, Defect { id, says, breaks, .. }) = (program::name(), defect);
    format!(
        "{id}   {says}\n  breaks      {breaks}\n  try it      {me} defects {id}\n  see it      {me} scenarios {breaks} --defect {id}\n  serve it    {me} serve --defect {id} --json\n"
    )
}
