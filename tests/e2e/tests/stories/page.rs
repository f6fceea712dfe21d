//! The page as people use it: the built site in each browser, with real registries on loopback.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result, bail};
use e2e::{
    Browser, Sends, Server, Streamed, Tab, finish, hostile_recording, open, pull, readable, registry_with,
    site, verdicts,
};
use xtask::http::Answer;
use xtask::registry::{Cors, Format};
use xtask::{images, layout};

e2e::in_both! {
    the_seeds_record_is_what_an_empty_address_shows,
    an_index_from_a_real_registry_is_verified,
    a_single_manifest_from_a_real_registry_is_verified,
    a_docker_manifest_from_a_real_registry_is_verified,
    one_flipped_byte_fails_one_object,
    hidden_headers_do_not_keep_a_pull_from_being_verified,
    a_registry_without_cors_is_said_to_be_one_of_the_causes,
    a_redirect_that_the_browser_follows_is_inferred,
    a_body_that_ends_early_is_cut_short_and_not_wrong,
    a_missing_platform_names_those_that_exist,
    a_misspelt_reference_is_explained,
    bundled_recordings_come_to_their_verdicts,
    selecting_a_request_selects_its_object_and_back,
    a_pull_can_be_cancelled,
    a_registry_that_recovers_is_tried_again,
    what_a_registry_says_is_never_markup,
    a_stated_scheme_stays,
    the_keyboard_alone_is_enough,
    the_module_is_a_module,
}

fn the_seeds_record_is_what_an_empty_address_shows(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "")?;
    assert_eq!(tab.until_ended()?, "done");
    let objects = tab.objects()?;
    for (kind, digest, verdict) in [
        ("index", "975f4b14f326b05db86e16de00144f9c12257553bba9484fed41f9b6f2257800", "verified"),
        ("manifest", "f54a58bc1aac5ea1a25d796ae155dc228b3f0e11d046ae276b39c4bf2f13d8c4", "verified"),
        ("config", "feb5d9fea6a5e9606aa995e879d862b825965ba48de054caab5ef356dc6b3412", "verified"),
        ("layer", "2db29710123e3e53a794f2694094b9b4338aa9ee5c40b930cb8063a1be392c54", "unchecked"),
    ] {
        assert!(objects.contains(&format!("{kind} sha256:{digest} {verdict}")), "{kind}: {objects:#?}");
    }
    assert_eq!(verdicts(&objects, "manifest", "unchecked"), 10, "the other platforms: {objects:#?}");
    assert_eq!(
        tab.requests()?,
        [
            "HEAD tag 200",
            "GET index 200",
            "GET manifest 200",
            "GET config 307",
            "GET redirect ",
            "GET layer 307",
            "GET redirect "
        ]
    );
    let page = tab.text("document.querySelector('main').innerText")?;
    assert!(page.contains("not in the recording"), "{page}");
    finish(tab, &site, None)
}

fn an_index_from_a_real_registry_is_verified(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::multi()?);
    let registry = registry_with(&layout, Format::Oci, Cors::Open)?;
    let mut tab = pull(browser, &site, &registry)?;
    assert_eq!(tab.until_ended()?, "done");
    let objects = tab.objects()?;
    assert!(objects.contains(&format!("index {} verified", layout.digest()?)), "{objects:#?}");
    assert_eq!(verdicts(&objects, "manifest", "verified"), 1, "{objects:#?}");
    assert_eq!(verdicts(&objects, "config", "verified"), 1, "{objects:#?}");
    assert_eq!(verdicts(&objects, "layer", "verified"), 3, "{objects:#?}");
    assert_eq!(objects.len(), 7, "and the other platform's manifest: {objects:#?}");
    let preflights = tab.sent()?.into_iter().filter(|(method, _)| method == "OPTIONS").count();
    assert_eq!(preflights, 0, "an anonymous pull needs no preflight");
    finish(tab, &site, Some(&registry))
}

fn a_single_manifest_from_a_real_registry_is_verified(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::single()?);
    let registry = registry_with(&layout, Format::Oci, Cors::Open)?;
    let mut tab = pull(browser, &site, &registry)?;
    assert_eq!(tab.until_ended()?, "done");
    let objects = tab.objects()?;
    assert_eq!(objects.len(), 5, "{objects:#?}");
    assert!(objects.iter().all(|object| object.ends_with(" verified")), "{objects:#?}");
    assert_eq!(tab.requests()?.first().map(String::as_str), Some("HEAD tag 404"), "indexes come first");
    finish(tab, &site, Some(&registry))
}

fn a_docker_manifest_from_a_real_registry_is_verified(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::single()?);
    let registry = registry_with(&layout, Format::V2s2, Cors::Open)?;
    let mut tab = pull(browser, &site, &registry)?;
    assert_eq!(tab.until_ended()?, "done");
    let objects = tab.objects()?;
    assert_eq!(objects.len(), 5, "{objects:#?}");
    assert!(objects.iter().all(|object| object.ends_with(" verified")), "{objects:#?}");
    finish(tab, &site, Some(&registry))
}

fn one_flipped_byte_fails_one_object(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::single()?);
    let registry = registry_with(&layout, Format::Oci, Cors::Open)?;
    let manifest = layout.document(&layout.digest()?)?;
    let digest = manifest.pointer("/layers/1/digest").and_then(|d| d.as_str()).context("no second layer")?;
    registry.flip_byte(digest, 20)?;
    let mut tab = pull(browser, &site, &registry)?;
    assert_eq!(tab.until_ended()?, "done");
    let objects = tab.objects()?;
    let failed: Vec<_> = objects.iter().filter(|object| object.ends_with(" failed")).collect();
    assert_eq!(failed, [&format!("layer {digest} failed")], "{objects:#?}");
    assert_eq!(objects.iter().filter(|object| object.ends_with(" verified")).count(), 4, "{objects:#?}");

    let bytes = std::fs::read(registry.blob_path(digest)?)?;
    let actual = layout::sha256(&bytes);
    tab.click("[role=treeitem][data-verdict=failed]")?;
    let both = format!(
        "[{digest:?}, {actual:?}].every(d => document.querySelector('main').textContent.includes(d))"
    );
    tab.until(&both)?;
    finish(tab, &site, Some(&registry))
}

fn hidden_headers_do_not_keep_a_pull_from_being_verified(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::multi()?);
    let registry = registry_with(&layout, Format::Oci, Cors::NotExposed)?;
    let mut tab = pull(browser, &site, &registry)?;
    assert_eq!(tab.until_ended()?, "done");
    let objects = tab.objects()?;
    assert_eq!(verdicts(&objects, "index", "verified"), 1, "{objects:#?}");
    assert_eq!(verdicts(&objects, "layer", "verified"), 3, "{objects:#?}");
    tab.click("[role=treeitem][data-kind=index]")?;
    tab.until("document.querySelector('main').textContent.includes('header-not-exposed')")?;
    finish(tab, &site, Some(&registry))
}

fn a_registry_without_cors_is_said_to_be_one_of_the_causes(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::single()?);
    let registry = registry_with(&layout, Format::Oci, Cors::None)?;
    let mut tab = pull(browser, &site, &registry)?;
    assert_eq!(tab.until_ended()?, "failed");
    let page = tab.text("document.querySelector('main').innerText")?;
    assert!(page.contains("Access-Control-Allow-Origin"), "{page}");
    let objects = tab.objects()?;
    assert!(!objects.iter().any(|object| object.ends_with(" verified")), "{objects:#?}");
    tab.expect_on_console("Cross-Origin Request Blocked");
    finish(tab, &site, Some(&registry))
}

fn a_redirect_that_the_browser_follows_is_inferred(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::single()?);
    let registry = registry_with(&layout, Format::Oci, Cors::Open)?;
    let target = registry.host();
    let redirector = Server::start(move |request| {
        Some(readable(Answer::new(307, "")).with("Location", &format!("http://{target}{}", request.uri())))
    })?;
    let mut tab = open(browser, &site, &format!("?image={}/app:1", redirector.host()))?;
    assert_eq!(tab.until_ended()?, "done");
    let objects = tab.objects()?;
    assert!(objects.iter().all(|object| object.ends_with(" verified")), "{objects:#?}");
    let page = tab.text("document.querySelector('main').innerText")?;
    assert!(page.contains(&registry.host()), "the host that answered is named: {page}");
    let inferred = tab.list(
        "[...document.querySelectorAll('tr[data-redirect=inferred] .lane .wait')]\
         .map(bar => getComputedStyle(bar).strokeDasharray)",
    )?;
    assert!(!inferred.is_empty() && inferred.iter().all(|dashes| dashes != "none"), "{inferred:?}");
    let origin = format!("http://{}/v2/", redirector.host());
    tab.finish(&[&format!("{}/", site.origin()), &origin, &format!("http://{}/v2/", registry.host())])
}

fn a_body_that_ends_early_is_cut_short_and_not_wrong(browser: Browser) -> Result<()> {
    let (site, registry) = (site()?, Streamed::start(100_000, Sends::OnlyTheFirst(60_000))?);
    let mut tab = open(browser, &site, &format!("?image={}/app:1", registry.host()))?;
    assert_eq!(tab.until_ended()?, "done");
    let objects = tab.objects()?;
    assert_eq!(verdicts(&objects, "config", "verified"), 1, "{objects:#?}");
    assert_eq!(verdicts(&objects, "layer", "unchecked"), 1, "{objects:#?}");
    tab.click("[role=treeitem][data-kind=layer]")?;
    tab.until("document.querySelector('main').textContent.includes('truncated')")?;
    tab.finish(&[&format!("{}/", site.origin()), &format!("http://{}/v2/", registry.host())])
}

fn a_missing_platform_names_those_that_exist(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::multi()?);
    let registry = registry_with(&layout, Format::Oci, Cors::Open)?;
    let query = format!("?image={}/app:1&platform=linux/s390x", registry.host());
    let mut tab = open(browser, &site, &query)?;
    tab.until_ended()?;
    let page = tab.text("document.querySelector('main').innerText")?;
    assert!(page.contains("linux/amd64") && page.contains("linux/arm64/v8"), "{page}");
    finish(tab, &site, Some(&registry))
}

fn a_misspelt_reference_is_explained(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?image=ghcr.io/Upper/Case:1")?;
    assert_eq!(tab.until_ended()?, "failed");
    let page = tab.text("document.querySelector('main').innerText")?;
    assert!(page.contains("lower case"), "{page}");
    let invalid = "document.getElementById('image').ariaInvalid";
    assert_eq!(tab.text(invalid)?, "true");
    // What is typed is right, where it is a recording that is not there. Browsers tell of that themselves.
    tab.expect_on_console("404");
    tab.go(&format!("{}/?recording=not-there", site.origin()))?;
    assert_eq!(tab.until_ended()?, "failed");
    assert!(tab.eval(invalid)?.is_null());
    finish(tab, &site, None)
}

fn bundled_recordings_come_to_their_verdicts(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=hello-world")?;
    // A page that is left while it loads says so on the console, in Firefox.
    tab.until_ended()?;
    for (name, failed, verified) in
        [("two-platforms", 0, 6), ("flipped-byte", 1, 5), ("single-manifest", 0, 5)]
    {
        tab.go(&format!("{}/?recording={name}", site.origin()))?;
        assert_eq!(tab.until_ended()?, "done", "{name}");
        let objects = tab.objects()?;
        let count = |verdict: &str| objects.iter().filter(|o| o.ends_with(verdict)).count();
        assert_eq!((count(" failed"), count(" verified")), (failed, verified), "{name}: {objects:#?}");
    }
    tab.go(&format!("{}/?recording=two-platforms&platform=linux/arm64", site.origin()))?;
    assert_eq!(tab.until_ended()?, "done");
    let objects = tab.objects()?;
    assert_eq!(verdicts(&objects, "layer", "verified"), 3, "the other platform is there too: {objects:#?}");
    finish(tab, &site, None)
}

fn selecting_a_request_selects_its_object_and_back(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=hello-world")?;
    tab.until_ended()?;
    tab.click("tr[data-role=config]")?;
    tab.until("document.querySelector('[role=treeitem][aria-selected=true]')?.dataset.kind === 'config'")?;
    tab.click("[role=treeitem][data-kind=layer]")?;
    tab.until("document.querySelector('tr[aria-selected=true]')?.dataset.role === 'layer'")?;
    let select = tab.text("new URL(location.href).searchParams.get('select')")?;
    assert!(select.starts_with("sha256:2db29710"), "the address follows: {select}");
    tab.press("ArrowUp")?;
    tab.until("document.querySelector('[role=treeitem][aria-selected=true]')?.dataset.kind === 'config'")?;

    let layer = "sha256:2db29710123e3e53a794f2694094b9b4338aa9ee5c40b930cb8063a1be392c54";
    tab.go(&format!("{}/?recording=hello-world&select={layer}", site.origin()))?;
    tab.until_ended()?;
    tab.until("document.querySelector('[role=treeitem][aria-selected=true]')?.dataset.kind === 'layer'")?;
    finish(tab, &site, None)
}

fn a_pull_can_be_cancelled(browser: Browser) -> Result<()> {
    let site = site()?;
    // It takes connections and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0")?;
    let host = silent.local_addr()?.to_string();
    let mut tab = open(browser, &site, &format!("?image={host}/app:1"))?;
    tab.until("document.querySelector('main').dataset.state === 'running'")?;
    tab.eval("[...document.querySelectorAll('button')].find(b => b.textContent.includes('Cancel')).click()")?;
    tab.until("document.querySelector('main').dataset.state !== 'running'")?;
    let own = format!("{}/", site.origin());
    tab.finish(&[&own, &format!("http://{host}/v2/")])
}

fn a_registry_that_recovers_is_tried_again(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::single()?);
    let registry = registry_with(&layout, Format::Oci, Cors::Open)?;
    let (target, well) = (registry.host(), Arc::new(AtomicBool::new(false)));
    let is_well = Arc::clone(&well);
    let gate = Server::start(move |request| {
        let location = format!("http://{target}{}", request.uri());
        let status = if is_well.load(Ordering::Relaxed) { 307 } else { 503 };
        Some(readable(Answer::new(status, "")).with("Location", &location))
    })?;
    let mut tab = open(browser, &site, "?recording=hello-world")?;
    tab.until_ended()?;
    tab.expect_on_console("503");
    // All types together are asked for last, which takes a preflight: the gate fails that as well.
    for text in ["Cross-Origin Request Blocked", "blocked by CORS policy", "net::ERR_"] {
        tab.expect_on_console(text);
    }
    for by_keyboard in [false, true] {
        well.store(false, Ordering::Relaxed);
        tab.go(&format!("{}/?image={}/app:1", site.origin(), gate.host()))?;
        assert_eq!(tab.until_ended()?, "failed");
        assert_eq!(tab.text("document.getElementById('trouble-title').textContent")?, "The registry failed");
        well.store(true, Ordering::Relaxed);
        if by_keyboard {
            tab.eval("document.getElementById('again').focus()")?;
            tab.press("Enter")?;
        } else {
            tab.click("#again")?;
        }
        tab.until("document.querySelector('main').dataset.state === 'done'")?;
        assert!(tab.objects()?.iter().all(|object| object.ends_with(" verified")), "{:?}", tab.objects()?);
        assert_eq!(tab.text("document.activeElement.id")?, "strip", "the button has gone, the focus has not");
    }
    let own = format!("{}/", site.origin());
    tab.finish(&[&own, &format!("http://{}/", gate.host()), &format!("http://{}/", registry.host())])
}

fn what_a_registry_says_is_never_markup(browser: Browser) -> Result<()> {
    let site = site()?;
    let hostile = Server::of(hostile_recording())?;
    let query = format!("?recording=http://{}/hostile.har", hostile.host());
    let mut tab = open(browser, &site, &query)?;
    tab.until_ended()?;
    for kind in ["index", "manifest", "config", "layer"] {
        tab.click(&format!("[role=treeitem][data-kind={kind}]"))?;
        tab.until(&format!("document.querySelector('[aria-selected=true]').dataset.kind === '{kind}'"))?;
        let text = tab.text("document.querySelector('main').textContent")?;
        assert!(text.contains("<img src=x"), "{kind}: the words are shown: {text}");
        assert_eq!(tab.eval("document.querySelectorAll('main img, main script, main iframe').length")?, 0);
        assert_eq!(tab.eval("globalThis.hacked === undefined")?, true);
    }
    tab.finish(&[&format!("{}/", site.origin()), &format!("http://{}/", hostile.host())])
}

fn a_stated_scheme_stays(browser: Browser) -> Result<()> {
    let site = site()?;
    // Nothing listens there. A loopback host would get http by itself.
    let host = format!("127.0.0.1:{}", xtask::probe::free_port()?);
    let mut tab = open(browser, &site, &format!("?image=https://{host}/app:1"))?;
    assert_eq!(tab.until_ended()?, "failed");
    assert_eq!(tab.text("document.getElementById('image').value")?, format!("https://{host}/app:1"));
    let sent = tab.sent()?;
    assert!(sent.iter().any(|(_, url)| url.starts_with(&format!("https://{host}/v2/"))), "{sent:?}");
    tab.expect_on_console("Cross-Origin Request Blocked");
    tab.finish(&[&format!("{}/", site.origin()), &format!("https://{host}/v2/")])
}

fn the_keyboard_alone_is_enough(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::multi()?);
    let registry = registry_with(&layout, Format::Oci, Cors::Open)?;
    let mut tab = open(browser, &site, "?recording=hello-world")?;
    tab.until_ended()?;
    tab_to(&mut tab, "document.activeElement.id === 'image'")?;
    // A field that is reached by Tab has its text selected, so typing replaces it.
    tab.press(&format!("{}/app:1", registry.host()))?;
    tab.press("Enter")?;
    tab.until("new URL(location.href).searchParams.get('image')?.includes('/app:1')")?;
    assert_eq!(tab.until_ended()?, "done");

    tab_to(&mut tab, "document.activeElement.getAttribute('role') === 'treeitem'")?;
    let kind = "document.activeElement.dataset.kind";
    tab.press("Home")?;
    tab.until(&format!("{kind} === 'index' && document.activeElement.ariaSelected === 'true'"))?;
    tab.press("ArrowDown")?;
    tab.press("ArrowDown")?;
    tab.until(&format!("{kind} === 'config' && document.activeElement.ariaSelected === 'true'"))?;
    tab.press("ArrowLeft")?;
    tab.until(&format!("{kind} === 'manifest'"))?;
    tab.press("ArrowLeft")?;
    tab.until("document.activeElement.ariaExpanded === 'false'")?;

    tab_to(&mut tab, "document.activeElement.matches('tr[data-role]')")?;
    tab.press("Home")?;
    tab.until("document.activeElement.dataset.role === 'tag'")?;
    tab.press("End")?;
    tab.until(
        "document.activeElement.dataset.role === 'layer' && document.activeElement.ariaSelected === 'true'",
    )?;
    finish(tab, &site, Some(&registry))
}

/// Presses Tab until something is true.
fn tab_to(tab: &mut Tab, condition: &str) -> Result<()> {
    for _ in 0..30 {
        tab.press("Tab")?;
        if tab.eval(condition)? == true {
            return Ok(());
        }
    }
    bail!("30 times Tab, and never {condition}")
}

fn the_module_is_a_module(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::multi()?);
    let registry = registry_with(&layout, Format::Oci, Cors::Open)?;
    let mut tab = open(browser, &site, "?recording=hello-world")?;
    tab.until_ended()?;
    let module =
        "import(new URL('pkg/registry_inspector.js', location.href)).then(async m => { await m.default(); ";
    let report = tab.eval(&format!(
        "{module} const seen = new Set(); const onEvent = e => seen.add(e.type); \
         const report = await m.inspect('{}/app:1', {{ platform: 'linux/arm64', onEvent }}); \
         return {{ report, seen: [...seen].sort() }}; }})",
        registry.host()
    ))?;
    let at = |pointer: &str| report.pointer(pointer).cloned().unwrap_or_default();
    assert_eq!(at("/report/verdict"), "verified", "{report:#}");
    assert_eq!(at("/report/root/digest"), layout.digest()?);
    assert_eq!(at("/report/root/children/1/platform"), "linux/arm64/v8");
    assert_eq!(at("/report/root/children/1/verdict"), "verified");
    assert_eq!(at("/report/root/children/0/verdict"), "unchecked");
    assert_eq!(at("/report/requests/0/role"), "tag");
    assert_eq!(at("/seen"), serde_json::json!(["object", "progress", "request"]));

    let parsed = tab.eval(&format!("{module} return m.parseReference('hello-world'); }})"))?;
    assert_eq!(
        parsed,
        serde_json::json!({
            "registry": "docker.io", "repository": "library/hello-world",
            "canonical": "docker.io/library/hello-world:latest",
        })
    );
    for (call, code) in [
        ("m.inspect('upper/CASE')", "invalid-reference"),
        ("m.inspect(null)", "no-reference"),
        ("m.inspect(null, { recording: '{' })", "invalid-recording"),
        ("m.inspect('a', { platform: 'x' })", "invalid-platform"),
        ("m.inspect('a', { signal: AbortSignal.abort() })", "aborted"),
    ] {
        let found = tab.text(&format!("{module} return {call}.then(() => 'resolved', e => e.code); }})"))?;
        assert_eq!(found, code, "{call}");
    }
    finish(tab, &site, Some(&registry))
}
