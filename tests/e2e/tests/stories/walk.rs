//! The walkthrough: by mouse, by keyboard, by link, in a frame.

use anyhow::Result;
use e2e::{Browser, Server, Tab, finish, finish_with, open, prepared, pull, registry_with, site};
use serde_json::json;
use xtask::http::Answer;
use xtask::images;
use xtask::registry::{Cors, Format};
use xtask::site::Site;

e2e::in_both! {
    a_pull_is_walked_through_by_mouse,
    a_pull_is_walked_through_by_keyboard,
    a_link_leads_to_a_step,
    it_plays_by_itself_and_ends_at_the_end,
    what_plays_stops_with_the_walkthrough,
    the_slider_is_moved_by_mouse_and_play_by_keyboard,
    arrows_step_while_nothing_has_the_focus,
    arrows_are_mirrored_where_text_runs_from_the_right,
    nothing_ends_what_is_embedded,
    on_a_low_screen_the_panel_covers_nothing,
    a_live_pull_is_told_from_what_happened,
    a_failed_layer_is_told_of,
    an_embedded_page_has_no_chrome_and_tells_its_height,
    a_frame_grows_and_shrinks_with_its_content,
    a_digest_is_computed_by_hand,
}

const TITLE: &str = "document.getElementById('walk-title').textContent";

fn at_step(tab: &mut Tab, number: usize) -> Result<()> {
    tab.until(&format!(
        "document.getElementById('walk-title').textContent.startsWith('{number}. ') && \
         new URL(location).searchParams.get('step') === '{number}'"
    ))
}

/// What is lit and what is greyed, as the roles of requests and the kinds of objects.
fn lit(tab: &mut Tab) -> Result<serde_json::Value> {
    tab.eval(
        "({ object: document.querySelector('[role=treeitem][aria-selected=true]')?.dataset.kind, \
            request: document.querySelector('tr[aria-selected=true]')?.dataset.role, \
            waiting: document.querySelectorAll('tr[data-waits]').length })",
    )
}

fn a_pull_is_walked_through_by_mouse(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=hello-world")?;
    tab.until_ended()?;
    let visits = tab.eval("history.length")?;
    tab.click("#walk-open")?;
    at_step(&mut tab, 1)?;
    assert_eq!(tab.text(TITLE)?, "1. Ask what the tag points to");
    assert_eq!(lit(&mut tab)?, json!({ "object": "index", "request": "tag", "waiting": 6 }));
    for (number, object, request, waiting) in [
        (2, "index", Some("index"), 5),
        (3, "manifest", None, 5),
        (4, "manifest", Some("manifest"), 4),
        (5, "config", Some("config"), 2),
        (6, "layer", Some("layer"), 0),
        (7, "index", None, 0),
    ] {
        tab.click("#walk-next")?;
        at_step(&mut tab, number)?;
        let expected = match request {
            Some(request) => json!({ "object": object, "request": request, "waiting": waiting }),
            None => json!({ "object": object, "waiting": waiting }),
        };
        assert_eq!(lit(&mut tab)?, expected, "step {number}");
    }
    tab.click("#walk-next")?;
    tab.click("#walk-back")?;
    at_step(&mut tab, 6)?;
    tab.click("[role=treeitem][data-kind=config]")?;
    tab.until("document.querySelector('[role=treeitem][aria-selected=true]').dataset.kind === 'config'")?;
    at_step(&mut tab, 6)?;
    tab.click("#walk-close")?;
    tab.until("document.getElementById('walk').hidden && !location.search.includes('step')")?;
    assert_eq!(tab.eval("document.querySelectorAll('[data-waits]').length")?, 0);
    assert_eq!(tab.eval("history.length")?, visits, "steps are no visits");
    finish(tab, &site, None)
}

fn a_pull_is_walked_through_by_keyboard(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=hello-world")?;
    tab.until_ended()?;
    tab.eval("document.getElementById('walk-open').focus()")?;
    tab.press("Enter")?;
    at_step(&mut tab, 1)?;
    assert_eq!(tab.text("document.activeElement.id")?, "walk-next", "the focus goes along");
    tab.press("Enter")?;
    at_step(&mut tab, 2)?;
    for (key, number) in [("ArrowRight", 3), ("End", 7), ("ArrowLeft", 6), ("Home", 1)] {
        tab.press(key)?;
        at_step(&mut tab, number)?;
    }
    tab.eval("document.getElementById('walk-slider').focus()")?;
    tab.press("ArrowRight")?;
    at_step(&mut tab, 2)?;
    tab.press("End")?;
    at_step(&mut tab, 7)?;
    tab.press("Escape")?;
    tab.until("document.getElementById('walk').hidden")?;
    assert_eq!(tab.text("document.activeElement.id")?, "walk-open");
    finish(tab, &site, None)
}

fn a_link_leads_to_a_step(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=hello-world&step=5")?;
    tab.until_ended()?;
    at_step(&mut tab, 5)?;
    let text = tab.text("document.getElementById('walk-text').textContent")?;
    assert!(text.contains("307") && text.contains("production.cloudflare.docker.com"), "{text}");
    tab.go(&format!("{}/?recording=hello-world&step=99", site.origin()))?;
    tab.until_ended()?;
    tab.until(&format!("{TITLE}.startsWith('7. ')"))?;
    tab.go(&format!("{}/?recording=hello-world&step=x", site.origin()))?;
    tab.until_ended()?;
    assert_eq!(tab.eval("document.getElementById('walk').hidden")?, true);
    finish(tab, &site, None)
}

/// A clock that hurries: of what the page waits for longer than a second, it waits a tenth.
const HURRY: &str = "() => {
    const wait = globalThis.setTimeout;
    globalThis.setTimeout = (react, time, ...rest) => wait(react, time > 1000 ? time / 10 : time, ...rest);
}";

fn hurried(browser: Browser, site: &Site, query: &str) -> Result<Tab> {
    let mut tab = prepared(browser, site, HURRY, query)?;
    tab.until_ended()?;
    Ok(tab)
}

fn it_plays_by_itself_and_ends_at_the_end(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = hurried(browser, &site, "?recording=hello-world&step=6")?;
    tab.click("#walk-play")?;
    assert_eq!(tab.text("document.getElementById('walk-play').textContent")?, "Pause");
    at_step(&mut tab, 7)?;
    tab.until("document.getElementById('walk-play').getAttribute('aria-pressed') === 'false'")?;
    tab.click("#walk-play")?;
    at_step(&mut tab, 1)?;
    tab.click("#walk-next")?;
    at_step(&mut tab, 2)?;
    assert_eq!(tab.text("document.getElementById('walk-play').textContent")?, "Play", "a hand ends it");
    finish(tab, &site, None)
}

const PLAY: &str = "(b => `${b.textContent} ${b.ariaPressed}`)(document.getElementById('walk-play'))";

fn what_plays_stops_with_the_walkthrough(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=hello-world&step=1")?;
    tab.until_ended()?;
    tab.click("#walk-play")?;
    assert_eq!(tab.text(PLAY)?, "Pause true");
    tab.click("#walk-close")?;
    tab.until("document.getElementById('walk').hidden")?;
    tab.click("#walk-open")?;
    at_step(&mut tab, 1)?;
    assert_eq!(tab.text(PLAY)?, "Play false");
    finish(tab, &site, None)
}

fn the_slider_is_moved_by_mouse_and_play_by_keyboard(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = hurried(browser, &site, "?recording=hello-world&step=6")?;
    // Its middle is the fourth of seven steps.
    tab.click("#walk-slider")?;
    at_step(&mut tab, 4)?;
    tab.press("End")?;
    tab.press("ArrowLeft")?;
    at_step(&mut tab, 6)?;
    tab.eval("document.getElementById('walk-play').focus()")?;
    tab.press("Enter")?;
    assert_eq!(tab.text(PLAY)?, "Pause true");
    at_step(&mut tab, 7)?;
    tab.until(&format!("{PLAY} === 'Play false'"))?;
    tab.press(" ")?;
    at_step(&mut tab, 1)?;
    tab.press("Enter")?;
    assert_eq!(tab.text(PLAY)?, "Play false");
    finish(tab, &site, None)
}

fn arrows_step_while_nothing_has_the_focus(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=hello-world&step=3")?;
    tab.until_ended()?;
    tab.eval("void document.activeElement?.blur()")?;
    tab.press("ArrowRight")?;
    at_step(&mut tab, 4)?;
    tab.press("ArrowLeft")?;
    at_step(&mut tab, 3)?;
    tab.eval("document.getElementById('image').focus()")?;
    tab.press("ArrowRight")?;
    tab.eval("document.getElementById('image').blur()")?;
    at_step(&mut tab, 3)?;
    tab.press("Escape")?;
    tab.until("document.getElementById('walk').hidden && document.activeElement.id === 'walk-open'")?;
    finish(tab, &site, None)
}

fn arrows_are_mirrored_where_text_runs_from_the_right(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=hello-world&step=3")?;
    tab.until_ended()?;
    tab.eval("void (document.documentElement.dir = 'rtl')")?;
    tab.press("ArrowLeft")?;
    at_step(&mut tab, 4)?;
    tab.press("ArrowRight")?;
    at_step(&mut tab, 3)?;
    tab.eval("document.querySelector('[role=treeitem][data-kind=manifest]').focus()")?;
    tab.press("ArrowRight")?;
    tab.until("document.activeElement.ariaExpanded === 'false'")?;
    tab.press("ArrowLeft")?;
    tab.until("document.activeElement.ariaExpanded === 'true'")?;
    finish(tab, &site, None)
}

fn nothing_ends_what_is_embedded(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=hello-world&step=4&embed=1")?;
    tab.until_ended()?;
    tab.eval("document.getElementById('walk-next').focus()")?;
    tab.press("Escape")?;
    tab.press("Enter")?;
    at_step(&mut tab, 5)?;
    assert_eq!(tab.text("document.activeElement.id")?, "walk-next");
    // The frame's address may say light or dark.
    tab.go(&format!("{}/?recording=hello-world&embed=1&theme=dark", site.origin()))?;
    tab.until_ended()?;
    assert_eq!(tab.text("getComputedStyle(document.documentElement).colorScheme")?, "dark");
    finish(tab, &site, None)
}

fn on_a_low_screen_the_panel_covers_nothing(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=hello-world&step=2")?;
    tab.resize(1440, 900)?;
    tab.until_ended()?;
    let sticks = "getComputedStyle(document.getElementById('walk')).position";
    assert_eq!(tab.text(sticks)?, "sticky");
    // Half of 1440 by 900: what is left of it at 200 %.
    tab.resize(720, 450)?;
    tab.until(&format!("{sticks} === 'static'"))?;
    for number in [3, 4, 5] {
        tab.click("#walk-next")?;
        at_step(&mut tab, number)?;
        let seen = "(r => r.top >= -1 && r.bottom <= innerHeight + 1)(document.getElementById('walk').getBoundingClientRect())";
        assert_eq!(tab.eval(seen)?, true, "the text of step {number} is in view");
    }
    finish(tab, &site, None)
}

fn a_frame_grows_and_shrinks_with_its_content(browser: Browser) -> Result<()> {
    let site = site()?;
    let page = format!(
        "<!doctype html><title>docs</title><iframe width=700 height=300 src='{}/?recording=hello-world&step=2&embed=1'></iframe>\
         <script>const frame = document.querySelector('iframe'); addEventListener('message', e => {{ \
         if (e.source === frame.contentWindow && e.data['registry-inspector'] === 'height') frame.height = e.data.height; }});</script>",
        site.origin()
    );
    let page = Answer::new(200, page).with("Content-Type", "text/html; charset=utf-8");
    let server = Server::start(move |_| Some(page.clone()))?;
    let mut tab = Tab::open(browser, &format!("http://{}/", server.host()))?;
    let height = "Number(document.querySelector('iframe').height)";
    let mut heights = Vec::new();
    for width in [700, 360, 700] {
        tab.eval(&format!("void (document.querySelector('iframe').width = {width})"))?;
        tab.enter_frame(true)?;
        tab.until("document.querySelector('main')?.dataset.state === 'done'")?;
        let fits = "innerHeight === document.body.scrollHeight && innerHeight === Math.round(document.body.getBoundingClientRect().height)";
        tab.until(&format!("innerWidth === {width} && {fits}"))?;
        tab.enter_frame(false)?;
        heights.push(tab.eval(height)?.as_u64().unwrap_or_default());
    }
    assert!(heights.first() == heights.last() && heights.first() < heights.get(1), "{heights:?}");
    finish_with(tab, &site, Some(&format!("http://{}/", server.host())))
}

fn a_live_pull_is_told_from_what_happened(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::single()?);
    let registry = registry_with(&layout, Format::Oci, Cors::NotExposed)?;
    let mut tab = pull(browser, &site, &registry)?;
    tab.until_ended()?;
    tab.click("#walk-open")?;
    at_step(&mut tab, 1)?;
    let text = tab.text("document.getElementById('walk-text').textContent")?;
    assert!(text.contains("GET was used"), "{text}");
    tab.press("End")?;
    let text = tab.text("document.getElementById('walk-text').textContent")?;
    assert!(text.starts_with("5 of 5 objects match their digests."), "{text}");
    finish(tab, &site, Some(&registry))
}

fn a_failed_layer_is_told_of(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=flipped-byte&step=7")?;
    tab.until_ended()?;
    at_step(&mut tab, 7)?;
    let text = tab.text("document.getElementById('walk-text').textContent")?;
    assert!(text.contains("these are not the bytes that were meant"), "{text}");
    assert_eq!(tab.text("document.querySelector('[aria-selected=true]').dataset.verdict")?, "failed");
    finish(tab, &site, None)
}

fn an_embedded_page_has_no_chrome_and_tells_its_height(browser: Browser) -> Result<()> {
    let site = site()?;
    let page = format!(
        "<!doctype html><title>docs</title><script>onmessage = e => {{ globalThis.told = e.data; }}</script>\
         <iframe width=600 height=400 src='{}/?recording=hello-world&step=2&embed=1'></iframe>",
        site.origin()
    );
    let page = Answer::new(200, page).with("Content-Type", "text/html; charset=utf-8");
    let server = Server::start(move |_| Some(page.clone()))?;
    let mut tab = Tab::open(browser, &format!("http://{}/", server.host()))?;
    tab.until("globalThis.told?.['registry-inspector'] === 'height' && globalThis.told.height > 300")?;
    tab.go(&format!("{}/?recording=hello-world&step=2&embed=1", site.origin()))?;
    tab.until_ended()?;
    at_step(&mut tab, 2)?;
    for hidden in ["header.top", "#ask", "#recordings", "#details", "footer"] {
        let shown = format!("document.querySelector('{hidden}').checkVisibility()");
        assert_eq!(tab.eval(&shown)?, false, "{hidden}");
    }
    for shown in ["#walk", "#tree", "#requests"] {
        let visible = format!("document.querySelector('{shown}').checkVisibility()");
        assert_eq!(tab.eval(&visible)?, true, "{shown}");
    }
    tab.resize(600, 400)?;
    assert_eq!(tab.eval("document.documentElement.scrollWidth <= innerWidth")?, true);
    finish_with(tab, &site, Some(&format!("http://{}/", server.host())))
}

fn a_digest_is_computed_by_hand(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=hello-world")?;
    tab.until_ended()?;
    let says = |tab: &mut Tab, word: &str, sentence: &str| {
        tab.until(&format!(
            "document.querySelector('#explain-badge [data-part=word]').textContent === '{word}' && \
             document.getElementById('explain-sentence').textContent.startsWith('{sentence}')"
        ))
    };
    tab.eval("document.getElementById('explain-open').focus()")?;
    tab.press("Enter")?;
    says(&mut tab, "the same", "These bytes go into sha256")?;
    assert_eq!(tab.text("document.activeElement.id")?, "explain-text");
    tab.press("x")?;
    says(&mut tab, "another digest", "Another text")?;
    tab.click("#explain-reset")?;
    says(&mut tab, "the same", "These bytes")?;
    tab.click("#explain-change")?;
    says(&mut tab, "another digest", "One character changed")?;
    tab.click("#explain-reset")?;
    says(&mut tab, "the same", "These bytes")?;
    tab.click("#explain-lay-out")?;
    says(&mut tab, "another digest", "It means the same")?;
    tab.click("[role=treeitem][data-kind=config]")?;
    tab.until("document.getElementById('explain').hidden")?;
    tab.click("#explain-open")?;
    tab.until("document.getElementById('explain-digests').textContent.includes('feb5d9fea6a5')")?;
    says(&mut tab, "the same", "These bytes")?;
    tab.click("#explain-close")?;
    tab.until("document.getElementById('explain').hidden && document.activeElement.id === 'explain-open'")?;
    tab.click("[role=treeitem][data-kind=layer]")?;
    tab.until("document.getElementById('details-title').textContent.startsWith('Layer')")?;
    assert_eq!(tab.eval("document.getElementById('explain-open').checkVisibility()")?, false);
    finish(tab, &site, None)
}
