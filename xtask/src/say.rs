//! Everything that the program prints goes through here. What could not be printed is never forgotten:
//! the exit code tells of it. Nothing in here panics, whatever became of the terminal or the pipe.

use std::{
    fs::File,
    io::{self, ErrorKind, IsTerminal, Write},
    os::fd::{AsFd, BorrowedFd},
    sync::{LazyLock, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anstream::{AutoStream, ColorChoice, stream::RawStream};
use reports::{
    record::Outcome,
    render::{Style, ascii_json, plain, plain_json},
};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    termios::tcgetwinsize,
};

use crate::{interrupt, stop::Stop};

/// How long a person who asks the program to stop waits for a standard error that nobody reads.
const STALLED: Duration = Duration::from_secs(1);

/// How often it is looked whether somebody asked.
const LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// As much as a pipe takes at once where it takes anything, bytes (pipe(7)).
const AT_ONCE: usize = 4096;

/// What kept standard output from taking something, first.
static BROKEN: Mutex<Option<io::Error>> = Mutex::new(None);

/// How text is fitted to standard output.
pub(crate) static OUTPUT: LazyLock<Style> = LazyLock::new(|| style(&stdout()));

/// The same for standard error.
static ERRORS: LazyLock<Style> = LazyLock::new(|| style(&stderr()));

/// Lines for people on standard output. What they quote of others cannot act on a terminal.
pub(crate) fn lines(text: &str) {
    document(&OUTPUT.lines(&harmless(text)));
}

/// JSON on standard output, of the same values, so that it can stand on a terminal too.
pub(crate) fn machine(json: &str) {
    let json = plain_json(json);
    document(&if OUTPUT.ascii { ascii_json(&json) } else { json.into() });
}

/// An answer of the command line's own: with its colours, where they are wanted.
pub(crate) fn help(text: &clap::builder::StyledStr, is_error: bool) {
    let style = if is_error { *ERRORS } else { *OUTPUT };
    let text = if style.colour { text.ansi().to_string() } else { harmless(&text.to_string()) };
    let text = style.characters(&text);
    if is_error {
        let _ = whole(stderr(), text.as_bytes());
    } else {
        document(&text);
    }
}

/// Text on standard output as it is: its form is its own, or who made it saw to it that nothing in it
/// acts on a terminal.
pub(crate) fn document(text: &str) {
    let mut broken = BROKEN.lock().unwrap_or_else(PoisonError::into_inner);
    if broken.is_none() {
        *broken = whole(stdout(), text.as_bytes()).err();
    }
}

/// Lines for people on standard error. Where nobody can hear them, nothing else changes.
pub(crate) fn tell(text: &str) {
    let lines = harmless(text);
    // What is set in is a line of a file with marks below it, or a column.
    let lines = lines.split('\n').map(|line| match line.starts_with(' ') {
        true => ERRORS.characters(line).into_owned() + "\n",
        false => ERRORS.lines(line) + "\n",
    });
    let lines: String = lines.collect();
    let mut stderr = stderr();
    for piece in lines.as_bytes().chunks(AT_ONCE) {
        if !takes_more(&stderr) || whole(&mut stderr, piece).is_err() {
            return;
        }
    }
}

/// Waits until a stream takes more. Whoever asked the program to stop does not wait for long.
fn takes_more(stream: &impl AsFd) -> bool {
    let mut given_up_at = None;
    loop {
        match poll(&mut [PollFd::new(stream, PollFlags::OUT)], Some(&LOOK)) {
            Ok(0) | Err(Errno::INTR) => {}
            // What is wrong with it is told by writing.
            Ok(_) | Err(_) => return true,
        }
        if interrupt::is_asked() {
            let at = *given_up_at.get_or_insert_with(|| Instant::now() + STALLED);
            if Instant::now() > at {
                return false;
            }
        }
    }
}

/// Whether everything has been printed so far, or nobody wants to read on. A command that may go on for
/// long ends where it has not.
pub(crate) fn goes_on() -> anyhow::Result<()> {
    let broken = BROKEN.lock().unwrap_or_else(PoisonError::into_inner);
    let lost = broken.as_ref().is_some_and(|error| error.kind() != ErrorKind::BrokenPipe);
    // What was lost is told of in the end.
    if lost { Err(Stop::with(Outcome::NoVerdict, "nothing more is done")) } else { Ok(()) }
}

/// The word that a command ends with, now that everything was printed: output that was lost is an error,
/// unless nobody wanted to read on.
pub(crate) fn arrived(outcome: Outcome) -> Outcome {
    let mut broken = BROKEN.lock().unwrap_or_else(PoisonError::into_inner);
    let lost = broken.take().or_else(|| kept().err());
    match lost.filter(|error| error.kind() != ErrorKind::BrokenPipe) {
        None => outcome,
        Some(error) => {
            tell(&format!(
                "touchstone: standard output could not be written, so what was printed is not whole: {error}"
            ));
            not_whole(outcome)
        }
    }
}

/// What a command comes to whose output is not whole. Words that win over findings stand.
const fn not_whole(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Conforms
        | Outcome::DoesNotConform
        | Outcome::NoVerdict
        | Outcome::TargetNotReady => Outcome::NoVerdict,
        Outcome::BadCommand
        | Outcome::StoppedForSafety
        | Outcome::EvidenceInvalid
        | Outcome::Void
        | Outcome::Interrupted => outcome,
    }
}

/// Whether standard output is on its disk, where it is a file: some disks are full only then.
fn kept() -> io::Result<()> {
    let file = File::from(stdout().as_fd().try_clone_to_owned()?);
    if !file.metadata()?.is_file() {
        return Ok(());
    }
    settled(file.sync_data())
}

/// What putting output on its disk comes to. What knows no such thing, as a pipe, a terminal or a device
/// does not (fsync(2)), has it as it is; any other error is output that may be lost.
fn settled(synced: io::Result<()>) -> io::Result<()> {
    let Err(error) = synced else { return Ok(()) };
    let knows_none = [Errno::INVAL, Errno::ROFS, Errno::NOTSUP];
    match Errno::from_io_error(&error) {
        Some(errno) if knows_none.contains(&errno) => Ok(()),
        Some(_) | None => Err(error),
    }
}

/// Writes all of it at once; a sink that is busy is waited for.
fn whole(mut sink: impl Write + AsFd, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match sink.write(bytes) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(error) => try_again(error, sink.as_fd())?,
        }
    }
    while let Err(error) = sink.flush() {
        try_again(error, sink.as_fd())?;
    }
    Ok(())
}

/// Waits until a sink that was not ready is; any other error is handed back.
fn try_again(error: io::Error, sink: BorrowedFd<'_>) -> io::Result<()> {
    if error.kind() == ErrorKind::Interrupted {
        return Ok(());
    }
    if error.kind() != ErrorKind::WouldBlock {
        return Err(error);
    }
    match poll(&mut [PollFd::from_borrowed_fd(sink, PollFlags::OUT)], None) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Line by line without what would act on a terminal or a log reader.
fn harmless(text: &str) -> String {
    text.split('\n').map(plain).collect::<Vec<_>>().join("\n")
}

/// What a stream shows, by the environment and by itself.
fn style(stream: &(impl RawStream + AsFd)) -> Style {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let columns = columns.filter(|columns: &usize| *columns > 0);
    let width = || {
        let size = stream.is_terminal().then(|| tcgetwinsize(stream).ok())??;
        (size.ws_col > 0).then(|| usize::from(size.ws_col))
    };
    Style {
        colour: is_coloured(stream),
        width: columns.or_else(width),
        ascii: is_ascii(|name| std::env::var(name).ok()),
    }
}

/// Whether a stream takes colours: NO_COLOR, CLICOLOR_FORCE, CLICOLOR and TERM have their say.
fn is_coloured<S: RawStream>(stream: &S) -> bool {
    match AutoStream::choice(stream) {
        ColorChoice::Always | ColorChoice::AlwaysAnsi => true,
        ColorChoice::Auto | ColorChoice::Never => false,
    }
}

/// Whether the locale has no other characters than ASCII for sure: one is named, and it is not of UTF-8.
fn is_ascii(variable: impl Fn(&str) -> Option<String>) -> bool {
    let names = ["LC_ALL", "LC_CTYPE", "LANG"];
    let locale = names.iter().filter_map(|name| variable(name)).find(|value| !value.is_empty());
    locale.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        !locale.contains("utf-8") && !locale.contains("utf8")
    })
}

/// Whether a line on standard error can be written over: a terminal that is not a dumb one.
pub(crate) fn moves() -> bool {
    stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Whether standard error knows no characters but those of ASCII.
pub(crate) fn is_plain() -> bool {
    ERRORS.ascii
}

#[expect(
    clippy::disallowed_methods,
    reason = "everything that is printed goes through this module"
)]
fn stdout() -> io::Stdout {
    io::stdout()
}

#[expect(
    clippy::disallowed_methods,
    reason = "everything that is printed goes through this module"
)]
fn stderr() -> io::Stderr {
    io::stderr()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_for_people_cannot_act_and_keeps_its_lines() {
        assert_eq!(
            harmless("a\n  \u{1b}[31mred\u{7}\n\n::error::x\n"),
            "a\n  ␛[31mred␇\n\n: :error::x\n"
        );
    }

    #[test]
    fn output_that_is_not_whole_is_never_green_and_hides_nothing_worse() {
        use reports::judge::exit_code;
        let all = [
            Outcome::Conforms,
            Outcome::DoesNotConform,
            Outcome::BadCommand,
            Outcome::NoVerdict,
            Outcome::TargetNotReady,
            Outcome::StoppedForSafety,
            Outcome::EvidenceInvalid,
            Outcome::Void,
            Outcome::Interrupted,
        ];
        let codes = all.map(|outcome| exit_code(not_whole(outcome)));
        assert_eq!(codes, [3, 3, 2, 3, 3, 5, 6, 7, 130]);
    }

    #[test]
    fn output_that_did_not_reach_its_disk_is_lost_unless_nothing_is_put_on_a_disk() {
        assert!(settled(Ok(())).is_ok());
        for errno in [Errno::INVAL, Errno::ROFS, Errno::NOTSUP] {
            assert!(settled(Err(errno.into())).is_ok(), "{errno}");
        }
        for errno in [
            Errno::IO,
            Errno::NOSPC,
            Errno::DQUOT,
            Errno::BADF,
            Errno::FBIG,
            Errno::STALE,
            Errno::NODEV,
            Errno::ACCESS,
        ] {
            let lost = settled(Err(errno.into())).map_err(|error| error.raw_os_error());
            assert_eq!(lost, Err(Some(errno.raw_os_error())), "{errno}");
        }
        // One that no system told of.
        assert!(settled(Err(ErrorKind::WriteZero.into())).is_err());
    }

    #[test]
    fn the_locale_is_the_first_of_three_that_is_named() {
        for (set, expected) in [
            (&[][..], false),
            (&[("LANG", "C.UTF-8")], false),
            (&[("LANG", "C")], true),
            (&[("LANG", "POSIX")], true),
            (&[("LANG", "de_DE.ISO-8859-1")], true),
            (&[("LANG", "C"), ("LC_CTYPE", "en_GB.utf8")], false),
            (&[("LANG", "en_GB.UTF-8"), ("LC_CTYPE", "C")], true),
            (&[("LANG", "C"), ("LC_CTYPE", "C"), ("LC_ALL", "C.UTF-8")], false),
            (&[("LANG", "C.UTF-8"), ("LC_ALL", "C")], true),
            // An empty one is none.
            (&[("LANG", "C.UTF-8"), ("LC_ALL", "")], false),
        ] {
            let variable = |name: &str| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(is_ascii(variable), expected, "{set:?}");
        }
    }

    #[test]
    fn a_sink_that_is_busy_is_waited_for() {
        use std::{io::Read, os::unix::net::UnixStream};
        let (writer, mut reader) = UnixStream::pair().expect("a pair");
        writer.set_nonblocking(true).expect("set");
        let much = vec![b'x'; 4 << 20];
        let read = std::thread::spawn(move || {
            let mut all = Vec::new();
            reader.read_to_end(&mut all).map(|_| all.len())
        });
        whole(&writer, &much).expect("written");
        drop(writer);
        assert_eq!(read.join().expect("read").expect("read"), much.len());
    }
}
