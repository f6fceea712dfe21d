//! What becomes of an entry by its type and name, beyond what the format says: what docker, containerd and umoci do not unpack,
//! and what other readers take otherwise.

use super::pax::shown;
use crate::layer::entry::{Entry, Kind, Whiteout, clean, climbs, whiteout};

/// Refuses names that cannot be unpacked, and notes those that other readers take otherwise.
pub(super) fn check(entry: &Entry, letter: u8, notes: &mut Vec<String>) -> Result<(), String> {
    let path = entry.path.as_str();
    if entry.is_sparse && path.contains('\0') {
        return Err(format!("the name {} has a zero in it", shown(path)));
    }
    if whiteout(path) == Some(Whiteout::Invalid) {
        return Err(format!(
            "{} is a whiteout without a name: it would remove what it stands in",
            shown(path)
        ));
    }
    if letter == b'0' && path.ends_with('/') {
        notes.push(
            "docker and containerd take it for a file, GNU tar takes it for a directory, for its slash"
                .to_owned(),
        );
    }
    // Nearly no path needs a closer look.
    if path.bytes().all(|byte| matches!(byte, b'.' | b'/')) || path.contains("..") {
        let clean = clean(path);
        if climbs(path) {
            notes.push(format!(
                "its name leads out of the root: docker refuses the layer, containerd and GNU tar take it for {}",
                shown(&clean)
            ));
        }
        if clean.is_empty() && entry.kind != Kind::Directory {
            return Err(format!("{} is the root, and a {}", shown(path), entry.kind.as_str()));
        }
    }
    Ok(())
}

/// An entry that has no bytes says that it has some.
pub(super) fn has_size(kind: Kind, size: i64) -> String {
    format!(
        "it is a {} of {size} bytes: docker and containerd read what follows as the next header, other readers skip it",
        kind.as_str()
    )
}

/// A type flag, to be read.
pub(super) fn letter(letter: u8) -> String {
    if letter.is_ascii_graphic() { char::from(letter).to_string() } else { format!("0x{letter:02x}") }
}

/// What others take an entry of such a type for.
pub(super) fn of_letter(letter: u8) -> &'static str {
    match letter {
        b'7' => "GNU tar takes it for a file",
        b'S' => "GNU tar takes it for a file with holes",
        b'D' => "GNU tar takes it for a directory",
        b'V' => "GNU tar takes it for the label of a volume",
        b'M' => "GNU tar takes it for the rest of a file that begins in another volume",
        b'X' => "GNU tar takes it for a pax header of the next entry",
        _ => "POSIX says that it is to be taken for a file",
    }
}
