//! What a worker does: fetches a blob, takes it in as it arrives, and tells what it came to.

use js_sys::{Array, Function, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::fetch::Fetch;
use super::pace::{self, Slices};
use super::{clock, message};
use crate::http::{Headers, Request, ResponseHead, Timings, Visibility};
use crate::intake::{Inline, InlineBody, Waiting};
use crate::transport::{Blob, Body, Response, Sum, Transport, TransportError};

/// How often a body in progress is told of, in milliseconds.
const TELL_EVERY: f64 = 40.0;

/// The most bytes of a blob's beginning that are told, to be looked at.
const BEGIN: usize = 1024;

thread_local! {
    static WAITING: Waiting = Waiting::default();
}

/// Carries out one order, until it is done or stopped, and tells of it as it goes on. What an order is, and what is told,
/// says [`message`]. Throws where the order is none.
#[wasm_bindgen(skip_typescript)]
pub async fn take(order: Array, stop: AbortSignal, tell: Function) -> Result<(), JsValue> {
    let id = order.get(0);
    let (request, blob) = message::read_order(&order).ok_or_else(|| js_sys::Error::new("not an order"))?;
    let tell = |told: &Array| tell.call1(&JsValue::NULL, told).map(|_| ());
    match message::read_given(&order) {
        Some(bytes) => carry_out(&id, Given { bytes, stop }, &request, &blob, tell).await,
        None => carry_out(&id, Fetch::in_large_pieces(&stop), &request, &blob, tell).await,
    }
}

/// Forgets the blob whose first order had this number: its connection broke, and the rest of it will not be asked for.
#[wasm_bindgen(skip_typescript)]
pub fn forget(job: u32) {
    WAITING.with(|waiting| waiting.forget(job as usize));
}

async fn carry_out<T: Transport>(
    id: &JsValue,
    transport: T,
    request: &Request,
    blob: &Blob,
    tell: impl Fn(&Array) -> Result<(), JsValue>,
) -> Result<(), JsValue> {
    let reader = Inline::among(transport, &WAITING.with(Waiting::clone));
    let Response { head, mut body } = match reader.send_blob(request, blob).await {
        Ok(response) => response,
        Err(error) => {
            let timings = match &error {
                TransportError::NoResponse { timings, .. } => *timings,
                _ => Default::default(),
            };
            return tell(&message::failed(id, &error, &timings));
        }
    };
    tell(&message::head(id, &head, &body.timings()))?;
    let parts = (blob.keep > 0).then(Array::new);
    read(id, &mut body, parts, blob.keep, tell).await
}

async fn read(
    id: &JsValue,
    body: &mut InlineBody<impl Body>,
    mut parts: Option<Array>,
    keep: u64,
    tell: impl Fn(&Array) -> Result<(), JsValue>,
) -> Result<(), JsValue> {
    let is_taken_in = body.is_taken_in();
    let (mut read, mut untold, mut last) = (0_u64, 0_u64, f64::MIN);
    loop {
        let bytes = match body.chunk().await {
            Ok(Some(bytes)) => bytes,
            ended => {
                if untold > 0 {
                    tell(&piece(id, untold, &[], body))?;
                }
                let told = match ended {
                    Err(error) => message::failed(id, &error, &body.timings()),
                    _ => done(id, body),
                };
                // At 7 also where it broke off: what came can be kept all the same.
                told.set(7, parts.map_or(Ok(JsValue::NULL), |parts| kept(&parts))?);
                return tell(&told);
            }
        };
        if !is_taken_in {
            let told = message::told(id, message::BYTES, &body.timings());
            told.push(&Uint8Array::from(bytes.as_slice()));
            tell(&told)?;
            continue;
        }
        let begin = if read == 0 { bytes.get(..BEGIN.min(bytes.len())).unwrap_or_default() } else { &[] };
        if body.is_ahead() {
            pace::rest().await;
        }
        read += bytes.len() as u64;
        untold += bytes.len() as u64;
        parts = parts.filter(|_| read <= keep);
        if let Some(parts) = &parts {
            parts.push(&Uint8Array::from(bytes.as_slice()));
        }
        let now = clock::now();
        if now - last > TELL_EVERY {
            tell(&piece(id, untold, begin, body))?;
            (untold, last) = (0, now);
        }
    }
}

fn piece(id: &JsValue, count: u64, begin: &[u8], body: &InlineBody<impl Body>) -> Array {
    let told = message::told(id, message::PIECE, &body.timings());
    told.push(&(count as f64).into());
    told.push(&Uint8Array::from(begin));
    told
}

fn done(id: &JsValue, body: &mut InlineBody<impl Body>) -> Array {
    let sum = Sum { memory: Some(memory()), ..body.sum().unwrap_or_default() };
    message::done(id, &sum, &body.timings())
}

/// How large this worker's memory has become, in bytes.
fn memory() -> u64 {
    let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    memory.buffer().unchecked_ref::<js_sys::ArrayBuffer>().byte_length().into()
}

/// Bytes that are there: a recording's. They stay outside of this memory until it is their turn.
struct Given {
    bytes: Uint8Array,
    stop: AbortSignal,
}

impl Transport for Given {
    type Body = GivenBody;

    async fn send(&self, _: &Request) -> Result<Response<GivenBody>, TransportError> {
        let headers = Headers::new(Vec::new(), Visibility::Complete);
        let head = ResponseHead { status: None, headers, followed_to: None };
        let body = GivenBody { slices: Slices::of(self.bytes.clone()), stop: self.stop.clone() };
        Ok(Response { head, body })
    }
}

struct GivenBody {
    slices: Slices,
    stop: AbortSignal,
}

impl Body for GivenBody {
    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        let slice = self.slices.next().await;
        if self.stop.aborted() { Err(TransportError::Aborted) } else { Ok(slice) }
    }

    fn timings(&self) -> Timings {
        Timings::default()
    }
}

/// What the browser keeps outside of this memory, and hands from thread to thread without copying it.
fn kept(parts: &Array) -> Result<JsValue, JsValue> {
    web_sys::Blob::new_with_u8_array_sequence(parts).map(JsValue::from)
}
