//! Pulls that are larger than any real one: few rows are drawn, and all can be reached.

use anyhow::Result;
use e2e::{Browser, Server, Tab, finish_with, many_layers, many_platforms, open, site};
use xtask::site::Site;

e2e::in_both! {
    ten_thousand_requests_are_drawn_as_they_come_into_view,
    a_tree_of_five_thousand_objects_is_walked_to_its_end,
    tab_and_the_focus_lead_to_rows_wherever_one_has_scrolled,
}

fn open_recording(browser: Browser, site: &Site, har: String) -> Result<(Tab, Server)> {
    let server = Server::of(har)?;
    let tab = open(browser, site, &format!("?recording=http://{}/large.har", server.host()))?;
    Ok((tab, server))
}

const DRAWN: &str = "document.querySelectorAll('tr[data-role]').length";

fn ten_thousand_requests_are_drawn_as_they_come_into_view(browser: Browser) -> Result<()> {
    let site = site()?;
    let (mut tab, server) = open_recording(browser, &site, many_layers(9_997))?;
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
    tab.click("tr[data-entry='5000'] td.timeline")?;
    tab.until("!document.getElementById('cursor').hidden")?;
    let line = "document.getElementById('cursor').getBoundingClientRect()";
    let row = "document.querySelector(\"tr[data-entry='5000']\").getBoundingClientRect()";
    assert_eq!(tab.eval(&format!("{line}.bottom > {row}.bottom"))?, true, "the line reaches what is in view");
    let time = "document.querySelector('#cursor span').getBoundingClientRect()";
    let table = "document.getElementById('table-box').getBoundingClientRect()";
    assert_eq!(tab.eval(&format!("{time}.top >= {table}.top"))?, true, "and so does its time");
    tab.press("Home")?;
    tab.until("document.activeElement.dataset.entry === '0'")?;
    tab.press("End")?;
    tab.until("document.activeElement.dataset.entry === '9999'")?;
    tab.click("#filter")?;
    tab.press("role:manifest")?;
    tab.until(&format!("{DRAWN} === 1"))?;
    finish_with(tab, &site, Some(&format!("http://{}/", server.host())))
}

fn a_tree_of_five_thousand_objects_is_walked_to_its_end(browser: Browser) -> Result<()> {
    let site = site()?;
    let (mut tab, server) = open_recording(browser, &site, many_platforms(5_000))?;
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
    finish_with(tab, &site, Some(&format!("http://{}/", server.host())))
}

fn tab_and_the_focus_lead_to_rows_wherever_one_has_scrolled(browser: Browser) -> Result<()> {
    let site = site()?;
    let (mut tab, server) = open_recording(browser, &site, many_layers(597))?;
    tab.until_ended()?;
    // Its details are short: axe-core would look at each of the links in the manifest's.
    tab.eval("document.querySelector('tr[data-role=layer]').click()")?;
    tab.until("document.getElementById('details-title').textContent.startsWith('Layer ')")?;
    let scroll = |row: u32| format!("void (document.getElementById('table-box').scrollTop = {row} * 57)");
    let shows = |row: u32| format!("!!document.querySelector('tr[data-entry=\"{row}\"]')");
    let leads = "[...document.querySelectorAll('#request-rows > [tabindex=\"0\"]')].map(e => Number(e.dataset.entry))";
    let first = tab.eval(leads)?;
    tab.eval(&scroll(300))?;
    tab.until(&shows(300))?;
    let there = tab.eval(leads)?;
    assert!(there.get(0).and_then(serde_json::Value::as_u64).is_some_and(|row| row > 200), "{there}");
    assert_eq!(there.as_array().map(Vec::len), Some(1), "{there}");
    tab.accessible()?;
    tab.eval(&scroll(0))?;
    tab.until(&shows(3))?;
    assert_eq!(tab.eval(leads)?, first, "as it was");
    // A row that has the focus keeps it, and is gone on from.
    tab.eval("document.querySelector('tr[data-entry=\"3\"]').focus()")?;
    for row in [450, 200, 599] {
        tab.eval(&scroll(row))?;
        tab.until(&shows(row.min(590)))?;
        assert_eq!(tab.text("document.activeElement.dataset.entry")?, "3");
    }
    tab.press("ArrowDown")?;
    tab.until("document.activeElement.dataset.entry === '4'")?;
    tab.press("PageDown")?;
    tab.until("document.activeElement.dataset.entry === '14'")?;
    tab.until(&format!("{leads}.join() === '14'"))?;
    let order =
        "[...document.querySelectorAll('#request-rows > tr[data-entry]')].map(e => Number(e.dataset.entry))";
    let rows: Vec<u64> = serde_json::from_value(tab.eval(order)?)?;
    assert!(
        rows.iter().zip(rows.iter().skip(1)).all(|(one, next)| one + 1 == *next),
        "each in its place: {rows:?}"
    );
    finish_with(tab, &site, Some(&format!("http://{}/", server.host())))
}
