//! The site under https, and registries that a page from there may not ask, or its workers may not.

use anyhow::Result;
use e2e::{Browser, Hosted, Launch, Tab, in_both, registry_with, verdicts};
use serde_json::json;
use xtask::images;
use xtask::registry::{Cors, Format};

in_both! {
    what_workers_may_not_ask_the_page_asks,
    a_registry_of_the_local_network_is_asked_by_the_page,
    mixed_content_has_a_heading_a_cause_and_ways_out,
}

/// What a browser tells of requests that it refused.
const TOLD: [&str; 6] = [
    "Content Security Policy",
    "Content-Security-Policy",
    "Mixed Content",
    "mixed",
    "Failed to load resource",
    "blocked by CORS policy",
];

/// The statuses of the requests for layers, in order.
const LAYERS: &str = "[...document.querySelectorAll('tr[data-role=layer]')].map(row => row.dataset.status)";

fn examined(tab: &mut Tab) -> Result<String> {
    tab.eval("document.getElementById('check-registry').click()")?;
    tab.until("!document.getElementById('doctor').hidden")?;
    tab.until_ended()?;
    tab.text("document.getElementById('doctor').dataset.cause")
}

fn what_workers_may_not_ask_the_page_asks(browser: Browser) -> Result<()> {
    let registry = registry_with(&images::multi()?, Format::Oci, Cors::Open)?;
    // A host's policy on every answer is one on the workers' scripts as well.
    let host = Hosted::start(
        "location /pkg/worker/ { add_header Content-Security-Policy \"connect-src 'none'\"; }",
    )?;
    for layers in ["verify", "unpack"] {
        let mut tab = Tab::open(browser, "about:blank")?;
        TOLD.iter().for_each(|text| tab.expect_on_console(text));
        tab.go(&format!("{}/?image={}/app:1&layers={layers}", host.origin(), registry.host()))?;
        assert_eq!(tab.until_ended()?, "done");
        assert_eq!(verdicts(&tab.objects()?, "layer", "verified"), 3, "{layers}");
        let statuses = tab.list(LAYERS)?;
        assert_eq!(statuses.iter().filter(|status| *status == "200").count(), 3, "{statuses:?}");
        assert!(statuses.first().is_some_and(String::is_empty), "a worker was tried first: {statuses:?}");
        assert_eq!(tab.eval("document.getElementById('doctor').hidden")?, true, "nothing is unexplained");
        let refused = "document.querySelector('tr[data-role=layer] [data-part=outcome]').title";
        let told = tab.text(refused)?;
        assert!(told.starts_with("no response to a worker of this page") && told.len() < 200, "{told}");
        tab.eval("document.querySelector('[role=treeitem][data-kind=layer]').click()")?;
        tab.until("document.querySelectorAll('#details-exchanges > details').length > 0")?;
        let details =
            "document.getElementById('details').textContent.includes('Read and hashed in a worker')";
        assert_eq!(tab.eval(details)?, false, "it was not");
        assert_eq!(examined(&mut tab)?, "workers-refused");
        tab.finish(&[&format!("{}/", host.origin()), &format!("http://{}/v2/", registry.host())])?;
    }
    Ok(())
}

fn a_registry_of_the_local_network_is_asked_by_the_page(browser: Browser) -> Result<()> {
    let registry = registry_with(&images::multi()?, Format::Oci, Cors::Open)?;
    let host = Hosted::secured("")?;
    let here = host.origin_as("page.example");
    let near = registry.host().replace("127.0.0.1", "nas.local");
    if browser == Browser::Firefox {
        return all_is_mixed_content(browser, &host, &near);
    }
    let launch = Launch {
        trusts_all: true,
        chromium: vec![
            "--host-resolver-rules=MAP page.example 127.0.0.1, MAP nas.local 127.0.0.1".to_owned(),
            format!("--ip-address-space-overrides={}=public,{}=local", host.host(), registry.host()),
        ],
    };
    let mut tab = Tab::launched(browser, &launch, &format!("{here}/your-registry.html"))?;
    TOLD.iter().for_each(|text| tab.expect_on_console(text));
    let image = format!("{here}/?image=http://{near}/app:1");
    tab.permit("local-network", "granted", &here)?;
    tab.go(&image)?;
    assert_eq!(tab.until_ended()?, "done");
    assert_eq!(verdicts(&tab.objects()?, "layer", "verified"), 3);
    let statuses = tab.list(LAYERS)?;
    assert!(statuses.first().is_some_and(String::is_empty), "workers may not: {statuses:?}");
    assert_eq!(examined(&mut tab)?, "workers-refused");
    tab.permit("local-network", "denied", &here)?;
    tab.go(&image)?;
    assert_eq!(tab.until_ended()?, "failed");
    assert_eq!(tab.text("document.getElementById('doctor').dataset.cause")?, "local-network");
    tab.finish(&[&format!("{here}/"), &format!("http://{near}/v2/")])
}

/// Firefox asks nobody: to it a registry of the local network is mixed content, and the doctor says so.
fn all_is_mixed_content(browser: Browser, host: &Hosted, near: &str) -> Result<()> {
    let launch = Launch { trusts_all: true, ..Launch::default() };
    let mut tab = Tab::launched(browser, &launch, &format!("{}/your-registry.html", host.origin()))?;
    TOLD.iter().for_each(|text| tab.expect_on_console(text));
    tab.go(&format!("{}/?image=http://{near}/app:1", host.origin()))?;
    assert_eq!(tab.until_ended()?, "failed");
    assert_eq!(tab.text("document.getElementById('doctor').dataset.cause")?, "mixed-content");
    tab.finish(&[&format!("{}/", host.origin()), &format!("http://{near}/")])
}

/// What the doctor's panel shows: the cause, headings above nothing, ways out, and suppositions anywhere on the page.
const PANEL: &str = "[document.getElementById('doctor').dataset.cause, \
    [...document.querySelectorAll('#doctor h3')].filter(h => h.checkVisibility() && h.parentElement.innerText.trim() === h.innerText.trim()).length, \
    document.querySelectorAll('#doctor-needs > li').length, \
    [...document.querySelectorAll('#doctor-remedies > details')].map(d => d.querySelector('summary').textContent), \
    document.body.textContent.includes('It may be that') || !!document.querySelector('[title*=\"It may be that\"]')]";

fn mixed_content_has_a_heading_a_cause_and_ways_out(browser: Browser) -> Result<()> {
    let host = Hosted::secured("")?;
    let launch = Launch { trusts_all: true, ..Launch::default() };
    let mut tab = Tab::launched(browser, &launch, &format!("{}/your-registry.html", host.origin()))?;
    TOLD.iter().for_each(|text| tab.expect_on_console(text));
    let ways_out = ["A relay with TLS", "A tunnel to this machine", "This page, from this machine"];
    for (query, asked) in [
        ("?image=http://registry.example:5000/app:1", "registry"),
        ("?tags=http://registry.example:5000/app", "registry"),
        ("?image=registry.example/app:1&relay=http://relay.example:5080", "relay"),
    ] {
        tab.go(&format!("{}/{query}", host.origin()))?;
        assert_eq!(tab.until_ended()?, "failed", "{query}");
        if asked == "relay" {
            // Nothing goes through a link's relay before the user agrees.
            tab.click("#again")?;
            tab.until("!!document.getElementById('doctor').dataset.cause")?;
        }
        assert_eq!(tab.eval(PANEL)?, json!(["mixed-content", 0, 0, ways_out, false]), "{query}");
        let title = tab.text("document.getElementById('doctor-cause').textContent")?;
        assert_eq!(title, format!("A page served over HTTPS may not ask a {asked} without TLS"));
        let trouble = tab.text("document.getElementById('trouble-title').textContent")?;
        assert_eq!(trouble, format!("The {asked} gave no answer that this page may read"));
        // Nothing that stands as a title is a paragraph.
        let long = tab.list("[...document.querySelectorAll('h2, h3, [title], title')].map(e => e.title || e.textContent).filter(t => t.length > 160)")?;
        assert!(long.is_empty(), "{query}: {long:?}");
    }
    // A browser may put TLS in front of an address that it knows no better of.
    let origins = [
        format!("{}/", host.origin()),
        "http://registry.example:5000/".to_owned(),
        "http://relay.example:5080/".to_owned(),
    ];
    tab.finish(&origins.each_ref().map(String::as_str))
}
