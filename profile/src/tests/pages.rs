//! Pages: what is read of them, and what is wrong with one.

use reports::record::Reply;

use super::{PLAIN, parse, printed};
use crate::{Verb, pages::Act};

const SIGN_IN: &str = r#"
[page.sign_in]
steps = [
  { open = "/login" },
  { fill = { label = "User name" }, with = "{user}" },
  { press = { role = "button", name = "Sign in" }, when = { css = "form" } },
]
outcome = [{ shows = { role = "alert", text = 'wrong' }, is = "refused", reason = "bad" }, { url = '/home$', is = "ok" }]
capture = { user = { css = ".who" } }
"#;

#[test]
fn a_page_says_what_is_done_and_what_is_shown() {
    let profile = parse(&format!("{PLAIN}{SIGN_IN}")).map_err(|c| printed(&c)).unwrap();
    let page = &profile.flows.pages[&Verb::SignIn];
    assert_eq!((page.begin.len(), page.finish.is_none(), page.capture.len()), (3, true, 1));
    let Act::Press(button) = &page.begin[2].act else { panic!("{page:?}") };
    assert_eq!(button.shown, "role \"button\", name \"Sign in\"");
    assert_eq!(button.role.as_deref(), Some("button"));
    assert_eq!(page.begin[2].when.as_ref().unwrap().css.as_deref(), Some("form"));
    assert_eq!(page.outcome[0].reply, Reply::Refused);
}

#[test]
fn what_is_wrong_with_a_page_is_said() {
    let said = |from: &str, to: &str| {
        assert!(SIGN_IN.contains(from), "{from}");
        printed(&parse(&format!("{PLAIN}{}", SIGN_IN.replace(from, to))).unwrap_err())
    };
    let cases = [
        ("role = \"button\", name", "role = \"buton\", name", "did you mean `button`?"),
        ("role = \"button\", name", "name", "is found by one of: role, label, css"),
        ("{ css = \"form\" }", "{ css = \"form\", name = \"x\" }", "`name` goes with `role`"),
        (", with = \"{user}\"", "", "`fill` goes with `with`"),
        ("{ open = \"/login\" }", "{ with = \"x\" }", "`with` goes with `fill`"),
        (
            "{ open = \"/login\" }",
            "{ open = \"/\", press = { css = \"a\" } }",
            "one of: open, fill, press",
        ),
        ("{ open = \"/login\" }", "{ open = \"https://evil.example/\" }", "outside the allow-list"),
        ("{user}", "{usr}", "did you mean `user`?"),
        ("User name\" }, with = \"{user}", "Password\" }, with = \"hunter2", "is written out"),
        ("is = \"ok\"", "is = \"factor_needed\"", "has no rule for `ok`"),
        ("url = '/home$', ", "", "holds of every page"),
        ("text = 'wrong'", "text = '('", "not a regular expression"),
        ("css = \".who\"", "css = \"..\"", "not a CSS selector"),
        (
            "steps =",
            "finish = [{ press = { css = \"a\" } }]\nsteps =",
            "`finish` goes with `begin`",
        ),
        ("page.sign_in", "page.sign_on", "sign_in"),
        ("page.sign_in", "page.list_keys", "[page.list_keys] does not capture `keys`"),
        ("page.sign_in", "page.rename_key", "stands beside [flow.rename_key]"),
    ];
    for (from, to, expected) in cases {
        let said = said(from, to);
        assert!(said.contains(expected), "{from} → {to}: {said}");
    }
}
