//! What keeps a page busy: long and many layers, a long recording, a list of ten thousand tags.

use std::time::Duration;

use anyhow::{Result, ensure};
use xtask::images;
use xtask::registry::{Cors, Format, Registry};
use xtask::site::Site;
use xtask::webdriver::Browser;

use crate::blobs::{Layer, image_of, noise};
use crate::large::long_layer;
use crate::server::Server;
use crate::stage::{prepared, registry_with};
use crate::tab::Tab;

/// For `prepared`: a page that may start no worker.
pub const NO_WORKERS: &str =
    "() => { globalThis.Worker = class { constructor() { throw new Error('not here'); } }; }";

/// How long one of these may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// A page at its end, with the module ready as `m`.
pub fn with_module(browser: Browser, site: &Site, preload: &str) -> Result<Tab> {
    let mut tab = prepared(browser, site, preload, "?recording=hello-world")?;
    tab.until_ended()?;
    tab.eval("(async () => { globalThis.m = await import(new URL('pkg/registry_inspector.js', location.href)); await m.default(); })()")?;
    Ok(tab)
}

/// A registry with an image whose layers take a while, `app:1`: one unpacks to a quarter of a gibibyte, others are long,
/// others are many.
pub fn registry_of_long_layers() -> Result<Registry> {
    let mut layers = vec![Layer::of_one_file(256 << 20)?];
    layers.extend((0..3).map(|at| Layer::of(noise(at, 1 << 20).repeat(40))));
    layers.extend((10..20).map(|at| Layer::of(noise(at, 3_000))));
    registry_with(&image_of(&layers)?, Format::AsIs, Cors::Open)
}

/// A registry whose repository `app` has ten thousand tags.
pub fn registry_of_many_tags() -> Result<Registry> {
    let registry = registry_with(&images::single()?, Format::Oci, Cors::Open)?;
    registry.tag_often("app", "1", (0..9_999).map(|at| format!("1.{}.{}", at / 100, at % 100)))?;
    Ok(registry)
}

/// A server with a recording of a long layer, which the page has as `har` afterwards.
pub fn hand_over_long_recording(tab: &mut Tab) -> Result<Server> {
    let server = Server::of(long_layer(48 << 20))?;
    tab.eval(&format!(
        "(async () => {{ globalThis.har = await (await fetch('http://{}/long.har')).text(); }})()",
        server.host()
    ))?;
    Ok(server)
}

/// Pulls by the module, and marks when it asked for the first layer. A recording was read by then, which is no part of
/// it. What came is `came` afterwards.
pub fn pull_by_module(tab: &mut Tab, arguments: &str) -> Result<()> {
    let asked = arguments.replacen(
        "{ ",
        "{ onEvent: event => { if (event.request?.role === 'layer' && !globalThis.since) globalThis.since = performance.mark('begun'); }, ",
        1,
    );
    tab.eval(&format!(
        "void (async () => {{ globalThis.since = globalThis.came = undefined; globalThis.came = await m.inspect({asked}); }})()"
    ))?;
    tab.until_within(PATIENCE, "globalThis.came !== undefined")?;
    ensure!(tab.eval("globalThis.since !== undefined")? == true, "no layer was asked for");
    Ok(())
}
