//! Everything that can be done to one place of a JSON value: what the tests change records and
//! journals with. Made from the value itself, so that whatever is new in it is among them.

use serde_json::{Value, json};

/// One change of one place.
#[derive(Clone, Debug)]
pub(crate) enum Edit {
    /// Another value.
    Set(Value),
    /// The member or element is taken out.
    Remove,
    /// The element stands twice.
    Twice,
    /// The element changes its place with the next.
    Swap,
    /// The member has another name.
    Rename,
}

/// Every edit of a value, with the JSON pointer of its place.
pub(crate) fn all(value: &Value) -> Vec<(String, Edit)> {
    let mut edits = Vec::new();
    collect("", value, &mut edits);
    edits
}

fn collect(place: &str, value: &Value, edits: &mut Vec<(String, Edit)>) {
    edits.extend(instead_of(value).into_iter().map(|other| (place.to_owned(), Edit::Set(other))));
    match value {
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                let place = format!("{place}/{at}");
                let whole = [Edit::Remove, Edit::Twice, Edit::Swap];
                edits.extend(whole.map(|edit| (place.clone(), edit)));
                collect(&place, item, edits);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                let place = format!("{place}/{name}");
                edits.extend([Edit::Remove, Edit::Rename].map(|edit| (place.clone(), edit)));
                collect(&place, member, edits);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Other values for one, of its own type and of others.
fn instead_of(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => vec![json!("x"), json!(1)],
        Value::Bool(is) => vec![json!(!is)],
        Value::Number(number) => {
            let number = number.as_u64().unwrap_or_default();
            let most = [u64::MAX, u64::from(u32::MAX), u64::from(u16::MAX), 255, 0];
            let others = most.into_iter().chain([number.wrapping_add(1)]);
            others
                .filter(|other| *other != number)
                .map(Value::from)
                .chain([json!(-1), json!(0.5)])
                .collect()
        }
        Value::String(text) => {
            let others = [format!("{text}x"), String::new()];
            others
                .into_iter()
                .filter(|other| other != text)
                .map(Value::from)
                .chain([Value::Null])
                .collect()
        }
        Value::Array(items) if items.is_empty() => vec![json!(["x"])],
        Value::Array(_) => vec![json!([])],
        Value::Object(members) if members.is_empty() => vec![json!({ "x": "y" }), Value::Null],
        Value::Object(_) => vec![json!({}), Value::Null],
    }
}

/// The value with one edit. Where the place is gone by now, nothing changes.
pub(crate) fn apply(value: &mut Value, place: &str, edit: &Edit) {
    if let Edit::Set(other) = edit {
        if let Some(seen) = value.pointer_mut(place) {
            *seen = other.clone();
        }
        return;
    }
    let Some((above, name)) = place.rsplit_once('/') else { return };
    let name = name.replace("~1", "/").replace("~0", "~");
    match value.pointer_mut(above) {
        Some(Value::Array(items)) => in_array(items, &name, edit),
        Some(Value::Object(members)) => {
            if let Some(member) = members.shift_remove(&name)
                && let Edit::Rename = edit
            {
                members.insert(format!("{name}x"), member);
            }
        }
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => {}
    }
}

fn in_array(items: &mut Vec<Value>, at: &str, edit: &Edit) {
    let Some(at) = at.parse::<usize>().ok().filter(|at| *at < items.len()) else { return };
    match edit {
        Edit::Remove => drop(items.remove(at)),
        Edit::Twice => items.insert(at, items[at].clone()),
        Edit::Swap => {
            let next = (at + 1) % items.len();
            items.swap(at, next);
        }
        Edit::Set(_) | Edit::Rename => {}
    }
}

/// Every value with one edit that differs from the value, with what was done.
pub(crate) fn edited(value: &Value) -> impl Iterator<Item = (String, Value)> + '_ {
    all(value).into_iter().filter_map(move |(place, edit)| {
        let mut other = value.clone();
        apply(&mut other, &place, &edit);
        (other != *value).then(|| (format!("{place} {edit:?}"), other))
    })
}
