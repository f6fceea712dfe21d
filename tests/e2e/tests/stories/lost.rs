//! Workers that die take no other blob with them than the one that they die of; those that hang are ended.

use anyhow::{Context as _, Result};
use e2e::{
    Browser, Layer, Sends, Streamed, finish, image_of, in_both, noise, prepared, registry_with, site,
    verdicts,
};
use serde_json::Value;
use xtask::images;
use xtask::layout::{Layout, digest_of};
use xtask::registry::{Cors, Format};

in_both! {
    a_worker_that_dies_takes_one_try_with_it,
    a_layer_that_kills_its_worker_kills_no_other,
    a_worker_that_hangs_is_ended,
}

/// Has a worker die when it is given an order `o` for which this is true.
fn dies(when: &str) -> String {
    format!(
        "() => {{ let orders = 0; globalThis.Worker = class extends Worker {{ postMessage(m, ...t) {{ \
         if (!Array.isArray(m) || !m.some(o => o.length > 1 && ({when}))) return super.postMessage(m, ...t); \
         this.terminate(); setTimeout(() => this.dispatchEvent(new ErrorEvent('error', {{ message: 'out of memory', cancelable: true }}))); }} }}; }}"
    )
}

/// The digest of the layer that is asked for first.
fn largest(layout: &Layout) -> Result<String> {
    let manifest = layout.document(&layout.digest()?)?;
    let layers = manifest.get("layers").and_then(Value::as_array).context("a manifest")?;
    let size = |layer: &&Value| layer.get("size").and_then(Value::as_u64);
    digest_of(layers.iter().max_by_key(size).context("there are layers")?)
}

fn a_worker_that_dies_takes_one_try_with_it(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::single()?);
    let registry = registry_with(&layout, Format::Oci, Cors::Open)?;
    let image = format!("?image={}/app:1", registry.host());
    let tries = "[...document.querySelectorAll('tr[data-role=layer]')].map(r => r.dataset.status)";
    let first = format!("o[1].endsWith('{}') && orders++ === 0", largest(&layout)?);
    let mut tab = prepared(browser, &site, &dies(&first), &image)?;
    assert_eq!(tab.until_ended()?, "done");
    assert_eq!(verdicts(&tab.objects()?, "layer", "verified"), 3);
    // Of three layers, the first of two workers had two.
    let mut told = tab.list(tries)?;
    told.sort();
    assert_eq!(told, ["", "", "200", "200", "200"]);
    finish(tab, &site, Some(&registry))?;

    let mut always = prepared(browser, &site, &dies("true"), &image)?;
    assert_eq!(always.until_ended()?, "done");
    assert_eq!(verdicts(&always.objects()?, "layer", "unchecked"), 3);
    assert_eq!(always.list(tries)?, [""; 6], "each is tried again, once");
    always.click("[role=treeitem][data-kind=layer]")?;
    always.until("document.getElementById('details').textContent.includes('out of memory')")?;
    finish(always, &site, Some(&registry))
}

fn a_layer_that_kills_its_worker_kills_no_other(browser: Browser) -> Result<()> {
    // So large that each is asked for by itself.
    let layers: Vec<Layer> = (0..5).map(|at| Layer::of(noise(at, 400_000 + at as usize))).collect();
    let (site, layout) = (site()?, image_of(&layers)?);
    let registry = registry_with(&layout, Format::AsIs, Cors::Open)?;
    // With two others, it is asked for of the only worker.
    let poison = largest(&layout)?;
    let when = format!("o[1].endsWith('{poison}')");
    let mut tab = prepared(browser, &site, &dies(&when), "?recording=hello-world")?;
    tab.until_ended()?;
    let report = tab.eval(&format!(
        "(async () => {{ const m = await import(new URL('pkg/registry_inspector.js', location.href)); await m.default(); \
         return await m.inspect('{}/app:1', {{ workers: 1 }}); }})()",
        registry.host()
    ))?;
    let children = report.pointer("/root/children").and_then(Value::as_array).context("no children")?;
    let layers = children.iter().filter(|node| node.get("kind").is_some_and(|kind| kind == "layer"));
    let mut tried = Vec::new();
    for layer in layers {
        let is_poison = layer.get("digest").is_some_and(|digest| *digest == *poison);
        let verdict = layer.get("verdict").and_then(Value::as_str);
        assert_eq!(verdict, Some(if is_poison { "unchecked" } else { "verified" }), "{layer:#}");
        let requests = layer.get("requests").and_then(Value::as_array).map_or(0, Vec::len);
        tried.push((requests, is_poison));
    }
    tried.sort();
    // What was read beside it is tried again by itself; what came later never met it.
    assert_eq!(tried, [(1, false), (1, false), (2, false), (2, false), (2, true)]);
    finish(tab, &site, Some(&registry))
}

fn a_worker_that_hangs_is_ended(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::single()?);
    let (endless, registry) =
        (Streamed::start(40 << 30, Sends::Unhashed)?, registry_with(&layout, Format::Oci, Cors::Open)?);
    // It hears nothing after its first orders.
    let deaf = "() => { globalThis.workers = []; globalThis.Worker = class extends Worker { \
        constructor(...a) { super(...a); workers.push(this); } \
        postMessage(m, ...t) { if (!Array.isArray(m) || m.some(o => o.length > 1)) super.postMessage(m, ...t); } \
        terminate() { this.isEnded = true; super.terminate(); } }; }";
    let mut tab = prepared(browser, &site, deaf, &format!("?image={}/app:1", endless.host()))?;
    tab.until("Number(document.getElementById('strip-progress').value) > 3e6")?;
    tab.expect_on_console("AbortError: The operation was aborted.");
    tab.click("#cancel")?;
    tab.until("document.querySelector('main').dataset.state === 'idle'")?;
    tab.until("workers.length === 1 && workers[0].isEnded")?;
    let verdict = tab.text(&format!(
        "(async () => {{ const m = await import(new URL('pkg/registry_inspector.js', location.href)); await m.default(); \
         return (await m.inspect('{}/app:1', {{ workers: 1 }})).verdict; }})()",
        registry.host()
    ))?;
    assert_eq!(verdict, "verified");
    assert_eq!(tab.eval("[workers.length, workers[1].isEnded ?? false]")?, serde_json::json!([2, false]));
    let origins = [
        format!("{}/", site.origin()),
        format!("http://{}/v2/", endless.host()),
        format!("http://{}/v2/", registry.host()),
    ];
    tab.finish(&origins.each_ref().map(String::as_str))
}
