//! Single sign-on for applications, as a server of the CAS protocol 2.0: who is signed in is sent back to
//! the application with a ticket, and the application asks whose it is. What an application makes of the
//! answer is its own.

use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use super::{
    Portal,
    check::{Check, Refusal},
    random::Purpose,
    router::{Reply, Visit},
    state::{Session, State, Ticket},
};

/// The applications that sign in by this portal. They are protected by one-time codes: whoever missed the
/// time to set some up stays outside.
pub(super) const APPLICATIONS: &[&str] = &["http://app.portal.test/"];

/// A ticket is good for so long, seconds.
const TICKET_LIVES: u64 = 10;

/// Where an application sends its visitors.
const LOGIN: &str = "/cas/login";

impl Portal {
    /// The endpoints below `/cas`. `None` for a path that is none of them.
    pub(super) fn serve_application(
        &self,
        (method, path): (&str, &[&str]),
        visit: &Visit,
    ) -> Result<Option<Reply>, Refusal> {
        match (method, path) {
            ("GET", ["login"]) => self.send_to_application(visit).map(Some),
            ("GET", ["serviceValidate"]) => Ok(Some(self.validate_ticket(visit))),
            _ => Ok(None),
        }
    }

    /// Sends a browser in which somebody is signed in back to the application; any other is asked to sign
    /// in, and the application is remembered.
    fn send_to_application(&self, visit: &Visit) -> Result<Reply, Refusal> {
        let service = visit.asked("service");
        self.require(Check::SsoApplication, APPLICATIONS.contains(&service))?;
        let mut state = self.state();
        let Some(name) = self.visitor_of(&state, visit, service) else {
            return Ok(ask_to_sign_in(&mut state, visit, service));
        };
        let locked_out =
            state.users.get(&name).is_some_and(|user| user.missed_enrolment(state.now));
        self.require(Check::SsoEnrolmentPeriod, !locked_out)?;
        let ticket = self.issue_ticket(&mut state, name, service);
        let back = Url::parse_with_params(service, [("ticket", ticket)]);
        back.map(|url| Reply::redirect(url.into())).map_err(|_| Refusal(Check::SsoApplication))
    }

    /// Whom an application may take the visitor for: whoever is fully signed in.
    fn visitor_of(&self, state: &State, visit: &Visit, service: &str) -> Option<String> {
        let (_, session) = self.session_of(state, visit)?;
        let name = session.user()?;
        let opens = (self.rules().sso.opens)(&session, service);
        self.require(Check::SsoFactorRequired, opens).ok()?;
        Some(name.to_owned())
    }

    fn issue_ticket(&self, state: &mut State, name: String, service: &str) -> String {
        let id = format!("ST-{}", state.token(Purpose::Ticket));
        let (user, service) = ((self.rules().sso.ticket_of)(state, name), service.to_owned());
        state.keep_ticket(Ticket { id: id.clone(), user, service, issued: state.now });
        id
    }

    /// Tells an application whose ticket it was given.
    fn validate_ticket(&self, visit: &Visit) -> Reply {
        let (service, ticket) = (visit.asked("service"), visit.asked("ticket"));
        if service.is_empty() || ticket.is_empty() {
            return failure("INVALID_REQUEST", "A service and a ticket are needed.");
        }
        match self.redeem_ticket(service, ticket) {
            Ok(user) => success(&user),
            Err(Refusal(check)) => failure(code(check), check.says()),
        }
    }

    /// Whose ticket it is. It is used up, whatever comes of it.
    fn redeem_ticket(&self, service: &str, id: &str) -> Result<String, Refusal> {
        let mut state = self.state();
        let found = state.take_ticket(id);
        self.require(Check::SsoTicket, found.is_some())?;
        let Some(ticket) = found else { return Err(Refusal(Check::SsoTicket)) };
        let in_time = state.now <= ticket.issued + TICKET_LIVES;
        self.require(Check::SsoTicketLifetime, in_time)?;
        self.require(Check::SsoTicketApplication, ticket.service == service)?;
        Ok((self.rules().sso.told)(ticket.user))
    }
}

/// The sign-in page, in a session that knows where the browser is to go afterwards.
fn ask_to_sign_in(state: &mut State, visit: &Visit, service: &str) -> Reply {
    let body = json!({ "status": "sign-in", "message": "Please sign in to open the application." });
    let wanted = Some(service.to_owned());
    let session = visit.session.as_ref().and_then(|id| state.sessions.get_mut(id));
    if let Some(session) = session {
        session.wanted = wanted;
        return Reply::ok(body);
    }
    let id = state.open_session(Session { wanted, ..Session::default() });
    Reply::with_session(body, id)
}

/// The application that a browser was sent to sign in by.
pub(super) fn wanted(state: &State, visit: &Visit) -> Option<String> {
    state.sessions.get(visit.session.as_ref()?)?.wanted.clone()
}

/// What somebody is told who is signed in now, and where the application is that waits.
pub(super) fn sent_on(mut welcome: Value, wanted: Option<&str>) -> Value {
    if let Some(service) = wanted {
        welcome["next"] = json!(opened_at(service));
    }
    welcome
}

/// Where a browser opens an application.
pub(super) fn opened_at(service: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    format!("{LOGIN}?{}", query.append_pair("service", service).finish())
}

/// The protocol's word for a check that a ticket did not meet.
fn code(check: Check) -> &'static str {
    if check == Check::SsoTicketApplication { "INVALID_SERVICE" } else { "INVALID_TICKET" }
}

fn success(user: &str) -> Reply {
    let user = quick_xml::escape::escape(user);
    service_response(&format!(
        "<cas:authenticationSuccess><cas:user>{user}</cas:user></cas:authenticationSuccess>"
    ))
}

fn failure(code: &str, says: &str) -> Reply {
    service_response(&format!(
        "<cas:authenticationFailure code=\"{code}\">{says}</cas:authenticationFailure>"
    ))
}

fn service_response(inside: &str) -> Reply {
    Reply::xml(format!(
        "<cas:serviceResponse xmlns:cas=\"http://www.yale.edu/tp/cas\">{inside}</cas:serviceResponse>\n"
    ))
}
