//! What the JavaScript module exports, and its TypeScript types.

use std::cell::OnceCell;
use std::rc::{Rc, Weak};

use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, AbortSignal};

use super::failure::coded;
use super::fetch::Fetch;
use super::source::Source;
use crate::graph::NodeId;
use crate::har::{Recording, Replay};
use crate::pull::{Event, Layers, Options, Pull, recorded_reference};
use crate::reference::Reference;
use crate::report::{self, Report, ReportNode, ReportReference, ReportRequest};
use crate::transport::Transport;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.d.ts");

/// Takes a reference apart, as distribution's library does. Throws an `Error` with a `code`.
#[wasm_bindgen(js_name = parseReference, skip_typescript)]
pub fn parse_reference(text: &str) -> Result<JsValue, JsValue> {
    let reference: Reference = text.parse().map_err(|e| coded("invalid-reference", &format!("{e}")))?;
    to_js(&ReportReference::from(&reference))
}

/// Runs one pull and reports on it. Rejects only where no report can be made.
#[wasm_bindgen(skip_typescript)]
pub async fn inspect(reference: Option<String>, options: JsValue) -> Result<JsValue, JsValue> {
    let asked = Asked::read(&options)?;
    let reference = reference.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let typed = reference
        .map(|text| Reference::parse_typed(text).map_err(|e| coded("invalid-reference", &e.to_string())))
        .transpose()?;
    match (asked.recording, typed) {
        (Some(recording), typed) => {
            let recorded = typed.or_else(|| recorded_reference(recording.urls()));
            let message =
                "the recording holds no request for a manifest, so nothing says which image it is of";
            let reference = recorded.ok_or_else(|| coded("no-reference", message))?;
            run(
                reference,
                asked.options,
                Source::Recorded(Replay::new(recording)),
                asked.signal,
                asked.on_event,
            )
            .await
        }
        (None, Some(reference)) => {
            let transport = Source::Live(Fetch::new(&asked.signal));
            run(reference, asked.options, transport, asked.signal, asked.on_event).await
        }
        (None, None) => Err(coded("no-reference", "neither a reference nor a recording was given")),
    }
}

async fn run<T: Transport + 'static>(
    reference: Reference,
    options: Options,
    transport: T,
    signal: AbortSignal,
    on_event: Option<js_sys::Function>,
) -> Result<JsValue, JsValue> {
    let pull: Rc<OnceCell<Weak<Pull<T>>>> = Rc::default();
    let handle = Rc::clone(&pull);
    let observer = move |event| {
        let Some(on_event) = &on_event else { return };
        let Some(pull) = handle.get().and_then(Weak::upgrade) else { return };
        // What the caller's function throws is the caller's; the pull goes on.
        let _ = Message::new(&pull, event).map(|message| on_event.call1(&JsValue::NULL, &to_js(&message)?));
    };
    let running = Rc::new(Pull::new(reference, options, transport, observer));
    // The cell was made empty a few lines above.
    let _ = pull.set(Rc::downgrade(&running));
    let ended = running.run().await;
    if ended.is_err() || signal.aborted() {
        return Err(coded("aborted", "the pull was stopped"));
    }
    to_js(&Report::new(&running))
}

/// The options of `inspect`, read and checked.
struct Asked {
    options: Options,
    recording: Option<Recording>,
    signal: AbortSignal,
    on_event: Option<js_sys::Function>,
}

impl Asked {
    fn read(options: &JsValue) -> Result<Asked, JsValue> {
        let get = |name: &str| {
            let value = js_sys::Reflect::get(options, &name.into()).ok();
            value.filter(|value| !value.is_undefined() && !value.is_null())
        };
        let text = |name: &str| get(name).and_then(|value| value.as_string());
        let mut pull = Options::default();
        if let Some(platform) = text("platform") {
            pull.platform = platform.parse().map_err(|e| coded("invalid-platform", &format!("{e}")))?;
        }
        pull.layers = match text("layers").as_deref() {
            None | Some("verify") => Layers::Verify,
            Some("skip") => Layers::Skip,
            Some("unpack") => {
                return Err(coded("invalid-option", "layers: \"unpack\" is not there yet; use \"verify\""));
            }
            Some(other) => {
                let message = format!("layers: {other:?} is neither \"skip\" nor \"verify\"");
                return Err(coded("invalid-option", &message));
            }
        };
        let recording = get("recording").map(|value| {
            let text = match value.as_string() {
                Some(text) => text,
                None => js_sys::JSON::stringify(&value).map(String::from).unwrap_or_default(),
            };
            Recording::parse(text.as_bytes()).map_err(|e| coded("invalid-recording", &e.to_string()))
        });
        let signal = get("signal").and_then(|value| value.dyn_into::<AbortSignal>().ok());
        let signal = signal.map_or_else(|| AbortController::new().map(|c| c.signal()), Ok)?;
        if signal.aborted() {
            return Err(coded("aborted", "the pull was stopped before it began"));
        }
        let on_event = get("onEvent").and_then(|value| value.dyn_into::<js_sys::Function>().ok());
        Ok(Asked { options: pull, recording: recording.transpose()?, signal, on_event })
    }
}

/// What `onEvent` is told.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Message {
    Request {
        index: usize,
        request: ReportRequest,
    },
    Object {
        index: usize,
        node: ReportNode,
    },
    Progress {
        index: usize,
        digest: Option<String>,
        bytes: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        total: Option<u64>,
    },
}

impl Message {
    fn new<T: Transport>(pull: &Pull<T>, event: Event) -> Option<Message> {
        match event {
            Event::Request(index) => {
                Some(Message::Request { index, request: report::request(&pull.trace(), index)? })
            }
            Event::Object(id) => {
                Some(Message::Object { index: id.0, node: ReportNode::new(&pull.graph(), id) })
            }
            Event::Progress(NodeId(index)) => {
                let graph = pull.graph();
                let node = graph.get(NodeId(index))?;
                let digest = node.digest.as_ref().map(ToString::to_string);
                Some(Message::Progress { index, digest, bytes: node.read, total: node.size })
            }
        }
    }
}

fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    Ok(value.serialize(&serde_wasm_bindgen::Serializer::json_compatible())?)
}
