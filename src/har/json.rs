//! JSON as recordings are read: texts are borrowed from the file where they can be, and properties are looked for in their
//! order. A recording has dozens of values in each of thousands of entries, of which a few are read once.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

/// A value.
#[derive(Debug)]
pub(super) enum Json<'a> {
    Null,
    Bool,
    Number(Number),
    Text(Cow<'a, str>),
    List(Vec<Json<'a>>),
    /// Names may stand twice: the last one counts.
    Object(Vec<(Json<'a>, Json<'a>)>),
}

impl<'a> Json<'a> {
    /// A property.
    pub(super) fn get(&self, name: &str) -> Option<&Json<'a>> {
        let Json::Object(properties) = self else { return None };
        properties.iter().rfind(|(key, _)| key.as_str() == Some(name)).map(|(_, value)| value)
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

impl<'de: 'a, 'a> Deserialize<'de> for Json<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Json<'a>, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool)
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json<'de>, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json<'de>, E> {
        Ok(Number::from_f64(value).map_or(Json::Null, Json::Number))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut properties: A) -> Result<Json<'de>, A::Error> {
        let mut object = Vec::new();
        while let Some(property) = properties.next_entry()? {
            object.push(property);
        }
        Ok(Json::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_borrowed_unless_they_are_escaped_and_the_last_of_a_name_counts() {
        let text = r#"{"a":"plain","b":"\u00e9","c":[1,-2,0.5,null,true],"a":"last"}"#;
        let json: Json<'_> = serde_json::from_str(text).unwrap();
        assert_eq!(json.get("a").unwrap().as_str(), Some("last"));
        assert!(matches!(json.get("a"), Some(Json::Text(Cow::Borrowed(_)))));
        assert_eq!(json.get("b").unwrap().as_str(), Some("é"));
        let numbers: Vec<_> = json.get("c").unwrap().as_list().unwrap().iter().map(Json::as_f64).collect();
        assert_eq!(numbers, [Some(1.0), Some(-2.0), Some(0.5), None, None]);
        assert!(json.get("d").is_none() && Json::Null.get("a").is_none());
    }
}
