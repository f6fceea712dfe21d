//! What the page says mends a registry does: the lines that it shows are the configuration of the servers here. And a
//! private image is pulled, and nothing secret is left anywhere.

use std::any::Any;

use anyhow::{Context as _, Result, ensure};
use e2e::{Browser, Issuer, Nginx, Tab, finish, in_both, locked, open, registry_with, site, verdicts};
use xtask::images;
use xtask::registry::{Cors, Format, Options, Registry};

in_both! {
    the_lines_for_distribution_do_it,
    the_lines_for_nginx_let_a_private_image_be_pulled,
    a_token_is_had_from_another_origin_with_consent,
    a_relay_reaches_what_pages_may_not,
    an_anonymous_pull_is_not_asked_first,
}

/// What must be nowhere: the password, and it with the name as Basic has them.
const SECRETS: [&str; 3] = ["lovelace", "YWRhOmxvdmVsYWNl", "eyJ"];

/// The lines that the page shows for a server, once the doctor has looked at a registry that no page may read.
fn shown(tab: &mut Tab, name: &str) -> Result<String> {
    tab.until("!document.getElementById('doctor').hidden")?;
    tab.text(&format!(
        "[...document.querySelectorAll('#doctor-remedies details, #trouble-relays details')]\
         .find(e => e.querySelector('summary').textContent === '{name}').querySelector('pre').textContent"
    ))
}

fn told(tab: &mut Tab) {
    let told =
        ["Cross-Origin Request Blocked", "blocked by CORS policy", "Failed to load resource", "net::ERR_"];
    told.iter().for_each(|text| tab.expect_on_console(text));
}

fn go(tab: &mut Tab, origin: &str, query: &str) -> Result<String> {
    tab.go(&format!("{origin}/{query}"))?;
    tab.until_ended()
}

fn all_verified(tab: &mut Tab) -> Result<()> {
    let objects = tab.objects()?;
    let whole = objects.iter().all(|object| object.ends_with(" verified"));
    ensure!(whole && verdicts(&objects, "layer", "verified") > 0, "{objects:?}");
    Ok(())
}

/// The report of the module's own pull, as JSON.
fn inspected(tab: &mut Tab, host: &str, options: &str) -> Result<String> {
    tab.text(&format!(
        "import(new URL('pkg/registry_inspector.js', location.href)).then(async m => {{ await m.default(); \
         return JSON.stringify(await m.inspect('{host}/app:1', {{ {options} }})); }})"
    ))
}

fn the_lines_for_distribution_do_it(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::single()?);
    let closed = registry_with(&layout, Format::Oci, Cors::None)?;
    let mut tab = open(browser, &site, &format!("?image={}/app:1", closed.host()))?;
    told(&mut tab);
    ensure!(tab.until_ended()? == "failed", "no page may read it");
    let lines = shown(&mut tab, "CNCF distribution")?;
    let mended = Registry::start(&Options { http: Some(lines), ..Options::default() })?;
    mended.push(&layout, "app:1", Format::Oci)?;
    go(&mut tab, &site.origin(), &format!("?image={}/app:1", mended.host()))?;
    all_verified(&mut tab)?;
    // The registry's own word on the digest was seen, so the lines expose it.
    let requests = tab.requests()?;
    ensure!(requests.iter().any(|request| request == "HEAD tag 200"), "{requests:?}");
    ensure!(!requests.iter().any(|request| request.starts_with("GET tag")), "{requests:?}");
    tab.eval("document.getElementById('check-registry').click()")?;
    tab.until("document.getElementById('doctor').dataset.cause === 'works'")?;
    tab.accessible()?;
    let origins = [format!("{}/", site.origin()), format!("http://{}/", closed.host())];
    let mended = format!("http://{}/", mended.host());
    tab.finish(&[&origins[0], &origins[1], &mended])
}

/// Signs in by the form, as a user does: by keyboard.
fn sign_in(tab: &mut Tab) -> Result<()> {
    tab.until("!document.getElementById('sign-in').hidden")?;
    tab.accessible()?;
    tab.eval("document.getElementById('user').focus()")?;
    tab.press("ada")?;
    tab.press("Tab")?;
    tab.press("lovelace")?;
    tab.press("Enter")?;
    tab.until("!document.getElementById('signed-in').hidden")?;
    tab.until_ended()?;
    Ok(())
}

/// Looks for secrets in all that could be kept or passed on: the address, the storages, the document, and what is saved.
fn nothing_secret_is_left(tab: &mut Tab) -> Result<()> {
    tab.eval(
        "globalThis.saved = [], URL.createObjectURL = blob => { saved.push(blob.text()); return 'about:blank'; }, \
         HTMLAnchorElement.prototype.click = () => {}, \
         document.getElementById('export-har').click(), document.getElementById('save-report').click()",
    )?;
    tab.until("saved.length === 2")?;
    let everywhere = tab.text(
        "(async () => JSON.stringify([location.href, document.cookie, {...localStorage}, {...sessionStorage}, \
         await indexedDB.databases?.(), document.documentElement.outerHTML, \
         [...document.querySelectorAll('input')].map(e => e.value), history.state, ...await Promise.all(saved)]))()",
    )?;
    ensure!(everywhere.contains("\\\"log\\\"") && everywhere.contains("<html"), "both were saved");
    for secret in SECRETS {
        ensure!(!everywhere.contains(secret), "{secret} was left");
    }
    Ok(())
}

fn the_lines_for_nginx_let_a_private_image_be_pulled(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::single()?);
    let (registry, _users) = locked(&layout, Cors::None)?;

    let mut tab = open(browser, &site, &format!("?image={}/app:1", registry.host()))?;
    told(&mut tab);
    ensure!(tab.until_ended()? == "failed", "no page may read it");
    let lines = shown(&mut tab, "nginx, in front")?;
    let proxy = Nginx::before(&registry.host(), &lines)?;
    go(&mut tab, &site.origin(), &format!("?image={}/app:1", proxy.host()))?;
    sign_in(&mut tab)?;
    all_verified(&mut tab)?;
    nothing_secret_is_left(&mut tab)?;

    tab.click("#signed-in .forget")?;
    tab.until("document.getElementById('signed-in').hidden")?;
    tab.eval("document.getElementById('ask').requestSubmit()")?;
    tab.until("!document.getElementById('sign-in').hidden")?;
    let report = inspected(&mut tab, &proxy.host(), "credentials: { user: 'ada', password: 'lovelace' }")?;
    ensure!(report.contains("\"verdict\":\"verified\",\"root\""), "{report}");
    ensure!(SECRETS.iter().all(|secret| !report.contains(secret)), "{report}");
    let origins = [format!("{}/", site.origin()), format!("http://{}/", registry.host())];
    let proxy = format!("http://{}/", proxy.host());
    tab.expect_on_console("401");
    tab.finish(&[&origins[0], &origins[1], &proxy])
}

fn a_token_is_had_from_another_origin_with_consent(browser: Browser) -> Result<()> {
    let (site, layout, issuer) = (site()?, images::single()?, Issuer::start()?);
    let registry =
        Registry::start(&Options { cors: Cors::None, more: issuer.section(), ..Options::default() })?;
    registry.push_as(Some("ada:lovelace"), &layout, "app:1", Format::Oci)?;
    // Blobs come from a store on another host, which must not see the token.
    let stored = registry_with(&layout, Format::Oci, Cors::None)?;
    let store = Nginx::before(
        &stored.host(),
        "location /v2/ { add_header Access-Control-Allow-Origin * always; proxy_pass http://registry; }",
    )?;
    let lines = registry_inspector::view::remedy::remedies(&page_origin(&site.origin()));
    let lines =
        lines.into_iter().find(|remedy| remedy.name == "nginx, in front").context("nginx is known")?;
    let redirect = format!(
        "location ~ ^/v2/.*/blobs/ {{ if ($request_method = OPTIONS) {{ \
         add_header Access-Control-Allow-Origin *; add_header Access-Control-Allow-Headers Authorization; return 204; }} \
         add_header Access-Control-Allow-Origin * always; return 307 http://{}$request_uri; }}",
        store.host()
    );
    let proxy = Nginx::before(&registry.host(), &format!("{}\n{redirect}", lines.text))?;

    let mut tab = open(browser, &site, &format!("?image={}/app:1", proxy.host()))?;
    tab.expect_on_console("401");
    ensure!(tab.until_ended()? == "failed", "nobody may pull it");
    let words = tab.text("document.getElementById('sign-in-words').textContent")?;
    let realm = issuer.realm();
    let origin = realm.trim_end_matches("/token");
    ensure!(words.contains(origin), "where the password goes is said first: {words}");
    let before = issuer.asked();
    sign_in(&mut tab)?;
    all_verified(&mut tab)?;
    nothing_secret_is_left(&mut tab)?;
    // Anybody's token and ada's, each with its preflight at most; and no other for all the objects.
    let asked = issuer.asked() - before;
    ensure!(asked <= 3, "one token serves for all: {asked}");
    let seen = store.requests();
    ensure!(!seen.is_empty() && seen.iter().all(|line| line.ends_with("[-]")), "{seen:?}");
    ensure!(proxy.requests().iter().any(|line| line.contains("[Bearer eyJ")), "the registry sees it");
    let own = format!("{}/", site.origin());
    let hosts = [proxy.host(), store.host()].map(|host| format!("http://{host}/v2/"));
    tab.finish(&[&own, &hosts[0], &hosts[1], &realm])
}

/// The origin of a page at an address.
fn page_origin(address: &str) -> String {
    address.splitn(4, '/').take(3).collect::<Vec<_>>().join("/")
}

fn a_relay_reaches_what_pages_may_not(browser: Browser) -> Result<()> {
    let (site, layout, issuer) = (site()?, images::single()?, Issuer::start()?);
    let registry =
        Registry::start(&Options { cors: Cors::None, more: issuer.section(), ..Options::default() })?;
    registry.push_as(Some("ada:lovelace"), &layout, "app:1", Format::Oci)?;
    let stored = registry_with(&layout, Format::Oci, Cors::None)?;
    // As Docker Hub: blobs are redirected, and neither host has CORS.
    let hub = Nginx::before(
        &registry.host(),
        &format!(
            "location /v2/ {{ proxy_set_header Host $http_host; proxy_pass http://registry; }}\n\
             location ~ ^/v2/.*/blobs/ {{ return 307 http://{}$request_uri; }}",
            stored.host()
        ),
    )?;
    let (origin, realm) = (page_origin(&site.origin()), issuer.realm());
    let closed = format!("http://{}", hub.host());
    let relays = registry_inspector::view::remedy::relays(&closed, Some((&realm, "registry.test")), &origin);
    let lines = &relays.first().context("nginx is the first")?.text;
    // Exactly the file, but for the port that it listens on.
    let relay = Nginx::start(&lines.replace(registry_inspector::view::remedy::RELAY, "LISTEN"))?;
    let servers: Vec<Box<dyn Any>> = vec![Box::new(registry), Box::new(stored)];

    let query = format!("?image={}/app:1&relay=http://{}", hub.host(), relay.host());
    let mut tab = open(browser, &site, &query)?;
    tab.expect_on_console("401");
    tab.until_ended()?;
    // Whoever follows a link with a relay is asked first.
    tab.click("#again")?;
    sign_in(&mut tab)?;
    all_verified(&mut tab)?;
    let rows = tab.text("document.getElementById('request-rows').textContent")?;
    let claim = tab.text("document.getElementById('strip').textContent")?;
    ensure!(
        claim.contains(&hub.host()) && claim.contains(&relay.host()),
        "both addresses are said: {claim} {rows}"
    );
    ensure!(rows.contains(&format!("for {}", hub.host())), "{rows}");
    nothing_secret_is_left(&mut tab)?;
    let options =
        format!("relay: 'http://{}', credentials: {{ user: 'ada', password: 'lovelace' }}", relay.host());
    let report = inspected(&mut tab, &hub.host(), &options)?;
    ensure!(report.contains("\"verdict\":\"verified\",\"root\""), "{report}");
    drop(servers);
    let (own, relay) = (format!("{}/", site.origin()), format!("http://{}/", relay.host()));
    tab.finish(&[&own, &relay])
}

fn an_anonymous_pull_is_not_asked_first(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, images::single()?);
    let registry = registry_with(&layout, Format::Oci, Cors::Open)?;
    let mut tab = open(browser, &site, &format!("?image={}/app:1", registry.host()))?;
    tab.until_ended()?;
    all_verified(&mut tab)?;
    let asked = registry.log().matches("OPTIONS").count();
    ensure!(asked == 0, "{asked} preflights");
    let sent = tab.sent()?;
    ensure!(sent.iter().all(|(method, _)| method != "OPTIONS"), "{sent:?}");
    finish(tab, &site, Some(&registry))
}
