//! The table of pages, and what each of them shows to whom.

use ::pages::{
    Adding, Application, Applications, AskForLink, Audience, ChangePassword, ChooseFactor,
    CodePrompt, Codes, Confirming, DeleteKey, DeleteTotp, Factor, Key, KeyPrompt, LinkSent,
    Missing, NewPassword, PushPrompt, RenameKey, Security, SetUp, SetUpKey, SetUpTotp, SignIn,
    View,
};
use serde_json::Value;

use super::console::Console;
use crate::{
    Portal,
    browser_policy::{can_use_a_key, can_use_a_platform_key, is_on_a_mac},
    ceremony::Asked,
    check::{Check, Class, Refusal},
    messages::message,
    reset,
    router::{Content, Reply, Visit},
    session::welcome,
    sso::{self, wanted},
    state::{Aim, Place, SessionState, State, User},
    totp,
};

/// The pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page<'a> {
    Start,
    SignIn,
    ChooseFactor,
    Key,
    Code,
    Prompt,
    SetUp,
    SetUpKey,
    Security,
    RenameKey(&'a str),
    DeleteKey(&'a str),
    SetUpTotp,
    DeleteTotp,
    AskForLink,
    LinkSent,
    Reset(&'a str),
    Password,
    Applications,
    OpenApplication,
    Console(Console<'a>),
}

impl<'a> Page<'a> {
    /// The page at an address.
    pub(super) fn at(path: &[&'a str]) -> Option<Self> {
        Some(match *path {
            [""] => Self::Start,
            ["sign-in"] => Self::SignIn,
            ["sign-in", "factor"] => Self::ChooseFactor,
            ["sign-in", "key"] => Self::Key,
            ["sign-in", "code"] => Self::Code,
            ["sign-in", "prompt"] => Self::Prompt,
            ["set-up"] => Self::SetUp,
            ["set-up", "key"] => Self::SetUpKey,
            ["security"] => Self::Security,
            ["security", "keys", id, "label"] => Self::RenameKey(id),
            ["security", "keys", id, "delete"] => Self::DeleteKey(id),
            ["totp"] => Self::SetUpTotp,
            ["totp", "delete"] => Self::DeleteTotp,
            ["reset"] => Self::AskForLink,
            ["reset", "sent"] => Self::LinkSent,
            ["reset", token] => Self::Reset(token),
            ["password"] => Self::Password,
            ["applications"] => Self::Applications,
            ["cas", "login"] => Self::OpenApplication,
            ["admin", ref rest @ ..] => Self::Console(Console::at(rest)?),
            _ => return None,
        })
    }

    /// Whose page it is.
    pub(super) fn audience(self) -> Audience {
        let console = matches!(self, Self::Console(page) if page != Console::SignIn);
        if console { Audience::Administrator } else { Audience::Users }
    }

    /// The page that is shown where this one is refused.
    pub(super) fn instead(self) -> Option<Self> {
        if matches!(self, Self::Reset(_)) {
            return Some(Self::AskForLink);
        }
        matches!(self, Self::Key | Self::Code | Self::Prompt).then_some(Self::ChooseFactor)
    }
}

/// What becomes of a page.
pub(super) enum Shown {
    View(Box<dyn View>),
    /// Another page is the right one by now.
    Elsewhere(Reply),
}

impl Shown {
    pub(super) fn view(view: impl View + 'static) -> Self {
        Self::View(Box::new(view))
    }

    pub(super) fn elsewhere(to: &str) -> Self {
        Self::Elsewhere(Reply::see_other(to.to_owned()))
    }
}

impl Portal {
    /// What a page shows to whoever asks for it.
    pub(super) fn shown(&self, page: Page<'_>, visit: &Visit) -> Result<Shown, Refusal> {
        Ok(match page {
            Page::Start => Shown::elsewhere(self.start(visit)),
            Page::SignIn => Shown::view(SignIn {
                user: visit.text("user").to_owned(),
                for_application: wanted(&self.state(), visit).is_some(),
            }),
            Page::ChooseFactor => self.choice_of_factor(visit)?,
            Page::Key | Page::Code | Page::Prompt => self.factor_step(page, visit)?,
            Page::SetUp => self.set_up(visit)?,
            Page::SetUpKey => {
                let adding = self.adding(visit)?;
                Shown::view(SetUpKey { keys: self.own_keys(visit)?, adding })
            }
            Page::Security => self.security(visit)?,
            Page::RenameKey(id) => {
                let key = self.own_key(visit, id)?;
                self.require(Check::KeysAdministered, !key.administered)?;
                Shown::view(RenameKey { key })
            }
            Page::DeleteKey(id) => Shown::view(DeleteKey { key: self.own_key(visit, id)? }),
            Page::SetUpTotp => self.new_codes(visit)?,
            Page::DeleteTotp => match self.codes(visit)? {
                Codes::Active => Shown::view(DeleteTotp),
                Codes::Missing | Codes::Barred(_) => Shown::elsewhere("/security"),
            },
            Page::AskForLink => Shown::view(AskForLink),
            Page::LinkSent => Shown::view(LinkSent),
            Page::Reset(token) => self.new_password(visit, token)?,
            Page::Password => self.password_page(visit)?,
            Page::Applications => self.applications(visit)?,
            Page::OpenApplication => self.open_application(visit)?,
            Page::Console(page) => self.console(page, visit)?,
        })
    }

    /// Where somebody goes on who comes without an aim.
    fn start(&self, visit: &Visit) -> &'static str {
        let mut state = self.state();
        let Some((id, session)) = self.session_of(&state, visit) else { return "/sign-in" };
        match session.state {
            SessionState::Visitor | SessionState::LeftToApplications { .. } => "/sign-in",
            SessionState::HalfSignedIn { .. } => "/sign-in/factor",
            SessionState::SignedIn { user, .. } => {
                let asks = missing(&state, &user).is_some_and(|missing| {
                    let insists = state.users.get(&user).is_some_and(|user| insists(user, missing));
                    insists || !session.was_asked_to_set_up
                });
                if !asks {
                    return "/applications";
                }
                // Whoever closes the dialog is not asked again, save where the policy insists.
                if let Some(session) = state.sessions.get_mut(&id) {
                    session.was_asked_to_set_up = true;
                }
                "/set-up"
            }
        }
    }

    fn choice_of_factor(&self, visit: &Visit) -> Result<Shown, Refusal> {
        let state = self.state();
        let (_, name) = self.half_session(&state, visit)?;
        let user = state.users.get(&name).ok_or(Refusal(Check::LoginPasswordStep))?;
        if !user.has_factor() && !user.policy.only_key {
            // The password alone says who it is.
            return Ok(Shown::elsewhere("/sign-in"));
        }
        let (factors, notice) = self.factors(user, &visit.agent);
        let factors = factors.into_iter().filter_map(factor).collect();
        Ok(Shown::view(ChooseFactor { factors, notice: notice.map(str::to_owned) }))
    }

    fn factor_step(&self, page: Page<'_>, visit: &Visit) -> Result<Shown, Refusal> {
        let then = if self.signed_in_before(visit).is_some() { "/security" } else { "/" };
        let state = self.state();
        let (id, name) = self.half_session(&state, visit)?;
        if page == Page::Key {
            self.may_use_key(&state, &name, visit)?;
            let seconds = self.rules().options.timeout / 1000;
            return Ok(Shown::view(KeyPrompt { seconds, then }));
        }
        if page == Page::Prompt {
            self.may_use_push(&state, &name)?;
            let asked = Asked { aim: Aim::SignIn, session: &id };
            let number = Self::shown_number(&state, &name, &asked);
            return Ok(Shown::view(PushPrompt { number, then }));
        }
        let user = state.users.get(&name).ok_or(Refusal(Check::LoginPasswordStep))?;
        self.may_use_codes(user)?;
        if user.totp.is_none() {
            return Ok(Shown::elsewhere("/sign-in/factor"));
        }
        Ok(Shown::view(CodePrompt))
    }

    fn set_up(&self, visit: &Visit) -> Result<Shown, Refusal> {
        let state = self.state();
        let name = self.signed_in(&state, visit, Check::KeysSignedIn)?.user;
        let Some(missing) = missing(&state, &name) else {
            return Ok(Shown::elsewhere("/applications"));
        };
        let user = state.users.get(&name).filter(|user| user.missed_enrolment(state.now));
        let notice = user.map(|_| message(Check::TotpEnrolmentPeriod).to_owned());
        Ok(Shown::view(SetUp { missing, notice }))
    }

    fn security(&self, visit: &Visit) -> Result<Shown, Refusal> {
        let keys = match self.own_keys(visit) {
            Err(Refusal(check)) if check.class() != Class::NotSignedIn => {
                Err(message(check).to_owned())
            }
            own => Ok(own?),
        };
        let (adding, codes) = (self.adding(visit)?, self.codes(visit)?);
        Ok(Shown::view(Security { keys, adding, codes }))
    }

    /// The keys that the user is shown.
    fn own_keys(&self, visit: &Visit) -> Result<Vec<Key>, Refusal> {
        let Content::Json(listed) = self.list_keys(visit)?.content else { return Ok(Vec::new()) };
        let rows = listed["keys"].as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(rows.iter().map(key).collect())
    }

    fn own_key(&self, visit: &Visit, id: &str) -> Result<Key, Refusal> {
        let keys = self.own_keys(visit)?;
        keys.into_iter().find(|key| key.id == id).ok_or(Refusal(Check::KeysOwn))
    }

    /// Whether the user may add a key here and now.
    fn adding(&self, visit: &Visit) -> Result<Adding, Refusal> {
        let state = self.state();
        let who = self.signed_in(&state, visit, Check::RegistrationSignedIn)?;
        let built_in = can_use_a_platform_key(&self.checks, &visit.agent);
        Ok(match self.may_begin(&state, &who, &visit.agent) {
            Ok(()) => {
                Adding::Offered { built_in: built_in.then(|| name_of_built_in(&visit.agent)) }
            }
            Err(Refusal(check @ Check::RegistrationFresh)) => {
                Adding::Stale(message(check).to_owned())
            }
            Err(Refusal(check)) => Adding::Refused(message(check).to_owned()),
        })
    }

    fn codes(&self, visit: &Visit) -> Result<Codes, Refusal> {
        if self.totp_status(visit)?.says("status") == Some("active") {
            return Ok(Codes::Active);
        }
        let state = self.state();
        let who = self.signed_in(&state, visit, Check::TotpSignedIn)?;
        Ok(match self.may_have_codes(&state, &who) {
            Ok(()) => Codes::Missing,
            Err(Refusal(check)) => Codes::Barred(message(check).to_owned()),
        })
    }

    /// The secret of the set-up that was begun.
    fn new_codes(&self, visit: &Visit) -> Result<Shown, Refusal> {
        let state = self.state();
        let who = self.signed_in(&state, visit, Check::TotpSignedIn)?;
        self.may_enrol(&state, &who)?;
        let Some(secret) = &who.pending_totp else { return Ok(Shown::elsewhere("/security")) };
        let (secret, uri) = totp::as_shown(secret, &who.user);
        Ok(Shown::view(SetUpTotp { secret, uri }))
    }

    fn new_password(&self, visit: &Visit, token: &str) -> Result<Shown, Refusal> {
        self.open_reset(token)?;
        let state = self.state();
        let mailed = self.mailed_token(&state, token);
        let name = state.resets.get(&mailed).map(|reset| reset.user.clone()).unwrap_or_default();
        let asked = Asked { aim: Aim::Reset(mailed.clone()), session: &mailed };
        let confirming = self.confirming(&state, &name, &asked, visit);
        Ok(Shown::view(NewPassword { token: token.to_owned(), confirming }))
    }

    fn password_page(&self, visit: &Visit) -> Result<Shown, Refusal> {
        let state = self.state();
        let who = self.signed_in(&state, visit, Check::PasswordSignedIn)?;
        let asked = Asked { aim: Aim::Password, session: &who.id };
        let confirming = self.confirming(&state, &who.user, &asked, visit);
        Ok(Shown::view(ChangePassword { confirming }))
    }

    /// What confirms a new password in this browser.
    fn confirming(
        &self,
        state: &State,
        name: &str,
        asked: &Asked<'_>,
        visit: &Visit,
    ) -> Confirming {
        let factor = state.users.get(name).map_or(reset::Factor::Nothing, reset::confirming);
        match factor {
            reset::Factor::Key if !can_use_a_key(&self.checks, &visit.agent) => {
                Confirming::Refused(message(Check::LoginBrowser).to_owned())
            }
            reset::Factor::Key => Confirming::Key,
            reset::Factor::Totp => Confirming::Totp,
            reset::Factor::Push => {
                Confirming::Push { number: Self::shown_number(state, name, asked) }
            }
            reset::Factor::Nothing => Confirming::Nothing,
        }
    }

    fn applications(&self, visit: &Visit) -> Result<Shown, Refusal> {
        let account = self.account(visit)?;
        let state = self.state();
        let user = account.says("user").and_then(|name| state.users.get(name));
        let locked_out = user.is_some_and(|user: &User| user.missed_enrolment(state.now));
        let closed = locked_out.then(|| message(Check::SsoEnrolmentPeriod).to_owned());
        let applications = sso::APPLICATIONS.iter().map(|service| Application {
            name: (*service).to_owned(),
            opened_at: sso::opened_at(service),
        });
        Ok(Shown::view(Applications { applications: applications.collect(), closed }))
    }

    /// To the application, or to the sign-in that it waits for.
    fn open_application(&self, visit: &Visit) -> Result<Shown, Refusal> {
        let Some(reply) = self.serve_application(("GET", &["login"]), visit)? else {
            return Ok(Shown::elsewhere("/"));
        };
        Ok(match reply.content {
            Content::Elsewhere(_) => Shown::Elsewhere(reply),
            Content::Json(_) | Content::Xml(_) | Content::Page(_) | Content::Asset(_) => {
                let session = reply.session;
                Shown::Elsewhere(Reply { session, ..Reply::see_other("/".to_owned()) })
            }
        })
    }
}

/// What somebody who is signed in is asked to set up.
fn missing(state: &State, name: &str) -> Option<Missing> {
    let told = welcome(name, state.users.get(name)?, state.now);
    let set_up = told["set_up"].as_array()?;
    match (set_up.contains(&"key".into()), set_up.contains(&"totp".into())) {
        (true, true) => Some(Missing::Both),
        (true, false) => Some(Missing::Key),
        (false, true) => Some(Missing::Codes),
        (false, false) => None,
    }
}

/// Whether the policy insists on something that is missing.
fn insists(user: &User, missing: Missing) -> bool {
    let key = user.policy.key == Place::Required;
    let totp = user.policy.totp == Place::Required;
    match missing {
        Missing::Both => key || totp,
        Missing::Key => key,
        Missing::Codes => totp,
    }
}

fn factor(word: &str) -> Option<Factor> {
    match word {
        "key" => Some(Factor::Key),
        "totp" => Some(Factor::Totp),
        "push" => Some(Factor::Push),
        _ => None,
    }
}

pub(super) fn key(row: &Value) -> Key {
    let text = |member: &str| row[member].as_str().unwrap_or_default().to_owned();
    let administered = row["administered"].as_bool().unwrap_or_default();
    Key { id: text("id"), label: text("label"), administered }
}

fn name_of_built_in(agent: &str) -> &'static str {
    if is_on_a_mac(agent) { "Touch ID" } else { "this device" }
}
