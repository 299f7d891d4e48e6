//! Sends the requests of a flow: follows redirects, and sends again what the portal did not look at.

use profile::{Ability, Verb, flow::Step};
use reports::bounds::REDIRECTS;

use super::{CutShort, Error, FlowRun, Page, Stop, leave};
use crate::wire::{Failure, Origin, Request, Response, Sender};

impl FlowRun<'_, '_> {
    /// Sends, follows redirects, and stands on the page that they lead to.
    pub(super) async fn send(
        &mut self,
        mut request: Request,
        step: &Step,
        mut origin: Origin,
    ) -> Result<(), Stop> {
        for hop in 0..=REDIRECTS.most {
            let response = self.exchange(&request, &origin).await?;
            // What it leads to is decided by now.
            origin.decides = false;
            let next = response.redirect(&request.url).filter(|_| step.follow);
            let status = response.status;
            self.page = Page::new(request.url.clone(), response);
            let Some(next) = next else { return Ok(()) };
            if hop == REDIRECTS.most {
                break;
            }
            request = self.follow(step, request, (next, status))?;
        }
        Err(Error::Portal(format!("more than {} redirects after {}", REDIRECTS.most, origin.flow))
            .into())
    }

    pub(super) async fn exchange(
        &mut self,
        request: &Request,
        origin: &Origin,
    ) -> Result<Response, Stop> {
        self.keeps_secrets(request, &origin.flow)?;
        let wire = &self.driver.access.wire;
        let mut patience = self.visitor.patience(origin.decides);
        let costs = self.costs(request, origin);
        self.cut_short = None;
        self.decided |= origin.decides;
        loop {
            self.write_down(None);
            let (exchange, answer) = wire.send(&mut self.sender(), request, origin).await?;
            self.pending = Some(exchange);
            match answer {
                // Nothing is judged by this one, and the next turn comes after the pause.
                Ok(response) if patience > 0 && wire.asks_for_a_pause(&response) => {
                    if !self.may_follow(&response, request, origin) {
                        self.cut_short = Some(CutShort::Pause);
                        return Ok(response);
                    }
                    if costs && !self.visitor.may_try_again() {
                        return Ok(response);
                    }
                    patience -= 1;
                    self.visitor.sent_again = true;
                }
                Ok(response) => return Ok(response),
                // Once: a connection breaks now and then, and what falls over does so again.
                Err(Failure::Dropped(_)) if patience > 0 => {
                    if !self.is_repeatable(request, origin) {
                        self.cut_short = Some(CutShort::Dropped);
                        return Err(Stop::Dropped);
                    }
                    if costs && !self.visitor.may_try_again() {
                        return Err(Stop::Dropped);
                    }
                    patience = 0;
                }
                Err(Failure::Dropped(_)) => return Err(Stop::Dropped),
                Err(Failure::Broken(error)) => return Err(Stop::Broken(error)),
            }
        }
    }

    /// Whether each time counts that a request is sent: a try, or what a mail may come of.
    fn costs(&self, request: &Request, origin: &Origin) -> bool {
        let decides = origin.decides || self.verb == Verb::RequestReset && request.method != "GET";
        decides && leave::costs(self.verb)
    }

    /// Whether a request may be sent again after a call for a pause. 429 says that nothing was done. 503
    /// may come from in front of a portal that has done it: what changes something waits for nobody then,
    /// but for an account, which is not made twice under one name ([`Visitor::sent_again`]).
    fn may_follow(&self, response: &Response, request: &Request, origin: &Origin) -> bool {
        response.status == 429
            || self.verb == Verb::CreateUser
            || self.is_repeatable(request, origin)
    }

    /// Whether a request without an answer may be sent again, though the portal may have taken it: a
    /// page that is only looked at, and a password, which is not spent by a try.
    fn is_repeatable(&self, request: &Request, origin: &Origin) -> bool {
        match (origin.decides, self.verb) {
            (false, _) => request.method == "GET",
            (true, Verb::Whoami | Verb::ListKeys) => request.method == "GET",
            // A code that goes with the password is spent.
            (true, Verb::SignIn) => {
                !self.driver.profile().description.can(Ability::TotpWithPassword)
            }
            (true, _) => false,
        }
    }

    pub(super) fn origin(&self, flow: &str, step: &Step) -> Origin {
        let honest = self.verb.row().is_always_honest;
        Origin { flow: flow.to_owned(), place: step.place.clone(), honest, decides: false }
    }

    fn sender(&mut self) -> Sender<'_> {
        Sender {
            who: &self.visitor.who,
            user_agent: self.visitor.user_agent.as_deref(),
            jar: &mut self.browser.jar,
            race: self.visitor.race.as_deref(),
            scene: &self.visitor.scene,
        }
    }
}
