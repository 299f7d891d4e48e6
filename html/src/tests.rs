//! Honest pages are parsed as they are, and hostile ones in little time or not at all.

use super::*;

#[test]
fn honest_pages_are_parsed_as_if_nobody_measured() {
    let row = "<tr><td><b>x</b><input><br><li>y<p>z";
    for body in [
        String::new(),
        "<!doctype html><title>x</title><p>&amp;amp; \u{e9}<br>y".to_owned(),
        format!("{}{}", "<div>".repeat(900), "</div>".repeat(900)),
        "<div><b>x</b></div>".repeat(50_000),
        "<p><b a=1>".repeat(1000),
        format!("<table>{}", row.repeat(50_000)),
        format!("<script>{}</SCRIPT><p>x", "i < n;".repeat(200_000)),
        format!("<!-- {} --><p>x", "<div>".repeat(20_000)),
        format!("<img src=\"data:image/png;base64,{}\"><p>x", "iVBOR/0K".repeat(1 << 17)),
        format!("<img src='data:image/svg+xml,{}'><p>x", "<path d=\"M1 2\"/>".repeat(1 << 12)),
        format!("<body {}>x", (0..2000).map(|n| format!("a{n}=\"x\" ")).collect::<String>()),
        "a < b <3 </ <> <".to_owned(),
        format!("<script>{}", "</scrip".repeat(1000)),
        "<".repeat(200_000),
        "\u{e9}<\u{e9}</\u{e9}".repeat(1000),
        "<p>x".repeat(100_000),
    ] {
        let start: String = body.chars().take(30).collect();
        assert!(parse(&body) == Html::parse_document(&body), "{start}");
    }
}

#[test]
fn nothing_is_found_on_a_page_that_costs_too_much() {
    let numbered = |piece: fn(usize) -> String| (0..300_000).map(piece).collect::<String>();
    // A comment after the body stands at the top, whatever is open, and is the last of every stretch.
    let open = "<div>".repeat(99) + "</body>";
    let hidden = format!("{open}<!--{}-->", " ".repeat(STRETCH - open.len() - "<!---->".len()));
    let formats = "<p>".to_owned() + &(0..40).map(|n| format!("<b a={n}>")).collect::<String>();
    for body in [
        format!("{}x{}", "<div>".repeat(1001), "</div>".repeat(1001)),
        "<x-y>".repeat(1001),
        "<DIV class=a>".repeat(1001),
        "<div>".repeat(400_000),
        "<div></q>".repeat(200_000),
        hidden.repeat(2000),
        numbered(|n| format!("<p><b a={n}></i>")),
        numbered(|n| format!("<b a={n}></p>")),
        formats + &"<p>x".repeat(5000),
        format!("<a{}", numbered(|n| format!(" b{n}"))),
        format!("<a{}>x", numbered(|n| format!("/b{n}"))),
        format!("<a {}>x", numbered(|n| format!("b{n}=\"\""))),
        numbered(|n| format!("<html b{n}>")),
        format!("{}{}", "<span>".repeat(990), "</q>".repeat(400_000)),
        format!("<a{}", " ".repeat(400_000)),
        "<p>".repeat(PAGE.most + 1000),
    ] {
        let start: String = body.chars().take(30).collect();
        assert!(measured(&body).is_none(), "{start}");
        assert!(parse(&body).root_element().text().next().is_none(), "{start}");
    }
}

#[test]
fn entities_are_characters_once() {
    for (text, read) in [
        ("a &amp; &lt;b&gt; &quot;", "a & <b> \""),
        ("&#43;&#x3d;&#X3D;", "+=="),
        ("&amp;quot; &amp;#43;", "&quot; &#43;"),
        ("<b>x</b> & \"y\" &unknown;", "<b>x</b> & \"y\" &unknown;"),
        ("?a=1&section=2&amp;b=3", "?a=1&section=2&b=3"),
        ("", ""),
    ] {
        assert_eq!(unescaped(text), read, "{text}");
    }
}
