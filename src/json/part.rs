//! A value with its place in the document, and what is wrong with it.

use std::fmt;

use serde_json::{Map, Value};

use super::shape::folds;

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
    At(&'a Place<'a>, usize),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (above, name) = match self {
            Place::Whole => return Ok(()),
            Place::At(above, at) => return write!(f, "{above}[{at}]"),
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

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        f.write_str(&self.reason)
    }
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
        self.get(name).ok_or_else(|| {
            match self.entries().find(|(other, _)| *other != name && folds(name, other)) {
                Some((other, _)) => {
                    self.unfit(&format!("{name} stands there in another case alone, as {other:?}"))
                }
                None => self.unfit(&format!("it has no {name}")),
            }
        })
    }

    /// Whether a property is there and not null, in any case.
    pub fn has(&self, name: &str) -> bool {
        self.entries().any(|(other, part)| folds(name, other) && !part.value.is_null())
    }

    /// This, if it is an object.
    pub fn object(self) -> Result<Part<'a>, Unfit> {
        if self.value.is_object() { Ok(self) } else { Err(self.unfit("it is not an object")) }
    }

    /// The items of a property; none where it is absent.
    pub fn list<'b>(&'b self, name: &'b str) -> Result<Vec<Part<'b>>, Unfit> {
        let Some(list) = self.value.get(name).filter(|list| !list.is_null()) else { return Ok(Vec::new()) };
        let items = list.as_array().ok_or_else(|| {
            let place = Place::Property(&self.place, name).to_string();
            Unfit { place, reason: "it is not a list".to_owned() }
        })?;
        let part = |(at, value)| Part { value, place: Place::Item(&self.place, name, at) };
        Ok(items.iter().enumerate().map(part).collect())
    }

    /// The text that this is.
    pub fn text(&self) -> Result<&'a str, Unfit> {
        self.value.as_str().ok_or_else(|| self.unfit("it is not a text"))
    }

    /// The text of a property; `None` where it is absent or no text.
    pub fn get_text(&self, name: &str) -> Option<String> {
        self.get(name).and_then(|part| part.text().ok()).map(str::to_owned)
    }

    /// Where this stands: `layers[2].digest`; empty for the whole.
    pub(super) fn place(&self) -> String {
        self.place.to_string()
    }

    /// The items of this, if it is a list.
    pub(super) fn items<'b>(&'b self) -> impl Iterator<Item = Part<'b>> {
        let items = self.value.as_array().into_iter().flatten().enumerate();
        items.map(|(at, value)| Part { value, place: Place::At(&self.place, at) })
    }

    /// The entries of this with their names, if it is an object.
    pub(super) fn entries<'b>(&'b self) -> impl Iterator<Item = (&'a str, Part<'b>)> {
        let entries = self.value.as_object().into_iter().flatten();
        entries
            .map(|(name, value)| (name.as_str(), Part { value, place: Place::Property(&self.place, name) }))
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
    use crate::json::parse;

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

    #[test]
    fn what_is_no_object_is_not_an_empty_one() {
        for text in ["\"x\"", "7", "[]", "null"] {
            let value = parse(text.as_bytes()).unwrap();
            assert_eq!(Part::whole(&value).object().unwrap_err().reason, "it is not an object", "{text}");
        }
    }
}
