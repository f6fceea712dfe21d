//! Why a browser was refused: every case is a real server, and the page has to find the cause. No case tells it anything
//! but an address on this machine.

use std::any::Any;

use anyhow::{Context as _, Result, ensure};
use e2e::{Browser, Issuer, Nginx, Tab, certificate, in_both, locked, open, registry_with, site};
use xtask::images;
use xtask::layout::Layout;
use xtask::probe::free_port;
use xtask::registry::{Cors, Format, Options, Registry};
use xtask::site::Site;

in_both! {
    every_cause_is_found,
}

/// What a proxy passes on.
const PASS: &str = "proxy_set_header Host $http_host; proxy_pass http://registry;";

/// Any page may read it.
const READABLE: &str = "add_header Access-Control-Allow-Origin * always;";

/// And sees what it has to see.
const SEEN: &str = "add_header Access-Control-Expose-Headers \"Docker-Content-Digest, Link, Retry-After, WWW-Authenticate\" always;";

/// Every request that failed is told on the console, which a page cannot keep a browser from.
const TOLD: [&str; 5] =
    ["Cross-Origin Request Blocked", "blocked by CORS policy", "Failed to load resource", "net::ERR_", "429"];

/// A case: what is asked for, and what the doctor has to say.
struct Case {
    name: &'static str,
    image: String,
    expected: &'static str,
    /// Whether it comes by itself, because a request failed unexplained; or has to be sent for.
    comes: bool,
    /// The servers, for as long as the case takes.
    _servers: Vec<Box<dyn Any>>,
}

fn case(
    name: &'static str,
    host: &str,
    (expected, comes): (&'static str, bool),
    servers: Vec<Box<dyn Any>>,
) -> Case {
    Case { name, image: format!("{host}/app:1"), expected, comes, _servers: servers }
}

/// A registry with the image, set up as it is said, behind nginx with this server.
fn behind(registry: &Registry, server: &str) -> Result<Nginx> {
    Nginx::before(&registry.host(), server)
}

/// An nginx location that answers OPTIONS by itself, allowing these headers.
fn asked_first(allowed: &str, more: &str) -> String {
    format!(
        "location /v2/ {{ if ($request_method = OPTIONS) {{ {READABLE} \
         add_header Access-Control-Allow-Methods \"GET, HEAD\" always; {allowed} return 204; }}\n\
         proxy_hide_header Access-Control-Allow-Origin; {READABLE} {more} {PASS} }}"
    )
}

fn allowing(headers: &str) -> String {
    format!("add_header Access-Control-Allow-Headers \"{headers}\" always;")
}

/// Cases in which no proxy stands before the registry.
fn direct(layout: &Layout) -> Result<Vec<Case>> {
    let closed = registry_with(layout, Format::Oci, Cors::None)?;
    let readable = registry_with(layout, Format::Oci, Cors::Open)?;
    let hidden = registry_with(layout, Format::Oci, Cors::NotExposed)?;
    let elsewhere = Registry::start(&Options {
        http: Some(
            "http:\n  headers:\n    Access-Control-Allow-Origin: ['https://other.example']\n".to_owned(),
        ),
        ..Options::default()
    })?;
    let files = certificate()?;
    let (certificate, key) = (files.path().join("cert.pem"), files.path().join("key.pem"));
    let over_tls = Registry::start(&Options {
        http: Some(format!(
            "http:\n  tls:\n    certificate: {}\n    key: {}\n",
            certificate.display(),
            key.display()
        )),
        ..Options::default()
    })?;
    let (private, users) = locked(layout, Cors::Open)?;
    let issuer = Issuer::start()?;
    let by_token =
        Registry::start(&Options { cors: Cors::Open, more: issuer.section(), ..Options::default() })?;
    let readable_by_tls = &format!("https://{}", readable.host());
    let nobody = format!("127.0.0.1:{}", free_port()?);
    let tls = format!("https://{}", over_tls.host());
    let all = [&closed, &readable, &hidden, &elsewhere, &private, &by_token].map(Registry::host);
    let [closed_at, readable_at, hidden_at, elsewhere_at, private_at, by_token_at] = &all;
    Ok(vec![
        case("no CORS", closed_at, ("no-allow-origin", true), vec![Box::new(closed)]),
        case("CORS for all", readable_at, ("works", false), vec![Box::new(readable)]),
        case("nothing exposed", hidden_at, ("not-exposed", false), vec![Box::new(hidden)]),
        case("CORS for another origin", elsewhere_at, ("no-allow-origin", true), vec![Box::new(elsewhere)]),
        case("TLS asked of a port without", readable_by_tls, ("unreachable", true), vec![]),
        case("nothing listens", &nobody, ("unreachable", true), vec![]),
        case(
            "a certificate that is not known",
            &tls,
            ("unreachable", true),
            vec![Box::new((over_tls, files))],
        ),
        case(
            "a sign-in, and OPTIONS answered 401",
            private_at,
            ("preflight-refused", false),
            vec![Box::new((private, users))],
        ),
        // Anybody gets a token, and it is with that that the browser is refused.
        case(
            "tokens, and OPTIONS answered 401",
            by_token_at,
            ("preflight-refused", true),
            vec![Box::new((by_token, issuer))],
        ),
    ])
}

/// Cases of a registry that requires a sign-in, behind a proxy.
fn private(layout: &Layout) -> Result<Vec<Case>> {
    let (registry, users) = locked(layout, Cors::None)?;
    let seen = [
        ("Accept is allowed, Authorization is not", allowing("Accept"), SEEN, "authorization-not-allowed"),
        ("no header is allowed", String::new(), SEEN, "authorization-not-allowed"),
        // The standard says otherwise, but both browsers still take the asterisk for Authorization as well.
        ("every header is allowed", allowing("*"), SEEN, "works"),
        ("both are allowed", allowing("Authorization, Accept"), SEEN, "works"),
        (
            "both are allowed, and the challenge is hidden",
            allowing("Authorization, Accept"),
            "",
            "not-exposed",
        ),
    ];
    let mut cases = Vec::new();
    for (name, allowed, more, expected) in seen {
        let proxy = behind(&registry, &asked_first(&allowed, more))?;
        let host = proxy.host();
        cases.push(case(name, &host, (expected, false), vec![Box::new(proxy)]));
    }
    if let Some(last) = cases.last_mut() {
        last._servers.push(Box::new((registry, users)));
    }
    Ok(cases)
}

/// Cases of a registry for everybody, behind a proxy.
fn public(layout: &Layout) -> Result<Vec<Case>> {
    let registry = registry_with(layout, Format::Oci, Cors::None)?;
    let plain = format!("location /v2/ {{ {PASS} }}");
    let all = format!("location /v2/ {{ {READABLE} {SEEN} {PASS} }}");
    let without_head = format!(
        "location /v2/ {{ if ($request_method = HEAD) {{ {READABLE} return 405; }} {READABLE} {SEEN} {PASS} }}"
    );
    let no_blobs = format!("{all}\nlocation ~ ^/v2/.*/blobs/ {{ {PASS} }}");
    let stores = [behind(&registry, &plain)?, behind(&registry, &all)?];
    let [shut_store, open_store] = stores.each_ref().map(|store| {
        format!(
            "{all}\nlocation ~ ^/v2/.*/blobs/ {{ {READABLE} return 307 http://{}$request_uri; }}",
            store.host()
        )
    });
    let limited = format!(
        "location /v2/ {{ {READABLE} {SEEN} add_header Retry-After 1 always; limit_req zone=few; {PASS} }}"
    );
    let seen = [
        ("a proxy that adds nothing", plain.clone(), "no-allow-origin", true),
        (
            "a proxy that exposes nothing",
            format!("location /v2/ {{ {READABLE} {PASS} }}"),
            "not-exposed",
            false,
        ),
        ("HEAD is refused", without_head, "head-refused", false),
        ("blobs have no CORS", no_blobs, "no-allow-origin-on-blobs", true),
        ("blobs are redirected to a store without CORS", shut_store, "redirect-without-cors", true),
        ("blobs are redirected to a store with CORS", open_store, "works", false),
    ];
    let mut cases = Vec::new();
    for (name, server, expected, comes) in seen {
        let proxy = behind(&registry, &server)?;
        let host = proxy.host();
        cases.push(case(name, &host, (expected, comes), vec![Box::new(proxy)]));
    }
    // What is not there is asked for by all types at once, last.
    for (name, server, expected) in [
        ("Accept is not allowed", asked_first(&allowing("Authorization"), SEEN), "accept-not-allowed"),
        (
            "OPTIONS is answered 405",
            format!(
                "location /v2/ {{ if ($request_method = OPTIONS) {{ {READABLE} return 405; }} {READABLE} {PASS} }}"
            ),
            "preflight-refused",
        ),
    ] {
        let proxy = behind(&registry, &server)?;
        let image = format!("{}/app:missing", proxy.host());
        cases.push(Case { image, ..case(name, "", (expected, true), vec![Box::new(proxy)]) });
    }
    let limiter = Nginx::start(&format!(
        "limit_req_zone $server_port zone=few:1m rate=2r/s;\nlimit_req_status 429;\n\
         upstream registry {{ server {}; }}\nserver {{ listen LISTEN; {limited} }}",
        registry.host()
    ))?;
    let host = limiter.host();
    cases.push(case("too many requests for a while", &host, ("works", false), vec![Box::new(limiter)]));
    if let Some(last) = cases.last_mut() {
        last._servers.push(Box::new((registry, stores)));
    }
    Ok(cases)
}

fn every_cause_is_found(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::single()?);
    let mut cases = direct(&layout)?;
    cases.extend(private(&layout)?);
    cases.extend(public(&layout)?);
    ensure!(cases.len() == 23, "{} cases", cases.len());
    let mut tab = open(browser, &site, "your-registry.html")?;
    TOLD.iter().for_each(|text| tab.expect_on_console(text));
    let mut wrong = Vec::new();
    for case in &cases {
        let found = diagnosed(&mut tab, &site, case).with_context(|| format!("the case “{}”", case.name))?;
        if found != case.expected {
            wrong.push(format!("{}: {found} in place of {}", case.name, case.expected));
        }
    }
    ensure!(wrong.is_empty(), "wrong in {browser}:\n{}", wrong.join("\n"));
    tab.finish(&["http://127.0.0.1:", "https://127.0.0.1:"])
}

fn diagnosed(tab: &mut Tab, site: &Site, case: &Case) -> Result<String> {
    tab.go(&format!("{}/?image={}", site.origin(), case.image))?;
    tab.until_ended()?;
    let is_there = tab.eval("!document.getElementById('doctor').hidden")?;
    ensure!(is_there == case.comes, "the doctor came by itself: {is_there}");
    if !case.comes {
        tab.eval("document.getElementById('check-registry').click()")?;
    }
    tab.until("!document.getElementById('doctor').hidden")?;
    tab.until_ended()?;
    // Each probe is a row of the trace.
    let rows = "document.querySelectorAll('#doctor-evidence > li').length === \
                document.querySelectorAll('tr[data-role=ping]').length";
    ensure!(tab.eval(rows)? == true, "each probe is a row");
    // No heading stands above nothing, and once a cause explains it, no other is supposed.
    let empty = tab.list(
        "[...document.querySelectorAll('#doctor h3')].filter(h => h.checkVisibility() && \
         h.parentElement.innerText.trim() === h.innerText.trim()).map(h => h.innerText)",
    )?;
    ensure!(empty.is_empty(), "nothing stands under {empty:?}");
    let supposes = "document.getElementById('doctor').dataset.tone === 'failed' && \
                    document.querySelector('main').textContent.includes('It may be that')";
    ensure!(tab.eval(supposes)? == false, "other causes are supposed");
    tab.text("document.getElementById('doctor').dataset.cause")
}
