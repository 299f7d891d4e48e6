//! Submits a form as a browser would: its method and action, every field that is not a button,
//! checked boxes only, and what the profile fills in.

use profile::flow::Form;
use scraper::{ElementRef, Html, Selector};
use url::Url;

use super::Page;

/// A form, ready to be sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Submission {
    pub(super) method: &'static str,
    pub(super) url: Url,
    pub(super) fields: Vec<(String, String)>,
    /// Sent as `multipart/form-data`, as forms ask for that may carry a file.
    pub(super) multipart: bool,
}

/// Fills a form of a page in. Fields that the page does not have are added: scripts add some.
pub(super) fn submit(
    page: &Page,
    asked: &Form,
    fill: &[(String, String)],
) -> Result<Submission, String> {
    let Some(at) = page.url() else { return Err("there is no page with a form yet".to_owned()) };
    page.body.look(|html| filled(html, (page, at), asked, fill))
}

fn filled(
    html: &Html,
    (page, at): (&Page, &Url),
    asked: &Form,
    fill: &[(String, String)],
) -> Result<Submission, String> {
    let form = html.select(&asked.selector).find_map(form_of).ok_or_else(|| {
        format!(
            "no form `{}` on the page; the last answer was {}",
            asked.shown,
            super::extract::describe(page)
        )
    })?;
    let pressed = match &asked.press {
        None => None,
        Some(selector) => {
            let button = html.select(selector).next();
            Some(
                button
                    .ok_or_else(|| format!("no button to press in the form `{}`", asked.shown))?,
            )
        }
    };
    let of_button = |name: &str| pressed.and_then(|button| button.attr(name));
    let action = of_button("formaction").or_else(|| form.attr("action")).unwrap_or_default();
    let method = of_button("formmethod").or_else(|| form.attr("method")).unwrap_or_default();
    let kind = of_button("formenctype").or_else(|| form.attr("enctype")).unwrap_or_default();
    let multipart = kind.eq_ignore_ascii_case("multipart/form-data");
    let mut fields = controls(html, form);
    fields.extend(pressed.and_then(named_value));
    for (name, value) in fill {
        put(&mut fields, name, value);
    }
    fields.retain(|(name, _)| !asked.leave_out.contains(name));
    let method = if method.eq_ignore_ascii_case("post") { "POST" } else { "GET" };
    Ok(Submission { method, url: target(html, at, action)?, fields, multipart })
}

/// The form itself, the form around an element, or the form that a control names.
fn form_of(element: ElementRef<'_>) -> Option<ElementRef<'_>> {
    let is_form = |element: &ElementRef<'_>| element.value().name() == "form";
    if is_form(&element) {
        return Some(element);
    }
    element.ancestors().filter_map(ElementRef::wrap).find(is_form).or_else(|| {
        let inside = Selector::parse("form").ok()?;
        element.select(&inside).next()
    })
}

/// An empty action, or `#`, is the page itself.
fn target(html: &Html, at: &Url, action: &str) -> Result<Url, String> {
    let action = action.trim();
    let mut url = if action.is_empty() || action.starts_with('#') {
        at.clone()
    } else {
        let base = Selector::parse("base[href]").ok();
        let base = base.and_then(|selector| {
            html.select(&selector).next()?.attr("href").and_then(|href| at.join(href).ok())
        });
        base.as_ref()
            .unwrap_or(at)
            .join(action)
            .map_err(|_| "the form's action is not a URL".to_owned())?
    };
    url.set_fragment(None);
    Ok(url)
}

/// Names and values of the form's controls, in the order of the page.
fn controls(html: &Html, form: ElementRef<'_>) -> Vec<(String, String)> {
    let Ok(selector) = Selector::parse("input, select, textarea") else { return Vec::new() };
    let id = form.attr("id");
    let belongs = |control: &ElementRef<'_>| match control.attr("form") {
        Some(owner) => id == Some(owner),
        None => form_of(*control).is_some_and(|owner| owner.id() == form.id()),
    };
    html.select(&selector)
        .filter(belongs)
        .filter(|control| !disabled(*control))
        .filter_map(control_value)
        .collect()
}

fn disabled(control: ElementRef<'_>) -> bool {
    let in_fieldset = control.ancestors().filter_map(ElementRef::wrap).any(|ancestor| {
        ancestor.value().name() == "fieldset" && ancestor.attr("disabled").is_some()
    });
    control.attr("disabled").is_some() || in_fieldset
}

fn control_value(control: ElementRef<'_>) -> Option<(String, String)> {
    match control.value().name() {
        "select" => {
            let name = control.attr("name")?;
            let options = Selector::parse("option").ok()?;
            let chosen = control.select(&options).find(|option| option.attr("selected").is_some());
            let option = chosen.or_else(|| control.select(&options).next())?;
            let text = || option.text().collect::<String>().trim().to_owned();
            Some((name.to_owned(), option.attr("value").map_or_else(text, str::to_owned)))
        }
        "textarea" => {
            let text: String = control.text().collect();
            Some((
                control.attr("name")?.to_owned(),
                text.strip_prefix('\n').unwrap_or(&text).to_owned(),
            ))
        }
        _ => match control.attr("type").unwrap_or("text").to_ascii_lowercase().as_str() {
            "submit" | "image" | "button" | "reset" | "file" => None,
            "checkbox" | "radio" => {
                control.attr("checked")?;
                Some((
                    control.attr("name")?.to_owned(),
                    control.attr("value").unwrap_or("on").to_owned(),
                ))
            }
            _ => named_value(control),
        },
    }
    .filter(|(name, _)| !name.is_empty())
}

fn named_value(control: ElementRef<'_>) -> Option<(String, String)> {
    Some((control.attr("name")?.to_owned(), control.attr("value").unwrap_or_default().to_owned()))
}

/// Replaces the first field of a name and drops the others, or adds one.
fn put(fields: &mut Vec<(String, String)>, name: &str, value: &str) {
    let mut first = true;
    fields.retain_mut(|(known, old)| {
        if known != name {
            return true;
        }
        if first {
            value.clone_into(old);
        }
        std::mem::replace(&mut first, false)
    });
    if first {
        fields.push((name.to_owned(), value.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Submits the form of a page at `http://a.localhost/x?y=1`; method, URL and fields in one line.
    fn check(body: &str, selector: &str, fill: &[(&str, &str)]) -> String {
        let page = Page {
            exit: None,
            url: Some(Url::parse("http://a.localhost/x?y=1").unwrap()),
            status: 200,
            headers: [].into(),
            body: body.into(),
        };
        let asked = Form {
            selector: Selector::parse(selector).unwrap(),
            shown: selector.to_owned(),
            fill: Vec::new(),
            leave_out: vec!["dropped".to_owned()],
            press: None,
        };
        let fill: Vec<(String, String)> =
            fill.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        match submit(&page, &asked, &fill) {
            Ok(Submission { method, url, fields, multipart }) => {
                let method = if multipart { format!("{method} in parts") } else { method.into() };
                let fields: Vec<String> =
                    fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
                format!("{method} {url} {}", fields.join("&"))
            }
            Err(why) => why,
        }
    }

    #[test]
    fn a_form_is_submitted_as_a_browser_would() {
        let login = "<form id=a method=post action='/in'><input type=hidden name=csrf value=t><input name=user>\
            <input type=password name=password><input type=submit name=go value=Go><button name=b value=1>x</button></form>";
        let fill = [("user", "alice"), ("password", "p w")];
        assert_eq!(
            check(login, "form#a", &fill),
            "POST http://a.localhost/in csrf=t&user=alice&password=p w"
        );
        assert_eq!(
            check(login, "input[name=password]", &fill),
            "POST http://a.localhost/in csrf=t&user=alice&password=p w"
        );

        let same = "<form method=post action='#'><input name=a value=1></form>";
        assert_eq!(check(same, "form", &[]), "POST http://a.localhost/x?y=1 a=1");
        assert_eq!(
            check("<form><input name=a value=1></form>", "form", &[("added", "2")]),
            "GET http://a.localhost/x?y=1 a=1&added=2"
        );
    }

    #[test]
    fn a_form_says_how_its_fields_are_sent() {
        let photo = "<form method=post enctype=Multipart/Form-Data><input name=a value=1><input type=file name=photo>\
            <button name=b value=2>x</button><button name=c formenctype=text/plain></button></form>";
        assert_eq!(check(photo, "form", &[]), "POST in parts http://a.localhost/x?y=1 a=1");
    }

    #[test]
    fn boxes_selects_and_outsiders_go_along_as_they_stand() {
        let page = "<form id=f method=POST><input type=radio name=r value=1><input type=radio name=r value=2 checked>\
            <input type=checkbox name=c><input type=checkbox name=d checked><select name=s><option value=x>X<option selected>Y</select>\
            <textarea name=t>\n words</textarea><input name=off disabled><input name=dropped value=1></form>\
            <input form=f name=out value=side><form><input name=other></form>";
        assert_eq!(
            check(page, "#f", &[("r", "3")]),
            "POST http://a.localhost/x?y=1 r=3&d=on&s=Y&t= words&out=side"
        );
    }

    #[test]
    fn two_forms_that_share_an_action_are_told_apart_by_a_field() {
        let page = "<form method=post action=/f><input name=code></form>\
            <form method=post action=/f><input type=hidden name=credential></form>";
        assert_eq!(
            check(page, "form:has(input[name=credential])", &[("credential", "{}")]),
            "POST http://a.localhost/f credential={}"
        );
        assert_eq!(
            check(page, "form#none", &[]),
            "no form `form#none` on the page; the last answer was 200 without a type at /x, 122 bytes"
        );
    }
}
