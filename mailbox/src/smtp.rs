//! An SMTP server that takes every mail and delivers none (RFC 5321, as much as portals use). Bounded:
//! lines, mails, recipients, connections and time.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use reports::bounds::{MAIL, MAIL_TOGETHER, MAILS};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::{Notify, Semaphore},
};

use super::message::Message;

const LONGEST_LINE: u64 = 4096;
const MOST_RECIPIENTS: usize = 100;
const CONNECTIONS: usize = 64;
const SILENCE: Duration = Duration::from_secs(60);

/// What has arrived.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    mails: Mutex<Received>,
    pub(super) arrivals: Notify,
}

#[derive(Debug, Default)]
struct Received {
    /// How many came before the first of the list.
    dropped: u64,
    bytes: usize,
    list: std::collections::VecDeque<Message>,
}

impl Received {
    fn end(&self) -> u64 {
        self.dropped + u64::try_from(self.list.len()).unwrap_or(0)
    }
}

impl Inbox {
    /// How many mails there have been.
    pub(super) fn mark(&self) -> u64 {
        self.lock().end()
    }

    /// Mails after a mark, the newest last, and the mark after them.
    pub(super) fn after(&self, mark: u64) -> (Vec<Message>, u64) {
        let mails = self.lock();
        let skip = usize::try_from(mark.saturating_sub(mails.dropped)).unwrap_or(usize::MAX);
        (mails.list.iter().skip(skip).cloned().collect(), mails.end())
    }

    fn take(&self, message: Message) {
        let mut mails = self.lock();
        mails.bytes += size(&message);
        mails.list.push_back(message);
        while mails.list.len() > MAILS.most || mails.bytes > MAIL_TOGETHER.most {
            let Some(first) = mails.list.pop_front() else { break };
            mails.bytes -= size(&first);
            mails.dropped += 1;
        }
        drop(mails);
        self.arrivals.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, Received> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn size(message: &Message) -> usize {
    message.raw.len() + message.recipients.iter().map(String::len).sum::<usize>()
}

/// Takes connections until it is stopped.
pub(super) async fn serve(listener: TcpListener, inbox: Arc<Inbox>) {
    let seats = Arc::new(Semaphore::new(CONNECTIONS));
    let mut talks = tokio::task::JoinSet::new();
    loop {
        let Ok(seat) = Arc::clone(&seats).acquire_owned().await else { return };
        while talks.try_join_next().is_some() {}
        let Ok((stream, _)) = listener.accept().await else { continue };
        let inbox = Arc::clone(&inbox);
        talks.spawn(async move {
            // A client that hangs up in the middle has sent nothing.
            let _ = talk(stream, &inbox).await;
            drop(seat);
        });
    }
}

async fn talk(stream: TcpStream, inbox: &Inbox) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read);
    let mut recipients: Vec<String> = Vec::new();
    let mut begun = false;
    write.write_all(b"220 touchstone\r\n").await?;
    loop {
        let Some(line) = line(&mut lines).await? else { return Ok(()) };
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let answer: &[u8] = match verb.as_str() {
            "EHLO" => b"250-touchstone\r\n250-8BITMIME\r\n250 SIZE 2097152\r\n",
            "HELO" | "NOOP" => b"250 ok\r\n",
            "RSET" => {
                (begun, recipients) = (false, Vec::new());
                b"250 ok\r\n"
            }
            "MAIL" => {
                (begun, recipients) = (true, Vec::new());
                b"250 ok\r\n"
            }
            "RCPT" if begun && recipients.len() < MOST_RECIPIENTS => match address(&line) {
                Some(address) => {
                    recipients.push(address);
                    b"250 ok\r\n"
                }
                None => b"501 no address\r\n",
            },
            "DATA" if !recipients.is_empty() => {
                write.write_all(b"354 go ahead\r\n").await?;
                let Some(raw) = data(&mut lines).await? else {
                    return write.write_all(b"552 too large\r\n").await;
                };
                inbox.take(Message {
                    recipients: std::mem::take(&mut recipients),
                    raw: Arc::from(raw),
                });
                begun = false;
                b"250 taken\r\n"
            }
            "RCPT" | "DATA" => b"503 not now\r\n",
            "QUIT" => return write.write_all(b"221 bye\r\n").await,
            _ => b"502 unknown\r\n",
        };
        write.write_all(answer).await?;
    }
}

/// A line with its end; `None` at the end of the connection.
async fn line<R: AsyncBufReadExt + Unpin>(from: &mut R) -> std::io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let mut limited = from.take(LONGEST_LINE);
    let reading = limited.read_until(b'\n', &mut line);
    let read = tokio::time::timeout(SILENCE, reading)
        .await
        .map_err(|_| std::io::ErrorKind::TimedOut)??;
    let whole = line.ends_with(b"\n");
    if read > 0 && !whole && line.len() >= usize::try_from(LONGEST_LINE).unwrap_or(usize::MAX) {
        return Err(std::io::ErrorKind::InvalidData.into());
    }
    Ok((read > 0 && whole).then_some(line))
}

/// The text of a mail up to the lone dot, doubled dots undone; `None` when it is too large.
async fn data<R: AsyncBufReadExt + Unpin>(from: &mut R) -> std::io::Result<Option<Vec<u8>>> {
    let mut mail = Vec::new();
    loop {
        let Some(line) = line(from).await? else {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        };
        if matches!(line.as_slice(), b".\r\n" | b".\n") {
            return Ok(Some(mail));
        }
        let text = line.strip_prefix(b".").unwrap_or(&line);
        if mail.len() + text.len() > MAIL.most {
            return Ok(None);
        }
        mail.extend_from_slice(text);
    }
}

/// What stands between the angle brackets of `RCPT TO:<…>`.
fn address(line: &str) -> Option<String> {
    let (_, rest) = line.split_once('<')?;
    let (address, _) = rest.split_once('>')?;
    address.contains('@').then(|| address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_mails_go_where_all_together_are_too_large() {
        let inbox = Inbox::default();
        let largest: Arc<[u8]> = Arc::from(vec![0; MAIL.most]);
        let recipients = vec!["a@x.test".to_owned()];
        for _ in 0..40 {
            inbox.take(Message { recipients: recipients.clone(), raw: Arc::clone(&largest) });
        }
        let room = MAIL_TOGETHER.most / (MAIL.most + recipients[0].len());
        assert_eq!((inbox.mark(), inbox.after(0).0.len()), (40, room));
        assert_eq!(inbox.after(39).0.len(), 1);
    }
}
