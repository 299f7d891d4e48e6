//! Takes the portal's mails, one connection after the other, and knows the link in the last one.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};

/// How long a mail may take.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Mailbox {
    pub(crate) address: SocketAddr,
    mails: UnboundedReceiver<String>,
}

impl Mailbox {
    pub(crate) async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (sender, mails) = unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                converse(stream, &sender).await.expect("a conversation");
            }
        });
        Self { address, mails }
    }

    /// The address that the next mail leads to, without the portal's own part.
    pub(crate) async fn link(&mut self) -> String {
        let mail = tokio::time::timeout(PATIENCE, self.mails.recv()).await;
        let mail = mail.expect("a mail in time").expect("a mail");
        // Quoted-printable breaks long lines.
        let mail = mail.replace("=\n", "");
        let (_, link) = mail.split_once("http://pages.portal.localhost").expect("a link");
        link.split_whitespace().next().expect("a path").to_owned()
    }
}

/// SMTP, as far as one mail needs it (RFC 5321).
async fn converse(stream: TcpStream, mails: &UnboundedSender<String>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 test\r\n").await?;
    let (mut line, mut mail, mut in_mail) = (String::new(), String::new(), false);
    while stream.read_line(&mut line).await? > 0 {
        let answer: &[u8] = match (in_mail, line.trim_end()) {
            (true, ".") => {
                in_mail = false;
                mails.send(std::mem::take(&mut mail)).expect("somebody waits");
                b"250 taken\r\n"
            }
            (true, text) => {
                mail.push_str(text);
                mail.push('\n');
                b""
            }
            (false, "DATA") => {
                in_mail = true;
                b"354 go on\r\n"
            }
            (false, "QUIT") => b"221 bye\r\n",
            (false, _) => b"250 yes\r\n",
        };
        stream.write_all(answer).await?;
        line.clear();
    }
    Ok(())
}
