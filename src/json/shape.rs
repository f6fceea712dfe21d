//! What Go's readers make of a document: which names they know, and of what type each value must be.
//!
//! `encoding/json` takes a name in any case, and so two names for one; it refuses a whole document for one value of the
//! wrong type, used or not. Nearly every client is written in Go, so both are faults of the document.

use serde_json::Value;

use super::{Part, Unfit};
use crate::calendar;

/// The type of a value. Null fits each of them: it is what Go writes for what is empty.
#[derive(Debug)]
pub enum Shape {
    /// Anything: it is not read, or whoever reads it says what is wrong.
    Any,
    /// A text.
    Text,
    /// Bytes: a text in base64, or a list of numbers.
    Bytes,
    /// A text that is a time. RFC 3339.
    Time,
    /// A whole number that 64 bits hold, with a sign.
    Integer,
    /// True or false.
    Truth,
    /// A list of values of one shape.
    List(&'static Shape),
    /// An object whose names are free, and told apart by case.
    Map(&'static Shape),
    /// An object whose names are known; others are not looked at.
    Object(&'static [(&'static str, Shape)]),
}

/// What is odd about one value or name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Odd {
    /// What kind of oddity.
    pub kind: OddKind,
    /// Where: `layers[2].digest`; empty for the whole.
    pub place: String,
    /// What, in a sentence that can follow the place.
    pub reason: String,
}

/// What kind of oddity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OddKind {
    /// Two names are the same to Go: which of the values counts depends on the reader.
    Twice,
    /// A known name stands there in another case alone.
    Case,
    /// A value is of another type than Go's readers want.
    Type,
}

/// How many oddities of one document are told.
const MAX_ODD: usize = 20;

impl Shape {
    /// Everything about a part that is odd, up to a limit.
    pub fn odd(&self, part: &Part<'_>) -> Vec<Odd> {
        let mut found = Vec::new();
        self.look(part, &mut found);
        found
    }

    /// Refuses a part in which a known name stands twice, or in another case. For documents of which no more is shown.
    pub fn check_names(&self, part: &Part<'_>) -> Result<(), Unfit> {
        let odd = self.odd(part).into_iter().find(|odd| odd.kind != OddKind::Type);
        odd.map_or(Ok(()), |Odd { place, reason, .. }| Err(Unfit { place, reason }))
    }

    fn look(&self, part: &Part<'_>, found: &mut Vec<Odd>) {
        if part.value().is_null() || found.len() >= MAX_ODD {
            return;
        }
        let wanted = match (self, part.value()) {
            (Shape::List(shape), Value::Array(_)) => {
                return part.items().for_each(|item| shape.look(&item, found));
            }
            (Shape::Map(shape), Value::Object(_)) => {
                return part.entries().for_each(|(_, entry)| shape.look(&entry, found));
            }
            (Shape::Object(known), Value::Object(_)) => return look_at_names(known, part, found),
            (Shape::Any, _) | (Shape::Text, Value::String(_)) | (Shape::Truth, Value::Bool(_)) => return,
            (Shape::Bytes, value) if super::bytes(value).is_some() => return,
            (Shape::Time, Value::String(text)) if calendar::is_rfc3339(text) => return,
            (Shape::Integer, Value::Number(number)) if number.is_i64() => return,
            (Shape::Text, _) => "a text",
            (Shape::Bytes, _) => "base64",
            (Shape::Time, _) => "a time (RFC 3339)",
            (Shape::Integer, _) => "a whole number",
            (Shape::Truth, _) => "true or false",
            (Shape::List(_), _) => "a list",
            (Shape::Map(_) | Shape::Object(_), _) => "an object",
        };
        let reason = format!("it is not {wanted}; clients written in Go refuse the whole document for that");
        found.push(Odd { kind: OddKind::Type, place: part.place(), reason });
    }
}

fn look_at_names(known: &'static [(&'static str, Shape)], part: &Part<'_>, found: &mut Vec<Odd>) {
    for (name, entry) in part.entries() {
        if let Some((_, shape)) = known.iter().find(|(known, _)| *known == name) {
            shape.look(&entry, found);
            continue;
        }
        let Some((meant, shape)) = known.iter().find(|(known, _)| folds(known, name)) else { continue };
        let other =
            part.entries().map(|(other, _)| other).find(|other| *other != name && folds(meant, other));
        let place = part.place();
        if found.len() >= MAX_ODD {
            return;
        }
        found.push(match other {
            Some(other) => {
                let reason = format!(
                    "it has {other:?} and {name:?}, which are one name to clients written in Go: which of the two counts \
                     depends on the client"
                );
                Odd { kind: OddKind::Twice, place, reason }
            }
            None => {
                let reason = format!("{meant} stands there in another case, as {name:?}: not every client reads it");
                Odd { kind: OddKind::Case, place, reason }
            }
        });
        shape.look(&entry, found);
    }
}

/// Whether Go takes `name` for `known`, which is in ASCII: case does not matter, and two letters beyond ASCII fold to k and s.
pub(super) fn folds(known: &str, name: &str) -> bool {
    let folded = |letter: char| match letter {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        letter => letter.to_ascii_lowercase(),
    };
    known.len() <= name.len() && name.chars().map(folded).eq(known.chars().map(folded))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    const SHAPE: Shape = Shape::Object(&[
        ("layers", Shape::List(&Shape::Object(&[("digest", Shape::Text), ("size", Shape::Integer)]))),
        ("labels", Shape::Map(&Shape::Text)),
        ("rank", Shape::Integer),
        ("data", Shape::Bytes),
        ("created", Shape::Time),
        ("empty", Shape::Truth),
        ("ports", Shape::Map(&Shape::Object(&[]))),
    ]);

    fn odd(text: &str) -> Vec<(OddKind, String)> {
        let value = parse(text.as_bytes()).unwrap();
        SHAPE.odd(&Part::whole(&value)).into_iter().map(|odd| (odd.kind, odd.place)).collect()
    }

    #[test]
    fn names_that_go_folds() {
        for (text, kind, place) in [
            (r#"{"layers":[],"Layers":[]}"#, OddKind::Twice, ""),
            (r#"{"Layers":[],"LAYERS":[]}"#, OddKind::Twice, ""),
            ("{\"layers\":[],\"layer\u{17f}\":[]}", OddKind::Twice, ""),
            ("{\"ran\u{212a}\":1}", OddKind::Case, ""),
            (r#"{"layers":[{},{"digest":"a","Digest":"b"}]}"#, OddKind::Twice, "layers[1]"),
            (r#"{"layers":[{"diGest":"a"}]}"#, OddKind::Case, "layers[0]"),
            (r#"{"Layers":null}"#, OddKind::Case, ""),
        ] {
            assert_eq!(odd(text).first(), Some(&(kind, place.to_owned())), "{text}");
        }
        for text in [
            r#"{"labels":{"a":"1","A":"2"}}"#,
            r#"{"other":1,"Other":2}"#,
            "{\"layer\u{1d49}s\":1}",
            r#"{"layer":1,"layerss":2}"#,
        ] {
            assert_eq!(odd(text), [], "{text}: free and unknown names are told apart by case");
        }
    }

    #[test]
    fn types_that_go_refuses() {
        for (text, place) in [
            (r#""x""#, ""),
            ("[]", ""),
            (r#"{"layers":{}}"#, "layers"),
            (r#"{"layers":["x"]}"#, "layers[0]"),
            (r#"{"layers":[{"size":"1"}]}"#, "layers[0].size"),
            (r#"{"layers":[{"size":1.0}]}"#, "layers[0].size"),
            (r#"{"layers":[{"size":9223372036854775808}]}"#, "layers[0].size"),
            (r#"{"labels":{"a":1}}"#, "labels.a"),
            (r#"{"labels":[]}"#, "labels"),
            (r#"{"data":"a"}"#, "data"),
            (r#"{"data":[256]}"#, "data"),
            (r#"{"data":["x"]}"#, "data"),
            (r#"{"rank":-0.0}"#, "rank"),
            (r#"{"created":"x"}"#, "created"),
            (r#"{"created":""}"#, "created"),
            (r#"{"empty":0}"#, "empty"),
            (r#"{"ports":{"80/tcp":""}}"#, "ports.80/tcp"),
            (r#"{"Rank":"x"}"#, ""),
        ] {
            assert_eq!(odd(text).first().map(|(_, place)| place.as_str()), Some(place), "{text}");
        }
        for sound in
            [r#"{"data":[0,255,null]}"#, r#"{"data":[]}"#, r#"{"rank":-0}"#, r#"{"rank":-0,"x":1e999}"#]
        {
            assert_eq!(odd(sound), [], "{sound}");
        }
        let sound = r#"{"layers":[null,{"size":-1}],"labels":{"a":null},"rank":7,"data":"YQ==",
            "created":"2022-01-25T12:06:55.5+01:00","empty":true,"ports":{"80/tcp":{"x":1},"1":null},"x":[1e5]}"#;
        assert_eq!(odd(sound), []);
    }

    #[test]
    fn names_alone() {
        let check = |text: &str| SHAPE.check_names(&Part::whole(&parse(text.as_bytes()).unwrap()));
        assert_eq!(check(r#"{"rank":"x"}"#), Ok(()));
        assert!(check(r#"{"rank":1,"Rank":1}"#).is_err() && check(r#"{"Rank":1}"#).is_err());
    }

    #[test]
    fn many_are_not_all_told() {
        assert_eq!(odd(&format!(r#"{{"layers":[{}1]}}"#, "1,".repeat(1000))).len(), MAX_ODD);
    }
}
