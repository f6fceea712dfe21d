//! Pulls that are larger than any real one: few rows are drawn, and all can be reached.

use anyhow::Result;
use e2e::{Browser, Server, Tab, many_layers, many_platforms, open, readable, site};
use tiny_http::Response;
use xtask::site::Site;

e2e::in_both! {
    ten_thousand_requests_are_drawn_as_they_come_into_view,
    a_tree_of_five_thousand_objects_is_walked_to_its_end,
}

fn open_recording(browser: Browser, site: &Site, har: String) -> Result<(Tab, Server)> {
    let server = Server::start(move |request| {
        let answer = Response::from_data(har.clone().into_bytes());
        let _ = request.respond(readable(answer, "Cache-Control", "no-store"));
    })?;
    let tab = open(browser, site, &format!("?recording=http://{}/large.har", server.host()))?;
    Ok((tab, server))
}

const DRAWN: &str = "document.querySelectorAll('tr[data-role]').length";

fn ten_thousand_requests_are_drawn_as_they_come_into_view(browser: Browser) -> Result<()> {
    let site = site()?;
    let (mut tab, _server) = open_recording(browser, &site, many_layers(9_997))?;
    assert_eq!(tab.until_ended()?, "done");
    let title = tab.text("document.getElementById('strip-title').textContent")?;
    assert_eq!(title, "All 9,999 objects verified");
    let drawn = tab.eval(DRAWN)?.as_u64().unwrap_or_default();
    assert!((10..300).contains(&drawn), "{drawn} rows are drawn");
    assert_eq!(tab.text("document.getElementById('requests').ariaRowCount")?, "10001");
    tab.eval("void (document.getElementById('table-box').scrollTop = 1e9)")?;
    tab.until("[...document.querySelectorAll('tr[data-role]')].at(-1).dataset.entry === '9999'")?;
    tab.eval("void (document.getElementById('table-box').scrollTop = 5000 * 57)")?;
    tab.until("[...document.querySelectorAll('tr[data-role]')].some(row => row.dataset.entry === '5000')")?;
    tab.eval(
        "(row => { row.focus(); row.click(); return 0; })(document.querySelector('tr[data-entry=\"5000\"]'))",
    )?;
    tab.until("document.querySelector('tr[aria-selected=true]')?.dataset.entry === '5000'")?;
    tab.press("Home")?;
    tab.until("document.activeElement.dataset.entry === '0'")?;
    tab.press("End")?;
    tab.until("document.activeElement.dataset.entry === '9999'")?;
    tab.click("#filter")?;
    tab.press("role:manifest")?;
    tab.until(&format!("{DRAWN} === 1"))?;
    Ok(())
}

fn a_tree_of_five_thousand_objects_is_walked_to_its_end(browser: Browser) -> Result<()> {
    let site = site()?;
    let (mut tab, _server) = open_recording(browser, &site, many_platforms(5_000))?;
    tab.until_ended()?;
    let drawn = "document.querySelectorAll('[role=treeitem]').length";
    assert_eq!(tab.eval(drawn)?, 1, "the others are folded away");
    tab.click("#others button")?;
    tab.until(&format!("{drawn} > 10 && {drawn} < 300"))?;
    tab.eval("document.querySelector('[role=treeitem]').focus()")?;
    tab.press("End")?;
    tab.until("document.activeElement.getAttribute('aria-posinset') === '5000'")?;
    assert_eq!(tab.text("document.activeElement.getAttribute('aria-setsize')")?, "5000");
    tab.press("Home")?;
    tab.until("document.activeElement.dataset.kind === 'index'")?;
    Ok(())
}
