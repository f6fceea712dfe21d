//! Registries that are not asked in vain, and those that want to be left alone for a while.

use anyhow::{Result, ensure};
use e2e::{Browser, Nginx, finish, in_both, open, registry_with, site, verdicts};
use xtask::images;
use xtask::registry::{Cors, Format};

in_both! {
    a_registry_known_to_be_closed_is_not_asked,
    a_pause_that_is_asked_for_is_shown_and_taken,
    a_pause_can_be_cut_short,
}

/// A server that puts everyone off for a while, and tells pages for how long.
const BUSY: &str = "add_header Access-Control-Allow-Origin * always; \
                    add_header Access-Control-Expose-Headers Retry-After always; ";

fn a_registry_known_to_be_closed_is_not_asked(browser: Browser) -> Result<()> {
    let site = site()?;
    for (image, name, command) in [
        ("alpine:3", "Docker Hub", "crane"),
        ("ghcr.io/a/b:1", "GitHub's registry", "skopeo"),
        ("http://docker.io/a/b:1", "Docker Hub", "regctl"),
    ] {
        let mut tab = open(browser, &site, &format!("?image={image}"))?;
        assert_eq!(tab.until_ended()?, "failed");
        let said = tab.text("document.getElementById('trouble').innerText")?;
        ensure!(said.contains(&format!("{name} cannot be read from a web page")), "{said}");
        ensure!(said.contains("No request was sent") && said.contains(command), "{said}");
        ensure!(said.contains("nginx, as a relay") && said.contains("relay=http://"), "{said}");
        ensure!(tab.requests()?.is_empty(), "nothing was asked");
        assert_eq!(tab.text("document.getElementById('again').textContent")?, "Ask it anyway");
        tab.accessible()?;
        finish(tab, &site, None)?;
    }
    Ok(())
}

fn a_pause_that_is_asked_for_is_shown_and_taken(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::single()?);
    let registry = registry_with(&layout, Format::Oci, Cors::Open)?;
    // The first request in each second is let through, and one more; the others are put off.
    let limiter = Nginx::start(&format!(
        "limit_req_zone $server_port zone=few:1m rate=1r/s;\nlimit_req_status 429;\n\
         upstream registry {{ server {}; }}\nserver {{ listen LISTEN;\n\
         error_page 429 @busy; location @busy {{ {BUSY} add_header Retry-After 2 always; return 429; }}\n\
         location /v2/ {{ limit_req zone=few burst=1 nodelay; {BUSY} proxy_hide_header Access-Control-Allow-Origin; \
         proxy_pass http://registry; }} }}",
        registry.host()
    ))?;
    let mut tab = open(browser, &site, &format!("?image={}/app:1", limiter.host()))?;
    tab.expect_on_console("429");
    tab.until("document.getElementById('strip-title').textContent.startsWith('Waiting 2 seconds')")?;
    assert_eq!(tab.until_ended()?, "done");
    let objects = tab.objects()?;
    ensure!(objects.iter().all(|object| object.ends_with(" verified")), "{objects:?}");
    ensure!(verdicts(&objects, "layer", "verified") > 0, "{objects:?}");
    let requests = tab.requests()?;
    ensure!(
        requests.iter().any(|request| request.ends_with(" 429")),
        "the refusals stay in sight: {requests:?}"
    );
    tab.finish(&[&format!("{}/", site.origin()), &format!("http://{}/", limiter.host())])
}

fn a_pause_can_be_cut_short(browser: Browser) -> Result<()> {
    let site = site()?;
    let busy = Nginx::start(&format!(
        "server {{ listen LISTEN; location / {{ {BUSY} add_header Retry-After 200 always; return 429; }} }}"
    ))?;
    let mut tab = open(browser, &site, &format!("?image={}/app:1", busy.host()))?;
    tab.expect_on_console("429");
    tab.until("document.getElementById('strip-title').textContent.startsWith('Waiting 200 seconds')")?;
    let said = tab.text("document.getElementById('strip-title').textContent")?;
    ensure!(said.contains("the registry answered 429, and asked for that"), "{said}");
    tab.accessible()?;
    tab.click("#cancel")?;
    tab.until("document.getElementById('main').dataset.state === 'idle'")?;
    assert_eq!(busy.requests().len(), 1, "and it was left alone");
    tab.finish(&[&format!("{}/", site.origin()), &format!("http://{}/", busy.host())])
}
