//! A tar that is read differently, made as small as it still is.

use anyhow::Result;

use super::alike;
use super::cases::Case;
use super::go::Go;
use super::listing;

/// Prints what differs, of the smallest tar that still does.
pub(crate) fn show(go: &mut Go, seed: u64, number: u64, case: &Case) -> Result<()> {
    let mut parts = case.parts.clone();
    let mut at = 0;
    while at < parts.len() {
        let mut fewer = parts.clone();
        fewer.remove(at);
        if differs(go, &fewer)? { parts = fewer } else { at += 1 }
    }
    let mut zeroed = parts.clone();
    for part in 0..parts.len() {
        // Whatever can be zero without a change is. A header's sum is made right again, unless it was wrong.
        for from in (0..parts.get(part).map_or(0, Vec::len)).step_by(4) {
            let mut candidate = zeroed.clone();
            let Some(bytes) = candidate.get_mut(part) else { continue };
            let end = bytes.len().min(from + 4);
            let Some(few) = bytes.get_mut(from..end).filter(|few| few.iter().any(|byte| *byte != 0)) else {
                continue;
            };
            few.fill(0);
            if let Some(header) = bytes.get_mut(from / 512 * 512..).and_then(|rest| rest.get_mut(..512)) {
                super::cases::sum_up(header);
            }
            if differs(go, &candidate)? {
                zeroed = candidate;
            }
        }
    }
    let bytes = zeroed.concat();
    let theirs = go.read(std::slice::from_ref(&bytes))?.concat();
    println!("\ncase {number} of seed {seed} differs:");
    for (at, block) in bytes.chunks(512).enumerate() {
        println!("  block {at}: {}", shown(block));
    }
    println!("here:\n{}in Go:\n{theirs}", listing::read(&bytes, bytes.len()).unwrap_or_default());
    Ok(())
}

fn differs(go: &mut Go, parts: &[Vec<u8>]) -> Result<bool> {
    let bytes = parts.concat();
    let theirs = go.read(std::slice::from_ref(&bytes))?.concat();
    Ok(listing::read(&bytes, bytes.len()).is_some_and(|ours| !alike(&ours, &theirs)))
}

/// What is not zero in a block, each stretch with its place.
fn shown(block: &[u8]) -> String {
    let mut shown: Vec<String> = Vec::new();
    let mut from = 0;
    for stretch in block.split_inclusive(|byte| *byte == 0) {
        let text = stretch.strip_suffix(b"\0").unwrap_or(stretch);
        if !text.is_empty() {
            shown.push(format!("{from}:{}", text.escape_ascii()));
        }
        from += stretch.len();
    }
    if shown.is_empty() { format!("{} zeros", block.len()) } else { shown.join(" ") }
}
