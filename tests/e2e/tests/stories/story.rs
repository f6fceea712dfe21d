//! The page that tells how a pull works: as a text, and with its five embedded steps.

use std::path::Path;

use anyhow::Result;
use e2e::{Browser, Server, Tab, finish, open, readable, site};
use serde_json::json;
use xtask::http::Answer;

e2e::in_both! {
    five_steps_are_embedded_in_the_story,
    the_story_is_whole_without_scripts,
    the_theme_reaches_what_is_embedded,
}

fn five_steps_are_embedded_in_the_story(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "how-a-pull-works.html")?;
    let titles = "[...document.querySelectorAll('registry-inspector')].map(e => e.shadowRoot\
                  ?.querySelector('#main[data-state=done] #walk-title')?.textContent)";
    tab.until(&format!("{titles}.every(Boolean)"))?;
    assert_eq!(
        tab.eval(titles)?,
        json!([
            "1. Ask what the tag points to",
            "2. Fetch the index by its digest",
            "4. Fetch the manifest by its digest",
            "5. Fetch the config",
            "6. Fetch layer 1 of 1",
        ])
    );
    tab.eval(
        "void document.querySelector('registry-inspector').shadowRoot.querySelector('#walk-next').click()",
    )?;
    tab.until(&format!("{titles}[0].startsWith('2. ')"))?;
    assert_eq!(tab.eval("location.search")?, "", "the document's address stays its own");
    finish(tab, &site, None)
}

/// The site's files beside a page that frames the story, and lets no script run in it.
fn framed() -> Result<Server> {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dist");
    let page = "<!doctype html><title>a frame</title>\
                <iframe sandbox=allow-same-origin width=1000 height=900 src=how-a-pull-works.html></iframe>";
    Server::start(move |request| {
        let path = request.uri().path().trim_start_matches('/').to_owned();
        let kind = match path.rsplit_once('.').map(|(_, end)| end) {
            Some("css") => "text/css",
            Some("svg") => "image/svg+xml",
            Some("js") => "text/javascript",
            _ => "text/html; charset=utf-8",
        };
        let read = if path.is_empty() { Ok(page.into()) } else { std::fs::read(dist.join(path)) };
        Some(readable(Answer::new(200, read.unwrap_or_default())).with("Content-Type", kind))
    })
}

fn the_story_is_whole_without_scripts(browser: Browser) -> Result<()> {
    let server = framed()?;
    let mut tab = Tab::open(browser, &format!("http://{}/", server.host()))?;
    let frame = "document.querySelector('iframe').contentDocument";
    tab.until(&format!("{frame}.readyState === 'complete' && !!{frame}.querySelector('footer')"))?;
    let seen = tab.eval(&format!(
        "(page => [...page.querySelectorAll('h1, h2, .chain, figure pre, figcaption, main p, nav a')]\
         .filter(e => !e.checkVisibility() || e.getBoundingClientRect().height < 10).map(e => e.outerHTML))({frame})"
    ))?;
    assert_eq!(seen, json!([]), "all of it can be seen");
    let unseen = format!(
        "[...{frame}.querySelectorAll('registry-inspector, #theme')].map(e => getComputedStyle(e))\
         .filter(style => style.display !== 'none' && style.visibility !== 'hidden').length"
    );
    assert_eq!(tab.eval(&unseen)?, 0, "what takes scripts is not shown");
    let text = tab.text(&format!("{frame}.querySelector('main').innerText"))?;
    for words in [
        "A tag is a claim",
        "2,562 bytes",
        "sha256:f54a58bc1aac",
        "307",
        "the registry must already lie about the tag",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let drawn = tab.text(&format!("{frame}.querySelector('.chain').textContent"))?;
    assert!(
        ["975f4b14f326", "f54a58bc1aac", "feb5d9fea6a5", "2db29710123e"].iter().all(|d| drawn.contains(d))
    );
    tab.finish(&[&format!("http://{}/", server.host())])
}

fn the_theme_reaches_what_is_embedded(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "how-a-pull-works.html")?;
    tab.until(
        "!!document.querySelector('registry-inspector').shadowRoot?.querySelector('#main[data-state=done]')",
    )?;
    let back = "getComputedStyle(document.querySelector('registry-inspector').shadowRoot\
                .querySelector('#tree-panel')).backgroundColor";
    for (name, colour) in [("light", "rgb(255, 255, 255)"), ("dark", "rgb(26, 29, 35)")] {
        tab.click("#theme")?;
        assert_eq!(tab.text("document.getElementById('theme').textContent")?, format!("Theme: {name}"));
        assert_eq!(tab.text(back)?, colour);
    }
    finish(tab, &site, None)
}
