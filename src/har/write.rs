//! Writing HAR. Everything that the format demands and that is not known gets the format's own word for that, -1.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::time;
use crate::http::{Timings, Visibility};
use crate::redact;
use crate::trace::{Entry, Kept, Redirect, Role, State, Trace};
use crate::transport::TransportError;

/// How to write a recording.
#[derive(Debug, Clone, Default)]
pub struct WriteOptions {
    /// Keep what is otherwise redacted: authorization, cookies, signed query parameters.
    pub secrets: bool,
    /// A word on where the recording comes from.
    pub comment: Option<String>,
}

/// Writes a trace as a HAR 1.2 file. A body is in it if the trace kept it. What a recording lacked is left out, and so is
/// what a worker asked without an answer: it was asked again, and a replay has the second answer alone.
///
/// A redirect's target and the request that followed it are redacted alike, so that the file still replays.
pub fn write(trace: &Trace, options: &WriteOptions) -> String {
    let lacking = |entry: &Entry| {
        use TransportError::{Lost, NotHere, NotRecorded};
        let State::Failed { head: None, error } = &entry.state else { return false };
        matches!(error, NotRecorded | NotHere { .. } | Lost { .. })
    };
    let entries =
        trace.entries.iter().filter(|entry| !lacking(entry)).map(|e| HarEntry::new(e, options.secrets));
    let log = Log {
        version: "1.2",
        creator: Creator { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        comment: options.comment.clone(),
        entries: entries.collect(),
    };
    let mut text = serde_json::to_string_pretty(&Har { log }).unwrap_or_default();
    text.push('\n');
    text
}

#[derive(Serialize)]
struct Har {
    log: Log,
}

#[derive(Serialize)]
struct Log {
    version: &'static str,
    creator: Creator,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    entries: Vec<HarEntry>,
}

#[derive(Serialize)]
struct Creator {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HarEntry {
    started_date_time: String,
    time: f64,
    request: HarRequest,
    response: HarResponse,
    cache: Empty,
    timings: HarTimings,
    #[serde(rename = "_role")]
    role: &'static str,
    #[serde(rename = "_error", skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Serialize)]
struct Empty {}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HarRequest {
    method: &'static str,
    url: String,
    http_version: &'static str,
    cookies: [Empty; 0],
    headers: Vec<NameValue>,
    query_string: Vec<NameValue>,
    headers_size: i64,
    body_size: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HarResponse {
    status: u16,
    status_text: &'static str,
    http_version: &'static str,
    cookies: [Empty; 0],
    headers: Vec<NameValue>,
    content: Content,
    #[serde(rename = "redirectURL")]
    redirect_url: String,
    headers_size: i64,
    body_size: i64,
    #[serde(rename = "_headersVisibility", skip_serializing_if = "Option::is_none")]
    visibility: Option<&'static str>,
    #[serde(rename = "_followedTo", skip_serializing_if = "Option::is_none")]
    followed_to: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    size: u64,
    mime_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<&'static str>,
}

#[derive(Serialize)]
struct HarTimings {
    send: f64,
    wait: f64,
    receive: f64,
}

#[derive(Serialize)]
struct NameValue {
    name: String,
    value: String,
}

impl HarEntry {
    fn new(entry: &Entry, secrets: bool) -> HarEntry {
        let Timings { started, wait, receive } = entry.timings;
        let known = |ms: Option<f64>| ms.unwrap_or(-1.0);
        let error = match &entry.state {
            State::Failed { error: TransportError::Interrupted { detail }, .. }
            | State::Failed { error: TransportError::NoResponse { detail, .. }, .. } => Some(detail.clone()),
            State::Failed { error, .. } => Some(error.to_string()),
            State::Waiting | State::Receiving(_) => Some("not finished".to_owned()),
            State::Done(_) => None,
        };
        let error = error.map(|error| if secrets { error } else { redact::text(&error) });
        HarEntry {
            started_date_time: time::format(started.unwrap_or_default()),
            time: match started.and(wait.or(receive)) {
                Some(_) => wait.unwrap_or_default() + receive.unwrap_or_default(),
                // Also where only the start is unknown: the one written above is then the format's demand.
                None => -1.0,
            },
            request: HarRequest::new(entry, secrets),
            response: HarResponse::new(entry, secrets),
            cache: Empty {},
            timings: HarTimings { send: -1.0, wait: known(wait), receive: known(receive) },
            role: entry.purpose.role.as_str(),
            error,
        }
    }
}

impl HarRequest {
    fn new(entry: &Entry, secrets: bool) -> HarRequest {
        let url = if secrets { entry.url.clone() } else { redact::url(&entry.url) };
        let pairs = url.query().into_iter().flat_map(|query| query.split('&'));
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            NameValue { name: name.to_owned(), value: value.to_owned() }
        };
        HarRequest {
            method: entry.method.as_str(),
            query_string: pairs.map(pair).collect(),
            url: url.to_string(),
            http_version: "",
            cookies: [],
            headers: named(entry.sent.iter().map(|(n, v)| (n.as_str(), v.as_str())), secrets),
            headers_size: -1,
            body_size: 0,
        }
    }
}

impl HarResponse {
    fn new(entry: &Entry, secrets: bool) -> HarResponse {
        let head = entry.head();
        let headers = head.map(|head| named(head.headers.iter(), secrets)).unwrap_or_default();
        let shown = |url| if secrets { url } else { redact::url(&url) };
        let (redirect_url, followed_to) = match entry.redirect() {
            Some(Redirect::Observed(url)) => (shown(url).to_string(), None),
            Some(Redirect::Inferred(url)) => (String::new(), Some(shown(url).to_string())),
            None => (String::new(), None),
        };
        let visibility = head.map(|head| head.headers.visibility());
        let mime_type = headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-type"));
        let mime_type = mime_type.map(|header| header.value.clone()).unwrap_or_default();
        HarResponse {
            status: entry.status().unwrap_or_default(),
            status_text: "",
            http_version: "",
            cookies: [],
            content: Content::new(entry, mime_type, secrets),
            headers,
            redirect_url,
            headers_size: -1,
            body_size: -1,
            visibility: visibility.filter(|v| *v != Visibility::Complete).map(Visibility::name),
            followed_to,
        }
    }
}

impl Content {
    fn new(entry: &Entry, mime_type: String, secrets: bool) -> Content {
        // The trace keeps no tokens. In their place stands what lets the file replay.
        if entry.purpose.role == Role::Token && entry.status() == Some(200) {
            let text = Some(format!(r#"{{"token":"{}"}}"#, redact::REDACTED));
            return Content { size: entry.read, mime_type, text, encoding: None };
        }
        let body = entry.body.as_ref().and_then(Kept::bytes).filter(|body| !body.is_empty());
        let readable = body.and_then(|body| std::str::from_utf8(body).ok()).filter(|text| {
            // A byte-order mark or a control character may not survive other tools.
            !text.starts_with('\u{feff}') && !text.chars().any(|c| c.is_control() && !"\n\r\t".contains(c))
        });
        // No digest names what is not the object: a redirect's page, a store's refusal.
        let is_object = entry.status().is_none_or(|status| status < 300);
        let (text, encoding) = match (readable, body) {
            (Some(text), _) if !secrets && !is_object => (Some(redact::text(text)), None),
            (Some(text), _) => (Some(text.to_owned()), None),
            (None, Some(body)) => (Some(STANDARD.encode(body)), Some("base64")),
            (None, None) => (None, None),
        };
        Content { size: entry.read, mime_type, text, encoding }
    }
}

fn named<'a>(headers: impl Iterator<Item = (&'a str, &'a str)>, secrets: bool) -> Vec<NameValue> {
    let value =
        |name: &str, value: &str| if secrets { value.to_owned() } else { redact::header(name, value) };
    headers.map(|(name, v)| NameValue { name: name.to_owned(), value: value(name, v) }).collect()
}
