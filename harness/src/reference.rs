//! The reference portal as a deployment: started in this process, and from there on driven over HTTP
//! through its profile like any other.

use std::{collections::BTreeMap, net::SocketAddr};

use driver::deployment::{Access, Target};
use mailbox::Mailbox;
use portal::{Argon2Cost, Defect, Served, Settings};
use profile::{Profile, error::Error, secret::Secret};
use reports::redact::Redactor;
use softkey::{Seed, base64url};

/// The profile of the reference portal, as it ships.
pub const PROFILE: &str = include_str!("../../profiles/reference.toml");

/// Any free port of loopback.
const LOOPBACK: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// The reference portal with its mail capture, running.
pub struct Reference {
    /// What a run is made on.
    pub target: Target,
    /// The portal itself, for what is not a verb: which checks were reached.
    pub served: Served,
}

/// Starts a reference portal on a free port of loopback, sound or with one defect.
///
/// # Errors
/// When no port can be had, or the shipped profile is wrong.
pub async fn start(
    seed: &Seed,
    defect: Option<&'static Defect>,
    redactor: &Redactor,
) -> Result<Reference, Error> {
    start_as(PROFILE, seed, defect, redactor).await
}

/// The same, with another profile of it: one that says what is not so.
///
/// # Errors
/// When no port can be had, or the profile is wrong.
pub async fn start_as(
    profile: &str,
    seed: &Seed,
    defect: Option<&'static Defect>,
    redactor: &Redactor,
) -> Result<Reference, Error> {
    let ours = |error: std::io::Error| {
        Error::Harness(format!("the reference portal did not start: {error}"))
    };
    let token = Secret::new(base64url(&seed.bytes("administrator's token", 24)));
    redactor.learn("token", token.reveal());
    let mail = Mailbox::listen(LOOPBACK).await?;
    let settings = Settings {
        seed: seed.derive("portal").bytes("seed", 32).try_into().unwrap_or([0; 32]),
        admin_token: token.reveal().to_owned(),
        smtp: mail.address(),
        argon2: Argon2Cost::cheapest(),
        defect,
        // A mail that does not arrive is missed by the scenario that waits for it.
        trouble: |_| (),
    };
    let served = portal::serve(settings, LOOPBACK).await.map_err(ours)?;
    let given = BTreeMap::from([
        ("admin".to_owned(), token),
        ("listener".to_owned(), Secret::new(served.address.to_string())),
    ]);
    let mut profile =
        Profile::parse(profile, "profiles/reference.toml", &given).map_err(|complaints| {
            Error::Harness(
                complaints.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
            )
        })?;
    if let Some(defect) = defect {
        profile.description.name = format!("{} with {}", profile.description.name, defect.id);
    }
    let target = Target::over_http(Access::open(profile, Some(mail)).await?);
    Ok(Reference { target, served })
}
