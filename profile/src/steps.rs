//! Reads flows, steps, rules, interrupts and mappings from TOML.

use reports::record::Reply;

use super::{
    extractor::{Extractor, Pointer, selector},
    flow::{
        AnswerMapping, Body, Csrf, CsrfToken, Field, Flow, Form, Halves, Interrupt, Mapping,
        Method, Program, Request, Rule, Step, Then, Words,
    },
    grammar::{ANSWER_MAPPING, CSRF, FLOW, INTERRUPT, MAPPING, RULE, STEP},
    names,
    reader::{Node, Table},
    secrets,
    template::{Template, Tree},
    vocabulary::{BINARIES, THENS},
};

const METHODS: &[(&str, Method)] = &[
    ("get", Method::Get),
    ("post", Method::Post),
    ("put", Method::Put),
    ("patch", Method::Patch),
    ("delete", Method::Delete),
];

const WHAT_A_STEP_SAYS: &str =
    "a step says one of: get, post, put, patch, delete, form, stay, mail, command";

/// A flow: `begin` and `finish`, or `steps`, or the keys of its only step.
pub(super) fn flow(node: &Node<'_, '_>) -> Option<Flow> {
    let table = node.table(&FLOW)?;
    let mapping = table.get("webauthn").and_then(|node| mapping(&node)).unwrap_or_default();
    let halves = if table.has("begin") || table.has("finish") {
        let begin = table.need("begin").map(|node| steps(&node));
        let finish = table.get("finish").map(|node| steps(&node));
        match (begin, finish) {
            (Some(begin), Some(finish)) => Halves::Two { begin, finish },
            (Some(begin), None) => Halves::One(begin),
            (None, _) => {
                table.give_up();
                table.close();
                return None;
            }
        }
    } else if let Some(node) = table.get("steps") {
        Halves::One(steps(&node))
    } else {
        let step = step(&table);
        Halves::One(step.into_iter().collect())
    };
    table.close();
    Some(Flow { halves, mapping })
}

/// One step, or a list of them.
pub(super) fn steps(node: &Node<'_, '_>) -> Vec<Step> {
    let nodes = node.one_or_many();
    if nodes.is_empty() {
        node.complain(format!("`{}` has no steps", node.path));
    }
    let steps = nodes.iter().filter_map(|node| {
        let table = node.table(&STEP)?;
        let step = step(&table);
        table.close();
        step
    });
    steps.collect()
}

/// Leaves the table open: a flow of one step has keys of its own in it.
fn step(table: &Table<'_, '_>) -> Option<Step> {
    let request = request(table);
    let step = Step {
        place: table.reader.place(table.span.start),
        request: Request::Stay,
        when: table.get("when").and_then(|node| super::rules::condition(&node)),
        headers: table.get("headers").map(|node| names::headers(&node)).unwrap_or_default(),
        query: table.get("query").map(|node| templates(&node)).unwrap_or_default(),
        body: body(table),
        apart: table.duration("apart"),
        follow: table.flag("follow").unwrap_or(true),
        csrf: table.flag("csrf").unwrap_or(true),
        cookies: table.flag("cookies").unwrap_or(true),
        capture: table.get("capture").map(|node| Extractor::read_named(&node)).unwrap_or_default(),
        secret: captured_names(table, "secret"),
        keep: captured_names(table, "keep"),
        options: table.get("options").and_then(|node| Extractor::read(&node)),
        outcome: table.get("outcome").map(|node| rules(&node)).unwrap_or_default(),
    };
    secrets::written_out(table.reader, named_templates(&step));
    Some(Step { request: request?, ..step })
}

fn named_templates(step: &Step) -> Vec<(&str, &Template)> {
    let mut named: Vec<_> =
        step.headers.iter().map(|(name, template)| (name.as_str(), template)).collect();
    match &step.body {
        Body::Empty => {}
        Body::Fields(fields) => {
            named.extend(fields.iter().map(|field| (field.name.lead(), &field.value)))
        }
        Body::Json(tree) => secrets::members(tree, &mut named),
    }
    named
}

fn request(table: &Table<'_, '_>) -> Option<Request> {
    let mut requests = Vec::new();
    for &(key, method) in METHODS {
        if let Some(node) = table.get(key) {
            requests.push(Template::read(&node).map(|url| Request::Send { method, url }));
        }
    }
    let form = table.get("form").map(|node| form(table, &node));
    if form.is_none() {
        for key in ["fill", "leave_out", "press"] {
            if let Some(node) = table.get(key) {
                node.complain(format!(
                    "`{key}` goes with `form`; a request's own body is `fields` or `json`"
                ));
            }
        }
    }
    requests.extend(form);
    requests.extend(table.get("stay").map(|node| node.only_true().map(|()| Request::Stay)));
    requests.extend(program(table));
    requests.extend(table.get("mail").map(|node| address(&node).map(Request::Mail)));
    if requests.len() != 1 {
        table.reader.complain(table.span.clone(), format!("{}: {WHAT_A_STEP_SAYS}", table.name()));
        return None;
    }
    requests.pop().flatten()
}

/// To whom mail is waited for.
fn address(node: &Node<'_, '_>) -> Option<Template> {
    let address = Template::read(node)?;
    if address.parts.is_empty() {
        node.complain(format!("`{}` is empty", node.path));
    }
    Some(address)
}

/// `command = […]`, with the variables that it is given.
fn program(table: &Table<'_, '_>) -> Option<Option<Request>> {
    let environment = table.get("environment");
    let Some(node) = table.get("command") else {
        if let Some(node) = environment {
            node.complain("`environment` goes with `command`");
        }
        return None;
    };
    for key in ["headers", "query", "fields", "json"] {
        if let Some(other) = table.get(key) {
            other.complain(format!("`{key}` does not go with `command`, which sends no request"));
        }
    }
    let parts = node.array();
    let argv: Vec<Template> = parts.iter().filter_map(Template::read).collect();
    if argv.is_empty() {
        node.complain("`command` is a program and its arguments");
        return Some(None);
    }
    let shown: Vec<&str> = parts.iter().filter_map(Node::text).collect();
    let environment = environment.map(|node| names::variables(&node)).unwrap_or_default();
    secrets::written_out(
        table.reader,
        environment.iter().map(|(name, template)| (name.as_str(), template)),
    );
    let folder = node.beside("");
    let program = Program { argv, shown: shown.join(" "), folder, environment };
    Some(Some(Request::Command(Box::new(program))))
}

fn form(table: &Table<'_, '_>, node: &Node<'_, '_>) -> Option<Request> {
    let fill = table.get("fill").map(|node| fields(&node)).unwrap_or_default();
    secrets::written_out(table.reader, fill.iter().map(|field| (field.name.lead(), &field.value)));
    let leave_out = table.texts("leave_out");
    let press = table.get("press").and_then(|node| selector(&node));
    let form =
        Form { selector: selector(node)?, shown: node.text()?.to_owned(), fill, leave_out, press };
    Some(Request::Form(Box::new(form)))
}

fn body(table: &Table<'_, '_>) -> Body {
    let json = table.get("json").and_then(|node| Some((Tree::read(&node)?, node)));
    let fields = table.get("fields").map(|node| fields(&node));
    match (json, fields) {
        (Some((_, node)), Some(_)) => {
            node.complain("a request has `json` or `fields`, not both");
            Body::Empty
        }
        (Some((tree, _)), None) => Body::Json(tree),
        (None, Some(fields)) => Body::Fields(fields),
        (None, None) => Body::Empty,
    }
}

/// Names under `capture` of the same step.
fn captured_names(table: &Table<'_, '_>, key: &'static str) -> Vec<String> {
    let nodes = table.get(key).map(|node| node.array()).unwrap_or_default();
    let captured: Vec<String> = table
        .get("capture")
        .map(|node| node.entries().into_iter().map(|(name, ..)| name).collect())
        .unwrap_or_default();
    let mut names = Vec::new();
    for node in nodes {
        let Some(name) = node.text() else { continue };
        if captured.iter().any(|known| known == name) {
            names.push(name.to_owned());
        } else {
            node.complain(format!("`{key}` names what `capture` of the same step captures"));
        }
    }
    names
}

/// Templates by name, in the order of the profile.
pub(super) fn templates(node: &Node<'_, '_>) -> Vec<(String, Template)> {
    node.entries()
        .into_iter()
        .filter_map(|(name, _, node)| Some((name, Template::read(&node)?)))
        .collect()
}

/// Fields of a form, in the order of the profile. A place may stand in a name as in a value.
fn fields(node: &Node<'_, '_>) -> Vec<Field> {
    let fields = node.entries().into_iter().filter_map(|(name, span, node)| {
        let name = Template::parse(&name, span.clone())
            .map_err(|message| node.reader.complain(span, message))
            .ok();
        Some(Field { name: name?, value: Template::read(&node)? })
    });
    fields.collect()
}

/// Outcome rules.
pub(super) fn rules(node: &Node<'_, '_>) -> Vec<Rule> {
    node.array().iter().filter_map(rule).collect()
}

fn rule(node: &Node<'_, '_>) -> Option<Rule> {
    let table = node.table(&RULE)?;
    let when = super::rules::condition_of(&table);
    let known: Vec<(&str, Reply)> = Reply::ALL.iter().map(|reply| (reply.word(), *reply)).collect();
    let reply = table.need("is").and_then(|node| node.word(&known));
    let reason = table.get("reason").and_then(|node| words(&node));
    let message = table.get("message").and_then(|node| Extractor::read(&node));
    table.close();
    Some(Rule {
        when: when?,
        reply: reply?,
        reason,
        message,
        place: node.reader.place(node.span().start),
    })
}

/// A text, or where to find one.
pub(super) fn words(node: &Node<'_, '_>) -> Option<Words> {
    if node.is_text() {
        return node.text().map(|text| Words::Literal(text.to_owned()));
    }
    Extractor::read(node).map(Words::Found)
}

/// A page that comes in between.
pub(super) fn interrupt(node: &Node<'_, '_>) -> Option<Interrupt> {
    let table = node.table(&INTERRUPT)?;
    let when = table.need("when").and_then(|node| super::rules::condition(&node));
    let steps = table.need("steps").map(|node| steps(&node)).unwrap_or_default();
    let then = table.get("then").and_then(|node| node.word(THENS)).unwrap_or(Then::Resume);
    table.close();
    Some(Interrupt { when: when?, steps, then, place: node.reader.place(node.span().start) })
}

/// `[csrf]`.
pub(super) fn csrf(node: &Node<'_, '_>) -> Option<Csrf> {
    let table = node.table(&CSRF)?;
    let header = table.need("header").and_then(|node| names::header(&node));
    let get = table.get("get").and_then(|node| Template::read(&node));
    let headers = table.get("headers").map(|node| names::headers(&node)).unwrap_or_default();
    let cookie = table.get("cookie").and_then(|node| names::cookie(&node)).map(CsrfToken::Cookie);
    let found = table.get("token").and_then(|node| Extractor::read(&node)).map(CsrfToken::Found);
    let value = table.get("value").and_then(|node| Template::read(&node)).map(CsrfToken::Value);
    table.close();
    if matches!(found, Some(CsrfToken::Found(_))) && get.is_none() {
        node.complain("`token` is found on the page that `get` names: there is no `get`");
    }
    let mut tokens = [cookie, found, value].into_iter().flatten();
    let (Some(token), None) = (tokens.next(), tokens.next()) else {
        node.complain("[csrf] says one of: cookie, token, value");
        return None;
    };
    Some(Csrf { token, header: header?, get, headers })
}

/// `webauthn = {…}` of a flow, or `[webauthn]` for all.
pub(super) fn mapping(node: &Node<'_, '_>) -> Option<Mapping> {
    let table = node.table(&MAPPING)?;
    let algs =
        table.get("algs").map(|node| node.array().iter().filter_map(Node::integer).collect());
    let mapping = Mapping {
        rename: table.get("rename").map(|node| renames(&node)).unwrap_or_default(),
        rp_id: table.get("rp_id").and_then(|node| Template::read(&node)),
        algs,
        binary: table.get("binary").and_then(|node| node.word(BINARIES)),
        user_id: table.get("user_id").and_then(|node| node.word(BINARIES)),
        answer: table.get("answer").and_then(|node| answer(&node)).unwrap_or_default(),
    };
    table.close();
    Some(mapping)
}

fn answer(node: &Node<'_, '_>) -> Option<AnswerMapping> {
    let table = node.table(&ANSWER_MAPPING)?;
    let pointers = |key| -> Vec<Pointer> {
        let nodes = table.get(key).map(|node| node.array()).unwrap_or_default();
        nodes.iter().filter_map(Pointer::read).collect()
    };
    let answer = AnswerMapping {
        omit: pointers("omit"),
        base64: pointers("base64"),
        rename: table.get("rename").map(|node| renames(&node)).unwrap_or_default(),
    };
    table.close();
    Some(answer)
}

fn renames(node: &Node<'_, '_>) -> Vec<(Pointer, Pointer)> {
    let renames = node.entries().into_iter().filter_map(|(from, span, to)| {
        let from =
            Pointer::parse(&from).map_err(|message| node.reader.complain(span, message)).ok();
        let target = Pointer::read(&to)?;
        if target.steps.is_empty() {
            to.complain("a member gets the name of a member here, and cannot become the whole");
            return None;
        }
        Some((from?, target))
    });
    renames.collect()
}
