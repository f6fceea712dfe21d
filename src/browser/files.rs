//! Paints the files of an unpacked image, and keeps what is open, searched for and looked at.

mod file;
mod map;
mod wiring;

use std::collections::BTreeSet;
use std::rc::Rc;

use wasm_bindgen::JsValue;
use web_sys::{Element, HtmlElement, HtmlInputElement, HtmlSelectElement};

use super::dom::{Painted, Root, aria, part, place_at, set, set_part, set_text, show};
use super::list::{List, refill};
use super::rows::Rows;
use crate::graph::NodeId;
use crate::layer::{FileId, Unpacked};
use crate::view::files::{self, FileRow, Files, Order, Place, Points, Which};
use crate::view::{Scene, Stage, words};

use file::FilePart;
use map::MapPart;
pub(super) use wiring::listen;

/// More entries than these are listed when they are asked for.
const MANY_ENTRIES: u64 = 20_000;

/// Paths that have something in common, and what that is.
type Named = (String, Vec<(FileId, String)>);

/// The panel's elements.
pub(super) struct FilesPanel {
    panel: Element,
    note: Element,
    ask: Element,
    open: Element,
    body: Element,
    of: HtmlSelectElement,
    choices: List<(String, String)>,
    search: HtmlInputElement,
    orders: [Element; 2],
    points: (Element, List<Named>),
    none: Element,
    rows: Rows<Place, Shown>,
    map: MapPart,
    file: FilePart,
    listed: Option<Listed>,
}

/// What is listed now.
struct Listed {
    manifest: NodeId,
    layers: Vec<Option<Rc<Unpacked>>>,
    which: Which,
    files: Option<Rc<Files>>,
    open: BTreeSet<usize>,
    order: Order,
    focus: Option<FileId>,
    /// The row that Tab leads to: the one that has the focus, or else the first.
    lead: Option<FileId>,
    chosen: Option<FileId>,
    directory: FileId,
}

/// A row with what it is filled from.
struct Shown {
    files: Rc<Files>,
    place: Place,
    focus: bool,
    chosen: bool,
}

impl PartialEq for Shown {
    fn eq(&self, other: &Shown) -> bool {
        let seen = |shown: &Shown| (shown.place, shown.focus, shown.chosen);
        Rc::ptr_eq(&self.files, &other.files) && seen(self) == seen(other)
    }
}

impl FilesPanel {
    /// The panel in the page.
    pub(super) fn new(root: &Root) -> Result<FilesPanel, JsValue> {
        let (tree, of): (HtmlElement, HtmlSelectElement) =
            (root.by_id("files-tree")?, root.by_id("files-of")?);
        let points: Element = root.by_id("files-points")?;
        Ok(FilesPanel {
            panel: root.by_id("files")?,
            note: root.by_id("files-note")?,
            ask: root.by_id("files-ask")?,
            open: root.by_id("files-open")?,
            body: root.by_id("files-body")?,
            choices: List::new(of.clone().into(), |element, (value, words): &(String, String)| {
                set(element, "value", Some(value))?;
                set_text(element, words);
                Ok(())
            })?,
            of,
            search: root.by_id("files-search")?,
            orders: [root.by_id("files-by-name")?, root.by_id("files-by-size")?],
            points: (points.clone(), List::new(points, fill_points)?),
            none: root.by_id("files-none")?,
            rows: Rows::new(tree.clone(), tree, fill, |place: &Place| place.id.0)?,
            map: MapPart::new(root)?,
            file: FilePart::new(root)?,
            listed: None,
        })
    }

    /// Draws what was scrolled into view.
    fn scrolled(&mut self) -> Painted {
        self.rows.scrolled(&shown(self.listed.as_ref()))
    }

    /// Draws every row for paper, or again those in view.
    pub(super) fn print(&mut self, on_paper: bool) -> Painted {
        self.rows.print(on_paper, &shown(self.listed.as_ref()))
    }

    /// Shows the files of what was unpacked, once a pull has ended.
    pub(super) fn show(&mut self, scene: &Scene<'_>) -> Painted {
        let found = files::layers(scene).filter(|_| scene.stage != Stage::Running);
        show(&self.panel, found.is_some())?;
        let Some((manifest, layers)) = found else {
            // To take away what is not there would have the page laid out at each paint of a pull.
            return self.listed.take().map_or(Ok(()), |_| self.rows.clear());
        };
        let same = |listed: &Listed| {
            let alike = |(a, b): (&Option<Rc<Unpacked>>, &Option<Rc<Unpacked>>)| match (a, b) {
                (Some(a), Some(b)) => Rc::ptr_eq(a, b),
                (a, b) => a.is_none() && b.is_none(),
            };
            listed.layers.len() == layers.len() && listed.layers.iter().zip(&layers).all(alike)
        };
        if self.listed.as_ref().is_some_and(same) {
            return Ok(());
        }
        let entries: u64 = layers.iter().flatten().map(|layer| layer.listing.count()).sum();
        let choices = std::iter::once(("image".to_owned(), "the whole image".to_owned()));
        let layer = |at: usize| ((at + 1).to_string(), format!("layer {}", at + 1));
        let choices: Vec<_> = choices.chain((0..layers.len()).map(layer)).collect();
        self.choices.show(&choices)?;
        self.of.set_value("image");
        self.search.set_value("");
        self.listed = Some(Listed {
            manifest,
            layers,
            which: Which::Image,
            files: None,
            open: BTreeSet::new(),
            order: Order::Name,
            focus: None,
            lead: None,
            chosen: None,
            directory: FileId(0),
        });
        let many = entries > MANY_ENTRIES;
        show(&self.ask, many)?;
        set_text(&self.open, &format!("List {} files", words::grouped(entries)));
        show(&self.body, false)?;
        set_text(&self.note, "");
        if many { self.rows.clear() } else { self.list(Which::Image) }
    }

    /// Lists the files of the image, or of one layer.
    fn list(&mut self, which: Which) -> Painted {
        let Some(listed) = self.listed.as_ref() else { return Ok(()) };
        let files = Rc::new(Files::new(&listed.layers, which));
        self.fill(which, files)
    }

    /// Shows these files.
    fn fill(&mut self, which: Which, files: Rc<Files>) -> Painted {
        let Some(listed) = self.listed.as_mut() else { return Ok(()) };
        (listed.which, listed.files) = (which, Some(Rc::clone(&files)));
        (listed.focus, listed.chosen, listed.directory) = (None, None, FileId(0));
        listed.open.clear();
        self.rows.clear()?;
        show(&self.ask, false)?;
        show(&self.body, true)?;
        set_text(&self.note, &files.summary());
        let points = if which == Which::Image { Points::of(&files) } else { Points::default() };
        let points = points.named();
        show(&self.points.0, !points.is_empty())?;
        self.points.1.show(&points)?;
        self.map.show(&files, FileId(0))?;
        self.file.show(&files, None)?;
        self.draw()
    }

    fn places(&self) -> Vec<Place> {
        let Some((listed, files)) = self.listed.as_ref().and_then(|l| Some((l, l.files.as_ref()?))) else {
            return Vec::new();
        };
        files.places(&listed.open, listed.order, self.search.value().trim())
    }

    /// Draws the rows as they are to be now.
    fn draw(&mut self) -> Painted {
        let places = self.places();
        let Some(listed) = self.listed.as_mut() else { return Ok(()) };
        for (button, order) in self.orders.iter().zip([Order::Name, Order::Size]) {
            set(button, "aria-pressed", aria(order == listed.order))?;
        }
        let seen = |focus: &FileId| places.iter().any(|place| place.id == *focus);
        listed.lead = listed.focus.filter(seen).or(places.first().map(|place| place.id));
        show(&self.none, places.is_empty())?;
        self.rows.show(places, &shown(self.listed.as_ref()))
    }

    /// Lists what another panel lists, with the same directories open: all of it, whatever is searched for.
    pub(super) fn follow(&mut self, other: &FilesPanel) -> Painted {
        let Some(Listed { which, files: Some(files), open, order, .. }) = &other.listed else {
            return Ok(());
        };
        self.fill(*which, Rc::clone(files))?;
        if let Some(listed) = self.listed.as_mut() {
            (listed.open, listed.order) = (open.clone(), *order);
        }
        self.draw()
    }

    /// Opens a directory, or closes it.
    fn fold(&mut self, id: FileId, open: bool) -> Painted {
        if let Some(listed) = self.listed.as_mut() {
            if open {
                listed.open.insert(id.0)
            } else {
                listed.open.remove(&id.0)
            };
            listed.focus = Some(id);
        }
        self.draw()
    }

    /// Shows what is to be known of a file, and opens the directories that lead to it.
    fn choose(&mut self, id: FileId) -> Result<Option<HtmlElement>, JsValue> {
        let Some(listed) = self.listed.as_mut() else { return Ok(None) };
        let Some(files) = listed.files.clone() else { return Ok(None) };
        (listed.focus, listed.chosen) = (Some(id), Some(id));
        let above = |id: &FileId| files.merged().get(*id).and_then(|file| file.parent);
        listed.open.extend(std::iter::successors(above(&id), above).map(|id| id.0));
        let is_directory = files.merged().get(id).is_some_and(|file| file.is_directory());
        let directory = if is_directory { Some(id) } else { above(&id) };
        listed.directory = directory.unwrap_or(FileId(0));
        let directory = listed.directory;
        self.draw()?;
        self.map.show(&files, directory)?;
        self.file.show(&files, Some(id))?;
        self.rows.reveal(id.0, &shown(self.listed.as_ref()))
    }

    /// Moves the focus to a row.
    fn focus(&mut self, id: FileId) -> Painted {
        if let Some(listed) = self.listed.as_mut() {
            listed.focus = Some(id);
        }
        self.draw()?;
        let row = self.rows.reveal(id.0, &shown(self.listed.as_ref()))?;
        row.map_or(Ok(()), |row| row.focus())
    }
}

/// What rows are filled from.
fn shown(listed: Option<&Listed>) -> impl Fn(&Place) -> Option<Shown> {
    move |place| {
        let Listed { files, lead, chosen, .. } = listed?;
        let (focus, chosen) = (*lead == Some(place.id), *chosen == Some(place.id));
        Some(Shown { files: Rc::clone(files.as_ref()?), place: *place, focus, chosen })
    }
}

fn fill(element: &Element, shown: &Shown) -> Painted {
    let Shown { files, place, focus, chosen } = shown;
    let Some(row) = files.row(place.id) else { return Ok(()) };
    let FileRow { name, target, mark, size, share, mode, owner, note } = row;
    set(element, "data-file", Some(&place.id.0.to_string()))?;
    set(element, "data-mark", Some(mark.as_str()))?;
    set(element, "tabindex", Some(if *focus { "0" } else { "-1" }))?;
    set(element, "aria-selected", aria(*chosen))?;
    set(element, "aria-level", Some(&place.level.to_string()))?;
    set(element, "aria-posinset", Some(&place.position.to_string()))?;
    set(element, "aria-setsize", Some(&place.siblings.to_string()))?;
    set(element, "aria-expanded", place.expanded.and_then(aria))?;
    place_at(wasm_bindgen::JsCast::unchecked_ref(element), "--depth", &(place.level - 1).to_string())?;
    let is_kept = mark == crate::layer::Mark::Kept;
    set_part(element, "mark", if is_kept { "" } else { mark.as_str() })?;
    for (name, text) in [
        ("name", &name),
        ("target", &target),
        ("size", &size),
        ("mode", &mode),
        ("owner", &owner),
        ("note", &note),
    ] {
        set_part(element, name, text)?;
    }
    set(&part(element, "bar")?, "width", Some(&format!("{share}%")))
}

fn fill_points(element: &Element, (name, list): &Named) -> Painted {
    set_part(element, "name", name)?;
    refill(&part(element, "list")?, list, |element, (id, path)| {
        set_text(element, &words::visible(path, 200));
        set(element, "data-file", Some(&id.0.to_string()))
    })
}
