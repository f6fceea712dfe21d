//! Paints the table of requests with its timeline.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement};

use super::dom::{Painted, Root, aria, into_view, part, set, set_badge, set_part, set_text, show};
use super::list::List;
use crate::view::requests::RequestRow;
use crate::view::waterfall::{Bar, Lane, Waterfall, percent};

/// The table's elements.
pub(super) struct Requests {
    body: HtmlElement,
    rows: List<RequestRow>,
    note: Element,
    legend: Element,
    axis: (Element, Element),
    drawn: Option<Waterfall>,
}

impl Requests {
    /// The table in the page.
    pub(super) fn new(root: &Root) -> Result<Requests, JsValue> {
        let body: HtmlElement = root.by_id("request-rows")?;
        Ok(Requests {
            rows: List::new(body.clone().into(), fill)?,
            note: root.by_id("requests-note")?,
            legend: root.by_id("legend")?,
            axis: (root.by_id("axis-start")?, root.by_id("axis-end")?),
            drawn: None,
            body,
        })
    }

    /// The element that holds the rows.
    pub(super) fn body(&self) -> &HtmlElement {
        &self.body
    }

    /// Shows these rows with their timeline. `selected` is lit, those in `related` less so, and what waits is greyed.
    pub(super) fn show(
        &mut self,
        rows: &[RequestRow],
        waterfall: &Waterfall,
        selected: Option<usize>,
        related: &[usize],
        waits: impl Fn(usize) -> bool,
    ) -> Painted {
        self.rows.show(rows)?;
        for (at, (row, element)) in self.rows.iter().enumerate() {
            let focus = selected.unwrap_or_default() == at;
            set(element, "aria-selected", aria(selected == Some(row.id)))?;
            set(element, "tabindex", Some(if focus { "0" } else { "-1" }))?;
            set(element, "data-waits", waits(row.id).then_some(""))?;
            set(element, "data-related", related.contains(&row.id).then_some(""))?;
        }
        if self.drawn.as_ref() == Some(waterfall) {
            return Ok(());
        }
        for ((_, element), lane) in self.rows.iter().zip(&waterfall.lanes) {
            draw(element, lane)?;
        }
        set_text(&self.note, waterfall.note());
        show(&self.note, !waterfall.note().is_empty())?;
        show(&self.legend, waterfall.span.is_some())?;
        let end = waterfall.span.as_ref().map(|span| span.words.as_str());
        set_text(&self.axis.0, end.map_or("Order", |_| "0"));
        set_text(&self.axis.1, end.unwrap_or_default());
        self.drawn = Some(waterfall.clone());
        Ok(())
    }

    /// Brings a row into view.
    pub(super) fn reveal(&self, id: usize) -> Painted {
        if let Some((_, element)) = self.rows.iter().find(|(row, _)| row.id == id) {
            into_view(element);
        }
        Ok(())
    }

    /// Moves the focus to a row, and brings it into view.
    pub(super) fn focus(&self, id: usize) -> Painted {
        match self.rows.iter().find(|(row, _)| row.id == id) {
            Some((_, element)) => element.unchecked_ref::<HtmlElement>().focus(),
            None => Ok(()),
        }
    }
}

fn fill(element: &Element, row: &RequestRow) -> Painted {
    set(element, "data-entry", Some(&row.id.to_string()))?;
    set(element, "data-method", Some(row.method))?;
    set(element, "data-status", Some(&row.status))?;
    set(element, "data-role", Some(row.role))?;
    set(element, "data-digest", Some(row.digest.as_str()).filter(|digest| !digest.is_empty()))?;
    set(element, "data-outcome", Some(row.outcome.tone.as_str()))?;
    set_part(element, "number", &row.number)?;
    show(&part(element, "hop")?, row.follows)?;
    set_part(element, "purpose", &row.purpose)?;
    set_part(element, "method", row.method)?;
    set_part(element, "host", row.host.as_deref().unwrap_or_default())?;
    let path = part(element, "path")?;
    set_text(&path, &row.path);
    set(&path, "title", Some(&row.url))?;
    let outcome = part(element, "outcome")?;
    set_text(&outcome, &row.outcome.text);
    set(&outcome, "title", Some(row.outcome.title.as_str()).filter(|title| !title.is_empty()))?;
    set_badge(&part(element, "badge")?, row.badge.as_ref())?;
    set_part(element, "size", &row.size)?;
    set_part(element, "time", &row.time)
}

fn draw(element: &Element, lane: &Lane) -> Painted {
    let (wait, receive, order) = match lane {
        Lane::Bars { wait, receive } => (Some(wait), receive.as_ref(), None),
        Lane::Order(at) => (None, None, Some(*at)),
        Lane::Unknown => (None, None, None),
    };
    draw_bar(&part(element, "wait")?, wait)?;
    draw_bar(&part(element, "receive")?, receive)?;
    let mark = part(element, "order")?;
    set(&mark, "visibility", order.is_none().then_some("hidden"))?;
    set(&mark, "cx", order.map(percent).as_deref())
}

fn draw_bar(element: &Element, bar: Option<&Bar>) -> Painted {
    set(element, "visibility", bar.is_none().then_some("hidden"))?;
    set(element, "x", bar.map(|bar| percent(bar.left)).as_deref())?;
    set(element, "width", bar.map(|bar| percent(bar.width)).as_deref())
}
