//! The rows of the tree and of the table: each keeps its element, and of many only those in view are in the document.

use std::ops::Range;

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement};

use super::dom::{Painted, Template, into_view, set};
use super::list::Fill;
use crate::view::window::{MANY, middle, window};

/// How high a row is thought to be before one was drawn, in pixels.
const GUESS: i32 = 57;

/// The rows of one list.
pub(super) struct Rows<R> {
    host: HtmlElement,
    /// What scrolls, where there are many rows.
    panel: HtmlElement,
    template: Template,
    /// What stands for the rows before and after those that are drawn.
    gaps: (HtmlElement, HtmlElement),
    fill: Fill<R>,
    key: fn(&R) -> usize,
    rows: Vec<R>,
    /// By key, every row that was drawn so far.
    drawn: Vec<Option<(R, HtmlElement)>>,
    /// The keys of those that are in the document, in their order.
    placed: Vec<usize>,
    /// The places of those that are drawn where they belong: all in the document, save one that only keeps the focus.
    range: Range<usize>,
    /// The row that Tab leads to while the one that it should lead to is out of view.
    stand_in: Option<HtmlElement>,
    height: i32,
    /// Paper does not scroll.
    on_paper: bool,
}

/// What a list of rows does, of whatever rows.
pub(super) trait Scrolling {
    /// What scrolls.
    fn panel(&self) -> &HtmlElement;
    /// Draws the rows that were scrolled into view.
    fn scrolled(&mut self) -> Painted;
    /// Draws every row for paper, or again those in view.
    fn print(&mut self, on_paper: bool) -> Painted;
}

impl<R: PartialEq + Clone> Scrolling for Rows<R> {
    fn panel(&self) -> &HtmlElement {
        &self.panel
    }

    fn scrolled(&mut self) -> Painted {
        self.draw()
    }

    fn print(&mut self, on_paper: bool) -> Painted {
        self.on_paper = on_paper;
        self.draw()
    }
}

impl<R: PartialEq + Clone> Rows<R> {
    /// The rows in `host`, which holds their template and an element with `data-gap` on either side of them. `key`
    /// tells one row from another.
    pub(super) fn new(
        host: HtmlElement,
        panel: HtmlElement,
        fill: Fill<R>,
        key: fn(&R) -> usize,
    ) -> Result<Rows<R>, JsValue> {
        let missing = || js_sys::Error::new("a list has no gaps");
        let gap = |side: &str| -> Result<HtmlElement, JsValue> {
            let found = host.query_selector(&format!("[data-gap={side}]"))?.ok_or_else(missing)?;
            Ok(found.unchecked_into())
        };
        Ok(Rows {
            template: Template::inside(&host)?,
            gaps: (gap("before")?, gap("after")?),
            host,
            panel,
            fill,
            key,
            rows: Vec::new(),
            drawn: Vec::new(),
            placed: Vec::new(),
            range: 0..0,
            stand_in: None,
            height: GUESS,
            on_paper: false,
        })
    }

    /// The element that holds the rows.
    pub(super) fn host(&self) -> &HtmlElement {
        &self.host
    }

    /// The rows in their order, drawn or not.
    pub(super) fn rows(&self) -> &[R] {
        &self.rows
    }

    /// Puts these rows into a copy of the list, in place of those that were copied with it.
    pub(super) fn copy_into(&self, host: &Element, rows: &[R]) -> Painted {
        Template::inside(host)?.clear_after()?;
        for row in rows {
            let element = self.template.make()?;
            (self.fill)(&element, row)?;
            host.append_child(&element)?;
        }
        Ok(())
    }

    /// Takes every row away.
    pub(super) fn clear(&mut self) -> Painted {
        // To scroll has the page laid out: not where nothing can have been scrolled, and before the rows are gone.
        if !self.rows.is_empty() {
            self.panel.set_scroll_top(0);
        }
        self.show(Vec::new())?;
        self.drawn.clear();
        Ok(())
    }

    /// Shows these rows in place of those before.
    pub(super) fn show(&mut self, rows: Vec<R>) -> Painted {
        self.rows = rows;
        self.draw()
    }

    /// Draws what is in view.
    fn draw(&mut self) -> Painted {
        let count = self.rows.len();
        let windowed = count > MANY && !self.on_paper;
        set(&self.panel, "data-windowed", windowed.then_some(""))?;
        // Whoever asks for a place or a height has the page laid out: only where it is needed.
        let range = if windowed {
            window(count, self.panel.scroll_top(), self.panel.client_height(), self.height)
        } else {
            0..count
        };
        // A row that has the focus stays in the document, out of view as it is: else nothing would have the focus.
        let kept = self.focused()?.filter(|_| windowed).filter(|place| !range.contains(place));
        let is_before = |place: &usize| *place < range.start;
        let gap = |element: &HtmlElement, rows: usize| {
            let pixels = i64::try_from(rows).unwrap_or_default() * i64::from(self.height);
            element.style().set_property("height", &format!("{pixels}px"))
        };
        let (before, after) = (kept.filter(is_before), kept.filter(|place| !is_before(place)));
        gap(&self.gaps.0, range.start - usize::from(before.is_some()))?;
        gap(&self.gaps.1, count - range.end - usize::from(after.is_some()))?;
        let places = before.into_iter().chain(range.clone()).chain(after);
        let shown: Vec<R> = places.filter_map(|place| self.rows.get(place).cloned()).collect();
        self.range = range;
        self.stand_in.take().map_or(Ok(()), |row| set(&row, "tabindex", Some("-1")))?;
        shown.iter().try_for_each(|row| self.prepare(row))?;
        self.place(shown.iter().map(self.key).collect())?;
        let first = self.rows.get(self.range.start).and_then(|row| self.find((self.key)(row)));
        self.stand_in = lead_in(&self.host, first)?;
        // A row's height is known once one is drawn; what was drawn by a guess is drawn again.
        let first = self.placed.first().filter(|_| windowed).and_then(|key| self.find(*key));
        let measured = first.map_or(0, |element| element.offset_height());
        if measured > 0 && measured != self.height {
            self.height = measured;
            return self.draw();
        }
        Ok(())
    }

    /// Brings a row into view. Its element comes back, to be focused when nothing is borrowed any more.
    pub(super) fn reveal(&mut self, key: usize) -> Result<Option<HtmlElement>, JsValue> {
        let place = self.rows.iter().position(|row| (self.key)(row) == key);
        if let Some(place) = place.filter(|place| !self.range.contains(place)) {
            self.panel.set_scroll_top(middle(place, self.panel.client_height(), self.height));
            self.draw()?;
        }
        let element = self.find(key).cloned();
        element.iter().for_each(|element| into_view(element));
        Ok(element)
    }

    /// The place of the row that has the focus, if one has.
    fn focused(&self) -> Result<Option<usize>, JsValue> {
        let key = focused(&self.host, &self.placed, &|key| self.find(key))?;
        Ok(key.and_then(|key| self.rows.iter().position(|row| (self.key)(row) == key)))
    }

    fn find(&self, key: usize) -> Option<&HtmlElement> {
        self.drawn.get(key)?.as_ref().map(|(_, element)| element)
    }

    /// Puts the elements of these rows into the document, in this order, and takes out those of others.
    fn place(&mut self, keys: Vec<usize>) -> Painted {
        if self.placed == keys {
            return Ok(());
        }
        let focused = self.host.query_selector(":scope > :focus")?;
        let mut stays = vec![false; self.drawn.len()];
        for key in &keys {
            if let Some(stays) = stays.get_mut(*key) {
                *stays = true;
            }
        }
        for key in self.placed.iter().filter(|key| stays.get(**key) != Some(&true)) {
            self.find(*key).into_iter().for_each(|element| element.remove());
        }
        let mut next = self.gaps.0.next_element_sibling();
        for element in keys.iter().filter_map(|key| self.find(*key)) {
            // What is in its place stays there, and keeps the focus.
            if next.as_ref() == Some(element) {
                next = element.next_element_sibling();
            } else {
                self.host.insert_before(element, next.as_deref())?;
            }
        }
        self.placed = keys;
        // A row that was moved has lost it.
        match focused.filter(|row| row.is_connected() && !row.matches(":focus").unwrap_or_default()) {
            Some(row) => row.unchecked_into::<HtmlElement>().focus(),
            None => Ok(()),
        }
    }

    /// Makes the element of a row, or fills it anew if the row is another one than before.
    fn prepare(&mut self, row: &R) -> Painted {
        let key = (self.key)(row);
        if self.drawn.len() <= key {
            self.drawn.resize_with(key + 1, || None);
        }
        match self.drawn.get_mut(key) {
            Some(Some((last, _))) if last == row => Ok(()),
            Some(Some((last, element))) => {
                *last = row.clone();
                (self.fill)(element, row)
            }
            Some(slot) => {
                let element: HtmlElement = self.template.make()?.unchecked_into();
                (self.fill)(&element, row)?;
                *slot = Some((row.clone(), element));
                Ok(())
            }
            None => Ok(()),
        }
    }
}

// What is the same for all kinds of rows is compiled once.

/// The key of the row that has the focus, among those that are in the document.
fn focused<'a>(
    host: &Element,
    placed: &[usize],
    find: &dyn Fn(usize) -> Option<&'a HtmlElement>,
) -> Result<Option<usize>, JsValue> {
    let Some(focused) = host.query_selector(":scope > :focus-within")? else { return Ok(None) };
    Ok(placed.iter().copied().find(|key| find(*key).is_some_and(|row| **row == focused)))
}

/// Has Tab lead to the first row that is drawn, where it would lead to none. The row comes back, if it is so.
fn lead_in(host: &Element, first: Option<&HtmlElement>) -> Result<Option<HtmlElement>, JsValue> {
    // The rows of some lists are none to go to: what is in them is.
    let first = first.filter(|row| row.has_attribute("tabindex"));
    let Some(row) =
        first.filter(|_| !matches!(host.query_selector(":scope > [tabindex=\"0\"]"), Ok(Some(_))))
    else {
        return Ok(None);
    };
    set(row, "tabindex", Some("0"))?;
    Ok(Some(row.clone()))
}
