//! Holds the reader of tars against Go's, which docker, containerd and umoci unpack with: each makes a list of tars that
//! were made and damaged at random, and the lists must be the same. And the reader of documents against Go's, which nearly
//! every client has: where they read different things, a finding has to say so.
//!
//! `cargo xtask differ [tars|documents] [CASES] [SEED]`. A case follows from the seed and its number alone. What differs is made as small as
//! it still differs, and printed; the exit code is 1 then. Whatever kind is found so becomes a row of the table in
//! `src/layer/tar/readers.rs`, which needs no Go.

mod cases;
mod documents;
mod go;
mod listing;
mod lists;
mod smaller;
mod trees;

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use cases::Case;
use go::{Go, What};
use lists::Random;
use trees::Kind;

/// So many tars are read at a time.
const BATCH: u64 = 2000;

/// So many differences are printed.
const SHOWN: usize = 10;

fn main() -> Result<ExitCode> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (parts, rest): (&[&str], &[String]) = match args.split_first() {
        Some((part, rest)) if part == "tars" => (&["tars"], rest),
        Some((part, rest)) if part == "documents" => (&["documents"], rest),
        _ => (&["tars", "documents"], &args),
    };
    let numbers = rest.iter().map(|text| {
        text.replace('_', "")
            .parse::<u64>()
            .with_context(|| format!("{text:?} is no number: give [tars|documents] [CASES] [SEED]"))
    });
    let (cases, seed) = match numbers.collect::<Result<Vec<u64>>>()?.as_slice() {
        [] => (1_000_000, 1),
        [cases] => (*cases, 1),
        [cases, seed] => (*cases, *seed),
        more => bail!("differ takes [tars|documents] [CASES] [SEED], and not {} numbers", more.len()),
    };
    let mut found = 0;
    for part in parts {
        found += if *part == "tars" { tars(cases, seed)? } else { texts(cases, seed)? };
    }
    Ok(if found == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Reads tars here and in Go; says how many differ.
fn tars(cases: u64, seed: u64) -> Result<usize> {
    let mut go = Go::start(What::Tars)?;
    let (mut found, mut over, mut refused) = (0, 0_u64, 0_u64);
    for first in (0..cases).step_by(BATCH as usize) {
        let batch: Vec<Case> =
            (first..cases.min(first + BATCH)).map(|number| Case::new(seed, number)).collect();
        let tars: Vec<Vec<u8>> = batch.iter().map(Case::bytes).collect();
        for (number, (case, theirs)) in (first..).zip(batch.iter().zip(go.read(&tars)?)) {
            let step = [1_usize, 100, 512, 1000, 1 << 20].get(Random::new(seed, number).below(5)).copied();
            let Some(ours) = listing::read(&case.bytes(), step.unwrap_or(1)) else {
                over += 1;
                continue;
            };
            refused += u64::from(theirs.ends_with("refused\n"));
            if alike(&ours, &theirs) {
                continue;
            }
            found += 1;
            if found <= SHOWN {
                smaller::show(&mut go, seed, number, case)?;
            }
        }
        if first % (50 * BATCH) == 0 && first > 0 {
            println!("{first} read, {found} differ");
        }
    }
    println!(
        "{cases} tars read, seed {seed}: Go refuses {refused}, {over} are over a limit here, {found} differ"
    );
    Ok(found)
}

/// Reads documents here and in Go; says how many differ.
fn texts(cases: u64, seed: u64) -> Result<usize> {
    let mut go = Go::start(What::Documents)?;
    let (mut found, mut refused) = (0, 0_u64);
    for first in (0..cases).step_by(BATCH as usize) {
        let batch: Vec<(Kind, Vec<u8>)> =
            (first..cases.min(first + BATCH)).map(|number| trees::document(seed, number)).collect();
        let marked: Vec<Vec<u8>> =
            batch.iter().map(|(kind, bytes)| [&[kind.letter()], bytes.as_slice()].concat()).collect();
        for (number, ((kind, bytes), theirs)) in (first..).zip(batch.iter().zip(go.read(&marked)?)) {
            refused += u64::from(theirs == "refused\n");
            let Some(how) = documents::differ(&documents::read(*kind, bytes), &theirs) else { continue };
            found += 1;
            if found <= SHOWN {
                println!(
                    "\ncase {number} of seed {seed}, {kind:?}: {how}\n{}\nin Go:\n{theirs}",
                    bytes.escape_ascii()
                );
            }
        }
    }
    println!("{cases} documents read, seed {seed}: Go refuses {refused}, {found} differ");
    Ok(found)
}

/// Whether two readings are the same. Of a tar that both refuse, the last entry before that may be there or not.
pub(crate) fn alike(ours: &str, theirs: &str) -> bool {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<String>>();
    let (ours, theirs) = (lines(ours), lines(theirs));
    if ours == theirs {
        return true;
    }
    let (Some((a, ours)), Some((b, theirs))) = (ours.split_last(), theirs.split_last()) else { return false };
    let (short, long) = if ours.len() < theirs.len() { (ours, theirs) } else { (theirs, ours) };
    a == "refused" && a == b && long.len() - short.len() <= 1 && long.starts_with(short)
}
