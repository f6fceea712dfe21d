//! A writer of small ustar archives: the same entries always give the same bytes.
//!
//! Everything belongs to 0:0 and was modified at [`MTIME`]. Names have at most 100 bytes, and there are no extensions.
//! Deliberately not checked: a path may come twice, for the tests that must find that out.

/// The modification time of every entry, in seconds since 1970: 2024-01-01T00:00:00Z.
pub const MTIME: u64 = 1_704_067_200;

/// One entry of an archive.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The path in the archive, without a leading slash; a directory's ends with a slash.
    pub path: String,
    /// What it is.
    pub kind: Kind,
}

/// What an entry is.
#[derive(Debug, Clone)]
pub enum Kind {
    /// A directory with mode 755.
    Directory,
    /// A file with mode 644 and this content.
    File(Vec<u8>),
    /// A symbolic link to this path.
    Symlink(String),
}

impl Entry {
    /// A directory; the slash at its end is added.
    pub fn directory(path: &str) -> Entry {
        Entry { path: format!("{}/", path.trim_end_matches('/')), kind: Kind::Directory }
    }

    /// A file.
    pub fn file(path: &str, content: impl Into<Vec<u8>>) -> Entry {
        Entry { path: path.to_owned(), kind: Kind::File(content.into()) }
    }

    /// A symbolic link.
    pub fn symlink(path: &str, target: &str) -> Entry {
        Entry { path: path.to_owned(), kind: Kind::Symlink(target.to_owned()) }
    }

    /// The whiteout that removes `name` from the directory `parent` of the layers below (image specification, layer.md).
    pub fn whiteout(parent: &str, name: &str) -> Entry {
        Entry::file(&format!("{}/.wh.{name}", parent.trim_end_matches('/')), "")
    }
}

/// The archive, with the two empty blocks that end it.
pub fn archive(entries: &[Entry]) -> Vec<u8> {
    let mut archive = Vec::new();
    for entry in entries {
        let content: &[u8] = if let Kind::File(content) = &entry.kind { content } else { &[] };
        archive.extend(header(entry, content.len()));
        archive.extend(content);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive.resize(archive.len() + 1024, 0);
    archive
}

/// The block in front of an entry's content, which has so many bytes.
pub fn header(entry: &Entry, size: usize) -> Vec<u8> {
    let (mode, flag, target) = match &entry.kind {
        Kind::Directory => (0o755, "5", ""),
        Kind::File(_) => (0o644, "0", ""),
        Kind::Symlink(target) => (0o777, "2", target.as_str()),
    };
    let block = |checksum: &str| {
        let mut block = Vec::with_capacity(512);
        // Field by field, each with its width (POSIX, pax, "ustar Interchange Format").
        for (text, width) in [
            (entry.path.as_str(), 100),
            (&format!("{mode:07o}"), 8),
            ("0000000", 8),
            ("0000000", 8),
            (&format!("{size:011o}"), 12),
            (&format!("{MTIME:011o}"), 12),
            (checksum, 8),
            (flag, 1),
            (target, 100),
            ("ustar\x0000", 8),
            ("", 247),
        ] {
            let end = block.len() + width;
            block.extend(text.bytes().take(width));
            block.resize(end, 0);
        }
        block
    };
    // The sum is taken with its own field as spaces.
    let sum: u32 = block("        ").iter().map(|byte| u32::from(*byte)).sum();
    block(&format!("{sum:06o}\0 "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::capture;
    use crate::scratch::Scratch;
    use std::process::Command;

    #[test]
    fn tar_reads_what_is_written_here() {
        let scratch = Scratch::new("tar").unwrap();
        let file = scratch.path().join("layer.tar");
        let entries = [
            Entry::directory("etc"),
            Entry::file("etc/motd", "hello\n"),
            Entry::symlink("etc/link", "motd"),
            Entry::whiteout("etc", "old"),
        ];
        std::fs::write(&file, archive(&entries)).unwrap();
        let tar =
            |args: &[&str]| capture(Command::new("tar").args(args).arg(&file).env("TZ", "UTC")).unwrap();
        let list = tar(&["--numeric-owner", "-tvf"]);
        let words: Vec<Vec<&str>> = list.lines().map(|line| line.split_whitespace().collect()).collect();
        let [etc, motd, link, whiteout] = words.as_slice() else { panic!("{list}") };
        assert_eq!((etc.first(), etc.last()), (Some(&"drwxr-xr-x"), Some(&"etc/")));
        assert_eq!((motd.first(), motd.last()), (Some(&"-rw-r--r--"), Some(&"etc/motd")));
        assert!(link.ends_with(&["etc/link", "->", "motd"]), "{list}");
        assert_eq!(whiteout.last(), Some(&"etc/.wh.old"));
    }

    #[test]
    fn ends_on_a_block() {
        assert_eq!(archive(&[]).len(), 1024);
        assert_eq!(archive(&[Entry::file("a", [1; 512])]).len(), 512 + 512 + 1024);
        assert_eq!(archive(&[Entry::file("a", [1; 513])]).len(), 512 + 1024 + 1024);
    }
}
