//! The adapter's process: started in a group of its own, spoken with line by line, and ended with
//! everything it brought forth.

mod pending;

use std::{
    process::Stdio,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use profile::{Command, Driver, Limits, error::Error};
use programs::Group;
use reports::redact::Redactor;
use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStderr, ChildStdin, ChildStdout},
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::{AbortHandle, JoinHandle},
    time::timeout,
};

use self::pending::Pending;
use super::{
    protocol::{self, Hello, Said},
    session::Session,
};

/// How long a process that has closed its output may take to end, and its last words to arrive.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What is known of an adapter beside its answers.
#[derive(Clone, Debug)]
pub(super) struct Log {
    /// Knows every secret that may stand on its standard error.
    pub(super) redactor: Redactor,
    /// Why it answers nothing any more, once that is so.
    pub(super) over: Arc<OnceLock<String>>,
}

/// A running adapter. It ends with this.
#[derive(Debug)]
pub(super) struct Program {
    pending: Arc<Pending>,
    group: Arc<Group>,
    lines: UnboundedSender<String>,
    visitors: Arc<AtomicU64>,
    requests: AtomicU64,
    patience: Duration,
    tasks: Vec<AbortHandle>,
}

impl Program {
    /// Starts the command of a profile, greets it and hears its greeting.
    pub(super) async fn start(
        driver: &Driver,
        limits: &Limits,
        hello: &Hello<'_>,
        log: Log,
    ) -> Result<Self, Error> {
        let line = driver.command.line();
        let (mut child, group) = spawned(&driver.command)
            .map_err(|error| Error::Adapter(format!("`{line}` cannot be started: {error}")))?;
        let pending = Arc::new(Pending::new(line, log));
        let group = Arc::new(group);
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(input), Some(output), Some(errors)) = pipes else {
            return Err(Error::Harness("the adapter has no pipes".into()));
        };
        let (lines, to_send) = unbounded_channel();
        let writing = tokio::spawn(write(input, to_send));
        let kept = tokio::spawn(keep(errors, Arc::clone(&pending)));
        let mut tasks = vec![writing.abort_handle(), kept.abort_handle()];
        let mut listener =
            Listener { child, group: Arc::clone(&group), kept, limit: limits.body_limit };
        let mut output = BufReader::new(output);
        let _ = lines.send(hello.line());
        let greeted = timeout(limits.exchange_timeout, listener.greeting(&mut output)).await;
        let greeted = greeted.unwrap_or_else(|_| {
            Err(format!("said nothing within {} s", limits.exchange_timeout.as_secs_f32()))
        });
        if let Err(why) = greeted {
            pending.closes(&listener.ends(why).await);
            tasks.iter().for_each(AbortHandle::abort);
            return Err(pending.error());
        }
        let hears = Arc::clone(&pending);
        let listening = tokio::spawn(async move {
            let why = listener.listen(&mut output, &hears).await;
            hears.closes(&listener.ends(why).await);
        });
        tasks.push(listening.abort_handle());
        Ok(Self {
            pending,
            group,
            lines,
            visitors: Arc::new(AtomicU64::new(1)),
            requests: AtomicU64::new(1),
            patience: limits.exchange_timeout,
            tasks,
        })
    }

    /// A place for a visitor.
    pub(super) fn session(&self) -> Session {
        Session::new(&self.visitors, self.lines.clone())
    }

    /// The next request's id.
    pub(super) fn id(&self) -> u64 {
        self.requests.fetch_add(1, Ordering::SeqCst)
    }

    /// Sends a request and waits for its answer: the line, and what it says.
    pub(super) async fn ask(&self, id: u64, line: String) -> Result<(String, Said), Error> {
        let waits = self.pending.expects(id)?;
        let _ = self.lines.send(line);
        match timeout(self.patience, waits).await {
            Ok(heard) => heard,
            Err(_) => Err(self.pending.trouble(&format!(
                "did not answer request {id} within {} s",
                self.patience.as_secs_f32()
            ))),
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.group.end();
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

fn spawned(command: &Command) -> std::io::Result<(Child, Group)> {
    let mut command = programs::bare(command)?;
    Group::start(command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()))
}

/// Writes what is to be sent; ends when the adapter does not read any more.
async fn write(mut input: ChildStdin, mut lines: UnboundedReceiver<String>) {
    while let Some(line) = lines.recv().await {
        let sent = async {
            input.write_all(line.as_bytes()).await?;
            input.write_all(b"\n").await?;
            input.flush().await
        };
        if sent.await.is_err() {
            return;
        }
    }
}

/// Keeps the end of what it writes on standard error.
async fn keep(mut errors: ChildStderr, pending: Arc<Pending>) {
    let mut chunk = [0; 4096];
    while let Ok(read) = errors.read(&mut chunk).await {
        let Some(chunk) = chunk.get(..read).filter(|chunk| !chunk.is_empty()) else { return };
        pending.keeps(chunk);
    }
}

/// The process, as long as it is listened to.
struct Listener {
    child: Child,
    group: Arc<Group>,
    kept: JoinHandle<()>,
    limit: u64,
}

impl Listener {
    async fn greeting(&self, output: &mut BufReader<ChildStdout>) -> Result<(), String> {
        let line = line(output, self.limit).await?.ok_or_else(closed)?;
        protocol::greeting(&line).map(|_| ())
    }

    /// Hands every answer to whoever waits for it, until there are no more; why not.
    async fn listen(&self, output: &mut BufReader<ChildStdout>, pending: &Pending) -> String {
        loop {
            let heard = match line(output, self.limit).await {
                Ok(Some(line)) => pending.hears(&line),
                Ok(None) => Err(closed()),
                Err(why) => Err(why),
            };
            if let Err(why) = heard {
                return why;
            }
        }
    }

    /// Ends the process; how it ended, where that was by itself.
    async fn ends(&mut self, why: String) -> String {
        let ended = match why == closed() {
            true => {
                let waits = self.group.wait(&mut self.child);
                timeout(LAST_WORDS, waits).await.ok().and_then(Result::ok)
            }
            false => None,
        };
        self.group.end();
        let _ = timeout(LAST_WORDS, &mut self.kept).await;
        ended.map_or(why, |status| format!("ended with {status}"))
    }
}

impl Drop for Listener {
    /// Before the child is dropped, and waited for: until then the group's number is its own.
    fn drop(&mut self) {
        self.group.end();
    }
}

fn closed() -> String {
    "closed its standard output".to_owned()
}

/// The next line without its end; `None` after the last.
async fn line(
    output: &mut (impl AsyncBufRead + Unpin),
    limit: u64,
) -> Result<Option<Vec<u8>>, String> {
    let mut bytes = Vec::new();
    let read = output.take(limit.saturating_add(1)).read_until(b'\n', &mut bytes).await;
    read.map_err(|error| format!("cannot be read from: {error}"))?;
    if bytes.is_empty() {
        return Ok(None);
    }
    if bytes.pop_if(|last| *last == b'\n').is_none()
        && u64::try_from(bytes.len()).is_ok_and(|length| length > limit)
    {
        return Err(format!("wrote a line of more than {limit} bytes"));
    }
    Ok(Some(bytes))
}
