//! Asking in other manners than a pull does, to find out what the browser allows; and waiting.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, XmlHttpRequest};

use super::dom::document;
use super::listener::Listener;
use super::timer::Timer;
use super::{clock, failure};
use crate::doctor::{Surroundings, is_local};
use crate::http::{Headers, Request, ResponseHead, Timings, Url, Visibility};
use crate::reference::is_loopback;
use crate::transport::TransportError;

/// Something that happens once, and is waited for.
#[derive(Default)]
struct Bell {
    has_rung: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Bell {
    fn ring(&self) {
        self.has_rung.set(true);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    async fn wait(&self) {
        poll_fn(|context| {
            if self.has_rung.get() {
                return Poll::Ready(());
            }
            self.waker.replace(Some(context.waker().clone()));
            Poll::Pending
        })
        .await;
    }
}

fn rings(bell: &Rc<Bell>) -> impl FnMut(web_sys::Event) + 'static {
    let bell = Rc::clone(bell);
    move |_| bell.ring()
}

/// Waits, in milliseconds, unless the signal fires.
pub(super) async fn pause(milliseconds: f64, signal: &AbortSignal) -> Result<(), TransportError> {
    let bell = Rc::new(Bell::default());
    let rung = Rc::clone(&bell);
    let broken = |_: JsValue| TransportError::Aborted;
    let _timer = Timer::after(milliseconds as i32, move || rung.ring()).map_err(broken)?;
    let _stopped = Listener::new(signal, "abort", rings(&bell)).map_err(broken)?;
    if !signal.aborted() {
        bell.wait().await;
    }
    if signal.aborted() { Err(TransportError::Aborted) } else { Ok(()) }
}

/// Sends a request that the browser asks for first although it has no header of its own: somebody listens to its upload
/// (XMLHttpRequest standard, "upload listener flag"). `fetch` has no such way.
pub(super) async fn preflighted(
    request: &Request,
    signal: &AbortSignal,
) -> Result<(ResponseHead, Timings), TransportError> {
    let started = clock::now();
    let timings = || Timings { started: Some(started), wait: Some(clock::now() - started), receive: None };
    let bell = Rc::new(Bell::default());
    let sent = send(request, signal, &bell);
    let no_response =
        |detail: &str| TransportError::NoResponse { detail: detail.to_owned(), timings: timings() };
    let (ask, _listeners) = sent.map_err(|thrown: JsValue| no_response(&failure::text(&thrown)))?;
    bell.wait().await;
    if signal.aborted() {
        // It may be over already.
        let _ = ask.abort();
        return Err(TransportError::Aborted);
    }
    match ask.status() {
        Ok(status) if status > 0 => {
            let headers = Headers::new(Vec::new(), Visibility::CorsFiltered);
            Ok((ResponseHead { status: Some(status), headers, followed_to: None }, timings()))
        }
        _ => Err(no_response("the browser gives no cause")),
    }
}

fn send(
    request: &Request,
    signal: &AbortSignal,
    bell: &Rc<Bell>,
) -> Result<(XmlHttpRequest, [Listener; 3]), JsValue> {
    let ask = XmlHttpRequest::new()?;
    let upload = ask.upload()?;
    let listeners = [
        Listener::new(&upload, "progress", |_| {})?,
        Listener::new(&ask, "loadend", rings(bell))?,
        Listener::new(signal, "abort", rings(bell))?,
    ];
    ask.open(request.method.as_str(), request.url.as_str())?;
    ask.send_with_opt_str(Some(" "))?;
    Ok((ask, listeners))
}

/// Where the page is, as far as it matters for a registry at `front`.
pub(super) async fn surroundings(front: &str) -> Surroundings {
    let location = document().ok().and_then(|document| document.location());
    let origin = location.and_then(|location| location.origin().ok()).unwrap_or_default();
    let here = origin.parse::<Url>();
    let front = front.parse::<Url>();
    let (is_here, is_near) =
        front.map_or((false, false), |front| (is_loopback(front.host()), is_local(front.host())));
    // A page from this machine is not asked.
    let is_asked = (is_here || is_near) && here.is_ok_and(|here| !is_loopback(here.host()));
    // One permission became two: for this machine, and for the network that it is in.
    let name = if is_here { "loopback-network" } else { "local-network" };
    let is_denied = is_asked
        && match permission(name).await {
            None => permission("local-network-access").await,
            known => known,
        }
        .as_deref()
            == Some("denied");
    Surroundings { origin, is_denied }
}

/// What the browser says of a permission; `None` where it does not know it.
async fn permission(name: &str) -> Option<String> {
    let navigator: JsValue = web_sys::window()?.navigator().into();
    let permissions = Reflect::get(&navigator, &"permissions".into()).ok()?;
    let query: js_sys::Function = Reflect::get(&permissions, &"query".into()).ok()?.dyn_into().ok()?;
    let wanted = Object::new();
    Reflect::set(&wanted, &"name".into(), &name.into()).ok()?;
    let asked: Promise = query.call1(&permissions, &wanted).ok()?.dyn_into().ok()?;
    let status = JsFuture::from(asked).await.ok()?;
    Reflect::get(&status, &"state".into()).ok()?.as_string()
}
