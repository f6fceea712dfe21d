//! Takes pictures of the built page: the README's into `docs/`, and those to look at into `target/screenshots/`.

use std::path::Path;

use anyhow::{Context as _, Result};
use e2e::{Browser, Tab};
use xtask::site::Site;

/// What to show: a name, and the query that shows it.
const STATES: &[(&str, &str)] = &[
    ("hello-world", "?recording=hello-world"),
    ("two-platforms", "?recording=two-platforms"),
    ("flipped-byte", "?recording=flipped-byte"),
    ("no-platform", "?recording=two-platforms&platform=linux/s390x"),
    ("refused", "?image=ghcr.io/Upper/Case"),
    ("unreachable", "?image=127.0.0.1:1/app:1"),
];

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = root.join("target/screenshots");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let site = Site::start(&root.join("dist"), 0)?;
    let mut tab = Tab::open(Browser::Chromium, &format!("{}/", site.origin()))?;
    for width in [1440, 900, 390] {
        tab.resize(width, 900)?;
        for (name, query) in STATES {
            tab.go(&format!("{}/{query}", site.origin()))?;
            tab.until_ended()?;
            tab.screenshot(&folder.join(format!("{name}-{width}.png")))?;
        }
    }
    tab.resize(1280, 800)?;
    tab.go(&format!("{}/", site.origin()))?;
    tab.until_ended()?;
    let docs = root.join("docs");
    std::fs::create_dir_all(&docs).with_context(|| format!("cannot create {}", docs.display()))?;
    tab.screenshot(&docs.join("page.png"))?;
    println!("docs/page.png, and {} pictures in target/screenshots", 3 * STATES.len());
    Ok(())
}
