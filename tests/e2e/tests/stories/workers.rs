//! Layers are read by workers: from real registries, where connections break, where workers may not start.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use e2e::{
    Browser, Layer, NO_WORKERS, Sends, Streamed, Tab, finish, image_of, in_both, noise, open, prepared,
    registry_with, site, verdicts,
};
use serde_json::Value;
use xtask::images;
use xtask::layout::sha256;
use xtask::registry::{Cors, Format};

in_both! {
    layers_are_read_by_workers,
    of_layers_that_are_hashed_side_by_side_each_has_its_own_digest,
    where_no_worker_may_start_the_page_reads_for_itself,
    where_the_workers_code_is_missing_the_page_reads_for_itself,
    without_simd_workers_have_a_module_without_it,
    workers_are_no_more_than_cores,
    small_layers_are_asked_for_together_and_the_largest_first,
    a_layer_that_breaks_off_goes_on_from_there,
    a_layer_whose_rest_cannot_be_had_starts_over,
    a_cancelled_pull_stops_its_workers,
    four_gibibytes_fit_into_a_small_memory,
}

/// Counts the workers that the page starts, and what it orders of them.
const WATCH: &str = "() => { globalThis.workers = []; globalThis.Worker = class extends Worker { \
    constructor(...a) { super(...a); workers.push(this); this.lists = []; this.isEnded = false; } \
    postMessage(m, ...t) { if (Array.isArray(m)) this.lists.push(m); super.postMessage(m, ...t); } \
    terminate() { this.isEnded = true; super.terminate(); } }; }";

/// All that was ordered, as the page ordered it.
const ORDERS: &str = "workers.flatMap(w => w.lists).flat().filter(o => o.length > 1)";

fn layers_are_read_by_workers(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::multi()?);
    let registry = registry_with(&layout, Format::Oci, Cors::Open)?;
    let mut tab = prepared(browser, &site, WATCH, &format!("?image={}/app:1", registry.host()))?;
    assert_eq!(tab.until_ended()?, "done");
    assert_eq!(verdicts(&tab.objects()?, "layer", "verified"), 3);
    assert_eq!(tab.eval("workers.length")?, 2, "as many as are wanted, and no more");
    assert_eq!(tab.eval(&format!("{ORDERS}.length"))?, 3, "an order for each layer");
    // What workers fetch is in timelines of their own.
    let fetched =
        tab.eval("performance.getEntriesByType('resource').filter(e => e.name.includes('/blobs/')).length")?;
    assert_eq!(fetched, 1, "the config alone is the page's to read");
    tab.click("[role=treeitem][data-kind=layer]")?;
    tab.until("document.getElementById('details').textContent.includes('Read and hashed in a worker')")?;
    finish(tab, &site, Some(&registry))
}

fn of_layers_that_are_hashed_side_by_side_each_has_its_own_digest(browser: Browser) -> Result<()> {
    let lengths = [1_500_000, 3_000_001, 900_000, 2_097_152, 64, 1_234_567];
    let (site, layers) = (site()?, layers_of(&lengths));
    let registry = registry_with(&image_of(&layers)?, Format::AsIs, Cors::Open)?;
    let wrong = &layers.get(3).context("a fourth layer")?.diff_id;
    registry.flip_byte(wrong, 2_000_000)?;
    let actual = sha256(&std::fs::read(registry.blob_path(wrong)?)?);
    // One worker has several of them at a time also where the machine has one core.
    for workers in ["1", "2"] {
        let mut tab = open(browser, &site, "?recording=hello-world")?;
        tab.eval(MODULE)?;
        let told = tab.eval(&format!(
            "m.inspect('{}/app:1', {{ workers: {workers} }}).then(report => \
             (globalThis.memory = Math.max(...report.requests.map(r => r.workerMemory ?? 0)), report.root.children).slice(1).map(l => \
             [l.verdict, l.findings.map(f => f.code + ' ' + f.actual).join()].join(' ').trim()))",
            registry.host()
        ))?;
        let expected: Vec<String> = layers
            .iter()
            .map(|layer| match layer.diff_id == *wrong {
                true => format!("failed digest-mismatch {actual}"),
                false => "verified".to_owned(),
            })
            .collect();
        assert_eq!(told, Value::from(expected), "with {workers}");
        let memory = tab.eval("globalThis.memory")?.as_f64().context("no memory is told")?;
        assert!(memory > 0.0 && memory < f64::from(32 << 20), "{memory}");
        finish(tab, &site, Some(&registry))?;
    }
    Ok(())
}

fn where_no_worker_may_start_the_page_reads_for_itself(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::multi()?);
    let registry = registry_with(&layout, Format::Oci, Cors::Open)?;
    for layers in ["verify", "unpack"] {
        let query = format!("?image={}/app:1&layers={layers}", registry.host());
        let mut tab = prepared(browser, &site, NO_WORKERS, &query)?;
        assert_eq!(tab.until_ended()?, "done");
        assert_eq!(verdicts(&tab.objects()?, "layer", "verified"), 3, "{layers}");
        finish(tab, &site, Some(&registry))?;
    }
    Ok(())
}

fn where_the_workers_code_is_missing_the_page_reads_for_itself(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::multi()?);
    let registry = registry_with(&layout, Format::Oci, Cors::Open)?;
    let missing = "() => { const real = globalThis.fetch; globalThis.fetch = (url, ...rest) => \
        String(url).includes('/worker/take') ? Promise.resolve(new Response('', { status: 404 })) : real(url, ...rest); }";
    let mut tab = prepared(browser, &site, missing, &format!("?image={}/app:1", registry.host()))?;
    assert_eq!(tab.until_ended()?, "done");
    assert_eq!(verdicts(&tab.objects()?, "layer", "verified"), 3);
    finish(tab, &site, Some(&registry))
}

fn without_simd_workers_have_a_module_without_it(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::multi()?);
    let registry = registry_with(&layout, Format::Oci, Cors::Open)?;
    let scalar = "() => { WebAssembly.validate = () => false; }";
    let query = format!("?image={}/app:1&layers=unpack", registry.host());
    let mut tab = prepared(browser, &site, scalar, &query)?;
    assert_eq!(tab.until_ended()?, "done");
    assert_eq!(verdicts(&tab.objects()?, "layer", "verified"), 3);
    tab.click("[role=treeitem][data-kind=layer]")?;
    tab.until("document.getElementById('details').textContent.includes('Read and hashed in a worker')")?;
    let modules = "performance.getEntriesByType('resource').map(r => r.name.split('/pkg/')[1]).filter(n => n?.endsWith('/take_bg.wasm'))";
    assert_eq!(tab.list(modules)?, ["worker/scalar/take_bg.wasm"]);
    finish(tab, &site, Some(&registry))
}

/// Layers of so many bytes each, in an image.
fn layers_of(lengths: &[usize]) -> Vec<Layer> {
    lengths.iter().enumerate().map(|(at, length)| Layer::of(noise(at as u64, *length))).collect()
}

/// Makes the module ready in a page, as `m`.
const MODULE: &str = "(async () => { globalThis.m = await import(new URL('pkg/registry_inspector.js', location.href)); await m.default(); })()";

fn workers_are_no_more_than_cores(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, image_of(&layers_of(&[300_000; 12]))?);
    let registry = registry_with(&layout, Format::AsIs, Cors::Open)?;
    let cores =
        "() => { Object.defineProperty(Navigator.prototype, 'hardwareConcurrency', { get: () => 3 }); }";
    for (asked, expected) in [("100", 3), ("3", 3), ("1", 1), ("0", 1), ("-1", 1), ("NaN", 1)] {
        let mut tab = prepared(browser, &site, WATCH, "?recording=hello-world")?;
        tab.eval(&format!("({cores})()"))?;
        tab.eval(MODULE)?;
        let verdict = format!(
            "m.inspect('{}/app:1', {{ workers: {asked} }}).then(report => report.verdict)",
            registry.host()
        );
        assert_eq!(tab.text(&verdict)?, "verified");
        assert_eq!(tab.eval("workers.length")?, expected, "{asked} were asked for");
        finish(tab, &site, Some(&registry))?;
    }
    Ok(())
}

fn small_layers_are_asked_for_together_and_the_largest_first(browser: Browser) -> Result<()> {
    let site = site()?;
    let lengths: Vec<usize> = (0..40).map(|at| if at == 30 { 900_000 } else { 2_000 + at }).collect();
    let layers = layers_of(&lengths);
    let largest = layers.iter().max_by_key(|layer| layer.bytes.len()).context("there are layers")?;
    let registry = registry_with(&image_of(&layers)?, Format::AsIs, Cors::Open)?;
    let mut tab = prepared(browser, &site, WATCH, "?recording=hello-world")?;
    tab.eval(MODULE)?;
    let image = format!("{}/app:1", registry.host());
    assert_eq!(tab.text(&format!("m.inspect('{image}').then(report => report.verdict)"))?, "verified");
    assert_eq!(tab.eval(&format!("{ORDERS}.length"))?, 40);
    let first = tab.text("workers[0].lists[0][0][1]")?;
    assert!(first.ends_with(&sha256(&largest.bytes)), "{first} is not the largest");
    let messages = tab.eval("workers.flatMap(w => w.lists).length")?;
    assert!(messages.as_u64() < Some(15), "40 orders went as {messages} messages");
    finish(tab, &site, Some(&registry))
}

/// The requests for the layer, as `status bytes`.
fn tries(tab: &mut Tab) -> Result<Vec<String>> {
    tab.list("[...document.querySelectorAll('tr[data-role=layer]')].map(r => `${r.dataset.status} ${r.querySelector('.purpose').textContent}`)")
}

fn a_layer_that_breaks_off_goes_on_from_there(browser: Browser) -> Result<()> {
    let site = site()?;
    let registry = Streamed::start(9_000_000, Sends::FirstThenTheRest(5_000_000))?;
    let mut tab = open(browser, &site, &format!("?image={}/app:1", registry.host()))?;
    assert_eq!(tab.until_ended()?, "done");
    assert_eq!(verdicts(&tab.objects()?, "layer", "verified"), 1);
    let tries = tries(&mut tab)?;
    let [_, second] = tries.as_slice() else { bail!("{tries:?}") };
    assert!(second.starts_with("206 ") && second.contains("from byte"), "{tries:?}");
    tab.finish(&[&format!("{}/", site.origin()), &format!("http://{}/v2/", registry.host())])
}

fn a_layer_whose_rest_cannot_be_had_starts_over(browser: Browser) -> Result<()> {
    let site = site()?;
    let registry = Streamed::start(9_000_000, Sends::FirstThenAll(5_000_000))?;
    let mut tab = open(browser, &site, &format!("?image={}/app:1", registry.host()))?;
    assert_eq!(tab.until_ended()?, "done");
    assert_eq!(verdicts(&tab.objects()?, "layer", "verified"), 1);
    let tries = tries(&mut tab)?;
    assert!(matches!(tries.as_slice(), [_, second] if second.starts_with("200 ")), "{tries:?}");
    tab.finish(&[&format!("{}/", site.origin()), &format!("http://{}/v2/", registry.host())])
}

fn a_cancelled_pull_stops_its_workers(browser: Browser) -> Result<()> {
    let site = site()?;
    let registry = Streamed::start(40 << 30, Sends::Unhashed)?;
    let mut tab = prepared(browser, &site, WATCH, &format!("?image={}/app:1", registry.host()))?;
    tab.until("Number(document.getElementById('strip-progress').value) > 3e6")?;
    // Firefox says so itself, now and then, of any body that it fills into buffers; nothing can be caught.
    tab.expect_on_console("AbortError: The operation was aborted.");
    tab.click("#cancel")?;
    tab.until("document.querySelector('main').dataset.state === 'idle'")?;
    let stops = "new Set(workers.flatMap(w => w.lists).flat().filter(o => o.length === 1).map(String)).size";
    assert_eq!(tab.eval(stops)?, 1, "the only layer is stopped");
    // What was on its way still arrives; then nobody reads on.
    let stands_still = || {
        let sent = registry.sent();
        std::thread::sleep(Duration::from_millis(700));
        registry.sent() == sent
    };
    assert!((0..10).any(|_| stands_still()), "somebody reads on: {} bytes", registry.sent());
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(tab.eval("workers.some(w => w.isEnded)")?, false, "it heard that it was to stop, and stays");
    tab.finish(&[&format!("{}/", site.origin()), &format!("http://{}/v2/", registry.host())])
}

fn four_gibibytes_fit_into_a_small_memory(browser: Browser) -> Result<()> {
    let site = site()?;
    let registry = Streamed::start(4 << 30, Sends::All)?;
    let mut tab = open(browser, &site, "?recording=hello-world")?;
    tab.until_ended()?;
    // Not waited for in one go: on a slow machine, four gibibytes take longer than an answer may.
    tab.eval(&format!(
        "void (async () => {{ const m = await import(new URL('pkg/registry_inspector.js', location.href)); await m.default(); \
         let longest = 0, last = performance.now(); \
         const beat = setInterval(() => {{ const now = performance.now(); longest = Math.max(longest, now - last); last = now; }}, 5); \
         const report = await m.inspect('{}/app:1'); clearInterval(beat); \
         globalThis.came = [report.verdict, report.requests.at(-1), longest]; }})()",
        registry.host()
    ))?;
    tab.until_within(Duration::from_secs(300), "globalThis.came !== undefined")?;
    let report = tab.eval("came")?;
    assert_eq!(report.get(0).and_then(Value::as_str), Some("verified"), "{report:#}");
    assert_eq!(report.pointer("/1/bytes").and_then(Value::as_u64), Some(4 << 30));
    let memory = report.pointer("/1/workerMemory").and_then(Value::as_u64).unwrap_or(u64::MAX);
    assert!(memory < 32 << 20, "{memory} bytes");
    println!(
        "{browser}: the worker had {memory} bytes; the page was away for {:?} ms at most",
        report.get(2)
    );
    tab.finish(&[&format!("{}/", site.origin()), &format!("http://{}/v2/", registry.host())])
}
