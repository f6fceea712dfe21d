//! The page stays responsive: while layers are read, no task of its thread takes over 50 ms; also where it may start no
//! worker, and reads for itself.
//!
//! Only Chromium tells what its tasks took. Firefox runs the same, to its end.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use e2e::{
    Browser, Layer, Server, Tab, finish, image_of, in_both, long_layer, noise, prepared, readable,
    registry_with, site,
};
use tiny_http::Response;
use xtask::images;
use xtask::registry::{Cors, Format, Registry};
use xtask::site::Site;

in_both! {
    a_pull_halts_nothing,
    where_no_worker_may_start_a_pull_halts_nothing_either,
    a_recording_with_a_long_layer_halts_nothing,
    a_list_of_ten_thousand_tags_halts_nothing,
}

/// A core that does two things at once takes longer for each; what the page itself does for too long, it does each time.
const ATTEMPTS: usize = 5;

/// The longest that a task may take of its thread's time, in milliseconds (RAIL).
const LONGEST: f64 = 50.0;

/// Does something up to so often, until no task took too long meanwhile. `act` has the page mark since when it counts.
fn without_halts(tab: &mut Tab, act: impl Fn(&mut Tab) -> Result<()>) -> Result<()> {
    let mut seen = Vec::new();
    for _ in 0..ATTEMPTS {
        let Some(tasks) = tab.tasks(&act)? else { return Ok(()) };
        let longest = tasks.first().copied().unwrap_or_default();
        println!("the longest of {} tasks: {longest:.1} ms", tasks.len());
        if longest <= LONGEST {
            return Ok(());
        }
        seen.push(format!("{longest:.1} ms"));
    }
    bail!("the longest tasks, attempt by attempt: {}", seen.join(", "))
}

fn opened(browser: Browser, site: &Site, preload: &str) -> Result<Tab> {
    let mut tab = prepared(browser, site, preload, "?recording=hello-world")?;
    tab.until_ended()?;
    tab.eval("(async () => { globalThis.m = await import(new URL('pkg/registry_inspector.js', location.href)); await m.default(); })()")?;
    Ok(tab)
}

/// An image whose layers take a while: one unpacks to a quarter of a gibibyte, others are long, others are many.
fn image() -> Result<Registry> {
    let mut layers = vec![Layer::of_one_file(256 << 20)?];
    layers.extend((0..3).map(|at| Layer::of(noise(at, 1 << 20).repeat(40))));
    layers.extend((10..20).map(|at| Layer::of(noise(at, 3_000))));
    registry_with(&image_of(&layers)?, Format::AsIs, Cors::Open)
}

fn a_pull_halts_nothing(browser: Browser) -> Result<()> {
    let (site, registry) = (site()?, image()?);
    let mut tab = opened(browser, &site, "() => {}")?;
    for layers in ["verify", "unpack"] {
        without_halts(&mut tab, |tab| {
            // As a user does: by the form.
            tab.eval(&format!(
                "(() => {{ performance.mark('begun'); document.getElementById('image').value = '{}/app:1'; \
                 document.getElementById('layers').value = '{layers}'; \
                 document.getElementById('ask').requestSubmit(); }})()",
                registry.host()
            ))?;
            tab.until("document.querySelector('main').dataset.state === 'running'")?;
            tab.until_within(
                Duration::from_secs(120),
                "document.querySelector('main').dataset.state === 'done'",
            )
        })?;
    }
    finish(tab, &site, Some(&registry))
}

fn where_no_worker_may_start_a_pull_halts_nothing_either(browser: Browser) -> Result<()> {
    let (site, registry) = (site()?, image()?);
    let none = "() => { globalThis.Worker = class { constructor() { throw new Error('not here'); } }; }";
    let mut tab = opened(browser, &site, none)?;
    for layers in ["verify", "unpack"] {
        without_halts(&mut tab, |tab| {
            inspected(tab, &format!("'{}/app:1', {{ layers: '{layers}' }}", registry.host()))
        })?;
    }
    finish(tab, &site, Some(&registry))
}

fn a_recording_with_a_long_layer_halts_nothing(browser: Browser) -> Result<()> {
    let site = site()?;
    let har = long_layer(48 << 20);
    let server = Server::start(move |request| {
        let _ = request.respond(readable(
            Response::from_data(har.clone().into_bytes()),
            "Cache-Control",
            "no-store",
        ));
    })?;
    let mut tab = opened(browser, &site, "() => {}")?;
    tab.eval(&format!(
        "(async () => {{ globalThis.har = await (await fetch('http://{}/long.har')).text(); }})()",
        server.host()
    ))?;
    for layers in ["verify", "unpack"] {
        without_halts(&mut tab, |tab| {
            inspected(tab, &format!("null, {{ recording: har, layers: '{layers}' }}"))
        })?;
    }
    let origins = [format!("{}/", site.origin()), format!("http://{}/", server.host())];
    tab.finish(&origins.each_ref().map(String::as_str))
}

fn a_list_of_ten_thousand_tags_halts_nothing(browser: Browser) -> Result<()> {
    let site = site()?;
    let registry = registry_with(&images::single()?, Format::Oci, Cors::Open)?;
    registry.tag_often("app", "1", (0..9_999).map(|at| format!("1.{}.{}", at / 100, at % 100)))?;
    let mut tab = opened(browser, &site, "() => {}")?;
    without_halts(&mut tab, |tab| {
        tab.go(&format!("{}/?recording=hello-world", site.origin()))?;
        tab.until_ended()?;
        tab.eval(&format!(
            "(() => {{ performance.mark('begun'); document.getElementById('image').value = '{}/app'; \
             document.getElementById('list').click(); }})()",
            registry.host()
        ))?;
        let says = |note: &str| format!("document.getElementById('listing-note').textContent === '{note}'");
        tab.until(&says("10,000 tags"))?;
        tab.eval("document.getElementById('listing-search').focus()")?;
        tab.press("1.42.7")?;
        tab.until(&says("11 of 10,000 tags"))?;
        tab.eval(
            "(search => { search.value = ''; search.dispatchEvent(new Event('input')); })(document.getElementById('listing-search'))",
        )?;
        tab.until(&says("10,000 tags"))?;
        for (order, first) in [("name", "1"), ("version", "1.99.98")] {
            tab.eval(&format!("document.getElementById('listing-{order}').click()"))?;
            tab.until(&format!("document.querySelector('#listing-rows a').textContent === '{first}'"))?;
        }
        Ok(())
    })?;
    finish(tab, &site, Some(&registry))
}

/// Runs a pull by the module, and marks when it asked for the first layer. The recording was read by then, which is no
/// part of it.
fn inspected(tab: &mut Tab, arguments: &str) -> Result<()> {
    let asked = arguments.replacen(
        "{ ",
        "{ onEvent: event => { if (event.request?.role === 'layer' && !globalThis.since) globalThis.since = performance.mark('begun'); }, ",
        1,
    );
    tab.eval(&format!(
        "void (async () => {{ globalThis.since = globalThis.came = undefined; await m.inspect({asked}); globalThis.came = true; }})()"
    ))?;
    tab.until_within(Duration::from_secs(120), "globalThis.came === true")?;
    ensure!(tab.eval("globalThis.since !== undefined")? == true, "no layer was asked for");
    Ok(())
}
