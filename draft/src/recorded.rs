//! What a recording tells: which requests sign in, register and answer with keys and codes, and how
//! their answers look. One pass over the entries finds what each is; flows are made of those.

mod answer;
mod csrf;
mod request;

use std::collections::{BTreeSet, HashMap};

use profile::Verb;
use serde_json::Value;

use self::{
    answer::ok_rule,
    csrf::InHead,
    request::{Asked, Maker},
};
use super::{
    Guess, Halves, Recording, Told,
    forms::is_old,
    har::{Body, Entry, leaves},
    options::{self, Found},
    page::{self, Kind, Topic},
    scrub::Scrub,
    toml::{Rule, Step, text},
};

/// What an entry is.
#[derive(Debug)]
enum Part {
    SignIn,
    SignUp,
    PasswordAgain,
    ChangePassword,
    RequestReset,
    SignOut,
    Creation,
    Assertion,
    Code,
    Other,
}

/// The entries, each with what it is. What each question asks of all that came before is noted once.
struct Reading<'r> {
    entries: &'r [Entry],
    parts: Vec<Part>,
    scrub: Scrub,
    /// The entry that first brought a cookie, by its name.
    cookies: HashMap<String, usize>,
    /// The entries whose answers show a secret for one-time codes.
    secrets: Vec<usize>,
    /// Tokens in the heads of pages, with the entries that brought them.
    tokens: HashMap<String, Vec<InHead>>,
}

/// What the recording tells.
pub(super) fn told(recording: &Recording) -> Told {
    let entries = &recording.entries;
    let parts: Vec<Part> = (0..entries.len()).map(|at| part(entries, at)).collect();
    let reading = Reading::new(entries, parts);
    let flows = [
        reading.create_user(),
        reading.sign_in(),
        reading.sign_out(),
        reading.whoami(),
        reading.register_key(),
        reading.answer_with_key(),
        reading.enrol_totp(),
        reading.answer_with_totp(),
        reading.request_reset(),
        reading.change_password(),
    ];
    let mut notes = recording.notes();
    notes.extend(reading.notes());
    Told {
        flows: flows.into_iter().flatten().collect(),
        csrf: reading.csrf(),
        interrupts: reading.password_again().into_iter().collect(),
        notes,
    }
}

/// Names of what was sent that looks like a password.
fn passwords(entry: &Entry) -> Vec<String> {
    let sent = entry.sent().into_iter().map(|(name, _)| name);
    sent.filter(|name| page::by_name(name) == Kind::Password).collect()
}

fn part(entries: &[Entry], at: usize) -> Part {
    let entry = &entries[at];
    let topic = Topic::of(entry.url.path());
    if topic == Some(Topic::SignOut) && !entry.url.path().contains('.') {
        return Part::SignOut;
    }
    if matches!(entry.body, Body::Nothing) || entry.method == "get" {
        return Part::Other;
    }
    let holds = |wanted: &str| request::mentions(&entry.body, wanted);
    if holds("attestationObject") {
        return Part::Creation;
    }
    if holds("authenticatorData") && holds("signature") {
        return Part::Assertion;
    }
    let sent = entry.sent();
    let whose = sent.iter().any(|(name, value)| {
        matches!(page::by_name(name), Kind::User | Kind::Mail) && !value.is_empty()
    });
    let passwords = passwords(entry);
    let signs_up = topic == Some(Topic::SignUp);
    match passwords.len() {
        0 if sent.iter().any(|(_, value)| is_code(value)) => Part::Code,
        0 if whose && topic == Some(Topic::Reset) => Part::RequestReset,
        0 => Part::Other,
        _ if passwords.iter().any(|name| is_old(name)) => Part::ChangePassword,
        1 if whose && !signs_up => Part::SignIn,
        1 if !whose && follows_a_name(entries, at) => Part::SignIn,
        1 if !whose => Part::PasswordAgain,
        _ if whose => Part::SignUp,
        _ => Part::Other,
    }
}

/// The password of a sign-in that asked for the name on a page before.
fn follows_a_name(entries: &[Entry], at: usize) -> bool {
    let before = entries[..at].iter().rev().find(|entry| !matches!(entry.body, Body::Nothing));
    before.is_some_and(|entry| {
        let whose = |(name, value): &(String, String)| {
            matches!(page::by_name(name), Kind::User | Kind::Mail) && !value.is_empty()
        };
        passwords(entry).is_empty()
            && Topic::of(entry.url.path()) != Some(Topic::Reset)
            && entry.sent().iter().any(whose)
    })
}

fn is_code(value: &str) -> bool {
    value.len() == 6 && value.bytes().all(|b| b.is_ascii_digit())
}

impl<'r> Reading<'r> {
    fn new(entries: &'r [Entry], parts: Vec<Part>) -> Self {
        let scrub = Scrub::new(entries);
        let mut cookies = HashMap::new();
        for (at, entry) in entries.iter().enumerate() {
            for (name, _) in entry.new_cookies() {
                cookies.entry(name).or_insert(at);
            }
        }
        let codes = parts.iter().any(|part| matches!(part, Part::Code));
        let shows = |at: &usize| codes && answer::secret(&entries[*at].answer).is_some();
        let secrets = (0..entries.len()).filter(shows).collect();
        let tokens = csrf::in_heads(entries, &scrub);
        Self { entries, parts, scrub, cookies, secrets, tokens }
    }

    fn ok_rule(&self, at: usize) -> Option<(String, bool)> {
        let is_new = |name: &str| self.cookies.get(name).is_none_or(|first| *first >= at);
        ok_rule(&self.entries[at], is_new, &self.scrub)
    }
}

impl Reading<'_> {
    fn all(&self, wanted: impl Fn(&Part) -> bool) -> Vec<usize> {
        (0..self.entries.len()).filter(|at| wanted(&self.parts[*at])).collect()
    }

    fn maker(&self, verb: Verb) -> Maker<'_> {
        Maker::new(self.entries, &self.scrub, verb)
    }

    fn shown(&self, at: usize) -> String {
        let entry = &self.entries[at];
        format!(
            "{} {} ({})",
            entry.method.to_uppercase(),
            self.scrub.path(&entry.url).0,
            entry.status
        )
    }

    /// A flow of one half that one request performs.
    fn one(&self, verb: Verb, at: usize, what: &str) -> Guess {
        let Asked { mut steps, mut unknown, .. } = self.maker(verb).asked(at, None);
        if let Some(last) = steps.last_mut() {
            self.close(last, at, &mut unknown);
        }
        let evidence = vec![format!("recorded: {} {what}", self.shown(at))];
        Guess { verb, evidence, unknown, halves: Halves::One(steps) }
    }

    /// The rule of a step whose answer is recorded.
    fn close(&self, step: &mut Step, at: usize, unknown: &mut Vec<String>) {
        match self.ok_rule(at) {
            Some((when, stays)) => {
                step.stays = stays;
                step.outcome.push(Rule { when, is: "ok" });
            }
            None => unknown.push("how an answer that went well is known: nothing in the recorded one says so. See what is different where it goes wrong, and write `outcome` (docs/profile.md, Outcome rule)".to_owned()),
        }
        unknown.push("how a refusal looks: nothing wrong was recorded. Until there are rules for `refused`, refusals are `unknown` (docs/profile.md, Outcome rule)".to_owned());
    }

    /// Password requests that went well, and whether a factor came after each.
    fn sign_in(&self) -> Option<Guess> {
        let all = self.all(|part| matches!(part, Part::SignIn));
        // A password that is followed at once by another try was wrong.
        let went_well = |at: &&usize| {
            let next = self.parts[**at + 1..].iter().find(|part| !matches!(part, Part::Other));
            !matches!(next, Some(Part::SignIn)) && self.entries[**at].status < 500
        };
        let well: Vec<usize> = all.iter().filter(went_well).copied().collect();
        let last = *well.last().or(all.last())?;
        let Asked { mut steps, mut unknown, .. } = self.maker(Verb::SignIn).asked(last, None);
        let (mut rules, mut stay) = (Vec::<Rule>::new(), false);
        let mut means: HashMap<String, BTreeSet<&str>> = HashMap::new();
        for at in
            well.iter().filter(|at| self.entries[**at].url.path() == self.entries[last].url.path())
        {
            let half = self.factor_after(*at);
            let Some((when, stays)) = self.ok_rule(*at) else { continue };
            stay |= stays;
            let is = if half { "factor_needed" } else { "ok" };
            if means.entry(when.clone()).or_default().insert(is) {
                rules.push(Rule { when, is });
            }
        }
        // What is known of both tells nothing.
        rules.retain(|rule| means.get(&rule.when).is_some_and(|is| is.len() == 1));
        for (is, what) in [
            ("ok", "somebody without a second factor is in"),
            ("factor_needed", "a second factor is asked for"),
        ] {
            if !rules.iter().any(|rule| rule.is == is) {
                unknown.push(format!("how it is known that {what}: it was not recorded. Write a rule for `{is}` (docs/profile.md, Outcome rule)"));
            }
        }
        unknown.push("how a wrong password looks: write a rule for `refused` (docs/profile.md, Outcome rule)".to_owned());
        if let Some(step) = steps.last_mut() {
            step.stays = stay;
            step.outcome = rules;
        }
        let evidence = vec![format!("recorded: {} took a password", self.shown(last))];
        Some(Guess { verb: Verb::SignIn, evidence, unknown, halves: Halves::One(steps) })
    }

    /// Whether a factor was asked for after a password, before anything else began.
    fn factor_after(&self, at: usize) -> bool {
        for later in at + 1..self.entries.len() {
            match self.parts[later] {
                Part::Assertion => return true,
                Part::Code => return self.secret_before(later).is_none_or(|shown| shown < at),
                Part::SignIn
                | Part::SignUp
                | Part::SignOut
                | Part::Creation
                | Part::RequestReset => return false,
                Part::PasswordAgain | Part::ChangePassword | Part::Other => {}
            }
        }
        false
    }

    fn create_user(&self) -> Option<Guess> {
        let at = *self.all(|part| matches!(part, Part::SignUp)).last()?;
        let mut guess = self.one(Verb::CreateUser, at, "made an account");
        guess.unknown.push(
            "whether who signs up is signed in by it: then add a step that signs out".to_owned(),
        );
        Some(guess)
    }

    fn sign_out(&self) -> Option<Guess> {
        let at = *self.all(|part| matches!(part, Part::SignOut)).last()?;
        Some(self.one(Verb::SignOut, at, "signed out"))
    }

    fn request_reset(&self) -> Option<Guess> {
        let at = *self.all(|part| matches!(part, Part::RequestReset)).first()?;
        Some(self.one(Verb::RequestReset, at, "asked for a reset"))
    }

    fn change_password(&self) -> Option<Guess> {
        let at = *self.all(|part| matches!(part, Part::ChangePassword)).last()?;
        Some(self.one(Verb::ChangePassword, at, "changed the password"))
    }

    /// An answer to somebody signed in that says who that is.
    fn whoami(&self) -> Option<Guess> {
        let first = *self.all(|part| matches!(part, Part::SignIn | Part::SignUp)).first()?;
        let mut found: Vec<(bool, usize, String)> = Vec::new();
        for (at, entry) in self.entries.iter().enumerate().skip(first + 1) {
            let plain =
                entry.method == "get" && entry.status == 200 && !self.scrub.path(&entry.url).1;
            let Some(json) = entry.json().filter(|_| plain) else { continue };
            let mut pointer = None;
            leaves(&json, "", &mut |_, at, value| {
                if pointer.is_none() && self.scrub.is_person(&value) && self.pointer(at) {
                    pointer = Some(at.to_owned());
                }
            });
            let usual = ["whoami", "/me", "session", "user"]
                .iter()
                .any(|word| entry.url.path().contains(word));
            found.extend(pointer.map(|pointer| (!usual, at, pointer)));
        }
        let (_, at, pointer) = found.into_iter().min()?;
        let mut step = Step::new("get", self.scrub.path(&self.entries[at].url).0);
        step.capture.push(("user".to_owned(), vec![("json", text(&pointer))]));
        step.outcome = vec![
            Rule { when: "status = 200".to_owned(), is: "ok" },
            Rule { when: "status = [401, 403]".to_owned(), is: "ok" },
        ];
        Some(Guess {
            verb: Verb::Whoami,
            evidence: vec![
                format!("recorded: {} names who is signed in at {pointer}", self.shown(at)),
                "What nobody gets was not recorded: 401 and 403 are taken for nobody.".to_owned(),
            ],
            unknown: Vec::new(),
            halves: Halves::One(vec![step]),
        })
    }

    /// Whether a pointer is made of names and numbers.
    fn pointer(&self, pointer: &str) -> bool {
        let is_number = |step: &str| step.bytes().all(|b| b.is_ascii_digit());
        pointer.split('/').skip(1).all(|step| self.scrub.name(step).is_some() || is_number(step))
    }

    fn register_key(&self) -> Option<Guess> {
        let at = self.best(&self.all(|part| matches!(part, Part::Creation)))?;
        self.ceremony(Verb::RegisterKey, at, true)
    }

    /// The key after a password is a factor; without one before, it signs in by itself.
    fn answer_with_key(&self) -> Option<Guess> {
        let at = self.best(&self.all(|part| matches!(part, Part::Assertion)))?;
        let before =
            self.parts[..at].iter().rev().find(|part| matches!(part, Part::SignIn | Part::SignOut));
        let verb = if matches!(before, Some(Part::SignIn)) {
            Verb::AnswerWithKey
        } else {
            Verb::SignInWithKey
        };
        self.ceremony(verb, at, false)
    }

    /// The first that went well by all appearances, or the first.
    fn best(&self, all: &[usize]) -> Option<usize> {
        let well = |at: &&usize| self.entries[**at].status < 400 && self.ok_rule(**at).is_some();
        all.iter().find(well).or(all.first()).copied()
    }

    fn ceremony(&self, verb: Verb, at: usize, creates: bool) -> Option<Guess> {
        let options = |from: &usize| {
            let found = options::find(&self.entries[*from].answer)?;
            (found.creates == creates).then_some((*from, found))
        };
        let Some((from, found)) = (0..at).rev().find_map(|from| options(&from)) else {
            let mut guess = self.one(verb, at, "answered a ceremony");
            guess.unknown.push("where the WebAuthn options come from: none were recorded before the answer. [flow] needs `begin`, with `options`".to_owned());
            return Some(guess);
        };
        let Found { way, binary, .. } = found;
        let mut begin = self.maker(verb).asked(from, None);
        let mut finish = self.maker(verb).asked(at, Some(from));
        if !way.iter().all(|(_, value)| self.scrub.is_plain(value)) {
            begin.unknown.push("where the options stand in the answer: what finds them changes (`options`, docs/profile.md, Extractor)".to_owned());
        } else if let Some(last) = begin.steps.last_mut() {
            last.options = way;
        }
        if let Some(last) = begin.steps.last_mut() {
            last.capture.append(&mut finish.captures);
        }
        let mut unknown = begin.unknown;
        unknown.append(&mut finish.unknown);
        if let Some(last) = finish.steps.last_mut() {
            self.close(last, at, &mut unknown);
        }
        if let Some(binary) = binary {
            unknown.push(format!("whether `user.id` is written as the challenge is, which looks like {binary}: `webauthn = {{ binary = \"{binary}\" }}` is for all of them (docs/profile.md, Webauthn)"));
        }
        let evidence = vec![
            format!("recorded: {} brought the options", self.shown(from)),
            format!("recorded: {} took the answer", self.shown(at)),
        ];
        Some(Guess { verb, evidence, unknown, halves: Halves::Two(begin.steps, finish.steps) })
    }

    /// The last answer before a request that shows a secret for one-time codes.
    fn secret_before(&self, at: usize) -> Option<usize> {
        let before = self.secrets.partition_point(|shown| *shown < at);
        self.secrets[..before].last().copied()
    }

    fn enrol_totp(&self) -> Option<Guess> {
        let codes = self.all(|part| matches!(part, Part::Code));
        let at = *codes.iter().find(|at| self.secret_before(**at).is_some())?;
        let from = self.secret_before(at)?;
        let way = answer::secret(&self.entries[from].answer)?;
        let verb = Verb::EnrolTotp;
        let mut begin = self.maker(verb).asked(from, None);
        let mut finish = self.maker(verb).asked(at, Some(from));
        if let Some(last) = begin.steps.last_mut() {
            if !way.iter().any(|(_, value)| self.scrub.holds_secret(value)) {
                last.capture.push(("secret".to_owned(), way));
            }
            last.capture.append(&mut finish.captures);
            self.close(last, from, &mut Vec::new());
            if last.outcome.is_empty() && self.entries[from].status == 200 {
                last.outcome.push(Rule { when: "status = 200".to_owned(), is: "ok" });
            }
            last.stays = false;
        }
        let mut unknown = begin.unknown;
        unknown.append(&mut finish.unknown);
        if let Some(last) = finish.steps.last_mut() {
            self.close(last, at, &mut unknown);
        }
        let evidence = vec![
            format!("recorded: {} showed a secret for one-time codes", self.shown(from)),
            format!("recorded: {} took a code", self.shown(at)),
        ];
        Some(Guess { verb, evidence, unknown, halves: Halves::Two(begin.steps, finish.steps) })
    }

    fn answer_with_totp(&self) -> Option<Guess> {
        let mut signed_in = None;
        let mut after_password = None;
        for (at, part) in self.parts.iter().enumerate() {
            match part {
                Part::SignIn => signed_in = Some(at),
                Part::SignUp | Part::SignOut | Part::RequestReset => signed_in = None,
                Part::Code => {
                    let no_new_secret =
                        |from| self.secret_before(at).is_none_or(|shown| shown < from);
                    if signed_in.is_some_and(no_new_secret) {
                        after_password = after_password.or(Some(at));
                    }
                }
                Part::PasswordAgain
                | Part::ChangePassword
                | Part::Creation
                | Part::Assertion
                | Part::Other => {}
            }
        }
        let at = after_password?;
        Some(self.one(Verb::AnswerWithTotp, at, "took a code after the password"))
    }

    /// The password once more, on a page of its own.
    fn password_again(&self) -> Option<(String, String)> {
        let at = *self.all(|part| matches!(part, Part::PasswordAgain)).first()?;
        let asked = self.maker(Verb::SignIn).asked(at, None);
        let last = asked.steps.last().filter(|step| step.ask.0 == "form")?;
        let at_page = text(&format!(
            "^[^?]*{}(\\?|$)",
            self.scrub
                .location(&self.entries[at].url)
                .trim_start_matches("^(https?://[^/]+)?")
                .trim_end_matches("(\\?|$)")
        ));
        let toml = format!(
            "when = {{ url = {at_page}, css = {} }}\n{}",
            text(&last.ask.1),
            super::toml::steps("steps", std::slice::from_ref(last))
        );
        Some((format!("recorded: {} asked for the password once more", self.shown(at)), toml))
    }

    fn notes(&self) -> Vec<String> {
        let sent = self.entries.iter().filter(|entry| entry.method != "get").count();
        vec![format!(
            "the recording has {} requests to the portal, {sent} of them no GET",
            self.entries.len()
        )]
    }
}

/// Whether JSON is an answer of a key.
fn is_credential(value: &Value) -> bool {
    let response = value.get("response");
    let inner = |name: &str| response.is_some_and(|response| response.get(name).is_some());
    inner("attestationObject") || inner("authenticatorData")
}
