//! The transport that a page has: `fetch`, without credentials, cache or referrer.
//!
//! Redirects are followed by the browser, unseen: the page learns that there were any, and the last address.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Headers as JsHeaders, ReadableStream, ReferrerPolicy, RequestCache, RequestCredentials,
    RequestInit, RequestMode, RequestRedirect, ResponseType,
};

use super::reader::Reader;
use super::{clock, failure};
use crate::http::{Headers, Request, ResponseHead, Timings, Visibility};
use crate::transport::{Body, Manner, Response, Transport, TransportError};

#[wasm_bindgen]
extern "C" {
    /// The global `fetch`, of a window or of a worker.
    #[wasm_bindgen(js_name = fetch)]
    fn global_fetch(url: &str, init: &RequestInit) -> js_sys::Promise;
}

/// Sends with `fetch`, until a signal says stop.
pub struct Fetch {
    signal: Box<dyn Fn() -> AbortSignal>,
    open: fn(ReadableStream) -> Reader,
}

impl Fetch {
    /// A transport whose requests all end when `signal` fires.
    pub fn new(signal: &AbortSignal) -> Fetch {
        let signal = signal.clone();
        Fetch::until(move || signal.clone())
    }

    /// A transport whose requests each end when the signal fires that `signal` gives for it.
    pub(super) fn until(signal: impl Fn() -> AbortSignal + 'static) -> Fetch {
        Fetch { signal: Box::new(signal), open: Reader::new }
    }

    /// The same as [`Fetch::new`]; bodies come in pieces as large as the browser has, for those that are long.
    pub(super) fn in_large_pieces(signal: &AbortSignal) -> Fetch {
        Fetch { open: Reader::of_large_pieces, ..Fetch::new(signal) }
    }

    /// Fires when what is sent now is to end.
    pub(super) fn signal(&self) -> AbortSignal {
        (self.signal)()
    }

    /// Sends in another manner than the pull does: where the browser lets nothing be seen, there is no status.
    pub(super) async fn ask(
        &self,
        request: &Request,
        manner: Manner,
    ) -> Result<Response<FetchBody>, TransportError> {
        self.send_with(request, |init| match manner {
            Manner::Opaque => init.set_mode(RequestMode::NoCors),
            Manner::Unfollowed => init.set_redirect(RequestRedirect::Manual),
            Manner::Usual | Manner::Preflighted | Manner::AsLayers => {}
        })
        .await
    }

    fn init(request: &Request, signal: &AbortSignal) -> Result<RequestInit, JsValue> {
        let headers = JsHeaders::new()?;
        for (name, value) in &request.headers {
            headers.append(name, value)?;
        }
        let init = RequestInit::new();
        init.set_method(request.method.as_str());
        init.set_headers(&headers);
        init.set_mode(RequestMode::Cors);
        init.set_credentials(RequestCredentials::Omit);
        // Every byte is to come from the registry, not from an earlier visit.
        init.set_cache(RequestCache::NoStore);
        init.set_referrer_policy(ReferrerPolicy::NoReferrer);
        init.set_signal(Some(signal));
        Ok(init)
    }
}

fn failed(signal: &AbortSignal, thrown: &JsValue, timings: Timings) -> TransportError {
    if signal.aborted() {
        return TransportError::Aborted;
    }
    TransportError::NoResponse { detail: failure::opaque(thrown), timings }
}

impl Transport for Fetch {
    type Body = FetchBody;

    async fn send(&self, request: &Request) -> Result<Response<FetchBody>, TransportError> {
        self.send_with(request, |_| {}).await
    }
}

impl Fetch {
    async fn send_with(
        &self,
        request: &Request,
        change: impl Fn(&RequestInit),
    ) -> Result<Response<FetchBody>, TransportError> {
        let signal = (self.signal)();
        let started = clock::now();
        let until_now =
            || Timings { started: Some(started), wait: Some(clock::now() - started), receive: None };
        let init = Fetch::init(request, &signal).map_err(|thrown| failed(&signal, &thrown, until_now()))?;
        change(&init);
        let response = JsFuture::from(global_fetch(request.url.as_str(), &init))
            .await
            .and_then(|value| value.dyn_into::<web_sys::Response>())
            .map_err(|thrown| failed(&signal, &thrown, until_now()))?;
        let timings = until_now();
        let reader = response.body().map(self.open);
        let head = ResponseHead {
            status: Some(response.status()).filter(|status| *status > 0),
            headers: headers(&response),
            followed_to: response.redirected().then(|| response.url().parse().ok()).flatten(),
        };
        Ok(Response { head, body: FetchBody { reader, signal, timings } })
    }
}

/// The body of a fetched response. Dropping it tells the browser to stop downloading.
pub struct FetchBody {
    reader: Option<Reader>,
    signal: AbortSignal,
    timings: Timings,
}

impl FetchBody {
    fn end(&mut self) {
        self.reader = None;
        if let Timings { started: Some(started), wait: Some(wait), receive } = &mut self.timings {
            receive.get_or_insert(clock::now() - *started - *wait);
        }
    }
}

impl Body for FetchBody {
    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        let Some(reader) = self.reader.as_mut() else {
            self.end();
            return Ok(None);
        };
        let read = reader.read().await;
        if self.signal.aborted() {
            // What had come already is not wanted any more either.
            self.end();
            return Err(TransportError::Aborted);
        }
        match read {
            Ok(Some(bytes)) => Ok(Some(bytes)),
            Ok(None) => {
                self.end();
                Ok(None)
            }
            Err(thrown) => {
                self.end();
                Err(TransportError::Interrupted { detail: failure::text(&thrown) })
            }
        }
    }

    fn timings(&self) -> Timings {
        self.timings
    }
}

fn headers(response: &web_sys::Response) -> Headers {
    let visibility = match response.type_() {
        ResponseType::Basic | ResponseType::Default => Visibility::Complete,
        _ => Visibility::CorsFiltered,
    };
    let pair = |entry: JsValue| {
        let entry: js_sys::Array = entry.dyn_into().ok()?;
        Some((entry.get(0).as_string()?, entry.get(1).as_string()?))
    };
    let entries = js_sys::try_iter(&response.headers()).ok().flatten();
    let list = entries.into_iter().flatten().filter_map(|entry| pair(entry.ok()?)).collect();
    Headers::new(list, visibility)
}
