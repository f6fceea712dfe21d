//! The image that is pulled and unpacked: half of it does not compress, half compresses to about half.

use anyhow::Result;
use e2e::noise;
use xtask::layout::{AMD64, Layout};
use xtask::registry::{Format, Options, Registry};
use xtask::tar;

const LAYERS: u64 = 6;

/// Files of each layer, and the length of each.
const FILES: usize = 40;
const FILE_BYTES: usize = 1_600_000;

/// A registry with the image as `bench:1`, and the layout that it was pushed from.
pub(crate) struct Bench {
    pub(crate) layout: Layout,
    pub(crate) registry: Registry,
}

impl Bench {
    pub(crate) fn start() -> Result<Bench> {
        println!("building an image of {LAYERS} layers");
        let layout = Layout::new("bench")?;
        let layer = |layer: u64| -> Vec<tar::Entry> {
            let file = |at: usize| {
                let noise = noise(layer * 1000 + at as u64, FILE_BYTES);
                // Text of sixteen letters: half of each byte says nothing.
                let letters =
                    |byte: u8| b"etaoinshrdlucmfw".get(usize::from(byte & 15)).copied().unwrap_or(b' ');
                let content =
                    if at.is_multiple_of(2) { noise } else { noise.into_iter().map(letters).collect() };
                tar::Entry::file(&format!("files/{layer}-{at}"), content)
            };
            (0..FILES).map(file).collect()
        };
        layout.add_image("bench", AMD64, &(1..=LAYERS).map(layer).collect::<Vec<_>>())?;
        let registry = Registry::start(&Options::default())?;
        registry.push(&layout, "bench:1", Format::Oci)?;
        Ok(Bench { layout, registry })
    }

    /// The image as it stands in a reference.
    pub(crate) fn image(&self) -> String {
        format!("{}/bench:1", self.registry.host())
    }
}
