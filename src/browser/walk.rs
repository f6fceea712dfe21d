//! Paints the panel of the walkthrough, and steps through it.

use std::rc::Rc;

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, EventTarget, HtmlElement, HtmlInputElement};

use super::dom::{Painted, Root, aria, element_at, into_view, set, set_text, show};
use super::listener::Listener;
use super::page::{Page, complain};
use super::strip::set_runs;
use super::timer::Timer;
use super::wiring::key;
use crate::view::walk::{self, Panel};

/// The panel's elements.
pub(super) struct WalkPanel {
    panel: HtmlElement,
    title: Element,
    text: Element,
    count: Element,
    slider: HtmlInputElement,
    back: Element,
    next: Element,
    play: Element,
    open: HtmlElement,
    shown: Option<Panel>,
    /// Goes on to the next step; there while it plays.
    playing: Option<Timer>,
}

impl WalkPanel {
    /// The panel in the page.
    pub(super) fn new(root: &Root) -> Result<WalkPanel, JsValue> {
        Ok(WalkPanel {
            panel: root.by_id("walk")?,
            title: root.by_id("walk-title")?,
            text: root.by_id("walk-text")?,
            count: root.by_id("walk-count")?,
            slider: root.by_id("walk-slider")?,
            back: root.by_id("walk-back")?,
            next: root.by_id("walk-next")?,
            play: root.by_id("walk-play")?,
            open: root.by_id("walk-open")?,
            shown: None,
            playing: None,
        })
    }

    /// Shows a step, or nothing; and whether there is anything to walk through.
    pub(super) fn show(&mut self, panel: Option<Panel>, is_pull: bool) -> Painted {
        show(&self.open, panel.is_none() && is_pull)?;
        if self.shown == panel {
            return Ok(());
        }
        show(&self.panel, panel.is_some())?;
        self.shown = panel;
        let Some(panel) = &self.shown else {
            self.playing = None;
            return self.show_playing();
        };
        set_text(&self.title, &panel.title);
        set_runs(&self.text, &panel.text)?;
        let place = format!("{} of {}", panel.number, panel.of);
        set_text(&self.count, &place);
        self.slider.set_max(&panel.of.to_string());
        self.slider.set_value(&panel.number.to_string());
        set(&self.slider, "aria-valuetext", Some(&place))?;
        // A disabled button would lose the focus of whoever steps with it.
        set(&self.back, "aria-disabled", aria(panel.number == 1))?;
        set(&self.next, "aria-disabled", aria(panel.number == panel.of))
    }

    fn show_playing(&self) -> Painted {
        let playing = self.playing.is_some();
        set(&self.play, "aria-pressed", aria(playing))?;
        set_text(&self.play, if playing { "Pause" } else { "Play" });
        Ok(())
    }
}

/// The listeners of the panel.
pub(super) fn listen(page: &Rc<Page>, root: &Root) -> Result<Vec<Listener>, JsValue> {
    let on = |id: &str, kind, react: fn(&Rc<Page>, &Event)| {
        let weak = Rc::downgrade(page);
        Listener::new(&root.by_id::<EventTarget>(id)?, kind, move |event| {
            if let Some(page) = weak.upgrade() {
                react(&page, &event);
            }
        })
    };
    Ok(vec![
        on("walk-open", "click", opened)?,
        on("walk-back", "click", |page, _| by_hand(page, "ArrowLeft"))?,
        on("walk-next", "click", |page, _| by_hand(page, "ArrowRight"))?,
        on("walk-slider", "input", slid)?,
        on("walk-play", "click", |page, _| turn_play(page))?,
        on("walk-close", "click", |page, _| close(page))?,
        on("walk", "keydown", pressed)?,
    ])
}

fn opened(page: &Rc<Page>, _: &Event) {
    page.step(Some(0));
    complain(page.parts.borrow().walk.next.unchecked_ref::<HtmlElement>().focus());
}

fn close(page: &Rc<Page>) {
    page.step(None);
    complain(page.parts.borrow().walk.open.focus());
}

/// Takes the step that a key stands for, and ends the playing.
fn by_hand(page: &Rc<Page>, key: &str) {
    stop(page);
    go(page, key);
    // What is lit was brought into view; where the panel does not stick, it went out of it.
    into_view(&page.parts.borrow().walk.panel);
}

fn go(page: &Rc<Page>, key: &str) -> bool {
    let place = page.parts.borrow().walk.shown.as_ref().map(|panel| (panel.number - 1, panel.of));
    let next = place.and_then(|(place, of)| walk::key(place, of, key));
    let moved = next.is_some() && next != place.map(|(place, _)| place);
    if moved {
        page.step(next);
    }
    moved
}

fn slid(page: &Rc<Page>, _: &Event) {
    stop(page);
    let number: Option<usize> = page.parts.borrow().walk.slider.value().parse().ok();
    page.step(number.and_then(|number| number.checked_sub(1)));
}

fn pressed(page: &Rc<Page>, event: &Event) {
    let Some(key) = key(event) else { return };
    // The slider has its own keys.
    let at_slider = event.target().is_some_and(|target| target.has_type::<HtmlInputElement>());
    match key.as_str() {
        // What is embedded is nothing but a walkthrough.
        "Escape" if !page.shown().is_some_and(|address| address.is_embedded()) => close(page),
        key if !at_slider && walk::key(0, 1, key).is_some() => {
            event.prevent_default();
            by_hand(page, key);
        }
        _ => {}
    }
}

/// A key while nothing has the focus: it is the walkthrough's, if one is shown and the key does not scroll the page.
pub(super) fn pressed_anywhere(page: &Rc<Page>, event: &Event, key: &str) {
    let is_nowhere = element_at(event, ":not(body, :root)").is_none();
    let is_open = page.parts.borrow().walk.shown.is_some();
    if is_nowhere && is_open && matches!(key, "ArrowLeft" | "ArrowRight" | "Escape") {
        pressed(page, event);
    }
}

fn turn_play(page: &Rc<Page>) {
    if page.parts.borrow().walk.playing.is_some() {
        return stop(page);
    }
    let at_end = page.parts.borrow().walk.shown.as_ref().is_some_and(|panel| panel.number == panel.of);
    if at_end {
        page.step(Some(0));
    }
    play(page);
}

/// Goes on after the text could be read, until the last step.
fn play(page: &Rc<Page>) {
    let Some(pause) = page.parts.borrow().walk.shown.as_ref().map(|panel| panel.pause) else { return };
    let weak = Rc::downgrade(page);
    let timer = Timer::after(pause, move || {
        let Some(page) = weak.upgrade() else { return };
        if go(&page, "ArrowRight") {
            play(&page);
        } else {
            stop(&page);
        }
    });
    match timer {
        Ok(timer) => {
            let mut parts = page.parts.borrow_mut();
            parts.walk.playing = Some(timer);
            complain(parts.walk.show_playing());
        }
        Err(error) => complain(Err(error)),
    }
}

fn stop(page: &Rc<Page>) {
    let mut parts = page.parts.borrow_mut();
    parts.walk.playing = None;
    complain(parts.walk.show_playing());
}
