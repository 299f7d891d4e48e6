//! `doctor`: whether a deployment and its profile are ready for a run, and what to do where they are
//! not.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Context;
use harness::{
    consent,
    deployment::http::HttpDeployment,
    doctor::{self, Finding, Health, Trouble},
};
use reports::{record::Outcome, redact::Redactor};
use softkey::Seed;

use crate::{
    cli::DoctorArgs,
    profiles, safety,
    scenarios::{ours, print},
};

/// Examines, and says each finding as it comes.
pub(crate) fn run(args: &DoctorArgs) -> anyhow::Result<Outcome> {
    let mut profile = profiles::read(&args.profile)?;
    safety::no_production(&profile.description)?;
    profile.commands_allowed = args.allow_commands;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("kit: no runtime")?;
    let seed = Seed::new(harness::secret::fresh().map_err(ours)?);
    let redactor = Redactor::new(harness::secret::fresh().map_err(ours)?);
    let well = runtime.block_on(async {
        let mut deployment = HttpDeployment::new(profile, None).await.map_err(ours)?;
        let consent = consent::obtain(&deployment, args.authorised_by.as_deref());
        if let Some(effects) = consent.await.map_err(ours)?.effects() {
            deployment.limit_effects(effects);
        }
        let deployment = Arc::new(deployment);
        let mut all = Vec::new();
        let mut tell = |finding: Finding| {
            if args.json {
                all.push(machine(&finding));
            } else {
                print(&line(&finding));
            }
        };
        let well = doctor::examine(deployment, &seed, &redactor, &mut tell).await;
        if args.json {
            print(&format!("{:#}\n", serde_json::json!({ "ready": well, "findings": all })));
        }
        Ok::<_, anyhow::Error>(well)
    })?;
    if !args.json {
        let file = args.profile.display();
        print(&if well {
            format!("ready: cargo xtask scenarios --profile {file}\n")
        } else {
            "not ready: mend what is marked, and ask again\n".to_owned()
        });
    }
    Ok(if well { Outcome::Conforms } else { Outcome::TargetNotReady })
}

fn line(finding: &Finding) -> String {
    let (mark, text, trouble) = parts(&finding.health);
    let mut line = format!("  {mark:8} {:15} {text}\n", finding.what);
    if let Some(trouble) = trouble {
        line.push_str(&format!("{:26}{}: {}\n", "", whose(trouble), trouble.to_do));
    }
    line
}

fn parts(health: &Health) -> (&'static str, &str, Option<&Trouble>) {
    match health {
        Health::Fine(seen) => ("ok", seen, None),
        Health::Warning(trouble) => ("warning", &trouble.seen, Some(trouble)),
        Health::Problem(trouble) => ("PROBLEM", &trouble.seen, Some(trouble)),
        Health::NotChecked(why) => ("-", why, None),
    }
}

fn whose(trouble: &Trouble) -> String {
    format!("whose: {}; to do", trouble.whose.word())
}

fn machine(finding: &Finding) -> BTreeMap<&'static str, String> {
    let (mark, seen, trouble) = parts(&finding.health);
    let mut machine = BTreeMap::from([
        ("what", finding.what.to_owned()),
        ("health", if mark == "-" { "not-checked" } else { mark }.to_lowercase()),
        ("seen", seen.to_owned()),
    ]);
    if let Some(trouble) = trouble {
        machine.insert("whose", trouble.whose.word().to_owned());
        machine.insert("to_do", trouble.to_do.clone());
    }
    machine
}
