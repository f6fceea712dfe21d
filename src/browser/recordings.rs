//! Loading a recording: a bundled one by its name, or any other by its address.

use web_sys::AbortSignal;

use super::fetch::Fetch;
use crate::har::Recording;
use crate::http::{Method, Request, Url};
use crate::transport::{Body, Response, Transport};
use crate::view::address::recording_path;

/// The most that a recording may have, in bytes.
const MOST: usize = 256 * 1024 * 1024;

/// Fetches and reads a recording, whose address may be relative to `site`. The error is a sentence without its full stop.
pub(super) async fn load(recording: &str, site: &str, signal: &AbortSignal) -> Result<Recording, String> {
    let site: Url = site.parse().map_err(|error| format!("{error}"))?;
    let url = site.join(&recording_path(recording)).map_err(|error| error.to_string())?;
    let request = Request { method: Method::Get, url, headers: Vec::new() };
    let sent = Fetch::new(signal).send(&request).await;
    let Response { head, mut body } = sent.map_err(|error| error.to_string())?;
    match head.status {
        Some(200) => {}
        Some(404) => return Err("there is no such file".to_owned()),
        status => return Err(format!("the server answered {}", status.unwrap_or_default())),
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = body.chunk().await.map_err(|error| error.to_string())? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MOST {
            return Err("the file is too large".to_owned());
        }
    }
    Recording::parse(&bytes).map_err(|error| error.to_string())
}
