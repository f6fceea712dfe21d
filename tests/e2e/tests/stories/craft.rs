//! What holds whatever is shown: nothing jumps, nothing is wider than the screen, nothing is lost on paper.

use anyhow::Result;
use e2e::{
    Browser, Server, Tab, finish, finish_with, hostile_recording, in_both, many_layers, open, registry_with,
    site,
};
use serde_json::{Value, json};
use xtask::images;
use xtask::registry::{Cors, Format};
use xtask::site::Site;

in_both! {
    nothing_jumps_while_results_stream_in,
    little_jumps_where_a_pull_fails,
    nothing_is_wider_than_the_screen,
    paper_has_every_row,
    paper_is_white_in_the_dark_too,
    a_redirect_is_drawn_as_what_is_known_of_it,
    nothing_turns_where_motion_is_not_wanted,
}

/// The places of what stands on the page from the first frame on, at every frame.
const WATCH: &str = "() => { globalThis.places = {}; const look = () => { \
    for (const id of ['image', 'recordings', 'strip', 'strip-actions', 'work', 'tree-title', 'requests-title']) { \
        const e = document.getElementById(id); if (!e?.checkVisibility()) continue; \
        const top = Math.round(e.getBoundingClientRect().top); \
        if (top < innerHeight) (places[id] ??= new Set()).add(top); } \
    requestAnimationFrame(look); }; look(); }";

/// The browser's own sum, where it has one, and what has moved.
const SUM: &str = "() => { globalThis.shifted = 0; globalThis.moved = []; \
    if (!PerformanceObserver.supportedEntryTypes.includes('layout-shift')) return; \
    new PerformanceObserver(list => { for (const shift of list.getEntries()) { shifted += shift.value; \
        moved.push(shift.sources.map(s => `${s.node?.id || s.node?.className || s.node?.nodeName} ` + \
            `${s.previousRect.top} to ${s.currentRect.top}`)); } }) \
        .observe({ type: 'layout-shift', buffered: true }); }";

fn nothing_jumps_while_results_stream_in(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::multi()?);
    let registry = registry_with(&layout, Format::Oci, Cors::Open)?;
    let mut tab = open(browser, &site, "")?;
    tab.until_ended()?;
    tab.preload(WATCH)?;
    tab.preload(SUM)?;
    for query in ["?recording=hello-world".to_owned(), format!("?image={}/app:1", registry.host())] {
        for width in [1440, 900, 390] {
            tab.resize(width, 900)?;
            tab.go(&format!("{}/{query}", site.origin()))?;
            tab.until_ended()?;
            let places = tab.eval(
                "new Promise(done => setTimeout(done, 200)).then(() => \
                 Object.entries(places).map(([id, tops]) => [id, ...tops]))",
            )?;
            let places: Vec<Vec<Value>> = serde_json::from_value(places)?;
            assert!(places.len() > 4, "{places:?}");
            assert!(places.iter().all(|of_one| of_one.len() == 2), "{query} at {width}: {places:?}");
            let shifted = tab.eval("shifted")?.as_f64().unwrap_or(1.0);
            // Up to a tenth is what the Web Vitals call good.
            assert!(shifted < 0.05, "{query} at {width}: {shifted}");
        }
    }
    finish(tab, &site, Some(&registry))
}

fn little_jumps_where_a_pull_fails(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::single()?);
    let registry = registry_with(&layout, Format::Oci, Cors::Open)?;
    let mut tab = open(browser, &site, "")?;
    tab.until_ended()?;
    tab.preload(SUM)?;
    for query in [
        "?image=ghcr.io/Upper/Case".to_owned(),
        "?recording=flipped-byte&platform=linux/s390x".to_owned(),
        format!("?image={}/app:missing", registry.host()),
    ] {
        for width in [1440, 390] {
            tab.resize(width, 900)?;
            tab.go(&format!("{}/{query}", site.origin()))?;
            tab.until_ended()?;
            let shifted = "new Promise(done => setTimeout(done, 200)).then(() => shifted)";
            let shifted = tab.eval(shifted)?.as_f64().unwrap_or(1.0);
            assert!(shifted < 0.1, "{query} at {width}: {shifted}; {}", tab.eval("moved")?);
        }
    }
    tab.expect_on_console("404");
    finish(tab, &site, Some(&registry))
}

/// Opens a recording that another server hands out.
fn open_recording(browser: Browser, site: &Site, har: String) -> Result<(Tab, Server)> {
    let server = Server::of(har)?;
    let tab = open(browser, site, &format!("?recording=http://{}/a.har", server.host()))?;
    Ok((tab, server))
}

fn nothing_is_wider_than_the_screen(browser: Browser) -> Result<()> {
    let site = site()?;
    let unbroken = "x".repeat(300);
    let har = hostile_recording().replace("globalThis.hacked=1", &unbroken);
    let (mut tab, server) = open_recording(browser, &site, har)?;
    tab.until_ended()?;
    for direction in ["ltr", "rtl"] {
        tab.eval(&format!("void (document.documentElement.dir = '{direction}')"))?;
        // 720 by 450 is half of 1,440 by 900: what is left of a screen at 200 %.
        for (width, height) in [(2560, 900), (1440, 900), (900, 900), (720, 450), (390, 900)] {
            tab.resize(width, height)?;
            let rows = tab.eval("document.querySelectorAll('[role=treeitem]').length")?.as_u64().unwrap_or(0);
            for row in 0..rows {
                tab.eval(&format!("document.querySelectorAll('[role=treeitem]')[{row}].click()"))?;
                let wide = tab.eval(
                    "new Promise(requestAnimationFrame).then(() => \
                     document.documentElement.scrollWidth <= innerWidth ? null : \
                     [...document.querySelectorAll('main *')].filter(e => e.scrollWidth > innerWidth)\
                     .map(e => `${e.nodeName} ${e.id} ${e.className}`))",
                )?;
                assert!(wide.is_null(), "{direction}, {width}, row {row}: {wide:#}");
            }
        }
    }
    finish_with(tab, &site, Some(&format!("http://{}/", server.host())))
}

fn paper_has_every_row(browser: Browser) -> Result<()> {
    let site = site()?;
    let (mut tab, server) = open_recording(browser, &site, many_layers(997))?;
    tab.until_ended()?;
    let drawn = "[document.querySelectorAll('[role=treeitem]').length, \
                 document.querySelectorAll('tr[data-role]').length]";
    let few: [u32; 2] = serde_json::from_value(tab.eval(drawn)?)?;
    assert!(few.iter().all(|rows| *rows < 300), "{few:?}");
    tab.eval("void dispatchEvent(new Event('beforeprint'))")?;
    assert_eq!(tab.eval(drawn)?, json!([999, 1000]));
    assert_eq!(tab.eval("document.querySelectorAll('[data-windowed]').length")?, 0, "nothing scrolls");
    tab.eval("void dispatchEvent(new Event('afterprint'))")?;
    let few: [u32; 2] = serde_json::from_value(tab.eval(drawn)?)?;
    assert!(few.iter().all(|rows| *rows < 300), "{few:?}");
    finish_with(tab, &site, Some(&format!("http://{}/", server.host())))
}

fn paper_is_white_in_the_dark_too(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=hello-world")?;
    tab.until_ended()?;
    tab.eval("void localStorage.setItem('theme', 'dark')")?;
    tab.go(&format!("{}/?recording=flipped-byte", site.origin()))?;
    tab.until_ended()?;
    let colours = "[getComputedStyle(document.querySelector('.panel')).backgroundColor, \
                   getComputedStyle(document.querySelector('#tree strong')).color]";
    let dark = json!(["rgb(26, 29, 35)", "rgb(231, 233, 237)"]);
    assert_eq!(tab.eval(colours)?, dark);
    // The screen is taken for paper.
    tab.eval(PAPER)?;
    tab.until(&format!("`${{{colours}}}` === 'rgb(255, 255, 255),rgb(27, 31, 38)'"))?;
    finish(tab, &site, None)
}

/// Has the rules for paper hold on the screen.
pub(crate) const PAPER: &str = "void [...document.styleSheets].flatMap(sheet => [...sheet.cssRules])\
    .filter(rule => rule.media?.mediaText === 'print').forEach(rule => { rule.media.mediaText = 'all'; })";

fn a_redirect_is_drawn_as_what_is_known_of_it(browser: Browser) -> Result<()> {
    let site = site()?;
    let recording = concat!(env!("CARGO_MANIFEST_DIR"), "/../../www/recordings/hello-world.har");
    let mut har: Value = serde_json::from_str(&std::fs::read_to_string(recording)?)?;
    let entries = har.pointer_mut("/log/entries").and_then(Value::as_array_mut);
    // The record of 2022 has no times.
    for (at, entry) in entries.into_iter().flatten().enumerate() {
        entry["startedDateTime"] = json!(format!("2022-01-25T00:00:00.{:03}Z", at * 20));
        entry["time"] = json!(15);
        entry["timings"] = json!({ "send": 0, "wait": 10, "receive": 5 });
    }
    let (mut tab, server) = open_recording(browser, &site, har.to_string())?;
    tab.until_ended()?;
    let drawn = tab.eval(
        "[...document.querySelectorAll('tr[data-role]')].filter(row => row.querySelector('.wait[width]')).map(row => [\
         row.dataset.status, row.dataset.redirect ?? '', getComputedStyle(row.querySelector('.wait')).fill])",
    )?;
    let drawn: Vec<[String; 3]> = serde_json::from_value(drawn)?;
    let fills = |redirect: bool| {
        let rows = drawn.iter().filter(move |[status, seen, _]| {
            assert_eq!(status == "307", seen == "observed", "{status} {seen}");
            (status == "307") == redirect
        });
        rows.map(|[_, _, fill]| fill.as_str()).collect::<std::collections::BTreeSet<_>>()
    };
    let (redirects, others) = (fills(true), fills(false));
    assert!(redirects.len() == 1 && others.len() == 1 && redirects != others, "{drawn:?}");
    finish_with(tab, &site, Some(&format!("http://{}/", server.host())))
}

fn nothing_turns_where_motion_is_not_wanted(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=hello-world")?;
    tab.until_ended()?;
    let outside = tab.list(
        "[...document.styleSheets].flatMap(sheet => [...sheet.cssRules])\
         .filter(rule => !rule.conditionText?.includes('prefers-reduced-motion'))\
         .filter(rule => /(animation|transition)[a-z-]*:/.test(rule.cssText)).map(rule => rule.cssText)",
    )?;
    assert_eq!(outside, [""; 0], "all motion stands under the user's wish for it");
    let inside = tab.list(
        "[...document.styleSheets].flatMap(sheet => [...sheet.cssRules])\
         .filter(rule => rule.conditionText?.includes('prefers-reduced-motion')).map(rule => rule.conditionText)",
    )?;
    assert!(inside.iter().all(|condition| condition.contains("no-preference")), "{inside:?}");
    assert!(inside.len() > 1, "there is some");
    finish(tab, &site, None)
}
