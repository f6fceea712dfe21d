//! The way down to a file's entries, `log.entries`. They are read one by one: all of them at once would fill the memory with
//! what is let go again.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::json::Json;
use super::{HarError, Recorded, read};

/// What was read of a file.
#[derive(Default)]
pub(super) struct File {
    /// Those of its entries that count, in order.
    pub(super) entries: Vec<Recorded>,
    /// The first thing that is wrong with one.
    pub(super) fault: Option<HarError>,
    /// What the file has not, or not of the right kind, if it is of another shape.
    pub(super) missing: &'static str,
}

/// The objects that lead to the entries, each named with its place in the file.
const WAY: &[(&str, &str)] = &[("log", "log"), ("entries", "log.entries")];

impl File {
    /// Reads all of it. What is JSON, but of another shape, is an error in the data.
    pub(super) fn read<'de, D: Deserializer<'de>>(&mut self, file: D) -> Result<(), D::Error> {
        self.missing = WAY.first().map_or("", |(_, place)| place);
        Descent { file: self, way: WAY }.deserialize(file)
    }
}

/// Reads what is at the end of a way.
struct Descent<'f> {
    file: &'f mut File,
    way: &'static [(&'static str, &'static str)],
}

impl<'de> DeserializeSeed<'de> for Descent<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        // Whatever it is: what the library says of a wrong kind has kilobytes of code to write numbers with.
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Descent<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a HAR file")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut properties: A) -> Result<(), A::Error> {
        let Some(((name, place), way)) = self.way.split_first() else { return self.of_another_kind() };
        self.file.missing = place;
        let mut is_there = false;
        while let Some(key) = properties.next_key::<Json<'_>>()? {
            if key.as_str() == Some(*name) {
                is_there = true;
                properties.next_value_seed(Descent { file: &mut *self.file, way })?;
            } else {
                properties.next_value::<IgnoredAny>()?;
            }
        }
        if is_there { Ok(()) } else { self.of_another_kind() }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        if !self.way.is_empty() {
            return self.of_another_kind();
        }
        // A name may stand twice: the last one counts.
        (self.file.entries, self.file.fault) = Default::default();
        let mut number = 0;
        while let Some(value) = items.next_element::<Json<'_>>()? {
            number += 1;
            match read::entry(number, &value) {
                Ok(entry) => self.file.entries.extend(entry),
                Err(fault) => drop(self.file.fault.get_or_insert(fault)),
            }
        }
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.of_another_kind()
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.of_another_kind()
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.of_another_kind()
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.of_another_kind()
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.of_another_kind()
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        self.of_another_kind()
    }
}

impl Descent<'_> {
    fn of_another_kind<E: Error>(self) -> Result<(), E> {
        Err(E::custom(self.file.missing))
    }
}
