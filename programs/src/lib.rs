//! Programs that run beside ours, each in a process group of its own that ends with the run. Those of the
//! user's that a profile names are run without a shell, with nothing of our environment that the profile did
//! not name for them. Whether one may be run at
//! all is the command line's to say (`--allow-commands`).

mod group;

use std::{
    fs::File,
    io::{ErrorKind, Read},
    os::fd::AsFd,
    pin::pin,
    process::Stdio,
    time::Duration,
};

use profile::Command;
use tokio::{io::AsyncReadExt, process::ChildStdout};

pub use self::group::{Group, end_all};

/// What of our environment a program has: secrets that stand there are for the profile.
const ENVIRONMENT: [&str; 4] = ["PATH", "HOME", "LANG", "TMPDIR"];

/// How long one may run and how much it may print, bytes.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Longest time until it ends.
    pub time: Duration,
    /// Most bytes of its standard output.
    pub output: u64,
}

/// How a program ended.
#[derive(Debug, PartialEq, Eq)]
pub struct Ended {
    /// Its exit code; `None` where a signal ended it.
    pub code: Option<i32>,
    /// Standard output, as it came.
    pub output: Vec<u8>,
}

/// As it is started, but for its pipes.
///
/// # Errors
/// Where no program is named.
pub fn bare(asked: &Command) -> std::io::Result<tokio::process::Command> {
    let (program, arguments) = asked.argv.split_first().ok_or(ErrorKind::NotFound)?;
    let known = ENVIRONMENT.iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
    let mut command = tokio::process::Command::new(program);
    command.args(arguments).current_dir(&asked.folder).env_clear().envs(known).kill_on_drop(true);
    Ok(command)
}

/// Runs it to its end; with what it has brought forth, where it does not come to one in time.
///
/// # Errors
/// What goes wrong, in words and without the command.
pub async fn once(
    asked: &Command,
    environment: &[(String, String)],
    bounds: Bounds,
) -> Result<Ended, String> {
    let broken = |error: std::io::Error| error.to_string();
    let mut command = bare(asked).map_err(broken)?;
    command
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    // Ctrl-C is ours to hear: what was made is still removed.
    let (mut child, group) = Group::start(&mut command).map_err(broken)?;
    let stdout = child.stdout.take().ok_or("it has no standard output")?;
    let done = tokio::time::timeout(bounds.time, ends(&group, stdout, bounds.output)).await;
    // Before it is waited for as a child: until then the group's number is its own.
    group.end();
    match done {
        Err(_) => Err(format!("it did not end within {} s", bounds.time.as_secs_f32())),
        Ok(Err(error)) => Err(broken(error)),
        Ok(Ok(None)) => Err(format!("it printed more than {} bytes", bounds.output)),
        Ok(Ok(Some(output))) => {
            Ok(Ended { code: child.wait().await.map_err(broken)?.code(), output })
        }
    }
}

/// What a program had printed when it ended; `None` where that was too much. Whatever it leaves behind may
/// hold its output open, and is not waited for.
async fn ends(group: &Group, stdout: ChildStdout, most: u64) -> std::io::Result<Option<Vec<u8>>> {
    // Never blocks, and finds what the runtime has not heard of yet.
    let pipe = File::from(stdout.as_fd().try_clone_to_owned()?);
    let (mut stdout, mut output, mut open) = (stdout.take(most + 1), Vec::new(), true);
    let mut ended = pin!(group.leader_ends());
    loop {
        tokio::select! {
            ended = &mut ended => break ended?,
            read = stdout.read_buf(&mut output), if open => open = read? > 0,
        }
        if !open && stdout.limit() == 0 {
            return Ok(None);
        }
    }
    match Read::take(pipe, stdout.limit()).read_to_end(&mut output) {
        Err(error) if error.kind() != ErrorKind::WouldBlock => return Err(error),
        Ok(_) | Err(_) => {}
    }
    let length = u64::try_from(output.len()).unwrap_or(u64::MAX);
    Ok((length <= most).then_some(output))
}

#[cfg(test)]
mod tests {
    use std::{path::Path, time::Instant};

    use super::*;

    const BOUNDS: Bounds = Bounds { time: Duration::from_millis(300), output: 100 };

    async fn sh(script: &str) -> Result<Ended, String> {
        let argv = ["sh", "-c", script].map(str::to_owned).to_vec();
        let given = [("GIVEN".to_owned(), "so".to_owned())];
        once(&Command::new(argv, Path::new("/")), &given, BOUNDS).await
    }

    #[tokio::test]
    async fn a_program_has_its_folder_and_what_it_was_given_and_nothing_else() {
        let ended = sh("pwd; echo $GIVEN; echo ${CARGO_MANIFEST_DIR:-nothing}; exit 3").await;
        assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
        assert_eq!(ended, Ok(Ended { code: Some(3), output: b"/\nso\nnothing\n".to_vec() }));
    }

    #[tokio::test]
    async fn one_without_an_end_is_ended_with_all_that_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let pid = folder.path().join("pid");
        let script = format!("sleep 60 & echo $! > {}; wait", pid.display());
        let began = Instant::now();
        assert_eq!(sh(&script).await, Err("it did not end within 0.3 s".into()));
        assert!(began.elapsed() < Duration::from_secs(20));
        is_gone(&pid, began).await;
    }

    #[tokio::test]
    async fn one_that_has_ended_is_not_waited_for_because_of_what_it_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        let pid = folder.path().join("pid");
        let script = format!("sleep 60 & echo $! > {}; echo done", pid.display());
        let began = Instant::now();
        assert_eq!(sh(&script).await, Ok(Ended { code: Some(0), output: b"done\n".to_vec() }));
        is_gone(&pid, began).await;
    }

    /// Waits until the process whose number stands in a file has ended.
    async fn is_gone(pid: &Path, began: Instant) {
        let pid = std::fs::read_to_string(pid).unwrap();
        let gone = || {
            let state = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
            state.map_or(true, |state| state.contains(") Z "))
        };
        while !gone() {
            assert!(began.elapsed() < Duration::from_secs(20), "still there");
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn what_cannot_be_started_or_prints_too_much_says_so() {
        let nowhere = Command::new(vec!["/no/such/program".into()], Path::new(""));
        assert!(once(&nowhere, &[], BOUNDS).await.unwrap_err().contains("No such file"));
        assert_eq!(sh("yes").await, Err("it printed more than 100 bytes".into()));
    }
}
