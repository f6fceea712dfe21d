//! What page and worker say to each other: arrays, as a browser copies them from one thread to the other.
//!
//! An order: number, URL, headers, algorithm, three numbers (bytes that are there, bytes to keep, job), work, and the bytes
//! themselves where they need not be fetched. What is told of it: number, what, and what belongs to that. An order's number
//! alone stops it, or has forgotten what is left of it. Both ways, what is said at once goes as one message, a list.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use crate::digest::{Algorithm, Digest};
use crate::http::{Headers, Method, Request, ResponseHead, Timings, Visibility};
use crate::layer::{self, Compression, Fault, FaultKind, Limits, Unpack};
use crate::transport::{Blob, Extract, Sum, TransportError, Work};

/// What is told of an order.
pub(super) const HEAD: &str = "head";
/// So many bytes were taken in.
pub(super) const PIECE: &str = "piece";
/// Bytes that are no blob's.
pub(super) const BYTES: &str = "bytes";
/// The end.
pub(super) const DONE: &str = "done";
/// The transport failed.
pub(super) const FAILED: &str = "failed";
/// The worker failed.
pub(super) const LOST: &str = "lost";

/// A request for a blob, with the number of the order.
pub(super) fn order(id: u32, request: &Request, blob: &Blob, given: Option<&[u8]>) -> Array {
    let algorithm = blob.algorithm.to_string();
    let pairs = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let order = Array::of5(
        &id.into(),
        &request.url.as_str().into(),
        &flat(pairs),
        &algorithm.into(),
        &Array::of3(&number(blob.from), &number(blob.keep), &number(blob.job as u64)),
    );
    order.push(&work(&blob.work));
    order.push(&given.map_or(JsValue::NULL, |bytes| Uint8Array::from(bytes).into()));
    order
}

fn work(work: &Work) -> Array {
    match work {
        Work::Hash => Array::new(),
        Work::Unpack(Unpack { algorithm, limits: Limits { total, ratio } }) => {
            Array::of3(&number(*total), &number(*ratio), &algorithm.to_string().into())
        }
        Work::Extract(Extract { compression, at, after, length }) => {
            Array::of4(&number(*at), &number(*after), &number(*length as u64), &compression.as_str().into())
        }
    }
}

fn read_work(work: &Array) -> Option<Work> {
    let count = |at| work.get(at).as_f64().map(|number| number as u64);
    Some(match work.length() {
        0 => Work::Hash,
        3 => {
            let algorithm = Algorithm::from(work.get(2).as_string()?.as_str());
            Work::Unpack(Unpack { algorithm, limits: Limits { total: count(0)?, ratio: count(1)? } })
        }
        _ => Work::Extract(Extract {
            compression: Compression::from_name(&work.get(3).as_string()?)?,
            at: count(0)?,
            after: count(1)?,
            length: count(2)? as usize,
        }),
    })
}

/// The bytes in an order, where they need not be fetched.
pub(super) fn read_given(order: &Array) -> Option<Uint8Array> {
    order.get(6).dyn_into().ok()
}

/// The way back from [`order`].
pub(super) fn read_order(order: &Array) -> Option<(Request, Blob)> {
    let url = order.get(1).as_string()?.parse().ok()?;
    let numbers: Array = order.get(4).dyn_into().ok()?;
    let count = |at| numbers.get(at).as_f64().map(|number| number as u64);
    let request = Request { method: Method::Get, url, headers: pairs(&order.get(2)) };
    let algorithm = Algorithm::from(order.get(3).as_string()?.as_str());
    let work = read_work(order.get(5).dyn_ref()?)?;
    let blob = Blob { job: count(2)? as usize, algorithm, from: count(0)?, keep: count(1)?, work };
    Some((request, blob))
}

/// The head of an answer.
pub(super) fn head(id: &JsValue, head: &ResponseHead, timings: &Timings) -> Array {
    let followed = head.followed_to.as_ref().map(|url| JsValue::from(url.as_str()));
    let visibility = head.headers.visibility().name();
    let told = told(id, HEAD, timings);
    told.push(&head.status.into());
    told.push(&flat(head.headers.iter()));
    told.push(&visibility.into());
    told.push(&followed.unwrap_or(JsValue::NULL));
    told
}

/// The way back from [`head`].
pub(super) fn read_head(told: &Array) -> Option<(ResponseHead, Timings)> {
    let visibility = Visibility::from_name(&told.get(7).as_string()?)?;
    let head = ResponseHead {
        status: told.get(5).as_f64().map(|status| status as u16),
        headers: Headers::new(pairs(&told.get(6)), visibility),
        followed_to: told.get(8).as_string().and_then(|url| url.parse().ok()),
    };
    Some((head, read_timings(told)))
}

/// The end: the digest, how large this worker's memory has become, what the browser keeps of the bytes (put in at 7 by who
/// has it), what they unpacked to, the stretch that was taken out, and the digest by a header's algorithm.
pub(super) fn done(id: &JsValue, sum: &Sum, timings: &Timings) -> Array {
    let told = told(id, DONE, timings);
    let bytes = |bytes: &[u8]| JsValue::from(Uint8Array::from(bytes));
    let digest =
        |digest: &Option<Digest>| digest.as_ref().map_or(JsValue::NULL, |digest| digest.as_str().into());
    told.push(&digest(&sum.digest));
    told.push(&sum.memory.map_or(JsValue::NULL, number));
    told.push(&JsValue::NULL);
    told.push(&sum.unpacked.as_ref().map_or(JsValue::NULL, |unpacked| bytes(&layer::encode(unpacked))));
    told.push(&match &sum.extracted {
        None => JsValue::NULL,
        Some(Ok(extracted)) => bytes(extracted),
        Some(Err(fault)) => fault.message.as_str().into(),
    });
    told.push(&digest(&sum.also));
    told
}

/// The way back from [`done`], save for what is kept.
pub(super) fn read_done(told: &Array) -> Sum {
    let unpacked = told.get(8).dyn_ref::<Uint8Array>().and_then(|bytes| layer::decode(&bytes.to_vec()));
    let extracted = told.get(9).dyn_ref::<Uint8Array>().map(|bytes| Ok(bytes.to_vec()));
    let fault = told.get(9).as_string().map(|message| Err(Fault::new(FaultKind::Malformed, message)));
    let digest = |at| told.get(at).as_string().and_then(|digest| digest.parse().ok());
    Sum {
        digest: digest(5),
        also: digest(10),
        memory: told.get(6).as_f64().map(|bytes| bytes as u64),
        kept: None,
        unpacked: unpacked.map(Box::new),
        extracted: extracted.or(fault),
    }
}

/// A failure.
pub(super) fn failed(id: &JsValue, error: &TransportError, timings: &Timings) -> Array {
    let (kind, detail) = match error {
        TransportError::Aborted => ("aborted", ""),
        TransportError::NoResponse { detail, .. } | TransportError::NotHere { detail, .. } => {
            ("no-response", detail.as_str())
        }
        TransportError::Lost { detail } => ("lost", detail.as_str()),
        TransportError::Interrupted { detail } => ("interrupted", detail.as_str()),
        // No worker has a recording to ask.
        TransportError::NotRecorded | TransportError::Unreadable { .. } => {
            ("interrupted", "not in the recording")
        }
    };
    let told = told(id, FAILED, timings);
    told.push(&kind.into());
    told.push(&detail.into());
    told
}

/// The way back from [`failed`].
pub(super) fn read_failed(told: &Array) -> TransportError {
    let detail = told.get(6).as_string().unwrap_or_default();
    match told.get(5).as_string().as_deref() {
        Some("aborted") => TransportError::Aborted,
        Some("no-response") => TransportError::NoResponse { detail, timings: read_timings(told) },
        Some("lost") => TransportError::Lost { detail },
        _ => TransportError::Interrupted { detail },
    }
}

/// What is told of an order: with the times so far, which stand at 2, 3 and 4; what else there is begins at 5.
pub(super) fn told(id: &JsValue, what: &str, timings: &Timings) -> Array {
    let time = |time: Option<f64>| JsValue::from(time.unwrap_or(f64::NAN));
    Array::of5(id, &what.into(), &time(timings.started), &time(timings.wait), &time(timings.receive))
}

/// The times in what is told.
pub(super) fn read_timings(told: &Array) -> Timings {
    let time = |at| told.get(at).as_f64().filter(|time| !time.is_nan());
    Timings { started: time(2), wait: time(3), receive: time(4) }
}

/// The bytes in what is told.
pub(super) fn read_bytes(value: &JsValue) -> Vec<u8> {
    value.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec).unwrap_or_default()
}

fn flat<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Array {
    let list = Array::new();
    for (name, value) in pairs {
        list.push(&name.into());
        list.push(&value.into());
    }
    list
}

fn pairs(flat: &JsValue) -> Vec<(String, String)> {
    let Some(flat) = flat.dyn_ref::<Array>() else { return Vec::new() };
    let text = |at| flat.get(at).as_string().unwrap_or_default();
    (0..flat.length() / 2).map(|at| (text(at * 2), text(at * 2 + 1))).collect()
}

/// Bytes of any blob that there is are counted exactly.
fn number(count: u64) -> JsValue {
    JsValue::from(count as f64)
}
