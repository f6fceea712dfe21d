//! Paints the table of requests with its timeline.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement, MouseEvent, NodeList};

use super::dom::{Painted, Root, aria, part, place_at, set, set_badge, set_part, set_text, show};
use super::list::List;
use super::rows::Rows;
use crate::trace::Trace;
use crate::view::Scene;
use crate::view::filter::Filter;
use crate::view::requests::{self, RequestRow};
use crate::view::sort::{Column, Sort};
use crate::view::waterfall::{Bar, Lane, Waterfall, percent};

/// The table's elements.
pub(super) struct Requests {
    table: HtmlElement,
    rows: Rows<Line, Row>,
    waterfall: Waterfall,
    note: Element,
    legend: Element,
    ticks: List<(String, String)>,
    cursor: (HtmlElement, Element),
    columns: NodeList,
    sort: Sort,
}

/// Where a row stands, with what the user sees of it now beside its words.
#[derive(Clone, Copy, PartialEq)]
struct Line {
    /// The entry of the trace.
    id: usize,
    /// Its place in the table, counted from 2: the first row holds the columns' names.
    place: usize,
    selected: bool,
    focus: bool,
    related: bool,
    waits: bool,
}

/// The same with its words, and its lane of the timeline.
#[derive(PartialEq)]
struct Row {
    line: Line,
    row: RequestRow,
    lane: Lane,
    critical: bool,
}

impl Requests {
    /// The table in the page.
    pub(super) fn new(root: &Root) -> Result<Requests, JsValue> {
        let cursor: HtmlElement = root.by_id("cursor")?;
        Ok(Requests {
            rows: Rows::new(root.by_id("request-rows")?, root.by_id("table-box")?, fill, |line: &Line| {
                line.id
            })?,
            table: root.by_id("requests")?,
            note: root.by_id("requests-note")?,
            legend: root.by_id("legend")?,
            ticks: List::new(root.by_id("axis")?, |element, (place, words): &(String, String)| {
                set_text(element, words);
                place_at(element.unchecked_ref(), "left", place)
            })?,
            cursor: (cursor.clone(), part(&cursor, "time")?),
            columns: root.element().query_selector_all("#requests [data-column]")?,
            waterfall: Waterfall::new(&Trace::default()),
            sort: Sort::default(),
        })
    }

    /// The element that holds the rows.
    pub(super) fn body(&self) -> &HtmlElement {
        self.rows.host()
    }

    /// What scrolls.
    pub(super) fn panel(&self) -> &HtmlElement {
        self.rows.panel()
    }

    /// Draws what was scrolled into view.
    pub(super) fn scrolled(&mut self, scene: &Scene<'_>) -> Painted {
        let words = Words::of(scene, &self.waterfall);
        self.rows.scrolled(&|line| words.row(line))
    }

    /// Draws every row for paper, or again those in view.
    pub(super) fn print(&mut self, on_paper: bool, scene: &Scene<'_>) -> Painted {
        let words = Words::of(scene, &self.waterfall);
        self.rows.print(on_paper, &|line| words.row(line))
    }

    /// The table.
    pub(super) fn table(&self) -> &HtmlElement {
        &self.table
    }

    /// Shows the requests that fit a filter. `selected` is lit, those in `related` less so, and what waits is greyed.
    /// How many there are comes back.
    pub(super) fn show(
        &mut self,
        scene: &Scene<'_>,
        filter: &Filter,
        selected: Option<usize>,
        related: &[usize],
        waits: impl Fn(usize) -> bool,
    ) -> Result<usize, JsValue> {
        let waterfall = Waterfall::new(scene.trace);
        let words = Words::of(scene, &waterfall);
        let found = words.rows.found(filter, self.sort);
        let lit = selected.filter(|selected| found.contains(selected));
        let focus = lit.or(found.first().copied());
        let line = |(at, id)| Line {
            focus: focus == Some(id),
            related: related.contains(&id),
            waits: waits(id),
            ..Line::of(at, id, lit)
        };
        let count = found.len();
        set(&self.table, "aria-rowcount", Some(&(count + 1).to_string()))?;
        self.rows.show(found.into_iter().enumerate().map(line).collect(), &|line| words.row(line))?;
        self.show_axis(waterfall, scene)?;
        Ok(count)
    }

    fn show_axis(&mut self, waterfall: Waterfall, scene: &Scene<'_>) -> Painted {
        let note = [Some(waterfall.note().to_owned()), waterfall.chain(scene.trace)];
        let note: Vec<String> = note.into_iter().flatten().filter(|note| !note.is_empty()).collect();
        set_text(&self.note, &note.join(" "));
        show(&self.note, !note.is_empty())?;
        let last = std::mem::replace(&mut self.waterfall, waterfall).span;
        let span = &self.waterfall.span;
        if *span == last && self.ticks.iter().next().is_some() {
            return Ok(());
        }
        show(&self.legend, span.is_some())?;
        let ticks = match span {
            Some(span) => span.ticks().into_iter().map(|(place, words)| (percent(place), words)).collect(),
            None => vec![(percent(0.0), "Order".to_owned())],
        };
        self.ticks.show(&ticks)?;
        let step = self.waterfall.span.as_ref().map_or(200.0, |span| span.tick / span.milliseconds * 100.0);
        self.table.style().set_property("--tick", &percent(step))
    }

    /// Orders the rows by a column.
    pub(super) fn press(&mut self, column: Column) -> Painted {
        self.sort = self.sort.pressed(column);
        for at in 0..self.columns.length() {
            let Some(button) = self.columns.get(at) else { continue };
            let button: Element = button.unchecked_into();
            let column = button.get_attribute("data-column").and_then(|name| Column::parse(&name));
            if let (Some(column), Some(head)) = (column, button.closest("th")?) {
                set(&head, "aria-sort", Some(self.sort.aria(column)))?;
            }
        }
        Ok(())
    }

    /// Draws the line under the pointer, with its time; or takes it away.
    pub(super) fn point(&self, event: &MouseEvent) -> Painted {
        let over = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let lane = match over.map(|over| over.closest(".timeline")).transpose()?.flatten() {
            Some(cell) => cell.query_selector(".lane, #axis")?,
            None => None,
        };
        let (Some(lane), Some(span)) = (lane, &self.waterfall.span) else {
            return show(&self.cursor.0, false);
        };
        let (lane, table) = (lane.get_bounding_client_rect(), self.table.get_bounding_client_rect());
        let x = f64::from(event.client_x());
        let part = (x - lane.left()) / lane.width().max(1.0);
        show(&self.cursor.0, (0.0..=1.0).contains(&part))?;
        set_text(&self.cursor.1, &span.at(part));
        set(&self.cursor.0, "data-side", (part > 0.5).then_some("left"))?;
        place_at(&self.cursor.0, "left", &format!("{}px", (x - table.left()) as i32))
    }

    /// The rows in the order in which they stand.
    pub(super) fn order(&self) -> Vec<usize> {
        self.rows.rows().iter().map(|line| line.id).collect()
    }

    /// Brings a row into view; its element comes back.
    pub(super) fn reveal(&mut self, id: usize, scene: &Scene<'_>) -> Result<Option<HtmlElement>, JsValue> {
        let words = Words::of(scene, &self.waterfall);
        self.rows.reveal(id, &|line| words.row(line))
    }
}

impl Line {
    /// A row at a place, counted from 0.
    fn of(at: usize, id: usize, selected: Option<usize>) -> Line {
        let selected = selected == Some(id);
        Line { id, place: at + 2, selected, focus: false, related: false, waits: false }
    }
}

/// What puts rows into words.
struct Words<'a> {
    rows: requests::Rows<'a>,
    waterfall: &'a Waterfall,
}

impl<'a> Words<'a> {
    fn of(scene: &'a Scene<'a>, waterfall: &'a Waterfall) -> Words<'a> {
        Words { rows: requests::Rows::of(scene), waterfall }
    }

    fn row(&self, line: &Line) -> Option<Row> {
        let lanes = &self.waterfall.lanes;
        Some(Row {
            line: *line,
            row: self.rows.row(line.id)?,
            lane: lanes.get(line.id).copied().unwrap_or(Lane::Unknown),
            critical: self.waterfall.critical.binary_search(&line.id).is_ok(),
        })
    }
}

fn fill(element: &Element, shown: &Row) -> Painted {
    let Row { line, row, lane, critical } = shown;
    set(element, "aria-rowindex", Some(&line.place.to_string()))?;
    set(element, "aria-selected", aria(line.selected))?;
    set(element, "tabindex", Some(if line.focus { "0" } else { "-1" }))?;
    set(element, "data-waits", line.waits.then_some(""))?;
    set(element, "data-related", line.related.then_some(""))?;
    set(element, "data-entry", Some(&row.id.to_string()))?;
    set(element, "data-method", Some(row.method))?;
    set(element, "data-status", Some(&row.status))?;
    set(element, "data-role", Some(row.role))?;
    set(element, "data-digest", Some(row.digest.as_str()).filter(|digest| !digest.is_empty()))?;
    set(element, "data-outcome", Some(row.outcome.tone.as_str()))?;
    set(element, "data-critical", critical.then_some(""))?;
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
    set_part(element, "kind", &row.kind)?;
    set_badge(&part(element, "badge")?, row.badge.as_ref())?;
    set_part(element, "size", &row.size)?;
    set_part(element, "time", &row.time)?;
    draw(element, lane)
}

fn draw(element: &Element, lane: &Lane) -> Painted {
    let (wait, receive, redirect, order) = match lane {
        Lane::Bars { wait, receive, redirect } => (Some(wait), receive.as_ref(), *redirect, None),
        Lane::Order(at) => (None, None, None, Some(*at)),
        Lane::Unknown => (None, None, None, None),
    };
    set(element, "data-redirect", redirect)?;
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
