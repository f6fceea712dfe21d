//! axe-core finds nothing in any state of the page, light and dark.

use anyhow::{Context as _, Result};
use e2e::{Browser, Tab, finish, finish_with, open, site};
use xtask::site::Site;

e2e::in_both! {
    nothing_is_wrong_with_any_state_in_the_light,
    nothing_is_wrong_with_any_state_in_the_dark,
    nothing_is_wrong_with_any_state_on_a_phone_from_right_to_left,
    the_live_region_says_what_is_and_nothing_of_before,
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
    ("your-registry.html", "", "document.querySelectorAll('h3').length > 10"),
    (
        "how-a-pull-works.html",
        "",
        "[...document.querySelectorAll('registry-inspector')].every(e => e.shadowRoot?.querySelector('#main[data-state=done]'))",
    ),
];

const ENDED: &str = "['done', 'failed'].includes(document.querySelector('main')?.dataset.state)";

fn nothing_is_wrong_with_any_state_in_the_light(browser: Browser) -> Result<()> {
    nothing_is_wrong(browser, "light", 1280, "ltr")
}

fn nothing_is_wrong_with_any_state_in_the_dark(browser: Browser) -> Result<()> {
    nothing_is_wrong(browser, "dark", 1280, "ltr")
}

fn nothing_is_wrong_with_any_state_on_a_phone_from_right_to_left(browser: Browser) -> Result<()> {
    nothing_is_wrong(browser, "light", 390, "rtl")
}

fn nothing_is_wrong(browser: Browser, theme: &str, width: u32, direction: &str) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "")?;
    tab.until(ENDED)?;
    tab.eval(&format!("void localStorage.setItem('theme', '{theme}')"))?;
    tab.resize(width, 900)?;
    tab.preload(&format!(
        "() => addEventListener('DOMContentLoaded', () => {{ document.documentElement.dir = '{direction}'; }})"
    ))?;
    // One of the states is a recording that is not there.
    tab.expect_on_console("404");
    for (address, act, seen) in STATES {
        show(&mut tab, &site, address, act, seen)?;
        tab.accessible().with_context(|| format!("{address}, {act}, {theme}, {width}, {direction}"))?;
    }
    running_and_stopped(&mut tab, &site)?;
    finish_with(tab, &site, Some("http://127.0.0.1:"))
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

fn the_live_region_says_what_is_and_nothing_of_before(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=hello-world")?;
    tab.until_ended()?;
    let live = "document.getElementById('live').textContent";
    assert_eq!(tab.text(live)?, "Done: 3 of 4 objects verified, 1 not in the recording.");
    // What is wrong with a reference is an alert; nothing else is said.
    tab.click("#image")?;
    tab.eval("document.getElementById('image').select()")?;
    tab.press("Upper/Case")?;
    tab.press("Enter")?;
    tab.until("document.querySelector('main').dataset.state === 'failed'")?;
    assert_eq!(tab.text(live)?, "");
    assert!(tab.eval("document.querySelector('#trouble[role=alert]').checkVisibility()")? == true);
    let silent = std::net::TcpListener::bind("127.0.0.1:0")?;
    let host = silent.local_addr()?;
    tab.go(&format!("{}/?image={host}/app:1", site.origin()))?;
    tab.until(&format!("{live} === 'Pulling {host}/app:1: Asking the registry'"))?;
    tab.click("#cancel")?;
    tab.until(&format!("{live}.startsWith('Stopped: ')"))?;
    tab.go(&format!("{}/?recording=hello-world&image=registry.example/other:1", site.origin()))?;
    assert_eq!(tab.until_ended()?, "failed");
    assert_eq!(tab.text(live)?, "Failed: Nothing was pulled.");
    finish_with(tab, &site, Some(&format!("http://{host}/")))
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
