//! Where what is printed cannot be written: that is an error on every command, but for a reader that
//! went away. Nothing aborts, and nothing that is lost looks green.
#![cfg(target_os = "linux")]

mod support;

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

use support::portal;

/// What a stream of the program leads to.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Sink {
    Kept,
    /// A full disk.
    Full,
    /// A pipe that nobody reads from any more.
    Gone,
}

impl Sink {
    fn stdio(self) -> Stdio {
        match self {
            Self::Kept => Stdio::piped(),
            Self::Full => File::create("/dev/full").expect("opened").into(),
            Self::Gone => std::io::pipe().expect("a pipe").1.into(),
        }
    }
}

/// Standard output and standard error, and whether what is printed gets lost.
const SINKS: [(Sink, Sink, bool); 7] = [
    (Sink::Kept, Sink::Kept, false),
    (Sink::Full, Sink::Kept, true),
    (Sink::Gone, Sink::Kept, false),
    (Sink::Kept, Sink::Full, false),
    (Sink::Kept, Sink::Gone, false),
    (Sink::Full, Sink::Full, true),
    (Sink::Gone, Sink::Gone, false),
];

fn touchstone(args: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_touchstone"));
    command.args(args).current_dir(folder).stdin(Stdio::null());
    command
}

/// Waits for a code; what was said otherwise is in the failure.
fn ends_with(child: Child, code: i32, about: &str) -> (String, String) {
    let output = child.wait_with_output().expect("waited for");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{about}: {}\n{out}\n{err}", output.status);
    (out, err)
}

/// Runs a command with each of the sinks; `code` is its own, and `prints` whether its answer goes to
/// standard output.
fn everywhere(folder: &Path, args: &[&str], code: i32, prints: bool) {
    for (out, err, lost) in SINKS {
        let about = format!("{args:?} with {out:?} and {err:?}");
        let mut command = touchstone(args, folder);
        let child = command.stdout(out.stdio()).stderr(err.stdio()).spawn().expect("started");
        let expected = if lost && prints { 3 } else { code };
        let (_, said) = ends_with(child, expected, &about);
        if expected == 3 && err == Sink::Kept {
            assert!(said.contains("standard output could not be written"), "{about}: {said}");
        }
    }
    // Without any stream at all, as `>&- 2>&-` gives it, nobody wants to hear anything.
    let mut closed = Command::new("sh");
    closed.args(["-c", "exec \"$0\" \"$@\" <&- >&- 2>&-", env!("CARGO_BIN_EXE_touchstone")]);
    let child = closed.args(args).current_dir(folder).spawn().expect("started");
    ends_with(child, code, &format!("{args:?} without streams"));
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace is above").to_owned()
}

/// A command, its own code, and whether its answer goes to standard output.
type Row<'r> = (Vec<&'r str>, i32, bool);

#[test]
fn commands_that_send_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let profile = root().join("profiles/stub.toml").display().to_string();
    let rows: [Row<'_>; 24] = [
        (vec!["--help"], 0, true),
        (vec!["--version"], 0, true),
        (vec!["scenarios", "--help"], 0, true),
        (vec![], 2, false),
        (vec!["no-such-command"], 2, false),
        (vec!["list"], 0, true),
        (vec!["list", "--json"], 0, true),
        (vec!["list", "--requirements"], 0, true),
        (vec!["list", "--cases"], 0, true),
        (vec!["list", "--defects"], 0, true),
        (vec!["show", "registration/origin/foreign"], 0, true),
        (vec!["show", "login/origin-prefix", "--json"], 0, true),
        (vec!["show", "nothing"], 2, false),
        (vec!["plan"], 0, true),
        (vec!["plan", "--json"], 0, true),
        (vec!["plan", "--profile", &profile], 0, true),
        (vec!["profile", "check", &profile], 0, true),
        (vec!["profile", "check", &profile, "--json"], 0, true),
        (vec!["profile", "show", &profile], 0, true),
        (vec!["profile", "show", "--resolved", &profile], 0, true),
        (vec!["profile", "check", "nowhere.toml"], 2, false),
        (vec!["scenarios", "nope"], 2, false),
        (vec!["report", "nowhere"], 2, false),
        (vec!["judge", "nowhere"], 2, false),
    ];
    for (args, code, prints) in rows {
        everywhere(folder.path(), &args, code, prints);
    }
    let root = root();
    for args in [vec!["deployment", "list"], vec!["deployment", "list", "--json"]] {
        everywhere(&root, &args, 0, true);
    }
    everywhere(&root, &["test", "--only", "nothing"], 2, false);
}

#[test]
fn the_record_of_a_run_in_every_form() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = ["scenarios", "registration/origin/foreign", "--out", "run"];
    let mut made = touchstone(&run, folder.path());
    let child = made.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
    ends_with(child, 0, "the run");
    for args in [
        vec!["report", "run"],
        vec!["report", "run", "--format", "html"],
        vec!["report", "run", "--format", "junit"],
        vec!["report", "run", "--format", "md"],
        vec!["judge", "run"],
        vec!["judge", "run", "--json"],
    ] {
        everywhere(folder.path(), &args, 0, true);
    }
}

#[test]
fn a_run_is_finished_wherever_it_is_told_of() {
    let folder = tempfile::tempdir().expect("a folder");
    let runs = SINKS.iter().enumerate().flat_map(|(number, sinks)| {
        [false, true].map(|json| (format!("run-{number}-{json}"), json, *sinks))
    });
    for (name, json, (out, err, lost)) in runs {
        let mut args = vec!["scenarios", "registration/origin/foreign", "--out", &name];
        args.extend(json.then_some("--json"));
        let mut command = touchstone(&args, folder.path());
        let child = command.stdout(out.stdio()).stderr(err.stdio()).spawn().expect("started");
        ends_with(child, if lost { 3 } else { 0 }, &format!("{args:?} with {out:?} and {err:?}"));
        let dir = folder.path().join(&name);
        for file in ["run.json", "report.html", "junit.xml", "summary.md"] {
            assert!(fs::metadata(dir.join(file)).is_ok_and(|file| file.len() > 0), "{name}/{file}");
        }
        let mut judged = touchstone(&["judge", &name], folder.path());
        let child = judged.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
        ends_with(child, 0, &name);
    }
}

#[test]
fn commands_that_ask_a_portal() {
    let folder = tempfile::tempdir().expect("a folder");
    let (address, _) = portal(|path| match path {
        "/" => ("200 OK", "<title>Front</title><a href='/sign-in'>Sign in</a>".to_owned()),
        _ => ("404 Not Found", String::new()),
    });
    let (base, at) = (format!("http://portal.localhost:{}/", address.port()), address.to_string());
    everywhere(folder.path(), &["init", &base, "--connect", &at], 0, true);
    everywhere(folder.path(), &["init", "http://127.0.0.1:1"], 4, false);
    // Nothing listens there.
    let text = fs::read_to_string(root().join("profiles/stub.toml")).expect("it ships");
    let text = text.replace("127.0.0.1:8190", "127.0.0.1:1");
    fs::write(folder.path().join("stub.toml"), text).expect("written");
    everywhere(folder.path(), &["doctor", "--profile", "stub.toml"], 4, true);
    everywhere(folder.path(), &["doctor", "--json", "--profile", "stub.toml"], 4, true);
    everywhere(folder.path(), &["clean", "--profile", "stub.toml"], 0, true);
    everywhere(folder.path(), &["clean", "--json", "--profile", "stub.toml"], 0, true);
    everywhere(folder.path(), &["scenarios", "login/password", "--profile", "stub.toml"], 4, true);
}

#[test]
fn defects_and_the_portal_that_is_served() {
    let folder = tempfile::tempdir().expect("a folder");
    // Each of them runs the whole suite first: two at a time.
    let some = [SINKS[1], SINKS[2], SINKS[6]];
    thread::scope(|scope| {
        for (out, err, lost) in some {
            let folder = folder.path();
            scope.spawn(move || {
                let mut command = touchstone(&["defects", "login/origin-prefix"], folder);
                let child = command.stdout(out.stdio()).stderr(err.stdio()).spawn();
                let about = format!("defects with {out:?} and {err:?}");
                ends_with(child.expect("started"), if lost { 3 } else { 0 }, &about);
            });
        }
    });
    // Nobody could know where it is served.
    for args in [&["serve", "--port", "0"][..], &["serve", "--port", "0", "--json"]] {
        let mut command = touchstone(args, folder.path());
        let child = command.stdout(Sink::Full.stdio()).stderr(Stdio::piped()).spawn();
        let (_, said) = ends_with(child.expect("started"), 3, "serve");
        assert!(said.contains("standard output could not be written"), "{said}");
    }
}

/// What a command prints in an environment with some variables more, and none that fit text otherwise.
fn prints(folder: &Path, args: &[&str], environment: &[(&str, &str)]) -> (String, String) {
    let mut command = touchstone(args, folder);
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "LC_ALL", "LC_CTYPE", "LANG"]
    {
        command.env_remove(name);
    }
    command.envs(environment.iter().copied());
    let output = command.output().expect("started");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (text(output.stdout), text(output.stderr))
}

#[test]
fn text_fits_what_shows_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let run = ["scenarios", "registration/origin/foreign", "login/password", "--out", "run"];
    let (plain, _) = prints(at, &run, &[]);
    assert!(plain.contains("conforms") && !plain.contains('\u{1b}'), "{plain}");
    let report = |environment: &[(&str, &str)]| prints(at, &["report", "run"], environment).0;

    for (environment, coloured) in [
        (&[("CLICOLOR_FORCE", "1")][..], true),
        (&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
        // Neither is this a terminal.
        (&[("CLICOLOR", "1")], false),
    ] {
        assert_eq!(report(environment).contains("\u{1b}["), coloured, "{environment:?}");
        let (help, _) = prints(at, &["--help"], environment);
        assert_eq!(help.contains("\u{1b}["), coloured, "{environment:?}");
    }

    for locale in ["C", "POSIX", "de_DE.ISO-8859-1"] {
        let environment = [("LANG", locale)];
        for args in [
            vec!["report", "run"],
            vec!["judge", "run"],
            vec!["list"],
            vec!["list", "--requirements", "--json"],
            vec!["show", "registration/origin/foreign"],
            vec!["plan"],
            vec!["--help"],
            vec!["show", "\u{e9}\u{1f511}"],
        ] {
            let (out, err) = prints(at, &args, &environment);
            assert!(out.is_ascii() && err.is_ascii(), "{locale} {args:?}: {out}{err}");
        }
        // Their own form says that they are UTF-8.
        let html = prints(at, &["report", "run", "--format", "html"], &environment).0;
        assert_eq!(html, prints(at, &["report", "run", "--format", "html"], &[]).0);
    }
    assert_eq!(report(&[("LANG", "C"), ("LC_ALL", "en_GB.UTF-8")]), report(&[]));

    for args in [vec!["report", "run"], vec!["list"], vec!["plan"], vec!["scenarios", "--help"]] {
        let (narrow, _) = prints(at, &args, &[("COLUMNS", "60")]);
        // What people copy stays whole, and so do a table and a single word.
        let whole = |line: &str| {
            line.contains("cargo xtask ") || line.contains("https://") || !line.trim().contains(' ')
        };
        let wide = narrow.lines().find(|line| line.chars().count() > 60 && !whole(line));
        assert_eq!(wide, None, "{args:?}\n{narrow}");
    }
}
