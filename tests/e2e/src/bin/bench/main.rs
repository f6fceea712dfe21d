//! Measures the page beside its peers, in one run on one machine, and prints ratios.

mod page;
mod pull;

use std::path::Path;

use anyhow::Result;
use xtask::site::Site;

/// How often each thing is measured; the median counts.
const RUNS: usize = 5;

fn main() -> Result<()> {
    let site = Site::start(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dist"), 0)?;
    page::measure(&site)?;
    pull::measure(&site)
}
