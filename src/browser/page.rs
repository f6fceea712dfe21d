//! The page: holds what is shown, starts pulls, and paints at most once a frame.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlDialogElement, HtmlElement};

use super::details::DetailsPanel;
use super::dom::{Painted, Root, document, set, set_text, show};
use super::explain::Explain;
use super::form::Form;
use super::frame::Frame;
use super::listener::Listener;
use super::place::Place;
use super::recordings::Shelf;
use super::requests::Requests;
use super::run::{Run, prepare};
use super::search::Search;
use super::share::Said;
use super::strip::Strip;
use super::tree::Tree;
use super::trouble::TroublePanel;
use super::walk::WalkPanel;
use super::{explain, keyboard, objects, walk, wiring};
use crate::graph::NodeId;
use crate::view::address::Address;
use crate::view::details::Details;
use crate::view::summary::Summary;
use crate::view::trouble::Trouble;
use crate::view::{Scene, Stage, tree};

thread_local! {
    /// Holds the page for as long as its document lives.
    static PAGE: RefCell<Option<Rc<Page>>> = const { RefCell::new(None) };
}

/// Takes the page over: wires it, and shows what its address asks for. Throws where the markup is not the page's.
#[wasm_bindgen]
pub fn start() -> Result<(), JsValue> {
    let window = web_sys::window().ok_or_else(|| js_sys::Error::new("there is no window"))?;
    let root = document()?.document_element().ok_or_else(|| js_sys::Error::new("the document is empty"))?;
    let page = Page::new(&Root::under(root), Place::Document(window))?;
    PAGE.with(|held| held.replace(Some(page)));
    Ok(())
}

/// The page.
pub(super) struct Page {
    pub(super) run: RefCell<Option<Run>>,
    pub(super) parts: RefCell<Parts>,
    pub(super) place: Place,
    pub(super) shelf: Rc<Shelf>,
    root: Root,
    height: Cell<i32>,
    /// The row that the details were opened from by a key.
    pub(super) opened_from: RefCell<Option<HtmlElement>>,
    frame: Frame,
    listeners: RefCell<Vec<Listener>>,
}

/// What paints.
pub(super) struct Parts {
    main: Element,
    work: Element,
    tree_note: Element,
    pub(super) form: Form,
    pub(super) strip: Strip,
    pub(super) trouble: TroublePanel,
    pub(super) tree: Tree,
    pub(super) requests: Requests,
    pub(super) search: Search,
    pub(super) details: DetailsPanel,
    pub(super) walk: WalkPanel,
    pub(super) explain: Explain,
    said: Said,
    painted: u64,
}

/// What becomes of the browser's history when another pull is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum History {
    /// A new entry.
    Push,
    /// Nothing: the address is there already.
    Keep,
}

impl Page {
    /// Wires the markup under `root`, and shows what is asked for at its place.
    pub(super) fn new(root: &Root, place: Place) -> Result<Rc<Page>, JsValue> {
        let parts = Parts {
            main: root.by_id("main")?,
            work: root.by_id("work")?,
            tree_note: root.by_id("tree-note")?,
            form: Form::new(root)?,
            strip: Strip::new(root)?,
            trouble: TroublePanel::new(root)?,
            tree: Tree::new(root)?,
            requests: Requests::new(root)?,
            search: Search::new(root)?,
            details: DetailsPanel::new(root)?,
            walk: WalkPanel::new(root)?,
            explain: Explain::new(root)?,
            said: Said::new(root)?,
            painted: 0,
        };
        let shelf = Rc::new(Shelf::new(place.site()?));
        let page = Rc::new_cyclic(|page: &Weak<Page>| {
            let painted = page.clone();
            Page {
                run: RefCell::new(None),
                parts: RefCell::new(parts),
                place,
                shelf,
                root: root.clone(),
                height: Cell::default(),
                opened_from: RefCell::default(),
                frame: Frame::new(move || {
                    if let Some(page) = painted.upgrade() {
                        complain(page.paint());
                    }
                }),
                listeners: RefCell::default(),
            }
        });
        let mut listeners = wiring::listen(&page, root)?;
        listeners.extend(walk::listen(&page, root)?);
        listeners.extend(keyboard::listen(&page, root)?);
        listeners.extend(explain::listen(&page, root)?);
        listeners.extend(objects::listen(&page, root)?);
        page.listeners.replace(listeners);
        page.go(page.place.asked(), History::Keep);
        Ok(page)
    }

    /// Shows another pull. The one before is dropped, and so stopped.
    pub(super) fn go(self: &Rc<Page>, address: Address, history: History) {
        complain(self.try_go(address, history));
    }

    fn try_go(self: &Rc<Page>, address: Address, history: History) -> Painted {
        if history == History::Push {
            self.place.push(&address)?;
        }
        let address = address.or_first();
        let number = self.run.borrow().as_ref().map_or(1, |run| run.number + 1);
        let run = Run::new(number, address.clone())?;
        let stop = run.stop().clone();
        self.parts.borrow_mut().form.fill(&address, address.image.as_deref().unwrap_or_default())?;
        self.run.replace(Some(run));
        let (weak, observer) = (Rc::downgrade(self), Rc::downgrade(self));
        let shelf = Rc::clone(&self.shelf);
        spawn_local(async move {
            let changed = move |_| with(&observer, number, |_, _| {});
            match prepare(&address, &shelf, &stop, changed).await {
                Err(trouble) => with(&weak, number, |_, run| run.fail(trouble)),
                Ok(pull) => {
                    let pull = Rc::new(pull);
                    let running = Rc::clone(&pull);
                    with(&weak, number, |page, run| {
                        if let Ok(parts) = page.parts.try_borrow() {
                            parts.form.set_image(&running.reference().typed());
                        }
                        run.pull = Some(running);
                    });
                    let ended = pull.run().await;
                    let stage = if ended.is_ok() { Stage::Done } else { Stage::Stopped };
                    with(&weak, number, |_, run| run.stage = stage);
                }
            }
        });
        self.dirty();
        Ok(())
    }

    /// Fetches an object that the pull left out, and shows it.
    pub(super) fn fetch(self: &Rc<Page>, id: NodeId) {
        self.select(id, None);
        let resumed = self.run.borrow_mut().as_mut().and_then(|run| Some((run.number, run.resume()?)));
        let Some((number, pull)) = resumed else { return };
        let weak = Rc::downgrade(self);
        spawn_local(async move {
            // Whether it was stopped, the objects tell.
            let _ended = pull.fetch(id).await;
            let stage = if pull.is_settled() { Stage::Done } else { Stage::Stopped };
            with(&weak, number, |_, run| run.stage = stage);
        });
        self.dirty();
    }

    /// Shows what another address asks for; of the same pull, only what is selected.
    pub(super) fn follow(self: &Rc<Page>, address: Address) {
        let mut held = self.run.borrow_mut();
        let wanted = address.clone().or_first();
        let Some(run) = held.as_mut().filter(|run| run.address.same_pull(&wanted)) else {
            drop(held);
            return self.go(address, History::Keep);
        };
        (run.chosen, run.request) = (None, None);
        run.address = wanted;
        drop(held);
        self.dirty();
    }

    /// Shows a step of the walkthrough, counted from 0, or ends it. What the user selected before gives way.
    pub(super) fn step(&self, place: Option<usize>) {
        let mut held = self.run.borrow_mut();
        let Some(run) = held.as_mut() else { return };
        (run.chosen, run.request, run.address.select) = (None, None, None);
        run.address.step = place.map(|place| (place + 1).to_string());
        let address = run.address.clone();
        drop(held);
        complain(self.place.replace(&address));
        complain(self.paint());
        self.reveal();
    }

    /// Brings what is selected into view.
    fn reveal(&self) {
        let held = self.run.borrow();
        let Some(run) = held.as_ref() else { return };
        let (node, request) = run.look(|scene| run.selection(scene, run.walked(scene).as_ref()));
        let mut parts = self.parts.borrow_mut();
        complain(node.map_or(Ok(None), |node| parts.tree.reveal(node)).map(|_| ()));
        complain(request.map_or(Ok(None), |request| parts.requests.reveal(request)).map(|_| ()));
    }

    /// Moves the focus to an object's row in the tree.
    pub(super) fn focus_object(&self, id: NodeId) {
        let row = self.parts.borrow_mut().tree.reveal(id);
        complain(row.and_then(|row| row.map_or(Ok(()), |row| row.focus())));
    }

    /// Moves the focus to a request's row in the table.
    pub(super) fn focus_request(&self, id: usize) {
        let row = self.parts.borrow_mut().requests.reveal(id);
        complain(row.and_then(|row| row.map_or(Ok(()), |row| row.focus())));
    }

    /// What is asked for, and what is selected in it.
    pub(super) fn shown(&self) -> Option<Address> {
        self.run.borrow().as_ref().map(|run| run.address.clone())
    }

    /// Calls `look` with the pull as it is now, if there is one.
    pub(super) fn look<R>(&self, look: impl FnOnce(&Scene<'_>) -> R) -> Option<R> {
        self.run.borrow().as_ref().map(|run| run.look(look))
    }

    /// Shows that a file may be dropped, or no longer.
    pub(super) fn show_drop(&self, over: bool) {
        complain(set(self.root.element(), "data-drop", over.then_some("")));
    }

    /// The dialog that lists the keys.
    pub(super) fn keys(&self) -> Option<HtmlDialogElement> {
        self.root.by_id("keys").ok()
    }

    /// Calls `look` with the pull and its selected object, if there is one.
    pub(super) fn look_selected<R>(&self, look: impl FnOnce(&Scene<'_>, NodeId) -> R) -> Option<R> {
        let held = self.run.borrow();
        let run = held.as_ref()?;
        run.look(|scene| {
            let (node, _) = run.selection(scene, run.walked(scene).as_ref());
            Some(look(scene, node?))
        })
    }

    /// Says what came of something that the user did.
    pub(super) fn say(&self, words: &str) {
        self.parts.borrow().said.say(words);
    }

    /// Asks for a repaint.
    pub(super) fn dirty(&self) {
        complain(self.frame.ask());
    }

    /// Shows an object, and the request that brought it or the given one; the address follows.
    pub(super) fn select(&self, id: NodeId, request: Option<usize>) {
        let mut held = self.run.borrow_mut();
        let Some(run) = held.as_mut() else { return };
        (run.chosen, run.request) = (Some(id), request);
        run.reveal(id);
        run.address.select = run.look(|scene| Some(scene.graph.get(id)?.digest.as_ref()?.to_string()));
        let address = run.address.clone();
        drop(held);
        complain(self.place.replace(&address));
        self.dirty();
    }

    pub(super) fn paint(&self) -> Painted {
        let mut held = self.run.borrow_mut();
        let Some(run) = held.as_mut() else { return Ok(()) };
        run.settle_selection();
        set(self.root.element(), "data-embed", run.address.is_embedded().then_some(""))?;
        self.parts.borrow_mut().paint(run, &self.place)?;
        if run.address.is_embedded() {
            self.place.tell_height(&self.height)?;
        }
        Ok(())
    }
}

impl Parts {
    fn paint(&mut self, run: &Run, place: &Place) -> Painted {
        if self.painted != run.number {
            self.tree.clear()?;
            self.said.say("");
            self.painted = run.number;
        }
        run.look(|scene| {
            let walked = run.walked(scene);
            let (node, request) = run.selection(scene, walked.as_ref());
            let trouble = run.trouble.clone().or_else(|| Trouble::of(scene));
            let state = if run.trouble.is_some() { "failed" } else { scene.state() };
            self.trouble.show(trouble.as_ref())?;
            self.strip.show(run.trouble.is_none().then(|| Summary::new(scene)).as_ref())?;
            self.form.show_state(state == "running", run.trouble.is_some())?;
            self.form.offer(&scene.platforms())?;

            let rows = tree::rows(scene, &run.folds);
            show(&self.work, !rows.is_empty())?;
            set_text(&self.tree_note, &scene.counts());
            let seen = tree::visible(&rows);
            let focus = node.filter(|node| seen.iter().any(|row| row.id == *node));
            let waits = |id| walked.as_ref().is_some_and(|(walk, place)| walk.object_waits(*place, id));
            let focus = focus.or(seen.first().map(|row| row.id));
            self.tree.show(rows, node, focus, waits)?;
            self.tree.show_others(&tree::others(scene.graph, &run.folds))?;

            let related = node.and_then(|node| scene.graph.get(node)).map(|node| node.requests.as_slice());
            let related = related.unwrap_or_default();
            let waits = |id| walked.as_ref().is_some_and(|(walk, place)| walk.request_waits(*place, id));
            let fitting = self.requests.show(scene, self.search.filter(), request, related, waits)?;
            self.search.show(fitting, scene.trace.entries.len())?;
            self.walk.show(walked.as_ref().and_then(|(walk, place)| walk.panel(*place)))?;
            self.explain.follow(scene, node)?;
            let pretty = self.details.is_pretty();
            self.details.show(node.and_then(|node| Details::new(scene, node, pretty)), request)?;
            place.set_title(&scene.page_title())?;
            // Last, so that whoever waits for the state finds all of the page in it.
            set(&self.main, "data-state", Some(state))
        })
    }
}

/// Changes the run with this number, if it is still the one that is shown, and paints it.
fn with(page: &Weak<Page>, number: u64, change: impl FnOnce(&Page, &mut Run)) {
    let Some(page) = page.upgrade() else { return };
    if let Ok(mut held) = page.run.try_borrow_mut()
        && let Some(run) = held.as_mut().filter(|run| run.number == number)
    {
        change(&page, run);
    }
    page.dirty();
}

/// A page that does not fit its markup says so where developers look; there is nothing to show it with.
pub(super) fn complain(painted: Painted) {
    if let Err(error) = painted {
        web_sys::console::error_1(&error);
    }
}
