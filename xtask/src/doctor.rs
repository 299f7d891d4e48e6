//! `doctor`: whether a deployment and its profile are ready for a run, and what to do where they are
//! not.

use std::{collections::BTreeMap, path::Path};

use driver::{
    consent,
    deployment::{Access, Target},
};
use harness::{
    accounts, cleanup,
    doctor::{self, Finding, Health, Trouble},
    program,
};
use ledger::{self, Ledger};
use profile::Description;
use reports::{record::Outcome, redact::Redactor, render::plain};
use softkey::Seed;

use crate::{
    cli::DoctorArgs,
    folder::{self, Folder},
    interrupt::{self, Answers},
    pace::Pace,
    profiles, safety, say,
    scenarios::ours,
    stop::Stop,
};

/// Examines, and says each finding as it comes.
pub(crate) fn run(args: &DoctorArgs) -> anyhow::Result<Outcome> {
    let mut profile = profiles::read(&args.profile, &args.secrets)?;
    safety::no_production(&profile.description)?;
    profile.commands_allowed = args.allow_commands;
    let seed = Seed::new(driver::fresh().map_err(ours)?);
    let redactor = Redactor::new(driver::fresh().map_err(ours)?);
    let begin = async {
        let mut access = Access::open(profile, None).await.map_err(ours)?;
        access.set_run_tag(accounts::run_tag(&seed));
        consent::obtain(&mut access, args.authorised_by.as_deref()).await.map_err(ours)?;
        Target::begin(access).await.map_err(ours)
    };
    let well = interrupt::block_on(async {
        let _answers = Answers::requests(1);
        let target = interrupt::unless_asked(begin, "nothing was made on the portal").await?;
        let mut all = Vec::new();
        let mut tell = |finding: Finding| {
            if args.json {
                all.push(machine(&finding));
            } else {
                say::lines(&line(&finding));
            }
        };
        let book = Book::begin(target.description(), &seed, &redactor)?;
        let ledger = &book.ledger;
        let work = doctor::examine(&target, &seed, &redactor, ledger, &mut tell);
        let ended = tokio::select! {
            biased;
            () = interrupt::asked(1) => None,
            well = work => Some(well),
        };
        let Some(well) = ended else {
            // Unless that is interrupted as well.
            let _answers = Answers::requests(2);
            say::tell(
                "interrupted: what was made is being removed; a second time ends that at once",
            );
            tokio::select! {
                biased;
                () = interrupt::asked(2) => {}
                _ = cleanup::clean_up(&target, ledger, &redactor, 1) => {}
            }
            return Err(book.interrupted(&args.profile));
        };
        book.ends();
        keep_pace(&target);
        if args.json {
            let said = serde_json::json!({ "ready": well, "findings": all });
            say::machine(&format!("{said:#}\n"));
        }
        Ok::<_, anyhow::Error>(well)
    })?;
    if !args.json {
        let file = args.profile.display();
        say::lines(&if well {
            format!("ready: {} scenarios --profile {file}\n", program::name())
        } else {
            "not ready: mend what is marked, and ask again\n".to_owned()
        });
    }
    Ok(if well { Outcome::Conforms } else { Outcome::TargetNotReady })
}

/// Keeps how fast the portal answered, for `plan`. Where that fails, `plan` assumes as before.
fn keep_pace(target: &Target) {
    let pace = Pace::of(&target.description().base, target.traffic());
    if let Some(Err(error)) = pace.map(|pace| pace.keep(Path::new(folder::runs()))) {
        say::tell(&format!("touchstone: how fast the portal answers was not kept: {error}"));
    }
}

/// What the doctor makes on the portal, written down like that of a run, so that `clean` finds it.
struct Book {
    folder: Folder,
    ledger: Ledger,
}

impl Book {
    fn begin(about: &Description, seed: &Seed, redactor: &Redactor) -> anyhow::Result<Self> {
        let started = folder::now();
        let name = format!("doctor-{}", folder::name(&started, seed));
        let folder = Folder::make(Some(&Path::new(folder::runs()).join(name)), "")?;
        let header = ledger::Header {
            portal: about.name.clone(),
            base: about.base.clone(),
            started,
            run_tag: accounts::run_tag(seed),
        };
        let ledger = folder.ledger(about, &header, redactor)?;
        Ok(Self { folder, ledger })
    }

    /// Kept where something is left.
    fn ends(self) {
        if self.ledger.left().is_empty() {
            self.folder.unmake();
        }
    }

    fn interrupted(self, profile: &Path) -> anyhow::Error {
        let left = self.ledger.left().len();
        self.ends();
        let profile = profile.display();
        let to_do = match left {
            0 => "nothing was left on the portal".to_owned(),
            left => {
                format!("{left} accounts stay: {} clean --profile {profile}", program::name())
            }
        };
        Stop::with(Outcome::Interrupted, format!("interrupted; {to_do}"))
    }
}

fn line(finding: &Finding) -> String {
    let (mark, text, trouble) = parts(&finding.health);
    let mut line = format!("  {mark:8} {:15} {}\n", finding.what, plain(text));
    if let Some(trouble) = trouble {
        line.push_str(&format!("{:26}{}: {}\n", "", whose(trouble), plain(&trouble.to_do)));
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
