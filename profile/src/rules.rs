//! Reads the conditions of outcome rules, of interrupts and of steps.

use super::{
    extractor::{PointerTemplate, regex, selector},
    flow::{Condition, JsonTest},
    grammar::CONDITION,
    names,
    reader::{Node, Table},
    template::Tree,
};

/// `when = {…}`.
pub(super) fn condition(node: &Node<'_, '_>) -> Option<Condition> {
    let table = node.table(&CONDITION)?;
    let condition = condition_of(&table);
    table.close();
    condition
}

/// The condition's keys of a table; `None` when one of them is wrong.
pub(super) fn condition_of(table: &Table<'_, '_>) -> Option<Condition> {
    let mut sound = true;
    let mut expression = |key| {
        let node = table.get(key)?;
        let regex = regex(&node);
        sound &= regex.is_some();
        regex
    };
    let (url, location, body) = (expression("url"), expression("location"), expression("body"));
    let mut element = |key| {
        let node = table.get(key)?;
        let selector = selector(&node);
        sound &= selector.is_some();
        selector
    };
    let (css, no_css) = (element("css"), element("no_css"));
    let status = table.get("status").map(|node| statuses(&node));
    let json = table.get("json").map(|node| json(table, &node));
    if json.is_none() {
        for key in ["equals", "exists", "matches"] {
            if let Some(node) = table.get(key) {
                node.complain(format!("`{key}` goes with `json`"));
            }
        }
    }
    let exit = table
        .get("exit")
        .map(|node| node.one_or_many().iter().filter_map(exit_code).collect::<Vec<u64>>());
    sound &= !matches!(json, Some(None)) && !matches!(status, Some(None));
    let condition = Condition {
        exit,
        status: status.flatten(),
        url,
        location,
        body,
        json: json.flatten(),
        cookie: table.get("cookie").and_then(|node| names::cookie(&node)),
        no_cookie: table.get("no_cookie").and_then(|node| names::cookie(&node)),
        css,
        no_css,
        given: table.text("given"),
        not_given: table.text("not_given"),
    };
    sound.then_some(condition)
}

fn exit_code(node: &Node<'_, '_>) -> Option<u64> {
    let code = node.number()?;
    if code > 255 {
        node.complain("`exit` is a number from 0 to 255");
    }
    Some(code)
}

/// `200`, `"4xx"`, or a list of such.
fn statuses(node: &Node<'_, '_>) -> Option<Vec<(u16, u16)>> {
    let ranges: Vec<_> = node.one_or_many().iter().filter_map(status).collect();
    (!ranges.is_empty()).then_some(ranges)
}

fn status(node: &Node<'_, '_>) -> Option<(u16, u16)> {
    let range = if node.is_text() {
        let hundred = node.text()?.strip_suffix("xx").and_then(|digit| digit.parse::<u16>().ok());
        hundred.filter(|digit| (1..=5).contains(digit)).map(|digit| (digit * 100, digit * 100 + 99))
    } else {
        u16::try_from(node.number()?)
            .ok()
            .filter(|code| (100..=599).contains(code))
            .map(|code| (code, code))
    };
    if range.is_none() {
        node.complain(
            "`status` is a number such as 200, a class such as \"4xx\", or a list of those",
        );
    }
    range
}

fn json(table: &Table<'_, '_>, node: &Node<'_, '_>) -> Option<(PointerTemplate, JsonTest)> {
    let pointer = PointerTemplate::read(node);
    let equals = match table.get("equals") {
        Some(node) => Some(JsonTest::Equals(Tree::read(&node)?)),
        None => None,
    };
    let exists =
        table.flag("exists").map(|exists| if exists { JsonTest::Exists } else { JsonTest::Absent });
    let matches = match table.get("matches") {
        Some(node) => Some(JsonTest::Matches(regex(&node)?)),
        None => None,
    };
    let mut tests = [equals, exists, matches].into_iter().flatten();
    let test = tests.next().unwrap_or(JsonTest::Exists);
    if tests.next().is_some() {
        node.complain("a rule on `json` says one of: equals, exists, matches");
        return None;
    }
    Some((pointer?, test))
}
