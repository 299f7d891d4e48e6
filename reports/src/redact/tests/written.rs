//! The ways in which portals write what they were told, each as text.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// A way to write a text, and its name.
pub(super) type Way = (&'static str, fn(&str) -> String);

/// Every way.
pub(super) const WAYS: &[Way] = &[
    ("plain", str::to_owned),
    ("json", |text| inner(&serde_json::Value::from(text).to_string())),
    ("json with slashes", |text| {
        inner(&serde_json::Value::from(text).to_string()).replace('/', "\\/")
    }),
    ("json of ASCII", |text| units(text, |unit| format!("\\u{unit:04x}"))),
    ("json of ASCII in capitals", |text| units(text, |unit| format!("\\u{unit:04X}"))),
    ("html", |text| {
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        text.replace('"', "&quot;").replace('\'', "&#39;").replace('é', "&eacute;")
    }),
    ("html by number", |text| chars(text, |c| format!("&#{};", u32::from(c)))),
    ("html by long number", |text| chars(text, |c| format!("&#x{:07X};", u32::from(c)))),
    ("html without semicolons", |text| chars(text, |c| format!("&#{:05}", u32::from(c)))),
    ("percent", |text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()),
    ("percent twice", |text| {
        let once = utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        utf8_percent_encode(&once, NON_ALPHANUMERIC).to_string()
    }),
    ("percent of every byte", |text| bytes(text, |byte| format!("%{byte:02x}"))),
    ("form", |text| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string().replace("%20", "+")),
    ("base64", |text| STANDARD.encode(text)),
    ("base64 without padding", |text| STANDARD_NO_PAD.encode(text)),
    ("base64url", |text| URL_SAFE.encode(text)),
    ("base64 after one", |text| STANDARD.encode(format!("x{text}y"))),
    ("base64url after two", |text| URL_SAFE_NO_PAD.encode(format!("xy{text}z"))),
    ("base64 in lines", |text| lines(&STANDARD.encode(text), 19, "\r\n")),
    ("base64 in short lines", |text| lines(&STANDARD.encode(text), 3, "\n")),
    ("base64 twice", |text| STANDARD.encode(STANDARD.encode(text))),
    ("base64 of UTF-16LE", |text| STANDARD.encode(wide(text, u16::to_le_bytes))),
    ("base64 of UTF-16BE", |text| STANDARD.encode(wide(text, u16::to_be_bytes))),
    ("base32", base32),
    ("base32 without padding", |text| base32(text).trim_end_matches('=').to_owned()),
    ("base32 in small letters", |text| base32(text).to_ascii_lowercase()),
    ("hex", |text| bytes(text, |byte| format!("{byte:02x}"))),
    ("hex in capitals", |text| bytes(text, |byte| format!("{byte:02X}"))),
    ("hex with colons", |text| lines(&bytes(text, |byte| format!("{byte:02x}")), 2, ":")),
    ("hex with blanks", |text| lines(&bytes(text, |byte| format!("{byte:02X}")), 2, " ")),
    ("hex with 0x", |text| bytes(text, |byte| format!("0x{byte:02x} "))),
    ("hex with backslashes", |text| bytes(text, |byte| format!("\\x{byte:02x}"))),
    ("quoted-printable", |text| {
        let lines: Vec<_> = text.as_bytes().chunks(23).collect();
        let lines: Vec<String> =
            lines.iter().map(|line| line.iter().map(|byte| quoted(*byte)).collect()).collect();
        lines.join("=\r\n")
    }),
    ("quoted-printable of every byte", |text| bytes(text, |byte| format!("={byte:02X}"))),
    ("line breaks", |text| spread(text, "\r\n")),
    ("blanks", |text| spread(text, " ")),
    ("zero-width blanks", |text| spread(text, "\u{200b}")),
    ("byte order marks", |text| spread(text, "\u{feff}")),
    ("UTF-16", |text| spread(text, "\0")),
];

/// Base32 with its padding.
pub(super) fn base32(text: &str) -> String {
    let bits: String = text.bytes().map(|byte| format!("{byte:08b}")).collect();
    let mut out = String::new();
    for at in (0..bits.len()).step_by(5) {
        let digit = format!("{:0<5}", &bits[at..bits.len().min(at + 5)]);
        let value = usize::from_str_radix(&digit, 2).unwrap();
        out.push(char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[value]));
    }
    while !out.len().is_multiple_of(8) {
        out.push('=');
    }
    out
}

fn inner(quoted: &str) -> String {
    quoted[1..quoted.len() - 1].to_owned()
}

fn quoted(byte: u8) -> String {
    match byte {
        b' '..=b'<' | b'>'..=b'~' => char::from(byte).to_string(),
        _ => format!("={byte:02X}"),
    }
}

fn chars(text: &str, write: impl Fn(char) -> String) -> String {
    text.chars().map(write).collect()
}

fn bytes(text: &str, write: impl Fn(u8) -> String) -> String {
    text.bytes().map(write).collect()
}

fn units(text: &str, write: impl Fn(u16) -> String) -> String {
    text.encode_utf16().map(write).collect()
}

fn wide(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

fn spread(text: &str, between: &str) -> String {
    text.chars().map(|c| format!("{c}{between}")).collect()
}

fn lines(text: &str, width: usize, between: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let lines: Vec<String> = chars.chunks(width).map(|line| line.iter().collect()).collect();
    lines.join(between)
}
