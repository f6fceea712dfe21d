//! Work in slices: whoever has many bytes takes a few at a time, and lets others go first now and then. In a page that is
//! whoever clicks and types, in a worker what it is told meanwhile.

use std::cell::Cell;

use js_sys::{Function, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::clock;

/// How long a thread works at a stretch, in milliseconds, whoever shares it: with a last slice on top, it is back before
/// the 50 that are noticed (RAIL). Less would not be better: a page paints each time, and of a long recording more than it
/// reads.
const STRETCH: f64 = 25.0;

/// A slice that took longer than this is followed by a shorter one, in milliseconds: of what is unpacked, a few bytes can
/// become a thousand times as many.
const LONG: f64 = 4.0;

/// The least and the most bytes of a slice.
const LEAST: u32 = 1 << 10;
const MOST: u32 = 64 << 10;

/// Of bodies that begin, so many go by without a look at the clock: it takes as long as a body of a few bytes does.
const UNTIMED: u32 = 8;

thread_local! {
    /// How many did so since the last look.
    static BEGUN: Cell<u32> = const { Cell::new(0) };
    /// When this thread last let others go first.
    static RESTED: Cell<f64> = const { Cell::new(0.0) };
}

#[wasm_bindgen]
extern "C" {
    type MessageChannel;

    #[wasm_bindgen(constructor)]
    fn new() -> MessageChannel;

    #[wasm_bindgen(method, getter)]
    fn port1(this: &MessageChannel) -> MessagePort;

    #[wasm_bindgen(method, getter)]
    fn port2(this: &MessageChannel) -> MessagePort;

    type MessagePort;

    #[wasm_bindgen(method, setter)]
    fn set_onmessage(this: &MessagePort, react: &Function);

    #[wasm_bindgen(method, js_name = postMessage)]
    fn post_message(this: &MessagePort, message: &JsValue);

    #[wasm_bindgen(method)]
    fn close(this: &MessagePort);
}

/// How fast it goes on with one lot of bytes.
pub(super) struct Pace {
    size: u32,
    /// When the last slice was handed out, if its bytes are still gone through.
    handed: Option<f64>,
}

impl Pace {
    /// A pace that is not known yet.
    pub(super) fn new() -> Pace {
        Pace { size: LEAST, handed: None }
    }

    /// How many bytes the next slice may have. When it is time to, others go first.
    pub(super) async fn next(&mut self) -> u32 {
        let begins = self.handed.is_none() && self.size == LEAST;
        if begins && BEGUN.replace(BEGUN.get() + 1) < UNTIMED {
            return self.size;
        }
        BEGUN.set(0);
        let mut now = clock::now();
        // Where others went first since, it says nothing about the slice.
        if let Some(handed) = self.handed.filter(|handed| RESTED.get() <= *handed) {
            let took = now - handed;
            self.size = if took > LONG { self.size / 2 } else { self.size * 2 }.clamp(LEAST, MOST);
        }
        if now - RESTED.get() > STRETCH {
            rest().await;
            now = clock::now();
        }
        self.handed = Some(now);
        self.size
    }
}

/// Bytes outside of this memory, slice by slice.
pub(super) struct Slices {
    bytes: Uint8Array,
    at: u32,
    pace: Pace,
}

impl Slices {
    /// Slices of these bytes.
    pub(super) fn of(bytes: Uint8Array) -> Slices {
        Slices { bytes, at: 0, pace: Pace::new() }
    }

    /// Goes on with these bytes, which follow those that were handed out.
    pub(super) fn refill(&mut self, bytes: Uint8Array) {
        (self.bytes, self.at) = (bytes, 0);
        // It was waited for them, and no slice took that long.
        self.pace.handed = None;
    }

    /// The next slice, or `None` at the end.
    pub(super) async fn next(&mut self) -> Option<Vec<u8>> {
        let end = self.bytes.length();
        if self.at >= end {
            return None;
        }
        let begin = self.at;
        self.at = end.min(begin + self.pace.next().await);
        Some(self.bytes.subarray(begin, self.at).to_vec())
    }
}

/// Lets others go first, once. A timer would be kept waiting for four milliseconds, a message is not.
pub(super) async fn rest() {
    let channel = MessageChannel::new();
    let (here, there) = (channel.port1(), channel.port2());
    let came = Promise::new(&mut |then, _| {
        here.set_onmessage(&then);
        there.post_message(&JsValue::NULL);
    });
    // It does not fail.
    let _ = JsFuture::from(came).await;
    here.close();
    RESTED.set(clock::now());
}
