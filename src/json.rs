//! JSON as the documents of a registry are read: a name that stands twice in one object is refused, for readers do not
//! agree on which of the two counts.
//!
//! Documents are taken apart by hand from the parsed value. Derived readers would do the same in four times the weight,
//! which everyone who opens the page would load; and they could not say where in a document a fault is.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Reads a document.
pub fn parse(bytes: &[u8]) -> Result<Value, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Unique.deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// Reads any value in which no object has a name twice.
struct Unique;

impl<'de> DeserializeSeed<'de> for Unique {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique {
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
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Unique)? {
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
            object.insert(name, entries.next_value_seed(Unique)?);
        }
        Ok(Value::Object(object))
    }
}

/// A value with its place in the document.
#[derive(Debug, Clone)]
pub struct Part<'a> {
    value: &'a Value,
    place: Place<'a>,
}

/// Where a value stands. It is put into words where something is wrong with the value.
#[derive(Debug, Clone, Copy)]
enum Place<'a> {
    Whole,
    Property(&'a Place<'a>, &'a str),
    Item(&'a Place<'a>, &'a str, usize),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (above, name) = match self {
            Place::Whole => return Ok(()),
            Place::Property(above, name) | Place::Item(above, name, _) => (above, name),
        };
        let dot = if matches!(above, Place::Whole) { "" } else { "." };
        write!(f, "{above}{dot}{name}")?;
        match self {
            Place::Item(_, _, at) => write!(f, "[{at}]"),
            _ => Ok(()),
        }
    }
}

/// A part that is not what it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    /// Where: `layers[2].digest`; empty for the whole.
    pub place: String,
    /// Why.
    pub reason: String,
}

impl<'a> Part<'a> {
    /// The whole document.
    pub fn whole(value: &'a Value) -> Part<'a> {
        Part { value, place: Place::Whole }
    }

    /// The value itself.
    pub fn value(&self) -> &'a Value {
        self.value
    }

    /// A property; `None` where it is absent, or null: Go writes what is empty so.
    pub fn get<'b>(&'b self, name: &'b str) -> Option<Part<'b>> {
        let value = self.value.get(name).filter(|value| !value.is_null())?;
        Some(Part { value, place: Place::Property(&self.place, name) })
    }

    /// A property that must be there.
    pub fn need<'b>(&'b self, name: &'b str) -> Result<Part<'b>, Unfit> {
        self.get(name).ok_or_else(|| self.unfit(&format!("it has no {name}")))
    }

    /// The items of a property; none where it is absent.
    pub fn list<'b>(&'b self, name: &'b str) -> Result<Vec<Part<'b>>, Unfit> {
        let Some(list) = self.get(name) else { return Ok(Vec::new()) };
        let items = list.value.as_array().ok_or_else(|| list.unfit("it is not a list"))?;
        let part = |(at, value)| Part { value, place: Place::Item(&self.place, name, at) };
        Ok(items.iter().enumerate().map(part).collect())
    }

    /// The text that this is.
    pub fn text(&self) -> Result<&'a str, Unfit> {
        self.value.as_str().ok_or_else(|| self.unfit("it is not a text"))
    }

    /// The text of a property; `None` where it is absent.
    pub fn get_text(&self, name: &str) -> Result<Option<String>, Unfit> {
        self.get(name).map(|part| part.text().map(str::to_owned)).transpose()
    }

    /// What is wrong with this.
    pub fn unfit(&self, reason: &str) -> Unfit {
        Unfit { place: self.place.to_string(), reason: reason.to_owned() }
    }

    /// The properties that are not among the known ones.
    pub fn others(&self, known: &[&str]) -> Map<String, Value> {
        let mut others = Map::new();
        for (name, value) in self.value.as_object().into_iter().flatten() {
            if !known.contains(&name.as_str()) {
                others.insert(name.clone(), value.clone());
            }
        }
        others
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
        for text in ["", "{", "{}x", "[1,]", "\"\\q\"", "1e999"] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
        assert!(parse("[".repeat(500).as_bytes()).is_err(), "depth is limited");
    }

    #[test]
    fn a_name_twice_is_refused_at_any_depth() {
        let fault = parse(b"{\"a\":[{\"b\":1,\n\"b\":1}]}").unwrap_err();
        assert_eq!(
            (fault.line(), fault.to_string().starts_with("duplicate field `b`")),
            (2, true),
            "{fault}"
        );
    }

    #[test]
    fn faults_have_a_place() {
        let value = parse(b"{\"layers\":[{},{\"digest\":7}],\"x\":null}").unwrap();
        let whole = Part::whole(&value);
        let layers = whole.list("layers").unwrap();
        let unfit = |place: &str, reason: &str| Unfit { place: place.into(), reason: reason.into() };
        assert_eq!(
            layers[1].need("digest").unwrap().text().unwrap_err(),
            unfit("layers[1].digest", "it is not a text")
        );
        assert_eq!(layers[0].need("digest").unwrap_err(), unfit("layers[0]", "it has no digest"));
        assert!(whole.get("x").is_none() && whole.list("x").unwrap().is_empty());
        assert_eq!(whole.others(&["layers"]).len(), 1);
    }
}
