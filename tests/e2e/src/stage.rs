//! What every story begins and ends with: the site, a registry, a tab.

use std::path::Path;

use anyhow::{Result, ensure};
use xtask::layout::Layout;
use xtask::registry::{Cors, Format, Options, Registry};
use xtask::site::Site;
use xtask::webdriver::Browser;

use crate::Tab;

/// Runs each test in each browser.
#[macro_export]
macro_rules! in_both {
    ($($name:ident),* $(,)?) => {
        mod chromium {
            $(#[test] fn $name() -> ::anyhow::Result<()> { super::$name($crate::Browser::Chromium) })*
        }
        mod firefox {
            $(#[test] fn $name() -> ::anyhow::Result<()> { super::$name($crate::Browser::Firefox) })*
        }
    };
}

/// The built site, under a path as GitHub Pages serves it.
pub fn site() -> Result<Site> {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dist");
    ensure!(dist.join("index.html").exists(), "there is no dist/: run cargo xtask dist first");
    Site::under(&dist, 0, "/some/where")
}

/// A registry that pages may read, with an image as `app:1`.
pub fn registry_with(layout: &Layout, format: Format, cors: Cors) -> Result<Registry> {
    let registry = Registry::start(&Options { cors, port: None })?;
    registry.push(layout, "app:1", format)?;
    Ok(registry)
}

/// Opens the page with a query.
pub fn open(browser: Browser, site: &Site, query: &str) -> Result<Tab> {
    Tab::open(browser, &format!("{}/{query}", site.origin()))
}

/// Opens the page on `app:1` of a registry.
pub fn pull(browser: Browser, site: &Site, registry: &Registry) -> Result<Tab> {
    open(browser, site, &format!("?image={}/app:1", registry.host()))
}

/// How many objects of a kind have a verdict.
pub fn verdicts(objects: &[String], kind: &str, verdict: &str) -> usize {
    objects
        .iter()
        .filter(|o| o.starts_with(&format!("{kind} ")) && o.ends_with(&format!(" {verdict}")))
        .count()
}

/// Ends a test: requests only to the site's own folder and to the registry.
pub fn finish(tab: Tab, site: &Site, registry: Option<&Registry>) -> Result<()> {
    let registry = registry.map(|registry| format!("http://{}/v2/", registry.host()));
    let own = format!("{}/", site.origin());
    let origins: Vec<&str> = [own.as_str()].into_iter().chain(registry.as_deref()).collect();
    tab.finish(&origins)
}
