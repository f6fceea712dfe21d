//! Paints a list of tags or repositories: of thousands of rows, those in view are in the document.

use std::rc::{Rc, Weak};

use wasm_bindgen::JsValue;
use web_sys::{Element, Event, EventTarget, HtmlElement, HtmlInputElement};

use super::dom::{Painted, Root, aria, element_at, part, set, set_text, show};
use super::listener::Listener;
use super::page::{History, Page, complain};
use super::rows::{Rows, as_it_is};
use super::wiring::is_plain;
use crate::listing::{Kind, Listing};
use crate::view::Scene;
use crate::view::address::Address;
use crate::view::listing::{Catalogue, Heading, Order, is_name, leads_to};
use crate::view::{asked, words};

/// The panel's elements.
pub(super) struct ListingPanel {
    panel: HtmlElement,
    title: Element,
    note: Element,
    trouble: Element,
    none: Element,
    search: HtmlInputElement,
    orders: [Element; 3],
    rows: Rows<Row, Row>,
    catalogue: Catalogue,
    order: Order,
    /// What was searched for when the rows were drawn.
    searched: Option<String>,
}

/// A row: a name, and the list that it is in. What it says and where it leads to is told once it is drawn.
#[derive(Clone, PartialEq)]
struct Row {
    place: usize,
    name: Rc<str>,
    list: Rc<(Kind, Address)>,
}

impl ListingPanel {
    /// The panel in the page.
    pub(super) fn new(root: &Root) -> Result<ListingPanel, JsValue> {
        let rows: HtmlElement = root.by_id("listing-rows")?;
        Ok(ListingPanel {
            panel: root.by_id("listing")?,
            title: root.by_id("listing-title")?,
            note: root.by_id("listing-note")?,
            trouble: root.by_id("listing-trouble")?,
            none: root.by_id("listing-none")?,
            search: root.by_id("listing-search")?,
            orders: [
                root.by_id("listing-version")?,
                root.by_id("listing-name")?,
                root.by_id("listing-given")?,
            ],
            rows: Rows::new(rows.clone(), rows, fill, |row: &Row| row.place)?,
            catalogue: Catalogue::default(),
            order: Order::default(),
            searched: None,
        })
    }

    /// Draws every row for paper, or again those in view.
    pub(super) fn print(&mut self, on_paper: bool) -> Painted {
        self.rows.print(on_paper, &as_it_is)
    }

    /// Puts what is listed into the order of another panel.
    pub(super) fn follow(&mut self, other: &ListingPanel) {
        self.order = other.order;
    }

    /// Forgets the list, before another.
    pub(super) fn clear(&mut self) -> Painted {
        self.catalogue = Catalogue::default();
        self.searched = None;
        self.search.set_value("");
        self.rows.clear()
    }

    /// Shows a list as far as it has come, or nothing. Its heading comes back.
    pub(super) fn show(
        &mut self,
        scene: &Scene<'_>,
        listing: Option<&Listing>,
        shown: &Address,
    ) -> Result<Option<Heading>, JsValue> {
        show(&self.panel, listing.is_some())?;
        let Some(listing) = listing else { return Ok(None) };
        for (button, order) in self.orders.iter().zip(Order::ALL) {
            set(button, "aria-pressed", aria(order == self.order))?;
        }
        let search = self.search.value().trim().to_owned();
        let is_same = self.searched.as_deref() == Some(search.as_str());
        if self.catalogue.follow(listing, self.order) || !is_same {
            let rows = self.found(&search, listing.kind, shown.clone());
            show(&self.none, rows.is_empty() && !search.is_empty())?;
            self.rows.show(rows, &as_it_is)?;
            self.searched = Some(search);
        }
        let heading = Heading::of(scene, listing, self.rows.rows().len());
        set_text(&self.title, &heading.title);
        set_text(&self.note, &heading.note);
        set_text(&self.trouble, heading.trouble.as_deref().unwrap_or_default());
        show(&self.trouble, heading.trouble.is_some())?;
        Ok(Some(heading))
    }
}

impl ListingPanel {
    /// The rows that a search finds, in order.
    fn found(&self, search: &str, kind: Kind, shown: Address) -> Vec<Row> {
        let list = Rc::new((kind, shown));
        let row = |place| Row { place, name: self.catalogue.name(place), list: Rc::clone(&list) };
        self.catalogue.found(search).into_iter().map(row).collect()
    }
}

fn fill(element: &Element, row: &Row) -> Painted {
    let link = part(element, "link")?;
    set_text(&link, &words::visible(&row.name, 300));
    let (kind, shown) = &*row.list;
    let leads = is_name(&row.name).then(|| leads_to(*kind, shown, &row.name).to_query());
    set(&link, "href", leads.as_deref())
}

/// The listeners.
pub(super) fn listen(page: &Rc<Page>, root: &Root) -> Result<Vec<Listener>, JsValue> {
    let on = |id: &str, kind, react: fn(&Rc<Page>, &Event)| {
        let page: Weak<Page> = Rc::downgrade(page);
        Listener::new(&root.by_id::<EventTarget>(id)?, kind, move |event| {
            if let Some(page) = page.upgrade() {
                react(&page, &event);
            }
        })
    };
    Ok(vec![
        on("list", "click", list_wanted)?,
        on("listing-rows", "click", row_clicked)?,
        on("listing-rows", "scroll", |page, _| {
            complain(page.parts.borrow_mut().listing.rows.scrolled(&as_it_is));
        })?,
        on("listing-search", "input", |page, _| page.dirty())?,
        on("listing-version", "click", |page, _| order(page, Order::Version))?,
        on("listing-name", "click", |page, _| order(page, Order::Name))?,
        on("listing-given", "click", |page, _| order(page, Order::Given))?,
    ])
}

fn order(page: &Rc<Page>, order: Order) {
    page.parts.borrow_mut().listing.order = order;
    page.dirty();
}

fn list_wanted(page: &Rc<Page>, _: &Event) {
    let filled = page.parts.borrow().form.filled();
    page.go(asked::list(&filled, &page.shown().unwrap_or_default()), History::Push);
}

fn row_clicked(page: &Rc<Page>, event: &Event) {
    let link = element_at(event, "a[href]").filter(|_| is_plain(event));
    if let Some(query) = link.and_then(|link| link.get_attribute("href")) {
        event.prevent_default();
        page.go(Address::parse(&query), History::Push);
    }
}

/// What an address asks to have listed, if anything.
pub(super) fn kind(address: &Address) -> Option<Kind> {
    match (&address.tags, &address.repositories) {
        (Some(_), _) => Some(Kind::Tags),
        (None, Some(_)) => Some(Kind::Repositories),
        (None, None) => None,
    }
}
