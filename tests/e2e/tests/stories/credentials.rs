//! Who gets a password, who is asked at all, and what the address says of it: with registries, relays and token servers that
//! try to be told more.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Result, ensure};
use e2e::{Browser, Server, Tab, open, readable, site};
use serde_json::json;
use xtask::http::{Answer, Asked, Method};
use xtask::layout::sha256;

e2e::in_both! {
    a_password_goes_to_nobody_who_was_not_named,
    a_password_does_not_follow_a_redirect_of_the_token_server,
    nobody_is_asked_for_a_password_in_a_frame,
    a_relay_of_a_link_is_agreed_to_and_stays_with_its_registry,
    an_address_is_made_from_what_was_asked,
    a_recording_from_elsewhere_is_the_one_that_claims,
    no_text_of_a_registry_turns_the_reading_round,
}

/// A server that writes down what it is asked, as `METHOD path [Authorization]`.
struct Watched {
    server: Server,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Watched {
    /// One whose answers any page may read, with all their headers; preflights are answered already.
    fn start(answer: impl Fn(&str, Option<&str>) -> Answer + Send + Sync + 'static) -> Result<Watched> {
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let log = Arc::clone(&seen);
        let server = Server::start(move |asked: Asked| {
            let shown = asked.headers().get("Authorization").and_then(|value| value.to_str().ok());
            let line = format!("{} {} [{}]", asked.method(), asked.uri(), shown.unwrap_or("-"));
            log.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            let answer = match *asked.method() {
                Method::OPTIONS => {
                    Answer::new(204, "").with("Access-Control-Allow-Headers", "Authorization, Accept")
                }
                _ => answer(asked.uri().path(), shown),
            };
            Some(
                readable(answer)
                    .with("Access-Control-Allow-Methods", "GET, HEAD")
                    .with("Access-Control-Expose-Headers", "WWW-Authenticate, Docker-Content-Digest, Link"),
            )
        })?;
        Ok(Watched { server, seen })
    }

    fn host(&self) -> String {
        self.server.host()
    }

    fn origin(&self) -> String {
        format!("http://{}", self.host())
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn saw(&self, word: &str) -> bool {
        self.seen().iter().any(|line| line.contains(word))
    }
}

/// A token server that gives ada hers, and everybody a token for nothing.
fn issuer() -> Result<Watched> {
    Watched::start(|_, shown| {
        let token = if shown.is_some() { "adas" } else { "anybodys" };
        Answer::new(200, json!({ "token": token }).to_string())
    })
}

/// A registry that asks for a token of that server, and then for the password itself.
fn greedy(realm: String) -> Result<Watched> {
    Watched::start(move |path, shown| {
        let manifest = json!({ "schemaVersion": 2, "layers": [] }).to_string();
        let challenge = |value: &str| Answer::new(401, "").with("WWW-Authenticate", value);
        match shown {
            Some("Bearer adas") if path.ends_with("/manifests/1") => Answer::new(200, manifest.clone())
                .with("Docker-Content-Digest", &sha256(manifest.as_bytes()))
                .with("Content-Type", "application/vnd.oci.image.manifest.v1+json"),
            _ if path.ends_with("/manifests/1") => challenge(&format!(
                "Bearer realm={realm}/token, service=r, scope=\"repository:other:pull,push\""
            )),
            _ => challenge("Basic realm=\"x\""),
        }
    })
}

fn sign_in(tab: &mut Tab) -> Result<()> {
    tab.until("!!document.getElementById('user')?.checkVisibility()")?;
    tab.eval("document.getElementById('user').focus()")?;
    tab.press("ada")?;
    tab.press("Tab")?;
    tab.press("lovelace")?;
    tab.press("Enter")
}

fn titled(tab: &mut Tab, title: &str) -> Result<()> {
    tab.until(&format!("document.getElementById('sign-in-title').textContent === '{title}'"))
}

fn words(tab: &mut Tab) -> Result<String> {
    tab.text("document.getElementById('sign-in-words').textContent")
}

fn a_password_goes_to_nobody_who_was_not_named(browser: Browser) -> Result<()> {
    let (site, issuer) = (site()?, issuer()?);
    let registry = greedy(issuer.origin())?;
    let mut tab = open(browser, &site, &format!("?image={}/app:1", registry.host()))?;
    tab.expect_on_console("401");
    titled(&mut tab, &format!("Sign in to {}", registry.origin()))?;
    let said = words(&mut tab)?;
    ensure!(said.contains(&format!("Your credentials go to {}, another host", issuer.origin())), "{said}");
    ensure!(said.contains(&format!("goes to the registry, {}.", registry.origin())), "{said}");
    ensure!(said.contains("“repository:other:pull,push”"), "{said}");
    sign_in(&mut tab)?;
    titled(&mut tab, &format!("Send your credentials to {}?", registry.origin()))?;
    ensure!(!registry.saw("[Basic"), "nobody had named it: {:?}", registry.seen());
    ensure!(issuer.saw("?service=r&scope=repository:app:pull [Basic"), "{:?}", issuer.seen());
    ensure!(!issuer.saw("push"), "{:?}", issuer.seen());
    tab.accessible()?;
    tab.click("#sign-in-send")?;
    tab.until("document.getElementById('sign-in-title').textContent.includes('was not accepted')")?;
    ensure!(registry.saw("[Basic"), "now it was named, and agreed to");
    let own = format!("{}/", site.origin());
    tab.finish(&[&own, &format!("{}/v2/", registry.origin()), &format!("{}/token", issuer.origin())])
}

fn a_password_does_not_follow_a_redirect_of_the_token_server(browser: Browser) -> Result<()> {
    let (site, thief) = (site()?, issuer()?);
    let away = format!("{}/token", thief.origin());
    let issuer = Watched::start(move |_, _| Answer::new(307, "").with("Location", &away))?;
    let registry = greedy(issuer.origin())?;
    let mut tab = open(browser, &site, &format!("?image={}/app:1", registry.host()))?;
    tab.expect_on_console("401");
    sign_in(&mut tab)?;
    tab.until("!document.getElementById('signed-in').hidden")?;
    tab.until_ended()?;
    ensure!(issuer.saw("[Basic"), "{:?}", issuer.seen());
    ensure!(!thief.saw("[Basic"), "{:?}", thief.seen());
    tab.expect_on_console("CORS");
    tab.expect_on_console("Access to fetch");
    tab.expect_on_console("ERR_FAILED");
    let own = format!("{}/", site.origin());
    let hosts = [registry, issuer, thief].map(|server| format!("{}/", server.origin()));
    tab.finish(&[&own, &hosts[0], &hosts[1], &hosts[2]])
}

fn nobody_is_asked_for_a_password_in_a_frame(browser: Browser) -> Result<()> {
    let (site, issuer) = (site()?, issuer()?);
    let registry = greedy(issuer.origin())?;
    let query = format!("?image={}/app:1&layers=skip", registry.host());
    let origin = site.origin();
    let page = |body: &str| {
        format!(
            "<!doctype html><html lang=en><title>Docs</title>\
        <script>onmessage = e => {{ if (e.data?.['registry-inspector']) globalThis.told = e.data; }}</script>{body}"
        )
    };
    let pages = [
        page(&format!("<iframe width=900 height=900 src='{origin}/{query}'></iframe>")),
        page(&format!("<iframe width=900 height=900 src='{origin}/{query}&embed=1'></iframe>")),
        page(&format!(
            "<registry-inspector image='{}/app:1'></registry-inspector><script type=module>\
             import init from '{origin}/pkg/registry_inspector.js'; await init();</script>",
            registry.host()
        )),
    ];
    let server = Server::start(move |asked| {
        let at = asked.uri().path().trim_start_matches('/').parse::<usize>().ok();
        let page = at.and_then(|at| pages.get(at)).cloned().unwrap_or_default();
        Some(Answer::new(200, page).with("Content-Type", "text/html; charset=utf-8"))
    })?;
    let outside = format!("http://{}", server.host());
    let mut tab = Tab::open(browser, &format!("{outside}/0"))?;
    tab.expect_on_console("401");
    for (at, is_frame) in [(0, true), (1, true), (2, false)] {
        tab.go(&format!("{outside}/{at}"))?;
        if is_frame {
            tab.enter_frame(true)?;
        }
        let root =
            if is_frame { "document" } else { "document.querySelector('registry-inspector').shadowRoot" };
        tab.until(&format!("!!{root}?.querySelector('#sign-in-alone')?.checkVisibility()"))?;
        let shown = tab.eval(&format!(
            "[...{root}.querySelectorAll('#sign-in input, #sign-in-send')].some(e => e.checkVisibility())"
        ))?;
        ensure!(shown == false, "{at}: nothing to type a password into");
        let link = tab.text(&format!("{root}.querySelector('#sign-in-alone').href"))?;
        ensure!(link.starts_with(&format!("{origin}/?image={}/app:1", registry.host())), "{at}: {link}");
        ensure!(!link.contains("embed"), "{at}: {link}");
        if is_frame {
            tab.enter_frame(false)?;
        }
        ensure!(
            tab.eval("globalThis.told")? == json!(null),
            "{at}: how high it is says what the registry has"
        );
    }
    let own = format!("{origin}/");
    tab.finish(&[
        &own,
        &format!("{outside}/"),
        &format!("{}/v2/", registry.origin()),
        &format!("{}/token", issuer.origin()),
    ])
}

/// A registry, or a relay, that has nothing.
fn empty() -> Result<Watched> {
    Watched::start(|path, _| match path.ends_with("/tags/list") {
        true => Answer::new(200, json!({ "name": "app", "tags": ["1", "2"] }).to_string()),
        false => Answer::new(404, ""),
    })
}

fn a_relay_of_a_link_is_agreed_to_and_stays_with_its_registry(browser: Browser) -> Result<()> {
    let (site, relay, other) = (site()?, empty()?, empty()?);
    let link = format!("{}/?image=ghcr.io/a/b:1&relay={}", site.origin(), relay.origin());
    let mut tab = Tab::open(browser, &link)?;
    tab.expect_on_console("404");
    tab.until("document.getElementById('trouble-title').textContent === 'This link goes through a relay'")?;
    ensure!(relay.seen().is_empty(), "nothing goes through it yet");
    ensure!(
        tab.text("document.getElementById('relay-name').textContent")? == relay.origin(),
        "the form names it"
    );
    tab.accessible()?;
    tab.click("#again")?;
    tab.until("document.getElementById('trouble-title').textContent === 'The registry does not have this'")?;
    ensure!(relay.saw("/v2/a/b/manifests/1"), "{:?}", relay.seen());

    tab.eval("document.getElementById('image').focus(), document.getElementById('image').select()")?;
    tab.press("GHCR.io/a/c:2")?;
    ensure!(tab.eval("document.getElementById('relay-part').hidden")? == false, "it is the same registry");
    tab.press("Enter")?;
    tab.until("location.search.startsWith('?image=GHCR.io/a/c:2&relay=')")?;
    tab.until_ended()?;
    ensure!(relay.saw("/v2/a/c/manifests/2"), "nothing went round it: {:?}", relay.seen());

    let asked = relay.seen().len();
    tab.eval("document.getElementById('image').focus(), document.getElementById('image').select()")?;
    tab.press(&format!("{}/app:1", other.host()))?;
    tab.until("document.getElementById('relay-part').hidden")?;
    tab.press("Enter")?;
    tab.until(&format!("location.search === '?image={}/app:1'", other.host()))?;
    tab.until_ended()?;
    ensure!(
        other.saw("/v2/app/manifests/1") && relay.seen().len() == asked,
        "the relay is not this registry's"
    );

    tab.go(&link)?;
    tab.until("document.getElementById('trouble-title').textContent === 'This link goes through a relay'")?;
    tab.click("#relay-remove")?;
    tab.until("document.activeElement.id === 'image' && document.getElementById('relay-part').hidden")?;
    tab.press("Enter")?;
    tab.until("location.search === '?image=ghcr.io/a/b:1'")?;
    tab.until("document.getElementById('trouble-title').textContent.includes('GitHub')")?;
    ensure!(relay.seen().len() == asked, "it was taken out");
    let hosts = [&relay, &other].map(|server| format!("{}/v2/", server.origin()));
    tab.finish(&[&format!("{}/", site.origin()), &hosts[0], &hosts[1]])
}

fn an_address_is_made_from_what_was_asked(browser: Browser) -> Result<()> {
    let (site, registry) = (site()?, empty()?);
    let mut tab = open(browser, &site, &format!("?image={}/app:1", registry.host()))?;
    tab.expect_on_console("404");
    tab.until_ended()?;
    tab.click("#list")?;
    tab.until(&format!("location.search === '?tags={}/app'", registry.host()))?;
    tab.until("document.getElementById('listing-note').textContent === '2 tags'")?;
    tab.eval("document.getElementById('image').focus(), document.getElementById('image').select()")?;
    tab.press(&format!("{}/other:2", registry.host()))?;
    tab.press("Enter")?;
    tab.until(&format!("location.search === '?image={}/other:2'", registry.host()))?;
    tab.until("document.getElementById('trouble-title').textContent === 'The registry does not have this'")?;
    ensure!(
        registry.saw("/v2/other/manifests/2"),
        "the image is asked for, and no list: {:?}",
        registry.seen()
    );
    // Names that every object of JavaScript has are no themes.
    for theme in ["__proto__", "constructor", "toString"] {
        tab.go(&format!("{}/?recording=hello-world&embed=1&theme={theme}", site.origin()))?;
        tab.until_ended()?;
        ensure!(tab.text("document.documentElement.dataset.theme")?.is_empty(), "{theme}");
    }
    let policy = "document.querySelector('meta[http-equiv]').content.includes('; trusted-types registry-inspector-workers')";
    ensure!(tab.eval(policy)? == true, "no other policy is made");
    tab.finish(&[&format!("{}/", site.origin()), &format!("{}/v2/", registry.origin())])
}

/// A recording of one index, at an address.
fn recording(index: &str) -> String {
    let header = |name: &str, value: &str| json!({ "name": name, "value": value });
    let (kind, digest) = ("application/vnd.oci.image.index.v1+json", sha256(index.as_bytes()));
    let entry = |path: &str| {
        json!({
            "request": { "method": "GET", "url": format!("https://registry.example/v2/app/manifests/{path}") },
            "response": {
                "status": 200, "content": { "text": index },
                "headers": [header("Content-Type", kind), header("Docker-Content-Digest", &digest)],
            },
        })
    };
    json!({ "log": { "entries": [entry("1"), entry(&digest)] } }).to_string()
}

fn index(platform: &str) -> String {
    json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [{
            "mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": sha256(b"x"), "size": 1,
            "platform": { "os": "linux", "architecture": platform },
        }],
    })
    .to_string()
}

fn a_recording_from_elsewhere_is_the_one_that_claims(browser: Browser) -> Result<()> {
    let (site, server) = (site()?, Server::of(recording(&index("s390x")))?);
    let place = format!("http://{}", server.host());
    let mut tab = open(browser, &site, &format!("?recording={place}/x/pull.har&step=1"))?;
    tab.until_ended()?;
    let claim = tab.text("document.getElementById('strip-claim').textContent")?;
    ensure!(claim.starts_with(&format!("The recording pull.har from {place} says that 1 is ")), "{claim}");
    let told = tab.text("document.getElementById('walk-text').textContent")?;
    ensure!(told.contains(&format!("the word of the recording pull.har from {place}")), "{told}");
    tab.go(&format!("{}/?recording=hello-world", site.origin()))?;
    tab.until(
        "document.getElementById('strip-claim').textContent.startsWith('The registry says that latest')",
    )?;
    tab.finish(&[&format!("{}/", site.origin()), &format!("{place}/")])
}

fn no_text_of_a_registry_turns_the_reading_round(browser: Browser) -> Result<()> {
    let platform = "\u{202e}46dma\u{2066}\u{200f}";
    let (site, server) = (site()?, Server::of(recording(&index(platform)))?);
    let mut tab = open(browser, &site, &format!("?recording=http://{}/a.har", server.host()))?;
    tab.until_ended()?;
    let options = tab.text("document.getElementById('platforms-here').textContent")?;
    ensure!(options.contains("linux/⟨202e⟩46dma⟨2066⟩⟨200f⟩"), "{options}");
    let shown = "JSON.stringify([document.title, document.documentElement.textContent, \
                 [...document.querySelectorAll('[title], [aria-label]')].map(e => e.title + e.ariaLabel)])";
    let shown = tab.text(shown)?;
    let hidden: Vec<char> = shown.chars().filter(|c| platform.contains(*c) && !c.is_ascii()).collect();
    ensure!(hidden.is_empty() && shown.contains("46dma"), "{hidden:?}");
    tab.finish(&[&format!("{}/", site.origin()), &format!("http://{}/", server.host())])
}
