//! Signing in: the form, and who is signed in. What is typed goes into the page's memory, and nowhere else.

use std::rc::{Rc, Weak};

use wasm_bindgen::JsValue;
use web_sys::{Element, Event, EventTarget, HtmlInputElement};

use super::dom::{Painted, Root, attribute_at, set, set_part, set_text, show};
use super::list::List;
use super::listener::Listener;
use super::page::{History, Page};
use crate::auth::{Credentials, Secret};
use crate::view::sign_in::SignIn;

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
    signed_in: (Element, List<(String, String)>),
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
            signed_in: (
                signed_in.clone(),
                List::new(signed_in, |element, (registry, user): &(String, String)| {
                    set_part(element, "user", user)?;
                    set_part(element, "registry", registry)?;
                    set(element, "data-registry", Some(registry))
                })?,
            ),
            shown: None,
        })
    }

    /// Shows what is wanted, and who is signed in.
    pub(super) fn show(&mut self, wanted: Option<SignIn>, signed_in: &[(String, String)]) -> Painted {
        show(&self.signed_in.0, !signed_in.is_empty())?;
        self.signed_in.1.show(signed_in)?;
        if self.shown == wanted {
            return Ok(());
        }
        show(&self.panel, wanted.is_some())?;
        if let Some(wanted) = &wanted {
            set_text(&self.title, &wanted.title);
            self.words.show(&wanted.words)?;
            show(&self.form, wanted.is_open)?;
            show(&self.pair, !wanted.is_consent)?;
            show(&self.realm.0, wanted.asks_realm)?;
            self.realm.1.set_value(wanted.realm.as_deref().unwrap_or_default());
            set_text(&self.send, if wanted.is_consent { "Yes, send them there" } else { "Sign in" });
        }
        self.shown = wanted;
        Ok(())
    }

    /// What was typed; the password is not left in the form. `held` are the credentials that only lack consent.
    fn take(&self, held: Option<Credentials>) -> Option<Credentials> {
        let wanted = self.shown.as_ref()?;
        let typed = self.realm.1.value();
        let realm = if wanted.asks_realm { Some(typed) } else { wanted.realm.clone() };
        let realm = realm.and_then(|realm| realm.trim().parse().ok());
        if wanted.is_consent {
            return held.map(|held| Credentials { realm, ..held });
        }
        let password = Secret::new(self.password.value());
        self.password.set_value("");
        Some(Credentials { user: self.user.value().trim().to_owned(), password, realm })
    }
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
    let Some(pull) = page.pull() else { return };
    let (wallet, front) = (Rc::clone(&pull.options().wallet), pull.session().front().to_owned());
    let credentials = page.parts.borrow().sign_in.take(wallet.credentials(&front));
    if let (Some(credentials), Some(address)) = (credentials, page.shown()) {
        wallet.sign_in(&front, credentials);
        page.go(address, History::Keep);
    }
}

fn forgotten(page: &Rc<Page>, event: &Event) {
    let Some(registry) = attribute_at(event, "data-registry") else { return };
    page.wallet.forget(&registry);
    page.dirty();
}
