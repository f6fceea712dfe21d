//! Reading HAR. Writers differ in what they leave out and in the types of what they write, so every property is
//! looked up with patience; only `log.entries` must be there.

use super::file::{File, MOST_HELD};
use super::json::{Json, Shape};
use super::replay::part;
use super::{HarError, Recorded, time};
use crate::http::{Headers, Method, Timings, Url, Visibility};
use base64::Engine as _;
use serde::de::{DeserializeSeed as _, IgnoredAny};

const PLAIN: Shape = Shape::Plain;
const HEADERS: Shape = Shape::List(&Shape::Object(&[("name", PLAIN), ("value", PLAIN)]));

/// What is read of an entry.
pub(super) const SHAPE: Shape = Shape::Object(&[
    ("request", Shape::Object(&[("method", PLAIN), ("url", PLAIN), ("headers", HEADERS)])),
    (
        "response",
        Shape::Object(&[
            ("status", PLAIN),
            ("headers", HEADERS),
            ("redirectURL", PLAIN),
            ("content", Shape::Object(&[("text", PLAIN), ("encoding", PLAIN), ("size", PLAIN)])),
            ("_headersVisibility", PLAIN),
            ("_followedTo", PLAIN),
            ("_error", PLAIN),
            ("_errorMessage", PLAIN),
        ]),
    ),
    ("startedDateTime", PLAIN),
    ("time", PLAIN),
    (
        "timings",
        Shape::Object(&[
            ("blocked", PLAIN),
            ("dns", PLAIN),
            ("connect", PLAIN),
            ("send", PLAIN),
            ("wait", PLAIN),
            ("receive", PLAIN),
        ]),
    ),
    ("_error", PLAIN),
    ("_errorMessage", PLAIN),
]);

pub(super) fn entries(bytes: &[u8]) -> Result<Vec<Recorded>, HarError> {
    if matches!(bytes, [0xfe, 0xff, ..] | [0xff, 0xfe, ..] | [0, _, ..] | [_, 0, ..]) {
        return Err(HarError::Utf16);
    }
    let whole = bytes.len();
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.trim_ascii_start().starts_with(b"<") {
        return Err(HarError::Markup);
    }
    let mark = whole - bytes.len();
    let text = std::str::from_utf8(bytes)
        .map_err(|error| HarError::Encoding { position: mark + error.valid_up_to() })?;
    // By its bytes, as documents are read: the library's readers of texts would come beside those of bytes.
    let (mut file, mut reader) = (File::default(), serde_json::Deserializer::from_slice(text.as_bytes()));
    match file.read(&mut reader).and_then(|()| reader.end()) {
        Ok(()) => Ok(file.entries),
        Err(_) if file.is_over => Err(HarError::TooLarge { most: MOST_HELD }),
        // Of another shape; but what is broken further on is no JSON at all.
        Err(error) if error.is_data() => match serde_json::from_slice::<IgnoredAny>(text.as_bytes()) {
            Err(error) => Err(not_json(&error)),
            Ok(_) => Err(HarError::NotHar { missing: file.missing }),
        },
        Err(error) => Err(not_json(&error)),
    }
}

fn not_json(error: &serde_json::Error) -> HarError {
    let sentence = error.to_string();
    let reason = sentence.rsplit_once(" at line ").map_or(sentence.as_str(), |(reason, _)| reason);
    HarError::NotJson { line: error.line(), column: error.column(), reason: reason.to_owned() }
}

/// Reads one entry; `None` for what a pull never sends: other methods, other schemes, no request at all.
pub(super) fn entry(value: &Json<'_>) -> Option<Recorded> {
    let (request, response) = (value.get("request")?, value.get("response").unwrap_or(&Json::Other));
    let method = match text(request, "method").unwrap_or_default().to_ascii_uppercase().as_str() {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        _ => return None,
    };
    let url: Url = text(request, "url")?.parse().ok()?;
    let status = integer(response, "status").and_then(|s| u16::try_from(s).ok()).filter(|s| *s != 0);
    let list = headers(response, status);
    let body = body(method, status, list.as_deref().unwrap_or_default(), response);
    let said = text(response, "_headersVisibility").and_then(Visibility::from_name);
    let visibility = match said {
        Some(said) => said,
        None if status.is_some() && list.is_some() => Visibility::Complete,
        None => Visibility::NotRecorded,
    };
    let error = ["_error", "_errorMessage"].iter().find_map(|name| {
        text(value, name).or_else(|| text(response, name)).filter(|said| !said.is_empty()).map(str::to_owned)
    });
    Some(Recorded {
        method,
        url,
        part: pairs(request).into_iter().flatten().find_map(|(name, value)| part(&name, &value)),
        status,
        headers: Headers::new(list.unwrap_or_default(), visibility),
        followed_to: text(response, "_followedTo").and_then(|url| url.parse().ok()),
        body,
        error,
        timings: timings(value),
    })
}

/// The headers of a request or of a response, if there is a list of them.
fn pairs(message: &Json<'_>) -> Option<Vec<(String, String)>> {
    let list = message.get("headers").and_then(Json::as_list)?;
    let pair = |header: &Json<'_>| {
        let value = match header.get("value") {
            Some(Json::Text(value)) => value.to_string(),
            Some(Json::Number(value)) => value.to_string(),
            _ => String::new(),
        };
        Some((text(header, "name")?.to_owned(), value))
    };
    // HTTP/2 has the status among the headers, as a name that begins with a colon.
    Some(list.iter().filter_map(pair).filter(|(name, _)| !name.starts_with(':')).collect())
}

/// The headers of a response, if there is a list of them.
fn headers(response: &Json<'_>, status: Option<u16>) -> Option<Vec<(String, String)>> {
    let mut list = pairs(response)?;
    let is_redirect = matches!(status, Some(300..=399));
    let redirect = text(response, "redirectURL").filter(|url| is_redirect && !url.is_empty());
    let has_location = list.iter().any(|(name, _)| name.eq_ignore_ascii_case("location"));
    list.extend(redirect.filter(|_| !has_location).map(|url| ("Location".to_owned(), url.to_owned())));
    Some(list)
}

/// The body; `None` where there was one and the file does not hold it, and why it cannot be read where it does.
fn body(
    method: Method,
    status: Option<u16>,
    headers: &[(String, String)],
    response: &Json<'_>,
) -> Option<Result<Vec<u8>, String>> {
    let content = response.get("content").unwrap_or(&Json::Other);
    let saved = text(content, "text").unwrap_or_default();
    if !saved.is_empty() {
        return match text(content, "encoding").unwrap_or_default().to_ascii_lowercase().as_str() {
            "base64" => Some(decode(saved)),
            "" | "utf-8" | "utf8" | "identity" => Some(Ok(saved.as_bytes().to_vec())),
            // In an encoding that is not known here, the bytes are as good as not recorded.
            _ => None,
        };
    }
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let announced = length.and_then(|(_, value)| value.trim().parse::<u64>().ok());
    let size = integer(content, "size").filter(|size| *size >= 0);
    let bodiless = method == Method::Head || matches!(status, Some(204 | 304 | 300..=303 | 307 | 308));
    let empty =
        bodiless || (status.is_some() && (announced == Some(0) || (announced.is_none() && size == Some(0))));
    empty.then(|| Ok(Vec::new()))
}

fn decode(text: &str) -> Result<Vec<u8>, String> {
    use base64::alphabet::STANDARD;
    use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

    // Some writers leave the padding out, and some wrap lines.
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let dense: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    GeneralPurpose::new(&STANDARD, config)
        .decode(dense)
        .map_err(|error| format!("it is said to be base64 and is not: {error}"))
}

/// The times. HAR demands a start even where nothing was measured, so a start alone says nothing.
fn timings(entry: &Json<'_>) -> Timings {
    let timings = entry.get("timings").unwrap_or(&Json::Other);
    let phase = |name: &str| number(timings, name).filter(|ms| *ms >= 0.0);
    let receive = phase("receive");
    let wait = phase("wait").map(|wait| {
        // `ssl` is a part of `connect`.
        ["blocked", "dns", "connect", "send"].iter().filter_map(|name| phase(name)).sum::<f64>() + wait
    });
    let total = number(entry, "time");
    let measured = (wait.or(receive).is_some() || total.is_some()) && total.is_none_or(|ms| ms > 0.0);
    let started = text(entry, "startedDateTime").filter(|_| measured).and_then(time::parse);
    Timings { started, wait, receive }
}

fn text<'a>(value: &'a Json<'_>, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Json::as_str)
}

/// A number, also where it is written as a text.
fn number(value: &Json<'_>, name: &str) -> Option<f64> {
    let value = value.get(name)?;
    let written = || {
        let mut reader = serde_json::Deserializer::from_slice(value.as_str()?.as_bytes());
        let number = PLAIN.deserialize(&mut reader).ok()?.as_f64();
        reader.end().ok().and(number)
    };
    value.as_f64().or_else(written).filter(|number| number.is_finite())
}

fn integer(value: &Json<'_>, name: &str) -> Option<i64> {
    // Statuses and sizes are far below where a float would lose digits.
    number(value, name).map(|number| number as i64)
}

#[cfg(test)]
mod tests;
