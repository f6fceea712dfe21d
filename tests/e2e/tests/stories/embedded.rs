//! The custom element under the policies of its hosts: it has its style, and goes without workers where it may start none.

use anyhow::Result;
use e2e::{Browser, Hosted, Server, Tab, in_both, registry_with, site};
use serde_json::json;
use xtask::http::Answer;
use xtask::images;
use xtask::registry::{Cors, Format};

in_both! {
    an_element_looks_as_it_should_under_any_policy,
    a_host_of_the_same_origin_may_allow_no_policy_for_scripts,
    a_style_that_cannot_be_had_is_said,
}

/// Counts the workers that are tried.
const COUNT: &str = "() => { globalThis.tried = 0; const Real = globalThis.Worker; globalThis.Worker = class extends Real { \
    constructor(...a) { globalThis.tried++; super(...a); } }; }";

/// An expression for something in the element.
fn inside(expression: &str) -> String {
    format!(
        "(root => root && ({expression}))(document.querySelector('registry-inspector')?.shadowRoot?.querySelector('#main'))"
    )
}

/// How it looks, and what it found: a panel's corners, whether the form shows, how high it is, its layers.
const LOOKS: &str = "[getComputedStyle(root.querySelector('.panel')).borderTopLeftRadius, \
    root.querySelector('#ask').checkVisibility(), root.getRootNode().host.offsetHeight < 2000, \
    root.querySelectorAll('[data-kind=layer][data-verdict=verified]').length, globalThis.tried]";

fn an_element_looks_as_it_should_under_any_policy(browser: Browser) -> Result<()> {
    let (site, registry) = (site()?, registry_with(&images::multi()?, Format::Oci, Cors::Open)?);
    let usual = format!(
        "default-src 'self'; style-src 'self'; script-src {0}/ 'wasm-unsafe-eval'; connect-src {0}/ http://{1}/",
        site.origin(),
        registry.host()
    );
    for more in [
        "",
        "require-trusted-types-for 'script'; trusted-types 'none'",
        "require-trusted-types-for 'script'; trusted-types another",
        "worker-src 'none'; child-src 'none'; img-src 'none'; font-src 'none'",
    ] {
        let policy = format!("{usual}; {more}");
        let page = format!(
            "<!doctype html><html lang=en><title>Docs</title><link rel=icon href='data:,'>\
             <registry-inspector image='{}/app:1' layers=unpack></registry-inspector>\
             <script type=module src='{}/elements.js'></script>",
            registry.host(),
            site.origin()
        );
        let server = Server::start(move |request| {
            let (status, body) =
                if request.uri() == "/" { (200, page.clone()) } else { (204, String::new()) };
            let answer = Answer::new(status, body).with("Content-Type", "text/html; charset=utf-8");
            Some(answer.with("Content-Security-Policy", &policy))
        })?;
        let mut tab = Tab::open(browser, "about:blank")?;
        tab.preload(COUNT)?;
        // The page's own icon, where images are forbidden altogether.
        tab.expect_on_console("data:,");
        tab.go(&format!("http://{}/", server.host()))?;
        tab.until(&inside("root.dataset.state === 'done'"))?;
        assert_eq!(tab.eval(&inside(LOOKS))?, json!(["10px", false, true, 3, 0]), "{more}");
        let own = [
            format!("{}/", site.origin()),
            format!("http://{}/", server.host()),
            format!("http://{}/v2/", registry.host()),
        ];
        tab.finish(&own.each_ref().map(String::as_str))?;
    }
    Ok(())
}

fn a_host_of_the_same_origin_may_allow_no_policy_for_scripts(browser: Browser) -> Result<()> {
    let registry = registry_with(&images::multi()?, Format::Oci, Cors::Open)?;
    let page = format!(
        "<!doctype html><html lang=en><title>Docs</title><link rel=icon href=/favicon.svg>\
         <registry-inspector image=\"{}/app:1\"></registry-inspector>\
         <script type=module src=/elements.js></script>",
        registry.host()
    );
    let policy = "default-src * 'wasm-unsafe-eval'; require-trusted-types-for 'script'; trusted-types 'none'";
    let host = Hosted::start(&format!(
        "location = /host {{ default_type text/html; add_header Content-Security-Policy \"{policy}\"; return 200 '{page}'; }}"
    ))?;
    let mut tab = Tab::open(browser, &format!("{}/host", host.origin()))?;
    // The browser tells of what it refused; the element goes on without.
    for told in ["TrustedTypePolicy", "TrustedScriptURL", "trusted-types", "Trusted Type"] {
        tab.expect_on_console(told);
    }
    tab.until(&inside("root.dataset.state === 'done'"))?;
    let layers = inside("root.querySelectorAll('[data-kind=layer][data-verdict=verified]').length");
    assert_eq!(tab.eval(&layers)?, 3);
    tab.finish(&[&format!("{}/", host.origin()), &format!("http://{}/v2/", registry.host())])
}

fn a_style_that_cannot_be_had_is_said(browser: Browser) -> Result<()> {
    let page = "<!doctype html><html lang=en><title>Docs</title><link rel=icon href=/favicon.svg>\
                <registry-inspector recording=single-manifest></registry-inspector>\
                <script type=module src=/elements.js></script>";
    let host = Hosted::start(&format!(
        "location = /host {{ default_type text/html; return 200 '{page}'; }}\nlocation = /style.css {{ return 404; }}"
    ))?;
    let mut tab = Tab::open(browser, &format!("{}/host", host.origin()))?;
    tab.expect_on_console("style.css");
    tab.expect_on_console("404");
    tab.expect_on_console("__wbg_error");
    tab.until("!!document.querySelector('registry-inspector')?.shadowRoot?.textContent")?;
    let told = tab.text("document.querySelector('registry-inspector').shadowRoot.textContent")?;
    assert!(told.contains("cannot be shown here") && told.contains("style.css"), "{told}");
    tab.finish(&[&format!("{}/", host.origin())])
}
