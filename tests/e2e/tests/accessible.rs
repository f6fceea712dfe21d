//! axe-core finds nothing in any state of the page, light and dark.

use anyhow::{Context as _, Result};
use e2e::{Browser, Tab, finish, open, site};
use xtask::site::Site;

e2e::in_both! {
    nothing_is_wrong_with_any_state_in_the_light,
    nothing_is_wrong_with_any_state_in_the_dark,
    a_fault_would_be_found,
}

/// An address, what is done there, and what is true before it is looked at.
const STATES: &[(&str, &str, &str)] = &[
    ("?recording=hello-world", "", ENDED),
    ("?recording=flipped-byte", "", ENDED),
    (
        "?recording=two-platforms",
        "document.querySelector('[role=treeitem][data-kind=config]').click()",
        ENDED,
    ),
    ("?recording=two-platforms", "document.querySelector('[role=treeitem][data-kind=layer]').click()", ENDED),
    ("?recording=two-platforms&platform=linux/s390x", "", ENDED),
    ("?image=ghcr.io/Upper/Case", "", ENDED),
    ("?recording=not-there", "", ENDED),
    ("?recording=hello-world&step=3", "", ENDED),
    ("?recording=hello-world&step=5&embed=1", "", ENDED),
    (
        "?recording=hello-world",
        "document.querySelectorAll('details').forEach(d => { d.open = true; })",
        "document.querySelector('.exchange[open] .commands').checkVisibility()",
    ),
    (
        "?recording=hello-world",
        "document.getElementById('filter').value = 'status:307 status:x'; \
         document.getElementById('filter').dispatchEvent(new Event('input'))",
        "document.querySelectorAll('#filter-terms button').length === 2",
    ),
    (
        "?recording=hello-world",
        "document.getElementById('keys-open').click()",
        "document.getElementById('keys').open",
    ),
    (
        "?recording=hello-world",
        "document.getElementById('explain-open').click(); document.getElementById('explain-change').click()",
        "document.getElementById('explain').checkVisibility()",
    ),
    (
        "how-a-pull-works.html",
        "",
        "[...document.querySelectorAll('registry-inspector')].every(e => e.shadowRoot?.querySelector('#main[data-state=done]'))",
    ),
];

const ENDED: &str = "['done', 'failed'].includes(document.querySelector('main')?.dataset.state)";

fn nothing_is_wrong_with_any_state_in_the_light(browser: Browser) -> Result<()> {
    nothing_is_wrong(browser, "light")
}

fn nothing_is_wrong_with_any_state_in_the_dark(browser: Browser) -> Result<()> {
    nothing_is_wrong(browser, "dark")
}

fn nothing_is_wrong(browser: Browser, theme: &str) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "")?;
    tab.until(ENDED)?;
    tab.eval(&format!("void localStorage.setItem('theme', '{theme}')"))?;
    tab.resize(1280, 900)?;
    for (address, act, seen) in STATES {
        show(&mut tab, &site, address, act, seen)?;
        tab.accessible().with_context(|| format!("{address}, {act}, {theme}"))?;
    }
    running_and_stopped(&mut tab, &site)?;
    Ok(())
}

fn show(tab: &mut Tab, site: &Site, address: &str, act: &str, seen: &str) -> Result<()> {
    tab.go(&format!("{}/{address}", site.origin()))?;
    if !act.is_empty() {
        tab.until(ENDED)?;
        tab.eval(&format!("(async () => {{ {act}; await new Promise(requestAnimationFrame); }})()"))?;
    }
    tab.until(seen)?;
    // Colours that change in steps are looked at when they have changed.
    tab.eval("Promise.all(document.getAnimations().filter(a => a.effect.getComputedTiming().iterations < 9).map(a => a.finished)).then(() => 0)")?;
    Ok(())
}

fn running_and_stopped(tab: &mut Tab, site: &Site) -> Result<()> {
    // It takes connections and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0")?;
    tab.go(&format!("{}/?image={}/app:1", site.origin(), silent.local_addr()?))?;
    tab.until("document.querySelector('main').dataset.state === 'running'")?;
    tab.accessible().context("running")?;
    tab.click("#cancel")?;
    tab.until("document.querySelector('main').dataset.state === 'idle'")?;
    tab.accessible().context("stopped")
}

fn a_fault_would_be_found(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "")?;
    tab.until(ENDED)?;
    tab.eval("void document.querySelector('main').append(document.createElement('img'))")?;
    let found = tab.accessible().err().context("a picture without a text is a fault")?;
    assert!(found.to_string().contains("image-alt: "), "{found}");
    finish(tab, &site, None)
}
