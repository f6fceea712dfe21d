//! A registry with one image of one long layer, whose connection may break: what a real one does not do on demand.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread::JoinHandle;

use anyhow::{Context as _, Result};
use registry_inspector::digest::Algorithm;
use serde_json::json;
use xtask::layout::sha256;

/// The layer's only byte, again and again.
const BYTE: u8 = 7;

/// How the layer is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sends {
    /// As it is.
    All,
    /// As it is, under a digest that is none of its: it is too long to be hashed here.
    Unhashed,
    /// Never more than so many bytes of it, whatever is asked for.
    OnlyTheFirst(u64),
    /// So many bytes; whoever asks for the rest gets it.
    FirstThenTheRest(u64),
    /// So many bytes; whoever asks for the rest gets all of it from the start.
    FirstThenAll(u64),
}

/// Serves an image as `app:1`.
pub struct Streamed {
    host: String,
    image: Arc<Image>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

struct Image {
    sends: Sends,
    length: u64,
    layer: String,
    /// Path, media type and bytes.
    documents: Vec<(String, &'static str, Vec<u8>)>,
    layer_requests: AtomicUsize,
    sent: AtomicU64,
}

impl Streamed {
    /// Starts it on a free port, with a layer of so many bytes.
    pub fn start(length: u64, sends: Sends) -> Result<Streamed> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let host = listener.local_addr()?.to_string();
        let stop = Arc::new(AtomicBool::new(false));
        let image = Arc::new(image(length, sends)?);
        let (stopped, serving) = (Arc::clone(&stop), Arc::clone(&image));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let image = Arc::clone(&serving);
                // A browser that went away before its answer is no fault of the server.
                std::thread::spawn(move || drop(answer(stream, &image)));
            }
        });
        Ok(Streamed { host, image, stop, thread: Some(thread) })
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// How many bytes of the layer were sent so far.
    pub fn sent(&self) -> u64 {
        self.image.sent.load(Ordering::Relaxed)
    }
}

impl Drop for Streamed {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Wakes the thread, which waits for a connection.
        let _ = TcpStream::connect(&self.host);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The pieces of so many bytes.
fn pieces(length: u64) -> impl Iterator<Item = &'static [u8]> {
    const PIECE: &[u8] = &[BYTE; 1 << 18];
    let size = PIECE.len() as u64;
    let rest = usize::try_from(length % size).unwrap_or_default();
    (0..length / size).map(|_| PIECE).chain(PIECE.get(..rest))
}

fn image(length: u64, sends: Sends) -> Result<Image> {
    let mut hasher = Algorithm::Sha256.hasher().context("sha256 is there")?;
    let hashed = if sends == Sends::Unhashed { 0 } else { length };
    pieces(hashed).for_each(|piece| hasher.update(piece));
    let layer = hasher.finish().to_string();
    let config = json!({ "os": "linux", "architecture": "amd64", "rootfs": { "diff_ids": [layer] } });
    let config = config.to_string().into_bytes();
    let manifest = json!({
        "schemaVersion": 2,
        "config": { "mediaType": "application/vnd.oci.image.config.v1+json", "digest": sha256(&config), "size": config.len() },
        "layers": [{ "mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": layer, "size": length }],
    });
    let manifest = manifest.to_string().into_bytes();
    let oci = "application/vnd.oci.image.manifest.v1+json";
    let documents = vec![
        ("manifests/1".into(), oci, manifest.clone()),
        (format!("manifests/{}", sha256(&manifest)), oci, manifest),
        (format!("blobs/{}", sha256(&config)), "application/octet-stream", config),
    ];
    Ok(Image {
        sends,
        length,
        layer,
        documents,
        layer_requests: AtomicUsize::new(0),
        sent: AtomicU64::new(0),
    })
}

fn answer(mut stream: TcpStream, image: &Image) -> std::io::Result<()> {
    let (mut line, mut range) = (String::new(), None);
    for header in BufReader::new(stream.try_clone()?).lines() {
        let header = header?;
        if line.is_empty() {
            line.clone_from(&header);
        }
        if let Some(from) = header.to_ascii_lowercase().strip_prefix("range: bytes=") {
            range = from.trim_end_matches('-').parse::<u64>().ok();
        }
        if header.is_empty() {
            break;
        }
    }
    if line.contains(&format!(" /v2/app/blobs/{} ", image.layer)) {
        return layer(stream, image, range);
    }
    let found = image.documents.iter().find(|(path, ..)| line.contains(&format!(" /v2/app/{path} ")));
    let Some((_, kind, body)) = found else {
        return stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    };
    head(&mut stream, "200 OK", kind, body.len() as u64, &sha256(body))?;
    if line.starts_with("GET") { stream.write_all(body) } else { Ok(()) }
}

fn layer(mut stream: TcpStream, image: &Image, range: Option<u64>) -> std::io::Result<()> {
    let is_first = image.layer_requests.fetch_add(1, Ordering::Relaxed) == 0;
    let (from, sent) = match (image.sends, range) {
        (Sends::All | Sends::Unhashed, _) => (0, image.length),
        (Sends::OnlyTheFirst(bytes), _) => (0, bytes),
        (Sends::FirstThenTheRest(bytes) | Sends::FirstThenAll(bytes), _) if is_first => (0, bytes),
        (Sends::FirstThenTheRest(_), Some(from)) => (from, image.length - from),
        (Sends::FirstThenTheRest(_) | Sends::FirstThenAll(_), _) => (0, image.length),
    };
    let status = if from > 0 { "206 Partial Content" } else { "200 OK" };
    head(&mut stream, status, "application/octet-stream", image.length - from, &image.layer)?;
    pieces(sent).try_for_each(|piece| {
        image.sent.fetch_add(piece.len() as u64, Ordering::Relaxed);
        stream.write_all(piece)
    })
}

fn head(stream: &mut TcpStream, status: &str, kind: &str, length: u64, digest: &str) -> std::io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nDocker-Content-Digest: {digest}\r\n\
         Access-Control-Allow-Origin: *\r\nAccess-Control-Expose-Headers: Docker-Content-Digest\r\n\
         Connection: close\r\n\r\n"
    )
}
