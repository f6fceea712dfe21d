//! The files of an unpacked image: of one layer with what it did to those below, or of all layers as a container sees them.

mod keys;
mod points;
mod treemap;

use std::collections::BTreeSet;
use std::rc::Rc;

use super::history::layers_of;
use super::{Scene, words};
use crate::calendar::moment;
use crate::graph::{Graph, Kind, NodeId};
use crate::layer::{
    Brief, Entry, File, FileId, Index, Kind as EntryKind, Mark, Merged, Stored, Unpacked, clean,
};

pub use keys::{FileStep, step};
pub use points::Points;
pub use treemap::{Tile, tiles};

/// The layers of the image that was unpacked, base first; those that were not are `None`.
pub fn layers(scene: &Scene<'_>) -> Option<(NodeId, Vec<Option<Rc<Unpacked>>>)> {
    let images = scene.graph.iter().filter(|(_, node)| node.kind == Kind::Manifest && node.wanted);
    let of = |graph: &Graph, manifest: NodeId| -> Vec<Option<Rc<Unpacked>>> {
        let layers = layers_of(graph, manifest);
        layers.iter().map(|layer| graph.get(*layer)?.unpacked.clone()).collect()
    };
    let mut found = images.map(|(id, _)| (id, of(scene.graph, id)));
    found.find(|(_, layers)| layers.iter().any(Option::is_some))
}

/// What is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Which {
    /// All layers, as a container sees them.
    #[default]
    Image,
    /// What one layer did, counted from 0.
    Layer(usize),
}

/// How the files of a directory are put in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// By name.
    #[default]
    Name,
    /// The largest first.
    Size,
}

/// Hard links are followed so often.
const MOST_LINKS: usize = 8;

/// The files of some layers.
pub struct Files {
    layers: Vec<Option<Rc<Unpacked>>>,
    /// Of each layer.
    indexes: Vec<Index>,
    merged: Merged,
    which: Which,
    /// Layers whose files are not known, counted from 0.
    missing: Vec<usize>,
}

/// A row: a file, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub id: FileId,
    /// How deep, from 1.
    pub level: usize,
    /// For a directory with something in it, whether that is shown.
    pub expanded: Option<bool>,
    /// Its place among its siblings, from 1.
    pub position: usize,
    /// How many siblings there are, with itself.
    pub siblings: usize,
}

/// What a row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRow {
    /// The name, with what does not show made visible.
    pub name: String,
    /// Where a link points to.
    pub target: String,
    /// What the layer did to it.
    pub mark: Mark,
    /// The size, of a directory with all that is in it.
    pub size: String,
    /// The part of its directory's size, in hundredths: the width of a bar.
    pub share: u64,
    /// The mode as `ls` writes it.
    pub mode: String,
    /// Owner and group.
    pub owner: String,
    /// How many files are below, or which layer it is from.
    pub note: String,
}

impl Files {
    /// The files of an image's layers, of which some may be missing.
    pub fn new(layers: &[Option<Rc<Unpacked>>], which: Which) -> Files {
        let last = match which {
            Which::Image => layers.len(),
            Which::Layer(layer) => (layer + 1).min(layers.len()),
        };
        let shown = layers.get(..last).unwrap_or_default();
        let index = |layer: &Option<Rc<Unpacked>>| layer.as_ref().map(|layer| Index::new(&layer.listing));
        let indexes: Vec<Index> = shown.iter().map(|layer| index(layer).unwrap_or_default()).collect();
        let missing =
            shown.iter().enumerate().filter(|(_, layer)| layer.is_none()).map(|(at, _)| at).collect();
        let merged = Merged::new(&indexes);
        Files { layers: shown.to_vec(), indexes, merged, which, missing }
    }

    /// The file system that the layers make.
    pub fn merged(&self) -> &Merged {
        &self.merged
    }

    /// The entry of a file, and the layer that it is in, counted from 0.
    pub fn entry(&self, id: FileId) -> Option<(usize, Entry)> {
        let stored = self.merged.get(id)?.stored?;
        Some((stored.layer, self.read(stored)?))
    }

    /// The same, as far as it takes to put it in its place.
    pub fn brief(&self, id: FileId) -> Option<Brief<'_>> {
        let stored = self.merged.get(id)?.stored?;
        self.indexes.get(stored.layer)?.get(stored.entry)
    }

    /// What readers of tars do not agree on about a file.
    pub fn disputes(&self, id: FileId) -> impl Iterator<Item = &str> {
        let stored = self.merged.get(id).and_then(|file| file.stored);
        let told = stored.into_iter().flat_map(|Stored { layer, entry }| {
            let own = self.layers.get(layer).and_then(Option::as_ref).map(|layer| layer.disputes.as_slice());
            let through =
                self.merged.through.iter().filter(move |(of, _)| *of == layer).map(|(_, dispute)| dispute);
            let all = own.unwrap_or_default().iter().chain(through);
            all.filter(move |dispute| dispute.entries.contains(&(entry as u64)))
        });
        told.map(|dispute| dispute.message.as_str())
    }

    fn read(&self, stored: Stored) -> Option<Entry> {
        let layer = self.layers.get(stored.layer)?.as_ref()?;
        self.indexes.get(stored.layer)?.entry(&layer.listing, stored.entry)
    }

    /// The entry that holds a file's bytes, and the layer that it is in: a hard link's are under another name. Otherwise, why
    /// there are none to be seen; in no words, where that goes without saying.
    pub fn content(&self, id: FileId) -> Result<(usize, Entry), &'static str> {
        let mut stored = self.merged.get(id).and_then(|file| file.stored).ok_or("")?;
        let mut entry = self.read(stored).ok_or("")?;
        // What a hard link leads to may be one as well.
        for _ in 0..MOST_LINKS {
            if entry.kind == EntryKind::HardLink {
                let linked =
                    self.linked(stored, &entry.link).and_then(|linked| Some((linked, self.read(linked)?)));
                (stored, entry) = linked.ok_or("No layer here has the file that this is another name of.")?;
            }
        }
        match entry.kind {
            EntryKind::File if entry.stored > 0 => Ok((stored.layer, entry)),
            EntryKind::File => Err("It is empty."),
            _ => Err(""),
        }
    }

    /// What a hard link leads to: in its own layer, or else in the next one below that has it.
    fn linked(&self, link: Stored, target: &str) -> Option<Stored> {
        let target = clean(target);
        let name = target.rsplit('/').next().unwrap_or_default();
        let fits = |path: &str| path.contains(name) && clean(path) == target;
        let within = |layer: usize| {
            let entries = self.indexes.get(layer)?.iter().enumerate().rev();
            let mut places = entries.map(|(entry, brief)| (Stored { layer, entry }, brief));
            places.find(|(place, brief)| *place != link && fits(brief.path)).map(|(place, _)| place)
        };
        (0..=link.layer).rev().find_map(within)
    }

    /// Whether a file belongs into the list: of one layer, only what it touched.
    fn belongs(&self, file: &File) -> bool {
        match self.which {
            Which::Image => file.is_there(),
            Which::Layer(_) => file.mark != Mark::Kept || file.touched,
        }
    }

    /// The rows: what is in the root, and in those directories that are open. With something searched for, every file whose
    /// name has it, and the directories above.
    pub fn places(&self, open: &BTreeSet<usize>, order: Order, search: &str) -> Vec<Place> {
        let wanted = (!search.is_empty()).then(|| self.found(search));
        let mut places = Vec::new();
        self.walk(
            FileId(0),
            1,
            &mut places,
            &|id, file: &File| {
                self.belongs(file) && wanted.as_ref().is_none_or(|wanted| wanted.contains(&id.0))
            },
            &|id| wanted.is_some() || open.contains(&id.0),
            order,
        );
        places
    }

    fn walk(
        &self,
        directory: FileId,
        level: usize,
        places: &mut Vec<Place>,
        fits: &dyn Fn(FileId, &File) -> bool,
        is_open: &dyn Fn(FileId) -> bool,
        order: Order,
    ) {
        let children = self.merged.get(directory).map(|file| file.children.as_slice()).unwrap_or_default();
        let mut shown: Vec<FileId> = children
            .iter()
            .copied()
            .filter(|id| self.merged.get(*id).is_some_and(|file| fits(*id, file)))
            .collect();
        if order == Order::Size {
            let size = |id: &FileId| self.merged.get(*id).map_or(0, |file| file.size);
            shown.sort_by_key(|id| std::cmp::Reverse(size(id)));
        }
        for (at, id) in shown.iter().enumerate() {
            let Some(file) = self.merged.get(*id) else { continue };
            let has_more = file.children.iter().any(|id| self.merged.get(*id).is_some_and(|f| fits(*id, f)));
            let expanded = has_more.then(|| is_open(*id));
            places.push(Place { id: *id, level, expanded, position: at + 1, siblings: shown.len() });
            // Paths are not deeper than they are long, and a page's stack has room for a few hundred.
            if expanded == Some(true) && level < 200 {
                self.walk(*id, level + 1, places, fits, is_open, order);
            }
        }
    }

    /// The files whose name has a text in it, whatever its case, and the directories above them.
    fn found(&self, search: &str) -> BTreeSet<usize> {
        let search = search.to_ascii_lowercase();
        let mut found = BTreeSet::new();
        for (id, file) in self.merged.iter() {
            let fits = self.belongs(file) && file.name.to_ascii_lowercase().contains(&search);
            let mut next = fits.then_some(id);
            while let Some(id) = next.filter(|id| found.insert(id.0)) {
                next = self.merged.get(id).and_then(|file| file.parent);
            }
        }
        found
    }

    /// What a row says.
    pub fn row(&self, id: FileId) -> Option<FileRow> {
        let file = self.merged.get(id)?;
        let entry = self.entry(id);
        let within = file.parent.and_then(|parent| self.merged.get(parent)).map_or(0, |parent| parent.size);
        let mut note = match (file.is_directory(), &entry) {
            (true, _) if file.count > 0 => words::count(file.count as usize, "file"),
            (false, Some((layer, _))) if self.which == Which::Image => format!("layer {}", layer + 1),
            _ => String::new(),
        };
        if self.disputes(id).next().is_some() {
            note += if note.is_empty() { "readers disagree" } else { ", readers disagree" };
        }
        let owner = |entry: &Entry| {
            let named = |name: &str, number: i64| match name {
                "" => number.to_string(),
                name => words::visible(name, 32),
            };
            format!("{} {}", named(&entry.user, entry.uid), named(&entry.group, entry.gid))
        };
        let entry = entry.as_ref().map(|(_, entry)| entry);
        let target = entry.map(|entry| entry.link.as_str()).filter(|link| !link.is_empty());
        Some(FileRow {
            name: words::visible(&file.name, 200),
            target: target.map(|link| words::visible(link, 200)).unwrap_or_default(),
            mark: file.mark,
            size: words::bytes(file.size),
            share: (file.size.saturating_mul(100)).checked_div(within).unwrap_or_default(),
            mode: entry.map(Entry::mode_text).unwrap_or_default(),
            owner: entry.map(owner).unwrap_or_default(),
            note,
        })
    }

    /// All of it in a sentence or two.
    pub fn summary(&self) -> String {
        let Some(root) = self.merged.get(FileId(0)) else { return String::new() };
        let files = |count: u64| words::count(count as usize, "file");
        let mut summary = match self.which {
            Which::Image => {
                let efficiency = words::decimal(self.merged.efficiency as f64 / 10.0, 1);
                let wasted = match self.merged.wasted {
                    0 => "no byte is replaced or removed by a later layer".to_owned(),
                    wasted => format!("{} replaced or removed by later layers", words::bytes(wasted)),
                };
                format!(
                    "{}, {}; {wasted}; efficiency {efficiency}%.",
                    files(root.count),
                    words::bytes(root.size)
                )
            }
            Which::Layer(_) => {
                let marked =
                    |mark| self.merged.iter().filter(|(_, f)| f.mark == mark && !f.is_directory()).count();
                let [added, changed, removed] = [Mark::Added, Mark::Changed, Mark::Removed].map(marked);
                format!("{} added, {changed} changed, {removed} removed.", files(added as u64))
            }
        };
        let mut missing: Vec<String> = self.missing.iter().map(|at| (at + 1).to_string()).collect();
        if let Some(last) = missing.pop() {
            let list = if missing.is_empty() { last } else { format!("{} and {last}", missing.join(", ")) };
            summary += &format!(" What layer {list} did is not known: its files are not listed.");
        }
        summary
    }
}

/// A tar may say any number; what no calendar has is shown as its limit.
fn within(seconds: i64) -> i64 {
    const LIMIT: i64 = 253_402_300_799;
    if seconds > LIMIT {
        return LIMIT;
    }
    if seconds < -LIMIT { -LIMIT } else { seconds }
}

/// What is known of a file, by name.
pub fn file_facts(files: &Files, id: FileId) -> Vec<(&'static str, String)> {
    let (Some(file), entry) = (files.merged().get(id), files.entry(id)) else { return Vec::new() };
    let mut facts = Vec::new();
    let Some((layer, entry)) = entry else {
        facts.push(("kind", "directory that no layer names, only what is in it".to_owned()));
        return facts;
    };
    let kind = entry.kind.as_str();
    let target = if entry.link.is_empty() {
        String::new()
    } else {
        format!(" to {}", words::visible(&entry.link, 500))
    };
    facts.push(("kind", format!("{kind}{target}")));
    facts.push(("layer", format!("{}", layer + 1)));
    if !file.is_directory() {
        let sparse = if entry.is_sparse { ", with holes" } else { "" };
        facts.push(("size", format!("{} bytes{sparse}", words::grouped(entry.size))));
    }
    facts.push(("mode", format!("{} ({:04o})", entry.mode_text(), entry.mode)));
    let who = |number: i64, name: &str| match name {
        "" => number.to_string(),
        name => format!("{number} ({})", words::visible(name, 60)),
    };
    facts.push(("owner", who(entry.uid, &entry.user)));
    facts.push(("group", who(entry.gid, &entry.group)));
    facts.push(("changed", moment(within(entry.modified))));
    if matches!(entry.kind, EntryKind::Character | EntryKind::Block) {
        facts.push(("device", format!("{}, {}", entry.device.0, entry.device.1)));
    }
    if file.wasted > 0 {
        facts.push(("in vain", format!("{} in earlier layers", words::bytes(file.wasted))));
    }
    facts.extend(files.disputes(id).take(20).map(|told| ("readers disagree", words::visible(told, 1000))));
    let said = entry.pax.iter().take(20);
    facts.extend(said.map(|(name, value)| ("attribute", words::visible(&format!("{name}={value}"), 300))));
    facts
}

#[cfg(test)]
mod tests;
