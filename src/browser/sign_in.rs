//! Signing in: the form, and who is signed in. What is typed goes into the page's memory, and nowhere else.

use std::rc::{Rc, Weak};

use wasm_bindgen::JsValue;
use web_sys::{Element, Event, EventTarget, HtmlInputElement};

use super::dom::{Painted, Root, attribute_at, set, set_part, set_text, show};
use super::list::List;
use super::listener::Listener;
use super::page::{History, Page, complain};
use crate::auth::{Credentials, Door, Secret};
use crate::view::sign_in::{SignIn, Typed};

/// The form's elements, and the list beside it.
pub(super) struct SignInPanel {
    panel: Element,
    title: Element,
    words: List<String>,
    form: Element,
    user: HtmlInputElement,
    password: HtmlInputElement,
    realm: (Element, HtmlInputElement),
    pair: Element,
    send: Element,
    fault: Element,
    alone: Element,
    signed_in: (Element, List<(Door, String)>),
    shown: Option<SignIn>,
}

impl SignInPanel {
    /// The form in the page.
    pub(super) fn new(root: &Root) -> Result<SignInPanel, JsValue> {
        let signed_in: Element = root.by_id("signed-in")?;
        Ok(SignInPanel {
            panel: root.by_id("sign-in")?,
            title: root.by_id("sign-in-title")?,
            words: List::new(root.by_id("sign-in-words")?, |element, line: &String| {
                set_text(element, line);
                Ok(())
            })?,
            form: root.by_id("sign-in-form")?,
            user: root.by_id("user")?,
            password: root.by_id("password")?,
            realm: (root.by_id("realm-part")?, root.by_id("realm")?),
            pair: root.by_id("sign-in-pair")?,
            send: root.by_id("sign-in-send")?,
            fault: root.by_id("sign-in-fault")?,
            alone: root.by_id("sign-in-alone")?,
            signed_in: (
                signed_in.clone(),
                List::new(signed_in, |element, (door, user): &(Door, String)| {
                    set_part(element, "user", user)?;
                    set_part(element, "registry", &door.registry)?;
                    set_part(element, "relay", &door.relay().map(through).unwrap_or_default())?;
                    set(element, "data-registry", Some(&door.registry))?;
                    set(element, "data-front", Some(&door.front))
                })?,
            ),
            shown: None,
        })
    }

    /// Shows what is wanted, and who is signed in. `alone` is the address of the page outside of any other.
    pub(super) fn show(
        &mut self,
        wanted: Option<SignIn>,
        alone: &str,
        signed_in: &[(Door, String)],
    ) -> Painted {
        show(&self.signed_in.0, !signed_in.is_empty())?;
        self.signed_in.1.show(signed_in)?;
        if self.shown == wanted {
            return Ok(());
        }
        show(&self.panel, wanted.is_some())?;
        if let Some(wanted) = &wanted {
            set_text(&self.title, &wanted.title);
            self.words.show(&wanted.words)?;
            show(&self.alone, wanted.is_elsewhere)?;
            set(&self.alone, "href", Some(alone))?;
            self.complain("")?;
            show(&self.form, wanted.is_open)?;
            show(&self.pair, !wanted.is_consent)?;
            show(&self.realm.0, wanted.asks_realm)?;
            self.realm.1.set_value(wanted.realm.as_deref().unwrap_or_default());
            set_text(&self.send, if wanted.is_consent { "Yes, send them there" } else { "Sign in" });
        }
        self.shown = wanted;
        Ok(())
    }

    /// Says why nothing was sent.
    fn complain(&self, fault: &str) -> Painted {
        set_text(&self.fault, fault);
        show(&self.fault, !fault.is_empty())
    }

    /// What was typed, and what it is for; once it can be used, the password is not left in the form. `held` are the
    /// credentials that only lack consent.
    fn take(&self, held: impl Fn(&Door) -> Option<Credentials>) -> Option<(Door, Credentials)> {
        let wanted = self.shown.as_ref()?;
        let password = Secret::new(self.password.value());
        let typed = Typed { user: self.user.value(), password, realm: self.realm.1.value() };
        match wanted.credentials(typed, held(&wanted.door)) {
            Ok(credentials) => {
                self.password.set_value("");
                Some((wanted.door.clone(), credentials))
            }
            Err(fault) => {
                complain(self.complain(&fault));
                None
            }
        }
    }
}

/// How a registry is asked that is not asked itself.
fn through(relay: &str) -> String {
    format!(" through {relay}")
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
    Ok(vec![on("sign-in-form", "submit", submitted)?, on("signed-in", "click", forgotten)?])
}

fn submitted(page: &Rc<Page>, event: &Event) {
    event.prevent_default();
    let taken = page.parts.borrow().sign_in.take(|door| page.wallet.credentials(door));
    if let (Some((door, credentials)), Some(address)) = (taken, page.shown()) {
        page.wallet.sign_in(&door, credentials);
        page.go(address, History::Keep);
    }
}

fn forgotten(page: &Rc<Page>, event: &Event) {
    let Some(registry) = attribute_at(event, "data-registry") else { return };
    let Some(front) = attribute_at(event, "data-front") else { return };
    page.wallet.forget(&Door { registry, front });
    page.dirty();
}
