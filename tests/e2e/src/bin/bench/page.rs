//! How soon the page is there, how soon a large pull is drawn, and whether it scrolls smoothly.
//!
//! Peer of the first: an empty page from the same server. The others have none; their limits are 300 ms and a second to be
//! drawn, and 50 ms for any task while scrolling (RAIL).

use std::path::Path;

use anyhow::{Context as _, Result};
use e2e::{Browser, Server, Tab, many_layers, many_platforms};
use serde_json::Value;
use xtask::dist::Dist;
use xtask::layout::{AMD64, Layout};
use xtask::registry::{Format, Options, Registry};
use xtask::scratch::Scratch;
use xtask::site::Site;
use xtask::tar::Entry;

use super::RUNS;
use super::book::{Book, Bound, median};

/// Notes when the first object has its verdict, and when the page has come to its end, each as painted, in milliseconds
/// since the navigation began. It promises to tell both: a page that was asked again and again would be slower for it.
const NOTE_PAINTED: &str = "() => {
    const painted = () => new Promise(then => requestAnimationFrame(() => setTimeout(() => then(performance.now()))));
    let judged;
    globalThis.noted = new Promise(then => {
        new MutationObserver(async (_, observer) => {
            if (!judged && document.querySelector('[role=treeitem]:is([data-verdict=verified], [data-verdict=failed])')) {
                judged = painted();
            }
            if (document.querySelector('main[data-state=done]')) {
                observer.disconnect();
                then([await painted(), await judged ?? 0]);
            }
        }).observe(document, { subtree: true, childList: true, attributes: true });
    });
}";

/// Scrolls a box by less than it shows, frame by frame, from the first frame on, and tells the longest time between two
/// frames, and the longest task of over 50 ms, where the browser tells of those.
const SCROLL: &str = "async selector => {
    const box = document.querySelector(selector);
    const tells = PerformanceObserver.supportedEntryTypes.includes('longtask');
    let task = 0;
    const note = list => list.forEach(entry => { task = Math.max(task, entry.duration); });
    const observer = new PerformanceObserver(list => note(list.getEntries()));
    if (tells) observer.observe({ type: 'longtask' });
    await new Promise(requestAnimationFrame);
    let longest = 0, last = performance.now();
    for (let frame = 0; frame < 150; frame++) {
        box.scrollTop += 450;
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        longest = Math.max(longest, now - last);
        last = now;
    }
    await new Promise(then => setTimeout(then, 100));
    note(observer.takeRecords());
    observer.disconnect();
    return [longest, tells ? task : null];
}";

/// Unfolds what stands below the button, and tells how long it took until it was drawn.
const UNFOLD: &str = "(async () => {
    const begun = performance.now();
    document.querySelector('#others button').click();
    await new Promise(then => requestAnimationFrame(() => setTimeout(then)));
    return performance.now() - begun;
})()";

/// Prints the times of each browser.
pub(crate) fn measure(book: &mut Book, site: &Site, root: &Path) -> Result<()> {
    let empty = Scratch::new("empty")?;
    std::fs::write(
        empty.path().join("index.html"),
        "<!doctype html><title>empty</title><main data-state=done></main>",
    )?;
    let empty = Site::start(empty.path(), 0)?;
    let few: Vec<(usize, Server)> = [97, 997, 9_997]
        .into_iter()
        .map(|layers| Ok((layers + 3, Server::of(many_layers(layers))?)))
        .collect::<Result<_>>()?;
    let objects = Server::of(many_platforms(5_000))?;
    let registry = registry_of_files()?;
    book.part(
        "The page",
        &format!(
            "Milliseconds from the navigation to the painted end, medians of {RUNS}; frames while scrolling."
        ),
    );
    for browser in Browser::ALL {
        let mut tab = Tab::alone(browser, &format!("{}/", empty.origin()))?.unwatched()?;
        tab.preload(NOTE_PAINTED)?;
        let (nothing, _) = noted(&mut tab, &format!("{}/", empty.origin()))?;
        let (recorded, judged) = noted(&mut tab, &format!("{}/?recording=hello-world", site.origin()))?;
        let loaded =
            tab.list("[location.href, ...performance.getEntriesByType('resource').map(r => r.name)]")?;
        let image = format!("{}/?image={}/app:1", site.origin(), registry.host());
        let (pulled, first) = noted(&mut tab, &image)?;
        book.say(&format!(
            "| {browser} | ms | longest frame, ms | longest task over 50 ms |\n|---|---:|---:|---:|"
        ));
        book.say(&format!("| an empty page | {nothing:.0} | | |"));
        book.say(&format!("| the recorded pull, to its first verdict | {judged:.0} | | |"));
        book.say(&format!("| the same, to its last | {recorded:.0} | | |"));
        book.say(&format!("| a pull from a registry, to its first verdict | {first:.0} | | |"));
        book.say(&format!("| the same, to its last | {pulled:.0} | | |"));
        let large =
            |server: &Server| format!("{}/?recording=http://{}/large.har", site.origin(), server.host());
        let (mut scrolls, mut slowest) = (Vec::new(), 0.0);
        for (requests, server) in &few {
            let (drawn, _) = noted(&mut tab, &large(server))?;
            scrolls.push(scrolled(&mut tab, "#table-box", book, &format!("{requests} requests"), drawn)?);
            slowest = drawn;
        }
        let mut unfolded = Vec::new();
        for _ in 0..RUNS {
            noted_once(&mut tab, &large(&objects))?;
            unfolded.push(tab.eval(UNFOLD)?.as_f64().context("a time")?);
        }
        tab.until("document.querySelectorAll('[role=treeitem]').length > 10")?;
        let unfolded = median(unfolded)?;
        scrolls.push(scrolled(&mut tab, "#tree", book, "a tree of 5,000 objects, unfolded", unfolded)?);
        let (mut listed, mut opened) = (Vec::new(), Vec::new());
        for _ in 0..RUNS {
            tab.go(&format!("{image}&layers=unpack"))?;
            tab.until_ended()?;
            listed.push(tab.eval(LIST_FILES)?.as_f64().context("a time")?);
            opened.push(tab.eval(OPEN_ALL)?.as_f64().context("a time")?);
        }
        let (listed, opened) = (median(listed)?, median(opened)?);
        book.say(&format!("| {FILES} files of a layer, listed | {listed:.0} | | |"));
        let what = "the same, all directories opened";
        scrolls.push(scrolled(&mut tab, "#files-tree", book, what, opened)?);
        book.say("");
        book.target(&format!("the recorded pull shown in {browser}, ms"), recorded, Bound::AtMost(300.0));
        book.target(&format!("10,000 requests drawn in {browser}, ms"), slowest, Bound::AtMost(1000.0));
        let what = format!("{FILES} files listed and opened in {browser}, ms");
        book.target(&what, listed + opened, Bound::AtMost(300.0));
        let tasks = scrolls
            .iter()
            .filter_map(|(_, task)| *task)
            .fold(None, |most: Option<f64>, task| Some(most.map_or(task, |most| most.max(task))));
        match tasks {
            Some(task) => book.target(
                &format!("the longest task of over 50 ms while scrolling in {browser}, ms"),
                task,
                Bound::AtMost(50.0),
            ),
            None => {
                let frame = scrolls.iter().map(|(frame, _)| *frame).fold(0.0, f64::max);
                book.target(
                    &format!("the longest frame while scrolling in {browser}, which tells of no tasks, ms"),
                    frame,
                    Bound::AtMost(50.0),
                );
            }
        }
        book.say("");
        weigh(book, root, site, &loaded)?;
    }
    Ok(())
}

/// How many files the image has whose list is measured.
const FILES: usize = 100_000;

/// Lists them, and tells how long it took until they were drawn.
const LIST_FILES: &str = "(async () => {
    const begun = performance.now();
    document.getElementById('files-open').click();
    await new Promise(requestAnimationFrame);
    return performance.now() - begun;
})()";

/// Opens all directories, the last in view first, and tells the same.
const OPEN_ALL: &str = "(async () => {
    const begun = performance.now();
    for (;;) {
        const closed = [...document.querySelectorAll('#files-tree [data-file][aria-expanded=false]')].at(-1);
        if (!closed) return performance.now() - begun;
        closed.click();
        await new Promise(requestAnimationFrame);
    }
})()";

fn registry_of_files() -> Result<Registry> {
    let layout = Layout::new("files")?;
    let file = |at: usize| Entry::file(&format!("{}/{}/file-{at}", at % 2, at % 2), format!("{at}"));
    layout.add_image("files", AMD64, &[(0..FILES).map(file).collect()])?;
    let registry = Registry::start(&Options::default())?;
    registry.push(&layout, "app:1", Format::Oci)?;
    Ok(registry)
}

/// What the page loads until the recorded pull is shown, as a server that compresses would send it.
fn weigh(book: &mut Book, root: &Path, site: &Site, loaded: &[String]) -> Result<()> {
    let dist = Dist::weigh(root.join("dist"))?;
    let is_loaded = |path: &str| {
        let own = |url: &String| url.split('?').next() == Some(&format!("{}/{path}", site.origin()));
        loaded.iter().any(own) || path == "index.html"
    };
    let files: Vec<_> = dist.files.iter().filter(|file| is_loaded(&file.path)).collect();
    let gzipped: u64 = files.iter().map(|file| file.gzipped).sum();
    book.say(&format!(
        "Over the wire: {} files, {gzipped} bytes gzipped; all of the site {}.\n",
        files.len(),
        dist.total()
    ));
    Ok(())
}

/// When the page was painted at its end, and with its first verdict, if it has any: the medians.
fn noted(tab: &mut Tab, url: &str) -> Result<(f64, f64)> {
    let (mut ends, mut firsts) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let (end, first) = noted_once(tab, url)?;
        ends.push(end);
        firsts.push(first);
    }
    Ok((median(ends)?, median(firsts)?))
}

fn noted_once(tab: &mut Tab, url: &str) -> Result<(f64, f64)> {
    tab.go(url)?;
    let noted = tab.eval("globalThis.noted")?;
    let time = |at: usize| noted.get(at).and_then(Value::as_f64).context("a time");
    Ok((time(0)?, time(1)?))
}

/// Scrolls, and writes the row: the longest frame, and the longest task of over 50 ms, where those are told of.
fn scrolled(
    tab: &mut Tab,
    selector: &str,
    book: &mut Book,
    what: &str,
    drawn: f64,
) -> Result<(f64, Option<f64>)> {
    let longest = tab.eval(&format!("({SCROLL})('{selector}')"))?;
    let frame = longest.get(0).and_then(Value::as_f64).context("a time")?;
    let task = longest.get(1).and_then(Value::as_f64);
    let told = match task {
        Some(task) if task > 0.0 => format!("{task:.0}"),
        Some(_) => "none".to_owned(),
        None => "not told".to_owned(),
    };
    book.say(&format!("| {what} | {drawn:.0} | {frame:.0} | {told} |"));
    Ok((frame, task))
}
