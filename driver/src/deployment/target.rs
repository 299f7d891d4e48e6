//! A portal under test, with everything that a run needs of it.

use std::sync::Arc;

use profile::{Description, Loosened, error::Error};
use reports::record::Traffic;

use super::{
    Access, Driver, InBrowser, Mail, Scene, Visitor, adapter::AdapterDriver,
    browser::BrowserDriver, http::HttpDriver,
};

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

    /// The same portal, its pages driven in a real browser.
    ///
    /// # Errors
    /// [`Error::Profile`] where an adapter drives it or the profile has no pages; [`Error::Browser`] when the
    /// browser does not start.
    pub async fn in_browser(self, chosen: InBrowser) -> Result<Self, Error> {
        if self.access.has_adapter() {
            let why = "an adapter drives this portal: there is nothing to do in a browser";
            return Err(Error::Profile(why.into()));
        }
        if self.access.profile.flows.pages.is_empty() {
            let why =
                "the profile has no pages ([page.sign_in], …): there is nothing to do in a browser";
            return Err(Error::Profile(why.into()));
        }
        let mut about = self.about;
        if chosen.server.is_some() {
            let says = "a WebDriver server drives the portal's pages: it knows whatever is typed there, and its browser may contact more than the profile allows";
            let loosened = Loosened { by: "--webdriver", says: says.to_owned() };
            Arc::make_mut(&mut about).loosened.push(loosened);
        }
        let driver = BrowserDriver::start(Arc::clone(&self.access), chosen).await?;
        Ok(Self { about, driver: Arc::new(driver), ..self })
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
