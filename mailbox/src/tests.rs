//! Mail over SMTP and in a folder: who it is to, when it came, and the link in it.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor, message::MultiPart};
use profile::{Command, Layout, ServerKind, error::Error};
use regex::Regex;
use reports::bounds::{MAIL, MAIL_TOGETHER};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use url::Url;

use super::{MailQuery, Mailbox};

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
    let seen = MailQuery { to, pattern: &pattern, subject: None };
    mailbox.wait(&seen, mark, Duration::ZERO).await.unwrap().map(|found| found.value)
}

const LINK: &str = r"http://\S+/reset\?token=[0-9a-f]+&skin=\w+";

#[tokio::test]
async fn what_arrived_is_shown_to_a_person_the_newest_first() {
    let mailbox = Mailbox::listen(LOOPBACK).await.unwrap();
    assert_eq!(mailbox.arrived(), []);
    for (to, subject) in [("alice@x.test", "Zurücksetzen"), ("bob@x.test", "second")] {
        send(&mailbox, to, subject, "http://portal.localhost/reset?token=01&skin=x").await;
    }
    let mails = mailbox.arrived();
    let heads: Vec<_> = mails.iter().map(|mail| (&*mail.to, &*mail.subject)).collect();
    assert_eq!(heads, [("bob@x.test", "second"), ("alice@x.test", "Zurücksetzen")]);
    let text = &mails[0].text;
    assert!(text.contains("long: http://portal.localhost/reset?token=01&skin=x"), "{text}");
    assert_eq!(mailbox.arrived(), mails, "they stay");
}

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
    let seen = MailQuery { to: "alice@x.test", pattern: &pattern, subject: Some(&subject) };
    let mailed = mailbox.wait(&seen, 0, Duration::ZERO).await.unwrap().unwrap();
    assert_eq!(mailed.whole, long(1));
}

#[tokio::test]
async fn waiting_ends_when_the_mail_arrives() {
    let mailbox = Mailbox::listen(LOOPBACK).await.unwrap();
    let pattern = Regex::new(r"code (\d+)").unwrap();
    let seen = MailQuery { to: "alice@x.test", pattern: &pattern, subject: None };
    let (waited, ()) = tokio::join!(
        mailbox.wait(&seen, 0, Duration::from_secs(60)),
        send(&mailbox, "alice@x.test", "code", "code 4711")
    );
    assert_eq!(waited.unwrap().unwrap().value, "4711");
}

#[tokio::test]
async fn a_link_that_stands_only_in_html_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let mailbox = Mailbox::folder(folder.path().to_owned(), Layout::Eml);
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
async fn a_port_that_is_taken_is_this_machines_matter_and_says_what_to_do() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let error = Mailbox::listen(address).await.unwrap_err();
    assert!(matches!(&error, Error::Harness(_)), "{error:?}");
    let said = error.to_string();
    for part in [address.to_string().as_str(), "listens there", "name another port in `smtp`"] {
        assert!(said.contains(part), "{said}");
    }
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

#[tokio::test]
async fn mails_of_one_instant_are_told_apart_by_when_they_were_seen() {
    let folder = tempfile::tempdir().unwrap();
    let mailbox = Mailbox::folder(folder.path().to_owned(), Layout::Eml);
    let instant = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let put = |name: &str, n: u8| {
        let mail = format!("To: alice@x.test\r\n\r\nhttp://x.test/reset?token=0{n}&skin=x\r\n");
        let path = folder.path().join(name);
        std::fs::write(&path, mail).unwrap();
        std::fs::File::options().write(true).open(path).unwrap().set_modified(instant).unwrap();
    };
    put("b.eml", 1);
    let mark = mailbox.mark().await.unwrap();
    assert_eq!(found(&mailbox, "alice@x.test", LINK, mark).await, None);
    put("a.eml", 2);
    let newer = found(&mailbox, "alice@x.test", LINK, mark).await;
    assert_eq!(newer.as_deref(), Some("http://x.test/reset?token=02&skin=x"));
}

#[tokio::test]
async fn a_maildir_is_read_in_both_its_folders() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["new", "cur", "tmp"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
    }
    let mailbox = Mailbox::folder(folder.path().to_owned(), Layout::Maildir);
    let mark = mailbox.mark().await.unwrap();
    let mail = |n: u8| {
        format!("To: alice@x.test\r\nSubject: s\r\n\r\nhttp://x.test/reset?token={n}a&skin=x\r\n")
    };
    std::fs::write(folder.path().join("tmp/1.host"), mail(1)).unwrap();
    assert_eq!(found(&mailbox, "alice@x.test", LINK, mark).await, None, "not delivered yet");
    std::fs::write(folder.path().join("new/2.host"), mail(2)).unwrap();
    assert!(found(&mailbox, "alice@x.test", LINK, mark).await.unwrap().contains("token=2a"));
    std::fs::rename(folder.path().join("new/2.host"), folder.path().join("cur/2.host:2,S"))
        .unwrap();
    assert!(found(&mailbox, "alice@x.test", LINK, mark).await.unwrap().contains("token=2a"));
}

/// A mail server whose answers are a table of paths, which a test may change.
async fn mail_server(pages: Arc<Mutex<BTreeMap<String, String>>>) -> Url {
    slow_mail_server(pages, Duration::ZERO).await
}

/// The same, which takes its time for each answer.
async fn slow_mail_server(pages: Arc<Mutex<BTreeMap<String, String>>>, takes: Duration) -> Url {
    let listener = tokio::net::TcpListener::bind(LOOPBACK).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = vec![0; 4096];
            let read = stream.read(&mut head).await.unwrap();
            let head = String::from_utf8_lossy(&head[..read]).into_owned();
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            let page = pages.lock().unwrap().get(&path).cloned();
            tokio::time::sleep(takes).await;
            let (status, body) =
                page.map_or(("404 Not Found", String::new()), |page| ("200 OK", page));
            let answer = format!(
                "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    Url::parse(&format!("http://{address}/")).unwrap()
}

const RAW: &str = "To: Alice <alice@x.test>\r\nSubject: s\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nhttp://x.test/reset?token=3D7a&skin=3Dx\r\n";

#[tokio::test]
async fn mailpit_gives_what_came_after_the_mark() {
    let pages = Arc::new(Mutex::new(BTreeMap::new()));
    let put = |path: &str, body: String| pages.lock().unwrap().insert(path.to_owned(), body);
    put("/api/v1/messages?limit=200", r#"{"messages":[{"ID":"old"}]}"#.to_owned());
    put("/api/v1/message/old/raw", RAW.replace("7a", "1a"));
    let mailbox = Mailbox::server(
        ServerKind::Mailpit,
        mail_server(Arc::clone(&pages)).await,
        reqwest::Client::new(),
    );
    let mark = mailbox.mark().await.unwrap();
    assert_eq!(found(&mailbox, "alice@x.test", LINK, mark).await, None);
    put("/api/v1/messages?limit=200", r#"{"messages":[{"ID":"new"},{"ID":"old"}]}"#.to_owned());
    put("/api/v1/message/new/raw", RAW.to_owned());
    assert!(found(&mailbox, "alice@x.test", LINK, mark).await.unwrap().contains("token=7a"));
    assert_eq!(found(&mailbox, "bob@x.test", LINK, mark).await, None);
    assert!(
        found(&mailbox, "alice@x.test", LINK, 0).await.unwrap().contains("token=7a"),
        "the newest first"
    );
}

#[tokio::test]
async fn mailhog_gives_what_came_after_the_mark() {
    let pages = Arc::new(Mutex::new(BTreeMap::new()));
    let mail = |id: &str, raw: String| serde_json::json!({ "ID": id, "Raw": { "To": ["alice@x.test"], "Data": raw } });
    let list = |items: &[serde_json::Value]| serde_json::json!({ "items": items }).to_string();
    let put = |items: &[serde_json::Value]| {
        pages.lock().unwrap().insert("/api/v2/messages?limit=200".to_owned(), list(items))
    };
    let old = mail("old", RAW.replace("7a", "1a"));
    put(std::slice::from_ref(&old));
    let mailbox = Mailbox::server(
        ServerKind::MailHog,
        mail_server(Arc::clone(&pages)).await,
        reqwest::Client::new(),
    );
    let mark = mailbox.mark().await.unwrap();
    assert_eq!(found(&mailbox, "alice@x.test", LINK, mark).await, None);
    put(&[mail("new", RAW.to_owned()), old]);
    assert!(found(&mailbox, "alice@x.test", LINK, mark).await.unwrap().contains("token=7a"));
}

/// Each look takes longer than the pause between two.
#[tokio::test]
async fn waiting_ends_in_time_however_slow_the_mail_server_is() {
    let pages = Arc::new(Mutex::new(BTreeMap::new()));
    let put = |path: &str, body: &str| pages.lock().unwrap().insert(path.into(), body.to_owned());
    put("/api/v1/messages?limit=200", r#"{"messages":[]}"#);
    let server = slow_mail_server(Arc::clone(&pages), super::EVERY * 2).await;
    let mailbox = Mailbox::server(ServerKind::Mailpit, server, reqwest::Client::new());
    let pattern = Regex::new(LINK).unwrap();
    let seen = MailQuery { to: "alice@x.test", pattern: &pattern, subject: None };
    let waiting = mailbox.wait(&seen, 0, super::EVERY * 5);
    let waited = tokio::time::timeout(Duration::from_secs(60), waiting).await;
    assert!(waited.expect("it ends").unwrap().is_none());
}

/// What is too large to be a mail is not fetched again and again, and not looked at; the oldest mails go.
#[tokio::test]
async fn mails_of_a_server_are_bounded() {
    let pages = Arc::new(Mutex::new(BTreeMap::new()));
    let put = |path: &str, body: String| pages.lock().unwrap().insert(path.to_owned(), body);
    let ids: Vec<String> = (0..12).map(|n| format!("m{n}")).collect();
    let list: Vec<_> = ids.iter().rev().map(|id| serde_json::json!({ "ID": id })).collect();
    put("/api/v1/messages?limit=200", serde_json::json!({ "messages": list }).to_string());
    for (n, id) in ids.iter().enumerate() {
        let raw = RAW.replace("7a", &format!("{n:x}")) + &"x".repeat(MAIL.most - 1000);
        put(&format!("/api/v1/message/{id}/raw"), raw);
    }
    put("/api/v1/message/m11/raw", RAW.replace("7a", "ff") + &"x".repeat(MAIL.most));
    let mailbox = Mailbox::server(
        ServerKind::Mailpit,
        mail_server(Arc::clone(&pages)).await,
        reqwest::Client::new(),
    );
    assert!(found(&mailbox, "alice@x.test", LINK, 0).await.unwrap().contains("token=a"));
    let super::Source::Server(server) = &mailbox.source else { panic!("a server") };
    let kept = server.after(0).await.unwrap();
    let bytes: usize = kept.iter().map(|mail| mail.raw.len()).sum();
    assert!(kept.len() < 12 && bytes <= MAIL_TOGETHER.most, "{} mails, {bytes} bytes", kept.len());
}

/// A link that no mail program would keep whole is none, and does not hide one that is.
#[test]
fn a_link_of_a_megabyte_is_passed_over() {
    let long = format!("http://x.test/{}", "a".repeat(1 << 20));
    let raw = format!("Content-Type: text/plain\r\n\r\n{long} http://x.test/b\r\n");
    let recipients = vec!["a@x.test".to_owned()];
    let message = super::message::Message { recipients, raw: Arc::from(raw.as_bytes()) };
    let pattern = Regex::new(r"http://\S+").unwrap();
    let seen = MailQuery { to: "a@x.test", pattern: &pattern, subject: None };
    let found = message.find(&seen).map(|found| found.whole);
    assert_eq!(found.as_deref(), Some("http://x.test/b"));
}

#[tokio::test]
async fn a_mail_server_that_is_none_is_said_to_be_none() {
    let pages = Arc::new(Mutex::new(BTreeMap::new()));
    let mailbox = Mailbox::server(
        ServerKind::Mailpit,
        mail_server(Arc::clone(&pages)).await,
        reqwest::Client::new(),
    );
    let said = mailbox.mark().await.unwrap_err().to_string();
    assert!(said.contains("the mail server at") && said.contains("answered 404"), "{said}");
    pages.lock().unwrap().insert("/api/v1/messages?limit=200".to_owned(), "<html>".to_owned());
    let said = mailbox.mark().await.unwrap_err().to_string();
    assert!(said.contains("is not JSON"), "{said}");
}

#[tokio::test]
async fn a_command_prints_the_newest_mail() {
    let script = "test \"$1\" = alice@x.test && test \"$2\" -gt 1600000000000 && test -z \"$CARGO_MANIFEST_DIR\" && printf 'To: alice@x.test\\r\\n\\r\\nhttp://x.test/reset?token=5a&skin=x\\r\\n'; true";
    let argv = ["/bin/sh", "-c", script, "sh", "{to}", "{since}"].map(str::to_owned).to_vec();
    let mailbox = Mailbox::command(Command::new(argv, Path::new("")));
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
    let mark = mailbox.mark().await.unwrap();
    assert!(found(&mailbox, "alice@x.test", LINK, mark).await.unwrap().contains("token=5a"));
    assert_eq!(found(&mailbox, "bob@x.test", LINK, mark).await, None);
    let broken = Mailbox::command(Command::new(vec!["/bin/false".to_owned()], Path::new("")));
    let pattern = Regex::new(LINK).unwrap();
    let seen = MailQuery { to: "alice@x.test", pattern: &pattern, subject: None };
    let said = broken.wait(&seen, 0, Duration::ZERO).await.map(|_| ()).unwrap_err().to_string();
    assert!(said.contains("the mail command /bin/false"), "{said}");
}

#[test]
fn entities_in_a_mail_are_decoded_once() {
    let raw = "Content-Type: text/html\r\n\r\n<a href=\"http://x.test/?a&#x3d;1&amp;b&#61;&#43;&amp;quot;&section=2\">x</a>\r\n";
    let message = super::message::Message {
        recipients: vec!["a@x.test".to_owned()],
        raw: Arc::from(raw.as_bytes()),
    };
    let pattern = Regex::new(r#"http://[^"]+"#).unwrap();
    let seen = MailQuery { to: "a@x.test", pattern: &pattern, subject: None };
    let found = message.find(&seen).map(|found| found.whole);
    assert_eq!(found.as_deref(), Some("http://x.test/?a=1&b=+&quot;&section=2"));
}
