//! Loading a recording: a bundled one by its name, one from the user's computer, or any other by its address.

use std::cell::RefCell;

use js_sys::Uint8Array;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, File};

use super::failure;
use super::fetch::Fetch;
use crate::har::Recording;
use crate::http::{Method, Request, Url};
use crate::transport::{Body, Response, Transport};
use crate::view::address::{file_name, recording_path};

/// The most that a recording may have, in bytes.
const MOST: usize = 256 * 1024 * 1024;

/// Where a page's recordings are.
pub(super) struct Shelf {
    /// What their addresses are relative to.
    site: String,
    /// The file that the user opened last. It never leaves the tab.
    opened: RefCell<Option<File>>,
}

impl Shelf {
    /// The shelf of a page.
    pub(super) fn new(site: String) -> Shelf {
        Shelf { site, opened: RefCell::default() }
    }

    /// Takes a file from the user's computer, in place of the one before.
    pub(super) fn open(&self, file: File) {
        self.opened.replace(Some(file));
    }

    /// Reads a recording. The error is a sentence without its full stop.
    pub(super) async fn load(&self, recording: &str, signal: &AbortSignal) -> Result<Recording, String> {
        let bytes = match file_name(recording) {
            Some(name) => self.read(name).await?,
            None => self.fetch(&recording_path(recording), signal).await?,
        };
        Recording::parse(&bytes).map_err(|error| error.to_string())
    }

    /// Fetches a file, whose address may be relative to the site.
    pub(super) async fn fetch(&self, path: &str, signal: &AbortSignal) -> Result<Vec<u8>, String> {
        let site: Url = self.site.parse().map_err(|error| format!("{error}"))?;
        let url = site.join(path).map_err(|error| error.to_string())?;
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
                return Err(TOO_LARGE.to_owned());
            }
        }
        Ok(bytes)
    }

    async fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        let file = self.opened.borrow().clone().filter(|file| file.name() == name);
        let file =
            file.ok_or("it is a file of your computer, which this page has not kept: open it again")?;
        if file.size() > MOST as f64 {
            return Err(TOO_LARGE.to_owned());
        }
        let buffer = JsFuture::from(file.array_buffer()).await;
        buffer.map(|buffer| Uint8Array::new(&buffer).to_vec()).map_err(|thrown| failure::text(&thrown))
    }
}

const TOO_LARGE: &str = "the file is larger than 256 MiB, which is this inspector's own limit";
