//! The manifest tree and the details of its objects: what is below, what can be fetched, what each digest is, and why it
//! may be trusted.

use anyhow::{Context as _, Result};
use e2e::{Browser, Tab, finish, in_both, open, pull, registry_with, site, verdicts};
use xtask::http::Answer;
use xtask::images;
use xtask::registry::{Cors, Format};

in_both! {
    all_rows_are_opened_and_closed_by_buttons_and_the_asterisk,
    another_platform_is_fetched_from_a_registry_by_mouse,
    another_platform_is_fetched_from_a_recording_by_keyboard,
    a_missing_platform_is_missing_no_longer,
    a_layer_that_was_skipped_is_fetched_alone,
    fetching_can_be_cancelled_and_tried_again,
    an_attestation_stands_under_its_image,
    the_history_stands_beside_the_layers,
    the_path_of_trust_ends_where_nothing_was_read,
    the_path_of_trust_breaks_where_a_byte_differs,
    every_digest_says_which_it_is,
    a_digest_outside_of_documents_says_which_it_is,
    a_digest_is_copied_by_key_and_by_mouse,
    a_notice_stands_beside_a_verdict_and_takes_nothing_from_it,
}

const CONFIG: &str = "sha256:feb5d9fea6a5e9606aa995e879d862b825965ba48de054caab5ef356dc6b3412";
const LAYER: &str = "sha256:2db29710123e3e53a794f2694094b9b4338aa9ee5c40b930cb8063a1be392c54";
const DIFF_ID: &str = "sha256:e07ee1baac5fae6a26f30cabfe54a36d3402f96afda318fe0a96cec4ca393359";

/// The titles of the rows that can be seen, each with its level.
fn shown(tab: &mut Tab) -> Result<Vec<String>> {
    let rows = tab.eval(
        "[...document.querySelectorAll('[role=treeitem]')].filter(e => e.checkVisibility())\
         .map(e => `${e.ariaLevel} ${e.querySelector('strong').textContent}`)",
    )?;
    Ok(serde_json::from_value(rows)?)
}

/// The path of trust: each link with what it is worth and the stop that it leads to.
fn path(tab: &mut Tab) -> Result<Vec<String>> {
    let stops = tab.eval(
        "[...document.querySelectorAll('#trust-stops > li')].map(e => `${e.dataset.link ?? 'start'}${\
         e.dataset.loose === undefined ? '' : ' loose'} ${e.querySelector('strong').textContent}`)",
    )?;
    Ok(serde_json::from_value(stops)?)
}

/// Puts the focus on the row of an object.
fn focus(tab: &mut Tab, row: &str) -> Result<()> {
    let row = format!("[role=treeitem]{row}");
    tab.until(&format!("document.querySelector({row:?})?.checkVisibility() === true"))?;
    tab.eval(&format!("document.querySelector({row:?}).focus()"))?;
    tab.until(&format!("document.activeElement.matches({row:?})"))
}

fn all_rows_are_opened_and_closed_by_buttons_and_the_asterisk(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=hello-world")?;
    tab.until_ended()?;
    assert_eq!(shown(&mut tab)?, ["1 Index", "2 linux/amd64", "3 Config", "3 Layer 1 of 1"]);
    tab.click("#tree-expand")?;
    tab.until("document.querySelectorAll('[role=treeitem]:not([hidden])').length === 14")?;
    tab.click("#tree-collapse")?;
    tab.until("document.querySelectorAll('[role=treeitem]:not([hidden])').length === 2")?;
    assert_eq!(shown(&mut tab)?, ["1 Index", "2 linux/amd64"]);
    focus(&mut tab, "[data-kind=manifest]")?;
    tab.press("*")?;
    tab.until("document.querySelectorAll('[role=treeitem]:not([hidden])').length === 4")?;
    tab.click("#others button")?;
    tab.until("document.querySelector('#others button').ariaExpanded === 'true'")?;
    assert_eq!(shown(&mut tab)?.len(), 14);
    finish(tab, &site, None)
}

fn another_platform_is_fetched_from_a_registry_by_mouse(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::multi()?);
    let registry = registry_with(&layout, Format::Oci, Cors::Open)?;
    let mut tab = pull(browser, &site, &registry)?;
    assert_eq!(tab.until_ended()?, "done");
    let before = tab.requests()?.len();
    tab.click("[role=treeitem][data-aside] [data-do=fetch]")?;
    tab.until("document.querySelectorAll('[role=treeitem][data-verdict=verified]').length === 11")?;
    assert_eq!(tab.until_ended()?, "done");
    let objects = tab.objects()?;
    assert_eq!(verdicts(&objects, "manifest", "verified"), 2, "{objects:#?}");
    assert_eq!(verdicts(&objects, "layer", "verified"), 6, "{objects:#?}");
    let requests = tab.requests()?;
    let new = requests.get(before..).unwrap_or_default();
    assert_eq!(
        new,
        ["GET manifest 200", "GET config 200", "GET layer 200"],
        "the first layer and the last are shared, and there already"
    );
    let title = tab.text("document.querySelector('#strip-title').textContent")?;
    assert_eq!(title, "All 11 objects verified");
    let selected = tab.text("document.querySelector('[aria-selected=true] strong').textContent")?;
    assert_eq!(selected, "linux/arm64/v8");
    finish(tab, &site, Some(&registry))
}

fn another_platform_is_fetched_from_a_recording_by_keyboard(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=two-platforms")?;
    tab.until_ended()?;
    focus(&mut tab, "[data-aside]")?;
    tab.press("f")?;
    tab.until("document.querySelectorAll('[role=treeitem][data-verdict=verified]').length === 11")?;
    assert_eq!(tab.until_ended()?, "done");
    tab.until("document.activeElement.matches('[role=treeitem][aria-selected=true]')")?;

    // What the recording lacks is said to be lacking, and not offered again.
    tab.go(&format!("{}/?recording=hello-world", site.origin()))?;
    tab.until_ended()?;
    tab.click("#others button")?;
    focus(&mut tab, "[data-aside]")?;
    tab.press("Enter")?;
    tab.until("document.querySelector('#fetch-object').checkVisibility()")?;
    assert_eq!(
        tab.text("document.querySelector('#fetch-object').textContent")?,
        "Fetch linux/arm/v5 as well"
    );
    tab.eval("document.querySelector('#fetch-object').focus()")?;
    tab.press("Enter")?;
    tab.until(
        "document.querySelector('[aria-selected=true] .badge').textContent.includes('not in the recording')",
    )?;
    tab.until("document.activeElement.id === 'details'")?;
    assert_eq!(tab.eval("document.querySelector('#fetch-object').checkVisibility()")?, false);
    let title = tab.text("document.querySelector('#strip-title').textContent")?;
    assert_eq!(title, "3 of 5 objects verified, 2 not in the recording");
    finish(tab, &site, None)
}

fn a_missing_platform_is_missing_no_longer(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=two-platforms&platform=linux/s390x")?;
    assert_eq!(tab.until_ended()?, "done");
    tab.until("document.querySelector('#trouble').checkVisibility()")?;
    tab.click("[role=treeitem][data-aside] [data-do=fetch]")?;
    tab.until("!document.querySelector('#trouble').checkVisibility()")?;
    tab.until("document.querySelector('#strip-title').textContent === 'All 6 objects verified'")?;
    finish(tab, &site, None)
}

fn a_layer_that_was_skipped_is_fetched_alone(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::single()?);
    let registry = registry_with(&layout, Format::Oci, Cors::Open)?;
    let mut tab = open(browser, &site, &format!("?image={}/app:1&layers=skip", registry.host()))?;
    assert_eq!(tab.until_ended()?, "done");
    assert_eq!(verdicts(&tab.objects()?, "layer", "unchecked"), 3);
    tab.click("[role=treeitem][data-kind=layer] [data-do=fetch]")?;
    tab.until("document.querySelectorAll('[data-kind=layer][data-verdict=verified]').length === 1")?;
    assert_eq!(tab.until_ended()?, "done");
    assert_eq!(verdicts(&tab.objects()?, "layer", "unchecked"), 2);
    finish(tab, &site, Some(&registry))
}

fn fetching_can_be_cancelled_and_tried_again(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::multi()?);
    let registry = registry_with(&layout, Format::Oci, Cors::Open)?;
    let (target, other) = (registry.host(), layout.document(&layout.digest()?)?);
    let other = other.pointer("/manifests/1/digest").and_then(|d| d.as_str()).context("no second entry")?;
    let (held, asked) = (other.to_owned(), std::sync::atomic::AtomicBool::new(false));
    // Leaves the first question for the other platform unanswered, and passes on all else.
    let gate = e2e::Server::start(move |request| {
        if request.uri().path().contains(&held) && !asked.swap(true, std::sync::atomic::Ordering::Relaxed) {
            return None;
        }
        let location = format!("http://{target}{}", request.uri());
        Some(e2e::readable(Answer::new(307, "")).with("Location", &location))
    })?;
    let mut tab = open(browser, &site, &format!("?image={}/app:1", gate.host()))?;
    assert_eq!(tab.until_ended()?, "done");
    tab.click("[role=treeitem][data-aside] [data-do=fetch]")?;
    tab.until("document.querySelector('main').dataset.state === 'running'")?;
    tab.click("#cancel")?;
    tab.until("document.querySelector('main').dataset.state === 'idle'")?;
    let badge = tab.text("document.querySelector('[aria-selected=true] .badge').textContent")?;
    assert!(badge.ends_with("stopped"), "{badge}");
    tab.click("#fetch-object")?;
    tab.until("document.querySelectorAll('[role=treeitem][data-verdict=verified]').length === 11")?;
    assert_eq!(tab.until_ended()?, "done");
    let origins = [
        format!("{}/", site.origin()),
        format!("http://{}/", gate.host()),
        format!("http://{}/", registry.host()),
    ];
    tab.finish(&origins.iter().map(String::as_str).collect::<Vec<_>>())
}

fn an_attestation_stands_under_its_image(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::attested()?);
    let registry = registry_with(&layout, Format::Oci, Cors::Open)?;
    let mut tab = pull(browser, &site, &registry)?;
    assert_eq!(tab.until_ended()?, "done");
    assert_eq!(
        shown(&mut tab)?,
        [
            "1 Index",
            "2 linux/amd64",
            "3 Config",
            "3 Layer 1 of 3",
            "3 Layer 2 of 3",
            "3 Layer 3 of 3",
            "3 Attestation",
            "2 linux/arm64/v8"
        ]
    );
    let page = tab.text("document.querySelector('#tree').innerText")?;
    assert!(!page.contains("unknown/unknown") && page.contains("for linux/amd64"), "{page}");
    focus(&mut tab, "[data-aside][aria-level='3']")?;
    tab.press("f")?;
    tab.until("document.querySelectorAll('[role=treeitem][data-verdict=verified]').length === 9")?;
    assert_eq!(tab.until_ended()?, "done");
    let title = tab.text("document.querySelector('#strip-title').textContent")?;
    assert_eq!(title, "All 9 objects verified", "manifest, config and statement count from now on");
    let parent = tab.text("document.querySelector('#details-named-by').innerText")?;
    assert!(parent.contains("Index"), "the index names it: {parent}");
    finish(tab, &site, Some(&registry))
}

fn the_history_stands_beside_the_layers(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=hello-world")?;
    tab.until_ended()?;
    let row = tab.text("document.querySelector('[data-kind=layer] .made-by').textContent")?;
    assert_eq!(row, "COPY file:50563a97010f… in /");
    tab.click("[role=treeitem][data-kind=config]")?;
    tab.until("document.querySelectorAll('#history-steps > li').length === 2")?;
    let steps = tab.eval(
        "[...document.querySelectorAll('#history-steps > li')].map(e => \
         e.querySelector('code').textContent + ' → ' + e.querySelector('.made').innerText)",
    )?;
    assert_eq!(
        steps,
        serde_json::json!([
            "COPY file:50563a97010f… in / → Layer 1 of 1, 2,479 B",
            "CMD [\"/hello\"] → no layer"
        ])
    );
    // As the config states it, by keyboard.
    tab.eval("document.querySelector('#history-steps summary').focus()")?;
    tab.press("Enter")?;
    tab.until("document.querySelector('#history-steps details').open")?;
    let raw = tab.text("document.querySelector('#history-steps details code').textContent")?;
    assert!(raw.starts_with("/bin/sh -c #(nop) COPY file:50563a97010fd7ce"), "{raw}");
    tab.click("#history-steps a")?;
    tab.until("document.querySelector('[aria-selected=true]').dataset.kind === 'layer'")?;
    finish(tab, &site, None)
}

fn the_path_of_trust_ends_where_nothing_was_read(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, &format!("?recording=hello-world&select={LAYER}"))?;
    tab.until_ended()?;
    tab.until("document.querySelectorAll('#trust-stops > li').length === 5")?;
    assert_eq!(
        path(&mut tab)?,
        ["start Tag latest", "claim Digest", "equal Index", "equal linux/amd64", "unchecked Layer 1 of 1"]
    );
    let words = tab.text("document.querySelector('#trust').innerText")?;
    assert!(words.contains("a claim") && words.contains("not in the recording"), "{words}");
    // Each stop leads to its object, by mouse and by keyboard.
    tab.click("#trust-stops > li:nth-of-type(4) a")?;
    tab.until("document.querySelector('[aria-selected=true]').dataset.kind === 'manifest'")?;
    tab.eval("document.querySelector('#trust-stops > li:nth-of-type(3) a').focus()")?;
    tab.press("Enter")?;
    tab.until("document.querySelector('[aria-selected=true]').dataset.kind === 'index'")?;
    tab.until("document.querySelectorAll('#trust-stops > li').length === 3")?;

    tab.resize(390, 800)?;
    let wide = tab.eval("document.documentElement.scrollWidth <= 390")?;
    assert_eq!(wide, true, "nothing sticks out of a narrow page");
    finish(tab, &site, None)
}

fn the_path_of_trust_breaks_where_a_byte_differs(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::multi()?);
    let registry = registry_with(&layout, Format::Oci, Cors::Open)?;
    let mut tab = open(browser, &site, "?recording=flipped-byte")?;
    tab.until_ended()?;
    tab.click("[role=treeitem][data-verdict=failed]")?;
    tab.until("document.querySelector('#trust-stops > li:last-child').dataset.link === 'differs'")?;
    assert_eq!(
        path(&mut tab)?,
        ["start Tag 1", "claim Digest", "equal Index", "equal linux/amd64", "differs Layer 2 of 3"]
    );
    let words = tab.text("document.querySelector('#trust-sentence').textContent")?;
    assert!(words.starts_with("The chain breaks at Layer 2 of 3"), "{words}");

    // A digest in the reference takes the place of the claim.
    let digest = layout.digest()?;
    tab.go(&format!("{}/?image={}/app@{digest}", site.origin(), registry.host()))?;
    tab.until_ended()?;
    tab.until("document.querySelectorAll('#trust-stops > li').length === 4")?;
    assert_eq!(path(&mut tab)?, ["start Reference", "pinned Digest", "equal Index", "equal linux/amd64"]);
    finish(tab, &site, Some(&registry))
}

fn every_digest_says_which_it_is(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, &format!("?recording=hello-world&select={CONFIG}"))?;
    tab.until_ended()?;
    let which = "document.querySelector('#details-which').textContent";
    tab.until(&format!(
        "{which}.includes('The image ID: the digest of the config, named by the manifest.')"
    ))?;
    let link = |digest: &str| {
        format!("[...document.querySelectorAll('#document-text a')].find(a => a.textContent === '{digest}')")
    };
    let line = "document.querySelector('#document-which').textContent";
    tab.eval(&format!("{}.focus()", link(DIFF_ID)))?;
    tab.until(&format!("{line}.startsWith('The diff ID of layer 1: the digest of its uncompressed tar')"))?;
    let stranger = "sha256:b9935d4e8431fb1a7f0989304ec86b3329a99a25f5efdc7f09f3f8c41434ca6d";
    // Laid out anew, it stands on one line, where the mouse hits it.
    tab.click("#document-pretty")?;
    tab.until("document.querySelector('#document-pretty').ariaPressed === 'true'")?;
    // The text is drawn anew after the button.
    tab.until(r#"/\n\s+"/.test(document.getElementById('document-text').textContent)"#)?;
    tab.until(&format!(
        "({}.id = 'stranger') && document.querySelectorAll('#stranger').length === 1",
        link(stranger)
    ))?;
    tab.click("#stranger")?;
    tab.until(&format!("{line}.startsWith('Nothing in this pull has this digest')"))?;
    assert_eq!(tab.text("document.querySelector('[aria-selected=true]').dataset.kind")?, "config");
    // The diff ID leads to its layer, which states it.
    tab.eval(&format!("{}.focus()", link(DIFF_ID)))?;
    tab.press("Enter")?;
    tab.until("document.querySelector('[aria-selected=true]').dataset.kind === 'layer'")?;
    let facts = tab.text("document.querySelector('#details-facts').textContent")?;
    assert!(facts.contains(&format!("{DIFF_ID}, as the config states it; not checked")), "{facts}");
    assert!(facts.contains("chain ID"), "{facts}");
    tab.until(&format!("{which}.includes('Not its diff ID, sha256:e07ee1baac5f…')"))?;
    finish(tab, &site, None)
}

fn a_digest_outside_of_documents_says_which_it_is(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=flipped-byte")?;
    tab.until_ended()?;
    let line = "(e => e.checkVisibility() ? e.querySelector('[data-part=line]').textContent : '')\
                (document.getElementById('which'))";
    let says = |tab: &mut Tab, words: &str| tab.until(&format!("{line}.startsWith('{words}')"));
    // In a finding, by keyboard: the digest that was named, and the one that came.
    tab.eval("document.querySelector('#details-findings [data-part=expected]').focus()")?;
    says(&mut tab, "The digest of the layer as the registry stores it")?;
    tab.press("Tab")?;
    says(&mut tab, "The digest of the bytes that came, computed here.")?;
    tab.accessible()?;
    // In a header.
    tab.click("tr[data-role=tag]")?;
    tab.until("!!document.querySelector('.exchange[open] [data-which]')?.checkVisibility()")?;
    tab.click(".exchange[open] [data-which]")?;
    says(&mut tab, "The tag")?;
    // On the path of trust, and in the tree, by mouse.
    tab.eval(
        "document.querySelector('[role=treeitem][data-kind=config] .digest [data-part=short]')\
         .dispatchEvent(new PointerEvent('pointerover', { bubbles: true }))",
    )?;
    says(&mut tab, "The image ID")?;
    tab.click("[role=treeitem][data-kind=config]")?;
    tab.until(&format!("{line} === ''"))?;
    tab.until("document.querySelectorAll('#trust-stops > li').length === 5")?;
    tab.rest_mouse()?;
    tab.eval("document.querySelector('#trust-stops > li:nth-of-type(4) a').focus()")?;
    says(&mut tab, "The digest of the image manifest for linux/amd64")?;
    finish(tab, &site, None)
}

fn a_digest_is_copied_by_key_and_by_mouse(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=hello-world")?;
    tab.until_ended()?;
    // In place of a clipboard that no test may read.
    tab.eval("(navigator.clipboard.writeText = async text => { globalThis.copied = text; }, 1)")?;
    focus(&mut tab, "[data-kind=config]")?;
    tab.press("c")?;
    tab.until(&format!("globalThis.copied === '{CONFIG}'"))?;
    tab.until("document.querySelector('#tree-said').textContent === 'Digest copied'")?;
    tab.click("[role=treeitem][data-kind=layer]")?;
    tab.click("[role=treeitem][data-kind=layer] [data-do=copy]")?;
    tab.until(&format!("globalThis.copied === '{LAYER}'"))?;
    tab.click("[role=treeitem][data-kind=config]")?;
    tab.click("#copy-digest")?;
    tab.until(&format!("globalThis.copied === '{CONFIG}'"))?;
    tab.eval("(navigator.clipboard.writeText = async () => { throw new Error('no'); }, 1)")?;
    tab.click("#copy-digest")?;
    tab.until("document.querySelector('#tree-said').textContent === 'The browser did not allow it'")?;
    finish(tab, &site, None)
}

fn a_notice_stands_beside_a_verdict_and_takes_nothing_from_it(browser: Browser) -> Result<()> {
    // Docker-Content-Digest is hidden, and the bytes were hashed.
    let (site, registry) = (site()?, registry_with(&images::single()?, Format::Oci, Cors::NotExposed)?);
    let mut tab = pull(browser, &site, &registry)?;
    assert_eq!(tab.until_ended()?, "done");
    assert_eq!(tab.text("document.getElementById('strip').dataset.verdict")?, "verified");
    let badge = "[...document.querySelectorAll('#tree [data-kind=manifest] .badge [data-part]')].filter(e => !e.hidden).map(e => e.textContent)";
    assert_eq!(tab.list(badge)?, ["✓", "verified", "1 notice"]);
    tab.click("[role=treeitem][data-kind=manifest]")?;
    tab.until("!!document.querySelector('#details-findings > li')")?;
    let finding = "(li => [li.dataset.class, li.querySelector('.class').textContent, li.querySelector('code').textContent])(document.querySelector('#details-findings > li'))";
    assert_eq!(tab.list(finding)?, ["notice", "notice", "header-not-exposed"]);
    let looks = "(li => getComputedStyle(li).borderInlineStartColor)(document.querySelector('#details-findings > li'))";
    let calm = tab.text(looks)?;
    tab.eval("document.querySelector('#details-findings > li').dataset.class = 'failed'")?;
    assert_ne!(tab.text(looks)?, calm, "it does not look as a failure does");
    tab.accessible()?;
    finish(tab, &site, Some(&registry))
}
