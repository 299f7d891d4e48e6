//! How verbs are performed: flows, steps, conditions, extractors, and WebAuthn's JSON.

use super::{
    Kind::{
        Duration, Either, Flag, Integer, List, Many, Number, Own, Pointer, PointerTemplate, Regex,
        Selector, Status, Table, Template, Text, UrlPart, Value, Words,
    },
    Shape, key, needed,
};
use crate::vocabulary;

pub(crate) static FLOW: Shape = Shape {
    name: "flow",
    says: "How a verb is performed: the keys of its only step, or `steps`, or two halves with the suite between them. The first half ends with the WebAuthn options (or the TOTP secret), the second sends the answer. Those of `start_at_app` have a whole sign-in between them, and the second goes on from the page where that ended. The second may be carried out several times after one first half, also at the same instant and by copies of the browser.",
    also: Some(&STEP),
    keys: &[
        key(
            "steps",
            Many(&Table(&STEP)),
            "[{ get = \"/login\" }, { form = \"form#login\", fill = { user = \"{user}\", password = \"{password}\" }, outcome = [{ url = '/home$', is = \"ok\" }] }]",
            "Its steps, in order. One that is not `ok` ends the flow.",
        ),
        key(
            "begin",
            Many(&Table(&STEP)),
            "{ get = \"/key/options\", options = { json = \"/publicKey\" } }",
            "The first half, up to the options.",
        ),
        key(
            "finish",
            Many(&Table(&STEP)),
            "{ post = \"/key/answer\", json = { credential = \"{credential}\" }, outcome = [{ status = 200, is = \"ok\" }] }",
            "The second half, from the answer on. Nothing belongs here that has to be fetched anew for each try: it would be part of every try.",
        ),
        key(
            "webauthn",
            Table(&MAPPING),
            "{ user_id = \"text\" }",
            "How WebAuthn's JSON looks in this flow; what it does not say is taken from `[webauthn]`.",
        ),
    ],
};

const REQUESTS: &str = "A path below `base`, or a whole URL within the scope. One of `get` to `command` stands in each step.";

pub(crate) static STEP: Shape = Shape {
    name: "step",
    says: "One request and what is made of its answer.",
    also: None,
    keys: &[
        key("get", Template, "\"/login\"", REQUESTS),
        key("post", Template, "\"/login\"", "As `get`, with a body."),
        key("put", Template, "\"/users/{user}\"", "As `post`."),
        key("patch", Template, "\"/keys/{key}\"", "As `post`."),
        key("delete", Template, "\"/keys/{key}\"", "As `post`."),
        key(
            "form",
            Selector,
            "\"input[name=password]\"",
            "Submits a form of the page before: the form, or something in it. Hidden inputs and what else it holds go along.",
        ),
        key("stay", Flag, "true", "No request: looks at the page before once more."),
        key(
            "mail",
            Template,
            "\"{mail}\"",
            "Waits for mail to an address that is newer than the flow; the link or code in it is then `{mailed}`.",
        ),
        key(
            "command",
            List(&Template),
            "[\"portal-admin\", \"create\", \"{user}\"]",
            "Runs a program with its arguments, without a shell, in the folder of the profile, for at most `exchange_timeout`, and only with `--allow-commands`. For the administrator's verbs alone: what a visitor does goes over the portal's own pages. What it prints until it ends is the body of the answer; what it leaves running is ended with it.",
        ),
        key(
            "environment",
            Own(&Template),
            "{ NEW_PASSWORD = \"{password}\" }",
            "Variables of `command`, beside PATH, HOME, LANG and TMPDIR. Secrets go here: arguments stand in the list of processes.",
        ),
        key(
            "fill",
            Own(&Template),
            "{ user = \"{user}\", password = \"{password}\" }",
            "Fields of `form` that are filled in; places may stand in their names as well.",
        ),
        key("leave_out", List(&Text), "[\"passwordless\"]", "Fields of `form` that are left out."),
        key(
            "press",
            Selector,
            "\"button[value=enrol]\"",
            "The button of `form` that is pressed; its name and value go along.",
        ),
        key(
            "fields",
            Own(&Template),
            "{ code = \"{code}\" }",
            "Body, as a form would send it; places may stand in the names as well.",
        ),
        key(
            "json",
            Value,
            "{ credential = \"{credential}\", label = \"{label?}\" }",
            "Body, as JSON. A text that is one place alone becomes the value as it is; a member or an item with a place that may be missing (`{name?}`) and has no value is left out.",
        ),
        key(
            "headers",
            Own(&Template),
            "{ X-Requested-With = \"XMLHttpRequest\" }",
            "Headers of this request. One that is left out, for want of a value, does not hide that of `[portal] headers`; an empty one does.",
        ),
        key(
            "query",
            Own(&Template),
            "{ next = \"/home\" }",
            "Parameters that are added to the URL.",
        ),
        key(
            "when",
            Table(&CONDITION),
            "{ css = \"#user\" }",
            "The step is done only where this holds of the page before.",
        ),
        key(
            "apart",
            Duration,
            "\"1s\"",
            "How long after one round of this step the same person begins another, for portals that name things by the second in which they were made.",
        ),
        key("follow", Flag, "false", "Whether redirects are followed; they are without it."),
        key("csrf", Flag, "false", "Whether the token of `[csrf]` goes along; it does without it."),
        key(
            "cookies",
            Flag,
            "false",
            "Whether the browser's cookies go along and those of the answer are kept; so it is without it. `false` where it is not the browser that asks, but an application that shows a ticket.",
        ),
        key(
            "capture",
            Own(&Many(&Table(&EXTRACTOR))),
            "{ token = { css = \"input[name=token]\", attr = \"value\" } }",
            "Values that are taken from the answer, whatever it is, by name, for the places of later steps and of those captures that follow in the same table. What is not found leaves an earlier value of that name; what is found and null takes it away.",
        ),
        key("secret", List(&Text), "[\"token\"]", "Those captured values that no report may show."),
        key(
            "keep",
            List(&Text),
            "[\"token\"]",
            "Those captured values that later flows in the same browser know as well, and in every copy that is made of it, as of its cookies.",
        ),
        key(
            "options",
            Many(&Table(&EXTRACTOR)),
            "{ script = \"script#data\", json = \"/publicKey\" }",
            "Where the WebAuthn options are; wrapped in `publicKey` or not.",
        ),
        key(
            "outcome",
            List(&Table(&RULE)),
            "[{ status = 200, is = \"ok\" }, { status = 401, is = \"refused\" }]",
            "What the answer means: the first rule that holds. Where none does, the answer is `unknown`, never refused.",
        ),
    ],
};

pub(crate) static CONDITION: Shape = Shape {
    name: "condition",
    says: "What must hold of an answer: everything that is given. Status codes mislead at most portals; say what can be seen.",
    also: None,
    keys: &[
        key("exit", Many(&Number), "0", "The command ended with this code, or one of these."),
        key("status", Many(&Status), "[200, \"3xx\"]", "The status is one of these."),
        key("url", Regex, "'/login$'", "The final URL matches."),
        key("location", Regex, "'^/home$'", "The `Location` header matches."),
        key("body", Regex, "'(?i)wrong password'", "The body matches."),
        key("css", Selector, "\"ul.errors li\"", "There is such an element on the page."),
        key("no_css", Selector, "\"form#login\"", "There is no such element on the page."),
        key(
            "json",
            PointerTemplate,
            "\"/status\"",
            "A value in a JSON body: it is there and not null, or as the next three say.",
        ),
        key(
            "equals",
            Value,
            "\"ok\"",
            "With `json`: it is this. A text with places is compared with the value's text, so that `\"{key}\"` fits the number too.",
        ),
        key("exists", Flag, "false", "With `json`: whether it is there and not null."),
        key("matches", Regex, "'^ok'", "With `json`: its text matches."),
        key("cookie", Text, "\"session\"", "The jar holds such a cookie."),
        key("no_cookie", Text, "\"session\"", "The jar holds no such cookie."),
        key("given", Text, "\"code\"", "The flow was given, or captured, such a value."),
        key("not_given", Text, "\"code\"", "It was not."),
    ],
};

pub(crate) static RULE: Shape = Shape {
    name: "outcome rule",
    says: "A condition, and what an answer is of which it holds.",
    also: Some(&CONDITION),
    keys: &[
        needed(
            "is",
            Words(replies),
            "\"refused\"",
            "What the answer is. `ok` goes on with the next step; the others end the flow.",
        ),
        key(
            "reason",
            Either(&[Text, Table(&EXTRACTOR), List(&Table(&EXTRACTOR))]),
            "\"login/password\"",
            "The requirement that the portal names as its reason, or where the answer says it: written out only where nothing else can be meant.",
        ),
        key(
            "message",
            Many(&Table(&EXTRACTOR)),
            "{ css = \"ul.errors li\" }",
            "Where the answer's words for people are.",
        ),
    ],
};

pub(crate) static EXTRACTOR: Shape = Shape {
    name: "extractor",
    says: "Where a value is found in an answer, and what is done to it then. A list of extractors is tried in order; the first that finds something counts.",
    also: None,
    keys: &[
        key(
            "json",
            PointerTemplate,
            "\"/challenges/[type=webauthn]/options\"",
            "A place in a JSON body, or in the JSON of `script`. `[name=value]` picks the first item of a list with such a member.",
        ),
        key("css", Selector, "\"input[name=token]\"", "An element of a page: its text, or `attr`."),
        key(
            "script",
            Selector,
            "\"script[type='application/json']\"",
            "JSON in a script element of a page; `json` says which part.",
        ),
        key(
            "regex",
            Regex,
            "'handleRegister\\((\\{.*\\})\\)'",
            "What an expression finds in the body.",
        ),
        key(
            "xml",
            Text,
            "\"cas:user\"",
            "The text of the first element of that name in an XML body, as the name is written there. No entities are read but the five of XML itself.",
        ),
        key("header", Text, "\"X-Token\"", "A header."),
        key("cookie", Text, "\"csrftoken\"", "A cookie in the jar."),
        key("location", UrlPart, "\"query:ticket\"", "The `Location` header, or a part of it."),
        key("url", UrlPart, "\"last\"", "The final URL, or a part of it."),
        key("body", Flag, "true", "The whole body."),
        key("status", Flag, "true", "The number of the status."),
        key("value", Template, "\"{user}-key\"", "A text of one's own, with placeholders."),
        key("attr", Text, "\"value\"", "With `css`: the attribute."),
        key(
            "contains",
            Text,
            "\"challenge\"",
            "With `css` and `script`, where several stand on a page: what it must contain.",
        ),
        key(
            "group",
            Number,
            "1",
            "With `regex`: which group; 1 where there is one, else all that matched.",
        ),
        key(
            "each",
            Own(&Many(&Table(&EXTRACTOR))),
            "{ id = { css = \"a\", attr = \"href\" }, label = { css = \"td\" } }",
            "For a list: what is taken from each item, by name.",
        ),
        key(
            "transforms",
            Many(&Text),
            "[\"strip:- \", \"upper\"]",
            "What is done to it, in order.",
        ),
    ],
};

pub(crate) static ANSWERS: Shape = Shape {
    name: "answers",
    says: "What any answer of the portal may be, tried after a step's own rules.",
    also: None,
    keys: &[
        key(
            "outcome",
            List(&Table(&RULE)),
            "[{ status = \"5xx\", is = \"error\" }]",
            "Rules for every step.",
        ),
        key(
            "reason",
            Either(&[Text, Table(&EXTRACTOR), List(&Table(&EXTRACTOR))]),
            "{ json = \"/error/code\" }",
            "Where an answer that is not ok names its reason.",
        ),
        key(
            "message",
            Many(&Table(&EXTRACTOR)),
            "[{ css = \".error\" }]",
            "Where it has words for people.",
        ),
    ],
};

pub(crate) static INTERRUPT: Shape = Shape {
    name: "interrupt",
    says: "A page that comes in between, after any step of any flow: it is answered, and the flow goes on.",
    also: None,
    keys: &[
        needed("when", Table(&CONDITION), "{ url = '/reauthenticate' }", "How the page is known."),
        needed(
            "steps",
            Many(&Table(&STEP)),
            "[{ form = \"form\", fill = { password = \"{password}\" }, outcome = [{ status = 200, is = \"ok\" }] }]",
            "How it is answered.",
        ),
        key(
            "then",
            Words(|| vocabulary::THENS.iter().map(|(word, _)| *word).collect()),
            "\"resume\"",
            "`resume`: go on where the interrupt ended when that is the page that was asked for, else ask again. `repeat`: ask again. `go-on`: go on where it ended. `resume` without it.",
        ),
    ],
};

pub(crate) static CSRF: Shape = Shape {
    name: "csrf",
    says: "How requests that are not forms prove that they come from the portal's own pages: one of `cookie`, `token` and `value`.",
    also: None,
    keys: &[
        needed("header", Text, "\"X-CSRFToken\"", "The header that carries the token."),
        key("cookie", Text, "\"csrftoken\"", "The cookie that holds it."),
        key(
            "token",
            Many(&Table(&EXTRACTOR)),
            "{ css = \"meta[name=csrf]\", attr = \"content\" }",
            "Where it stands on the page that `get` names.",
        ),
        key("value", Template, "\"1\"", "Always the same text."),
        key(
            "get",
            Template,
            "\"/login\"",
            "The page that brings it. For `token` it is fetched before every request that carries one; for `cookie` before such a request while the jar holds no such cookie. Never for `get` and `form` steps, which carry none. Where it brings none, the request goes without.",
        ),
        key(
            "headers",
            Own(&Template),
            "{ Accept = \"application/json\" }",
            "Headers of that fetch.",
        ),
    ],
};

pub(crate) static MAPPING: Shape = Shape {
    name: "webauthn",
    says: "How WebAuthn's JSON looks at a portal, where it differs from WebAuthn Level 3 §5.1.",
    also: None,
    keys: &[
        key(
            "rename",
            Own(&Pointer),
            "{ \"/relyingParty\" = \"/rp\" }",
            "Members of the options that have other names: theirs, and the standard's.",
        ),
        key("rp_id", Template, "\"{rp_id}\"", "The RP id where the options have none."),
        key("algs", List(&Integer), "[-7, -257]", "The algorithms where the options have none."),
        key(
            "binary",
            Words(binaries),
            "\"base64\"",
            "How binary members of the options are written; `base64url` without it.",
        ),
        key(
            "user_id",
            Words(binaries),
            "\"text\"",
            "How `user.id` is written, where it differs from the others.",
        ),
        key(
            "answer",
            Table(&ANSWER_MAPPING),
            "{ omit = [\"/authenticatorAttachment\"] }",
            "How the answer differs from `toJSON()`.",
        ),
    ],
};

pub(crate) static ANSWER_MAPPING: Shape = Shape {
    name: "webauthn answer",
    says: "How the answer that is sent differs from `toJSON()` of WebAuthn Level 3. Where it goes is the step's: `{credential}` in `json`, `{credential:json-string}` in a field, `{credential/response/signature}` for one member.",
    also: None,
    keys: &[
        key(
            "omit",
            List(&Pointer),
            "[\"/authenticatorAttachment\"]",
            "Members that are not sent, by their names in the standard, as in `base64`: `rename` comes last. An object that has no members left is sent empty.",
        ),
        key(
            "base64",
            List(&Pointer),
            "[\"/response/signature\"]",
            "Members that are sent as base64 with padding, by their names in the standard.",
        ),
        key(
            "rename",
            Own(&Pointer),
            "{ \"/response/clientDataJSON\" = \"/clientData\" }",
            "Members under other names: the standard's, and theirs.",
        ),
    ],
};

fn replies() -> Vec<&'static str> {
    reports::record::Reply::ALL.iter().map(|reply| reply.word()).collect()
}

fn binaries() -> Vec<&'static str> {
    vocabulary::BINARIES.iter().map(|(word, _)| *word).collect()
}
