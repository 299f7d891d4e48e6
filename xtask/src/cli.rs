//! The command line: every option once, with its help and an example a command.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{
    Args, Parser, Subcommand, ValueEnum,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};
use driver::deployment::Engine;
use profile::effect::{self, Effect};
use reports::{
    brief::Keep,
    render::{FORMATS, Format},
};
use url::Url;

/// Proves whether a login portal treats security keys as it must.
#[derive(Parser)]
#[command(
    name = "touchstone",
    version,
    arg_required_else_help = true,
    after_help = "Example:\n  cargo xtask scenarios"
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run scenarios: without arguments the whole suite on the reference portal, offline.
    #[command(
        after_help = "Example:\n  cargo xtask scenarios 'registration/origin/*' --profile profiles/allauth.toml"
    )]
    Scenarios(RunArgs),
    /// Say what a run would do and what it would leave out, without sending anything.
    #[command(
        after_help = "Example:\n  cargo xtask plan --profile profiles/allauth.toml --max-wait 2m"
    )]
    Plan(PlanArgs),
    /// List scenarios, requirements, catalogue entries or defects.
    #[command(after_help = "Example:\n  cargo xtask list --requirements --json")]
    List(ListArgs),
    /// Show what one scenario, requirement or defect is about.
    #[command(after_help = "Example:\n  cargo xtask show registration/origin/foreign")]
    Show(ShowArgs),
    /// Work on profiles.
    #[command(
        subcommand,
        after_help = "Example:\n  cargo xtask profile check profiles/allauth.toml"
    )]
    Profile(ProfileCommand),
    /// Draft a profile of a portal from its public pages, and from a recording of a browser.
    ///
    /// Sends a few GETs to the URL's origin and to nothing else. What could not be told is marked
    /// UNKNOWN in the draft.
    #[command(
        after_help = "Example:\n  cargo xtask init https://login.acme.example --har recorded.har --out acme.toml"
    )]
    Init(InitArgs),
    /// Look whether a deployment and its profile are ready for a run, and say what to do where not.
    #[command(after_help = "Example:\n  cargo xtask doctor --profile profiles/allauth.toml")]
    Doctor(DoctorArgs),
    /// Start and stop the shipped real portals.
    #[command(subcommand, after_help = "Example:\n  cargo xtask deployment up allauth")]
    Deployment(DeploymentCommand),
    /// Run the suite against the reference portal with one check forgotten.
    #[command(after_help = "Example:\n  cargo xtask defects login/origin-prefix")]
    Defects(DefectsArgs),
    /// Serve the reference portal for a person or for curl, until Ctrl-C.
    ///
    /// For a person it has a user in each state, and a page of its own, the desk, with what the users would hold:
    /// mails, prompts and one-time codes. For a program (--json) it has no users, and its clock stands still.
    #[command(
        after_help = "Examples:\n  cargo xtask serve\n  cargo xtask serve --defect login/origin-prefix\n  cargo xtask serve --port 8100 --json"
    )]
    Serve(ServeArgs),
    /// Render the record of a run again; an unfinished one from its journal.
    #[command(
        after_help = "Example:\n  cargo xtask report target/touchstone/latest --format html > report.html"
    )]
    Report(ReportArgs),
    /// Judge a record again, from the record alone.
    #[command(after_help = "Example:\n  cargo xtask judge target/touchstone/latest")]
    Judge(JudgeArgs),
    /// Remove what runs that were killed left on a deployment.
    #[command(after_help = "Example:\n  cargo xtask clean --profile profiles/allauth.toml")]
    Clean(CleanArgs),
    /// Run the project's own tests, fetching what they need through the ordinary package clients.
    ///
    /// Each real portal is tried with every scenario that its expected.json lists and with a sample of
    /// the others. The sample is drawn anew each time; the last lines say its seed, what was sampled
    /// and what was left out.
    #[command(after_help = "Example:\n  cargo xtask test --only allauth --sample-seed 5f3a09c1")]
    Test(TestArgs),
    /// Measure the verifier of the reference portal, beside its signature alone and beside other verifiers.
    ///
    /// Builds the benchmark with optimisation, apart from everything else. What cannot be built on this machine is
    /// named and left out. The rows take turns, so that their ratios hold on a machine that does other things.
    #[command(
        after_help = "Example:\n  cargo xtask bench assertion/ --against target/benchmark/before.json"
    )]
    Bench(BenchArgs),
    /// Fuzz the readers of what others write: profiles, records, mails, pages, ceremonies.
    ///
    /// Needs cargo-fuzz and a C++ compiler, and says how to install them. The corpora are replayed by
    /// `cargo xtask test` without either.
    #[command(after_help = "Example:\n  cargo xtask fuzz journal --for 10m")]
    Fuzz(FuzzArgs),
}

#[derive(Subcommand)]
pub(crate) enum ProfileCommand {
    /// Check a profile; nothing is sent.
    #[command(after_help = "Example:\n  cargo xtask profile check profiles/allauth.toml")]
    Check(ProfileArgs),
    /// Show what a profile comes to; nothing is sent.
    #[command(after_help = "Example:\n  cargo xtask profile show --resolved profiles/allauth.toml")]
    Show(ShowProfileArgs),
}

#[derive(Subcommand)]
pub(crate) enum DeploymentCommand {
    /// Start a portal in the background, installed first where it is not, and wait until it answers.
    #[command(after_help = "Example:\n  cargo xtask deployment up allauth --port 9101")]
    Up(UpArgs),
    /// Stop a portal that `up` started; one that is not up is no error.
    #[command(after_help = "Example:\n  cargo xtask deployment down allauth")]
    Down(DownArgs),
    /// List the portals, and which of them are up.
    #[command(after_help = "Example:\n  cargo xtask deployment list --json")]
    List(DeploymentListArgs),
}

#[derive(Args)]
pub(crate) struct UpArgs {
    /// Folder of deployments/, or the path of another folder with a deployment.toml and a start.sh.
    #[arg(value_name = "NAME")]
    pub(crate) deployment: String,
    /// Port on 127.0.0.1; without it the one that its profile names.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: Option<u16>,
    /// Port on 127.0.0.1 that it mails to; without it the one that its profile names.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) smtp_port: Option<u16>,
}

#[derive(Args)]
pub(crate) struct DownArgs {
    /// What `up` was told to start.
    #[arg(value_name = "NAME")]
    pub(crate) deployment: String,
}

#[derive(Args)]
pub(crate) struct DeploymentListArgs {
    /// Print the machine form alone on standard output.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What to run, and on what.
#[derive(Args, Clone, Default)]
pub(crate) struct Selection {
    /// A scenario's id, a glob over ids, a requirement's id, or a family.
    pub(crate) filters: Vec<String>,
    /// Profile of a live deployment; without it the reference portal.
    #[arg(long, value_name = "FILE")]
    pub(crate) profile: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) secrets: SecretArgs,
    /// Longest single wait for real time to pass, as in 90s or 2m.
    #[arg(long, value_name = "DUR", value_parser = humantime::parse_duration, default_value = "0s")]
    pub(crate) max_wait: Duration,
    /// Run the commands that the profile names: those of its flows, one that prints mails, an adapter.
    #[arg(long)]
    pub(crate) allow_commands: bool,
    /// Leave out whatever waits for real time, whatever --max-wait says.
    #[arg(long)]
    pub(crate) quick: bool,
    /// Effects that are allowed, comma-separated; without it those of the profile's [scope].
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = effect)]
    pub(crate) effects: Vec<Effect>,
    /// Scenarios side by side; no more than `concurrent` in [scope.limits] of the profile.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) concurrency: Option<u16>,
    /// Print the machine form alone on standard output.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What of the environment a profile may read. Whoever runs it need not have written it.
#[derive(Args, Clone, Default)]
pub(crate) struct SecretArgs {
    /// Variables of the environment, and files of secrets, that the profile may read, comma-separated;
    /// without it all that it names.
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) only_secrets: Option<Vec<String>>,
}

/// An effect by its word.
fn effect(word: &str) -> Result<Effect, String> {
    let known = || effect::words(&Effect::all()).join(", ");
    Effect::of(word).ok_or_else(|| format!("the effects are: {}", known()))
}

impl Selection {
    /// Scenarios side by side that are wished for: fewer where a portal is not our own.
    pub(crate) fn side_by_side(&self) -> u32 {
        self.concurrency.map_or(if self.profile.is_some() { 4 } else { 8 }, u32::from)
    }

    /// The longest wait that the options allow.
    pub(crate) fn patience(&self) -> Duration {
        if self.quick { Duration::ZERO } else { self.max_wait }
    }
}

/// A browser by its word.
fn engine(word: &str) -> Result<Engine, String> {
    Engine::ALL.into_iter().find(|engine| engine.word() == word).ok_or_else(|| {
        let words: Vec<&str> = Engine::ALL.iter().map(|engine| engine.word()).collect();
        format!("one of: {}", words.join(", "))
    })
}

#[derive(Args, Default)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// Run on the reference portal with this one mistake, to see what a finding looks like.
    #[arg(long, value_name = "ID", conflicts_with = "profile")]
    pub(crate) defect: Option<String>,
    /// Seed of the run; the same seed makes the same tamperings.
    #[arg(long, value_name = "HEX")]
    pub(crate) seed: Option<String>,
    /// Directory of the run, new or empty; without it one named by time and seed.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// How much is kept of scenarios that pass.
    #[arg(long, value_name = "WHAT", default_value = "deciding")]
    pub(crate) keep: Kept,
    /// Count warnings as findings.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Drive the portal's pages in a browser, as [page] of the profile says.
    #[arg(long, value_name = "NAME", value_parser = engine)]
    pub(crate) browser: Option<Engine>,
    /// A WebDriver server that runs already, such as a Selenium Grid; one is started without it.
    #[arg(long, value_name = "URL", requires = "browser")]
    pub(crate) webdriver: Option<Url>,
    /// Show the window of the browser.
    #[arg(long, requires = "browser")]
    pub(crate) headed: bool,
    /// The host of a production portal, as a yes to running on it; --effects says what may be done.
    #[arg(long, value_name = "HOST")]
    pub(crate) yes_production: Option<String>,
    /// Who answers for testing a portal beyond this machine that does not say itself that it may be.
    #[arg(long, value_name = "NAME", value_parser = driver::consent::somebody)]
    pub(crate) authorised_by: Option<String>,
}

#[derive(Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// Learn what each scenario asks of a portal from the record of a whole run on the reference
    /// portal, and write it to scenarios/costs.json.
    #[arg(long, value_name = "DIR")]
    pub(crate) learn: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct ListArgs {
    /// Requirements, with their proofs and defects.
    #[arg(long, conflicts_with_all = ["cases", "defects"])]
    pub(crate) requirements: bool,
    /// Catalogue entries, with the scenarios that cover them.
    #[arg(long, conflicts_with = "defects")]
    pub(crate) cases: bool,
    /// Defects of the reference portal.
    #[arg(long)]
    pub(crate) defects: bool,
    /// Print the machine form alone on standard output.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct ShowArgs {
    /// Id of a scenario, requirement or defect.
    pub(crate) id: String,
    /// Print the machine form alone on standard output.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct ProfileArgs {
    /// The profile.
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) secrets: SecretArgs,
    /// Print the machine form alone on standard output.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct ShowProfileArgs {
    #[command(flatten)]
    pub(crate) profile: ProfileArgs,
    /// The whole text, with what the profile stands on, each part with where it is from.
    #[arg(long)]
    pub(crate) resolved: bool,
}

#[derive(Args)]
pub(crate) struct InitArgs {
    /// The portal, best the page where one signs in.
    pub(crate) url: String,
    /// What a browser recorded there: sign-in, keys and codes set up and used. No value of it gets
    /// into the draft.
    #[arg(long, value_name = "FILE")]
    pub(crate) har: Option<PathBuf>,
    /// What reports are to call the portal; the title of its page without it.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Where the draft goes, a new file; printed without it.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Address that the URL's name is connected to.
    #[arg(long, value_name = "ADDR")]
    pub(crate) connect: Option<SocketAddr>,
    /// Certificates to trust instead of the system's, PEM.
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,
    /// The name may resolve to a private address.
    #[arg(long)]
    pub(crate) private_network: bool,
}

#[derive(Args)]
pub(crate) struct DoctorArgs {
    /// Profile of the deployment.
    #[arg(long, value_name = "FILE")]
    pub(crate) profile: PathBuf,
    #[command(flatten)]
    pub(crate) secrets: SecretArgs,
    /// Who answers for requests to a portal that is not on this machine and does not consent itself.
    #[arg(long, value_name = "NAME", value_parser = driver::consent::somebody)]
    pub(crate) authorised_by: Option<String>,
    /// Run the commands that the profile names: those of its flows, one that prints mails, an adapter.
    #[arg(long)]
    pub(crate) allow_commands: bool,
    /// Print the machine form alone on standard output.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct DefectsArgs {
    /// Ids of defects; without them all.
    pub(crate) ids: Vec<String>,
    /// Try every defect against every scenario, for the table of collaterals.
    #[arg(long)]
    pub(crate) matrix: bool,
    /// Print the machine form alone on standard output.
    #[arg(long)]
    pub(crate) json: bool,
    /// Write the table to this file; the one that ships is scenarios/defects.json.
    #[arg(long, value_name = "FILE", requires = "matrix")]
    pub(crate) write: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct ServeArgs {
    /// Port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 8100)]
    pub(crate) port: u16,
    /// The one check to forget.
    #[arg(long, value_name = "ID")]
    pub(crate) defect: Option<String>,
    /// Print the machine form alone on standard output.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Default, ValueEnum)]
pub(crate) enum Kept {
    /// What decided them; length and digest of the rest.
    #[default]
    Deciding,
    /// Every exchange.
    All,
}

impl From<Kept> for Keep {
    fn from(kept: Kept) -> Self {
        match kept {
            Kept::Deciding => Self::Deciding,
            Kept::All => Self::All,
        }
    }
}

/// The formats of reports, each by its word.
fn format() -> impl TypedValueParser<Value = &'static Format> {
    let known = |format: &Format| PossibleValue::new(format.word).help(format.says);
    let words = PossibleValuesParser::new(FORMATS.iter().map(known));
    words.try_map(|word| Format::named(&word).ok_or("no such format"))
}

#[derive(Args)]
pub(crate) struct ReportArgs {
    /// Directory of a run.
    pub(crate) dir: PathBuf,
    /// What to render; without it the text of the terminal.
    #[arg(long, value_parser = format(), default_value = "text")]
    pub(crate) format: &'static Format,
}

#[derive(Args)]
pub(crate) struct JudgeArgs {
    /// Directory of a run.
    pub(crate) dir: PathBuf,
    /// Print the machine form alone on standard output.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct CleanArgs {
    /// Directories of runs; without any all that were made without --out.
    pub(crate) dirs: Vec<PathBuf>,
    /// Profile of the deployment that the runs were made on.
    #[arg(long, value_name = "FILE")]
    pub(crate) profile: PathBuf,
    #[command(flatten)]
    pub(crate) secrets: SecretArgs,
    /// Run the commands that the profile names: those of its flows, or an adapter.
    #[arg(long)]
    pub(crate) allow_commands: bool,
    /// The host of a production portal, as a yes to removing there what runs made.
    #[arg(long, value_name = "HOST")]
    pub(crate) yes_production: Option<String>,
    /// Who answers for requests to a portal that is not on this machine and does not consent itself.
    #[arg(long, value_name = "NAME", value_parser = driver::consent::somebody)]
    pub(crate) authorised_by: Option<String>,
    /// Print the machine form alone on standard output.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct BenchArgs {
    /// Parts of the names of rows, as in assertion/ES256; without any all rows.
    #[arg(value_name = "ROW")]
    pub(crate) rows: Vec<String>,
    /// How often each row is measured.
    #[arg(long, value_name = "N", value_parser = rounds, default_value = "200")]
    pub(crate) rounds: usize,
    /// Say what became slower since an earlier run: its bench.json.
    #[arg(long, value_name = "FILE")]
    pub(crate) against: Option<PathBuf>,
    /// Sign in at the reference portal over HTTP instead.
    #[arg(long, conflicts_with_all = ["rows", "rounds", "against"])]
    pub(crate) ceremonies: bool,
    /// How long browsers sign in, as in 5s.
    #[arg(long = "for", value_name = "DURATION", value_parser = humantime::parse_duration, default_value = "5s", requires = "ceremonies")]
    pub(crate) time: Duration,
    /// Browsers side by side.
    #[arg(long, value_name = "N", default_value_t = 4, requires = "ceremonies")]
    pub(crate) browsers: usize,
    /// Honest ceremonies on this profile's deployment instead, within its limits; ROW names scenarios.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["ceremonies", "rounds", "against", "json"])]
    pub(crate) profile: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) secrets: SecretArgs,
    /// Run the commands that the profile names.
    #[arg(long, requires = "profile")]
    pub(crate) allow_commands: bool,
    /// Who answers for requests to a portal that is not on this machine and does not consent itself.
    #[arg(long, value_name = "NAME", value_parser = driver::consent::somebody, requires = "profile")]
    pub(crate) authorised_by: Option<String>,
    /// Folder for what is written.
    #[arg(long, value_name = "DIR", default_value = "target/benchmark")]
    pub(crate) out: PathBuf,
    /// Print the machine form alone on standard output.
    #[arg(long)]
    pub(crate) json: bool,
}

/// A number of rounds: few say nothing.
fn rounds(text: &str) -> Result<usize, String> {
    let count = text.parse().ok().filter(|count| (10..=100_000).contains(count));
    count.ok_or_else(|| "from 10 to 100000".to_owned())
}

#[derive(Args)]
pub(crate) struct FuzzArgs {
    /// Targets; without any each in turn.
    #[arg(value_name = "TARGET")]
    pub(crate) targets: Vec<String>,
    /// How long each is fuzzed, as in 30s or 10m.
    #[arg(long = "for", value_name = "DURATION", value_parser = humantime::parse_duration, default_value = "10m")]
    pub(crate) time: Duration,
}

#[derive(Args, Default)]
pub(crate) struct TestArgs {
    /// Offline, without real portals, under five minutes.
    #[arg(long)]
    pub(crate) quick: bool,
    /// Only the stages of which this is the name or its beginning, as in allauth; may be given again.
    #[arg(long, value_name = "STAGE", conflicts_with = "quick")]
    pub(crate) only: Vec<String>,
    /// Every scenario on every real portal, instead of a sample of those that are not listed.
    #[arg(long, conflicts_with = "quick")]
    pub(crate) all: bool,
    /// Draw the sample of an earlier run again, by the seed that its last lines tell.
    #[arg(long, value_name = "HEX", conflicts_with_all = ["quick", "all"])]
    pub(crate) sample_seed: Option<String>,
}
