//! What the JavaScript module exports, and its TypeScript types.

use std::cell::OnceCell;
use std::rc::{Rc, Weak};

use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;
use web_sys::{AbortController, AbortSignal};

use super::failure::coded;
use super::pool::WORKERS;
use super::source::Source;
use super::trap;
use crate::auth::{Credentials, Door, Recipients, Secret};
use crate::graph::NodeId;
use crate::har::{Recording, Replay};
use crate::http::Url;
use crate::layer::Limits;
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

/// Runs one pull and reports on it. Rejects only where no report can be made: because the module came to its end, for one.
#[wasm_bindgen(js_name = inspect, skip_typescript)]
pub fn inspect_guarded(reference: Option<String>, options: JsValue) -> js_sys::Promise {
    trap::guarded(&future_to_promise(inspect(reference, options)))
}

/// The same, as long as the module lives.
pub async fn inspect(reference: Option<String>, options: JsValue) -> Result<JsValue, JsValue> {
    let mut asked = Asked::read(&options)?;
    let reference = reference.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let typed = reference
        .map(|text| Reference::parse_typed(text).map_err(|e| coded("invalid-reference", &e.to_string())))
        .transpose()?;
    match (asked.recording.take(), typed) {
        (Some(recording), typed) => {
            let recorded = typed.or_else(|| recorded_reference(recording.urls()));
            let message =
                "the recording holds no request for a manifest, so nothing says which image it is of";
            let reference = recorded.ok_or_else(|| coded("no-reference", message))?;
            let signal = asked.signal.clone();
            let replay = Replay::new(recording);
            let source = Source::recorded(replay, asked.workers, move || signal.clone());
            run(reference, asked, source).await
        }
        (None, Some(reference)) => {
            let signal = asked.signal.clone();
            let transport = Source::live(asked.workers, move || signal.clone());
            run(reference, asked, transport).await
        }
        (None, None) => Err(coded("no-reference", "neither a reference nor a recording was given")),
    }
}

async fn run<T: Transport + 'static>(
    reference: Reference,
    asked: Asked,
    transport: T,
) -> Result<JsValue, JsValue> {
    let Asked { options, credentials, signal, on_event, files, .. } = asked;
    if let Some(Given { user, password, realm }) = credentials {
        let registry = reference.repository().origin().to_owned();
        let front = options.relay.as_ref().map_or(&*registry, Url::origin).to_owned();
        // Whoever calls has named them: the registry or its relay, and the token server.
        let named = [url("reference", &front).ok(), realm.clone()].into_iter().flatten();
        let agreed = named.fold(Recipients::default(), |agreed, recipient| agreed.and(&recipient));
        let mut credentials = Credentials::new(user, password, agreed);
        credentials.realm = realm;
        options.wallet.sign_in(&Door { registry, front }, credentials);
    }
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
    to_js(&if files { Report::with_files(&running) } else { Report::new(&running) })
}

/// The options of `inspect`, read and checked.
struct Asked {
    options: Options,
    credentials: Option<Given>,
    recording: Option<Recording>,
    workers: usize,
    signal: AbortSignal,
    on_event: Option<js_sys::Function>,
    files: bool,
}

impl Asked {
    fn read(options: &JsValue) -> Result<Asked, JsValue> {
        let get = |name: &str| {
            let value = js_sys::Reflect::get(options, &name.into()).ok();
            value.filter(|value| !value.is_undefined() && !value.is_null())
        };
        let is_none = |name: &str, kind: &str| coded("invalid-option", &format!("{name} is no {kind}"));
        let text = |name: &str| {
            get(name).map(|value| value.as_string().ok_or_else(|| is_none(name, "text"))).transpose()
        };
        let mut pull = Options::default();
        if let Some(platform) = text("platform")? {
            pull.platform = platform.parse().map_err(|e| coded("invalid-platform", &format!("{e}")))?;
        }
        pull.layers = match text("layers")?.as_deref() {
            None | Some("verify") => Layers::Verify,
            Some("skip") => Layers::Skip,
            Some("unpack") => Layers::Unpack,
            Some(other) => {
                let message = format!("layers: {other:?} is neither \"skip\", \"verify\" nor \"unpack\"");
                return Err(coded("invalid-option", &message));
            }
        };
        pull.limits = limits(&get)?;
        pull.relay = text("relay")?.map(|origin| url("relay", &origin)).transpose()?;
        let credentials = get("credentials").map(|given| credentials(&given)).transpose()?;
        let workers = match get("workers") {
            None => WORKERS,
            Some(number) => number.as_f64().ok_or_else(|| is_none("workers", "number"))? as usize,
        };
        let recording = get("recording").map(|value| {
            let text = match value.as_string() {
                Some(text) => text,
                // Of what JSON has no word for, nothing is written, not even a text.
                None => {
                    js_sys::JSON::stringify(&value).ok().and_then(|text| text.as_string()).unwrap_or_default()
                }
            };
            Recording::parse(text.as_bytes()).map_err(|e| coded("invalid-recording", &e.to_string()))
        });
        let signal = match get("signal") {
            None => AbortController::new()?.signal(),
            Some(signal) => signal.dyn_into().ok().ok_or_else(|| is_none("signal", "AbortSignal"))?,
        };
        if signal.aborted() {
            return Err(coded("aborted", "the pull was stopped before it began"));
        }
        let is_function =
            |value: JsValue| value.dyn_into().ok().ok_or_else(|| is_none("onEvent", "function"));
        let on_event = get("onEvent").map(is_function).transpose()?;
        let files = get("files").is_some_and(|value| value.is_truthy());
        Ok(Asked {
            options: pull,
            credentials,
            recording: recording.transpose()?,
            workers,
            signal,
            on_event,
            files,
        })
    }
}

/// Who the caller is to the registry.
struct Given {
    user: String,
    password: Secret,
    realm: Option<Url>,
}

fn credentials(given: &JsValue) -> Result<Given, JsValue> {
    let text =
        |name: &str| js_sys::Reflect::get(given, &name.into()).ok().and_then(|value| value.as_string());
    let (Some(user), Some(password)) = (text("user"), text("password")) else {
        return Err(coded("invalid-option", "credentials has not both a user and a password"));
    };
    let realm = text("realm").map(|realm| url("credentials.realm", &realm)).transpose()?;
    Ok(Given { user, password: Secret::new(password), realm })
}

fn url(name: &str, text: &str) -> Result<Url, JsValue> {
    text.parse().map_err(|error| coded("invalid-option", &format!("{name}: {error}")))
}

/// How far a layer may unpack.
fn limits(get: &impl Fn(&str) -> Option<JsValue>) -> Result<Limits, JsValue> {
    let number = |name: &str, usual: u64| match get(name).map(|value| value.as_f64()) {
        None => Ok(usual),
        Some(Some(number)) if number >= 1.0 => Ok(number as u64),
        Some(_) => Err(coded("invalid-option", &format!("{name} is not a number of 1 or more"))),
    };
    let Limits { total, ratio } = Limits::default();
    Ok(Limits { total: number("unpackLimit", total)?, ratio: number("unpackRatio", ratio)? })
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
        #[serde(serialize_with = "report::exact")]
        bytes: u64,
        #[serde(skip_serializing_if = "Option::is_none", serialize_with = "report::exact_if_any")]
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
                Some(Message::Object { index: id.0, node: ReportNode::new(&pull.graph(), id, false) })
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
