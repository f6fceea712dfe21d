//! A registry whose connection breaks before a layer's last byte.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use anyhow::Result;
use serde_json::json;
use xtask::layout::sha256;

/// Serves one image as `app:1`, whose only layer never comes whole.
pub struct CutShort {
    host: String,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// What is found at a path: media type, body, and how much of the body is sent.
type Found = (String, &'static str, Vec<u8>, usize);

impl CutShort {
    /// Starts it on a free port.
    pub fn start() -> Result<CutShort> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let host = listener.local_addr()?.to_string();
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, image) = (Arc::clone(&stop), image());
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                // A browser that went away before its answer is no fault of the server.
                let _ = answer(stream, &image);
            }
        });
        Ok(CutShort { host, stop, thread: Some(thread) })
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> &str {
        &self.host
    }
}

impl Drop for CutShort {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Wakes the thread, which waits for a connection.
        let _ = TcpStream::connect(&self.host);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn image() -> Vec<Found> {
    let blob = "application/octet-stream";
    let layer = vec![7; 100_000];
    let diff_ids = [sha256(b"")];
    let config = json!({ "os": "linux", "architecture": "amd64", "rootfs": { "diff_ids": diff_ids } });
    let config = config.to_string().into_bytes();
    let manifest = json!({
        "config": { "mediaType": "application/vnd.oci.image.config.v1+json", "digest": sha256(&config), "size": config.len() },
        "layers": [{ "mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": sha256(&layer), "size": layer.len() }],
    });
    let manifest = manifest.to_string().into_bytes();
    let whole = |path: String, kind, bytes: &Vec<u8>| (path, kind, bytes.clone(), bytes.len());
    let oci = "application/vnd.oci.image.manifest.v1+json";
    vec![
        whole("manifests/1".into(), oci, &manifest),
        whole(format!("manifests/{}", sha256(&manifest)), oci, &manifest),
        whole(format!("blobs/{}", sha256(&config)), blob, &config),
        (format!("blobs/{}", sha256(&layer)), blob, layer, 60_000),
    ]
}

fn answer(mut stream: TcpStream, image: &[Found]) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.extend(byte);
    }
    let head = String::from_utf8_lossy(&head);
    let found = image.iter().find(|(path, ..)| head.contains(&format!(" /v2/app/{path} ")));
    let Some((_, kind, body, sent)) = found else {
        return stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    };
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nDocker-Content-Digest: {}\r\n\
         Access-Control-Allow-Origin: *\r\nAccess-Control-Expose-Headers: Docker-Content-Digest\r\n\
         Connection: close\r\n\r\n",
        body.len(),
        sha256(body)
    )?;
    if head.starts_with("GET") {
        stream.write_all(body.get(..*sent).unwrap_or_default())?;
    }
    Ok(())
}
