//! One entry of a tar, and what its name says beyond a name.

/// One entry of a layer's tar.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entry {
    /// As written; bytes that are no UTF-8 stand as characters for private use, see [`bytes_of`](super::bytes_of).
    pub path: String,
    /// What it is.
    pub kind: Kind,
    /// The permission bits, with setuid, setgid and sticky.
    pub mode: u32,
    /// The owner's number.
    pub uid: i64,
    /// The group's number.
    pub gid: i64,
    /// The owner's name, if there is one.
    pub user: String,
    /// The group's name, if there is one.
    pub group: String,
    /// How long the file is, in bytes.
    pub size: u64,
    /// How many bytes of it the tar has: fewer, where it is sparse.
    pub stored: u64,
    /// Where these are in the tar, in bytes from its beginning.
    pub at: u64,
    /// When it was changed, in seconds since 1970.
    pub modified: i64,
    /// Where a link points to, as written.
    pub link: String,
    /// A device's two numbers.
    pub device: (u32, u32),
    /// Whether holes are left out of what is stored.
    pub is_sparse: bool,
    /// What a pax header says that has no place above, `SCHILY.xattr.` for one.
    pub pax: Vec<(String, String)>,
}

/// What an entry is, POSIX `ustar` and GNU tar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Kind {
    /// A regular file.
    #[default]
    File,
    /// Another name of a file.
    HardLink,
    /// A symbolic link.
    Symlink,
    /// A character device.
    Character,
    /// A block device.
    Block,
    /// A directory.
    Directory,
    /// A named pipe.
    Fifo,
}

impl Kind {
    /// By the letter in a header; `None` for what is not unpacked.
    pub(crate) fn of(letter: u8) -> Option<Kind> {
        Some(match letter {
            0 | b'0' => Kind::File,
            b'1' => Kind::HardLink,
            b'2' => Kind::Symlink,
            b'3' => Kind::Character,
            b'4' => Kind::Block,
            b'5' => Kind::Directory,
            b'6' => Kind::Fifo,
            _ => return None,
        })
    }

    /// The letter in a header.
    pub(crate) fn letter(self) -> u8 {
        match self {
            Kind::File => b'0',
            Kind::HardLink => b'1',
            Kind::Symlink => b'2',
            Kind::Character => b'3',
            Kind::Block => b'4',
            Kind::Directory => b'5',
            Kind::Fifo => b'6',
        }
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::File => "file",
            Kind::HardLink => "hard link",
            Kind::Symlink => "symbolic link",
            Kind::Character => "character device",
            Kind::Block => "block device",
            Kind::Directory => "directory",
            Kind::Fifo => "named pipe",
        }
    }
}

/// What an entry takes away from the layers below. OCI image specification, `layer.md`, "Whiteouts".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Whiteout {
    /// The file or directory of this path.
    Of(String),
    /// Everything that lower layers have in the directory of this path.
    Opaque(String),
    /// Nothing: it is one of the files that AUFS had for itself, which nobody unpacks.
    Unused,
    /// It has no name, and what it would remove is the directory that it is in, or one above.
    Invalid,
}

impl Entry {
    /// The path from the root, without `.`, `..`, or slashes at either end; empty for the root itself.
    pub fn clean_path(&self) -> String {
        clean(&self.path)
    }

    /// The mode as `ls` writes it: `drwxr-xr-x`.
    pub fn mode_text(&self) -> String {
        let kind = match self.kind {
            Kind::File | Kind::HardLink => '-',
            Kind::Symlink => 'l',
            Kind::Character => 'c',
            Kind::Block => 'b',
            Kind::Directory => 'd',
            Kind::Fifo => 'p',
        };
        let mut text = String::from(kind);
        for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
            let bits = self.mode >> shift;
            text.push(if bits & 4 != 0 { 'r' } else { '-' });
            text.push(if bits & 2 != 0 { 'w' } else { '-' });
            text.push(match (self.mode & special != 0, bits & 1 != 0) {
                (false, false) => '-',
                (false, true) => 'x',
                (true, true) => letter,
                (true, false) => letter.to_ascii_uppercase(),
            });
        }
        text
    }
}

/// What an entry of this path takes away, if that is what it is for.
pub(super) fn whiteout(path: &str) -> Option<Whiteout> {
    // Nearly no path has it: those are not taken apart.
    if !names(path).any(|name| name.starts_with(".wh.")) {
        return None;
    }
    let path = clean(path);
    if path.starts_with(".wh..wh.") && path != ".wh..wh..opq" {
        return Some(Whiteout::Unused);
    }
    let (directory, name) = path.rsplit_once('/').unwrap_or(("", &path));
    let hidden = name.strip_prefix(".wh.")?;
    match hidden {
        ".wh..opq" => return Some(Whiteout::Opaque(directory.to_owned())),
        "" | "." | ".." => return Some(Whiteout::Invalid),
        _ => {}
    }
    let of = if directory.is_empty() { hidden.to_owned() } else { format!("{directory}/{hidden}") };
    Some(Whiteout::Of(of))
}

/// A path from the root, without `.`, `..`, or slashes at either end. What climbs out stays at the root.
pub fn clean(path: &str) -> String {
    parts(path).join("/")
}

/// Whether a path leads out of the directory that it begins in. One that begins at the root cannot.
#[cfg(any(feature = "worker", not(target_arch = "wasm32")))]
pub(super) fn climbs(path: &str) -> bool {
    let mut depth = 0_i64;
    let lowest = names(path).map(|name| {
        depth += match name {
            "" | "." => 0,
            ".." => -1,
            _ => 1,
        };
        depth
    });
    !path.starts_with('/') && lowest.min().is_some_and(|lowest| lowest < 0)
}

/// The names on the way from the root, without `.` and `..`.
pub(crate) fn parts(path: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    split(path, &mut parts);
    parts
}

/// The same into a list that is there.
pub(crate) fn split<'p>(path: &'p str, parts: &mut Vec<&'p str>) {
    parts.clear();
    for part in names(path) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
}

/// What stands between the slashes of a path. By bytes, for this is asked of every entry.
fn names(path: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(path);
    std::iter::from_fn(move || {
        let path = rest?;
        let end = path.bytes().position(|byte| byte == b'/').unwrap_or(path.len());
        rest = path.get(end + 1..);
        path.get(..end)
    })
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    fn named(path: &str) -> Entry {
        Entry { path: path.to_owned(), ..Entry::default() }
    }

    #[test]
    fn paths_are_cleaned() {
        for (path, clean) in [
            ("./", ""),
            ("./a/b", "a/b"),
            ("/a//b/", "a/b"),
            ("a/../../b", "b"),
            ("../../etc/passwd", "etc/passwd"),
            ("..a/.b", "..a/.b"),
        ] {
            assert_eq!(named(path).clean_path(), clean, "{path}");
        }
    }

    #[test]
    fn whiteouts_say_what_they_hide() {
        let of = |path: &str| Some(Whiteout::Of(path.to_owned()));
        for (path, hidden) in [
            ("a/.wh.b", of("a/b")),
            ("./.wh.b", of("b")),
            ("a/.wh..wh..opq", Some(Whiteout::Opaque("a".into()))),
            (".wh..wh..opq", Some(Whiteout::Opaque(String::new()))),
            ("a.wh.b", None),
            (".wh.a/b", None),
            (".wh.", Some(Whiteout::Invalid)),
            ("./.wh./", Some(Whiteout::Invalid)),
            ("a/.wh.", Some(Whiteout::Invalid)),
            ("a/.wh..", Some(Whiteout::Invalid)),
            ("a/.wh...", Some(Whiteout::Invalid)),
            ("a/.wh....", of("a/...")),
            (".wh..wh.plnk", Some(Whiteout::Unused)),
            (".wh..wh.plnk/7.1", Some(Whiteout::Unused)),
            ("a/.wh..wh.plnk", of("a/.wh.plnk")),
        ] {
            assert_eq!(whiteout(path), hidden, "{path}");
        }
    }

    #[test]
    fn a_path_that_leads_out_of_the_root_is_told() {
        for (path, out) in [
            ("../a", true),
            ("a/../../b", true),
            ("a/../b", false),
            ("/../a", false),
            ("..a", false),
            ("./..", true),
        ] {
            assert_eq!(climbs(path), out, "{path}");
        }
    }

    #[test]
    fn modes_are_written_as_ls_does() {
        let entry = |kind, mode| Entry { kind, mode, ..Entry::default() };
        for (kind, mode, text) in [
            (Kind::File, 0o644, "-rw-r--r--"),
            (Kind::Directory, 0o1777, "drwxrwxrwt"),
            (Kind::File, 0o4755, "-rwsr-xr-x"),
            (Kind::File, 0o6644, "-rwSr-Sr--"),
            (Kind::Symlink, 0o777, "lrwxrwxrwx"),
        ] {
            assert_eq!(entry(kind, mode).mode_text(), text);
        }
    }
}
