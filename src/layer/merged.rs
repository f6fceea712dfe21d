//! The files of several layers on top of each other, as a container sees them, and what that cost.
//!
//! OCI image specification, `layer.md`, "Applying Changesets".

mod efficiency;
mod through;

use std::collections::HashMap;

use super::Dispute;
use super::code::{Brief, Index};
use super::entry::{Kind, Whiteout, parts, split, whiteout};
use efficiency::Efficiency;

pub use through::paths_through;

/// A file system, as layers make it.
#[derive(Debug)]
pub struct Merged {
    files: Vec<File>,
    /// Bytes of files that later layers replace or remove.
    pub wasted: u64,
    /// Of a thousand bytes in layers, how many must be there, as dive has it.
    pub efficiency: u64,
    /// By layer, the entries whose path goes through what is no directory.
    pub through: Vec<(usize, Dispute)>,
}

/// The place of a file in its [`Merged`]. The root is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub usize);

/// A file or a directory.
#[derive(Debug, Default)]
pub struct File {
    /// Its name in its directory.
    pub name: String,
    /// The directory; none for the root.
    pub parent: Option<FileId>,
    /// What is in it, by name.
    pub children: Vec<FileId>,
    /// Where its entry is; a directory may be there only because of what is in it.
    pub stored: Option<Stored>,
    /// What the last layer did to it.
    pub mark: Mark,
    /// How long it is, and all that is in it, in bytes.
    pub size: u64,
    /// How many files are in it, directories not counted.
    pub count: u64,
    /// Whether the last layer did something to it, or to anything in it.
    pub touched: bool,
    /// How many bytes of it earlier layers hold in vain.
    pub wasted: u64,
    is_directory: bool,
    is_there: bool,
}

/// Where an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// The layer, from 0.
    pub layer: usize,
    /// The entry in it, from 0.
    pub entry: usize,
}

/// What the last layer did to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mark {
    /// Nothing.
    #[default]
    Kept,
    /// It was not there before.
    Added,
    /// It was there before.
    Changed,
    /// It is not there any more.
    Removed,
}

impl Mark {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Mark::Kept => "kept",
            Mark::Added => "added",
            Mark::Changed => "changed",
            Mark::Removed => "removed",
        }
    }
}

impl Merged {
    /// Puts layers on top of each other, the lowest first. What the last one removes is kept, and marked.
    pub fn new(layers: &[Index]) -> Merged {
        let root = File { is_directory: true, is_there: true, ..File::default() };
        let mut merging = Merging { files: vec![root], ..Merging::default() };
        // Most entries have a name of their own.
        let most = layers.iter().map(|entries| entries.iter().len()).sum();
        merging.files.reserve(most);
        merging.names.reserve(most);
        merging.efficiency.reserve(most);
        let mut through = Vec::new();
        for (layer, entries) in layers.iter().enumerate() {
            merging.is_last = layer + 1 == layers.len();
            // They are about lower layers, wherever they stand.
            let mut whiteouts = Vec::new();
            let mut found: Vec<(usize, Stored)> = Vec::new();
            for (at, entry) in entries.iter().enumerate() {
                if let Some(whiteout) = whiteout(entry.path) {
                    found.extend(merging.over(entry.path).map(|over| (at, over)));
                    merging.hide(&whiteout);
                    whiteouts.push(at);
                }
            }
            let mut whiteouts = whiteouts.into_iter().peekable();
            for (at, entry) in entries.iter().enumerate() {
                if whiteouts.next_if_eq(&at).is_none() {
                    let over = merging.put(Stored { layer, entry: at }, entry);
                    found.extend(over.map(|over| (at, over)));
                }
            }
            for (at, over) in found.into_iter().take(through::MOST.saturating_sub(through.len())) {
                let Some(entry) = entries.get(at) else { continue };
                let other = layers.get(over.layer).and_then(|entries| entries.get(over.entry));
                through.push((layer, through::dispute(at, entry, layer, other, over.layer)));
            }
            merging.trail.clear();
            merging.efficiency.end_layer();
        }
        sum_up(&mut merging.files);
        let Merging { files, wasted, efficiency, .. } = merging;
        Merged { files, wasted, efficiency: efficiency.of_a_thousand(), through }
    }

    /// One file.
    pub fn get(&self, id: FileId) -> Option<&File> {
        self.files.get(id.0)
    }

    /// All that are there, or were just removed; directories before what is in them.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &File)> {
        let shown = |(_, file): &(usize, &File)| file.is_there || file.mark == Mark::Removed;
        self.files.iter().enumerate().filter(shown).map(|(at, file)| (FileId(at), file))
    }

    /// The file at a path.
    pub fn find(&self, path: &str) -> Option<FileId> {
        let child = |id: FileId, name: &&str| {
            let children = &self.get(id)?.children;
            let named = |id: &FileId| self.get(*id).map(|file| file.name.as_str()).cmp(&Some(*name));
            children.get(children.binary_search_by(named).ok()?).copied()
        };
        let id = parts(path).iter().try_fold(FileId(0), child)?;
        self.get(id).filter(|file| file.is_there).map(|_| id)
    }

    /// The path of a file, from the root, without a slash at the beginning.
    pub fn path(&self, id: FileId) -> String {
        let up = |id: &FileId| self.get(*id).and_then(|file| file.parent);
        let mut names: Vec<&str> = std::iter::successors(Some(id), up)
            .filter_map(|id| self.get(id))
            .map(|file| file.name.as_str())
            .filter(|name| !name.is_empty())
            .collect();
        names.reverse();
        names.join("/")
    }
}

/// Layers as they are put on top of each other. A name is held once for its directory, however deep that is: a path may
/// have thousands of them.
#[derive(Default)]
struct Merging<'e> {
    files: Vec<File>,
    names: HashMap<(FileId, &'e str), FileId>,
    /// The way to the last entry of this layer: that to the next is much the same.
    trail: Vec<Step<'e>>,
    /// The names on the way to the next.
    way: Vec<&'e str>,
    efficiency: Efficiency,
    wasted: u64,
    /// Whether this is the last layer.
    is_last: bool,
}

/// A name on the way to an entry.
struct Step<'e> {
    name: &'e str,
    id: FileId,
    /// The first on the way to here, and with it, that is no directory.
    over: Option<Stored>,
}

impl<'e> Merging<'e> {
    /// What is no directory on the way to what a whiteout removes.
    fn over(&self, path: &str) -> Option<Stored> {
        let mut id = FileId(0);
        for name in parts(path) {
            if let Some(over) = self.no_directory(id) {
                return Some(over);
            }
            id = *self.names.get(&(id, name))?;
        }
        None
    }

    /// Where the entry is of a file that is there and is no directory.
    fn no_directory(&self, id: FileId) -> Option<Stored> {
        let is_other = |file: &&File| file.is_there && !file.is_directory;
        self.files.get(id.0).filter(is_other).and_then(|file| file.stored)
    }

    /// What lower layers have at a path.
    fn find(&mut self, path: &str) -> Option<FileId> {
        let mut id = FileId(0);
        for name in parts(path) {
            self.efficiency.has_more(id);
            id = *self.names.get(&(id, name))?;
        }
        self.files.get(id.0).filter(|file| file.is_there).map(|_| id)
    }

    fn hide(&mut self, whiteout: &Whiteout) {
        match whiteout {
            Whiteout::Of(path) => {
                if let Some(id) = self.find(path) {
                    let is_directory = self.files.get(id.0).is_some_and(|file| file.is_named_directory());
                    let hidden = self.remove(id);
                    self.efficiency.note(id, if is_directory { hidden } else { 0 });
                }
            }
            Whiteout::Opaque(path) => {
                if let Some(id) = self.find(path) {
                    self.remove_all_in(id);
                }
            }
            Whiteout::Unused | Whiteout::Invalid => {}
        }
    }

    fn remove_all_in(&mut self, id: FileId) {
        let children = self.files.get(id.0).map(|file| file.children.clone());
        for child in children.unwrap_or_default() {
            self.remove(child);
        }
    }

    /// Takes a file away with all that is in it; returns how many bytes that were.
    fn remove(&mut self, id: FileId) -> u64 {
        let (mut pending, mut bytes) = (vec![id], 0_u64);
        while let Some(id) = pending.pop() {
            let Some(file) = self.files.get_mut(id.0).filter(|file| file.is_there) else { continue };
            (file.is_there, file.wasted) = (false, file.wasted.saturating_add(file.size));
            file.mark = if self.is_last { Mark::Removed } else { Mark::Kept };
            bytes = bytes.saturating_add(file.size);
            pending.extend(&file.children);
        }
        self.wasted = self.wasted.saturating_add(bytes);
        bytes
    }

    /// Puts an entry in its place; returns what is no directory on the way there.
    fn put(&mut self, stored: Stored, entry: Brief<'e>) -> Option<Stored> {
        let is_directory = entry.kind == Kind::Directory;
        let mut way = std::mem::take(&mut self.way);
        split(entry.path, &mut way);
        let id = self.make(&way);
        self.way = way;
        let size = if is_directory { 0 } else { entry.size };
        self.efficiency.put(id, size);
        // What was a directory and is none any more loses what was in it.
        if !is_directory {
            self.remove_all_in(id);
        }
        let file = self.files.get_mut(id.0)?;
        if file.is_there && file.stored.is_some() {
            self.wasted = self.wasted.saturating_add(file.size);
            file.wasted = file.wasted.saturating_add(file.size);
        }
        let is_first = id == FileId(0) && file.stored.is_none();
        let was_before = file.mark == Mark::Removed || (file.is_there && file.mark != Mark::Added);
        (file.stored, file.is_directory, file.is_there) = (Some(stored), is_directory, true);
        file.size = size;
        if self.is_last && !is_first {
            file.mark = if was_before { Mark::Changed } else { Mark::Added };
        }
        let above = self.trail.len().checked_sub(2).and_then(|above| self.trail.get(above)?.over);
        if let Some(last) = self.trail.last_mut() {
            last.over = above.or((!is_directory).then_some(stored));
        }
        above
    }

    /// The file at a path; where there is none, it is made, and the directories above it.
    fn make(&mut self, path: &[&'e str]) -> FileId {
        let shared = path.iter().zip(&self.trail).take_while(|(name, step)| **name == step.name).count();
        self.trail.truncate(shared);
        let (mut id, mut over) = self.trail.last().map_or((FileId(0), None), |step| (step.id, step.over));
        for name in path.iter().skip(shared) {
            self.efficiency.has_more(id);
            // Looked up once: of most names this is the first.
            let new = FileId(self.files.len());
            let child = *self.names.entry((id, *name)).or_insert(new);
            if child == new {
                self.add(id, name);
            }
            id = child;
            over = over.or_else(|| self.no_directory(id));
            self.trail.push(Step { name, id, over });
        }
        self.restore(id);
        id
    }

    /// Adds the next file, which has its name already.
    fn add(&mut self, parent: FileId, name: &str) {
        self.restore(parent);
        let id = FileId(self.files.len());
        let mark = if self.is_last { Mark::Added } else { Mark::Kept };
        self.files.push(File {
            name: name.to_owned(),
            parent: Some(parent),
            is_directory: true,
            // Whoever puts an entry here finds out whether it was there.
            is_there: true,
            mark,
            ..File::default()
        });
        if let Some(parent) = self.files.get_mut(parent.0) {
            parent.children.push(id);
        }
    }

    /// Brings back what was removed, and the directories above it, empty.
    fn restore(&mut self, id: FileId) {
        let mut next = Some(id);
        while let Some(file) = next.and_then(|id| self.files.get_mut(id.0)).filter(|file| !file.is_there) {
            (file.is_there, file.stored, file.size, file.is_directory) = (true, None, 0, true);
            file.mark = match (self.is_last, file.mark) {
                (false, _) => Mark::Kept,
                (true, Mark::Removed) => Mark::Changed,
                (true, _) => Mark::Added,
            };
            next = file.parent;
        }
    }
}

/// Puts what is in each directory in order, and sums up what they hold.
fn sum_up(files: &mut [File]) {
    let names: Vec<String> = files.iter_mut().map(|file| std::mem::take(&mut file.name)).collect();
    let shown: Vec<bool> = files.iter().map(|file| file.is_there || file.mark == Mark::Removed).collect();
    for file in &mut *files {
        file.children.retain(|child| shown.get(child.0).is_some_and(|shown| *shown));
        file.children.sort_by(|a, b| names.get(a.0).cmp(&names.get(b.0)));
    }
    for (file, name) in files.iter_mut().zip(names) {
        file.name = name;
    }
    // Directories stand before what is in them.
    for at in (1..files.len()).rev() {
        let Some(file) = files.get_mut(at) else { continue };
        let is_file = file.is_there && !file.is_directory;
        let (size, count) = (if file.is_there { file.size } else { 0 }, file.count + u64::from(is_file));
        file.touched |= file.mark != Mark::Kept;
        let (wasted, touched) = (file.wasted, file.touched);
        if let Some(parent) = file.parent.and_then(|parent| files.get_mut(parent.0)) {
            (parent.size, parent.count) = (parent.size.saturating_add(size), parent.count + count);
            (parent.wasted, parent.touched) =
                (parent.wasted.saturating_add(wasted), parent.touched || touched);
        }
    }
}

impl File {
    /// Whether it can hold others.
    pub fn is_directory(&self) -> bool {
        self.is_directory
    }

    /// Whether the container sees it.
    pub fn is_there(&self) -> bool {
        self.is_there
    }

    /// Whether a layer has an entry for it that says it is a directory.
    fn is_named_directory(&self) -> bool {
        self.is_directory && self.stored.is_some()
    }
}

#[cfg(test)]
mod tests;
