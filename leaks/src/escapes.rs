//! What the escapes of a text mean: those of JSON and of programs' strings, of HTML and XML, and of URLs,
//! however often one was put on another.

use crate::layer::Layer;

/// How many escapes may stand on top of each other: a URL escaped twice, in JSON, on a page, in a record.
const ROUNDS: usize = 6;

/// Names of HTML for characters of ASCII, and for those that cannot be seen.
const NAMES: &[(&str, char)] = &[
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("AMP", '&'),
    ("LT", '<'),
    ("GT", '>'),
    ("QUOT", '"'),
    ("Tab", '\t'),
    ("NewLine", '\n'),
    ("excl", '!'),
    ("num", '#'),
    ("dollar", '$'),
    ("percnt", '%'),
    ("lpar", '('),
    ("rpar", ')'),
    ("ast", '*'),
    ("midast", '*'),
    ("plus", '+'),
    ("comma", ','),
    ("period", '.'),
    ("sol", '/'),
    ("colon", ':'),
    ("semi", ';'),
    ("equals", '='),
    ("quest", '?'),
    ("commat", '@'),
    ("lsqb", '['),
    ("lbrack", '['),
    ("bsol", '\\'),
    ("rsqb", ']'),
    ("rbrack", ']'),
    ("Hat", '^'),
    ("lowbar", '_'),
    ("UnderBar", '_'),
    ("grave", '`'),
    ("lcub", '{'),
    ("lbrace", '{'),
    ("verbar", '|'),
    ("vert", '|'),
    ("VerticalLine", '|'),
    ("rcub", '}'),
    ("rbrace", '}'),
    ("ZeroWidthSpace", '\u{200b}'),
    ("zwnj", '\u{200c}'),
    ("zwj", '\u{200d}'),
    ("NoBreak", '\u{2060}'),
];

/// Names of HTML for the characters from U+00A0 to U+00FF, in order.
const LATIN: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr \
    deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest \
    Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc \
    Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute \
    THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave \
    iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc \
    uuml yacute thorn yuml";

/// How many of [`NAMES`] are read without a semicolon too, as all of [`LATIN`] are.
const LOOSE: usize = 4;

/// What an escape stands for.
#[derive(Debug, PartialEq, Eq)]
enum Meaning {
    Byte(u8),
    Char(char),
    Nothing,
}

/// A layer without escapes; `None` where there are none.
pub(crate) fn unescaped<'a>(layer: &Layer<'_>) -> Option<Layer<'a>> {
    let mut plain: Option<Layer<'a>> = None;
    for _ in 0..ROUNDS {
        match round(plain.as_ref().unwrap_or(layer)) {
            Some(plainer) => plain = Some(plainer),
            None => break,
        }
    }
    plain
}

fn round<'a>(layer: &Layer<'_>) -> Option<Layer<'a>> {
    let bytes = &*layer.bytes;
    let mut plain: Option<Layer<'a>> = None;
    let (mut at, mut copied) = (0, 0);
    while let Some(next) = next_escape(bytes, at) {
        at = next;
        let Some((meaning, length)) = escape(&bytes[at..]) else {
            at += 1;
            continue;
        };
        let plain = plain.get_or_insert_with(|| layer.above());
        plain.copy(layer, copied..at);
        let range = at..at + length;
        match meaning {
            Meaning::Byte(byte) => plain.push(&[byte], layer, range),
            Meaning::Char(c) => {
                plain.push(c.encode_utf8(&mut [0; 4]).as_bytes(), layer, range);
            }
            Meaning::Nothing => {}
        }
        at += length;
        copied = at;
    }
    if let Some(plain) = &mut plain {
        plain.copy(layer, copied..bytes.len());
    }
    plain
}

/// The first place from some place on where an escape may begin.
fn next_escape(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    // Whole blocks at once: most have none.
    let block = rest
        .chunks(32)
        .position(|block| block.iter().fold(false, |any, byte| any | begins_escape(byte)))?;
    let start = from + block * 32;
    bytes[start..].iter().position(begins_escape).map(|next| start + next)
}

const fn begins_escape(byte: &u8) -> bool {
    matches!(byte, b'%' | b'\\' | b'&')
}

/// The escape that bytes begin with, and its length.
fn escape(bytes: &[u8]) -> Option<(Meaning, usize)> {
    match bytes.first()? {
        b'%' => match bytes.get(1)? {
            b'u' | b'U' => Some((Meaning::Char(unit(bytes.get(2..6)?)?), 6)),
            _ => Some((Meaning::Byte(pair(bytes.get(1..3)?)?), 3)),
        },
        b'\\' => backslash(bytes),
        b'&' if bytes.get(1) == Some(&b'#') => numeric(bytes),
        b'&' => named(bytes),
        _ => None,
    }
}

fn backslash(bytes: &[u8]) -> Option<(Meaning, usize)> {
    let byte = match bytes.get(1)? {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' | b'f' | b'\n' => return Some((Meaning::Nothing, 2)),
        same @ (b'"' | b'\'' | b'/' | b'\\' | b'`') => *same,
        b'x' => return Some((Meaning::Byte(pair(bytes.get(2..4)?)?), 4)),
        b'u' => return unicode(bytes),
        _ => return None,
    };
    Some((Meaning::Byte(byte), 2))
}

/// `\u00e9`, `\ud83d\udd11`, `\u{e9}`.
fn unicode(bytes: &[u8]) -> Option<(Meaning, usize)> {
    if bytes.get(2) == Some(&b'{') {
        let digits = bytes.get(3..)?.iter().take(7).take_while(|byte| byte.is_ascii_hexdigit());
        let length = digits.count();
        let (digits, end) = (bytes.get(3..3 + length)?, bytes.get(3 + length)?);
        let c = char::from_u32(number(digits, 16)?)?;
        return (*end == b'}').then_some((Meaning::Char(c), length + 4));
    }
    let first = number(bytes.get(2..6)?, 16)?;
    if let Some(c) = char::from_u32(first) {
        return Some((Meaning::Char(c), 6));
    }
    let second = match (bytes.get(6..8), bytes.get(8..12)) {
        (Some(b"\\u"), Some(digits)) => number(digits, 16).unwrap_or_default(),
        _ => 0,
    };
    if !(0xdc00..0xe000).contains(&second) || first >= 0xdc00 {
        return Some((Meaning::Char(char::REPLACEMENT_CHARACTER), 6));
    }
    let c = char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00))?;
    Some((Meaning::Char(c), 12))
}

/// `&#64;`, `&#x40;`, with zeros before the number, and without the semicolon.
fn numeric(bytes: &[u8]) -> Option<(Meaning, usize)> {
    let (start, radix) = match bytes.get(2)? {
        b'x' | b'X' => (3, 16),
        _ => (2, 10),
    };
    let rest = bytes.get(start..)?;
    let digit = |byte: &&u8| char::from(**byte).is_digit(radix);
    let zeros = rest.iter().take(32).take_while(|byte| **byte == b'0').count();
    let digits = rest.get(zeros..)?.iter().take(7).take_while(digit).count();
    let c = match number(rest.get(zeros..zeros + digits)?, radix) {
        Some(number) => char::from_u32(number)?,
        None if zeros > 0 => '\0',
        None => return None,
    };
    let end = start + zeros + digits;
    Some((Meaning::Char(c), end + usize::from(bytes.get(end) == Some(&b';'))))
}

fn named(bytes: &[u8]) -> Option<(Meaning, usize)> {
    let length = bytes.iter().skip(1).take(14).take_while(|byte| byte.is_ascii_alphanumeric());
    let name = bytes.get(1..=length.count())?;
    let ends = bytes.get(name.len() + 1) == Some(&b';');
    let latin = |name: &[u8]| {
        let at = LATIN.split_whitespace().position(|known| known.as_bytes() == name)?;
        char::from_u32(0xa0 + u32::try_from(at).ok()?)
    };
    let among = |names: &[(&str, char)], name: &[u8]| {
        names.iter().find(|(known, _)| known.as_bytes() == name).map(|(_, c)| *c)
    };
    if ends && let Some(c) = among(NAMES, name).or_else(|| latin(name)) {
        return Some((Meaning::Char(c), name.len() + 2));
    }
    let loose = |length: &usize| {
        let name = name.get(..*length)?;
        Some((Meaning::Char(among(&NAMES[..LOOSE], name).or_else(|| latin(name))?), length + 1))
    };
    (2..=name.len().min(6)).rev().find_map(|length| loose(&length))
}

fn unit(digits: &[u8]) -> Option<char> {
    char::from_u32(number(digits, 16)?)
}

fn pair(digits: &[u8]) -> Option<u8> {
    u8::try_from(number(digits, 16)?).ok()
}

/// The number that digits stand for; none where there are no digits, or others.
fn number(digits: &[u8], radix: u32) -> Option<u32> {
    let text = std::str::from_utf8(digits).ok()?;
    let proper = !text.is_empty() && text.chars().all(|c| c.is_digit(radix));
    proper.then(|| u32::from_str_radix(text, radix).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, plain: &str) {
        let layer = Layer::of(text.as_bytes(), true);
        let shown = unescaped(&layer);
        let bytes = shown.as_ref().map_or(&*layer.bytes, |layer| &*layer.bytes);
        assert_eq!(String::from_utf8_lossy(bytes), plain);
    }

    #[test]
    fn escapes_mean_what_they_say() {
        check(r#"\u0070\u{40}\x73\/\"\n\ud83d\udd11\ud83d"#, "p@s/\"\n🔑\u{fffd}");
        check("&#112;&#x40;&#000115&#X0000073;&amp&lt;&commat;&eacute;&eacutex", "p@ss&<@ééx");
        check("%70%40%73%u0073%C3%a9", "p@ssé");
        check("%25%37%30 %252540 &amp;#112; \\\\u0070 %26%2364%3B", "p @ p p @");
        check(
            "100% \\q & &zothing; &# %4 \\u00 &#xfffffff; %zz",
            "100% \\q & &zothing; &# %4 \\u00 &#xfffffff; %zz",
        );
    }

    #[test]
    fn what_an_escape_means_stands_where_the_escape_does() {
        let layer = Layer::of(b"a%2540b", true);
        let plain = unescaped(&layer).unwrap();
        assert_eq!(&*plain.bytes, b"a@b");
        assert_eq!(plain.in_text(1..2), 1..6);
        assert_eq!(plain.in_text(0..3), 0..7);
    }
}
