//! sha256 in a page: this build and its peers, all on the page's own thread.

use std::path::Path;

use anyhow::{Context as _, Result};
use e2e::{Browser, Tab};
use xtask::scratch::Scratch;
use xtask::site::Site;
use xtask::tools::{self, Tool};

use super::book::{Book, Bound};
use super::{PATIENCE, RUNS};

const MEBIBYTES: usize = 64;

/// Hashes the same bytes by each.
const MEASURE: &str = "(async () => {
    const bytes = new Uint8Array(MEBIBYTES << 20).map((_, at) => at * at % 251);
    const { serve } = await import('./worker/serve.js');
    const module = await WebAssembly.compile(await (await fetch('./worker/take_bg.wasm')).arrayBuffer());
    const waiting = new Map();
    const order = await serve(module, all => all.forEach(told => waiting.get(told[0])(told)));
    const own = blobs => Promise.all(blobs.map((bytes, id) => new Promise((resolve, reject) => {
        waiting.set(id, told => { if (told[1] === 'done') resolve(told[5]); if (told[1] === 'failed' || told[1] === 'lost') reject(new Error(String(told))); });
        order([[id, 'http://127.0.0.1/', [], 'sha256', [0, 0, 0], [], bytes]]);
    })));
    const quarters = [0, 1, 2, 3].map(at => bytes.subarray(at * bytes.length / 4, (at + 1) * bytes.length / 4));
    const { createSHA256 } = await import('./hash-wasm.js');
    const { sha256 } = await import('./noble/sha2.js');
    const hex = bytes => 'sha256:' + [...new Uint8Array(bytes)].map(b => b.toString(16).padStart(2, '0')).join('');
    const hasher = await createSHA256();
    const all = [
        async () => (await own([bytes]))[0],
        async () => 'sha256:' + hasher.init().update(bytes).digest(),
        async () => hex(sha256(bytes)),
        async () => hex(await crypto.subtle.digest('SHA-256', bytes)),
    ];
    const times = [];
    const digests = new Set();
    for (const run of all) {
        const taken = [];
        for (let i = 0; i < RUNS; i++) {
            const begun = performance.now(); digests.add(await run()); taken.push(performance.now() - begun);
        }
        times.push(taken.sort((a, b) => a - b)[RUNS >> 1]);
    }
    if (digests.size !== 1) throw new Error('they do not agree: ' + [...digests]);
    const taken = [];
    const expected = await Promise.all(quarters.map(async part => hex(await crypto.subtle.digest('SHA-256', part))));
    for (let i = 0; i < RUNS; i++) {
        const begun = performance.now(); const four = await own(quarters); taken.push(performance.now() - begun);
        if (String(four) !== String(expected)) throw new Error('of four they do not agree: ' + four);
    }
    return [...times, taken.sort((a, b) => a - b)[RUNS >> 1]];
})()";

/// Prints the times of each browser.
pub(crate) fn measure(book: &mut Book, root: &Path) -> Result<()> {
    let folder = Scratch::new("peers")?;
    let to = |name: &str| folder.path().join(name);
    std::fs::write(to("index.html"), "<!doctype html><title>peers</title>")?;
    copy(&root.join("dist/pkg/worker"), &to("worker"))?;
    std::fs::copy(tools::find(Tool::HashWasm)?, to("hash-wasm.js"))?;
    let noble = tools::find(Tool::NobleHashes)?;
    copy(noble.parent().context("a folder")?, &to("noble"))?;
    let site = Site::start(folder.path(), 0)?;
    book.part(
        "sha256",
        &format!("{MEBIBYTES} MiB in memory, milliseconds, medians of {RUNS}; the digests were compared."),
    );
    let script = MEASURE.replace("MEBIBYTES", &MEBIBYTES.to_string()).replace("RUNS", &RUNS.to_string());
    for browser in Browser::ALL {
        let mut tab = Tab::alone(browser, &format!("{}/", site.origin()))?.unwatched()?;
        let times = tab.eval_within(PATIENCE, &script)?;
        let time = |at: usize| times.get(at).and_then(serde_json::Value::as_f64).context("no time");
        let (own, hash_wasm, subtle, four) = (time(0)?, time(1)?, time(3)?, time(4)?);
        let rows = [
            ("this build", own),
            ("this build, four quarters side by side, as it reads layers", four),
            ("hash-wasm", hash_wasm),
            ("@noble/hashes", time(2)?),
            ("crypto.subtle, the limit", subtle),
        ];
        book.times("ms", Some(browser), &rows);
        let bound = Bound::AtLeast;
        book.target(
            &format!("sha256 in {browser}, times as fast as hash-wasm"),
            hash_wasm / own,
            bound(1.25),
        );
        book.target(
            &format!("sha256 in {browser}, times as fast as crypto.subtle"),
            subtle / own,
            bound(0.4),
        );
        book.target(
            &format!("sha256 of four side by side in {browser}, times as fast as crypto.subtle of one"),
            subtle / four,
            bound(0.4),
        );
    }
    Ok(())
}

/// Copies the files of a folder, without those in folders below.
fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from).with_context(|| format!("no {}", from.display()))? {
        let path = entry?.path();
        if let Some(name) = path.file_name().filter(|_| path.is_file()) {
            std::fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}
