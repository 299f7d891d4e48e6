//! What to do about what is not in order, and whose it is.

use driver::deployment::NO_VALUE;
use profile::error::Error;
use reports::{
    record::{Exchange, Fault, Step},
    redact::Redactor,
};

use super::Trouble;
use crate::story::Break;

/// On a portal that cannot be reached.
pub(super) fn on_contact(error: &Error) -> Trouble {
    let seen = error.to_string();
    let hints = [
        ("no address for this name", "mend the name in `base`, or say the address in `connect`"),
        ("which is refused", "say `private_network = true` in [portal] if that network is meant"),
        ("connection refused", "start the portal, or mend the port in `base` or `connect`"),
        ("TLS:", "name the certificate authority in `ca_file`, or mend the portal's certificate"),
        (
            "no complete answer",
            "look whether the portal is busy; `exchange_timeout` in [scope.limits] is how long is waited",
        ),
        ("timed out", "look whether a firewall drops the connection"),
    ];
    let hint = hints.iter().find(|(sign, _)| seen.contains(sign)).map(|(_, hint)| *hint);
    Trouble {
        whose: error.fault(),
        to_do: hint.unwrap_or("see whether a browser on this machine gets an answer").to_owned(),
        seen,
    }
}

/// On something that could not be tried.
pub(super) fn on_error(error: &Error) -> Trouble {
    let to_do = match error {
        Error::Profile(_) => "mend the profile at the line that it names",
        Error::Browser(_) => {
            "install or mend the browser: the message says which packages bring it"
        }
        Error::Adapter(_) => "mend the adapter: docs/adapter.md says what it must answer",
        Error::Portal(_) => "look into the portal's log: no honest portal answers so",
        Error::Network(why) if why.contains("mail") => {
            "see where the portal sends its mail, and mend [mail] `source`"
        }
        Error::Network(_) => "see whether the portal still runs",
        Error::Safety(_) => "add the origin to `allow` in [scope] if it may be contacted",
        Error::NotAllowed(_) => "allow more wrong tries in [policy] `lockout`, if the portal does",
        Error::NotApplicable(_) => "nothing: it does not apply to this portal",
        Error::Harness(_) => "this is ours: report it with the seed of the run",
    };
    Trouble { seen: error.to_string(), whose: error.fault(), to_do: to_do.to_owned() }
}

/// On an honest step that did not go as it must.
pub(super) fn on_break(broken: &Break, steps: &[Step], redactor: &Redactor) -> Trouble {
    let place = last_exchange(steps).map(|exchange| format!("; last: {}", shown(exchange)));
    let place = place.unwrap_or_default();
    let (expected, seen, whose, to_do) = match broken {
        Break::Ours(error) => return on_error(error),
        Break::Unclear { expected, seen } if seen.contains(NO_VALUE) => {
            (expected, seen, Fault::Profile, "mend that line, or where its value is taken from")
        }
        Break::Unclear { expected, seen } => (
            expected,
            seen,
            Fault::Profile,
            "no rule of the profile fits the answer: add one to `outcome` of that flow",
        ),
        Break::ControlRefused { expected, seen } => (
            expected,
            seen,
            Fault::Profile,
            "an honest step was refused: see whether the flow does what a browser does there, or what the portal's policy forbids",
        ),
        Break::Broke { expected, seen } => (
            expected,
            seen,
            Fault::Profile,
            "see whether the flow's rules read the answer rightly; if they do, the portal itself is at fault",
        ),
    };
    Trouble {
        seen: redactor.text(&format!("expected that {expected}; seen: {seen}{place}")),
        whose,
        to_do: to_do.to_owned(),
    }
}

/// The last exchange of some steps, but for the question who is signed in.
#[must_use]
pub fn last_exchange(steps: &[Step]) -> Option<&Exchange> {
    let exchanges = steps.iter().rev().filter_map(|step| match step {
        Step::Exchange(exchange) => Some(&**exchange),
        Step::Act { .. } | Step::Ceremony(_) | Step::Expectation { .. } | Step::Wait { .. } => None,
    });
    let mut exchanges = exchanges.filter(|exchange| exchange.flow != "whoami");
    exchanges.next()
}

fn shown(exchange: &Exchange) -> String {
    let status = match (exchange.status, exchange.reply) {
        (Some(status), _) => status.to_string(),
        (None, None) => "no answer".to_owned(),
        (None, Some(reply)) => reply.to_string(),
    };
    let place = exchange.line.map(|line| {
        let file = exchange.file.as_deref().unwrap_or("the profile");
        format!(" (line {line} of {file})")
    });
    format!("{} {} → {status}{}", exchange.method, exchange.url, place.unwrap_or_default())
}
