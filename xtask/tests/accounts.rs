//! Accounts that were on a portal before: whatever it answers, and whatever a ledger or a profile says,
//! a run, a doctor and a clean-up leave them as they are.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Command, Output},
    sync::{Arc, Mutex},
    thread,
};

/// Who is on the portal before, with passwords.
const BEFORE: [&str; 4] = ["admin", "alice", "bob", "carol"];

type Accounts = Arc<Mutex<BTreeMap<String, String>>>;

/// What a portal makes of a name that it is told.
type Manner = fn(&str) -> String;

/// What it answers where that name is taken.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Taken {
    /// It sets the password.
    Upsert,
    /// 200, and an error in words that the profile takes for a yes.
    SaysYes,
    /// 409.
    Conflict,
}

/// A request as it came.
#[derive(Default)]
struct Asked {
    /// Method and path.
    line: String,
    cookie: String,
    body: String,
}

impl Asked {
    fn read(stream: &TcpStream) -> Option<Self> {
        let (mut reader, mut asked, mut length) = (BufReader::new(stream), Self::default(), 0);
        for line in reader.by_ref().lines().map_while(Result::ok) {
            if line.is_empty() {
                break;
            }
            match line.split_once(": ") {
                None => asked.line = line.trim_end_matches(" HTTP/1.1").to_owned(),
                Some((name, value)) if name.eq_ignore_ascii_case("cookie") => {
                    asked.cookie = value.to_owned();
                }
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.parse().ok()?;
                }
                Some(_) => {}
            }
        }
        reader.take(length).read_to_string(&mut asked.body).ok()?;
        Some(asked)
    }
}

/// What the portal holds.
struct State {
    accounts: Accounts,
    signed_in: Vec<String>,
    taken: Taken,
    manner: Manner,
    /// Whether it calls whoever signs in by the name that was typed.
    echoes: bool,
}

impl State {
    /// Status and headers, and the body.
    fn answer(&mut self, asked: &Asked) -> (String, String) {
        let mut accounts = self.accounts.lock().expect("accounts");
        let said = serde_json::from_str(&asked.body).unwrap_or(serde_json::Value::Null);
        let typed = said["user"].as_str().unwrap_or_default();
        let user = (self.manner)(typed);
        let password = said["password"].as_str().unwrap_or_default().to_owned();
        let (head, body) = match asked.line.as_str() {
            "POST /accounts" => {
                let is_taken = accounts.contains_key(&user);
                if !is_taken || self.taken == Taken::Upsert {
                    accounts.insert(user, password);
                }
                match (is_taken, self.taken) {
                    (true, Taken::Conflict) => ("409 Conflict", String::new()),
                    (true, Taken::SaysYes) => ("200 OK", "that name is taken".to_owned()),
                    (true, Taken::Upsert) | (false, _) => ("200 OK", String::new()),
                }
            }
            "POST /session" if accounts.get(&user) == Some(&password) => {
                self.signed_in.push(if self.echoes { typed.to_owned() } else { user });
                let number = self.signed_in.len() - 1;
                return (format!("200 OK\r\nSet-Cookie: n={number}; Path=/"), "{}".to_owned());
            }
            "POST /session" => ("401 Unauthorized", String::new()),
            "GET /session" => {
                let number = asked.cookie.strip_prefix("n=").and_then(|n| n.parse().ok());
                let user = number.and_then(|number: usize| self.signed_in.get(number));
                ("200 OK", serde_json::json!({ "user": user }).to_string())
            }
            other => match other.strip_prefix("DELETE /accounts/") {
                Some(user) if accounts.remove(&(self.manner)(user)).is_some() => {
                    ("200 OK", String::new())
                }
                Some(_) | None => ("404 Not Found", String::new()),
            },
        };
        (head.to_owned(), body)
    }
}

struct Portal {
    port: u16,
    accounts: Accounts,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Portal {
    fn start(taken: Taken, manner: Manner) -> Self {
        Self::start_as(taken, manner, false)
    }

    fn start_as(taken: Taken, manner: Manner, echoes: bool) -> Self {
        let accounts = BEFORE.map(|name| (name.to_owned(), format!("password of {name}")));
        let accounts: Accounts = Arc::new(Mutex::new(accounts.into()));
        let (state, lines) = (Arc::clone(&accounts), Arc::<Mutex<Vec<String>>>::default());
        let mut state = State { accounts: state, signed_in: Vec::new(), taken, manner, echoes };
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let heard = Arc::clone(&lines);
        thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                let Some(asked) = Asked::read(&stream) else { continue };
                let (head, body) = state.answer(&asked);
                heard.lock().expect("lines").push(asked.line);
                let length = body.len();
                let _ = write!(
                    stream,
                    "HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
                );
            }
        });
        Self { port, accounts, lines }
    }

    fn names(&self) -> Vec<String> {
        self.accounts.lock().expect("accounts").keys().cloned().collect()
    }

    fn profile(&self, folder: &Path, actors: &str) {
        let port = self.port;
        let text = format!(
            r#"profile = 1

[portal]
name = "row 7"
base = "http://row7.localhost"
connect = "127.0.0.1:{port}"
environment = "test"

[actors]
{actors}

[flow.create_user]
post = "/accounts"
json = {{ user = "{{user}}", password = "{{password}}" }}
outcome = [{{ status = 200, is = "ok" }}, {{ status = 409, is = "refused" }}]

[flow.delete_user]
delete = "/accounts/{{user}}"
outcome = [{{ status = 200, is = "ok" }}, {{ status = 404, is = "refused" }}]

[flow.sign_in]
post = "/session"
json = {{ user = "{{user}}", password = "{{password}}" }}
outcome = [{{ status = 200, is = "ok" }}, {{ status = 401, is = "refused" }}]

[flow.whoami]
get = "/session"
capture = {{ user = {{ json = "/user" }} }}
outcome = [{{ status = 200, is = "ok" }}]
"#
        );
        fs::write(folder.join("row7.toml"), text).expect("written");
    }
}

fn run(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_touchstone"))
        .args(words)
        .args(["--profile", "row7.toml"])
        .current_dir(folder)
        .output()
        .expect("started")
}

const DOCTOR: &[&str] = &["doctor"];
const RUN: &[&str] = &["scenarios", "login/password/*", "--out", "out"];
const CLEAN: &[&str] = &["clean", "out"];

#[test]
fn a_profile_whose_names_are_not_the_runs_own_sends_nothing() {
    for name in ["admin", "{actor}", "alice-{n}", "{actor}-{run}-{n}", "alice+{run}-{n}"] {
        let folder = tempfile::tempdir().expect("a folder");
        let portal = Portal::start(Taken::Upsert, str::to_owned);
        portal.profile(folder.path(), &format!("name = \"{name}\""));
        for words in [DOCTOR, RUN, &["clean"]] {
            let output = run(folder.path(), words);
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{name} {words:?}: {said}");
            assert!(said.contains("row7.toml:10:") && said.contains("{run}"), "{name}: {said}");
        }
        assert_eq!(
            (portal.names(), portal.lines.lock().expect("lines").len()),
            (BEFORE.map(str::to_owned).to_vec(), 0)
        );
    }
}

/// A portal that keeps names as they are has nobody of a run's names, whatever it answers.
#[test]
fn who_was_there_before_is_there_afterwards() {
    for taken in [Taken::Upsert, Taken::SaysYes, Taken::Conflict] {
        let folder = tempfile::tempdir().expect("a folder");
        let portal = Portal::start(taken, str::to_owned);
        portal.profile(folder.path(), "");
        for words in [DOCTOR, RUN, CLEAN] {
            let output = run(folder.path(), words);
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(matches!(output.status.code(), Some(0 | 1 | 3)), "{taken:?} {words:?}: {said}");
            assert_eq!(portal.names(), BEFORE, "{taken:?} {words:?}");
        }
        let accounts = portal.accounts.lock().expect("accounts");
        assert!(accounts.iter().all(|(name, password)| *password == format!("password of {name}")));
        let lines = portal.lines.lock().expect("lines");
        assert!(lines.iter().any(|line| line.starts_with("DELETE /accounts/ts-")), "{lines:?}");
    }
}

/// One that takes every name for alice's sets her password, which nothing can know before it is asked.
/// Whoever signs in with it is called alice: from then on she is let alone, and so is everybody else.
#[test]
fn an_account_that_turns_out_to_be_somebody_elses_is_let_go() {
    for (actors, words, listed) in
        [("", DOCTOR, "stdout"), ("", RUN, "record"), ("disposable = true", RUN, "record")]
    {
        let folder = tempfile::tempdir().expect("a folder");
        let portal = Portal::start(Taken::Upsert, |_| "alice".to_owned());
        portal.profile(folder.path(), actors);
        let output = run(folder.path(), words);
        assert_eq!(output.status.code(), Some(4), "{words:?}: {output:?}");
        assert_eq!(portal.names(), BEFORE, "{words:?}");
        let lines = portal.lines.lock().expect("lines").clone();
        let made = lines.iter().filter(|line| line.starts_with("POST /accounts")).count();
        assert_eq!(made, 1, "{lines:?}");
        assert!(!lines.iter().any(|line| line.starts_with("DELETE")), "{lines:?}");
        let told = if listed == "record" {
            fs::read_to_string(folder.path().join("out/run.json")).expect("a record")
        } else {
            String::from_utf8_lossy(&output.stdout).into_owned()
        };
        assert!(told.contains("it took the name for that of another account"), "{told}");
        if actors.is_empty() && words == RUN {
            let output = run(folder.path(), CLEAN);
            let said = String::from_utf8_lossy(&output.stdout);
            assert_eq!(output.status.code(), Some(3), "{said}");
            assert!(said.contains("was let go"), "{said}");
            assert_eq!(portal.names(), BEFORE);
        }
    }
}

/// Nothing tells such a portal from a sound one but a name that nobody has. It is asked for that before
/// any name is sent of which it would leave alice's.
#[test]
fn names_that_a_portal_cuts_and_calls_whole_are_found_out_before_anybody_is_touched() {
    let cuts: Manner = |name| name.chars().take(5).collect();
    let drops: Manner = |name| name.split(['-', '+']).next().unwrap_or_default().to_owned();
    let cuts_and_folds: Manner = |name| name.chars().take(5).collect::<String>().to_lowercase();
    for (manner, name) in [(cuts, "alice-"), (drops, "alice-"), (cuts_and_folds, "ALICE_")] {
        for (taken, words) in [
            (Taken::Upsert, DOCTOR),
            (Taken::Upsert, RUN),
            (Taken::SaysYes, RUN),
            (Taken::Conflict, RUN),
        ] {
            let folder = tempfile::tempdir().expect("a folder");
            let portal = Portal::start_as(taken, manner, true);
            portal.profile(folder.path(), &format!("name = \"{name}{{run}}-{{n}}\""));
            let output = run(folder.path(), words);
            assert_eq!(output.status.code(), Some(4), "{words:?}: {output:?}");
            let told = String::from_utf8_lossy(&output.stdout);
            assert!(told.contains("it does not keep names apart"), "{told}");
            assert!(told.contains("was let go"), "{told}");
            if words == RUN {
                let output = run(folder.path(), CLEAN);
                assert_eq!(output.status.code(), Some(3), "{output:?}");
            }
            let lines = portal.lines.lock().expect("lines");
            assert!(!lines.iter().any(|line| line.starts_with("DELETE")), "{lines:?}");
            let accounts = portal.accounts.lock().expect("accounts");
            for name in BEFORE {
                let password = accounts.get(name);
                assert_eq!(password, Some(&format!("password of {name}")), "{words:?}");
            }
        }
    }
}

/// Nothing is sent for a line that a run with that tag did not write.
#[test]
fn a_ledger_cannot_name_anybody_else() {
    let tag = "7f3a91c2d0";
    let portal = Portal::start(Taken::Upsert, str::to_owned);
    for (tag, user) in [
        (tag, "alice"),
        (tag, "alice7f3a91c2d0"),
        (tag, "ts-7f3a91c2d0-101/../alice"),
        (tag, "\\u001b[2Jts-7f3a91c2d0-101"),
        ("", "ts--101"),
        ("7f3a91", "ts-7f3a91-101"),
        ("alice", "alice"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        portal.profile(folder.path(), "");
        fs::create_dir(folder.path().join("out")).expect("a folder");
        fs::write(folder.path().join("out/ledger.jsonl"), ledger_of_one(tag, user))
            .expect("written");
        let output = run(folder.path(), CLEAN);
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(3), "{user}: {output:?}");
        assert!(said.contains("nothing was sent; look for it by hand"), "{said}");
        assert!(!said.contains('\u{1b}'), "{said:?}");
        assert_eq!(portal.names(), BEFORE);
        let asked = portal.lines.lock().expect("lines").len();
        assert_eq!(asked, 0, "{user}");
    }
}

/// What a run with a tag of its own wrote down of one account.
fn ledger_of_one(tag: &str, user: &str) -> String {
    let header = format!(
        r#"{{"entry":"begun","portal":"row 7","base":"http://row7.localhost","started":"2026-01-01T00:00:00Z","run_tag":"{tag}"}}"#
    );
    let name = format!(r#"{{"user":"{user}","mail":"{user}@touchstone.test","scene":"x"}}"#);
    format!(
        "{header}\n{{\"entry\":\"creating\",\"n\":0,\"account\":{name}}}\n{{\"entry\":\"created\",\"n\":0}}\n"
    )
}

/// That it was shown to that run that names are kept apart.
const KEPT_APART: &str = "{\"entry\":\"kept-apart\"}\n";

/// A run that was killed before it knew whether names are kept apart: only what begins with its tag is
/// nobody else's, however the portal cuts it.
#[test]
fn what_a_run_left_that_knew_nothing_of_names_is_removed_where_its_tag_stands_first() {
    let tag = "a123456789";
    for (user, shown, left) in [
        ("a123456789-ts-00101", "", false),
        ("ts-a123456789-101", KEPT_APART, false),
        ("ts-a123456789-101", "", true),
    ] {
        let portal = Portal::start(Taken::Upsert, str::to_owned);
        portal.accounts.lock().expect("accounts").insert(user.to_owned(), String::new());
        let folder = tempfile::tempdir().expect("a folder");
        portal.profile(folder.path(), "");
        fs::create_dir(folder.path().join("out")).expect("a folder");
        let ledger = ledger_of_one(tag, user) + shown;
        fs::write(folder.path().join("out/ledger.jsonl"), ledger).expect("written");
        let output = run(folder.path(), CLEAN);
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(if left { 3 } else { 0 }), "{said}");
        assert_eq!(said.contains("it was not shown that this portal keeps"), left, "{said}");
        assert_eq!(portal.names().contains(&user.to_owned()), left, "{user}");
    }
}

/// What becomes of one of two ledgers.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Spoilt {
    /// A line is torn, so that nobody knows the name on it.
    Torn,
    /// A line is damaged that may have let somebody go.
    Doubtful,
    /// Two runs stand in it.
    Twice,
    /// It is a folder.
    Folder,
}

impl Spoilt {
    /// Writes it down, and what is said of it.
    fn write(self, file: &Path) -> &'static str {
        let tag = "7f3a91c2d0";
        let whole = ledger_of_one(tag, &format!("ts-{tag}-101"));
        let (text, said) = match self {
            Self::Torn => (whole.replacen("creating", "crea\n", 1), "look by hand for names with"),
            Self::Doubtful => (whole + "\0\0\0\n", "may say that it is not this run's"),
            Self::Twice => (whole.clone() + &whole, "line 4 begins a second run"),
            Self::Folder => {
                fs::create_dir(file).expect("a folder");
                return "Is a directory";
            }
        };
        fs::write(file, text).expect("written");
        said
    }
}

/// A ledger that cannot be read as a whole is named, and the others are worked off.
#[test]
fn what_one_ledger_hides_keeps_no_other_from_being_worked_off() {
    let portal = Portal::start(Taken::Upsert, str::to_owned);
    for (named, spoilt) in [
        (false, Spoilt::Torn),
        (true, Spoilt::Torn),
        (true, Spoilt::Doubtful),
        (true, Spoilt::Twice),
        (false, Spoilt::Twice),
        (false, Spoilt::Folder),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        portal.profile(folder.path(), "");
        let runs = folder.path().join("target/touchstone");
        let other = "ts-0123456789-101".to_owned();
        portal.accounts.lock().expect("accounts").insert(other.clone(), String::new());
        fs::create_dir_all(runs.join("b")).expect("a folder");
        let ledger = ledger_of_one("0123456789", &other);
        fs::write(runs.join("b/ledger.jsonl"), ledger + KEPT_APART).expect("written");
        fs::create_dir_all(runs.join("a")).expect("a folder");
        let words = spoilt.write(&runs.join("a/ledger.jsonl"));
        let dirs = ["target/touchstone/a", "target/touchstone/b"];
        let args = [&["clean"][..], if named { &dirs } else { &[] }].concat();
        let output = run(folder.path(), &args);
        let said = [&output.stdout[..], &output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert_eq!(output.status.code(), Some(3), "{spoilt:?}: {output:?}");
        assert!(said.contains("target/touchstone/a") && said.contains(words), "{spoilt:?}: {said}");
        assert_eq!(portal.names(), BEFORE, "{spoilt:?}");
    }
}

/// Where runs lie and cannot be looked at, nobody knows what is left.
#[test]
fn what_cannot_be_looked_at_is_not_nothing() {
    let portal = Portal::start(Taken::Upsert, str::to_owned);
    let folder = tempfile::tempdir().expect("a folder");
    portal.profile(folder.path(), "");
    let clean = || run(folder.path(), &["clean"]).status.code();
    assert_eq!(clean(), Some(0));
    fs::create_dir(folder.path().join("target")).expect("a folder");
    fs::write(folder.path().join("target/touchstone"), "a file").expect("written");
    assert_eq!(clean(), Some(3));
}

/// What needs no mail opens no port for it; what does says whose trouble it is.
#[test]
fn a_port_for_mail_that_is_taken_is_this_machines_matter() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let smtp = taken.local_addr().expect("an address");
    let folder = tempfile::tempdir().expect("a folder");
    let portal = Portal::start(Taken::Conflict, str::to_owned);
    portal.profile(folder.path(), &format!("[mail]\nsource = {{ smtp = \"{smtp}\" }}\nlink = 'x'"));
    for (words, code) in [(&["clean"][..], 0), (&["plan"], 0), (DOCTOR, 3), (RUN, 3)] {
        let output = run(folder.path(), words);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{words:?}: {said}");
        if code == 3 {
            let told = said.contains(&smtp.to_string()) && said.contains("listens there");
            assert!(told && !said.contains("network"), "{words:?}: {said}");
        }
    }
}
