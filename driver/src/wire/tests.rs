//! Hostile servers on loopback: what they answer, and what becomes of it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use loopback::{Asked, Back, HEAD, TAIL, answer, html, redirect, serve};
use profile::{Verb, error::Error};
use reports::record::Reply;
use tokio::io::AsyncWriteExt;

use crate::{
    deployment::{Answer, Driver, Inputs, http::HttpDriver},
    fixture::{access, exchanges, visit},
};

const LIMITS: &str = "[scope]\nlimits = { body_limit = 20000, exchange_timeout = \"400ms\" }\n";

const OPEN: &str = "[flow.open_protected]\nget = \"/\"\noutcome = [{ status = 200, body = '\\bin\\b', is = \"ok\" }]\n";

/// Opens the protected page of a portal.
async fn open(portal: impl Fn(Asked) -> Back + Send + Sync + 'static) -> Result<Answer, Error> {
    let listener = serve(portal).await;
    let (driver, mut visitor) =
        visit(&format!("{HEAD}{LIMITS}{OPEN}{TAIL}"), &listener, None).await;
    driver.perform(&mut visitor, Verb::OpenProtected, &Inputs::new()).await
}

async fn told(portal: impl Fn(Asked) -> Back + Send + Sync + 'static) -> String {
    open(portal)
        .await
        .map_or_else(|error| error.to_string(), |answer| format!("{:?}", answer.reply))
}

#[tokio::test]
async fn a_good_answer_is_read_and_written_down() {
    let listener = serve(|asked| {
        assert_eq!(asked.header("host"), "portal.localhost");
        assert!(asked.header("user-agent").starts_with("touchstone/"));
        answer(200, &["set-cookie: session=do-not-print; Path=/"], "in")
    })
    .await;
    let (driver, mut visitor) = visit(&format!("{HEAD}{OPEN}{TAIL}"), &listener, None).await;
    let answer = driver.perform(&mut visitor, Verb::OpenProtected, &Inputs::new()).await.unwrap();
    assert_eq!((answer.reply, answer.status), (Reply::Ok, Some(200)));
    assert!(!visitor.is_blank());
    let written = exchanges(&visitor);
    assert_eq!(written.len(), 1);
    let exchange = &written[0];
    let line = exchange.line.and_then(|line| usize::try_from(line).ok()).unwrap_or(0);
    assert_eq!(format!("{HEAD}{OPEN}").lines().nth(line - 1), Some("[flow.open_protected]"));
    assert_eq!((exchange.flow.as_str(), exchange.reply), ("open_protected", Some(Reply::Ok)));
    assert!(!format!("{exchange:?}").contains("do-not-print"));
}

#[tokio::test]
async fn every_request_names_the_run_and_a_profile_may_send_something_else() {
    for (headers, expected) in [("", Some("7f3a91")), ("headers = { Touchstone-Run = \"\" }", None)]
    {
        let listener = serve(|asked| {
            let run = asked.headers.get("touchstone-run").cloned().unwrap_or_else(|| "-".into());
            answer(200, &[], &format!("in {run}"))
        })
        .await;
        let open = OPEN.replace("get =", &format!("{headers}\nget ="));
        let profile = format!("{HEAD}{open}{TAIL}");
        let (mut access, mut visitor) = access(&profile, &listener, None).await;
        access.set_run_tag("7f3a91".into());
        let driver = HttpDriver::new(Arc::new(access));
        driver.perform(&mut visitor, Verb::OpenProtected, &Inputs::new()).await.unwrap();
        let body = exchanges(&visitor)[0].response_body.clone();
        assert_eq!(body, Some(format!("in {}", expected.unwrap_or("-"))));
    }
}

#[tokio::test]
async fn every_request_says_whom_to_ask_where_the_profile_does() {
    for (scope, expected) in [
        ("[scope]\ncontact = \"qa@acme.example\"\n", "conformance check; qa@acme.example)"),
        ("", "conformance check)"),
    ] {
        let listener = serve(|asked| html(&format!("{} in", asked.header("user-agent")))).await;
        let (driver, mut visitor) =
            visit(&format!("{HEAD}{scope}{OPEN}{TAIL}"), &listener, None).await;
        driver.perform(&mut visitor, Verb::OpenProtected, &Inputs::new()).await.unwrap();
        let body = exchanges(&visitor)[0].response_body.clone().unwrap_or_default();
        assert!(body.ends_with(&format!("{expected} in")), "{body}");
    }
}

#[tokio::test]
async fn a_redirect_outside_the_list_is_stopped_by_name_and_nothing_goes_there() {
    for listed in [true, false] {
        let reached = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&reached);
        let elsewhere = serve(move |_| {
            count.fetch_add(1, Ordering::SeqCst);
            html("in")
        })
        .await;
        let to = format!("http://{elsewhere}/");
        let portal = serve(move |_| redirect(&to)).await;
        // Without `connect`: that would lead every name to the portal, whatever is checked.
        let head = HEAD
            .replace("portal.localhost", &portal.replace("127.0.0.1", "portal.localhost"))
            .replace("connect = \"{listener}\"\n", "");
        let scope = format!("[scope]\nallow = [\"http://{elsewhere}\"]\n");
        let scope = if listed { &scope } else { "" };
        let (driver, mut visitor) =
            visit(&format!("{head}{scope}{OPEN}{TAIL}"), &portal, None).await;
        let told = driver.perform(&mut visitor, Verb::OpenProtected, &Inputs::new()).await;
        let told = told.map_or_else(|error| error.to_string(), |answer| answer.reply.to_string());
        let stopped = format!("stopped for safety: `http://{elsewhere}` is outside the allow-list");
        let expected = if listed { ("ok", 1) } else { (&*stopped, 0) };
        assert_eq!((&*told, reached.load(Ordering::SeqCst)), expected);
    }
}

#[tokio::test]
async fn each_of_some_names_is_led_to_its_own_address_and_the_others_are_resolved() {
    let shows = |asked: Asked| html(&format!("{} in", asked.header("host")));
    let (led, resolved) = (serve(shows).await, serve(shows).await);
    let beside = resolved.replace("127.0.0.1", "beside.localhost");
    let head = HEAD
        .replace("portal.localhost", "portal.localhost:81")
        .replace("\"{listener}\"", "{ \"Portal.localhost\" = \"{listener}\" }");
    let scope = format!("[scope]\nallow = [\"http://{beside}\"]\n");
    for (url, host) in [("/", "portal.localhost:81"), (&format!("http://{beside}/"), &beside)] {
        let open = OPEN.replace("\"/\"", &format!("\"{url}\""));
        let (driver, mut visitor) = visit(&format!("{head}{scope}{open}{TAIL}"), &led, None).await;
        driver.perform(&mut visitor, Verb::OpenProtected, &Inputs::new()).await.unwrap();
        let shown = exchanges(&visitor)[0].response_body.clone();
        assert_eq!(shown, Some(format!("{host} in")));
    }
}

#[tokio::test]
async fn hosts_that_only_look_like_the_portal_are_outside_the_list() {
    for to in [
        "http://portal.localhost.evil.localhost/",
        "http://evilportal.localhost/",
        "http://portal.localhost:81/",
        "https://portal.localhost/",
        "http://portal.localhost@evil.localhost/",
        "http://user@portal.localhost/",
        "//evil.localhost/",
    ] {
        let told = told(move |_| redirect(to)).await;
        assert!(told.starts_with("stopped for safety: `http"), "{to}: {told}");
    }
}

#[tokio::test]
async fn redirects_without_end_are_the_portals_fault() {
    let told = told(|_| redirect("/again")).await;
    assert_eq!(told, "portal: more than 10 redirects after open_protected");
}

#[tokio::test]
async fn bodies_are_capped_as_they_are_unpacked() {
    let large = told(|_| html(&"x".repeat(20_001))).await;
    assert_eq!(large, "portal: http://portal.localhost: the body is larger than 20000 bytes");

    let bomb = gzip_of_zeros(50_000_000);
    assert!(bomb.len() < 400_000);
    let told = told(move |_| {
        let mut bytes = b"HTTP/1.1 200 X\r\ncontent-encoding: gzip\r\n\r\n".to_vec();
        bytes.extend_from_slice(&bomb);
        Back::Bytes(bytes)
    })
    .await;
    assert_eq!(told, "portal: http://portal.localhost: the body is larger than 20000 bytes");
}

#[tokio::test]
async fn an_honest_request_is_sent_again_after_the_pause_that_the_portal_asks_for() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let listener = serve(move |_| match count.fetch_add(1, Ordering::SeqCst) {
        0 => answer(429, &["retry-after: 1"], ""),
        _ => answer(200, &[], "{\"user\": \"alice\"}"),
    })
    .await;
    let (driver, mut visitor) = visit(&format!("{HEAD}{TAIL}"), &listener, None).await;
    let begun = std::time::Instant::now();
    let told = driver.perform(&mut visitor, Verb::Whoami, &Inputs::new()).await.unwrap();
    assert_eq!((told.reply, asked.load(Ordering::SeqCst)), (Reply::Ok, 2));
    assert!(begun.elapsed().as_millis() >= 1000, "the pause was not waited for");
    let traffic = driver.access.traffic();
    assert_eq!((traffic.requests, traffic.throttled, traffic.paused_ms), (2, 1, 1000));
    assert_eq!(exchanges(&visitor).len(), 2);
}

#[tokio::test]
async fn the_time_to_an_answer_is_counted_as_the_portals() {
    let listener = serve(|_| {
        std::thread::sleep(Duration::from_millis(5));
        html("in")
    })
    .await;
    let (driver, mut visitor) = visit(&format!("{HEAD}{OPEN}{TAIL}"), &listener, None).await;
    driver.perform(&mut visitor, Verb::OpenProtected, &Inputs::new()).await.unwrap();
    assert!(driver.access.traffic().answering_ms >= 5, "{:?}", driver.access.traffic());
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_slow_pace_is_not_the_time_of_a_scenario() {
    let limits = "[scope]\nlimits = { requests_per_second = 1 }\n";
    let (driver, visitor) = visit(&format!("{HEAD}{limits}{TAIL}"), "127.0.0.1:9", None).await;
    let begun = tokio::time::Instant::now();
    let copy = visitor.clone();
    let work = async {
        for _ in 0..300 {
            drop(driver.access.wire.turn(&copy.scene, None).await.unwrap());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let ended = visitor.scene.waiting.within(Duration::from_secs(120), work).await;
    assert_eq!((ended, begun.elapsed().as_millis()), (Some(()), 299_100));
    // By now only a tenth of the time was its own.
    assert_eq!(visitor.scene.waiting.so_far().as_millis(), 299 * 900);
}

#[tokio::test]
async fn an_answer_that_does_not_end_is_given_up_in_time() {
    let told =
        told(|_| Back::Stuck(b"HTTP/1.1 200 X\r\ncontent-length: 10\r\n\r\nin".to_vec())).await;
    assert_eq!(told, "network: http://portal.localhost: no complete answer within 0.4 s");
}

#[tokio::test]
async fn a_redirect_to_no_web_address_is_named() {
    for (to, scheme) in [
        ("file:///etc/passwd", "file"),
        ("data:text/html,in", "data"),
        ("javascript:x", "javascript"),
    ] {
        let told = told(move |_| redirect(to)).await;
        let stopped =
            format!("stopped for safety: a `{scheme}:` address is outside the allow-list");
        assert_eq!(told, stopped);
    }
}

#[tokio::test]
async fn a_connection_that_is_dropped_is_an_answer_of_a_kind() {
    assert_eq!(told(|_| Back::Dropped).await, "Dropped");
    let half = |_| Back::Bytes(b"HTTP/1.1 200 X\r\ncontent-length: 10\r\n\r\nin".to_vec());
    assert_eq!(told(half).await, "Dropped");
}

#[tokio::test]
async fn nobody_listening_is_told_apart() {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let (driver, mut visitor) = visit(&format!("{HEAD}{OPEN}{TAIL}"), &address, None).await;
    let error =
        driver.perform(&mut visitor, Verb::OpenProtected, &Inputs::new()).await.unwrap_err();
    assert_eq!(error.to_string(), "network: http://portal.localhost: connection refused");
}

#[tokio::test]
async fn tls_that_is_none_is_told_apart() {
    let server = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let listener = server.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = server.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 speak plainly\r\n\r\n").await;
        }
    });
    let head = HEAD
        .replace("http://portal", "https://portal")
        .replace("[actors]", "insecure_tls = true\n[actors]");
    let (driver, mut visitor) = visit(&format!("{head}{OPEN}{TAIL}"), &listener, None).await;
    let answer = driver.perform(&mut visitor, Verb::OpenProtected, &Inputs::new()).await;
    let told =
        answer.map_or_else(|error| error.to_string(), |answer| format!("{:?}", answer.reply));
    assert!(told.starts_with("network: https://portal.localhost: TLS: "), "{told}");
}

#[tokio::test]
async fn what_is_not_text_or_not_http_is_the_portals_fault() {
    let latin =
        |_| Back::Bytes(b"HTTP/1.1 200 X\r\ncontent-type: text/html\r\n\r\n\xe9 in".to_vec());
    assert_eq!(
        told(latin).await,
        "portal: http://portal.localhost: the body is not UTF-8 (at byte 0)"
    );
    let declared = |_| {
        Back::Bytes(
            b"HTTP/1.1 200 X\r\ncontent-type: text/html; charset=ISO-8859-1\r\n\r\n\xe9 in"
                .to_vec(),
        )
    };
    assert_eq!(told(declared).await, "Ok");
    let nonsense = |_| Back::Bytes(b"220 mail.example ESMTP\r\n\r\n".to_vec());
    assert!(told(nonsense).await.starts_with("portal: http://portal.localhost: not HTTP"));
    let garbled = |_| {
        Back::Bytes(
            b"HTTP/1.1 200 X\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nabcd".to_vec(),
        )
    };
    let broken =
        |_| Back::Bytes(b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\nin".to_vec());
    let told_of = told(broken).await;
    assert!(told_of.contains("the chunks of the body are malformed"), "{told_of}");
    assert_eq!(
        told(garbled).await,
        "portal: http://portal.localhost: the body cannot be decompressed"
    );
}

#[tokio::test]
async fn no_rule_is_unknown_and_says_what_was_there() {
    let answer = open(|_| html("<p>maintenance</p>")).await.unwrap();
    assert_eq!(answer.reply, Reply::Unknown);
    assert!(
        answer.note.unwrap().ends_with("no rule fits; the answer was 200 text/html at /, 18 bytes")
    );
    assert_eq!(open(|_| answer_500()).await.unwrap().reply, Reply::Error);
}

fn answer_500() -> Back {
    answer(500, &[], "oh")
}

/// Runs one of the tests above again, in an environment that would lead a careless client astray.
#[test]
fn nothing_is_taken_from_the_environment() {
    let trap = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    trap.set_nonblocking(true).unwrap();
    let proxy = format!("http://{}", trap.local_addr().unwrap());
    let mut again = std::process::Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "wire::tests::a_good_answer_is_read_and_written_down"]);
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"] {
        again.env(name, &proxy);
    }
    again
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .env("SSL_CERT_FILE", "/nowhere")
        .env("SSL_CERT_DIR", "/nowhere")
        .env("NETRC", "/nowhere");
    let output = again.output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
    assert!(trap.accept().is_err(), "the proxy of the environment was asked");
}

/// Zeros, packed as densely as the format allows: one literal, then copies of 258 bytes.
fn gzip_of_zeros(length: usize) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let (mut byte, mut filled) = (0_u8, 0);
    let mut push = |bits: &str| {
        for bit in bits.bytes() {
            byte |= (bit - b'0') << filled;
            filled += 1;
            if filled == 8 {
                out.push(byte);
                (byte, filled) = (0, 0);
            }
        }
    };
    // Last block, fixed codes; literal 0; length 258 (code 285) at distance 1 (code 0).
    push("110");
    push("00110000");
    for _ in 0..length / 258 {
        push("11000101");
        push("00000");
    }
    push("0000000");
    push("0000000");
    out
}

/// Informational answers without an end, from a thread of its own: as fast as they are taken.
fn floods() -> String {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let informs = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(10_000);
        while let Ok((mut stream, _)) = listener.accept() {
            let _ = stream.read(&mut [0; 4096]);
            while stream.write_all(informs.as_bytes()).is_ok() {}
        }
    });
    address
}

#[tokio::test]
async fn a_flood_of_informational_answers_ends_with_the_exchange() {
    let (driver, mut visitor) =
        visit(&format!("{HEAD}{LIMITS}{OPEN}{TAIL}"), &floods(), None).await;
    let began = std::time::Instant::now();
    let told = driver.perform(&mut visitor, Verb::OpenProtected, &Inputs::new()).await;
    let told = told.unwrap_err().to_string();
    assert!(told.ends_with("no complete answer within 0.4 s"), "{told}");
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}
