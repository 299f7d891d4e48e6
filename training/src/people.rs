//! The table of users, one in each state that a person may want to see, and how a user gets there.

use serde_json::{Value, json};
use softkey::{Browser, Model, Seed, SoftKey, base64url, totp::Codes};

use crate::{
    Error,
    client::{Client, Sender},
};

/// One row of the table.
struct Row {
    name: &'static str,
    policy: fn() -> Value,
    has: Has,
    says: &'static str,
}

/// What a user has set up.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Has {
    Nothing,
    /// One-time codes, which the page of the desk shows.
    Codes,
    /// The same, and a key that the administrator registered. Nobody holds that key.
    CodesAndKey,
    /// An enrollment period that is over.
    MissedPeriod,
}

/// How long the period is that is missed, seconds: it begins with the clock of a new portal, which stands in
/// the past.
const PERIOD: u64 = 60;

const TABLE: &[Row] = &[
    Row {
        name: "alice",
        policy: || json!({}),
        has: Has::Nothing,
        says: "nothing set up: key and codes are allowed",
    },
    Row {
        name: "bob",
        policy: || json!({ "totp": "required", "totp_enrolment_seconds": 604_800 }),
        has: Has::Nothing,
        says: "codes required within seven days, not set up yet",
    },
    Row { name: "carol", policy: || json!({}), has: Has::Codes, says: "codes set up" },
    Row {
        name: "dave",
        policy: || json!({ "totp": "required", "totp_enrolment_seconds": PERIOD }),
        has: Has::MissedPeriod,
        says: "missed the time to set codes up: locked out of them",
    },
    Row {
        name: "erin",
        policy: || json!({ "self_registration": false }),
        has: Has::CodesAndKey,
        says: "key registered by the administrator (nobody holds it), and codes",
    },
    Row {
        name: "frank",
        policy: || json!({ "push": "allowed" }),
        has: Has::Nothing,
        says: "a device for prompts",
    },
    Row {
        name: "grace",
        policy: || json!({ "disabled": true }),
        has: Has::Nothing,
        says: "account disabled",
    },
    Row {
        name: "heidi",
        policy: || json!({ "passwordless": true, "user_verification": "required" }),
        has: Has::Nothing,
        says: "may sign in with a passkey alone, once one is registered",
    },
];

/// A user, and all that they would know or hold.
#[derive(Clone, Debug)]
pub struct Person {
    /// The name to sign in with.
    pub name: &'static str,
    /// The password.
    pub password: String,
    /// The e-mail address.
    pub mail: String,
    /// How things stand, in a sentence.
    pub says: &'static str,
    /// What the portal did not let happen on the way there, as a defective one may not.
    pub unready: Option<String>,
    /// The secret of the one-time codes, base32, where they are set up.
    pub secret: Option<String>,
    /// What the user's device sends, where there is one.
    pub(crate) device: Option<String>,
}

impl Person {
    /// How things stand, and what is missing of that.
    #[must_use]
    pub fn state(&self) -> String {
        let Self { says, unready, .. } = self;
        unready
            .as_ref()
            .map_or_else(|| (*says).to_owned(), |why| format!("{says}; NOT READY: {why}"))
    }
}

/// Creates the users on a portal that has none, and moves its clock to the present.
///
/// # Errors
/// When the portal creates no users.
pub async fn prepare(portal: &Client, seed: &Seed) -> Result<Vec<Person>, Error> {
    let mut people = Vec::new();
    // The clock goes only forward: who is too late comes first.
    let late_first =
        |is_late| TABLE.iter().filter(move |row| (row.has == Has::MissedPeriod) == is_late);
    for row in late_first(true) {
        people.push(create(portal, seed, row).await?);
    }
    portal.catch_up().await?;
    for row in late_first(false) {
        people.push(create(portal, seed, row).await?);
    }
    people.sort_by_key(|person| person.name);
    Ok(people)
}

async fn create(portal: &Client, seed: &Seed, row: &Row) -> Result<Person, Error> {
    let Row { name, says, .. } = *row;
    let password = base64url(&seed.bytes(&format!("password of {name}"), 9));
    let mail = format!("{name}@example.test");
    let policy = (row.policy)();
    let body = json!({ "user": name, "password": password, "mail": mail, "policy": policy });
    portal.done(Sender::Administrator, "POST /api/admin/users", &body).await?;
    let mut person =
        Person { name, password, mail, says, unready: None, secret: None, device: None };
    person.unready = set_up(portal, seed, row, &mut person).await.err().map(|why| why.to_string());
    Ok(person)
}

/// Sets up what the user has.
async fn set_up(portal: &Client, seed: &Seed, row: &Row, person: &mut Person) -> Result<(), Error> {
    let name = row.name;
    if matches!(row.has, Has::Codes | Has::CodesAndKey) {
        person.secret = Some(set_codes_up(portal, person).await?);
    }
    if row.has == Has::CodesAndKey {
        register_key(portal, seed, name).await?;
    }
    if (row.policy)()["push"] == "allowed" {
        let request = format!("GET /api/admin/users/{name}/device");
        let device = portal.done(Sender::Administrator, &request, &json!({})).await?;
        person.device = device.body["token"].as_str().map(str::to_owned);
    }
    Ok(())
}

/// Sets one-time codes up as the user would, and gives the secret.
async fn set_codes_up(portal: &Client, person: &Person) -> Result<String, Error> {
    let body = json!({ "user": person.name, "password": person.password });
    let session = portal.done(Sender::Browser(""), "POST /api/session/password", &body).await?;
    let browser = Sender::Browser(&session.cookie);
    let begun = portal.done(browser, "POST /api/totp/options", &json!({})).await?;
    let secret = begun.body["secret"].as_str().unwrap_or_default().to_owned();
    let code = Codes::USUAL.at(&secret, portal.now().await?);
    portal.done(browser, "POST /api/totp", &json!({ "code": code })).await?;
    portal.done(browser, "DELETE /api/session", &json!({})).await?;
    Ok(secret)
}

/// Registers a software key as the administrator. It is forgotten: nobody can sign in with it.
async fn register_key(portal: &Client, seed: &Seed, name: &'static str) -> Result<(), Error> {
    let keys = format!("POST /api/admin/users/{name}/keys");
    let options =
        portal.done(Sender::Administrator, &format!("{keys}/options"), &json!({})).await?;
    let mut key = SoftKey::new(Model::roaming(), &seed.derive(name));
    let page = Browser::at(portal.origin());
    let answer = key.register(&options.body["publicKey"], &page, None);
    let answer = answer.map_err(|_| Error::Key(name))?;
    let body = json!({ "label": "from the office", "credential": answer.json });
    portal.done(Sender::Administrator, &keys, &body).await.map(drop)
}
