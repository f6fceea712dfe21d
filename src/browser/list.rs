//! A list of elements that follows a list of rows: what did not change is left alone, with its focus and scroll.

use wasm_bindgen::JsValue;
use web_sys::Element;

use super::dom::{Painted, Template, add_text};

/// Fills one element from one row.
pub(super) type Fill<R> = fn(&Element, &R) -> Painted;

/// The elements of one list.
pub(super) struct List<R> {
    host: Element,
    template: Template,
    fill: Fill<R>,
    shown: Vec<(R, Element)>,
}

impl<R: PartialEq + Clone> List<R> {
    /// A list that is empty so far. The host holds the template of its rows.
    pub(super) fn new(host: Element, fill: Fill<R>) -> Result<List<R>, JsValue> {
        let template = Template::inside(&host)?;
        Ok(List { host, template, fill, shown: Vec::new() })
    }

    /// Shows these rows: those that are new are added, those that are too many removed.
    pub(super) fn show(&mut self, rows: &[R]) -> Painted {
        for (_, element) in self.shown.drain(rows.len().min(self.shown.len())..) {
            element.remove();
        }
        for (at, row) in rows.iter().enumerate() {
            match self.shown.get_mut(at) {
                Some((last, _)) if last == row => {}
                Some((last, element)) => {
                    (self.fill)(element, row)?;
                    *last = row.clone();
                }
                None => {
                    let element = self.template.make()?;
                    (self.fill)(&element, row)?;
                    self.host.append_child(&element)?;
                    self.shown.push((row.clone(), element));
                }
            }
        }
        Ok(())
    }

    /// The elements with their rows.
    pub(super) fn iter(&self) -> impl Iterator<Item = &(R, Element)> {
        self.shown.iter()
    }
}

/// Puts a fresh copy of the host's template after it for each row, in place of the rows that were there.
pub(super) fn refill<R>(
    host: &Element,
    rows: impl IntoIterator<Item = R>,
    fill: impl Fn(&Element, R) -> Painted,
) -> Painted {
    let template = Template::inside(host)?;
    template.clear_after()?;
    for row in rows {
        let element = template.make()?;
        fill(&element, row)?;
        host.append_child(&element)?;
    }
    Ok(())
}

/// A piece of running text.
pub(super) enum Piece<'a, R> {
    /// Words.
    Text(&'a str),
    /// Something that is made from the host's template.
    Marked(R),
}

/// Puts running text into `host`, in place of the text that was there.
pub(super) fn rewrite<'a, R>(
    host: &Element,
    pieces: impl IntoIterator<Item = Piece<'a, R>>,
    fill: impl Fn(&Element, R) -> Painted,
) -> Painted {
    let template = Template::inside(host)?;
    template.clear_after()?;
    for piece in pieces {
        match piece {
            Piece::Text(text) => add_text(host, text)?,
            Piece::Marked(row) => {
                let element = template.make()?;
                fill(&element, row)?;
                host.append_child(&element)?;
            }
        }
    }
    Ok(())
}
