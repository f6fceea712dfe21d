//! What keys do in the tree of files (ARIA Authoring Practices, "Tree View").

use super::Place;
use crate::layer::FileId;

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileStep {
    /// Go to another row.
    To(FileId),
    /// Open a directory, or close it.
    Fold(FileId, bool),
    /// Show what is to be known of a file.
    Choose(FileId),
}

/// A key while `at` has the focus. `None`: the key means nothing here.
pub fn step(places: &[Place], at: FileId, key: &str) -> Option<FileStep> {
    let here = places.iter().position(|place| place.id == at)?;
    let place = places.get(here)?;
    let to = |place: Option<&Place>| place.map(|place| FileStep::To(place.id));
    match key {
        "ArrowDown" => to(places.get(here + 1)),
        "ArrowUp" => to(here.checked_sub(1).and_then(|above| places.get(above))),
        "Home" => to(places.first()),
        "End" => to(places.last()),
        "ArrowRight" => match place.expanded {
            Some(false) => Some(FileStep::Fold(at, true)),
            Some(true) => to(places.get(here + 1)),
            None => None,
        },
        "ArrowLeft" => match place.expanded {
            Some(true) => Some(FileStep::Fold(at, false)),
            _ => to(places.get(..here)?.iter().rev().find(|above| above.level < place.level)),
        },
        "Enter" | " " => Some(match place.expanded {
            Some(open) => FileStep::Fold(at, !open),
            None => FileStep::Choose(at),
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_through_the_tree() {
        let place = |id, level, expanded| Place { id: FileId(id), level, expanded, position: 1, siblings: 1 };
        let places =
            [place(1, 1, Some(true)), place(2, 2, None), place(3, 2, Some(false)), place(4, 1, None)];
        let to = |id| Some(FileStep::To(FileId(id)));
        let fold = |id, open| Some(FileStep::Fold(FileId(id), open));
        for (at, key, expected) in [
            (1, "ArrowDown", to(2)),
            (1, "ArrowUp", None),
            (4, "ArrowUp", to(3)),
            (2, "Home", to(1)),
            (2, "End", to(4)),
            (1, "ArrowRight", to(2)),
            (3, "ArrowRight", fold(3, true)),
            (2, "ArrowRight", None),
            (1, "ArrowLeft", fold(1, false)),
            (3, "ArrowLeft", to(1)),
            (4, "ArrowLeft", None),
            (3, "Enter", fold(3, true)),
            (2, " ", Some(FileStep::Choose(FileId(2)))),
            (2, "x", None),
            (9, "End", None),
        ] {
            assert_eq!(step(&places, FileId(at), key), expected, "{at} {key}");
        }
    }
}
