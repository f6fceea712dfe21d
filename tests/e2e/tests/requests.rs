//! The panel of requests: search, order, keys, timeline, headers, commands, bytes.

use anyhow::Result;
use e2e::{Browser, Tab, finish, open, pull, registry_with, site};
use serde_json::json;
use xtask::images;
use xtask::registry::{Cors, Format};

e2e::in_both! {
    requests_are_searched_as_one_types,
    requests_are_put_in_order_by_a_column,
    keys_lead_to_the_search_the_details_and_back,
    keys_are_listed,
    the_timeline_has_ticks_and_a_line_under_the_pointer,
    headers_are_explained_and_hidden_ones_are_named,
    a_request_is_told_as_commands,
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
    assert!(note.starts_with("Critical path: 7 requests, "), "{note}");
    tab.click("tr[data-role=manifest] td.timeline")?;
    tab.until("!document.getElementById('cursor').hidden")?;
    let time = tab.text("document.getElementById('cursor').textContent")?;
    assert!(time.ends_with(" ms"), "{time}");
    tab.click(".brand")?;
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
    let curl = tab.text("document.querySelector('.exchange[open] [data-command] code').textContent")?;
    assert!(curl.starts_with("curl --head --header 'Accept: "), "{curl}");
    tab.eval("document.querySelector('.exchange[open] [data-command]:nth-of-type(5) button').focus()")?;
    tab.press("Enter")?;
    tab.until("globalThis.copied === 'oras resolve docker.io/library/hello-world:latest'")?;
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
    assert!(tab.text("document.getElementById('document-title').textContent")?.contains("laid out anew"));
    tab.eval("document.getElementById('document-pretty').focus()")?;
    tab.press("Enter")?;
    tab.until(&format!("{text}.startsWith('{{\"manifests\":[{{')"))?;
    tab.click("[role=treeitem][data-kind=layer]")?;
    tab.until(&format!("{text}.startsWith('00000000  1f 8b 08')"))?;
    let note = tab.text("document.getElementById('document-note').textContent")?;
    assert_eq!(note, "The first 1,024 of 1,469 bytes.");
    finish(tab, &site, None)
}
