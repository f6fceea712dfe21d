//! Images of any layers at all, put together by hand: many small ones, or a single one that is large.

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use registry_inspector::digest::Algorithm;
use serde_json::{Value, json};
use xtask::layout::{Layout, MANIFEST, sha256};
use xtask::tar::{self, Entry};

/// A layer: its bytes, and its diff ID.
pub struct Layer {
    /// As they are served.
    pub bytes: Vec<u8>,
    /// What its config says.
    pub diff_id: String,
}

impl Layer {
    /// Bytes that are no tar: to be hashed, and not unpacked.
    pub fn of(bytes: Vec<u8>) -> Layer {
        Layer { diff_id: sha256(&bytes), bytes }
    }

    /// A tar, packed by the gzip program.
    pub fn packed(tar: &[u8]) -> Result<Layer> {
        Ok(Layer { diff_id: sha256(tar), bytes: gzip(tar)? })
    }

    /// A tar of one file of so many bytes, packed by the gzip program to about a hundredth of that. It is never held whole.
    pub fn of_one_file(length: u64) -> Result<Layer> {
        let piece = noise(1, 16 << 10).repeat(16);
        let size = usize::try_from(length).context("it is too long")?;
        let begin = tar::header(&Entry::file("large", ""), size);
        let mut gzip =
            Command::new("gzip").args(["-1", "-n"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (stdin, stdout) = (gzip.stdin.take(), gzip.stdout.take());
        let (mut stdin, mut stdout) = (stdin.context("no pipe")?, stdout.context("no pipe")?);
        let packed = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            stdout.read_to_end(&mut bytes).map(|_| bytes)
        });
        let mut hasher = Algorithm::Sha256.hasher().context("sha256 is there")?;
        let mut put = |bytes: &[u8]| {
            hasher.update(bytes);
            stdin.write_all(bytes)
        };
        put(&begin)?;
        let mut left = size;
        while left > 0 {
            let part = piece.get(..left.min(piece.len())).unwrap_or_default();
            put(part)?;
            left -= part.len();
        }
        put(&vec![0; size.next_multiple_of(512) - size + 1024])?;
        drop(stdin);
        ensure!(gzip.wait()?.success(), "gzip failed");
        let bytes = packed.join().ok().context("nobody read what gzip wrote")??;
        Ok(Layer { bytes, diff_id: hasher.finish().to_string() })
    }
}

/// Bytes as the gzip program packs them.
pub fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut gzip =
        Command::new("gzip").args(["-9", "-n"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let (stdin, stdout) = (gzip.stdin.take(), gzip.stdout.take());
    let (mut stdin, mut stdout) = (stdin.context("no pipe")?, stdout.context("no pipe")?);
    let packed = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        stdout.read_to_end(&mut bytes).map(|_| bytes)
    });
    stdin.write_all(bytes)?;
    drop(stdin);
    ensure!(gzip.wait()?.success(), "gzip failed");
    Ok(packed.join().ok().context("nobody read what gzip wrote")??)
}

/// An image of these layers, in a layout, under its tag.
pub fn image_of(layers: &[Layer]) -> Result<Layout> {
    let layout = Layout::new("blobs")?;
    let diff_ids: Vec<&str> = layers.iter().map(|layer| layer.diff_id.as_str()).collect();
    let config = json!({
        "os": "linux", "architecture": "amd64", "rootfs": { "type": "layers", "diff_ids": diff_ids },
    });
    let config =
        layout.add_blob("application/vnd.oci.image.config.v1+json", &serde_json::to_vec(&config)?)?;
    // Of a type that skopeo takes as it is.
    let media_type = "application/vnd.oci.image.layer.v1.tar+gzip";
    let layers = layers
        .iter()
        .map(|layer| layout.add_blob(media_type, &layer.bytes))
        .collect::<Result<Vec<Value>>>()?;
    let manifest = json!({ "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers });
    let manifest = layout.add_blob(MANIFEST, &serde_json::to_vec(&manifest)?)?;
    layout.set_tagged(&manifest)?;
    Ok(layout)
}

/// Bytes that do not compress, the same for each seed (xorshift).
pub fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    std::iter::repeat_with(next).flatten().take(length).collect()
}
