//! What says more of an entry than its header can: pax records, and GNU's long names.

use super::MAX_TEXT;
use super::header::{MAX_LENGTH, text};
use crate::layer::entry::Entry;

/// The most records that may be about all entries that follow: each of them has a copy.
const MAX_GLOBAL: usize = 100;

/// What is said of the next entry, and of all that follow.
#[derive(Debug, Default)]
pub(super) struct Pax {
    global: Vec<(String, String)>,
    local: Vec<(String, String)>,
    long_path: Option<String>,
    long_link: Option<String>,
}

impl Pax {
    /// Takes a text, by the letter of the header that announced it.
    pub(super) fn take(&mut self, letter: u8, bytes: &[u8]) -> Result<(), String> {
        match letter {
            b'L' => self.long_path = Some(text(bytes)),
            b'K' => self.long_link = Some(text(bytes)),
            b'g' => records(bytes)?.into_iter().try_for_each(|record| self.take_global(record))?,
            _ => self.local = records(bytes)?,
        }
        Ok(())
    }

    fn take_global(&mut self, (name, value): (String, String)) -> Result<(), String> {
        match self.global.iter_mut().find(|(other, _)| *other == name) {
            Some((_, earlier)) => *earlier = value,
            None => self.global.push((name, value)),
        }
        let bytes: usize = self.global.iter().map(|(name, value)| name.len() + value.len()).sum();
        if self.global.len() > MAX_GLOBAL || bytes as u64 > MAX_TEXT {
            let most = format!("{MAX_GLOBAL} records, and {MAX_TEXT} bytes, are the most that are read");
            return Err(format!("pax headers say too much of all that follows; {most}"));
        }
        Ok(())
    }

    /// How many bytes follow the next header, if that is said here.
    pub(super) fn size(&self) -> Result<Option<u64>, String> {
        self.length("size")
    }

    fn length(&self, name: &str) -> Result<Option<u64>, String> {
        match self.number(name)? {
            Some(length) if length > MAX_LENGTH => {
                Err(format!("{name} in a pax header is larger than any file: {length}"))
            }
            length => Ok(length),
        }
    }

    fn number(&self, name: &str) -> Result<Option<u64>, String> {
        let read = |value: &str| {
            value.parse().map_err(|error| format!("{name} in a pax header is no number: {value} ({error})"))
        };
        self.value(name).map(read).transpose()
    }

    fn value(&self, wanted: &str) -> Option<&str> {
        // Of two that say it, the later holds.
        let all = self.global.iter().chain(&self.local).rev();
        let value = all.into_iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        // An empty value takes back what was said.
        value.filter(|value| !value.is_empty())
    }

    /// Tells an entry what was said of it, and forgets it.
    pub(super) fn apply(&mut self, entry: &mut Entry) -> Result<(), String> {
        if let Some(path) = self.long_path.take() {
            entry.path = path;
        }
        if let Some(link) = self.long_link.take() {
            entry.link = link;
        }
        if self.global.is_empty() && self.local.is_empty() {
            return Ok(());
        }
        entry.uid = self.number("uid")?.unwrap_or(entry.uid);
        entry.gid = self.number("gid")?.unwrap_or(entry.gid);
        let is_sparse =
            self.global.iter().chain(&self.local).any(|(name, _)| name.starts_with("GNU.sparse."));
        if is_sparse {
            let real = self.length("GNU.sparse.realsize")?.or(self.length("GNU.sparse.size")?);
            (entry.is_sparse, entry.size) = (true, real.unwrap_or(entry.size));
        }
        let set = |name: &str, field: &mut String| {
            if let Some(value) = self.value(name) {
                *field = value.to_owned();
            }
        };
        set("path", &mut entry.path);
        set("GNU.sparse.name", &mut entry.path);
        set("linkpath", &mut entry.link);
        set("uname", &mut entry.user);
        set("gname", &mut entry.group);
        if let Some(time) = self.value("mtime") {
            let seconds = time.split('.').next().unwrap_or_default();
            entry.modified = seconds
                .parse()
                .map_err(|error| format!("mtime in a pax header is no time: {time} ({error})"))?;
        }
        const PLACED: [&str; 7] = ["path", "linkpath", "size", "uid", "gid", "uname", "gname"];
        let placed = |name: &str| PLACED.contains(&name) || matches!(name, "mtime" | "atime" | "ctime");
        let said = self.global.iter().chain(&self.local);
        entry.pax =
            said.filter(|(name, _)| !placed(name) && !name.starts_with("GNU.sparse.")).cloned().collect();
        self.local.clear();
        Ok(())
    }
}

/// Records: `LENGTH NAME=VALUE\n`, where the length is that of all of it.
fn records(mut bytes: &[u8]) -> Result<Vec<(String, String)>, String> {
    let mut records = Vec::new();
    // Some fill what is left with zeros.
    while bytes.first().is_some_and(|byte| *byte != 0) {
        let (record, rest) = record(bytes).ok_or("a pax header holds what is no record")?;
        records.push(record);
        bytes = rest;
    }
    Ok(records)
}

fn record(bytes: &[u8]) -> Option<((String, String), &[u8])> {
    let space = bytes.iter().take(20).position(|byte| *byte == b' ')?;
    let length: usize = std::str::from_utf8(bytes.get(..space)?).ok()?.parse().ok()?;
    let (record, rest) = bytes.split_at_checked(length)?;
    let (end, record) = record.get(space + 1..)?.split_last()?;
    let equals = record.iter().position(|byte| *byte == b'=')?;
    let (name, value) = (record.get(..equals)?, record.get(equals + 1..)?);
    // A zero in a name would end it elsewhere than here.
    let is_text = name.iter().chain(value).all(|byte| *byte != 0) || name.starts_with(b"SCHILY.xattr.");
    (*end == b'\n' && !name.is_empty() && is_text).then(|| ((text(name), escaped(value)), rest))
}

/// A value as text; an attribute's may be any bytes.
fn escaped(value: &[u8]) -> String {
    value.split(|byte| *byte == 0).map(text).collect::<Vec<_>>().join("\\x00")
}
