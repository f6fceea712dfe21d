//! Small images for the tests: one for a single platform, one index of two.
//!
//! Content, order and every timestamp are fixed. With one version of umoci, a digest is therefore the same in each run;
//! another version may compress otherwise, so tests read digests from the layout and do not write them down.

use anyhow::{Context as _, Result};

use crate::layout::{AMD64, ARM64, Layout, Platform, entry};
use crate::scratch::Scratch;
use crate::tar::Entry;

/// An image of three layers for linux/amd64; the third replaces a file of the first and removes one of the second.
pub fn single() -> Result<Layout> {
    let layout = Layout::new("single")?;
    layout.add_image("single", AMD64, &three_layers(AMD64))?;
    Ok(layout)
}

/// An index of two such images, for linux/amd64 and linux/arm64/v8, which share their first layer.
pub fn multi() -> Result<Layout> {
    let layout = Layout::new("multi")?;
    let mut manifests = Vec::new();
    for platform in [AMD64, ARM64] {
        let manifest = layout.add_image(platform.architecture, platform, &three_layers(platform))?;
        manifests.push((manifest, platform));
    }
    layout.add_index(&manifests)?;
    Ok(layout)
}

/// An image made by buildah, of one layer with files of several kinds, one with a long name and one that is no ASCII.
pub fn built() -> Result<Layout> {
    let layout = Layout::new("built")?;
    let files = Scratch::new("files")?;
    let deep = files.path().join("a/rather/deep/directory");
    let write = |path: std::path::PathBuf, content: &str| {
        std::fs::write(&path, content).with_context(|| format!("cannot write {}", path.display()))
    };
    std::fs::create_dir_all(&deep).with_context(|| format!("cannot create {}", deep.display()))?;
    write(deep.join("long-".repeat(40)), "a name that no header holds\n")?;
    write(files.path().join("stra\u{df}e.json"), "{\"a\": 1}\n")?;
    write(files.path().join("large"), &"0123456789abcdef".repeat(100_000))?;
    layout.add_built(files.path())?;
    Ok(layout)
}

/// The same two, each with an attestation, as BuildKit makes an index.
pub fn attested() -> Result<Layout> {
    let layout = Layout::new("attested")?;
    let (mut entries, mut attestations) = (Vec::new(), Vec::new());
    for platform in [AMD64, ARM64] {
        let manifest = layout.add_image(platform.architecture, platform, &three_layers(platform))?;
        attestations.push(layout.add_attestation(&manifest)?);
        entries.push(entry(&manifest, platform));
    }
    entries.extend(attestations);
    layout.add_index_of(&entries)?;
    Ok(layout)
}

fn three_layers(platform: Platform) -> [Vec<Entry>; 3] {
    // Long enough that a flipped byte in the middle of the blob hits content, and not a header.
    let text: String = (0..500).map(|line| format!("line {line} of a file that compresses\n")).collect();
    [
        vec![
            Entry::directory("etc"),
            Entry::file("etc/os-release", "ID=registry-inspector\n"),
            Entry::file("etc/motd", "from the first layer\n"),
            Entry::directory("usr"),
            Entry::file("usr/text", text),
        ],
        vec![
            Entry::directory("opt"),
            Entry::file("opt/platform", format!("{}/{}\n", platform.os, platform.architecture)),
            Entry::file("opt/removed", "the third layer removes this\n"),
            Entry::symlink("opt/link", "platform"),
        ],
        vec![Entry::file("etc/motd", "from the third layer\n"), Entry::whiteout("opt", "removed")],
    ]
}
