//! How much of what all layers hold must be there, as dive (<https://github.com/wagoodman/dive>) reckons it.
//!
//! Of each layer by itself, what has nothing in it counts: a file with its size, an empty directory with none, and a
//! whiteout under the path that it hides, with all that was in it if that was a directory, and with nothing if it was a
//! file. A path's bytes in all layers stand against the least that one of them has of it. So a file that is replaced counts
//! again, one that is removed was in vain, and a directory that is removed counts once more on both sides.
//!
//! One thing is otherwise here: what an opaque directory hides is gone, and dive takes it to be there still.

use super::FileId;

/// The count, by path.
#[derive(Default)]
pub(super) struct Efficiency {
    paths: Vec<Path>,
    /// How many layers have ended.
    layers: usize,
    /// What this layer has.
    held: Vec<FileId>,
}

#[derive(Clone, Copy)]
struct Path {
    /// What all layers have of it.
    all: u64,
    /// The least that one of them has; at first more than any can.
    least: u64,
    /// What this layer has of it: the last, if it has it twice.
    size: u64,
    /// After how many layers it was last in one.
    held: Option<usize>,
    /// After how many layers one last had something in it.
    has_more: Option<usize>,
}

impl Efficiency {
    /// Makes room for so many.
    pub(super) fn reserve(&mut self, paths: usize) {
        self.paths.reserve(paths);
        self.held.reserve(paths);
    }

    /// The layer has this.
    pub(super) fn put(&mut self, id: FileId, size: u64) {
        let now = Some(self.layers);
        let Some(path) = self.at(id) else { return };
        path.size = size;
        if std::mem::replace(&mut path.held, now) != now {
            self.held.push(id);
        }
    }

    /// The layer has something in this.
    pub(super) fn has_more(&mut self, id: FileId) {
        let now = Some(self.layers);
        if let Some(path) = self.at(id) {
            path.has_more = now;
        }
    }

    /// Counts what a layer has of a path.
    pub(super) fn note(&mut self, id: FileId, size: u64) {
        if let Some(path) = self.at(id) {
            (path.all, path.least) = (path.all.saturating_add(size), path.least.min(size));
        }
    }

    /// That was all of a layer.
    pub(super) fn end_layer(&mut self) {
        let now = Some(self.layers);
        for id in std::mem::take(&mut self.held) {
            let path = self.at(id).copied().filter(|path| path.has_more != now);
            if let Some(path) = path {
                self.note(id, path.size);
            }
        }
        self.layers += 1;
    }

    /// Of a thousand bytes, how many must be there.
    pub(super) fn of_a_thousand(&self) -> u64 {
        let sum = |of: fn(&Path) -> u64| self.paths.iter().map(|path| u128::from(of(path))).sum::<u128>();
        let (least, all) = (sum(|path| path.least.min(path.all)), sum(|path| path.all));
        (least * 1000).checked_div(all).map_or(1000, |part| part as u64)
    }

    fn at(&mut self, id: FileId) -> Option<&mut Path> {
        if id.0 >= self.paths.len() {
            const NONE: Path = Path { all: 0, least: u64::MAX, size: 0, held: None, has_more: None };
            self.paths.resize(id.0 + 1, NONE);
        }
        self.paths.get_mut(id.0)
    }
}
