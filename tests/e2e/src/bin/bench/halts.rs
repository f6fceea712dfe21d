//! How long the page's thread is busy at a stretch, at its worst. No peer: the limit is the 50 ms that are noticed (RAIL).
//!
//! Only Chromium tells what its tasks took.

use anyhow::{Context as _, Result};
use e2e::{
    Browser, NO_WORKERS, Tab, hand_over_long_recording, pull_by_module, registry_of_long_layers,
    registry_of_many_tags, with_module,
};
use xtask::registry::Registry;
use xtask::site::Site;

use super::book::{Book, Bound, median};
use super::{PATIENCE, RUNS};

/// Prints the longest task of each.
pub(crate) fn measure(book: &mut Book, site: &Site) -> Result<()> {
    book.part(
        "The longest tasks",
        &format!(
            "Of the page's thread, in Chromium: milliseconds that the thread ran, by the browser's trace. Of each of {RUNS} \
             runs the longest, and of those the median."
        ),
    );
    book.say("| | longest task, ms |\n|---|---:|");
    let registry = registry_of_long_layers()?;
    let image = format!("{}/app:1", registry.host());
    let mut longest = Vec::new();
    let mut note = |book: &mut Book, what: &str, time: f64| {
        book.say(&format!("| {what} | {time:.0} |"));
        longest.push((what.to_owned(), time));
    };

    let mut tab = with_module(Browser::Chromium, site, "() => {}")?.unwatched()?;
    for layers in ["verify", "unpack"] {
        let time = longest_task(&mut tab, |tab| pull_by_form(tab, &image, layers))?;
        note(book, &format!("a pull by workers, layers={layers}"), time);
    }
    let mut alone = with_module(Browser::Chromium, site, NO_WORKERS)?.unwatched()?;
    for layers in ["verify", "unpack"] {
        let asked = format!("'{image}', {{ layers: '{layers}' }}");
        let time = longest_task(&mut alone, |tab| pull_by_module(tab, &asked))?;
        note(book, &format!("a pull without workers, layers={layers}"), time);
    }
    let _recording = hand_over_long_recording(&mut tab)?;
    for layers in ["verify", "unpack"] {
        let asked = format!("null, {{ recording: har, layers: '{layers}' }}");
        let time = longest_task(&mut tab, |tab| pull_by_module(tab, &asked))?;
        note(book, &format!("a recorded layer of 48 MiB, layers={layers}"), time);
    }
    let tags = registry_of_many_tags()?;
    let time = longest_task(&mut tab, |tab| list_tags(tab, site, &tags))?;
    note(book, "10,000 tags: listed, searched, put in other orders", time);
    book.say("");
    for (what, time) in longest {
        book.target(&format!("the longest task, ms: {what}"), time, Bound::AtMost(50.0));
    }
    Ok(())
}

/// The median of each run's longest task.
fn longest_task(tab: &mut Tab, act: impl Fn(&mut Tab) -> Result<()>) -> Result<f64> {
    let mut longest = Vec::new();
    for _ in 0..RUNS {
        let tasks = tab.tasks(&act)?.context("this browser does not tell of its tasks")?;
        longest.push(tasks.first().copied().unwrap_or_default());
    }
    median(longest)
}

/// Pulls as a user does, by the form. The page marks when it begins.
fn pull_by_form(tab: &mut Tab, image: &str, layers: &str) -> Result<()> {
    tab.eval(&format!(
        "(() => {{ performance.mark('begun'); document.getElementById('image').value = '{image}'; \
         document.getElementById('layers').value = '{layers}'; \
         document.getElementById('ask').requestSubmit(); }})()"
    ))?;
    tab.until("document.querySelector('main').dataset.state === 'running'")?;
    tab.until_within(PATIENCE, "document.querySelector('main').dataset.state === 'done'")
}

/// Lists ten thousand tags by the form, searches them, and puts them in other orders. The page marks when it begins.
fn list_tags(tab: &mut Tab, site: &Site, registry: &Registry) -> Result<()> {
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
}
