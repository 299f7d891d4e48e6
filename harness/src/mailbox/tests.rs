//! Mail over SMTP and in a folder: who it is to, when it came, and the link in it.

use std::{net::SocketAddr, time::Duration};

use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor, message::MultiPart};
use regex::Regex;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{Mailbox, Seen};

const LOOPBACK: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

async fn send(mailbox: &Mailbox, to: &str, subject: &str, link: &str) {
    let plain =
        format!("Dear user,\n\nplease open a link that is rather long: {link}\n.\n.. and dots\n");
    let html = format!("<p>Open <a href=\"{}\">this</a> &ouml;</p>", link.replace('&', "&amp;"));
    let message = Message::builder()
        .from("Portal <portal@x.test>".parse().unwrap())
        .to(to.parse().unwrap())
        .subject(subject)
        .multipart(MultiPart::alternative_plain_html(plain, html))
        .unwrap();
    let address = mailbox.address().unwrap();
    let transport =
        AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(address.ip().to_string())
            .port(address.port())
            .build();
    transport.send(message).await.unwrap();
}

async fn found(mailbox: &Mailbox, to: &str, pattern: &str, mark: u64) -> Option<String> {
    let pattern = Regex::new(pattern).unwrap();
    let seen = Seen { to, pattern: &pattern, subject: None };
    mailbox.wait(&seen, mark, Duration::ZERO).await.unwrap().map(|found| found.value)
}

const LINK: &str = r"http://\S+/reset\?token=[0-9a-f]+&skin=\w+";

#[tokio::test]
async fn mail_is_found_by_recipient_mark_and_pattern_and_the_newest_first() {
    let mailbox = Mailbox::listen(LOOPBACK).await.unwrap();
    let long =
        |n: u8| format!("http://portal.localhost/{}/reset?token=0{n}ab&skin=x", "deep/".repeat(20));
    send(&mailbox, "alice@x.test", "Zurücksetzen", &long(1)).await;
    let mark = mailbox.mark().await.unwrap();
    assert_eq!(found(&mailbox, "alice@x.test", LINK, mark).await, None);
    assert_eq!(found(&mailbox, "Alice@X.test", LINK, 0).await, Some(long(1)));
    assert_eq!(found(&mailbox, "bob@x.test", LINK, 0).await, None);
    send(&mailbox, "alice@x.test", "again", &long(2)).await;
    send(&mailbox, "bob@x.test", "again", &long(3)).await;
    assert_eq!(found(&mailbox, "alice@x.test", LINK, mark).await, Some(long(2)));
    assert_eq!(found(&mailbox, "alice@x.test", r"token=(\w+)", 0).await.as_deref(), Some("02ab"));

    let pattern = Regex::new(LINK).unwrap();
    let subject = Regex::new("^Zurück").unwrap();
    let seen = Seen { to: "alice@x.test", pattern: &pattern, subject: Some(&subject) };
    let mailed = mailbox.wait(&seen, 0, Duration::ZERO).await.unwrap().unwrap();
    assert_eq!(mailed.whole, long(1));
}

#[tokio::test]
async fn waiting_ends_when_the_mail_arrives() {
    let mailbox = Mailbox::listen(LOOPBACK).await.unwrap();
    let pattern = Regex::new(r"code (\d+)").unwrap();
    let seen = Seen { to: "alice@x.test", pattern: &pattern, subject: None };
    let (waited, ()) = tokio::join!(
        mailbox.wait(&seen, 0, Duration::from_secs(60)),
        send(&mailbox, "alice@x.test", "code", "code 4711")
    );
    assert_eq!(waited.unwrap().unwrap().value, "4711");
}

#[tokio::test]
async fn a_link_that_stands_only_in_html_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let mailbox = Mailbox::folder(folder.path().to_owned());
    let mail = "To: alice@x.test\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
        <a href=3D\"http://portal.localhost/reset?to=\r\nken=3D0aff&amp;skin=3Dnew\">x</a>\r\n";
    std::fs::write(folder.path().join("a.eml"), mail).unwrap();
    std::fs::write(folder.path().join("b.txt"), mail.replace("0aff", "0bff")).unwrap();
    let value = found(&mailbox, "alice@x.test", LINK, 0).await;
    assert_eq!(value.as_deref(), Some("http://portal.localhost/reset?token=0aff&skin=new"));
    let mark = mailbox.mark().await.unwrap();
    assert_eq!(found(&mailbox, "alice@x.test", LINK, mark).await, None);
}

/// Says these lines; the first three digits of each answer.
async fn talk(mailbox: &Mailbox, lines: &[&str]) -> String {
    let mut stream = TcpStream::connect(mailbox.address().unwrap()).await.unwrap();
    stream.write_all(lines.concat().as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answers = String::new();
    // A connection that is cut may end in a reset.
    let _ = stream.read_to_string(&mut answers).await;
    answers.lines().filter_map(|line| line.get(..3)).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn the_listener_is_bounded_and_keeps_order() {
    let mailbox = Mailbox::listen(LOOPBACK).await.unwrap();
    let early = [
        "DATA\r\n",
        "RCPT TO:<a@x>\r\n",
        "MAIL FROM:<>\r\n",
        "RCPT TO:nobody\r\n",
        "VRFY a\r\n",
        "QUIT\r\n",
    ];
    assert_eq!(talk(&mailbox, &early).await, "220 503 503 250 501 502 221");

    let open = ["HELO x\r\n", "MAIL FROM:<>\r\n", "RCPT TO:<a@x.test>\r\n", "DATA\r\n"];
    let unfinished = [&open[..], &["Subject: x\r\n"]].concat();
    assert_eq!(talk(&mailbox, &unfinished).await, "220 250 250 250 354");
    let endless = "x".repeat(5000);
    assert_eq!(talk(&mailbox, &[&endless, "\r\n"]).await, "220");
    assert_eq!(mailbox.mark().await.unwrap(), 0);

    let whole = [&open[..], &["\r\n..dot\r\n.\r\n", "QUIT\r\n"]].concat();
    assert_eq!(talk(&mailbox, &whole).await, "220 250 250 250 354 250 221");
    assert_eq!(found(&mailbox, "a@x.test", r"(?m)^\.dot", 0).await.as_deref(), Some(".dot"));
}

#[tokio::test]
async fn only_this_machine_is_listened_to_and_the_listener_ends_with_its_mailbox() {
    let error = Mailbox::listen("0.0.0.0:0".parse().unwrap()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "stopped for safety: mail is taken on loopback only, not on 0.0.0.0:0"
    );
    let mailbox = Mailbox::listen(LOOPBACK).await.unwrap();
    assert!(mailbox.address().unwrap().ip().is_loopback());
    let again = mailbox.clone();
    drop(mailbox);
    assert_eq!(talk(&again, &["QUIT\r\n"]).await, "220 221");
}
