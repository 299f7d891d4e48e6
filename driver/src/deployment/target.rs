//! A portal under test, with everything that a run needs of it.

use std::sync::Arc;

use profile::{Description, error::Error};
use reports::record::Traffic;

use super::{Access, Driver, Mail, Scene, Visitor, adapter::AdapterDriver, http::HttpDriver};

/// A portal as its profile says that it is driven. Whoever stands between a run and a portal replaces one
/// part, and leaves the others as they are.
#[derive(Clone)]
pub struct Target {
    /// What the profile declares.
    pub about: Arc<Description>,
    /// What performs the verbs.
    pub driver: Arc<dyn Driver>,
    /// Where mail of the portal arrives.
    pub mail: Arc<dyn Mail>,
    access: Arc<Access>,
}

impl Target {
    /// Starts the driver that the profile asks for: its adapter where it has one, and HTTP otherwise.
    ///
    /// # Errors
    /// [`Error::Adapter`] when an adapter does not start, or does not speak the protocol.
    pub async fn begin(access: Access) -> Result<Self, Error> {
        if access.has_adapter() {
            let access = Arc::new(access);
            let adapter = Arc::new(AdapterDriver::start(Arc::clone(&access)).await?);
            return Ok(Self {
                about: Arc::new(access.description().clone()),
                driver: Arc::<AdapterDriver>::clone(&adapter),
                mail: adapter,
                access,
            });
        }
        Ok(Self::over_http(access))
    }

    /// A portal that is reached over HTTP.
    #[must_use]
    pub fn over_http(access: Access) -> Self {
        let access = Arc::new(access);
        Self {
            about: Arc::new(access.description().clone()),
            driver: Arc::new(HttpDriver::new(Arc::clone(&access))),
            mail: Arc::<Access>::clone(&access),
            access,
        }
    }

    /// What the profile declares.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.about
    }

    /// Why nothing new should begin on it, where that is so: it is not well, limits requests, or what drives
    /// it has ended.
    #[must_use]
    pub fn stopped(&self) -> Option<String> {
        self.access.stopped()
    }

    /// What went over the wire so far.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        self.access.traffic()
    }

    /// A fresh browser with nothing in it.
    #[must_use]
    pub fn visitor(&self, scene: &Arc<Scene>, who: &str) -> Visitor {
        self.access.visitor(scene, who)
    }

    /// The way to it for requests that no flow makes; `None` where an adapter drives it, and only that knows
    /// how to reach it.
    #[must_use]
    pub fn contact(&self) -> Option<&Access> {
        Some(&*self.access).filter(|access| !access.has_adapter())
    }
}
