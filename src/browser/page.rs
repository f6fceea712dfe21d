//! The page: holds what is shown, starts pulls, and paints at most once a frame.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlDialogElement, HtmlElement};

use super::dom::{Painted, Root, document, set};
use super::frame::Frame;
use super::listener::Listener;
use super::parts::Parts;
use super::place::Place;
use super::recordings::Shelf;
use super::run::{Run, Setting, prepare};
use super::source::Source;
use super::{doctor, explain, files, keyboard, listing, objects, probe, sign_in, trap, walk, wiring};
use crate::auth::{Door, Wallet};
use crate::graph::NodeId;
use crate::pull::Pull;
use crate::view::address::Address;
use crate::view::type_ahead::TypeAhead;
use crate::view::{Scene, Stage};

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
    pub(super) wallet: Rc<Wallet>,
    /// Whether a registry is asked although it is known to be closed.
    pub(super) insists: Cell<bool>,
    /// The relays that the user agreed to.
    pub(super) relays: RefCell<Vec<Door>>,
    /// The markup as it was before anything was painted.
    blank: Element,
    root: Root,
    height: Cell<i32>,
    /// The row that the details were opened from by a key.
    pub(super) opened_from: RefCell<Option<HtmlElement>>,
    /// What is being typed in one of the trees.
    pub(super) typed: RefCell<TypeAhead>,
    frame: Frame,
    listeners: RefCell<Vec<Listener>>,
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
        let blank = root.element().clone_node_with_deep(true)?.unchecked_into();
        let parts = Parts::new(root)?;
        trap::watch(&root.by_id("main")?);
        let shelf = Rc::new(Shelf::new(place.site()?));
        let page = Rc::new_cyclic(|page: &Weak<Page>| {
            let painted = page.clone();
            Page {
                run: RefCell::new(None),
                parts: RefCell::new(parts),
                place,
                shelf,
                wallet: Rc::default(),
                insists: Cell::default(),
                relays: RefCell::default(),
                blank,
                root: root.clone(),
                height: Cell::default(),
                opened_from: RefCell::default(),
                typed: RefCell::default(),
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
        listeners.extend(files::listen(&page, root)?);
        listeners.extend(doctor::listen(&page, root)?);
        listeners.extend(sign_in::listen(&page, root)?);
        listeners.extend(listing::listen(&page, root)?);
        page.listeners.replace(listeners);
        page.go(page.place.asked(), History::Keep);
        Ok(page)
    }

    /// Shows another pull. The one before is dropped, and so stopped.
    pub(super) fn go(self: &Rc<Page>, address: Address, history: History) {
        complain(self.try_go(address, history));
    }

    fn try_go(self: &Rc<Page>, address: Address, history: History) -> Painted {
        // Before the address: nobody is to find the end of one pull under the address of the next.
        self.parts.borrow().begin()?;
        if history == History::Push {
            self.place.push(&address)?;
        }
        let address = address.or_first();
        let number = self.run.borrow().as_ref().map_or(1, |run| run.number + 1);
        let run = Run::new(number, address.clone(), &self.place)?;
        let stop = run.stop().clone();
        self.parts.borrow_mut().form.fill(&address, address.image.as_deref().unwrap_or_default())?;
        self.run.replace(Some(run));
        let (weak, observer) = (Rc::downgrade(self), Rc::downgrade(self));
        let setting = Setting {
            shelf: Rc::clone(&self.shelf),
            wallet: Rc::clone(&self.wallet),
            insists: self.insists.replace(false),
            relays: self.relays.borrow().clone(),
        };
        spawn_local(async move {
            let changed = move |_| {
                if let Some(page) = observer.upgrade() {
                    complain(page.frame.ask_rested());
                }
            };
            match prepare(&address, &setting, &stop, changed).await {
                Err(trouble) => with(&weak, number, |_, run| run.fail(trouble)),
                Ok(pull) => {
                    let pull = Rc::new(pull);
                    let running = Rc::clone(&pull);
                    with(&weak, number, |page, run| {
                        if let Ok(parts) = page.parts.try_borrow() {
                            let listed = address.tags.as_ref().or(address.repositories.as_ref());
                            parts
                                .form
                                .set_image(&listed.cloned().unwrap_or_else(|| running.reference().typed()));
                        }
                        run.pull = Some(running);
                    });
                    let mut ended = match listing::kind(&address) {
                        Some(kind) => pull.list(kind).await,
                        None => pull.run().await,
                    };
                    if ended.is_ok() && address.recording.is_none() && pull.is_unexplained() {
                        ended = pull.diagnose(&probe::surroundings(pull.session().front()).await).await;
                    }
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
        self.select(Some(id), None);
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

    /// Sends for the doctor.
    pub(super) fn examine(self: &Rc<Page>) {
        let resumed = self.run.borrow_mut().as_mut().and_then(|run| Some((run.number, run.resume()?)));
        let Some((number, pull)) = resumed else { return };
        let weak = Rc::downgrade(self);
        spawn_local(async move {
            let here = probe::surroundings(pull.session().front()).await;
            // Whether it was stopped, the panel tells.
            let _ended = pull.diagnose(&here).await;
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
        let selected = self.run.borrow().as_ref().map(|run| run.selected());
        let Some((node, request)) = selected else { return };
        node.into_iter().for_each(|node| drop(self.row_of_object(node)));
        request.into_iter().for_each(|request| drop(self.row_of_request(request)));
    }

    /// Moves the focus to an object's row in the tree.
    pub(super) fn focus_object(&self, id: NodeId) {
        complain(self.row_of_object(id).map_or(Ok(()), |row| row.focus()));
    }

    /// Moves the focus to a request's row in the table.
    pub(super) fn focus_request(&self, id: usize) {
        complain(self.row_of_request(id).map_or(Ok(()), |row| row.focus()));
    }

    /// An object's row, brought into view.
    fn row_of_object(&self, id: NodeId) -> Option<HtmlElement> {
        found(self.look(|scene| self.parts.borrow_mut().tree.reveal(id, scene))?)
    }

    /// The same of a request.
    fn row_of_request(&self, id: usize) -> Option<HtmlElement> {
        found(self.look(|scene| self.parts.borrow_mut().requests.reveal(id, scene))?)
    }

    /// Moves the focus to the row of what is selected: that of the request, if one was chosen, else that of the object.
    pub(super) fn focus_selected(&self) {
        let chosen = self.run.borrow().as_ref().map(|run| (run.selected().0, run.request));
        match chosen {
            Some((_, Some(request))) => self.focus_request(request),
            Some((Some(node), None)) => self.focus_object(node),
            _ => {}
        }
    }

    /// What is asked for, and what is selected in it.
    pub(super) fn shown(&self) -> Option<Address> {
        self.run.borrow().as_ref().map(|run| run.address.clone())
    }

    /// The pull that is shown, once there is one.
    pub(super) fn pull(&self) -> Option<Rc<Pull<Source>>> {
        self.run.borrow().as_ref().and_then(|run| run.pull.clone())
    }

    /// Calls `look` with the pull as it is now, if there is one.
    pub(super) fn look<R>(&self, look: impl FnOnce(&Scene<'_>) -> R) -> Option<R> {
        self.run.borrow().as_ref().map(|run| run.look(look))
    }

    /// A copy of the page that shows nothing yet.
    pub(super) fn blank(&self) -> Result<Element, JsValue> {
        Ok(self.blank.clone_node_with_deep(true)?.unchecked_into())
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

    /// Shows an object, and the request that brought it or the given one; the address follows. A request that brought
    /// none is shown alone.
    pub(super) fn select(&self, id: Option<NodeId>, request: Option<usize>) {
        let mut held = self.run.borrow_mut();
        let Some(run) = held.as_mut() else { return };
        (run.chosen, run.request) = (id, request);
        id.into_iter().for_each(|id| run.reveal(id));
        run.address.select = run.look(|scene| Some(scene.graph.get(id?)?.digest.as_ref()?.to_string()));
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
            self.place.tell_height(&run.address, &self.height)?;
        }
        Ok(())
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

/// An element that was looked for; that the markup does not fit is said.
fn found(element: Result<Option<HtmlElement>, JsValue>) -> Option<HtmlElement> {
    element.unwrap_or_else(|error| {
        complain(Err(error));
        None
    })
}

/// A page that does not fit its markup says so where developers look; there is nothing to show it with.
pub(super) fn complain(painted: Painted) {
    if let Err(error) = painted {
        web_sys::console::error_1(&error);
    }
}
