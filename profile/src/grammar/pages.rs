//! How verbs are performed on the portal's pages, in a browser.

use super::{
    Kind::{List, Many, Own, Regex, Selector, Table, Template, Text, Words},
    Shape, key, needed,
};
use crate::vocabulary;

pub(crate) static PAGE: Shape = Shape {
    name: "page",
    says: "How a person performs a verb on the portal's pages, for runs with `--browser`: what they open, fill in and press, and what the page shows then. It stands beside the flow of the same verb. A verb without one goes over HTTP by its flow, with the cookies of the browser. Where the verb asks for a key, `begin` ends with what makes the page ask for it; the page has the answer then, and goes on by itself.",
    also: None,
    keys: &[
        key(
            "steps",
            Many(&Table(&PAGE_STEP)),
            "[{ open = \"/login\" }, { fill = { label = \"User name\" }, with = \"{user}\" }, { press = { role = \"button\", name = \"Sign in\" } }]",
            "Its steps, in order.",
        ),
        key(
            "begin",
            Many(&Table(&PAGE_STEP)),
            "{ press = { role = \"button\", name = \"Use security key\" } }",
            "The steps of the first half, where the flow has two.",
        ),
        key(
            "finish",
            Many(&Table(&PAGE_STEP)),
            "{ press = { role = \"button\", name = \"Continue\" } }",
            "Those of the second, where the page does not go on by itself.",
        ),
        needed(
            "outcome",
            List(&Table(&PAGE_RULE)),
            "[{ shows = { role = \"alert\" }, is = \"refused\" }, { url = '/home$', is = \"ok\" }]",
            "What the page shows in the end, and what that is. The first rule that holds counts; what holds already on the page where the last button was pressed does not, until the page has changed or nothing else comes. Nothing within `exchange_timeout` is `unknown`.",
        ),
        key(
            "capture",
            Own(&Table(&CONTROL)),
            "{ user = { css = \".who bdi\" } }",
            "Texts that are taken from the page in the end, by name.",
        ),
    ],
};

pub(crate) static PAGE_STEP: Shape = Shape {
    name: "page step",
    says: "One thing that a person does on a page: one of `open`, `fill` and `press`. The control must be shown, or appear within `exchange_timeout`.",
    also: None,
    keys: &[
        key(
            "open",
            Template,
            "\"/login\"",
            "Opens a path below `base`, or a whole URL within the scope.",
        ),
        key(
            "fill",
            Table(&CONTROL),
            "{ label = \"Password\" }",
            "The field that `with` is typed into.",
        ),
        key("with", Template, "\"{password}\"", "What is typed; what stood there before is gone."),
        key(
            "press",
            Table(&CONTROL),
            "{ role = \"button\", name = \"Sign in\" }",
            "What is pressed.",
        ),
        key(
            "when",
            Table(&CONTROL),
            "{ role = \"link\", name = \"Security key\" }",
            "The step is done only where this is shown, once the page is loaded.",
        ),
    ],
};

pub(crate) static CONTROL: Shape = Shape {
    name: "control",
    says: "Something that a page shows, as people and screen readers find it. Everything that is given must fit; the first that fits counts. One of `role`, `label` and `css` is given. What is hidden is not shown.",
    also: None,
    keys: &[
        key(
            "role",
            Words(|| vocabulary::ROLES.to_vec()),
            "\"button\"",
            "Its role (WAI-ARIA 1.2), written or implied by the element.",
        ),
        key("name", Template, "\"Sign in\"", "With `role`: its accessible name, the whole of it."),
        key("label", Template, "\"User name\"", "For a field: the whole text of its label."),
        key("css", Selector, "\"#login button\"", "A CSS selector, where nothing else tells it."),
        key("text", Regex, "'^Signed in as '", "What its text matches, or the value of a field."),
    ],
};

pub(crate) static PAGE_RULE: Shape = Shape {
    name: "page rule",
    says: "What a page shows, and what the answer is then. Everything that is given must hold.",
    also: None,
    keys: &[
        key(
            "shows",
            Table(&CONTROL),
            "{ role = \"alert\", text = '(?i)password' }",
            "What is shown.",
        ),
        key("hides", Table(&CONTROL), "{ label = \"Password\" }", "What is not shown."),
        key("url", Regex, "'/home$'", "The address of the page."),
        needed(
            "is",
            Words(|| reports::record::Reply::ALL.iter().map(|reply| reply.word()).collect()),
            "\"ok\"",
            "What the answer is then.",
        ),
        key("reason", Text, "\"bad_password\"", "The portal's reason, as its API would name it."),
        key(
            "message",
            Table(&CONTROL),
            "{ role = \"alert\" }",
            "Where the portal's words for people stand; what `shows` finds without it.",
        ),
    ],
};
