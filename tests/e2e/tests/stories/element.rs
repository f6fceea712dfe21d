//! The custom element in somebody else's document, on another origin.

use anyhow::{Context as _, Result};
use e2e::{Browser, Server, Tab, site};
use serde_json::json;
use xtask::http::Answer;
use xtask::site::Site;

e2e::in_both! {
    an_element_shows_a_pull_in_any_document,
    an_element_follows_its_attributes_and_ends_with_its_document,
    several_elements_stand_side_by_side,
}

/// A document of another site, with the module loaded and something in its body.
fn document(browser: Browser, site: &Site, body: &str) -> Result<(Tab, Server)> {
    let page = format!(
        "<!doctype html><html lang=en><title>Somebody's docs</title><h1>Docs</h1>{body}\
         <script type=module>import init from '{}/pkg/registry_inspector.js'; await init();</script>",
        site.origin()
    );
    let server = Server::start(move |request| {
        // A browser also asks for an icon.
        let (status, body) = if request.uri() == "/" { (200, page.clone()) } else { (204, String::new()) };
        Some(Answer::new(status, body).with("Content-Type", "text/html; charset=utf-8"))
    })?;
    let tab = Tab::open(browser, &format!("http://{}/", server.host()))?;
    Ok((tab, server))
}

/// An expression for something in the element at a place.
fn inside(at: usize, expression: &str) -> String {
    format!(
        "(root => root && ({expression}))(document.querySelectorAll('registry-inspector')[{at}]?.shadowRoot?.querySelector('#main'))"
    )
}

fn done(tab: &mut Tab, at: usize) -> Result<()> {
    tab.until(&inside(at, "root.dataset.state === 'done'")).context("the element has not come to its end")
}

fn finish(tab: Tab, site: &Site, server: &Server) -> Result<()> {
    tab.finish(&[&format!("{}/", site.origin()), &format!("http://{}/", server.host())])
}

const OBJECTS: &str =
    "[...root.querySelectorAll('[role=treeitem]')].map(e => `${e.dataset.kind} ${e.dataset.verdict}`)";

fn an_element_shows_a_pull_in_any_document(browser: Browser) -> Result<()> {
    let site = site()?;
    let body = "<registry-inspector recording=single-manifest></registry-inspector>";
    let (mut tab, server) = document(browser, &site, body)?;
    done(&mut tab, 0)?;
    assert_eq!(
        tab.eval(&inside(0, OBJECTS))?,
        json!(["manifest verified", "config verified", "layer verified", "layer verified", "layer verified"])
    );
    assert_eq!(tab.text("document.title")?, "Somebody's docs", "the document stays its owner's");
    assert_eq!(tab.text("location.search")?, "");
    tab.eval(&inside(0, "(root.querySelector('[data-kind=config]').click(), true)"))?;
    tab.until(&inside(0, "root.querySelector('[aria-selected=true]').dataset.kind === 'config'"))?;
    assert_eq!(tab.text("location.search")?, "");
    assert_eq!(tab.eval(&inside(0, "root.querySelector('#ask').checkVisibility()"))?, false, "no chrome");
    finish(tab, &site, &server)
}

fn an_element_follows_its_attributes_and_ends_with_its_document(browser: Browser) -> Result<()> {
    let site = site()?;
    let (mut tab, server) =
        document(browser, &site, "<registry-inspector recording=hello-world></registry-inspector>")?;
    done(&mut tab, 0)?;
    let set = |name: &str, value: &str| {
        format!("void document.querySelector('registry-inspector').setAttribute('{name}', '{value}')")
    };
    tab.eval(&set("select", "sha256:feb5d9fea6a5e9606aa995e879d862b825965ba48de054caab5ef356dc6b3412"))?;
    tab.until(&inside(0, "root.querySelector('[aria-selected=true]').dataset.kind === 'config'"))?;
    tab.eval(&set("recording", "flipped-byte"))?;
    tab.until(&inside(0, "!!root.querySelector('[data-verdict=failed]')"))?;
    done(&mut tab, 0)?;
    tab.eval("void document.querySelector('registry-inspector').remove()")?;
    tab.eval("void document.body.append(Object.assign(document.createElement('registry-inspector'), { id: 'again' }))")?;
    done(&mut tab, 0)?;
    finish(tab, &site, &server)
}

fn several_elements_stand_side_by_side(browser: Browser) -> Result<()> {
    let site = site()?;
    let body = "<registry-inspector recording=hello-world></registry-inspector>\
                <registry-inspector recording=flipped-byte></registry-inspector>";
    let (mut tab, server) = document(browser, &site, body)?;
    done(&mut tab, 0)?;
    done(&mut tab, 1)?;
    let failed = |at| inside(at, "root.querySelectorAll('[role=treeitem][data-verdict=failed]').length");
    assert_eq!((tab.eval(&failed(0))?, tab.eval(&failed(1))?), (json!(0), json!(1)));
    finish(tab, &site, &server)
}
