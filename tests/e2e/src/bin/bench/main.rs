//! Measures the page beside its peers, in one run on one machine; prints ratios, and writes them to `benches/RESULTS.md`.

mod book;
mod free;
mod growth;
mod halts;
mod hash;
mod image;
mod page;
mod pull;
mod unpack;

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};

use xtask::BENCH_PARTS;
use xtask::site::Site;

use book::Book;

/// How often each thing is measured, where nothing else is said; the median counts.
const RUNS: usize = 5;

/// How long all runs of one thing may take in a page.
const PATIENCE: Duration = Duration::from_secs(600);

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    // One part alone is printed, and not written.
    let only = std::env::args().nth(1);
    if let Some(only) = &only {
        let parts = BENCH_PARTS;
        ensure!(parts.contains(&only.as_str()), "there is no part {only:?}: there are {}", parts.join(", "));
    }
    let wanted = |part: &str| only.as_ref().is_none_or(|only| only == part);
    let dist = root.join("dist");
    let site = Site::start(&dist, 0)?;
    let mut book = Book::new()?;
    if wanted("hash") {
        hash::measure(&mut book, &root)?;
    }
    if wanted("pull") || wanted("unpack") {
        let image = image::Bench::start()?;
        if wanted("pull") {
            pull::measure(&mut book, &dist, &image)?;
        }
        if wanted("unpack") {
            unpack::measure(&mut book, &dist, &image)?;
        }
    }
    if wanted("growth") {
        growth::measure(&mut book, &site)?;
    }
    if wanted("page") {
        page::measure(&mut book, &site, &root)?;
    }
    if wanted("halts") {
        halts::measure(&mut book, &site)?;
    }
    book.sum_up();
    if only.is_none() { book.write(&root.join("benches")) } else { Ok(()) }
}
