//! The search over the requests: what is typed, and the terms that it is made of.

use wasm_bindgen::JsValue;
use web_sys::{Element, HtmlElement, HtmlInputElement};

use super::dom::{Painted, Root, set, set_text, show};
use super::list::List;
use crate::view::filter::{Filter, Term};
use crate::view::words;

/// The search's elements.
pub(super) struct Search {
    input: HtmlInputElement,
    bar: Element,
    terms: (HtmlElement, List<Term>),
    clear: HtmlElement,
    count: Element,
    filter: Filter,
}

impl Search {
    /// The search in the page.
    pub(super) fn new(root: &Root) -> Result<Search, JsValue> {
        let terms: HtmlElement = root.by_id("filter-terms")?;
        let list = List::new(terms.clone().into(), |element, term: &Term| {
            set_text(element, &term.text);
            set(element, "aria-label", Some(&format!("Remove {}", term.text)))?;
            set(element, "title", term.fault)?;
            set(element, "data-fault", term.fault)
        })?;
        Ok(Search {
            input: root.by_id("filter")?,
            bar: root.by_id("filter-bar")?,
            terms: (terms, list),
            clear: root.by_id("filter-clear")?,
            count: root.by_id("filter-count")?,
            filter: Filter::default(),
        })
    }

    /// What is typed.
    pub(super) fn input(&self) -> &HtmlInputElement {
        &self.input
    }

    /// The terms, each a button that takes it away.
    pub(super) fn terms(&self) -> &HtmlElement {
        &self.terms.0
    }

    /// The button that takes all terms away.
    pub(super) fn clear(&self) -> &HtmlElement {
        &self.clear
    }

    /// The filter.
    pub(super) fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Takes over what was typed.
    pub(super) fn read(&mut self) {
        self.filter = Filter::parse(&self.input.value());
    }

    /// Takes a term away, or all of them.
    pub(super) fn remove(&mut self, term: Option<&str>) {
        let at = term.and_then(|text| self.filter.terms.iter().position(|term| term.text == text));
        self.input.set_value(&at.map(|at| self.filter.without(at)).unwrap_or_default());
        self.read();
    }

    /// Shows the terms, and how many requests of all fit them.
    pub(super) fn show(&mut self, fitting: usize, all: usize) -> Painted {
        self.terms.1.show(&self.filter.terms)?;
        show(&self.bar, !self.filter.terms.is_empty())?;
        let faults = self.filter.terms.iter().filter_map(|term| term.fault);
        let faults: Vec<String> = faults.map(|fault| format!("; {fault}")).collect();
        let count = format!("{fitting} of {}{}", words::count(all, "request"), faults.concat());
        set_text(&self.count, if self.filter.terms.is_empty() { "" } else { &count });
        Ok(())
    }
}
