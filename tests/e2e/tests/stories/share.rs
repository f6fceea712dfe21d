//! What the user takes along and brings back: a link, a recording, a report.

use anyhow::{Context as _, Result};
use e2e::{Browser, Server, Tab, finish, finish_with, many_layers, open, pull, registry_with, site};
use xtask::images;
use xtask::registry::{Cors, Format};
use xtask::scratch::Scratch;

e2e::in_both! {
    an_exported_pull_replays_from_a_dropped_file,
    a_file_that_is_no_recording_is_refused_with_its_place,
    a_link_shows_the_same_again,
    a_report_shows_the_same_without_scripts,
    a_report_is_whole_whatever_is_searched_for_folded_or_walked_through,
    a_report_of_a_long_pull_has_every_row,
    a_report_holds_nothing_of_what_was_shown_before,
    a_file_is_chosen_by_the_button,
    what_is_taken_along_is_taken_by_keyboard,
    the_theme_stays_as_it_was_chosen,
}

/// What the page hands to the browser's downloads from now on is kept in the page, and not downloaded.
const CATCH_DOWNLOADS: &str = "(() => {
    const make = URL.createObjectURL;
    URL.createObjectURL = (blob) => { globalThis.caught = blob; return make.call(URL, blob); };
    HTMLAnchorElement.prototype.click = function () { globalThis.caughtName = this.download; };
})()";

fn caught(tab: &mut Tab) -> Result<String> {
    tab.until("!!globalThis.caught")?;
    tab.text("globalThis.caught.text()")
}

fn drop_file(tab: &mut Tab, name: &str, text: &str) -> Result<()> {
    let (name, text) = (serde_json::Value::from(name), serde_json::Value::from(text));
    tab.eval(&format!(
        "(() => {{ const data = new DataTransfer(); data.items.add(new File([{text}], {name})); \
         for (const kind of ['dragover', 'drop']) \
         window.dispatchEvent(new DragEvent(kind, {{ dataTransfer: data, bubbles: true, cancelable: true }})); }})()"
    ))?;
    Ok(())
}

fn an_exported_pull_replays_from_a_dropped_file(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::single()?);
    let registry = registry_with(&layout, Format::Oci, Cors::Open)?;
    let mut tab = pull(browser, &site, &registry)?;
    tab.until_ended()?;
    let (objects, requests) = (tab.objects()?, tab.requests()?);
    tab.eval(CATCH_DOWNLOADS)?;
    tab.click("#export-har")?;
    let har = caught(&mut tab)?;
    assert_eq!(tab.text("globalThis.caughtName")?, "app-1.har");
    assert_eq!(tab.text("document.getElementById('said').textContent")?, "Recording saved");
    // What answers now is the file: the registry is gone.
    let from = format!("http://{}/v2/", registry.host());
    drop(registry);
    drop_file(&mut tab, "app-1.har", &har)?;
    tab.until("location.search === '?recording=file:app-1.har'")?;
    tab.until_ended()?;
    assert_eq!((tab.objects()?, tab.requests()?), (objects, requests));
    tab.click("#copy-link")?;
    tab.until("document.getElementById('said').textContent.includes('no link')")?;
    // After a reload the page has the file no longer, and says so.
    tab.go(&format!("{}/?recording=file:app-1.har", site.origin()))?;
    assert_eq!(tab.until_ended()?, "failed");
    let page = tab.text("document.querySelector('main').innerText")?;
    assert!(page.contains("open it again"), "{page}");
    finish_with(tab, &site, Some(&from))
}

fn a_file_that_is_no_recording_is_refused_with_its_place(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "")?;
    tab.until_ended()?;
    drop_file(&mut tab, "a.har", "{\n  \"log\": oops }")?;
    tab.until("document.querySelector('main').dataset.state === 'failed'")?;
    let page = tab.text("document.querySelector('main').innerText")?;
    assert!(page.contains("a.har") && page.contains("line 2, column"), "{page}");
    finish(tab, &site, None)
}

fn a_link_shows_the_same_again(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "")?;
    tab.until_ended()?;
    tab.eval("void (navigator.clipboard.writeText = async (text) => { globalThis.copied = text; })")?;
    tab.click("[role=treeitem][data-kind=config]")?;
    tab.click("#copy-link")?;
    tab.until("document.getElementById('said').textContent === 'Link copied'")?;
    let link = tab.text("globalThis.copied")?;
    assert!(link.contains("recording=hello-world") && link.contains("select=sha256:feb5d9fe"), "{link}");
    tab.go(&link)?;
    tab.until_ended()?;
    tab.until("document.querySelector('[role=treeitem][aria-selected=true]')?.dataset.kind === 'config'")?;
    finish(tab, &site, None)
}

fn a_report_shows_the_same_without_scripts(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=flipped-byte")?;
    tab.until_ended()?;
    tab.eval(CATCH_DOWNLOADS)?;
    let (objects, requests) = (tab.objects()?, tab.requests()?);
    tab.click("#save-report")?;
    let report = caught(&mut tab)?;
    assert!(!report.contains("<script") && report.contains("default-src 'none'"), "{report}");
    let folder = Scratch::new("report")?;
    let file = folder.path().join("report.html");
    std::fs::write(&file, &report)?;
    tab.go(&format!("file://{}", file.to_str().context("a path that is text")?))?;
    let list =
        |selector: &str, value: &str| format!("[...document.querySelectorAll('{selector}')].map({value})");
    let shown =
        tab.eval(&list("[data-kind]", "e => `${e.dataset.kind} ${e.dataset.digest} ${e.dataset.verdict}`"))?;
    assert_eq!(shown, serde_json::json!(objects));
    let shown =
        tab.eval(&list("tr[data-role]", "e => `${e.dataset.method} ${e.dataset.role} ${e.dataset.status}`"))?;
    assert_eq!(shown, serde_json::json!(requests));
    let text = tab.text("document.body.innerText")?;
    assert!(text.contains("digest-mismatch") && text.contains("proves nothing by itself"), "{text}");
    assert_eq!(tab.eval("document.querySelectorAll('button, input, a[href], form').length")?, 0);
    let styled = tab.text("getComputedStyle(document.querySelector('.panel')).borderTopStyle")?;
    assert_eq!(styled, "solid", "its style is in it");
    finish_with(tab, &site, Some("file://"))
}

/// Saves the report, and opens it.
fn open_report(tab: &mut Tab, folder: &Scratch) -> Result<()> {
    tab.eval(CATCH_DOWNLOADS)?;
    tab.click("#save-report")?;
    let file = folder.path().join("report.html");
    std::fs::write(&file, caught(tab)?)?;
    tab.go(&format!("file://{}", file.to_str().context("a path that is text")?))
}

const REPORTED: &str = "[[...document.querySelectorAll('[data-kind]')].filter(e => e.checkVisibility()).length, \
    [...document.querySelectorAll('tr[data-role]')].map(e => Number(e.dataset.entry)), \
    document.querySelectorAll('[data-waits], [aria-sort], [aria-expanded], [tabindex]:not(pre)').length]";

fn a_report_is_whole_whatever_is_searched_for_folded_or_walked_through(browser: Browser) -> Result<()> {
    let (site, folder) = (site()?, Scratch::new("report")?);
    let mut tab = open(browser, &site, "")?;
    for (query, act) in [
        ("?recording=hello-world", "document.getElementById('tree-collapse').click()"),
        ("?recording=hello-world&step=2", "document.querySelector('[data-column=size]').click()"),
    ] {
        tab.go(&format!("{}/{query}", site.origin()))?;
        tab.until_ended()?;
        tab.eval(&format!("void {act}"))?;
        tab.click("#filter")?;
        tab.press("role:index")?;
        tab.until("document.querySelectorAll('tr[data-role]').length === 1")?;
        open_report(&mut tab, &folder)?;
        // All that there is: four objects, and ten other platforms; seven requests in their order.
        assert_eq!(tab.eval(REPORTED)?, serde_json::json!([14, [0, 1, 2, 3, 4, 5, 6], 0]), "{query}");
        tab.accessible()?;
    }
    finish_with(tab, &site, Some("file://"))
}

fn a_report_of_a_long_pull_has_every_row(browser: Browser) -> Result<()> {
    let (site, folder) = (site()?, Scratch::new("report")?);
    let server = Server::of(many_layers(597))?;
    let mut tab = open(browser, &site, &format!("?recording=http://{}/long.har", server.host()))?;
    tab.until_ended()?;
    tab.click("[role=treeitem] > .twisty")?;
    tab.until("document.querySelectorAll('[role=treeitem]').length === 1")?;
    open_report(&mut tab, &folder)?;
    let counts = "[document.querySelectorAll('[data-kind]').length, document.querySelectorAll('tr[data-role]').length, \
                  document.querySelectorAll('[data-windowed]').length]";
    assert_eq!(tab.eval(counts)?, serde_json::json!([599, 600, 0]));
    let (own, from) = (format!("{}/", site.origin()), format!("http://{}/", server.host()));
    tab.finish(&[&own, &from, "file://"])
}

fn a_report_holds_nothing_of_what_was_shown_before(browser: Browser) -> Result<()> {
    let site = site()?;
    let private = many_layers(2)
        .replace("\"headers\":[{", "\"headers\":[{\"name\":\"Server\",\"value\":\"of-the-team\"},{");
    let private = private.replace("registry.example", "private.example");
    let server = Server::of(private)?;
    let tags = Server::of("{\"tags\":[\"1\",\"2\"]}".to_owned())?;
    let mut tab = open(browser, &site, &format!("?recording=http://{}/a.har", server.host()))?;
    tab.until_ended()?;
    tab.click("[role=treeitem][data-kind=config]")?;
    tab.until("document.getElementById('details').textContent.includes('of-the-team')")?;
    // In the same page, another registry is listed.
    tab.click("#image")?;
    tab.eval("document.getElementById('image').select()")?;
    tab.press(&format!("{}/app", tags.host()))?;
    tab.click("#list")?;
    tab.until("document.querySelectorAll('#listing-rows a').length === 2")?;
    tab.until_ended()?;
    tab.eval(CATCH_DOWNLOADS)?;
    tab.click("#save-report")?;
    let report = caught(&mut tab)?;
    for secret in ["of-the-team", "private.example", "sha256:", &server.host()] {
        assert!(!report.contains(secret), "{secret}: {report}");
    }
    assert!(report.contains(&format!("Tags of {}/app", tags.host())), "{report}");
    let (own, from, to) = (
        format!("{}/", site.origin()),
        format!("http://{}/", server.host()),
        format!("http://{}/", tags.host()),
    );
    tab.finish(&[&own, &from, &to])
}

fn a_file_is_chosen_by_the_button(browser: Browser) -> Result<()> {
    let (site, folder) = (site()?, Scratch::new("chosen")?);
    let mut tab = open(browser, &site, "?recording=flipped-byte")?;
    tab.until_ended()?;
    let expected = (tab.objects()?, tab.requests()?);
    let har = tab.text("fetch('recordings/flipped-byte.har').then(answer => answer.text())")?;
    let file = folder.path().join("mine.har");
    std::fs::write(&file, har)?;
    // A dialog of the system is nothing that a test may open.
    tab.eval("void (HTMLInputElement.prototype.click = function () { globalThis.chooses = this.id; })")?;
    tab.eval("document.getElementById('open-file').focus()")?;
    tab.press("Enter")?;
    tab.until("globalThis.chooses === 'file'")?;
    // The same file may be chosen twice.
    for _ in 0..2 {
        tab.choose_file("#file", &file)?;
        tab.until("location.search === '?recording=file:mine.har'")?;
        tab.until_ended()?;
        assert_eq!((tab.objects()?, tab.requests()?), expected);
        tab.click("#recordings [data-recording=two-platforms]")?;
        tab.until("location.search === '?recording=two-platforms'")?;
        tab.until_ended()?;
    }
    finish(tab, &site, None)
}

fn what_is_taken_along_is_taken_by_keyboard(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "")?;
    tab.until_ended()?;
    tab.eval(CATCH_DOWNLOADS)?;
    tab.eval("void (navigator.clipboard.writeText = async (text) => { globalThis.copied = text; })")?;
    for (button, key, seen) in [
        ("copy-link", "Enter", "globalThis.copied?.includes('recording=hello-world')"),
        ("export-har", " ", "globalThis.caughtName === 'library-hello-world-latest.har'"),
        ("save-report", "Enter", "globalThis.caughtName === 'library-hello-world-latest.html'"),
    ] {
        tab.eval(&format!("document.getElementById('{button}').focus()"))?;
        tab.press(key)?;
        tab.until(seen)?;
        tab.until("/copied|saved/.test(document.getElementById('said').textContent)")?;
    }
    tab.eval("document.getElementById('theme').focus()")?;
    for name in ["light", "dark", "system"] {
        tab.press("Enter")?;
        assert_eq!(tab.text("document.getElementById('theme').textContent")?, format!("Theme: {name}"));
    }
    // As the system has it: nothing is said of it.
    assert_eq!(tab.text("getComputedStyle(document.documentElement).colorScheme")?, "light dark");
    finish(tab, &site, None)
}

fn the_theme_stays_as_it_was_chosen(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "")?;
    tab.until_ended()?;
    let back = "getComputedStyle(document.body).backgroundColor";
    for (name, colour) in [("light", "rgb(246, 246, 244)"), ("dark", "rgb(18, 20, 24)")] {
        tab.click("#theme")?;
        assert_eq!(tab.text("document.getElementById('theme').textContent")?, format!("Theme: {name}"));
        assert_eq!(tab.text(back)?, colour);
    }
    tab.go(&format!("{}/?recording=single-manifest", site.origin()))?;
    tab.until_ended()?;
    assert_eq!(tab.text(back)?, "rgb(18, 20, 24)", "after another visit");
    finish(tab, &site, None)
}
