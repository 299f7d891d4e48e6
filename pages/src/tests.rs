//! What holds for every page, whatever is shown on it.

use proptest::prelude::*;

use super::*;

fn frame(said: Option<Said<'_>>) -> Frame<'_> {
    Frame { csrf: "token", who: Who::User("alice"), said }
}

fn key(label: &str) -> Key {
    Key { id: "AQID".to_owned(), label: label.to_owned(), administered: false }
}

/// Every page, with a text of somebody else's wherever one can stand.
fn every_page(text: &str) -> Vec<(&'static str, Box<dyn View>)> {
    let text = || text.to_owned();
    let number = || Confirming::Push { number: Some(text()) };
    vec![
        ("sign-in", Box::new(SignIn { user: text(), for_application: true })),
        ("factor", Box::new(ChooseFactor { factors: vec![Factor::Key], notice: Some(text()) })),
        ("key", Box::new(KeyPrompt { seconds: 60, then: "/" })),
        ("code", Box::new(CodePrompt)),
        ("prompt", Box::new(PushPrompt { number: Some(text()), then: "/" })),
        (
            "security",
            Box::new(Security {
                keys: Ok(vec![key(&text())]),
                adding: Adding::Offered { built_in: Some("Touch ID") },
                codes: Codes::Barred(text()),
            }),
        ),
        ("rename", Box::new(RenameKey { key: key(&text()) })),
        ("delete", Box::new(DeleteKey { key: key(&text()) })),
        ("set-up", Box::new(SetUp { missing: Missing::Both, notice: Some(text()) })),
        (
            "set-up key",
            Box::new(SetUpKey { keys: vec![key(&text())], adding: Adding::Refused(text()) }),
        ),
        ("totp", Box::new(SetUpTotp { secret: text(), uri: "otpauth://totp/alice".to_owned() })),
        ("remove codes", Box::new(DeleteTotp)),
        ("ask", Box::new(AskForLink)),
        ("sent", Box::new(LinkSent)),
        ("new password", Box::new(NewPassword { token: text(), confirming: Confirming::Key })),
        ("by code", Box::new(NewPassword { token: text(), confirming: Confirming::Totp })),
        ("by prompt", Box::new(NewPassword { token: text(), confirming: number() })),
        ("password", Box::new(ChangePassword { confirming: Confirming::Key })),
        ("password by prompt", Box::new(ChangePassword { confirming: number() })),
        (
            "applications",
            Box::new(Applications {
                applications: vec![Application {
                    name: text(),
                    opened_at: "/cas/login".to_owned(),
                }],
                closed: Some(text()),
            }),
        ),
        ("administrator", Box::new(AdministratorSignIn)),
        ("users", Box::new(Users { users: vec![row(&text())] })),
        ("user", Box::new(details(&text()))),
        ("delete user", Box::new(DeleteUser { name: text(), page: text() })),
        (
            "delete key of user",
            Box::new(DeleteUserKey { name: text(), page: text(), key: key(&text()) }),
        ),
        ("notice", Box::new(Notice { heading: "Not found", message: text(), on: ("/", "Start") })),
    ]
}

fn row(text: &str) -> UserRow {
    let text = || text.to_owned();
    UserRow { name: text(), page: text(), mail: text(), states: vec![text()] }
}

fn details(text: &str) -> UserDetails {
    let own = || text.to_owned();
    UserDetails {
        name: own(),
        page: own(),
        mail: own(),
        states: vec![own()],
        seconds_left: Some(60),
        policy: Policy { members: vec![("key".to_owned(), own())], period: Some(60) },
        keys: vec![key(text)],
    }
}

/// The names of a page's tags, and of their attributes.
fn structure(html: &str) -> Vec<String> {
    let tags = html.split('<').skip(1).filter_map(|tag| tag.split('>').next());
    let names = |tag: &str| {
        let outside: String = tag.split('"').step_by(2).collect::<Vec<_>>().join(" ");
        outside.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    tags.flat_map(names).collect()
}

/// The structure with nothing in the text, and with a certain one.
fn check_structure(text: &str) {
    for ((name, plain), (_, hostile)) in every_page("plain").iter().zip(every_page(text)) {
        let [plain, hostile] = [&**plain, &*hostile]
            .map(|view| structure(&render(&frame(Some(Said::Refused("no"))), view)));
        assert_eq!(plain, hostile, "{name}: {text:?}");
    }
}

#[test]
fn no_text_becomes_markup() {
    let long = "w".repeat(10_000);
    for text in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' autofocus onfocus=alert(1) x='",
        "</title></textarea></style><svg onload=alert(1)>",
        "&lt;b&gt; &quot; &#0;",
        "\u{202e}gnitsixe\u{2066}\u{200b}",
        "\u{0}\u{7}\u{1b}[31m",
        "javascript:alert(1)",
        &long,
    ] {
        check_structure(text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn no_text_at_all_becomes_markup(text in "\\PC{1,80}") {
        check_structure(&text);
    }
}

#[test]
fn a_label_stands_apart_from_the_sentence_around_it() {
    let list = Security {
        keys: Ok(vec![key("\u{202e}txet")]),
        adding: Adding::Refused(String::new()),
        codes: Codes::Active,
    };
    let html = render(&frame(None), &list);
    assert!(html.contains("<bdi>\u{202e}txet</bdi>"), "{html}");
}

/// A strict policy would refuse them, and a page that needs one would be broken.
#[test]
fn no_page_has_a_script_or_style_of_its_own() {
    for (name, view) in every_page("text") {
        let html = render(&frame(None), &*view);
        assert_eq!(html.matches("<script").count(), 1, "{name}");
        assert!(html.contains("<script src=\"/assets/portal.js\" defer></script>"), "{name}");
        let names = structure(&html);
        let own = |name: &&String| name.starts_with("on") || name.starts_with("style");
        assert_eq!(names.iter().find(own), None, "{name}");
    }
}

#[test]
fn every_page_can_be_read_aloud() {
    for (name, view) in every_page("text") {
        let html = render(&frame(Some(Said::Done(Done::KeyDeleted))), &*view);
        for (part, count) in [
            ("<html lang=\"en\">", 1),
            ("<h1>", 1),
            ("<main ", 1),
            ("<title>", 1),
            ("<nav ", 1),
            ("role=\"status\"", html.matches("role=\"status\"").count().max(1)),
        ] {
            assert_eq!(html.matches(part).count(), count, "{name}: {part}");
        }
        let fields = html.split("<input ").skip(1).chain(html.split("<select ").skip(1));
        for input in fields.filter_map(|rest| rest.split('>').next()) {
            let id = input.split("id=\"").nth(1).and_then(|rest| rest.split('"').next());
            let labelled = |id: &str| html.contains(&format!("<label for=\"{id}\">"));
            assert!(
                input.contains("type=\"hidden\"") || id.is_some_and(labelled),
                "{name}: {input}"
            );
        }
    }
}

#[test]
fn every_form_carries_the_token_or_is_sent_by_the_script() {
    for (name, view) in every_page("text") {
        let html = render(&frame(None), &*view);
        for form in html.split("<form ").skip(1) {
            let form = form.split("</form>").next().unwrap_or_default();
            let carries = form.contains("<input type=\"hidden\" name=\"csrf\" value=\"token\">");
            assert!(carries || form.starts_with("data-ceremony="), "{name}: {form}");
        }
    }
}

/// Without the script a button of a ceremony is dead, and the page says why.
#[test]
fn a_ceremony_says_what_it_needs_until_the_script_is_there() {
    let html = render(&frame(None), &KeyPrompt { seconds: 60, then: "/" });
    assert!(html.contains("<p data-without-scripts>"), "{html}");
    assert!(html.contains("<button disabled "), "{html}");
    let script = asset("/assets/portal.js").expect("the script").text;
    for failure in html.split("data-failure=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(script.contains(&format!("\"{failure}\"")), "the script never shows {failure}");
    }
}

#[test]
fn what_was_done_has_a_word_of_its_own() {
    for done in Done::ALL {
        assert_eq!(Done::of_word(done.word()), Some(done));
    }
    assert_eq!(Done::of_word("<b>"), None);
}

#[test]
fn a_secret_that_is_too_long_for_a_code_is_shown_as_text() {
    let set_up = SetUpTotp { secret: "ABCDEFGH".to_owned(), uri: "x".repeat(4000) };
    let html = render(&frame(None), &set_up);
    assert!(html.contains("ABCD EFGH") && !html.contains("<svg class=\"qr\""), "{html}");
}
