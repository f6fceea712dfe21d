//! The way down to a file's entries, `log.entries`. They are read one by one: all of them at once would fill the memory with
//! what is let go again.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::json::Name;
use super::{Recorded, read};

/// What was read of a file.
#[derive(Default)]
pub(super) struct File {
    /// Those of its entries that count, in order.
    pub(super) entries: Vec<Recorded>,
    /// How much memory they take, in bytes.
    held: usize,
    /// Whether that is more than there may be.
    pub(super) is_over: bool,
    /// What the file has not, or not of the right kind, if it is of another shape.
    pub(super) missing: &'static str,
}

/// The most memory that the entries of a recording may take, in bytes: a tab has few times as much.
pub(super) const MOST_HELD: usize = 384 << 20;

/// What an entry takes beside its texts and its body. It takes less, and time.
const ENTRY: usize = 4096;

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
        let Some(((_, place), way)) = self.way.split_first() else { return self.of_another_kind() };
        self.file.missing = place;
        let mut is_there = false;
        let known = self.way.split_at_checked(1).map_or(self.way, |(known, _)| known);
        while let Some(found) = properties.next_key_seed(Name(known))? {
            if found.is_some() {
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
        (self.file.entries, self.file.held) = Default::default();
        while let Some(value) = items.next_element_seed(&read::SHAPE)? {
            let Some(entry) = read::entry(&value) else { continue };
            self.file.held += entry.weight();
            self.file.is_over = self.file.held > MOST_HELD;
            if self.file.is_over {
                return self.of_another_kind();
            }
            self.file.entries.push(entry);
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

impl Recorded {
    /// How much memory it takes, about.
    fn weight(&self) -> usize {
        let headers = self.headers.iter().map(|(name, value)| name.len() + value.len() + 64).sum::<usize>();
        let body = self.body.as_ref().map_or(0, |body| body.as_ref().map_or(0, Vec::len));
        ENTRY + self.url.as_str().len() + headers + body
    }
}
