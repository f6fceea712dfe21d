//! Paints what the doctor found, and sends for it.

use std::rc::{Rc, Weak};

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Event, EventTarget, HtmlElement};

use super::dom::{Painted, Root, element_at, part, set, set_part, set_text, show};
use super::list::List;
use super::listener::Listener;
use super::page::Page;
use super::share;
use crate::view::doctor::{Doctor, Evidence, Need};
use crate::view::remedy::Remedy;
use crate::view::share::{COMMAND_COPIED, COMMAND_NOT_COPIED};

/// The panel's elements.
pub(super) struct DoctorPanel {
    panel: HtmlElement,
    title: Element,
    words: List<String>,
    columns: Element,
    evidence: (Element, List<Evidence>),
    needs: (Element, List<Need>),
    check: (Element, Element),
    mend: Element,
    steps: List<String>,
    remedies: List<Remedy>,
    examine: Element,
    shown: Option<Doctor>,
}

impl DoctorPanel {
    /// The panel in the page.
    pub(super) fn new(root: &Root) -> Result<DoctorPanel, JsValue> {
        Ok(DoctorPanel {
            panel: root.by_id("doctor")?,
            title: root.by_id("doctor-cause")?,
            words: lines(root, "doctor-words")?,
            columns: root.by_id("doctor-columns")?,
            evidence: (
                root.by_id("doctor-asked")?,
                List::new(root.by_id("doctor-evidence")?, |element, evidence: &Evidence| {
                    set_part(element, "asks", evidence.asks)?;
                    set_part(element, "outcome", &evidence.outcome)?;
                    let link = part(element, "request")?;
                    set_text(&link, &format!("request {}", evidence.entry + 1));
                    set(&link, "data-entry", Some(&evidence.entry.to_string()))
                })?,
            ),
            needs: (
                root.by_id("doctor-needed")?,
                List::new(root.by_id("doctor-needs")?, |element, need: &Need| {
                    set_part(element, "name", need.name)?;
                    set_part(element, "what-for", need.what_for)?;
                    let word = part(element, "word")?;
                    set_text(&word, need.word);
                    set(&word, "data-tone", Some(need.tone.as_str()))
                })?,
            ),
            check: (root.by_id("doctor-check")?, root.by_id("doctor-check-line")?),
            mend: root.by_id("doctor-mend")?,
            steps: lines(root, "doctor-steps")?,
            remedies: remedies(root.by_id("doctor-remedies")?)?,
            examine: root.by_id("check-registry")?,
            shown: None,
        })
    }

    /// Shows what was found, or nothing; and whether the doctor can be sent for, whose button keeps its place.
    pub(super) fn show(&mut self, doctor: Option<Doctor>, is_live: bool, is_idle: bool) -> Painted {
        show(&self.examine, is_live && doctor.is_none())?;
        set(&self.examine, "disabled", (!is_idle).then_some(""))?;
        if self.shown == doctor {
            return Ok(());
        }
        show(&self.panel, doctor.is_some())?;
        if let Some(doctor) = &doctor {
            set(&self.panel, "data-cause", Some(doctor.code))?;
            set(&self.panel, "data-tone", Some(doctor.tone.as_str()))?;
            set_text(&self.title, &doctor.title);
            self.words.show(&doctor.words)?;
            // Nothing stands under a heading where nothing could be asked.
            let (was_asked, is_known) = (!doctor.evidence.is_empty(), !doctor.needs.is_empty());
            show(&self.columns, was_asked || is_known || doctor.check.is_some())?;
            show(&self.evidence.0, was_asked)?;
            self.evidence.1.show(&doctor.evidence)?;
            show(&self.needs.0, is_known)?;
            self.needs.1.show(&doctor.needs)?;
            show(&self.check.0, doctor.check.is_some())?;
            set_text(&self.check.1, doctor.check.as_deref().unwrap_or_default());
            show(&self.mend, !(doctor.steps.is_empty() && doctor.remedies.is_empty()))?;
            self.steps.show(&doctor.steps)?;
            self.remedies.show(&doctor.remedies)?;
        }
        self.shown = doctor;
        Ok(())
    }
}

/// A list of sentences.
fn lines(root: &Root, id: &str) -> Result<List<String>, JsValue> {
    List::new(root.by_id(id)?, |element, line: &String| {
        set_text(element, line);
        Ok(())
    })
}

/// A list of configurations, each folded away.
pub(super) fn remedies(host: Element) -> Result<List<Remedy>, JsValue> {
    List::new(host, |element, remedy: &Remedy| {
        set_part(element, "name", remedy.name)?;
        set_part(element, "note", remedy.note)?;
        set_part(element, "text", &remedy.text)?;
        show(&part(element, "lines")?, !remedy.text.is_empty())
    })
}

/// The listeners for all that can be copied or checked.
pub(super) fn listen(page: &Rc<Page>, root: &Root) -> Result<Vec<Listener>, JsValue> {
    let on = |id: &str, react: fn(&Rc<Page>, &Event)| {
        let page: Weak<Page> = Rc::downgrade(page);
        Listener::new(&root.by_id::<EventTarget>(id)?, "click", move |event| {
            if let Some(page) = page.upgrade() {
                react(&page, &event);
            }
        })
    };
    Ok(vec![
        on("doctor", clicked)?,
        on("trouble", clicked)?,
        on("doctor-open", |page, _| page.examine())?,
        on("check-registry", |page, _| page.examine())?,
    ])
}

fn clicked(page: &Rc<Page>, event: &Event) {
    if let Some(entry) = super::wiring::number_at(event, "data-entry") {
        super::wiring::select_request(page, entry);
        return page.focus_request(entry);
    }
    let Some(button) = element_at(event, "[data-copy]") else { return };
    let text = button.closest("[data-lines]").ok().flatten();
    let text = text.and_then(|lines| lines.query_selector("pre, code").ok().flatten());
    let (Some(text), Some(window)) = (text.and_then(|text| text.text_content()), web_sys::window()) else {
        return;
    };
    spawn_local(async move {
        let words = match share::copy(&window, &text).await {
            Ok(()) => COMMAND_COPIED,
            Err(_) => COMMAND_NOT_COPIED,
        };
        set_text(&button, if words == COMMAND_COPIED { "Copied" } else { words });
    });
}
