//! CBOR in the diagnostic notation of RFC 8949 §8: whatever the bytes are, something readable comes
//! out. Order and duplicates of members stay as they were sent.

use super::hex;

/// Deepest nesting that is written out.
const DEPTH: usize = 16;
/// Longest notation, bytes; after it only `…` is written.
const LENGTH: usize = 16 * 1024;

/// One data item in diagnostic notation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosed {
    /// The notation; ends with `!` and a reason where the bytes are no CBOR.
    pub text: String,
    /// How many bytes the item took, at most all.
    pub used: usize,
}

/// The first data item of some bytes.
#[must_use]
pub fn diagnostic(bytes: &[u8]) -> Diagnosed {
    let mut reader = Reader { bytes, at: 0, text: String::new() };
    if let Err(reason) = reader.item(0) {
        reader.text.push_str(" !");
        reader.text.push_str(reason);
        // What follows a broken item cannot be told apart from it.
        reader.at = bytes.len();
    }
    Diagnosed { text: reader.text, used: reader.at }
}

/// The byte string under a text key of a map of definite length at the top, where there is one.
pub(super) fn member<'a>(bytes: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let mut reader = Reader { bytes, at: 0, text: String::new() };
    let head = reader.head().ok()?;
    if head.major != 5 {
        return None;
    }
    for _ in 0..head.value? {
        // Nothing is shown of the members passed over, so that their length does not count.
        reader.text.clear();
        let key_at = reader.at;
        reader.item(1).ok()?;
        let value_at = reader.at;
        let mut key = Reader { bytes, at: key_at, text: String::new() };
        let key_head = key.head().ok()?;
        let is_it = key_head.major == 3 && bytes.get(key.at..value_at)? == name.as_bytes();
        if is_it {
            reader.at = value_at;
            let value = reader.head().ok()?;
            let length = usize::try_from(value.value?).ok()?;
            return (value.major == 2).then(|| reader.take(length).ok())?;
        }
        reader.item(1).ok()?;
    }
    None
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    text: String,
}

/// The first byte of an item and its argument; no value for indefinite lengths and breaks.
struct Head {
    major: u8,
    short: u8,
    value: Option<u64>,
}

type Read<T> = Result<T, &'static str>;

impl<'a> Reader<'a> {
    fn item(&mut self, depth: usize) -> Read<()> {
        if depth > DEPTH {
            return Err("too deep");
        }
        if self.text.len() > LENGTH {
            return Err("too long, …");
        }
        let head = self.head()?;
        match (head.major, head.value) {
            (0, Some(value)) => self.text.push_str(&value.to_string()),
            (1, Some(value)) => self.text.push_str(&(-1 - i128::from(value)).to_string()),
            (2, Some(length)) => self.bytes_item(length)?,
            (3, Some(length)) => self.text_item(length)?,
            (2 | 3, None) => self.items("(_ ", ")", None, depth)?,
            (4, length) => self.items("[", "]", length, depth)?,
            (5, length) => self.pairs(length, depth)?,
            (6, Some(tag)) => {
                self.text.push_str(&format!("{tag}("));
                self.item(depth + 1)?;
                self.text.push(')');
            }
            (7, value) => self.simple(&head, value)?,
            (_, _) => return Err("reserved"),
        }
        Ok(())
    }

    fn head(&mut self) -> Read<Head> {
        let first = *self.take(1)?.first().ok_or("ends early")?;
        let (major, short) = (first >> 5, first & 0x1f);
        let value = match short {
            0..=23 => Some(u64::from(short)),
            24..=27 => {
                let argument = self.take(1 << (short - 24))?;
                Some(argument.iter().fold(0, |value, byte| (value << 8) | u64::from(*byte)))
            }
            31 => None,
            _ => return Err("reserved"),
        };
        Ok(Head { major, short, value })
    }

    fn bytes_item(&mut self, length: u64) -> Read<()> {
        let bytes = self.take_long(length)?;
        // Half of what may be written: two digits a byte.
        let shown =
            bytes.get(..LENGTH / 2).map_or_else(|| hex(bytes), |start| format!("{}…", hex(start)));
        self.text.push_str(&format!("h'{shown}'"));
        Ok(())
    }

    fn text_item(&mut self, length: u64) -> Read<()> {
        let bytes = self.take_long(length)?;
        let shown: String = String::from_utf8_lossy(bytes).chars().take(LENGTH / 4).collect();
        self.text.push_str(&format!("{shown:?}"));
        if std::str::from_utf8(bytes).is_err() {
            self.text.push_str(" /not UTF-8/");
        }
        Ok(())
    }

    fn items(&mut self, open: &str, close: &str, length: Option<u64>, depth: usize) -> Read<()> {
        self.text.push_str(open);
        let mut count = 0;
        while !self.ended(length, count) {
            if count > 0 {
                self.text.push_str(", ");
            }
            self.item(depth + 1)?;
            count += 1;
        }
        self.text.push_str(close);
        Ok(())
    }

    fn pairs(&mut self, length: Option<u64>, depth: usize) -> Read<()> {
        self.text.push('{');
        let mut count = 0;
        while !self.ended(length, count) {
            if count > 0 {
                self.text.push_str(", ");
            }
            self.item(depth + 1)?;
            self.text.push_str(": ");
            self.item(depth + 1)?;
            count += 1;
        }
        self.text.push('}');
        Ok(())
    }

    /// Whether a list of this length is over after `count` items; takes the break of an indefinite one.
    fn ended(&mut self, length: Option<u64>, count: u64) -> bool {
        if let Some(length) = length {
            return count >= length;
        }
        let broken = self.bytes.get(self.at) == Some(&0xff);
        if broken {
            self.at += 1;
        }
        broken
    }

    fn simple(&mut self, head: &Head, value: Option<u64>) -> Read<()> {
        let value = value.ok_or("stray break")?;
        let said = match head.short {
            20 => "false".to_owned(),
            21 => "true".to_owned(),
            22 => "null".to_owned(),
            23 => "undefined".to_owned(),
            25 => half(value).to_string(),
            26 => f32::from_bits(u32::try_from(value).map_err(|_| "reserved")?).to_string(),
            27 => f64::from_bits(value).to_string(),
            _ => format!("simple({value})"),
        };
        self.text.push_str(&said);
        Ok(())
    }

    fn take_long(&mut self, length: u64) -> Read<&'a [u8]> {
        self.take(usize::try_from(length).map_err(|_| "ends early")?)
    }

    fn take(&mut self, count: usize) -> Read<&'a [u8]> {
        let end = self.at.checked_add(count).ok_or("ends early")?;
        let taken = self.bytes.get(self.at..end).ok_or("ends early")?;
        self.at = end;
        Ok(taken)
    }
}

/// A half-precision number, IEEE 754 binary16.
fn half(bits: u64) -> f64 {
    let small = |bits: u64| u32::try_from(bits).map_or(0.0, f64::from);
    let (exponent, mantissa) = ((bits >> 10) & 0x1f, small(bits & 0x3ff));
    let power = |exponent: u64| (0..exponent).fold(1.0, |power, _| power * 2.0);
    let size = match exponent {
        0 => mantissa / power(24),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        exponent => (mantissa + 1024.0) * power(exponent) / power(25),
    };
    if bits & 0x8000 == 0 { size } else { -size }
}
