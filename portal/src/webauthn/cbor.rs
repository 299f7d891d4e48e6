//! A CBOR reader of our own: it reads what RFC 8949 allows, within bounds, and says where the
//! encoding departs from the definite, shortest form that CTAP2 demands. Writes nothing.

use std::borrow::Cow;

/// Maps, arrays and open strings may stand eight deep.
const DEEPEST: usize = 8;
const INDEFINITE: u8 = 31;

/// A data item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value<'a> {
    /// Major types 0 and 1.
    Integer(i128),
    /// Major type 2.
    Bytes(Cow<'a, [u8]>),
    /// Major type 3.
    Text(Cow<'a, str>),
    /// Major type 4.
    Array(Vec<Value<'a>>),
    /// The members as they stand, repeated keys included.
    Map(Vec<(Value<'a>, Value<'a>)>),
    /// True or false.
    Bool(bool),
    /// Null, undefined, floats and other simple values: the low bits of the head, the argument.
    Other(u8, u64),
}

/// The first data item of some bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item<'a> {
    /// The item itself.
    pub value: Value<'a>,
    /// How many bytes it takes.
    pub length: usize,
    /// Whether every length is definite and every number in its shortest form.
    pub canonical: bool,
    /// Whether no map names a key twice.
    pub distinct: bool,
}

/// Reads the first data item; `None` when there is no well-formed one.
#[must_use]
pub fn read(bytes: &[u8]) -> Option<Item<'_>> {
    let mut reader = Reader { bytes, at: 0, canonical: true, distinct: true };
    let value = reader.item(0)?;
    Some(Item { value, length: reader.at, canonical: reader.canonical, distinct: reader.distinct })
}

impl<'a> Value<'a> {
    /// A map's member with a text key. Where it is repeated, the last one.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Self> {
        self.member(|key| matches!(key, Self::Text(text) if text == name))
    }

    /// A map's member with an integer key. Where it is repeated, the last one.
    #[must_use]
    pub fn numbered(&self, number: i128) -> Option<&Self> {
        self.member(|key| *key == Self::Integer(number))
    }

    pub(crate) fn is_map(&self) -> bool {
        matches!(self, Self::Map(_))
    }

    pub(crate) fn integer(&self) -> Option<i128> {
        if let Self::Integer(integer) = self { Some(*integer) } else { None }
    }

    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        if let Self::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(crate) fn array(&self) -> Option<&[Self]> {
        if let Self::Array(items) = self { Some(items) } else { None }
    }

    fn member(&self, wanted: impl Fn(&Self) -> bool) -> Option<&Self> {
        let Self::Map(members) = self else { return None };
        members.iter().rev().find(|(key, _)| wanted(key)).map(|(_, value)| value)
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    canonical: bool,
    distinct: bool,
}

/// The head of an item: its major type, its low bits, its argument (`None` when indefinite).
struct Head {
    major: u8,
    low: u8,
    argument: Option<u64>,
}

impl<'a> Reader<'a> {
    fn item(&mut self, depth: usize) -> Option<Value<'a>> {
        let head = self.head()?;
        match (head.major, head.argument) {
            (0, Some(number)) => Some(Value::Integer(i128::from(number))),
            (1, Some(number)) => Some(Value::Integer(-1 - i128::from(number))),
            (2, _) => self.string(&head).map(Value::Bytes),
            (3, _) => text(self.string(&head)?).map(Value::Text),
            (4, count) => self.array(count, depth + 1),
            (5, count) => self.map(count, depth + 1),
            (7, Some(argument)) => Some(match (head.low, argument) {
                (20, _) => Value::Bool(false),
                (21, _) => Value::Bool(true),
                (24, 0..32) => return None,
                (low, argument) => Value::Other(low, argument),
            }),
            // Tags have no place in WebAuthn; a break or an open number has none at all.
            _ => None,
        }
    }

    fn head(&mut self) -> Option<Head> {
        let first = *self.take(1)?.first()?;
        let (major, low) = (first >> 5, first & 0x1f);
        let width = match low {
            0..24 => return Some(Head { major, low, argument: Some(u64::from(low)) }),
            24 => 1,
            25 => 2,
            26 => 4,
            27 => 8,
            INDEFINITE => {
                self.canonical = false;
                return Some(Head { major, low, argument: None });
            }
            _ => return None,
        };
        let argument =
            self.take(width)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        let shortest = match width {
            1 => argument >= 24,
            2 => argument > 0xff,
            4 => argument > 0xffff,
            _ => argument > 0xffff_ffff,
        };
        // A float's width says its precision.
        self.canonical &= shortest || major == 7;
        Some(Head { major, low, argument: Some(argument) })
    }

    fn string(&mut self, head: &Head) -> Option<Cow<'a, [u8]>> {
        if let Some(length) = head.argument {
            return self.take(usize::try_from(length).ok()?).map(Cow::Borrowed);
        }
        let mut whole = Vec::new();
        while !self.stops() {
            let chunk = self.head()?;
            let length = chunk.argument.filter(|_| chunk.major == head.major)?;
            whole.extend_from_slice(self.take(usize::try_from(length).ok()?)?);
        }
        Some(Cow::Owned(whole))
    }

    fn array(&mut self, count: Option<u64>, depth: usize) -> Option<Value<'a>> {
        // Nothing is set aside for a declared length: every item has to be there.
        let mut items = Vec::new();
        while self.goes_on(count, items.len(), depth)? {
            items.push(self.item(depth)?);
        }
        Some(Value::Array(items))
    }

    fn map(&mut self, count: Option<u64>, depth: usize) -> Option<Value<'a>> {
        let mut members = Vec::new();
        while self.goes_on(count, members.len(), depth)? {
            members.push((self.item(depth)?, self.item(depth)?));
        }
        let mut keys: Vec<&Value<'_>> = members.iter().map(|(key, _)| key).collect();
        keys.sort_unstable();
        self.distinct &= keys.windows(2).all(|pair| pair.first() != pair.last());
        Some(Value::Map(members))
    }

    fn goes_on(&mut self, count: Option<u64>, so_far: usize, depth: usize) -> Option<bool> {
        if depth > DEEPEST {
            return None;
        }
        match count {
            Some(count) => Some(u64::try_from(so_far).ok()? < count),
            None => Some(!self.stops()),
        }
    }

    /// Takes the break that ends an open string, array or map, where it stands.
    fn stops(&mut self) -> bool {
        let stops = self.bytes.get(self.at) == Some(&0xff);
        self.at += usize::from(stops);
        stops
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(length)?)?;
        self.at += length;
        Some(taken)
    }
}

fn text(bytes: Cow<'_, [u8]>) -> Option<Cow<'_, str>> {
    match bytes {
        Cow::Borrowed(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
    }
}
