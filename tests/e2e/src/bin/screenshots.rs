//! Takes pictures of the built site: the README's into `docs/`, and those to look at into `target/screenshots/`.

use std::path::Path;

use anyhow::{Context as _, Result};
use e2e::{Browser, Tab};
use xtask::site::Site;

/// What to show: a name, the address under the site, what to do there, and what is true once it can be seen.
const STATES: &[(&str, &str, &str, &str)] = &[
    ("hello-world", "?recording=hello-world", "", ENDED),
    ("two-platforms", "?recording=two-platforms", "", ENDED),
    ("flipped-byte", "?recording=flipped-byte", "", ENDED),
    (
        "config",
        "?recording=hello-world&select=sha256:feb5d9fea6a5e9606aa995e879d862b825965ba48de054caab5ef356dc6b3412",
        "",
        ENDED,
    ),
    (
        "layer",
        "?recording=single-manifest",
        "document.querySelector('[role=treeitem][data-kind=layer]').click()",
        ENDED,
    ),
    (
        "commands",
        "?recording=hello-world",
        "document.querySelector('.exchange[open] .commands').open = true",
        ENDED,
    ),
    (
        "by-hand",
        "?recording=hello-world",
        "document.getElementById('explain-open').click(); document.getElementById('explain-change').click()",
        ENDED,
    ),
    (
        "search",
        "?recording=hello-world",
        "document.getElementById('filter').value = 'status:307 role:layer size:x'; document.getElementById('filter').dispatchEvent(new Event('input'))",
        ENDED,
    ),
    (
        "keys",
        "?recording=hello-world",
        "document.getElementById('keys-open').click()",
        "document.getElementById('keys').open",
    ),
    ("walk", "?recording=hello-world&step=5", "", ENDED),
    ("walk-failed", "?recording=flipped-byte&step=7", "", ENDED),
    ("embed", "?recording=hello-world&step=4&embed=1", "", ENDED),
    ("no-platform", "?recording=two-platforms&platform=linux/s390x", "", ENDED),
    ("refused", "?image=ghcr.io/Upper/Case", "", ENDED),
    ("unreachable", "?image=127.0.0.1:1/app:1", "", ENDED),
    (
        "story",
        "how-a-pull-works.html",
        "",
        "[...document.querySelectorAll('registry-inspector')].every(e => e.shadowRoot?.querySelector('#main[data-state=done]'))",
    ),
];

const ENDED: &str = "['done', 'failed'].includes(document.querySelector('main')?.dataset.state)";

const WIDTHS: [u32; 3] = [1440, 900, 390];

fn main() -> Result<()> {
    let only = std::env::args().nth(1);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = root.join("target/screenshots");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let site = Site::start(&root.join("dist"), 0)?;
    let mut tab = Tab::open(Browser::Chromium, &format!("{}/", site.origin()))?;
    tab.until(ENDED)?;
    let mut count = 0;
    for theme in ["light", "dark"] {
        tab.eval(&format!("void localStorage.setItem('theme', '{theme}')"))?;
        for width in WIDTHS {
            tab.resize(width, 900)?;
            for (name, address, act, seen) in STATES {
                if only.as_ref().is_some_and(|only| only != name) {
                    continue;
                }
                show(&mut tab, &site, address, act, seen)?;
                tab.screenshot(&folder.join(format!("{name}-{width}-{theme}.png")))?;
                count += 1;
            }
        }
    }
    if only.is_none() {
        tab.eval("void localStorage.setItem('theme', 'light')")?;
        tab.resize(1280, 800)?;
        let docs = root.join("docs");
        std::fs::create_dir_all(&docs).with_context(|| format!("cannot create {}", docs.display()))?;
        for (picture, state) in [("page", "hello-world"), ("walk", "walk"), ("failed", "flipped-byte")] {
            let Some((_, address, act, seen)) = STATES.iter().find(|(name, ..)| *name == state) else {
                continue;
            };
            show(&mut tab, &site, address, act, seen)?;
            tab.screenshot(&docs.join(format!("{picture}.png")))?;
        }
    }
    println!("{count} pictures in target/screenshots, and the README's in docs");
    Ok(())
}

fn show(tab: &mut Tab, site: &Site, address: &str, act: &str, seen: &str) -> Result<()> {
    tab.go(&format!("{}/{address}", site.origin()))?;
    if act.is_empty() {
        return tab.until(seen);
    }
    tab.until(ENDED)?;
    // One frame for the page to paint what was done.
    tab.eval(&format!("(async () => {{ {act}; await new Promise(requestAnimationFrame); }})()"))?;
    tab.until(seen)
}
