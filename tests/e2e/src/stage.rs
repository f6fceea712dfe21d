//! What every story begins and ends with: the site, a registry, a tab.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use xtask::layout::Layout;
use xtask::registry::{Cors, Format, Options, Registry};
use xtask::scratch::Scratch;
use xtask::site::Site;
use xtask::webdriver::Browser;

use crate::tab::{Tab, all_finished};

/// Who may use the registries that are locked, as skopeo takes it; and as htpasswd writes it.
const ADA: &str = "ada:lovelace";
const USERS: &str = "ada:$2y$05$ljvCEqGb23ptfF224vJuBejpdor6dPHdbLV6urbr71QxBT.IDR7XG\n";

/// A story, and its name.
pub type Story = (&'static str, fn(Browser) -> Result<()>);

/// Lists a module's stories, each of which is run in each browser.
#[macro_export]
macro_rules! in_both {
    ($($name:ident),* $(,)?) => {
        pub(crate) const STORIES: &[$crate::Story] = &[$((stringify!($name), $name)),*];
    };
}

/// Tells a story in a browser, and fails where one of its tabs was left without a look at the console.
pub fn tell(story: fn(Browser) -> Result<()>, browser: Browser) -> Result<()> {
    // What one that failed has left on this thread is not this one's.
    let _before = all_finished();
    story(browser)?;
    all_finished()
}

/// The built site, under a path as GitHub Pages serves it.
pub fn site() -> Result<Site> {
    Site::under(&dist()?, 0, "/some/where")
}

/// Where the built site is.
pub(crate) fn dist() -> Result<PathBuf> {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dist");
    ensure!(dist.join("index.html").exists(), "there is no dist/: run cargo xtask dist first");
    Ok(dist)
}

/// A registry that pages may read, with an image as `app:1`.
pub fn registry_with(layout: &Layout, format: Format, cors: Cors) -> Result<Registry> {
    let registry = Registry::start(&Options { cors, ..Options::default() })?;
    registry.push(layout, "app:1", format)?;
    Ok(registry)
}

/// A registry that ada alone may use, with the password lovelace, with an image as `app:1`; and the file that says so.
pub fn locked(layout: &Layout, cors: Cors) -> Result<(Registry, Scratch)> {
    let files = Scratch::new("users")?;
    let users = files.path().join("htpasswd");
    std::fs::write(&users, USERS)?;
    let more = format!("auth:\n  htpasswd:\n    realm: here\n    path: {}\n", users.display());
    let registry = Registry::start(&Options { cors, more, ..Options::default() })?;
    registry.push_as(Some(ADA), layout, "app:1", Format::Oci)?;
    Ok((registry, files))
}

/// Opens the page with a query.
pub fn open(browser: Browser, site: &Site, query: &str) -> Result<Tab> {
    Tab::open(browser, &format!("{}/{query}", site.origin()))
}

/// Opens the page with a JavaScript function run before it.
pub fn prepared(browser: Browser, site: &Site, preload: &str, query: &str) -> Result<Tab> {
    let mut tab = Tab::open(browser, "about:blank")?;
    tab.preload(preload)?;
    tab.go(&format!("{}/{query}", site.origin()))?;
    Ok(tab)
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
    finish_with(tab, site, registry.as_deref())
}

/// The same with another place that requests may go to: a beginning of an address.
pub fn finish_with(tab: Tab, site: &Site, other: Option<&str>) -> Result<()> {
    let own = format!("{}/", site.origin());
    let origins: Vec<&str> = [own.as_str()].into_iter().chain(other).collect();
    tab.finish(&origins)
}
