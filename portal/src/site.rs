//! The portal as people see it. A page shows what a chapter tells; a form is a request of the JSON
//! interface, written by a browser without a script. Neither decides anything of its own.

mod console;
mod forms;
mod views;

use ::pages::{Audience, Done, Frame, Notice, Said, View, Who, render};
use axum::{
    extract::Request,
    http::{HeaderMap, Method, StatusCode, header},
};

use super::{
    Portal,
    accounts::constant_time_eq,
    check::{Check, Class, Refusal},
    messages::message,
    router::{Reply, Visit, Written, status_of},
    session::of_cookie,
    state::{Session, SessionState, State, hex},
};
use forms::Form;
use views::{Page, Shown};

/// What is said of a form that does not carry the token of its session.
const FOREIGN_FORM: &str =
    "This form belongs to another session. Please open its page again, and send it from there.";

/// Whether a page is asked for, or a form is sent. What is of both kinds is a page for whoever asks for
/// XHTML, which every browser does, and no program.
pub(super) fn is_for_people(path: &str, headers: &HeaderMap) -> bool {
    let path = segments(path);
    let accepted = headers.get(header::ACCEPT).and_then(|accepted| accepted.to_str().ok());
    match path.as_slice() {
        ["api", ..] | ["cas", "serviceValidate"] => false,
        ["cas", ..] => accepted.is_some_and(|kinds| kinds.contains("application/xhtml+xml")),
        page => {
            Page::at(page).is_some()
                || Form::at(page).is_some()
                || accepted.is_some_and(|kinds| kinds.contains("application/xhtml+xml"))
        }
    }
}

fn segments(path: &str) -> Vec<&str> {
    path.trim_matches('/').split('/').collect()
}

impl Portal {
    /// Answers a browser: with a page in any case, or with the address of one.
    pub(super) async fn serve_people(&self, request: Request) -> Reply {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let visit = match self.visit(request, Written::Form).await {
            Ok(visit) => visit,
            Err(Refusal(check)) => {
                return self.notice(&nobody(), status_of(check.class()).0, message(check));
            }
        };
        let path = segments(&path);
        match method {
            Method::GET | Method::HEAD => {
                let Some(page) = Page::at(&path) else { return self.nothing_here(&visit) };
                let done = Done::of_word(visit.asked("done")).map(Said::Done);
                match self.shown(page, &visit) {
                    Ok(shown) => self.show(&visit, shown, done, StatusCode::OK),
                    Err(Refusal(check)) => self.show_refused(&visit, page.instead(), check),
                }
            }
            Method::POST => match Form::at(&path) {
                Some(form) => self.submit(form, visit).await,
                None => self.nothing_here(&visit),
            },
            _ => self.nothing_here(&visit),
        }
    }

    /// Makes sure that a form is one of its session's own, and carries it out.
    async fn submit(&self, form: Form<'_>, mut visit: Visit) -> Reply {
        let own = holder(&visit, form.on.audience()).map(|id| csrf(&self.state(), id));
        let is_own =
            own.is_some_and(|own| constant_time_eq(own.as_bytes(), visit.text("csrf").as_bytes()));
        if let Err(Refusal(check)) = self.require(Check::SessionCsrf, is_own) {
            let page = visit.session.is_some().then_some(form.on);
            let (status, _) = status_of(check.class());
            return self.show_again(&visit, page, (status, Said::Refused(FOREIGN_FORM)));
        }
        visit.body.as_object_mut().map(|fields| fields.remove("csrf"));
        visit.body = (form.body)(visit.body.take());
        visit.endpoint = format!("{} {}", form.method, form.path);
        let before = self.signed_in_before(&visit);
        match self.answer(&form.method, &form.path, &visit).await {
            Ok(Some(reply)) if reply.status.is_success() => {
                let to = form.goes_on(&reply, before.as_deref());
                let Reply { session, administrator, .. } = reply;
                Reply { session, administrator, ..Reply::see_other(to) }
            }
            Ok(Some(reply)) => {
                let said = reply.says("message").unwrap_or_default().to_owned();
                self.show_again(&visit, Some(form.on), (reply.status, Said::Refused(&said)))
            }
            Ok(None) => self.nothing_here(&visit),
            Err(Refusal(check)) => self.show_refused(&visit, Some(form.on), check),
        }
    }

    /// Says why something was refused, on the page where one can go on. Whoever is not signed in is sent
    /// to where that is done.
    fn show_refused(&self, visit: &Visit, page: Option<Page<'_>>, check: Check) -> Reply {
        let (status, _) = status_of(check.class());
        if check.class() == Class::NotSignedIn {
            let half = self.session(visit).is_some_and(|session| session.user().is_some());
            return Reply::see_other(if half { "/sign-in/factor" } else { "/sign-in" }.to_owned());
        }
        if check == Check::AdminAuthorised {
            return Reply::see_other("/admin/sign-in".to_owned());
        }
        let said = if check.class() == Class::Stale {
            Said::Stale(message(check))
        } else {
            Said::Refused(message(check))
        };
        self.show_again(visit, page, (status, said))
    }

    fn show_again(
        &self,
        visit: &Visit,
        page: Option<Page<'_>>,
        (status, said): (StatusCode, Said<'_>),
    ) -> Reply {
        match page.map(|page| self.shown(page, visit)) {
            Some(Ok(shown @ Shown::View(_))) => self.show(visit, shown, Some(said), status),
            Some(Ok(Shown::Elsewhere(_)) | Err(_)) | None => match said {
                Said::Refused(message) | Said::Stale(message) => {
                    self.notice(visit, status, message)
                }
                Said::Done(_) => self.nothing_here(visit),
            },
        }
    }

    fn show(
        &self,
        visit: &Visit,
        shown: Shown,
        said: Option<Said<'_>>,
        status: StatusCode,
    ) -> Reply {
        match shown {
            Shown::View(view) => self.framed(visit, &*view, said, status),
            Shown::Elsewhere(reply) => reply,
        }
    }

    /// A view in its frame. A browser without a session is given one where it opens a page, so that forms
    /// can carry its token. It is given none where it sends a form: one that another site sent comes
    /// without the cookie, and must not replace it.
    fn framed(
        &self,
        visit: &Visit,
        view: &dyn View,
        said: Option<Said<'_>>,
        status: StatusCode,
    ) -> Reply {
        let mut state = self.state();
        let full = self.session_of(&state, visit).map(|(_, session)| session);
        let full = full.filter(|session| session.proof().is_some());
        let own = holder(visit, view.audience());
        let opens = own.is_none() && visit.endpoint.starts_with("GET ");
        let new = opens.then(|| state.open_session(Session::default()));
        let csrf = own.or(new.as_deref()).map(|id| csrf(&state, id)).unwrap_or_default();
        let who = match (view.audience(), full.as_ref().and_then(Session::user)) {
            (Audience::Administrator, _) => Who::Administrator,
            (Audience::Users, Some(user)) => Who::User(user),
            (Audience::Users, None) => Who::Nobody,
        };
        let html = render(&Frame { csrf: &csrf, who, said }, view);
        Reply { session: new, ..Reply::page(status, html) }
    }

    pub(super) fn notice(&self, visit: &Visit, status: StatusCode, message: &str) -> Reply {
        let heading = if status == StatusCode::NOT_FOUND { "Not found" } else { "Not possible" };
        let on = ("/", "Go to the start page");
        let notice = Notice { heading, message: message.to_owned(), on };
        self.framed(visit, &notice, None, status)
    }

    fn nothing_here(&self, visit: &Visit) -> Reply {
        self.notice(visit, StatusCode::NOT_FOUND, "There is nothing here.")
    }

    /// How far somebody has come in this browser.
    fn session(&self, visit: &Visit) -> Option<Session> {
        self.session_of(&self.state(), visit).map(|(_, session)| session)
    }

    /// Who was signed in when the request came: for them a factor is a fresh proof.
    fn signed_in_before(&self, visit: &Visit) -> Option<String> {
        let (_, session) = of_cookie(&self.state(), visit)?;
        match session.state {
            SessionState::SignedIn { user, .. } => Some(user),
            SessionState::Visitor
            | SessionState::HalfSignedIn { .. }
            | SessionState::LeftToApplications { .. } => None,
        }
    }
}

/// What the forms of a session carry; nobody can tell it from the session's id.
fn csrf(state: &State, session: &str) -> String {
    hex(&state.random.constant::<24>(&format!("csrf token of {session}")))
}

/// The session that the forms of a page belong to.
fn holder(visit: &Visit, audience: Audience) -> Option<&str> {
    let administrator = match audience {
        Audience::Administrator => visit.administrator.as_deref(),
        Audience::Users => None,
    };
    administrator.or(visit.session.as_deref())
}

/// Somebody of whom nothing is known, since the request was not read.
fn nobody() -> Visit {
    Visit {
        endpoint: String::new(),
        session: None,
        administrator: None,
        line: 0,
        agent: String::new(),
        authorised: false,
        bearer: String::new(),
        body: serde_json::Value::Null,
        query: Vec::new(),
    }
}
