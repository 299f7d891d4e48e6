//! What stands on a page: forms and their fields, links, tokens in its head, its title.

use scraper::{ElementRef, Html, Selector};
use url::Url;

use super::toml::named;

/// A form.
#[derive(Clone, Debug)]
pub(super) struct Form {
    /// What finds it on its page.
    pub(super) selector: String,
    pub(super) action: Url,
    pub(super) posts: bool,
    pub(super) fields: Vec<Field>,
}

/// A field that has a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) required: bool,
    pub(super) value: String,
}

/// What a field is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    User,
    Mail,
    Password,
    Code,
    Hidden,
    Box,
    Button,
    Captcha,
    Other,
}

/// What an address speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Topic {
    SignIn,
    SignUp,
    Reset,
    SignOut,
    Factor,
    Account,
}

impl Topic {
    /// Those that are looked for, and words in addresses that speak of them.
    const WORDS: &[(Self, &[&str])] = &[
        (
            Self::SignOut,
            &[
                "logout",
                "log-out",
                "log_out",
                "signout",
                "sign-out",
                "sign_out",
                "logoff",
                "disconnect",
            ],
        ),
        (Self::Reset, &["reset", "forgot", "recover", "lost"]),
        (Self::Factor, &["2fa", "mfa", "totp", "otp", "factor", "webauthn", "passkey", "fido"]),
        (
            Self::SignUp,
            &["signup", "sign-up", "sign_up", "register", "registration", "join", "create-account"],
        ),
        (Self::SignIn, &["login", "log-in", "log_in", "signin", "sign-in", "sign_in", "logon"]),
        (Self::Account, &["account", "profile", "settings"]),
    ];

    /// The topic of a path; the last segment speaks first.
    pub(super) fn of(path: &str) -> Option<Self> {
        let path = path.to_ascii_lowercase();
        let speaks = |segment: &str| {
            let spoken =
                |(_, words): &&(Self, &[&str])| words.iter().any(|word| segment.contains(word));
            Self::WORDS.iter().find(spoken).map(|(topic, _)| *topic)
        };
        path.rsplit('/').find_map(speaks)
    }
}

impl Form {
    pub(super) fn of(&self, kind: Kind) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(move |field| field.kind == kind)
    }

    pub(super) fn has(&self, kind: Kind) -> bool {
        self.of(kind).next().is_some()
    }

    /// The names of its fields, for a comment.
    pub(super) fn names(&self) -> String {
        let shown = self.fields.iter().filter(|field| field.kind != Kind::Button);
        shown.map(|field| field.name.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// Most forms of a page, and most fields of a form: each is looked for among all before it.
const MOST: usize = 100;

/// The forms of a page.
pub(super) fn forms(html: &Html, at: &Url) -> Vec<Form> {
    let Ok(selector) = Selector::parse("form") else { return Vec::new() };
    html.select(&selector).take(MOST).map(|form| read(html, form, at)).collect()
}

fn read(html: &Html, form: ElementRef<'_>, at: &Url) -> Form {
    let controls = Selector::parse("input, select, textarea, button").ok();
    let controls = controls.iter().flat_map(|selector| form.select(selector));
    let fields: Vec<Field> = controls.filter_map(field).take(MOST).collect();
    let action = form.attr("action").map_or("", str::trim);
    let action = if action.starts_with('#') { "" } else { action };
    Form {
        selector: finds(html, form, &fields),
        action: at.join(action).unwrap_or_else(|_| at.clone()),
        posts: form.attr("method").is_some_and(|method| method.eq_ignore_ascii_case("post")),
        fields,
    }
}

/// A field that no form before this one has, or whatever else finds the form.
fn finds(html: &Html, form: ElementRef<'_>, fields: &[Field]) -> String {
    let rank = |field: &&Field| match field.kind {
        Kind::Password => 0,
        Kind::Code => 1,
        Kind::User | Kind::Mail => 2,
        Kind::Other => 3,
        Kind::Hidden | Kind::Box | Kind::Captcha => 4,
        Kind::Button => 5,
    };
    let mut by_rank: Vec<&Field> = fields.iter().collect();
    by_rank.sort_by_key(rank);
    let mut ways: Vec<String> =
        by_rank.iter().map(|field| format!("form *{}", named(&field.name))).collect();
    // `form *[name=x]` finds selects and buttons too; an input says so.
    for way in &mut ways {
        let input = way.replacen("form *", "input", 1);
        if leads_to(html, &input, form) {
            *way = input;
        }
    }
    ways.extend(form.attr("id").map(|id| format!("form[id=\"{}\"]", id.replace('"', "\\\""))));
    ways.extend(
        form.attr("action")
            .map(|action| format!("form[action=\"{}\"]", action.replace('"', "\\\""))),
    );
    ways.push("form".to_owned());
    ways.iter().find(|way| leads_to(html, way, form)).cloned().unwrap_or_else(|| "form".to_owned())
}

fn leads_to(html: &Html, selector: &str, form: ElementRef<'_>) -> bool {
    let Ok(selector) = Selector::parse(selector) else { return false };
    let Some(first) = html.select(&selector).next() else { return false };
    first.id() == form.id() || first.ancestors().any(|ancestor| ancestor.id() == form.id())
}

fn field(control: ElementRef<'_>) -> Option<Field> {
    let name = control.attr("name").filter(|name| !name.is_empty())?;
    let attr = |attr: &str| control.attr(attr).unwrap_or_default().to_ascii_lowercase();
    Some(Field {
        name: name.to_owned(),
        kind: kind(control.value().name(), &attr("type"), &attr("autocomplete"), name),
        required: control.attr("required").is_some(),
        value: control.attr("value").unwrap_or_default().to_owned(),
    })
}

fn kind(element: &str, of_type: &str, autocomplete: &str, name: &str) -> Kind {
    match (element, of_type) {
        ("button", _) | (_, "submit" | "button" | "image" | "reset") => return Kind::Button,
        (_, "checkbox" | "radio") => return Kind::Box,
        (_, "hidden") => return Kind::Hidden,
        (_, _) => {}
    }
    if autocomplete == "one-time-code" {
        return Kind::Code;
    }
    match of_type {
        "password" => Kind::Password,
        "email" => Kind::Mail,
        _ => by_name(name),
    }
}

/// What a name alone says of a field.
pub(super) fn by_name(name: &str) -> Kind {
    let name = name.to_ascii_lowercase();
    let any = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if any(&["captcha"]) {
        Kind::Captcha
    } else if any(&["passw", "passphrase", "pwd"]) {
        Kind::Password
    } else if any(&["mail"]) {
        Kind::Mail
    } else if any(&["otp", "code", "pin"]) {
        Kind::Code
    } else if any(&["user", "login", "identi", "account", "uid"]) {
        Kind::User
    } else {
        Kind::Other
    }
}

/// Links of a page and their words.
pub(super) fn links(html: &Html, at: &Url) -> Vec<(Url, String)> {
    let Ok(selector) = Selector::parse("a[href]") else { return Vec::new() };
    let links = html.select(&selector).filter_map(|link| {
        let mut url = at.join(link.attr("href")?.trim()).ok()?;
        url.set_fragment(None);
        Some((url, link.text().collect::<String>().trim().to_owned()))
    });
    links.collect()
}

/// The title of a page, on one line.
pub(super) fn title(html: &Html) -> Option<String> {
    let selector = Selector::parse("title").ok()?;
    let text: String = html.select(&selector).next()?.text().collect();
    let line: Vec<&str> = text.split_whitespace().collect();
    Some(line.join(" ").chars().take(60).collect()).filter(|title: &String| !title.is_empty())
}

/// The name and the content of a token in the page's head.
pub(super) fn token_in_head(html: &Html) -> Option<(String, String)> {
    let selector = Selector::parse("meta[name][content]").ok()?;
    html.select(&selector).find_map(|meta| {
        let name = meta.attr("name")?;
        let lower = name.to_ascii_lowercase();
        let content = meta.attr("content").filter(|content| content.len() >= 8)?;
        // Rails names the parameter apart, `csrf-param`.
        let fits = (lower.contains("csrf") || lower.contains("xsrf"))
            && !lower.contains("param")
            && !lower.contains("header");
        fits.then(|| (name.to_owned(), content.to_owned()))
    })
}
