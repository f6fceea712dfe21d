//! Paints what takes the space in a directory, as areas that can be gone into.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement};

use crate::browser::dom::{Painted, Root, place_at, set, set_part, set_text};
use crate::browser::list::List;
use crate::layer::FileId;
use crate::view::files::{Files, Tile, tiles};
use crate::view::words;

/// How many times wider than high the map is thought to be.
const WIDE: f64 = 2.0;

/// The map's elements.
pub(super) struct MapPart {
    path: List<(FileId, String)>,
    tiles: List<Tile>,
}

impl MapPart {
    pub(super) fn new(root: &Root) -> Result<MapPart, JsValue> {
        let path = List::new(root.by_id("map-path")?, |element, (id, name): &(FileId, String)| {
            set_text(element, name);
            set(element, "data-file", Some(&id.0.to_string()))
        })?;
        Ok(MapPart { path, tiles: List::new(root.by_id("map")?, fill)? })
    }

    /// Shows what is in a directory.
    pub(super) fn show(&mut self, files: &Files, directory: FileId) -> Painted {
        let above = |id: &FileId| files.merged().get(*id).and_then(|file| file.parent);
        let named = |id: FileId| {
            let name = files.merged().get(id).map(|file| file.name.as_str()).unwrap_or_default();
            (id, if name.is_empty() { "all files".to_owned() } else { words::visible(name, 60) })
        };
        let mut path: Vec<_> = std::iter::successors(Some(directory), above).map(named).collect();
        path.reverse();
        self.path.show(&path)?;
        self.tiles.show(&tiles(files, directory, WIDE))
    }
}

fn fill(element: &Element, tile: &Tile) -> Painted {
    let element: &HtmlElement = element.unchecked_ref();
    let percent = |thousandths: f64| format!("{}%", words::decimal(thousandths / 10.0, 2));
    for (side, value) in [("left", tile.x), ("top", tile.y), ("width", tile.width), ("height", tile.height)] {
        place_at(element, side, &percent(value))?;
    }
    let id = tile.id.map(|id| id.0.to_string());
    set(element, "data-file", id.as_deref())?;
    set(element, "disabled", id.is_none().then_some(""))?;
    set(element, "data-directory", tile.is_directory.then_some(""))?;
    let (name, size) = (words::visible(&tile.name, 120), words::bytes(tile.size));
    set(element, "title", Some(&format!("{name}, {size}")))?;
    // What is too small for words says them when it is pointed at, or read out.
    let is_large = tile.width * tile.height > 9000.0 && tile.width > 60.0;
    set_part(element, "name", if is_large { &name } else { "" })?;
    set_part(element, "size", if is_large { &size } else { "" })?;
    set(element, "aria-label", Some(&format!("{name}, {size}")))
}
