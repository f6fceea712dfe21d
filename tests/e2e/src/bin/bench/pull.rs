//! A pull in the page beside its peers.
//!
//! Peers: `skopeo copy` of the same image to a directory; in the same page, reading the same blobs and throwing them
//! away (the limit for any page), two at a time into buffers as the page's workers do, and one after the other as they come;
//! and hashing each as a whole with `crypto.subtle` (which must hold it in memory). Nobody drives the browsers meanwhile.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use e2e::Browser;
use serde_json::Value;
use xtask::scratch::Scratch;
use xtask::tools::{self, Tool};

use super::book::{Book, Bound, median};
use super::image::Bench;
use super::{PATIENCE, RUNS, free};

/// Pulls one image by each, and prints times and ratios.
pub(crate) fn measure(book: &mut Book, dist: &Path, image: &Bench) -> Result<()> {
    let image = image.image();
    let skopeo = skopeo(&image)?;
    book.part(
        "Pull and verify",
        &format!(
            "An image of six layers and about 290 MB, in browsers that nobody drives; milliseconds, medians of {RUNS}."
        ),
    );
    for browser in Browser::ALL {
        let [page, discard, plain, subtle] = in_page(browser, dist, &image)?;
        let rows = [
            ("this page", page),
            ("skopeo copy to a directory", skopeo),
            ("fetch and throw away, two readers with buffers, the limit", discard),
            ("fetch and throw away, one plain reader", plain),
            ("whole blobs, crypto.subtle", subtle),
        ];
        book.times("ms", Some(browser), &rows);
        let bound = Bound::AtMost;
        book.target(&format!("pull and verify in {browser}, times of skopeo's"), page / skopeo, bound(0.6));
        book.target(
            &format!("pull and verify in {browser}, times of fetch and throw away"),
            page / discard,
            bound(1.25),
        );
    }
    Ok(())
}

/// The median times of the page's own pull, of reading and throwing away in two ways, and of `crypto.subtle`.
fn in_page(browser: Browser, dist: &Path, image: &str) -> Result<[f64; 4]> {
    let times = free::come(browser, dist, PATIENCE, &format!(
        "const median = async run => {{
             const times = [];
             for (let i = 0; i < {RUNS}; i++) {{
               const begun = performance.now(); await run(); times.push(performance.now() - begun);
             }}
             return times.sort((a, b) => a - b)[{RUNS} >> 1];
           }};
           const report = await m.inspect('{image}');
           const blobs = report.requests.map(r => r.url).filter(url => url.includes('/blobs/'));
           const get = url => fetch(url, {{ cache: 'no-store' }});
           const fill = async url => {{
             const {{ body }} = await get(url);
             let reader, buffer = new ArrayBuffer(1 << 20);
             try {{ reader = body.getReader({{ mode: 'byob' }}); }} catch {{ reader = body.getReader(); }}
             for (;;) {{
               const {{ done, value }} = await reader.read(new Uint8Array(buffer));
               if (done) return;
               buffer = value.buffer;
             }}
           }};
           const discard = async () => {{
             const queue = blobs.slice();
             const lane = async () => {{ while (queue.length) await fill(queue.shift()); }};
             await Promise.all([lane(), lane()]);
           }};
           const plain = async () => {{
             for (const url of blobs) {{
               const reader = (await get(url)).body.getReader();
               while (!(await reader.read()).done);
             }}
           }};
           const subtle = async () => {{
             for (const url of blobs) await crypto.subtle.digest('SHA-256', await (await get(url)).arrayBuffer());
           }};
           return [report.verdict, await median(() => m.inspect('{image}')), await median(discard), await median(plain), await median(subtle)];"
    ))?;
    ensure!(times.get(0).and_then(Value::as_str) == Some("verified"), "the pull was not verified: {times}");
    let time = |at: usize| times.get(at).and_then(Value::as_f64).context("the page gave no time");
    Ok([time(1)?, time(2)?, time(3)?, time(4)?])
}

#[allow(clippy::disallowed_methods, reason = "measures on the host")]
fn skopeo(image: &str) -> Result<f64> {
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let scratch = Scratch::new("bench")?;
        let mut command = Command::new(tools::find(Tool::Skopeo)?);
        command.args(["--insecure-policy", "copy", "--quiet", "--src-tls-verify=false"]);
        command.arg(format!("docker://{image}")).arg(format!("dir:{}", scratch.path().display()));
        let begun = Instant::now();
        ensure!(command.status()?.success(), "skopeo copy failed");
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    median(times)
}
