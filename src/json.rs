//! JSON as the documents of a registry are read: what readers do not agree on is a fault, and never one reader's choice.
//!
//! A name that stands twice in one object is refused. [`Shape`] says which names a document knows and of what type they
//! are, as Go's readers have it: names that they fold together are found by it.
//!
//! Documents are taken apart by hand from the parsed value. Derived readers would do the same in four times the weight,
//! which everyone who opens the page would load; and they could not say where in a document a fault is.

mod part;
mod shape;
mod text;

use std::cell::Cell;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

pub use part::{Part, Unfit};
pub use shape::{Odd, OddKind, Shape};

/// How many values a document may hold: each takes far more memory than its bytes.
const MAX_VALUES: u32 = 1 << 20;

/// Reads a document. What is not Unicode in its texts is replaced by U+FFFD, as Go's reader does.
pub fn parse(bytes: &[u8]) -> Result<Value, Fault> {
    read(bytes).map(|read| read.value)
}

/// Reads a document, and says what had to be replaced.
pub fn read(bytes: &[u8]) -> Result<Read, Fault> {
    let fault = match parse_numbers(bytes) {
        Ok(value) => return Ok(Read { value, replaced: None }),
        Err(fault) => fault,
    };
    if let Some(other) = text::recognised(bytes) {
        return Err(other);
    }
    let (mended, replaced) = text::mended(bytes).ok_or(fault)?;
    Ok(Read { value: parse_numbers(&mended)?, replaced: Some(Position::of(bytes, replaced)) })
}

/// Reads a document whose texts are Unicode. Numbers that the library reads otherwise than Go are rare: only then is it read
/// a second time, with others in their place.
fn parse_numbers(bytes: &[u8]) -> Result<Value, Fault> {
    let has_odd_zero = Cell::new(false);
    match parse_strict(bytes, &has_odd_zero) {
        Ok(value) if !has_odd_zero.get() => Ok(value),
        Err(fault) if fault.reason != OUT_OF_RANGE => Err(fault),
        _ => parse_strict(&text::with_plain_numbers(bytes), &has_odd_zero),
    }
}

/// Bytes as Go's reader takes them: from a text in base64 with padding, in which line ends may stand, or from a list of numbers.
/// RFC 4648, section 4.
pub fn bytes(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::String(text) => {
            let plain: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
            STANDARD.decode(plain).ok()
        }
        Value::Array(list) => {
            let byte =
                |value: &Value| if value.is_null() { Some(0) } else { u8::try_from(value.as_u64()?).ok() };
            list.iter().map(byte).collect()
        }
        _ => None,
    }
}

/// A document that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// Its content.
    pub value: Value,
    /// Where the first text stands that is not valid Unicode, if there is one.
    pub replaced: Option<Position>,
}

/// A place in a document's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line, counted from 1.
    pub line: usize,
    /// The column in bytes, counted from 1; 0 where the fault is before the line's first character.
    pub column: usize,
}

impl Position {
    /// The position of the byte at `at`.
    fn of(bytes: &[u8], at: usize) -> Position {
        let before = bytes.get(..at).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let begin = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        Position { line, column: at - begin + 1 }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Why bytes are not JSON that can be read here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub position: Position,
    /// Why.
    pub reason: String,
    /// Whether a limit of this reader was reached: the document may be sound.
    pub is_limit: bool,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.position, self.reason)
    }
}

impl std::error::Error for Fault {}

/// What the library says where a document is nested deeper than it reads; and what is said here.
const TOO_DEEP: (&str, &str) =
    ("recursion limit exceeded", "it is nested deeper than 127 levels, which is a limit of this inspector");

/// What the library says of a number that no 64 bits hold.
const OUT_OF_RANGE: &str = "number out of range";

/// Reads a document as the library does; says whether it has a zero with a sign, which the library takes for a fraction.
fn parse_strict(bytes: &[u8], has_odd_zero: &Cell<bool>) -> Result<Value, Fault> {
    let left = &Cell::new(MAX_VALUES);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read =
        Unique { left, has_odd_zero }.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    read.map_err(|error| {
        let text = error.to_string();
        let reason = text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason);
        let is_deep = reason == TOO_DEEP.0;
        let reason = if is_deep { TOO_DEEP.1 } else { reason }.to_owned();
        let position = Position { line: error.line(), column: error.column() };
        Fault { position, reason, is_limit: is_deep || left.get() == 0 }
    })
}

/// Reads any value in which no object has a name twice, and counts what is left of the limit.
#[derive(Clone, Copy)]
struct Unique<'a> {
    left: &'a Cell<u32>,
    has_odd_zero: &'a Cell<bool>,
}

impl<'de> DeserializeSeed<'de> for Unique<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let left = self.left.get().saturating_sub(1);
        self.left.set(left);
        if left == 0 {
            return Err(D::Error::custom(format_args!(
                "it holds more than {MAX_VALUES} values, which is a limit of this inspector"
            )));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        if value == 0.0 && value.is_sign_negative() {
            self.has_odd_zero.set(true);
        }
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(A::Error::custom(format_args!("duplicate field `{name}`")));
            }
            object.insert(name, entries.next_value_seed(self)?);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_what_the_library_reads() {
        for text in
            ["null", "[1,-2,1e3,true,\"a\\u00e9\\n\"]", "{\"a\":{\"b\":[]},\"c\":18446744073709551615}"]
        {
            assert_eq!(
                parse(text.as_bytes()).unwrap(),
                serde_json::from_str::<Value>(text).unwrap(),
                "{text}"
            );
        }
        for text in ["", "{", "{}x", "[1,]", "\"\\q\"", "1e", "-", "01", "-01", "- 0"] {
            assert!(parse(text.as_bytes()).is_err_and(|fault| !fault.is_limit), "{text}");
        }
    }

    #[test]
    fn a_name_twice_is_refused_at_any_depth() {
        let fault = parse(b"{\"a\":[{\"b\":1,\n\"b\":1}]}").unwrap_err();
        assert_eq!((fault.position.line, fault.reason.as_str()), (2, "duplicate field `b`"));
    }

    #[test]
    fn limits_are_said_to_be_limits() {
        let many = format!("[{}0]", "0,".repeat(MAX_VALUES as usize));
        for (text, words) in [("[".repeat(500), "127 levels"), (many, "1048576 values")] {
            let fault = parse(text.as_bytes()).unwrap_err();
            assert!(fault.is_limit && fault.reason.contains(words), "{fault}");
        }
    }

    #[test]
    fn what_is_not_json_is_recognised() {
        for (bytes, words) in [
            (&b"\xef\xbb\xbf{}"[..], "line 1, column 1: it begins with a byte order mark"),
            (b"\xff\xfe{\0}\0", "it is UTF-16"),
            (b" \n<!DOCTYPE html><p>Sign in", "line 2, column 1: it is a web page (HTML)"),
            (b"<HTML lang=en>", "it is a web page (HTML)"),
            (b"<?xml version=\"1.0\"?><Error/>", "it is XML"),
            (b"<b>", "expected value"),
            (b"\x1f\x8b\x08", "it is compressed (gzip)"),
        ] {
            let fault = parse(bytes).unwrap_err().to_string();
            assert!(fault.contains(words), "{fault}");
        }
    }

    #[test]
    fn texts_that_are_not_unicode_are_replaced_and_told() {
        for (bytes, value, column) in [
            (&b"{\"a\":\"x\\ud800y\"}"[..], "x\u{fffd}y", 8),
            (b"{\"a\":\"\\udc00\\ud83d\\ude00\"}", "\u{fffd}\u{1f600}", 7),
            (b"{\"a\":\"\\uD83D\\uD83D\\uDE00\"}", "\u{fffd}\u{1f600}", 7),
            (b"{\"a\":\"x\xe9\"}", "x\u{fffd}", 8),
        ] {
            let read = read(bytes).unwrap();
            assert_eq!(read.value.get("a").and_then(Value::as_str), Some(value));
            assert_eq!(read.replaced, Some(Position { line: 1, column }));
        }
        assert_eq!(
            read(b"{\"a\":\"\\ud83d\\ude00 \\\\ud800\"}").unwrap().replaced,
            None,
            "nothing to replace"
        );
        assert!(parse(b"{\"a\":\"\xe9\",}").is_err(), "and what else is wrong still is");
    }
}
