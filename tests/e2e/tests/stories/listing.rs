//! Lists of tags and repositories: thousands of rows, pages, and links that are not followed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Result, ensure};
use e2e::{
    Browser, Server, Tab, finish, in_both, open, readable, registry_of_many_tags, registry_with, site,
};
use xtask::http::Answer;
use xtask::images;
use xtask::probe::free_port;
use xtask::registry::{Cors, Format};

in_both! {
    ten_thousand_tags_are_listed_searched_and_ordered,
    repositories_come_in_pages_and_lead_to_their_tags,
    a_link_to_another_host_is_not_followed,
    what_is_no_list_is_said,
    a_list_that_cannot_be_had_has_a_short_title,
}

/// The names of the rows that are in the document.
fn rows(tab: &mut Tab) -> Result<Vec<String>> {
    tab.list("[...document.querySelectorAll('#listing-rows a')].map(e => e.textContent)")
}

fn note(tab: &mut Tab) -> Result<String> {
    tab.text("document.getElementById('listing-note').textContent")
}

fn ten_thousand_tags_are_listed_searched_and_ordered(browser: Browser) -> Result<()> {
    let (site, registry) = (site()?, registry_of_many_tags()?);
    let mut tab = open(browser, &site, "?recording=hello-world")?;
    tab.until_ended()?;
    // By keyboard, from the box to the list.
    tab.eval("document.getElementById('image').focus(), document.getElementById('image').select()")?;
    tab.press(&format!("{}/app", registry.host()))?;
    tab.eval("document.getElementById('list').focus()")?;
    tab.press("Enter")?;
    tab.until("document.getElementById('listing-note').textContent === '10,000 tags'")?;
    let first = rows(&mut tab)?;
    ensure!(first.len() < 200, "{} rows are in the document", first.len());
    ensure!(
        first.get(..2).is_some_and(|two| two == ["1.99.98", "1.99.97"]),
        "newest first: {:?}",
        first.first()
    );
    tab.accessible()?;

    tab.eval("document.getElementById('listing-search').focus()")?;
    tab.press("1.42.7")?;
    tab.until("document.getElementById('listing-note').textContent === '11 of 10,000 tags'")?;
    ensure!(rows(&mut tab)?.first().is_some_and(|first| first == "1.42.79"), "{:?}", rows(&mut tab)?);
    tab.eval("document.getElementById('listing-name').click()")?;
    tab.until("document.querySelector('#listing-rows a').textContent === '1.42.7'")?;
    // A row leads to the pull, and Back to the list.
    tab.eval("document.querySelector('#listing-rows a').focus()")?;
    tab.press("Enter")?;
    tab.until("new URL(location.href).searchParams.get('image')?.endsWith('/app:1.42.7')")?;
    ensure!(tab.until_ended()? == "done", "the tag is pulled");
    ensure!(tab.objects()?.iter().all(|object| object.ends_with(" verified")), "{:?}", tab.objects()?);
    ensure!(tab.eval("document.getElementById('listing').hidden")? == true, "the list has gone");
    tab.eval("history.back()")?;
    tab.until("document.getElementById('listing-note').textContent === '10,000 tags'")?;
    finish(tab, &site, Some(&registry))
}

fn repositories_come_in_pages_and_lead_to_their_tags(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::single()?);
    let registry = registry_with(&layout, Format::Oci, Cors::Open)?;
    registry.add_repositories((0..2_499).map(|at| format!("many/r{at:04}")))?;
    let mut tab = open(browser, &site, &format!("?repositories={}", registry.host()))?;
    ensure!(tab.until_ended()? == "done", "it is listed");
    ensure!(note(&mut tab)? == "2,500 repositories, in 3 pages", "{}", note(&mut tab)?);
    let requests = tab.requests()?;
    ensure!(requests == ["GET other 200"; 3], "{requests:?}");
    // A page of the list has details, though no object: by mouse, and by keyboard.
    tab.click("tr[data-role]:nth-of-type(2)")?;
    tab.until("document.getElementById('details-what').textContent === 'repositories, page 1'")?;
    tab.press("ArrowDown")?;
    tab.until("document.getElementById('details-what').textContent === 'repositories, page 2'")?;
    tab.press("Enter")?;
    tab.until("document.activeElement.id === 'details'")?;
    let details = tab.text("document.getElementById('details').innerText")?;
    ensure!(details.contains("_catalog?") && details.contains("many/r1500"), "{details}");
    tab.accessible()?;
    tab.press("Escape")?;
    tab.until("document.activeElement.dataset.entry === '1'")?;
    tab.eval("document.getElementById('listing-name').click()")?;
    tab.until("document.querySelector('#listing-rows a').textContent === 'app'")?;
    tab.click("#listing-rows a")?;
    tab.until("document.getElementById('listing-title').textContent.startsWith('Tags of ')")?;
    tab.until("document.getElementById('listing-note').textContent === '1 tag'")?;
    tab.click("#listing-rows a")?;
    tab.until("new URL(location.href).searchParams.get('image')?.endsWith('/app:1')")?;
    ensure!(tab.until_ended()? == "done", "the tag is pulled");
    finish(tab, &site, Some(&registry))
}

/// A registry that answers lists with pages of its own, each with a `Link`.
fn lister(
    link: impl Fn(usize) -> Option<String> + Send + Sync + 'static,
) -> Result<(Server, Arc<AtomicUsize>)> {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let server = Server::start(move |_| {
        let page = count.fetch_add(1, Ordering::Relaxed);
        let body = format!("{{\"name\":\"app\",\"tags\":[\"page-{page}\"]}}");
        let answer = readable(Answer::new(200, body)).with("Access-Control-Expose-Headers", "Link");
        Some(link(page).iter().fold(answer, |answer, link| answer.with("Link", link)))
    })?;
    Ok((server, asked))
}

fn a_link_to_another_host_is_not_followed(browser: Browser) -> Result<()> {
    let site = site()?;
    let (other, asked) = lister(|_| None)?;
    let elsewhere = format!("<http://{}/v2/app/tags/list?last=x>; rel=\"next\"", other.host());
    let (server, _) = lister(move |page| match page {
        0 => Some("</v2/app/tags/list?last=page-0&n=1>; rel=\"next\"".to_owned()),
        1 => Some("<list?last=page-1>; rel=next".to_owned()),
        _ => Some(elsewhere.clone()),
    })?;
    let mut tab = open(browser, &site, &format!("?tags={}/app", server.host()))?;
    ensure!(tab.until_ended()? == "done", "what came is shown");
    let note = note(&mut tab)?;
    ensure!(note == "3 tags, in 3 pages; there may be more", "{note}");
    let why = tab.text("document.getElementById('listing-trouble').textContent")?;
    ensure!(why.contains("not followed"), "{why}");
    ensure!(asked.load(Ordering::Relaxed) == 0, "nobody asked the other host");
    let own = format!("{}/", site.origin());
    tab.finish(&[&own, &format!("http://{}/v2/", server.host())])
}

fn what_is_no_list_is_said(browser: Browser) -> Result<()> {
    let site = site()?;
    let server = Server::of("{\"tags\":[{\"<img src=x>\":1}]}".to_owned())?;
    let mut tab = open(browser, &site, &format!("?tags={}/app", server.host()))?;
    ensure!(tab.until_ended()? == "failed", "there is no list");
    let cause = tab.text("document.getElementById('trouble-cause').textContent")?;
    ensure!(cause.contains("does not parse"), "{cause}");
    ensure!(tab.eval("document.querySelectorAll('main img').length")? == 0, "words stay words");
    let own = format!("{}/", site.origin());
    tab.finish(&[&own, &format!("http://{}/v2/", server.host())])
}

fn a_list_that_cannot_be_had_has_a_short_title(browser: Browser) -> Result<()> {
    let site = site()?;
    for (query, title) in [
        (format!("?tags=127.0.0.1:{}/app", free_port()?), "No tags could be listed"),
        (format!("?repositories=127.0.0.1:{}", free_port()?), "No repositories could be listed"),
    ] {
        let mut tab = open(browser, &site, &query)?;
        for told in ["Cross-Origin Request Blocked", "Failed to load resource", "net::ERR_"] {
            tab.expect_on_console(told);
        }
        ensure!(tab.until_ended()? == "failed", "{query}");
        ensure!(tab.text("document.getElementById('strip-title').textContent")? == title, "{query}");
        ensure!(note(&mut tab)? == title, "{query}");
        let told = tab.text("document.getElementById('listing-trouble').textContent")?;
        ensure!(told.contains("What was found: Nothing there answers this browser"), "{told}");
        let titles = tab.list("[document.title, ...[...document.querySelectorAll('h1, h2, h3, [title]')].map(e => e.title || e.textContent)]")?;
        let long: Vec<&String> = titles.iter().filter(|title| title.len() > 120).collect();
        ensure!(long.is_empty(), "{long:?}");
        tab.finish(&[&format!("{}/", site.origin()), "http://127.0.0.1:"])?;
    }
    Ok(())
}
