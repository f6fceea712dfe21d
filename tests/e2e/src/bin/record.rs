//! Makes the bundled recordings anew: builds images, pushes them to a real registry, pulls them with the project's own
//! code, and writes down what came. `hello-world` is not among them: it is a record of 2022.

use std::path::Path;

use anyhow::{Context as _, Result, anyhow, ensure};
use registry_inspector::har;
use registry_inspector::pull::{Options, Pull};
use registry_inspector::trace::{Entry, Keep, Trace};
use registry_inspector::verify::Verdict;
use xtask::images;
use xtask::layout::{Layout, digest_of};
use xtask::registry::{Format, Registry};

use e2e::Native;

/// The port that stands in the recordings' addresses.
const PORT: u16 = 5000;

/// The most that one recording may weigh, in bytes.
const LIMIT: usize = 200_000;

fn main() -> Result<()> {
    let options = xtask::registry::Options { port: Some(PORT), ..Default::default() };
    let registry = Registry::start(&options)
        .with_context(|| format!("recordings are made on port {PORT}: stop what listens there"))?;
    let (single, multi) = (images::single()?, images::multi()?);
    registry.push(&single, "single-manifest:1", Format::V2s2)?;
    registry.push(&multi, "two-platforms:1", Format::Oci)?;

    let both = ["linux/amd64", "linux/arm64"];
    write(
        "single-manifest",
        "An image manifest without an index, as Docker writes it.",
        record(&registry, "single-manifest:1", &both[..1], Verdict::Verified)?,
    )?;
    write(
        "two-platforms",
        "An OCI index of two platforms, both pulled.",
        record(&registry, "two-platforms:1", &both, Verdict::Verified)?,
    )?;
    registry.flip_byte(&middle_layer(&multi)?, 20)?;
    write(
        "flipped-byte",
        "The index of two platforms, with one byte of one layer flipped on the registry's disk.",
        record(&registry, "two-platforms:1", &both[..1], Verdict::Failed)?,
    )
}

/// The second layer of the image for the first platform: no other image has it.
fn middle_layer(layout: &Layout) -> Result<String> {
    let index = layout.document(&layout.digest()?)?;
    let manifest =
        layout.document(&digest_of(index.pointer("/manifests/0").context("an index has entries")?)?)?;
    digest_of(manifest.pointer("/layers/1").context("an image has layers")?)
}

/// Pulls an image for each platform into one trace. What an earlier platform already asked for is left out.
fn record(registry: &Registry, name: &str, platforms: &[&str], expected: Verdict) -> Result<Trace> {
    let mut all: Vec<Entry> = Vec::new();
    for platform in platforms {
        let reference = format!("{}/{name}", registry.host()).parse().map_err(|error| anyhow!("{error}"))?;
        let platform = platform.parse().map_err(|error| anyhow!("{error}"))?;
        let options = Options { platform, keep: Keep { each: LIMIT, total: LIMIT }, ..Options::default() };
        let pull = Pull::new(reference, options, Native::new(), |_| {});
        pollster::block_on(pull.run()).map_err(|_aborted| anyhow!("nobody stops this pull"))?;
        let verdict = pull.graph().verdict();
        ensure!(verdict == expected, "{name} is {}, and not {}", verdict.as_str(), expected.as_str());
        let new =
            |entry: &&Entry| !all.iter().any(|old| (old.method, &old.url) == (entry.method, &entry.url));
        let entries: Vec<Entry> = pull.trace().entries.iter().filter(new).cloned().collect();
        all.extend(entries);
    }
    Ok(Trace { entries: all })
}

fn write(name: &str, comment: &str, trace: Trace) -> Result<()> {
    let text =
        har::write(&trace, &har::WriteOptions { comment: Some(comment.to_owned()), ..Default::default() });
    ensure!(text.len() < LIMIT, "{name} weighs {} bytes, and may weigh {LIMIT}", text.len());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../www/recordings").join(format!("{name}.har"));
    std::fs::write(&path, &text).with_context(|| format!("cannot write {}", path.display()))?;
    println!("{name}.har: {} requests, {} bytes", trace.entries.len(), text.len());
    Ok(())
}
