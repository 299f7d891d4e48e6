//! Threads of their own for what goes over the wire. A portal can keep whoever reads from it busy, with
//! informational answers without end; neither a time limit nor Ctrl-C must wait until there is a break.

use std::{
    pin::Pin,
    sync::OnceLock,
    task::{Context, Poll},
};

use profile::error::Error;
use tokio::{runtime::Runtime, task::JoinHandle};

/// What was begun; given up where nobody waits for it any more.
pub(super) struct Going<T>(JoinHandle<T>);

impl<T> Drop for Going<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl<T, E: From<Error>> Future for Going<Result<T, E>> {
    type Output = Result<T, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let broke = |error| Err(Error::Harness(format!("the exchange broke off: {error}")).into());
        Pin::new(&mut self.0).poll(context).map(|done| done.unwrap_or_else(broke))
    }
}

/// Begins something there.
///
/// # Errors
/// When there can be no threads.
pub(super) fn run<F>(exchange: F) -> Result<Going<F::Output>, Error>
where
    F: Future<Output: Send> + Send + 'static,
{
    static LINES: OnceLock<std::io::Result<Runtime>> = OnceLock::new();
    let lines = LINES.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread().thread_name("wire").enable_all().build()
    });
    match lines {
        Ok(lines) => Ok(Going(lines.spawn(exchange))),
        Err(error) => Err(Error::Harness(format!("no threads for what is sent: {error}"))),
    }
}
