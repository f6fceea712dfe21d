//! The panel of requests: search, order, keys, timeline, headers, commands, bytes.

use anyhow::{Context as _, Result};
use e2e::{Browser, Tab, finish, open, pull, registry_with, site};
use serde_json::json;
use xtask::images;
use xtask::registry::{Cors, Format};

e2e::in_both! {
    requests_are_searched_as_one_types,
    what_the_search_does_not_know_is_said,
    what_is_filtered_out_stays_selected,
    requests_are_put_in_order_by_a_column,
    requests_are_put_in_order_on_a_phone_too,
    keys_lead_to_the_search_the_details_and_back,
    rows_are_found_by_their_names_and_by_pages,
    keys_are_listed,
    the_timeline_has_ticks_and_a_line_under_the_pointer,
    headers_are_explained_and_hidden_ones_are_named,
    a_request_is_told_as_commands,
    a_command_that_may_not_be_copied_is_marked,
    documents_are_laid_out_anew_and_layers_shown_as_bytes,
}

/// The numbers of the requests that are shown, in their order.
fn numbers(tab: &mut Tab) -> Result<serde_json::Value> {
    tab.eval(
        "[...document.querySelectorAll('tr[data-role] [data-part=number]')].map(e => Number(e.textContent))",
    )
}

fn shows(tab: &mut Tab, expected: &str) -> Result<()> {
    tab.until(&format!(
        "[...document.querySelectorAll('tr[data-role] [data-part=number]')].map(e => e.textContent).join(' ') === '{expected}'"
    ))
}

fn requests_are_searched_as_one_types(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=hello-world")?;
    tab.until_ended()?;
    tab.click("#filter")?;
    tab.press("status:307")?;
    shows(&mut tab, "4 6")?;
    assert_eq!(tab.text("document.getElementById('filter-count').textContent")?, "2 of 7 requests");
    tab.press(" role:layer")?;
    shows(&mut tab, "6")?;
    tab.click("#filter-terms button")?;
    tab.until("document.querySelectorAll('#filter-terms button').length === 1")?;
    shows(&mut tab, "6")?;
    assert_eq!(tab.text("document.getElementById('filter').value")?, "role:layer");
    tab.click("#filter-clear")?;
    shows(&mut tab, "1 2 3 4 5 6 7")?;
    tab.press("-host:cloudflare larger-than:1k")?;
    shows(&mut tab, "2")?;
    tab.press("Escape")?;
    shows(&mut tab, "1 2 3 4 5 6 7")?;
    tab.press("status:soon")?;
    tab.until(
        "document.getElementById('filter-count').textContent.includes('a status is 404, 4xx or none')",
    )?;
    assert_eq!(numbers(&mut tab)?, json!([1, 2, 3, 4, 5, 6, 7]), "what is not understood leaves nothing out");
    finish(tab, &site, None)
}

fn what_the_search_does_not_know_is_said(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=hello-world")?;
    tab.until_ended()?;
    let said = "document.getElementById('filter-count').textContent";
    tab.press("/")?;
    for (typed, word) in [("size:large", "the filters are method,"), ("role:lair", "a role is ping,")] {
        tab.press(typed)?;
        tab.until(&format!("{said}.includes('{word}')"))?;
        assert!(tab.text(said)?.starts_with("7 of 7 requests"), "{typed} leaves nothing out");
        tab.click("#filter-clear")?;
        tab.until("!document.querySelector('#filter-terms button')")?;
    }
    tab.press("verdict:claim")?;
    shows(&mut tab, "1")?;
    finish(tab, &site, None)
}

fn what_is_filtered_out_stays_selected(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=hello-world")?;
    tab.until_ended()?;
    tab.click("tr[data-role=config]")?;
    let selected = "document.querySelector('[role=treeitem][aria-selected=true]').dataset.kind";
    tab.until(&format!("{selected} === 'config'"))?;
    tab.click("#filter")?;
    tab.press("role:index")?;
    shows(&mut tab, "2")?;
    assert_eq!(tab.text(selected)?, "config");
    assert_eq!(tab.text("document.getElementById('details-title').textContent")?, "Config");
    assert_eq!(tab.eval("document.querySelector('tr[data-role][aria-selected=true]')")?, json!(null));
    tab.press("Escape")?;
    tab.until("document.querySelector('tr[data-role][aria-selected=true]')?.dataset.role === 'config'")?;
    finish(tab, &site, None)
}

fn requests_are_put_in_order_on_a_phone_too(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=hello-world")?;
    tab.resize(390, 800)?;
    tab.until_ended()?;
    tab.click("th [data-column=size]")?;
    shows(&mut tab, "2 5 3 1 4 6 7")?;
    assert_eq!(
        tab.eval("document.documentElement.scrollWidth <= innerWidth")?,
        true,
        "nothing is wider than the screen"
    );
    finish(tab, &site, None)
}

fn requests_are_put_in_order_by_a_column(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=hello-world")?;
    tab.until_ended()?;
    tab.click("th [data-column=size]")?;
    shows(&mut tab, "2 5 3 1 4 6 7")?;
    assert_eq!(tab.text("document.querySelector('th:has([data-column=size])').ariaSort")?, "descending");
    tab.eval("document.querySelector('[data-column=number]').focus()")?;
    tab.press("Enter")?;
    shows(&mut tab, "1 2 3 4 5 6 7")?;
    tab.press("Enter")?;
    shows(&mut tab, "7 6 5 4 3 2 1")?;
    tab.click("tr[data-role=config]")?;
    tab.press("ArrowDown")?;
    tab.until("document.activeElement.dataset.role === 'manifest'")?;
    finish(tab, &site, None)
}

fn keys_lead_to_the_search_the_details_and_back(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=hello-world")?;
    tab.until_ended()?;
    tab.press("/")?;
    assert_eq!(tab.text("document.activeElement.id")?, "filter");
    tab.press("config")?;
    shows(&mut tab, "4")?;
    tab.press("Enter")?;
    tab.until("document.activeElement.dataset.role === 'config'")?;
    tab.press("Enter")?;
    tab.until("document.activeElement.id === 'details'")?;
    tab.press("Escape")?;
    tab.until("document.activeElement.dataset.role === 'config'")?;
    // Whoever comes there in another way is led to what is shown.
    for _ in 0..2 {
        tab.eval("document.getElementById('copy-digest').focus()")?;
        tab.press("Escape")?;
        tab.until("document.activeElement.dataset.role === 'config'")?;
    }
    tab.click("[role=treeitem][data-kind=layer]")?;
    tab.eval("document.getElementById('copy-digest').focus()")?;
    tab.press("Escape")?;
    tab.until("document.activeElement.dataset.kind === 'layer'")?;
    finish(tab, &site, None)
}

fn rows_are_found_by_their_names_and_by_pages(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=hello-world")?;
    tab.until_ended()?;
    tab.click("#others button")?;
    let title = "document.activeElement.querySelector('[data-part=title]')?.textContent";
    tab.eval("document.querySelector('[role=treeitem]').focus()")?;
    for (key, name) in [
        ("l", "linux/amd64"),
        ("l", "Layer 1 of 1"),
        ("PageDown", "windows("),
        ("PageUp", "Layer 1 of 1"),
        ("i", "Index"),
    ] {
        if key == "i" {
            // After a pause another name begins.
            std::thread::sleep(std::time::Duration::from_millis(1_100));
        }
        tab.press(key)?;
        tab.until(&format!("{title}?.startsWith('{name}')"))?;
    }
    tab.eval("document.querySelector('tr[data-role=tag]').focus()")?;
    tab.press("PageDown")?;
    tab.until("document.activeElement.dataset.entry === '6'")?;
    finish(tab, &site, None)
}

fn keys_are_listed(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=hello-world")?;
    tab.until_ended()?;
    tab.press("?")?;
    tab.until("document.getElementById('keys').open")?;
    tab.press("Escape")?;
    tab.until("!document.getElementById('keys').open")?;
    tab.click("#keys-open")?;
    tab.until("document.getElementById('keys').open")?;
    tab.click("#keys [data-close]")?;
    tab.until("!document.getElementById('keys').open")?;
    finish(tab, &site, None)
}

fn the_timeline_has_ticks_and_a_line_under_the_pointer(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::multi()?);
    let registry = registry_with(&layout, Format::Oci, Cors::Open)?;
    let mut tab = pull(browser, &site, &registry)?;
    tab.until_ended()?;
    let ticks = tab.eval("[...document.querySelectorAll('#axis > span')].map(e => e.textContent)")?;
    assert_eq!(ticks.get(0), Some(&json!("0")), "{ticks}");
    assert!(ticks.as_array().is_some_and(|ticks| (2..=5).contains(&ticks.len())), "{ticks}");
    let note = tab.text("document.getElementById('requests-note').textContent")?;
    // Layers come side by side: which of them ends last is the machine's affair.
    let requests = note.strip_prefix("Critical path: ").and_then(|rest| rest.split_once(" requests, "));
    let requests: usize = requests.context(note.clone())?.0.parse()?;
    assert!((4..=7).contains(&requests), "tag, index, manifest, and what waits for them: {note}");
    tab.click("tr[data-role=manifest] td.timeline")?;
    tab.until("!document.getElementById('cursor').hidden")?;
    let time = tab.text("document.getElementById('cursor').textContent")?;
    assert!(time.ends_with(" ms") || time.ends_with(" s"), "{time}");
    tab.rest_mouse()?;
    tab.until("document.getElementById('cursor').hidden")?;
    tab.go(&format!("{}/?recording=hello-world", site.origin()))?;
    tab.until_ended()?;
    assert_eq!(tab.text("document.getElementById('axis').textContent")?, "Order", "no times are invented");
    finish(tab, &site, Some(&registry))
}

fn headers_are_explained_and_hidden_ones_are_named(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::single()?);
    let mut tab = open(browser, &site, "?recording=hello-world")?;
    tab.until_ended()?;
    let details = tab.text("document.getElementById('details').textContent")?;
    assert!(
        details.contains("The registry's word on the digest; here it is the one that was asked for."),
        "{details}"
    );
    let registry = registry_with(&layout, Format::Oci, Cors::NotExposed)?;
    tab.go(&format!("{}/?image={}/app:1", site.origin(), registry.host()))?;
    tab.until_ended()?;
    let details = tab.text("document.getElementById('details').textContent")?;
    assert!(details.contains("It may have sent: Docker-Content-Digest (without it,"), "{details}");
    finish(tab, &site, Some(&registry))
}

fn a_request_is_told_as_commands(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=hello-world")?;
    tab.until_ended()?;
    tab.eval("void (navigator.clipboard.writeText = async (text) => { globalThis.copied = text; })")?;
    tab.click("tr[data-role=tag]")?;
    tab.until("document.querySelector('.exchange[open] .commands')?.checkVisibility()")?;
    tab.click(".exchange[open] .commands summary")?;
    tab.click(".exchange[open] [data-command]:nth-of-type(2) button")?;
    tab.until("globalThis.copied === 'crane digest docker.io/library/hello-world:latest'")?;
    tab.until("document.activeElement.textContent === 'Copied'")?;
    assert_eq!(tab.text("document.getElementById('said').textContent")?, "Command copied");
    let curl = tab.text("document.querySelector('.exchange[open] [data-command] code').textContent")?;
    assert!(curl.starts_with("curl --head --header 'Accept: "), "{curl}");
    tab.eval("document.querySelector('.exchange[open] [data-command]:nth-of-type(5) button').focus()")?;
    tab.press("Enter")?;
    tab.until("globalThis.copied === 'oras resolve docker.io/library/hello-world:latest'")?;
    finish(tab, &site, None)
}

fn a_command_that_may_not_be_copied_is_marked(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=hello-world")?;
    tab.until_ended()?;
    tab.eval("void (navigator.clipboard.writeText = () => Promise.reject(new Error('refused')))")?;
    tab.click("tr[data-role=config]")?;
    tab.until("document.querySelector('.exchange[open] .commands')?.checkVisibility()")?;
    tab.click(".exchange[open] .commands summary")?;
    tab.click(".exchange[open] [data-command]:nth-of-type(4) button")?;
    let image = "sha256:f54a58bc1aac5ea1a25d796ae155dc228b3f0e11d046ae276b39c4bf2f13d8c4";
    tab.until(&format!(
        "getSelection().toString() === 'skopeo inspect --no-creds --config --raw docker://docker.io/library/hello-world@{image}'"
    ))?;
    assert!(tab.text("document.getElementById('said').textContent")?.contains("to be copied by hand"));
    finish(tab, &site, None)
}

fn documents_are_laid_out_anew_and_layers_shown_as_bytes(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=two-platforms")?;
    tab.until_ended()?;
    let text = "document.getElementById('document-text').textContent";
    tab.click("[role=treeitem][data-kind=index]")?;
    tab.until(&format!("{text}.startsWith('{{\"manifests\":[{{')"))?;
    tab.click("#document-pretty")?;
    tab.until(&format!("{text}.startsWith('{{\\n  \"manifests\": [\\n')"))?;
    assert_eq!(tab.eval("document.querySelectorAll('#document-text a').length")?, 2, "digests stay links");
    assert!(tab.text("document.getElementById('document-title').textContent")?.contains("reformatted"));
    tab.eval("document.getElementById('document-pretty').focus()")?;
    tab.press("Enter")?;
    tab.until(&format!("{text}.startsWith('{{\"manifests\":[{{')"))?;
    tab.click("[role=treeitem][data-kind=layer]")?;
    tab.until(&format!("{text}.startsWith('00000000  1f 8b 08')"))?;
    let note = tab.text("document.getElementById('document-note').textContent")?;
    assert_eq!(note, "The first 1,024 of 1,469 bytes.");
    // Its columns stay columns, however narrow the page is.
    tab.resize(390, 800)?;
    let pre = "document.getElementById('document-text')";
    let lines = format!("{text}.trimEnd().split('\\n').length");
    let style = format!("getComputedStyle({pre})");
    tab.until(&format!(
        "{style}.whiteSpace === 'pre' && {pre}.scrollHeight < ({lines} + 3) * parseFloat({style}.lineHeight)"
    ))?;
    assert_eq!(tab.eval("document.documentElement.scrollWidth <= innerWidth")?, true);
    finish(tab, &site, None)
}
