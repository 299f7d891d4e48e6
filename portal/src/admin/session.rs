//! The administrator's session in a browser. It stands for the token, and for nothing else: a program sends
//! the token itself.

use axum::http::StatusCode;
use serde_json::json;

use crate::{
    Portal,
    accounts::constant_time_eq,
    check::Check,
    router::{Reply, Visit},
};

impl Portal {
    /// Opens a session for whoever knows the token.
    pub(super) fn sign_administrator_in(&self, visit: &Visit) -> Reply {
        let is_right = self.is_the_token(visit.text("token"));
        if self.require(Check::AdminAuthorised, is_right).is_err() {
            let body = json!({
                "error": "forbidden",
                "check": Check::AdminAuthorised.id(),
                "message": "This is not the administrator's token.",
            });
            return Reply::with_status(StatusCode::FORBIDDEN, body);
        }
        let id = self.state().open_administrator();
        let administrator = Some(id);
        Reply { administrator, ..Reply::ok(json!({ "status": "signed-in" })) }
    }

    /// Ends the session on the server.
    pub(super) fn sign_administrator_out(&self, visit: &Visit) -> Reply {
        if let Some(id) = &visit.administrator {
            self.state().administrators.remove(id);
        }
        let administrator = Some(String::new());
        Reply { administrator, ..Reply::ok(json!({ "status": "signed-out" })) }
    }

    /// Whether somebody knows the administrator's token.
    pub(crate) fn is_the_token(&self, token: &str) -> bool {
        constant_time_eq(token.as_bytes(), self.settings.admin_token.as_bytes())
    }
}
