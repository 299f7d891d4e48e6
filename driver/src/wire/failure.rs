//! Why no answer came: told apart by whose it is.

use std::{error::Error as _, fmt, io};

use profile::error::Error;
use rustix::io::Errno;

use super::resolver::NoName;

/// No answer.
#[derive(Clone, Debug)]
pub enum Failure {
    /// The portal took the connection and hung up; it is an answer of a kind.
    Dropped(String),
    /// We could not find out.
    Broken(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dropped(how) => write!(f, "the connection was dropped: {how}"),
            Self::Broken(error) => error.fmt(f),
        }
    }
}

/// Reads the client's error and what stands behind it.
pub(super) fn classify(error: &reqwest::Error, at: &str) -> Failure {
    let mut tls = None;
    let mut kind = None;
    let mut ours = None;
    let mut name = None;
    let mut deepest = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        deepest = inner.to_string();
        name = name.or_else(|| inner.downcast_ref::<NoName>().map(ToString::to_string));
        tls = tls.or_else(|| tls_reason(inner));
        if let Some(io) = inner.downcast_ref::<io::Error>() {
            kind = Some(io.kind());
            ours = ours.or_else(|| is_of_this_machine(io).then(|| io.to_string()));
        }
        cause = inner.source();
    }
    if let Some(reason) = ours {
        let advice = "raise this machine's limit (ulimit -n) or lower --concurrency";
        return Error::Harness(format!("{at}: no connection from here: {reason}; {advice}")).into();
    }
    if let Some(reason) = name {
        return Error::Network(format!("{at}: {reason}")).into();
    }
    if let Some(reason) = tls {
        return Error::Network(format!("{at}: TLS: {reason}")).into();
    }
    if kind == Some(io::ErrorKind::ConnectionRefused) {
        return Error::Network(format!("{at}: connection refused")).into();
    }
    if error.is_timeout() || kind == Some(io::ErrorKind::TimedOut) {
        return Error::Network(format!("{at}: timed out")).into();
    }
    if error.is_connect() {
        return Error::Network(format!("{at}: no connection: {deepest}")).into();
    }
    if deepest.contains("end of file before message") || deepest.contains("connection closed") {
        return Failure::Dropped(deepest);
    }
    if deepest.contains("chunk") {
        return Error::Portal(format!("{at}: the chunks of the body are malformed")).into();
    }
    if error.is_decode() || kind == Some(io::ErrorKind::InvalidData) {
        return Error::Portal(format!("{at}: the body cannot be decompressed")).into();
    }
    if error.is_builder() {
        return Error::Harness(format!("{at}: {deepest}")).into();
    }
    let malformed = deepest.contains("invalid") || deepest.contains("parse");
    if malformed {
        return Error::Portal(format!("{at}: not HTTP: {deepest}")).into();
    }
    Failure::Dropped(deepest)
}

/// Whether this machine had nothing left to connect with: files, ports, memory.
fn is_of_this_machine(error: &io::Error) -> bool {
    let lacks = [Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::NOBUFS, Errno::ADDRNOTAVAIL];
    let number = error.raw_os_error();
    lacks.iter().any(|lack| number == Some(lack.raw_os_error()))
}

/// A TLS failure, however many I/O errors are wrapped around it.
fn tls_reason(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return Some(tls.to_string());
    }
    let inner: &(dyn std::error::Error + 'static) = error.downcast_ref::<io::Error>()?.get_ref()?;
    tls_reason(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_this_machine_lacks_is_no_fault_of_the_network() {
        for (number, ours) in [
            (Errno::MFILE, true),
            (Errno::ADDRNOTAVAIL, true),
            (Errno::CONNREFUSED, false),
            (Errno::HOSTUNREACH, false),
        ] {
            assert_eq!(is_of_this_machine(&io::Error::from(number)), ours, "{number}");
        }
    }
}
