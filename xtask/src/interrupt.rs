//! Being asked to stop: SIGINT (Ctrl-C), SIGTERM, SIGHUP, SIGQUIT and, where the time of the processor is
//! limited and used up, SIGXCPU, heard from the first moment on. A
//! command that has something to put right answers the first request itself, and a second one while it
//! cleans up. Every other request ends the program at once, with all that it started.

use std::{
    future::Future,
    io,
    sync::{
        LazyLock, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::Context;
use reports::{judge, record::Outcome};
use rustix::process::Signal as Number;
use tokio::{
    runtime::{Builder, Runtime},
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};

use crate::{deployment::group, say, stop::Stop};

/// How long work that nobody waits for any more may take to end by itself.
const LAST_WORK: Duration = Duration::from_secs(1);

/// Threads that a command may need besides those that do its work: for files and names of hosts.
const SPARE_THREADS: usize = 8;

/// Where the signal that says that the time of the processor is used up stands among those that are heard.
/// It comes again with every second.
const PROCESSOR_TIME: usize = 0;

/// How often the program was asked to stop.
static ASKED: LazyLock<watch::Sender<u8>> = LazyLock::new(|| watch::channel(0).0);

/// How many requests the command answers itself.
static ANSWERED: AtomicU8 = AtomicU8::new(0);

/// What a person is told who does not let the command end by itself.
static WHAT_STAYS: Mutex<Option<String>> = Mutex::new(None);

/// Whether whatever descends from the program ends with it, whoever started that.
static ENDS_DESCENDANTS: AtomicBool = AtomicBool::new(false);

/// Whether the program is being ended, with all that it started.
static IS_ENDING: AtomicBool = AtomicBool::new(false);

/// Listens from now on, for as long as the program runs.
pub(crate) fn listen() -> anyhow::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build().context("kit: no runtime")?;
    let signals = {
        let _entered = runtime.enter();
        // A file that may not grow is a full disk: where this signal is caught, the write says so.
        signal(SignalKind::from_raw(Number::XFSZ.as_raw())).map(drop).context("kit: no signals")?;
        let time = SignalKind::from_raw(Number::XCPU.as_raw());
        let mut kinds =
            vec![time, SignalKind::interrupt(), SignalKind::terminate(), SignalKind::quit()];
        // Whoever started the program with nohup wants it to outlive the terminal.
        if !hang_up_is_ignored() {
            kinds.push(SignalKind::hangup());
        }
        let signals = kinds.into_iter().map(signal).collect::<Result<Vec<_>, _>>();
        signals.context("kit: no signals")?
    };
    let listener = thread::Builder::new().spawn(move || hear(&runtime, signals));
    listener.map(drop).map_err(|error| no_threads(&error))
}

fn no_threads(error: &io::Error) -> anyhow::Error {
    let message = format!(
        "kit: this machine lets the program start too few threads: {error}; raise the limit of processes (`ulimit -u`), or end others of this user"
    );
    Stop::with(Outcome::NoVerdict, message)
}

/// Ends whatever descends from the program when that is interrupted.
pub(crate) fn ends_descendants() {
    ENDS_DESCENDANTS.store(true, Ordering::SeqCst);
}

/// Lets programs that are started from now on hear SIGHUP, also where this one was started with nohup:
/// what is caught here begins anew there, and what is ignored here stays ignored.
pub(crate) fn started_programs_hear_hang_ups() -> anyhow::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build().context("kit: no runtime")?;
    let _entered = runtime.enter();
    // The handler stays when nobody listens any more.
    signal(SignalKind::hangup()).map(drop).context("kit: no signals")
}

/// Whether SIGHUP was ignored when the program was started, where the kernel tells (proc(5)).
fn hang_up_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & 1 == 1)
}

fn hear(runtime: &Runtime, mut signals: Vec<Signal>) {
    let mut ends = false;
    loop {
        let next = signals.iter_mut().map(|signal| Box::pin(signal.recv()));
        let (_, which, _) = runtime.block_on(futures::future::select_all(next));
        if which == PROCESSOR_TIME && is_asked() {
            continue;
        }
        // Whoever answers may be through before it is looked here again.
        let answered = ANSWERED.load(Ordering::SeqCst);
        ASKED.send_modify(|times| *times = times.saturating_add(1));
        if times() <= answered {
            continue;
        }
        if ends {
            group::kill_all();
            if ENDS_DESCENDANTS.load(Ordering::SeqCst) {
                group::kill_descendants();
            }
            std::process::exit(judge::exit_code(Outcome::Interrupted).into());
        }
        ends = true;
        IS_ENDING.store(true, Ordering::SeqCst);
        if thread::Builder::new().spawn(end).is_err() {
            end();
        }
    }
}

/// Ends what was started, and then the program.
fn end() {
    programs::end_all();
    let descendants = ENDS_DESCENDANTS.load(Ordering::SeqCst) && group::end_descendants();
    let ended =
        if group::end_all() || descendants { "; what was started has been ended" } else { "" };
    let stays = WHAT_STAYS.lock().unwrap_or_else(PoisonError::into_inner);
    let stays = stays.as_ref().map(|stays| format!("; {stays}")).unwrap_or_default();
    say::tell(&format!("touchstone: interrupted{ended}{stays}"));
    std::process::exit(judge::exit_code(Outcome::Interrupted).into());
}

fn times() -> u8 {
    *ASKED.borrow()
}

/// Whether the program was asked to stop.
pub(crate) fn is_asked() -> bool {
    times() > 0
}

/// Resolves once the program was asked to stop so many times.
pub(crate) async fn asked(times: u8) {
    let mut asked = ASKED.subscribe();
    // The sender is never dropped.
    let _ = asked.wait_for(|so_often| *so_often >= times).await;
}

/// As long as this is kept, so many requests are the command's own to answer.
pub(crate) struct Answers {
    before: u8,
}

impl Answers {
    /// Answers so many; a person who does not wait is told what stays.
    pub(crate) fn requests(number: u8) -> Self {
        Self { before: ANSWERED.swap(number, Ordering::SeqCst) }
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        ANSWERED.store(self.before, Ordering::SeqCst);
    }
}

/// What a person is told who does not let the command end by itself.
pub(crate) fn leaves(what: String) {
    *WHAT_STAYS.lock().unwrap_or_else(PoisonError::into_inner) = Some(what);
}

/// Does some work, unless the program is asked to stop: then the work is given up where it is, and the
/// error says so.
pub(crate) async fn unless_asked<T>(
    work: impl Future<Output = anyhow::Result<T>>,
    stays: &str,
) -> anyhow::Result<T> {
    let _answers = Answers::requests(1);
    tokio::select! {
        biased;
        () = asked(1) => Err(Stop::with(Outcome::Interrupted, format!("interrupted; {stays}"))),
        done = work => done,
    }
}

/// The word that a command ends with: one that was asked to stop never ends as if it had not been.
pub(crate) fn ended(outcome: Outcome) -> Outcome {
    // Whoever ends what was started ends the program as well, and not before.
    while IS_ENDING.load(Ordering::SeqCst) {
        thread::park();
    }
    let worse = judge::worst(outcome, Outcome::Interrupted);
    if !is_asked() || worse == outcome {
        return outcome;
    }
    say::tell(
        "touchstone: interrupted when everything was done: what was printed and written is whole",
    );
    worse
}

/// Runs what a command does in its own time. What still goes on when it is over is not waited for.
///
/// # Errors
/// Also where this machine has no threads for it: without them it would wait for ever.
pub(crate) fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let workers = thread::available_parallelism().map_or(1, usize::from);
    can_start(workers + SPARE_THREADS).map_err(|error| no_threads(&error))?;
    let runtime = Builder::new_multi_thread()
        .worker_threads(workers)
        .enable_all()
        .build()
        .context("kit: no runtime")?;
    let done = runtime.block_on(work);
    runtime.shutdown_timeout(LAST_WORK);
    done
}

/// Starts so many threads side by side, and lets them end.
fn can_start(threads: usize) -> io::Result<()> {
    let gate = Mutex::new(());
    thread::scope(|scope| {
        let closed = gate.lock();
        let start = |_| {
            let waits = || drop(gate.lock());
            thread::Builder::new().spawn_scoped(scope, waits)
        };
        let started: io::Result<Vec<_>> = (0..threads).map(start).collect();
        drop(closed);
        started.map(drop)
    })
}
