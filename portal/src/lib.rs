//! The reference portal: does everything right, save for the one defect that it is told to have. One
//! portal for each host name on one listener, made on first use; state in memory, a clock of its own.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

pub mod check;
pub mod defect;
pub mod webauthn;

mod accounts;
mod admin;
mod assertion;
mod authentication;
mod browser_policy;
mod ceremony;
mod keys;
mod mail;
mod messages;
mod options;
mod password;
mod push;
mod random;
mod registration;
mod reset;
mod router;
mod rules;
mod session;
mod site;
mod sso;
mod state;
mod totp;
mod tries;

pub use accounts::Argon2Cost;
pub use check::Check;
pub use defect::Defect;

use check::{Checks, Refusal};
use rules::{EndRules, Ended, Rules};
use state::State;

/// More hosts than this are refused: every one of them is memory.
const MOST_HOSTS: usize = 4096;

/// How a portal is set up.
#[derive(Clone)]
pub struct Settings {
    /// All its randomness derives from this and the host.
    pub seed: [u8; 32],
    /// What the administrator's requests carry.
    pub admin_token: String,
    /// Where mail is sent.
    pub smtp: Option<SocketAddr>,
    /// Cost of the password hash.
    pub argon2: Argon2Cost,
    /// The one thing it does wrong.
    pub defect: Option<&'static Defect>,
    /// Hears of trouble that is the operator's to notice.
    pub trouble: fn(&str),
}

/// One portal, behind one host name.
pub(crate) struct Portal {
    settings: Arc<Settings>,
    checks: Checks,
    /// Scheme and host, as client data must name them.
    origin: String,
    rp_id: String,
    rp_id_hash: [u8; 32],
    state: Mutex<State>,
}

impl Portal {
    fn new(settings: &Arc<Settings>, host: &str) -> Self {
        let checks = Checks::new(settings.defect);
        let domain = host.split(':').next().unwrap_or(host);
        let rp_id = (checks.rules().options.rp_id)(domain).to_owned();
        Self {
            settings: Arc::clone(settings),
            checks,
            origin: format!("http://{host}"),
            rp_id_hash: webauthn::sha256(rp_id.as_bytes()),
            rp_id,
            state: Mutex::new(State::new(&settings.seed, host)),
        }
    }

    /// The state, for a moment. Slow work is never done while it is held.
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rules(&self) -> &Rules {
        self.checks.rules()
    }

    /// Ends what an event ends. It happens to a user, in a session; an empty one is none of the user's.
    fn happened(
        &self,
        state: &mut State,
        event: fn(&EndRules) -> &Ended,
        (user, here): (&str, &str),
    ) {
        state.ends(event(&self.rules().ends), user, here);
    }

    fn require(&self, check: Check, holds: bool) -> Result<(), Refusal> {
        self.checks.require(check, holds)
    }
}

/// The portals of one listener, by host.
pub(crate) struct PortalsByHost {
    settings: Arc<Settings>,
    portals: Mutex<BTreeMap<String, Arc<Portal>>>,
}

impl PortalsByHost {
    /// The portal behind a host; `None` for a host that is none of ours.
    fn portal(&self, host: &str) -> Option<Arc<Portal>> {
        // No browser takes an address for an RP id; a person with curl may name it.
        let host = &host.replacen("127.0.0.1", "localhost", 1);
        let name = host.split(':').next().unwrap_or_default();
        if !(name.ends_with(".portal.localhost") || name == "localhost") {
            return None;
        }
        let mut portals = self.portals.lock().unwrap_or_else(PoisonError::into_inner);
        if portals.len() >= MOST_HOSTS && !portals.contains_key(host) {
            return None;
        }
        let portal = portals
            .entry(host.to_owned())
            .or_insert_with(|| Arc::new(Portal::new(&self.settings, host)));
        Some(Arc::clone(portal))
    }
}

/// What answers the requests of a listener: its portals, for whoever listens by other means.
pub fn router(settings: Settings) -> axum::Router {
    let portals = PortalsByHost { settings: Arc::new(settings), portals: Mutex::default() };
    router::router(Arc::new(portals))
}

/// A listener with its portals.
pub struct Served {
    /// Where it listens.
    pub address: SocketAddr,
    /// What answers there: for whoever asks the same portals without a socket.
    pub router: axum::Router,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Served {
    /// Stops listening, once open requests are answered.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        self.task.abort();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves reference portals on an address of loopback.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn serve(settings: Settings, listen: SocketAddr) -> std::io::Result<Served> {
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    let router = router(settings);
    let answering = router.clone();
    let (stop, stopped) = oneshot::channel::<()>();
    let task = tokio::spawn(async move {
        let serving = axum::serve(listener, answering).with_graceful_shutdown(async {
            let _ = stopped.await;
        });
        let _ = serving.await;
    });
    Ok(Served { address, router, stop: Some(stop), task })
}
