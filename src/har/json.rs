//! JSON as recordings are read: only what has a known place is kept, and texts are borrowed from the file where they can be.
//! All else is passed over as it comes: a recording has dozens of values in each of thousands of entries, of which a few are
//! read once, and one that was made to do harm may have millions.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

/// What is read of a value.
#[derive(Debug)]
pub(super) enum Shape {
    /// The text or the number that it is.
    Plain,
    /// The items of this shape.
    List(&'static Shape),
    /// The properties of these names.
    Object(&'static [(&'static str, Shape)]),
}

/// A value.
#[derive(Debug)]
pub(super) enum Json<'a> {
    /// What is not read.
    Other,
    Number(Number),
    Text(Cow<'a, str>),
    List(Vec<Json<'a>>),
    Object(Vec<(&'static str, Json<'a>)>),
}

/// More items of one list are not read.
const MOST_ITEMS: usize = 1000;

impl<'a> Json<'a> {
    /// A property.
    pub(super) fn get(&self, name: &str) -> Option<&Json<'a>> {
        let Json::Object(properties) = self else { return None };
        properties.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The text that this is.
    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number that this is.
    pub(super) fn as_f64(&self) -> Option<f64> {
        match self {
            Json::Number(number) => number.as_f64(),
            _ => None,
        }
    }

    /// The items of the list that this is.
    pub(super) fn as_list(&self) -> Option<&[Json<'a>]> {
        match self {
            Json::List(items) => Some(items),
            _ => None,
        }
    }
}

impl<'de> DeserializeSeed<'de> for &Shape {
    type Value = Json<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &Shape {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Json<'de>, E> {
        Ok(Json::Other)
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json<'de>, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json<'de>, E> {
        Ok(Number::from_f64(value).map_or(Json::Other, Json::Number))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json<'de>, A::Error> {
        let mut list = Vec::new();
        if let Shape::List(shape) = self {
            while list.len() < MOST_ITEMS
                && let Some(item) = items.next_element_seed(*shape)?
            {
                // What has another shape takes no place.
                list.extend(matches!(item, Json::Object(_)).then_some(item));
            }
        }
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(if matches!(self, Shape::List(_)) { Json::List(list) } else { Json::Other })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut properties: A) -> Result<Json<'de>, A::Error> {
        let Shape::Object(known) = self else {
            while properties.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(Json::Other);
        };
        let mut object: Vec<(&'static str, Json<'de>)> = Vec::new();
        while let Some(found) = properties.next_key_seed(Name(known))? {
            let Some((name, shape)) = found else {
                properties.next_value::<IgnoredAny>()?;
                continue;
            };
            let value = properties.next_value_seed(shape)?;
            // Names may stand twice: the last one counts.
            object.retain(|(other, _)| other != name);
            object.push((name, value));
        }
        Ok(Json::Object(object))
    }
}

/// Reads a property's name as one of those that are known.
pub(super) struct Name<T: 'static>(pub(super) &'static [(&'static str, T)]);

impl<'de, T> DeserializeSeed<'de> for Name<T> {
    type Value = Option<&'static (&'static str, T)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<T> Visitor<'_> for Name<T> {
    type Value = Option<&'static (&'static str, T)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().find(|(known, _)| *known == name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape::Object(&[
        ("a", Shape::Plain),
        ("b", Shape::Plain),
        ("c", Shape::List(&Shape::Object(&[("d", Shape::Plain)]))),
    ]);

    fn read(text: &str) -> Json<'_> {
        SHAPE.deserialize(&mut serde_json::Deserializer::from_str(text)).unwrap()
    }

    #[test]
    fn texts_are_borrowed_unless_they_are_escaped_and_the_last_of_a_name_counts() {
        let json = read(r#"{"a":"plain","b":"\u00e9","c":[1,{"d":-2,"e":3},null,{"d":0.5}],"a":"last"}"#);
        assert_eq!(json.get("a").unwrap().as_str(), Some("last"));
        assert!(matches!(json.get("a"), Some(Json::Text(Cow::Borrowed(_)))));
        assert_eq!(json.get("b").unwrap().as_str(), Some("é"));
        let items = json.get("c").unwrap().as_list().unwrap().iter();
        let numbers: Vec<_> = items.map(|item| item.get("d").and_then(Json::as_f64)).collect();
        assert_eq!(numbers, [Some(-2.0), Some(0.5)]);
        assert!(json.get("d").is_none() && Json::Other.get("a").is_none());
    }

    #[test]
    fn what_has_no_place_is_passed_over() {
        let deep = "[".repeat(1000) + &"]".repeat(1000);
        for value in ["[0,0,0]", "{\"a\":[{}]}", "null", "true", &deep] {
            let text = format!("{{\"x\":{value},\"a\":{value},\"c\":{value},\"b\":\"kept\"}}");
            let json = read(&text);
            assert!(matches!(json.get("a"), Some(Json::Other)), "{value}");
            assert!(json.get("c").unwrap().as_list().is_none_or(<[_]>::is_empty), "{value}");
            assert_eq!(json.get("b").unwrap().as_str(), Some("kept"));
        }
        let many = format!("{{\"c\":[{}{{}}],\"b\":\"kept\"}}", "{},".repeat(5000));
        let json = read(&many);
        assert_eq!(json.get("c").unwrap().as_list().unwrap().len(), MOST_ITEMS);
        assert_eq!(json.get("b").unwrap().as_str(), Some("kept"));
    }
}
