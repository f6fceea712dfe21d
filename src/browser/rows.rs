//! The rows of a list that may be long: each keeps its element, and of many only those in view are put into words and into
//! the document.

use std::ops::Range;

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement};

use super::dom::{Painted, Template, into_view, set};
use super::list::Fill;
use crate::view::window::{MANY, middle, window};

/// Where the style sheet says how high a row of many is, in pixels.
const HEIGHT: &str = "--row";

/// The lowest row that is reckoned with, in pixels: before the style sheet is there, none has a height.
const LOWEST: i32 = 20;

/// Puts a row into words, when it is to be drawn.
pub(super) type Make<'a, R, W> = &'a dyn Fn(&R) -> Option<W>;

/// The rows of one list: where each stands is an `R`, and what is filled into it a `W`.
pub(super) struct Rows<R, W> {
    host: HtmlElement,
    /// What scrolls, where there are many rows.
    panel: HtmlElement,
    template: Template,
    /// What stands for the rows before and after those that are drawn.
    gaps: (HtmlElement, HtmlElement),
    fill: Fill<W>,
    key: fn(&R) -> usize,
    rows: Vec<R>,
    /// By key, the rows that are in the document.
    drawn: Vec<Option<(W, HtmlElement)>>,
    /// Elements of rows that are not: the next rows get them.
    spare: Vec<HtmlElement>,
    /// The keys of those that are in the document, in their order.
    placed: Vec<usize>,
    /// The places of those that are drawn where they belong: all in the document, save one that only keeps the focus.
    range: Range<usize>,
    /// The row that Tab leads to while the one that it should lead to is out of view.
    stand_in: Option<HtmlElement>,
    /// How high a row is, in pixels; 0 before it is known.
    height: i32,
    /// How far the panel is scrolled and how much it shows, in pixels, as it was last asked. To ask has the page laid out,
    /// where it is not: that is done when it was scrolled, and not while it is painted.
    view: (i32, i32),
    /// Paper does not scroll.
    on_paper: bool,
}

impl<R, W: PartialEq> Rows<R, W> {
    /// The rows in `host`, which holds their template and an element with `data-gap` on either side of them. `key`
    /// tells one row from another.
    pub(super) fn new(
        host: HtmlElement,
        panel: HtmlElement,
        fill: Fill<W>,
        key: fn(&R) -> usize,
    ) -> Result<Rows<R, W>, JsValue> {
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
            spare: Vec::new(),
            placed: Vec::new(),
            range: 0..0,
            stand_in: None,
            height: 0,
            view: (0, 0),
            on_paper: false,
        })
    }

    /// What scrolls.
    pub(super) fn panel(&self) -> &HtmlElement {
        &self.panel
    }

    /// Draws the rows that were scrolled into view.
    pub(super) fn scrolled(&mut self, make: Make<'_, R, W>) -> Painted {
        self.view = (self.panel.scroll_top(), self.panel.client_height());
        // Who has only the letters enlarged has higher rows than the sheet says.
        let first = self.placed.first().and_then(|key| self.find(*key));
        self.height =
            first.map(|row| row.offset_height()).filter(|height| *height > 0).unwrap_or(self.height);
        self.draw(make)
    }

    /// Draws every row for paper, or again those in view.
    pub(super) fn print(&mut self, on_paper: bool, make: Make<'_, R, W>) -> Painted {
        self.on_paper = on_paper;
        self.draw(make)
    }

    /// The element that holds the rows.
    pub(super) fn host(&self) -> &HtmlElement {
        &self.host
    }

    /// The rows in their order, drawn or not.
    pub(super) fn rows(&self) -> &[R] {
        &self.rows
    }

    /// Takes every row away.
    pub(super) fn clear(&mut self) -> Painted {
        // To scroll has the page laid out: not where nothing can have been scrolled, and before the rows are gone.
        if !self.rows.is_empty() {
            self.panel.set_scroll_top(0);
        }
        self.view.0 = 0;
        self.show(Vec::new(), &|_| None)
    }

    /// Shows these rows in place of those before.
    pub(super) fn show(&mut self, rows: Vec<R>, make: Make<'_, R, W>) -> Painted {
        self.rows = rows;
        self.draw(make)
    }

    /// Draws what is in view.
    fn draw(&mut self, make: Make<'_, R, W>) -> Painted {
        let count = self.rows.len();
        let windowed = count > MANY && !self.on_paper;
        set(&self.panel, "data-windowed", windowed.then_some(""))?;
        if windowed && self.height == 0 {
            self.height = said_height(&self.host)?;
        }
        let (top, height) = self.view;
        let range = if windowed { window(count, top, height, self.height.max(LOWEST)) } else { 0..count };
        // A row that has the focus stays in the document, out of view as it is: else nothing would have the focus.
        let focused = self.host.query_selector(":scope > :focus-within")?;
        let kept = self.place_of(focused.as_ref()).filter(|place| windowed && !range.contains(place));
        let is_before = |place: &usize| *place < range.start;
        let (before, after) = (kept.filter(is_before), kept.filter(|place| !is_before(place)));
        set_gap(&self.gaps.0, range.start - usize::from(before.is_some()), self.height)?;
        set_gap(&self.gaps.1, count - range.end - usize::from(after.is_some()), self.height)?;
        let places = before.into_iter().chain(range.clone()).chain(after);
        let shown = places.filter_map(|place| self.rows.get(place));
        let shown: Vec<(usize, W)> = shown.filter_map(|row| Some(((self.key)(row), make(row)?))).collect();
        self.range = range;
        self.stand_in.take().map_or(Ok(()), |row| set(&row, "tabindex", Some("-1")))?;
        let keys: Vec<usize> = shown.iter().map(|(key, _)| *key).collect();
        self.release(&keys, focused.as_ref());
        shown.into_iter().try_for_each(|(key, row)| self.prepare(key, row))?;
        self.spare.truncate(MANY);
        self.place(keys)?;
        let first = self.rows.get(self.range.start).and_then(|row| self.find((self.key)(row)));
        self.stand_in = lead_in(&self.host, first)?;
        Ok(())
    }

    /// Brings a row into view. Its element comes back, to be focused when nothing is borrowed any more.
    pub(super) fn reveal(
        &mut self,
        key: usize,
        make: Make<'_, R, W>,
    ) -> Result<Option<HtmlElement>, JsValue> {
        let place = self.rows.iter().position(|row| (self.key)(row) == key);
        if let Some(place) = place.filter(|place| !self.range.contains(place)) {
            self.panel.set_scroll_top(middle(place, self.panel.client_height(), self.height));
            self.scrolled(make)?;
        }
        let element = self.find(key).cloned();
        element.iter().for_each(|element| into_view(element));
        Ok(element)
    }

    /// The place of the row that has this element.
    fn place_of(&self, element: Option<&Element>) -> Option<usize> {
        let element = element?;
        let has_it = |key: &&usize| self.find(**key).is_some_and(|row| **row == *element);
        let key = self.placed.iter().find(has_it)?;
        self.rows.iter().position(|row| (self.key)(row) == *key)
    }

    fn find(&self, key: usize) -> Option<&HtmlElement> {
        self.drawn.get(key)?.as_ref().map(|(_, element)| element)
    }

    /// Takes the elements of all rows but these out of the document, and spares them for others. Not the one with the focus:
    /// to the row that would get it, nobody went.
    fn release(&mut self, keys: &[usize], focused: Option<&Element>) {
        let mut stays = vec![false; self.drawn.len()];
        for key in keys {
            if let Some(stays) = stays.get_mut(*key) {
                *stays = true;
            }
        }
        for key in self.placed.iter().filter(|key| stays.get(**key) != Some(&true)) {
            let Some((_, element)) = self.drawn.get_mut(*key).and_then(Option::take) else { continue };
            element.remove();
            if focused != Some(&*element) {
                self.spare.push(element);
            }
        }
    }

    /// Puts the elements of these rows, of which each has one, into the document in this order.
    fn place(&mut self, keys: Vec<usize>) -> Painted {
        if self.placed == keys {
            return Ok(());
        }
        let elements: Vec<&HtmlElement> = keys.iter().filter_map(|key| self.find(*key)).collect();
        put_in_order(&self.host, &self.gaps.0, &elements)?;
        self.placed = keys;
        Ok(())
    }

    /// Makes the element of a row, or fills it anew if the row is another one than before.
    fn prepare(&mut self, key: usize, row: W) -> Painted {
        if self.drawn.len() <= key {
            self.drawn.resize_with(key + 1, || None);
        }
        match self.drawn.get_mut(key) {
            Some(Some((last, _))) if *last == row => Ok(()),
            Some(Some((last, element))) => {
                *last = row;
                (self.fill)(element, last)
            }
            Some(slot) => {
                let made = || self.template.make().map(Element::unchecked_into);
                let element: HtmlElement = self.spare.pop().map_or_else(made, Ok)?;
                (self.fill)(&element, &row)?;
                *slot = Some((row, element));
                Ok(())
            }
            None => Ok(()),
        }
    }
}

/// For rows that need no words beside themselves.
pub(super) fn as_it_is<R: Clone>(row: &R) -> Option<R> {
    Some(row.clone())
}

// What is the same for all kinds of rows is compiled once.

/// Stands for so many rows, each so many pixels high.
fn set_gap(element: &HtmlElement, rows: usize, height: i32) -> Painted {
    let pixels = i64::try_from(rows).unwrap_or_default() * i64::from(height);
    element.style().set_property("height", &format!("{pixels}px"))
}

/// Has these elements follow one in this order.
fn put_in_order(host: &Element, first: &Element, elements: &[&HtmlElement]) -> Painted {
    let focused = host.query_selector(":scope > :focus")?;
    let mut next = first.next_element_sibling();
    for element in elements {
        // What is in its place stays there, and keeps the focus.
        if next.as_ref().is_some_and(|next| *next == ***element) {
            next = element.next_element_sibling();
        } else {
            host.insert_before(element, next.as_deref())?;
        }
    }
    // A row that was moved has lost it.
    match focused.filter(|row| row.is_connected() && !row.matches(":focus").unwrap_or_default()) {
        Some(row) => row.unchecked_into::<HtmlElement>().focus(),
        None => Ok(()),
    }
}

/// How high the style sheet has a row of many.
fn said_height(host: &Element) -> Result<i32, JsValue> {
    let style = web_sys::window().map(|window| window.get_computed_style(host)).transpose()?.flatten();
    let said = style.map(|style| style.get_property_value(HEIGHT)).transpose()?.unwrap_or_default();
    Ok(said.trim().trim_end_matches("px").parse().unwrap_or_default())
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
