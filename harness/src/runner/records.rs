//! What stands in the record: of the run before it begins, and of each scenario.

use std::{sync::PoisonError, time::Duration};

use profile::effect;
use reports::{
    bounds::Keeper,
    brief::{self, Keep},
    evidence,
    journal::Header,
    record::{
        Control, Guards, NotJudged, Profile, Requirement as Said, SCHEMA_VERSION,
        Scenario as Record, States, Step, Target, Verdict,
    },
};

use super::{Context, Settings, ceremonies::Evidence};
use crate::{
    plan::{Entry, Plan},
    program,
    requirement::Scenario,
};

/// What a scenario came to, before it is judged.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) evidence: Evidence,
    pub(super) told: Option<reports::record::Told>,
    pub(super) not_judged: Option<NotJudged>,
    pub(super) steps: Vec<Step>,
    /// What of the steps was not kept.
    pub(super) keeper: Keeper,
    pub(super) duration: Duration,
}

impl Context {
    /// What is known of the run before the first scenario.
    pub(super) fn header(&self, plan: &Plan) -> Header {
        let about = self.target.description();
        Header {
            schema_version: SCHEMA_VERSION.to_owned(),
            seed: self.settings.seed.hex(),
            suite: self.settings.suite.clone(),
            profile: Profile {
                name: about.name.clone(),
                digest: about.digest.clone(),
                file: self.settings.profile_file.clone(),
            },
            target: Target {
                base: about.base.clone(),
                origin: about.origin.clone(),
                rp_id: about.rp_id.clone(),
                environment: about.environment.to_string(),
            },
            started: self.settings.started.clone(),
            filters: plan.filters.clone(),
            strict: self.settings.strict,
            guards: self.guards(),
        }
    }

    /// Every scenario of the plan as it stands while it has not been run.
    pub(super) fn planned(&self, plan: &Plan) -> Vec<Record> {
        plan.entries.iter().map(|entry| self.as_planned(entry)).collect()
    }

    pub(super) fn as_planned(&self, entry: &Entry) -> Record {
        let skipped = entry.skip.clone().map(|(rule, reason)| NotJudged::Skipped { rule, reason });
        let not_judged = Some(skipped.unwrap_or(NotJudged::Unfinished));
        self.record(&entry.scenario, Parts { not_judged, ..Parts::default() })
    }

    fn guards(&self) -> Guards {
        let about = self.target.description();
        Guards {
            allow: about.allow.clone(),
            connect: about.connect.shown(),
            effects: effect::words(&about.effects),
            consent: self.settings.consent.clone(),
            body_limit: about.limits.body_limit,
            exchange_timeout_ms: u64::try_from(about.limits.exchange_timeout.as_millis())
                .unwrap_or(u64::MAX),
            max_wait_ms: u64::try_from(self.settings.max_wait.as_millis()).unwrap_or(u64::MAX),
            concurrency: u32::try_from(self.settings.concurrency).unwrap_or(u32::MAX),
            requests_per_second: about.limits.requests_per_second,
            pauses_ms: u64::try_from(about.limits.pauses.as_millis()).unwrap_or(u64::MAX),
            tls: about.tls.map(str::to_owned),
            loosened: about.loosened.iter().map(|loosened| loosened.says.clone()).collect(),
        }
    }

    /// The judged record of a scenario.
    pub(super) fn record(&self, scenario: &Scenario, mut parts: Parts) -> Record {
        let mut record = Record {
            duration_ms: u64::try_from(parts.duration.as_millis()).unwrap_or(u64::MAX),
            control: parts.evidence.control,
            state: parts.evidence.state,
            answer: parts.evidence.answer,
            told: parts.told,
            not_judged: parts.not_judged,
            steps: parts.steps,
            left_out: None,
            cut: None,
            again: self.again(&scenario.id),
            ..described(scenario)
        };
        parts.keeper.trim(&mut record);
        match self.settings.keep {
            Keep::Deciding => brief::shorten(&mut record),
            Keep::All => {}
        }
        self.room.lock().unwrap_or_else(PoisonError::into_inner).admit(&mut record);
        evidence::seal(&mut record);
        record
    }

    fn again(&self, id: &str) -> String {
        let Settings { options, seed, .. } = &self.settings;
        format!("{} scenarios {id}{options} --seed {}", program::name(), seed.hex())
    }
}

/// A scenario as the suite describes it, before anything is known of it. Not sealed.
#[must_use]
pub fn described(scenario: &Scenario) -> Record {
    let requirement = scenario.requirement;
    Record {
        id: scenario.id.clone(),
        title: scenario.case.title().to_owned(),
        kind: scenario.case.kind(),
        family: requirement.family.word().to_owned(),
        requirement: Said {
            id: requirement.id.to_owned(),
            says: requirement.says.to_owned(),
            source: requirement.source.short.to_owned(),
            link: requirement.source.link.map(str::to_owned),
        },
        level: scenario.level(),
        impact: scenario.impact(),
        covers: scenario.case.covers().iter().map(|&id| id.to_owned()).collect(),
        verdict: Verdict::Inconclusive,
        grade: None,
        symptom: None,
        fault: None,
        because: String::new(),
        duration_ms: 0,
        control: Control::default(),
        state: States::default(),
        answer: None,
        told: None,
        not_judged: None,
        steps: Vec::new(),
        left_out: None,
        cut: None,
        again: String::new(),
        evidence_digest: String::new(),
    }
}
