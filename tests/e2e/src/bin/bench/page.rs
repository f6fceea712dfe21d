//! How soon the page is there, how soon a large pull is drawn, and whether it scrolls smoothly.
//!
//! Peer of the first: an empty page from the same server. The others have none; their limits are a second to be drawn, and
//! 50 ms for any task while scrolling (RAIL).

use anyhow::{Context as _, Result};
use e2e::{Browser, Server, Tab, many_layers, many_platforms, readable};
use tiny_http::Response;
use xtask::scratch::Scratch;
use xtask::site::Site;

use super::RUNS;

/// Notes when the page has come to its end and been painted, in milliseconds since the navigation began.
const NOTE_PAINTED: &str = "() => {
    const note = () => requestAnimationFrame(() => setTimeout(() => { globalThis.painted = performance.now(); }));
    new MutationObserver((_, observer) => {
        if (document.querySelector('main[data-state=done]')) { observer.disconnect(); note(); }
    }).observe(document, { subtree: true, childList: true, attributes: true });
}";

/// Scrolls a box by less than it shows, frame by frame, and tells the longest time between two frames.
const SCROLL: &str = "async selector => {
    const box = document.querySelector(selector);
    let longest = 0, last = performance.now();
    for (let frame = 0; frame < 150; frame++) {
        box.scrollTop += 450;
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        if (frame > 2) longest = Math.max(longest, now - last);
        last = now;
    }
    return longest;
}";

/// Prints the times of each browser.
pub(crate) fn measure(site: &Site) -> Result<()> {
    let empty = Scratch::new("empty")?;
    std::fs::write(
        empty.path().join("index.html"),
        "<!doctype html><title>empty</title><main data-state=done></main>",
    )?;
    let empty = Site::start(empty.path(), 0)?;
    let (requests, objects) = (serve(many_layers(9_997))?, serve(many_platforms(5_000))?);
    println!("milliseconds from navigation to the painted end, medians of {RUNS}");
    for browser in Browser::ALL {
        let mut tab = Tab::open(browser, &format!("{}/", empty.origin()))?;
        tab.preload(NOTE_PAINTED)?;
        let nothing = painted(&mut tab, &format!("{}/", empty.origin()))?;
        let recorded = painted(&mut tab, &format!("{}/?recording=hello-world", site.origin()))?;
        println!("{browser}");
        println!(
            "  the recorded pull             {recorded:7.0}   an empty page {nothing:.0}, ratio {:.2}",
            recorded / nothing
        );
        let large =
            |server: &Server| format!("{}/?recording=http://{}/large.har", site.origin(), server.host());
        let drawn = painted(&mut tab, &large(&requests))?;
        let frame = scrolled(&mut tab, "#table-box")?;
        println!("  10,000 requests               {drawn:7.0}   longest frame while scrolling {frame:.0}");
        let drawn = painted(&mut tab, &large(&objects))?;
        tab.click("#others button")?;
        tab.until("document.querySelectorAll('[role=treeitem]').length > 10")?;
        let frame = scrolled(&mut tab, "#tree")?;
        println!("  a tree of 5,000 objects       {drawn:7.0}   longest frame while scrolling {frame:.0}");
    }
    Ok(())
}

fn serve(har: String) -> Result<Server> {
    Server::start(move |request| {
        let answer = Response::from_data(har.clone().into_bytes());
        let _ = request.respond(readable(answer, "Cache-Control", "no-store"));
    })
}

fn painted(tab: &mut Tab, url: &str) -> Result<f64> {
    let mut times = Vec::new();
    for _ in 0..RUNS {
        tab.go(url)?;
        tab.until("globalThis.painted > 0")?;
        times.push(tab.eval("globalThis.painted")?.as_f64().context("a time")?);
    }
    times.sort_by(f64::total_cmp);
    times.get(RUNS / 2).copied().context("no time was measured")
}

fn scrolled(tab: &mut Tab, selector: &str) -> Result<f64> {
    tab.eval(&format!("({SCROLL})('{selector}')"))?.as_f64().context("a time")
}
