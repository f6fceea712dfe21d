//! Reads a stream of bytes to its end, slice by slice; dropped before that, it tells the browser to stop.

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{ReadableStream, ReadableStreamByobReader, ReadableStreamDefaultReader};

use super::pace::Slices;

/// How many bytes are asked for at a time, of what is long.
const LARGE: u32 = 1 << 20;

/// Reads a stream.
pub(super) struct Reader {
    source: Source,
    /// What has come and was not handed out yet.
    slices: Slices,
}

/// One of the two readers that a stream may have.
enum Source {
    /// Pieces as they come.
    Usual(ReadableStreamDefaultReader),
    /// The browser fills a buffer, which goes back and forth.
    Filling(ReadableStreamByobReader, js_sys::ArrayBuffer),
}

impl Reader {
    /// Reads pieces as they come.
    pub(super) fn new(stream: ReadableStream) -> Reader {
        Reader::of(Source::Usual(stream.get_reader().unchecked_into()))
    }

    fn of(source: Source) -> Reader {
        Reader { source, slices: Slices::of(Uint8Array::new_with_length(0)) }
    }

    /// Reads large pieces, where the stream lets its bytes be read so.
    pub(super) fn of_large_pieces(stream: ReadableStream) -> Reader {
        let options = web_sys::ReadableStreamGetReaderOptions::new();
        options.set_mode(web_sys::ReadableStreamReaderMode::Byob);
        // By its name, which throws where the binding would not: a stream of another kind has no such reader.
        let open = Reflect::get(&stream, &"getReader".into()).and_then(JsCast::dyn_into::<js_sys::Function>);
        match open.and_then(|open| open.call1(&stream, &options)) {
            Ok(reader) => {
                Reader::of(Source::Filling(reader.unchecked_into(), js_sys::ArrayBuffer::new(LARGE)))
            }
            Err(_) => Reader::new(stream),
        }
    }

    /// The next bytes, or `None` at the end.
    pub(super) async fn read(&mut self) -> Result<Option<Vec<u8>>, JsValue> {
        loop {
            if let Some(bytes) = self.slices.next().await {
                return Ok(Some(bytes));
            }
            let next = match &self.source {
                Source::Usual(reader) => reader.read(),
                Source::Filling(reader, buffer) => {
                    reader.read_with_array_buffer_view(&Uint8Array::new(buffer))
                }
            };
            let result = JsFuture::from(next).await?;
            let is_done = Reflect::get(&result, &"done".into())?.is_truthy();
            let value = Reflect::get(&result, &"value".into())?.dyn_into::<Uint8Array>().ok();
            let Some(value) = value.filter(|_| !is_done) else { return Ok(None) };
            if let Source::Filling(_, buffer) = &mut self.source {
                *buffer = value.buffer();
            }
            self.slices.refill(value);
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let cancelled = match &self.source {
            Source::Usual(reader) => reader.cancel(),
            Source::Filling(reader, _) => reader.cancel(),
        };
        // The stream may have ended already; nobody is left who would want to know.
        spawn_local(async move {
            let _ = JsFuture::from(cancelled).await;
        });
    }
}
