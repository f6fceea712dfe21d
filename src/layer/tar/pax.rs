//! What says more of an entry than its header can: pax records, and GNU's long names. Read as Go's archive/tar does; where
//! others read something else, that is noted.

use std::collections::HashMap;

use super::header::text_of;
use super::numbers::{decimal, time};
use super::sparse::{self, Map};
use crate::layer::entry::Entry;
use crate::layer::text;

/// A record, by name and value.
type Record = (String, String);

/// Records with a place of their own in an entry.
const PLACED: [&str; 10] =
    ["path", "linkpath", "size", "uid", "gid", "uname", "gname", "mtime", "atime", "ctime"];

/// Names of sparse files begin so.
const SPARSE: &str = "GNU.sparse.";

/// What is said of the next entry.
#[derive(Debug, Default)]
pub(super) struct Pax {
    records: Vec<Record>,
    path: Option<String>,
    link: Option<String>,
    /// What other readers take the next entry for, in words.
    pub(super) notes: Vec<String>,
}

impl Pax {
    /// Takes a text, by the letter of the header that announced it. One that is said again takes the place of the one before,
    /// even where it says nothing.
    pub(super) fn take(&mut self, letter: u8, bytes: &[u8]) -> Result<(), String> {
        match letter {
            b'L' => self.path = self.long("name", bytes),
            b'K' => self.link = self.long("link", bytes),
            _ => {
                let records = records(bytes, &mut self.notes)?;
                if !self.records.is_empty() {
                    self.notes.push(
                        "two pax headers stand before it: docker and containerd take the last alone, bsdtar takes both"
                            .to_owned(),
                    );
                }
                self.records = records;
            }
        }
        Ok(())
    }

    /// A long name; an empty one is none.
    fn long(&mut self, what: &str, bytes: &[u8]) -> Option<String> {
        let long = text_of(bytes);
        if long.is_empty() {
            self.notes.push(format!(
                "an empty GNU long {what} stands before it: docker and containerd go by the others, GNU tar takes it to be empty"
            ));
        }
        Some(long).filter(|long| !long.is_empty())
    }

    /// Takes the records of a global header. Go says nothing of what they are about, and forgets what was said of the next
    /// entry. Returns what they say, for readers that heed them, and the path among it.
    pub(super) fn take_global(&mut self, bytes: &[u8]) -> Result<(String, Option<String>), String> {
        let records = records(bytes, &mut self.notes)?;
        let lost = [("name", self.path.take()), ("link", self.link.take())];
        for (what, value) in lost.into_iter().filter_map(|(what, value)| Some((what, value?))) {
            self.notes.push(format!(
                "a global header stands between it and its GNU long {what}: docker and containerd drop that, GNU tar takes {}",
                shown(&value)
            ));
        }
        if !self.records.is_empty() {
            let lost = said(&std::mem::take(&mut self.records));
            self.notes.push(format!(
                "a global header stands between it and its pax header: docker and containerd drop that, other readers take {lost}"
            ));
        }
        let heeded: Vec<Record> = records
            .into_iter()
            .filter(|(name, _)| PLACED.contains(&name.as_str()) || name.starts_with(SPARSE))
            .collect();
        let path = heeded.iter().rev().find(|(name, _)| name == "path").map(|(_, path)| path.clone());
        Ok((said(&heeded), path.filter(|path| !path.is_empty())))
    }

    fn value(&self, wanted: &str) -> Option<&str> {
        // Of two that say it, the later holds. An empty value says nothing.
        let value = self.records.iter().rev().find(|(name, _)| name == wanted);
        value.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The number in a record.
    fn number(&self, name: &str) -> Result<Option<i64>, String> {
        self.read(name, decimal)
    }

    fn read(&self, name: &str, read: fn(&str) -> Option<i64>) -> Result<Option<i64>, String> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let wrong = || format!("{name} in a pax header is no number: {}", shown(value));
        read(value).map(Some).ok_or_else(wrong)
    }

    /// Tells an entry, and how many bytes follow it, what was said of them. What is said here of a sparse file counts once its
    /// place is known: see [`Pax::sparse`].
    pub(super) fn apply(&mut self, entry: &mut Entry, size: &mut i64) -> Result<(), String> {
        if !self.records.is_empty() {
            entry.uid = self.number("uid")?.unwrap_or(entry.uid);
            entry.gid = self.number("gid")?.unwrap_or(entry.gid);
            *size = self.number("size")?.unwrap_or(*size);
            entry.modified = self.read("mtime", time)?.unwrap_or(entry.modified);
            self.read("atime", time)?;
            self.read("ctime", time)?;
            let set = |name: &str, field: &mut String| {
                if let Some(value) = self.value(name) {
                    *field = value.to_owned();
                }
            };
            set("path", &mut entry.path);
            set("linkpath", &mut entry.link);
            set("uname", &mut entry.user);
            set("gname", &mut entry.group);
            let notes = self.in_gnu_tar();
            self.notes.extend(notes);
        }
        for (long, name) in [(&self.path, "path"), (&self.link, "linkpath")] {
            let Some((long, other)) = long.as_deref().zip(self.value(name)) else { continue };
            if long != other {
                let note = format!(
                    "a GNU long name and a pax {name} stand before it: docker and containerd take {}, GNU tar takes {}",
                    shown(long),
                    shown(other)
                );
                self.notes.push(note);
            }
        }
        if let Some(path) = self.path.take() {
            entry.path = path;
        }
        if let Some(link) = self.link.take() {
            entry.link = link;
        }
        Ok(())
    }

    /// What GNU tar makes of records that Go passes over, or reads where GNU tar does not.
    fn in_gnu_tar(&self) -> Vec<String> {
        let mut notes = Vec::new();
        for (name, what) in [("path", "name"), ("linkpath", "link")] {
            let last = self.records.iter().rev().find(|(other, _)| other == name);
            if last.is_some_and(|(_, value)| value.is_empty()) {
                notes.push(format!(
                    "{name} in its pax header is empty: docker and containerd go by the {what} in its own header, GNU tar takes an empty one"
                ));
            }
        }
        if let Some(size) = self.value("size").filter(|size| size.starts_with(['+', '-'])) {
            notes.push(format!(
                "size in its pax header has a sign, {size}: docker and containerd take it, GNU tar goes by its own header"
            ));
        }
        let real = |name: &str| self.value(name).and_then(decimal);
        if let Some((here, other)) =
            real("GNU.sparse.size").zip(real("GNU.sparse.realsize")).filter(|(a, b)| a != b)
        {
            notes.push(format!(
                "it has two lengths as a sparse file: docker and containerd take {here}, GNU tar the later one, which may be {other}"
            ));
        }
        notes
    }

    /// Whether something here names the entry.
    pub(super) fn has_path(&self) -> bool {
        self.path.is_some() || self.value("path").is_some()
    }

    /// The map of a sparse file, if the records say that it is one; they may give it another name, and say how long it is
    /// without its holes left out.
    pub(super) fn sparse(&mut self, entry: &mut Entry, size: &mut i64) -> Result<Option<Map>, String> {
        if !self.records.iter().any(|(name, _)| name.starts_with(SPARSE)) {
            return Ok(None);
        }
        let version = (self.value("GNU.sparse.major"), self.value("GNU.sparse.minor"));
        let in_header = match version {
            (Some("0"), Some("0" | "1")) => true,
            (Some("1"), Some("0")) => false,
            (None, None) if self.value("GNU.sparse.map").is_some() => true,
            _ => {
                let said = said(self.records.iter().filter(|(name, _)| name.starts_with(SPARSE)));
                self.notes.push(format!(
                    "it has records of a sparse file, and no version of them that is known: docker and containerd pass them \
                     over, GNU tar takes {said}"
                ));
                return Ok(None);
            }
        };
        if let Some(name) = self.value("GNU.sparse.name") {
            entry.path = name.to_owned();
        }
        let real =
            ["GNU.sparse.size", "GNU.sparse.realsize"].into_iter().find(|name| self.value(name).is_some());
        if let Some(real) = real {
            *size = self.number(real)?.unwrap_or(*size);
        }
        match in_header {
            true => {
                let count = self.value("GNU.sparse.numblocks").unwrap_or_default();
                sparse::in_header(count, self.value("GNU.sparse.map").unwrap_or_default()).map(Some)
            }
            false => Ok(Some(Map::default())),
        }
    }

    /// Gives an entry the records that have no place of their own, each name once, and is empty again.
    pub(super) fn rest(&mut self, entry: &mut Entry) {
        if self.records.is_empty() {
            return;
        }
        let mut records = std::mem::take(&mut self.records);
        records.retain(|(name, _)| !PLACED.contains(&name.as_str()) && !name.starts_with(SPARSE));
        if records.len() > 1 {
            // The last of each counts.
            let named = |(at, (name, _)): (usize, &Record)| (name.clone(), at);
            let last: HashMap<String, usize> = records.iter().enumerate().map(named).collect();
            let mut at = 0..records.len();
            records.retain(|(name, _)| at.next().as_ref() == last.get(name));
        }
        entry.pax = records;
    }
}

/// Records: `LENGTH NAME=VALUE\n`, where the length is that of all of it. The places of a sparse file's parts, of which each
/// has a record of its own, become one map.
fn records(mut bytes: &[u8], notes: &mut Vec<String>) -> Result<Vec<Record>, String> {
    let (mut records, mut places) = (Vec::new(), Vec::new());
    while !bytes.is_empty() {
        if bytes.first() == Some(&b'+') && notes.is_empty() {
            notes.push(
                "a record in its pax header has a length with a sign: docker and containerd take it, GNU tar drops it"
                    .to_owned(),
            );
        }
        let ((name, value), rest) = record(bytes).ok_or("a pax header holds what is no record")?;
        bytes = rest;
        match name.as_str() {
            "GNU.sparse.offset" | "GNU.sparse.numbytes" => {
                let is_offset = name == "GNU.sparse.offset";
                if is_offset != places.len().is_multiple_of(2) || value.contains(',') {
                    return Err("a pax header has the parts of a sparse file in no order".to_owned());
                }
                places.push(value);
            }
            _ => records.push((name, value)),
        }
    }
    if !places.is_empty() {
        records.push(("GNU.sparse.map".to_owned(), places.join(",")));
    }
    Ok(records)
}

fn record(bytes: &[u8]) -> Option<(Record, &[u8])> {
    let space = bytes.iter().position(|byte| *byte == b' ')?;
    let length = decimal(std::str::from_utf8(bytes.get(..space)?).ok()?).filter(|length| *length >= 5)?;
    let (record, rest) = bytes.split_at_checked(usize::try_from(length).ok()?)?;
    let (end, record) = record.get(space + 1..)?.split_last()?;
    let equals = record.iter().position(|byte| *byte == b'=')?;
    let (name, value) = (record.get(..equals)?, record.get(equals + 1..)?);
    // A zero in a name would end it elsewhere than here.
    let is_name = matches!(name, b"path" | b"linkpath" | b"uname" | b"gname");
    let is_text = !(if is_name { value } else { name }).contains(&0);
    (*end == b'\n' && !name.is_empty() && is_text).then(|| ((text::held(name), text::held(value)), rest))
}

/// Records in words, for a note.
fn said<'r>(records: impl IntoIterator<Item = &'r Record>) -> String {
    let said = records.into_iter().map(|(name, value)| format!("{}={}", shown(name), shown(value)));
    said.take(10).collect::<Vec<_>>().join(", ")
}

/// A value for a note.
pub(super) fn shown(value: &str) -> String {
    if value.is_empty() { "an empty one".to_owned() } else { text::cut(value) }
}
