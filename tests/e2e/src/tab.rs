//! One tab: open, look, click, type; and at the end, nothing on the console and no request to elsewhere.

use std::cell::Cell;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use base64::Engine as _;
use serde_json::{Value, json};
use xtask::tools::{self, Tool};
use xtask::webdriver::Browser;

use crate::bidi::{Launch, Session};
use crate::lent;

/// How long a page may take to come to what a test waits for.
const PATIENCE: Duration = Duration::from_secs(30);

/// The Unicode values by which WebDriver names keys (WebDriver, "keyboard actions").
const KEYS: &[(&str, char)] = &[
    ("Enter", '\u{e007}'),
    ("Escape", '\u{e00c}'),
    ("Tab", '\u{e004}'),
    ("End", '\u{e010}'),
    ("Home", '\u{e011}'),
    ("PageUp", '\u{e00e}'),
    ("PageDown", '\u{e00f}'),
    ("ArrowLeft", '\u{e012}'),
    ("ArrowUp", '\u{e013}'),
    ("ArrowRight", '\u{e014}'),
    ("ArrowDown", '\u{e015}'),
];

thread_local! {
    /// How many tabs of this test were opened, and not finished.
    static UNFINISHED: Cell<usize> = const { Cell::new(0) };
}

/// Fails where the running test has opened a tab that [`Tab::finish`] did not look at.
pub(crate) fn all_finished() -> Result<()> {
    let unfinished = UNFINISHED.take();
    ensure!(
        unfinished == 0,
        "{unfinished} tabs were not finished: what is on their console, nobody has seen"
    );
    Ok(())
}

/// A tab, and the browser that it is in, which has no other.
pub struct Tab {
    pub(crate) session: Session,
    pub(crate) browser: Browser,
    /// The tab itself, and the document in it that commands go to: its own, or a frame's.
    top: String,
    pub(crate) context: String,
    /// The profile that a lent browser has for this tab alone: `browser.UserContext` of WebDriver BiDi.
    profile: Option<String>,
    expected: Vec<String>,
}

impl Tab {
    /// Opens an address in a browser that was just started, and waits until the page is loaded.
    pub fn alone(browser: Browser, url: &str) -> Result<Tab> {
        Tab::launched(browser, &Launch::default(), url)
    }

    /// The same in a browser that was started in a way of its own.
    pub fn launched(browser: Browser, launch: &Launch, url: &str) -> Result<Tab> {
        let mut session = Session::launch(browser, launch)?;
        let tree = session.call("browsingContext.getTree", json!({}))?;
        let context = named(&tree, "/contexts/0/context")?;
        Tab::of(session, browser, context, None).opened(url)
    }

    /// The same in a browser that another test may have used before, with a profile of its own.
    pub fn open(browser: Browser, url: &str) -> Result<Tab> {
        let mut session = lent::take(browser)?;
        session.forget();
        let profile = named(&session.call("browser.createUserContext", json!({}))?, "/userContext")?;
        let wanted = json!({ "type": "tab", "userContext": profile });
        let context = named(&session.call("browsingContext.create", wanted)?, "/context")?;
        Tab::of(session, browser, context, Some(profile)).opened(url)
    }

    fn of(session: Session, browser: Browser, context: String, profile: Option<String>) -> Tab {
        Tab { session, browser, top: context.clone(), context, profile, expected: Vec::new() }
    }

    fn opened(mut self, url: &str) -> Result<Tab> {
        self.go(url)?;
        UNFINISHED.set(UNFINISHED.get() + 1);
        Ok(self)
    }

    /// No longer watches what is sent: watching makes a browser slower than it is for its users.
    pub fn unwatched(mut self) -> Result<Tab> {
        let events = ["network.beforeRequestSent"];
        self.session.call("session.unsubscribe", json!({ "events": events }))?;
        Ok(self)
    }

    /// Goes on to another address.
    pub fn go(&mut self, url: &str) -> Result<()> {
        let params = json!({ "context": self.context, "url": url, "wait": "complete" });
        self.session.call("browsingContext.navigate", params)?;
        Ok(())
    }

    /// Answers in the user's place, for pages of an origin: a permission by its name, and `granted` or `denied`.
    pub fn permit(&mut self, permission: &str, state: &str, origin: &str) -> Result<()> {
        let params = json!({ "descriptor": { "name": permission }, "state": state, "origin": origin });
        self.session.call("permissions.setPermission", params)?;
        Ok(())
    }

    /// Runs a JavaScript function in every page before the page's own scripts.
    pub fn preload(&mut self, function: &str) -> Result<()> {
        let params = json!({ "functionDeclaration": function, "contexts": [self.context] });
        self.session.call("script.addPreloadScript", params)?;
        Ok(())
    }

    /// The value of a JavaScript expression, which may await, as JSON.
    pub fn eval(&mut self, expression: &str) -> Result<Value> {
        let wrapped = format!("(async () => JSON.stringify((await ({expression})) ?? null))()");
        let params = json!({
            "expression": wrapped, "target": { "context": self.context }, "awaitPromise": true,
        });
        let answer = self.session.call("script.evaluate", params)?;
        let text = answer.pointer("/result/value").and_then(Value::as_str);
        let text = text.with_context(|| format!("{expression}\n→ {answer}"))?;
        Ok(serde_json::from_str(text)?)
    }

    /// The same for what may take longer than the browser may take to answer.
    pub fn eval_within(&mut self, patience: Duration, expression: &str) -> Result<Value> {
        self.eval(&format!(
            "void (async () => {{ globalThis.awaited = undefined; \
             try {{ globalThis.awaited = [await ({expression})]; }} \
             catch (error) {{ globalThis.awaited = [null, String(error)]; }} }})()"
        ))?;
        self.until_within(patience, "globalThis.awaited !== undefined")?;
        let awaited = self.eval("globalThis.awaited")?;
        ensure!(awaited.get(1).is_none(), "{expression}\n→ {awaited}");
        Ok(awaited.get(0).cloned().unwrap_or_default())
    }

    /// The value of an expression as text.
    pub fn text(&mut self, expression: &str) -> Result<String> {
        let value = self.eval(expression)?;
        Ok(value.as_str().with_context(|| format!("{expression} is {value}, not a text"))?.to_owned())
    }

    /// Waits until an expression is true.
    pub fn until(&mut self, expression: &str) -> Result<()> {
        self.until_within(PATIENCE, expression)
    }

    /// Waits until a JavaScript expression is true, for so long at most.
    pub fn until_within(&mut self, patience: Duration, expression: &str) -> Result<()> {
        for _ in 0..patience.as_millis() / 50 {
            if self.eval(expression)? == true {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let page = self.text("document.body.innerText")?;
        let console = self.errors().join("\n");
        bail!("waited {patience:?} for {expression}; the page says:\n{page}\nand its console:\n{console}")
    }

    /// Waits until the pull has ended, one way or the other.
    pub fn until_ended(&mut self) -> Result<String> {
        self.until("['done', 'failed'].includes(document.querySelector('main')?.dataset.state)")?;
        self.text("document.querySelector('main').dataset.state")
    }

    /// Every object in the tree as `kind digest verdict`, in order.
    pub fn objects(&mut self) -> Result<Vec<String>> {
        self.list(
            "[...document.querySelectorAll('[role=treeitem][data-digest]')]\
             .map(e => `${e.dataset.kind} ${e.dataset.digest} ${e.dataset.verdict}`)",
        )
    }

    /// Every request in the table as `method role status`, in order.
    pub fn requests(&mut self) -> Result<Vec<String>> {
        self.list(
            "[...document.querySelectorAll('tr[data-role]')]\
             .map(e => `${e.dataset.method} ${e.dataset.role} ${e.dataset.status}`)",
        )
    }

    /// The value of an expression as a list of texts.
    pub fn list(&mut self, expression: &str) -> Result<Vec<String>> {
        Ok(serde_json::from_value(self.eval(expression)?)?)
    }

    /// Clicks the middle of the first element that a selector finds, once the page has painted what it was to paint:
    /// until then the element may yet move.
    pub fn click(&mut self, selector: &str) -> Result<()> {
        let selector = Value::from(selector);
        let found = self.eval(&format!(
            "new Promise(painted => requestAnimationFrame(() => setTimeout(painted))).then(() => {{ \
             const e = document.querySelector({selector}); if (!e) return null; \
             e.scrollIntoView({{ block: 'center' }}); const r = e.getBoundingClientRect(); \
             return [Math.round(r.x + r.width / 2), Math.round(r.y + r.height / 2)]; }})"
        ))?;
        ensure!(found.is_array(), "nothing to click at {selector}");
        let point = json!([
            { "type": "pointerMove", "x": found.get(0), "y": found.get(1) },
            { "type": "pointerDown", "button": 0 }, { "type": "pointerUp", "button": 0 },
        ]);
        self.act(json!({ "type": "pointer", "id": "mouse", "actions": point }))
    }

    /// Moves the mouse into the corner: what scrolls beneath it is pointed at, too.
    pub fn rest_mouse(&mut self) -> Result<()> {
        let corner = json!([{ "type": "pointerMove", "x": 0, "y": 0 }]);
        self.act(json!({ "type": "pointer", "id": "mouse", "actions": corner }))
    }

    /// Presses keys: names such as `ArrowDown`, or any other text character by character.
    pub fn press(&mut self, keys: &str) -> Result<()> {
        let named = KEYS.iter().find(|(name, _)| *name == keys).map(|(_, key)| key.to_string());
        let text = named.unwrap_or_else(|| keys.to_owned());
        let stroke = |key: char| {
            [json!({ "type": "keyDown", "value": key }), json!({ "type": "keyUp", "value": key })]
        };
        let actions: Vec<Value> = text.chars().flat_map(stroke).collect();
        self.act(json!({ "type": "key", "id": "keyboard", "actions": actions }))
    }

    /// Gives a file to an input, as one does who chooses it.
    pub fn choose_file(&mut self, selector: &str, file: &Path) -> Result<()> {
        let params = json!({
            "expression": format!("document.querySelector({})", Value::from(selector)),
            "target": { "context": self.context }, "awaitPromise": false, "resultOwnership": "root",
        });
        let answer = self.session.call("script.evaluate", params)?;
        let id = answer.pointer("/result/sharedId").with_context(|| format!("nothing at {selector}"))?;
        let params =
            json!({ "context": self.context, "element": { "sharedId": id }, "files": [file.to_str()] });
        self.session.call("input.setFiles", params)?;
        Ok(())
    }

    /// Goes on in the first frame of the document, or back in the document as a whole.
    pub fn enter_frame(&mut self, enter: bool) -> Result<()> {
        let tree = self.session.call("browsingContext.getTree", json!({ "root": self.top }))?;
        let place = if enter { "/contexts/0/children/0/context" } else { "/contexts/0/context" };
        self.context = named(&tree, place)?;
        Ok(())
    }

    fn act(&mut self, source: Value) -> Result<()> {
        let params = json!({ "context": self.context, "actions": [source] });
        self.session.call("input.performActions", params)?;
        Ok(())
    }

    /// Sets the size of the page, in CSS pixels.
    pub fn resize(&mut self, width: u32, height: u32) -> Result<()> {
        let viewport = json!({ "width": width, "height": height });
        let params = json!({ "context": self.context, "viewport": viewport });
        self.session.call("browsingContext.setViewport", params)?;
        Ok(())
    }

    /// Writes a picture of the whole page.
    pub fn screenshot(&mut self, path: &Path) -> Result<()> {
        let params = json!({ "context": self.context, "origin": "document" });
        let answer = self.session.call("browsingContext.captureScreenshot", params)?;
        let data = answer.get("data").and_then(Value::as_str).context("no picture")?;
        let bytes = base64::engine::general_purpose::STANDARD.decode(data)?;
        std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
    }

    /// Fails where axe-core finds something wrong for assistive technology on the page as it stands.
    pub fn accessible(&mut self) -> Result<()> {
        let script = tools::find(Tool::Axe)?;
        let axe =
            std::fs::read_to_string(&script).with_context(|| format!("cannot read {}", script.display()))?;
        // In a world of its own, where neither the page's scripts nor its policy reach.
        let run = "axe.run(document, { resultTypes: ['violations'] }).then(found => JSON.stringify(found.violations.map(v => \
                   `${v.id}: ${v.help}\\n${v.nodes.map(n => `    ${n.target.join(' ')}: ${n.failureSummary}`).join('\\n')}`)))";
        let params = json!({
            "expression": format!("{axe}\n;{run}"), "awaitPromise": true,
            "target": { "context": self.context, "sandbox": "axe" },
        });
        let answer = self.session.call("script.evaluate", params)?;
        let text = answer.pointer("/result/value").and_then(Value::as_str);
        let violations: Vec<String> =
            serde_json::from_str(text.with_context(|| format!("axe-core: {answer}"))?)?;
        ensure!(violations.is_empty(), "axe-core found:\n{}", violations.join("\n"));
        Ok(())
    }

    /// Every request that pages in this browser made, as method and address; preflights are among them.
    pub fn sent(&mut self) -> Result<Vec<(String, String)>> {
        // Whatever was sent before this command's answer has been reported by then.
        self.eval("1")?;
        let request = |event: &Value| {
            let field = |name: &str| event.pointer(&format!("/request/{name}")).and_then(Value::as_str);
            Some((field("method")?.to_owned(), field("url")?.to_owned()))
        };
        Ok(self.session.events("network.beforeRequestSent").into_iter().filter_map(request).collect())
    }

    /// The errors on the console so far.
    fn errors(&self) -> Vec<String> {
        let entries = self.session.events("log.entryAdded").into_iter();
        let is_error = |entry: &&Value| entry.get("level").and_then(Value::as_str) == Some("error");
        entries.filter(is_error).map(Value::to_string).collect()
    }

    /// Expects that the browser itself may put errors with this text on the console: some tell a refusal there, which
    /// the page cannot keep them from.
    pub fn expect_on_console(&mut self, text: &str) {
        self.expected.push(text.to_owned());
    }

    /// Ends the test of a page: nothing may be on the console as an error, nothing uncaught, and every request must
    /// have gone to one of `origins` (each a beginning of an address).
    pub fn finish(mut self, origins: &[&str]) -> Result<()> {
        for (method, url) in self.sent()? {
            // A data: address leads nowhere; Firefox shows one of its own fonts by it.
            let local = url.starts_with("about:") || url.starts_with("data:");
            let known = local || origins.iter().any(|origin| url.starts_with(origin));
            ensure!(known, "the page sent {method} {url}, which is none of its business");
        }
        let mut errors = self.errors();
        errors.retain(|entry| !self.expected.iter().any(|text| entry.contains(text)));
        ensure!(errors.is_empty(), "the console has errors:\n{}", errors.join("\n"));
        UNFINISHED.set(UNFINISHED.get() - 1);
        if let Some(profile) = self.profile {
            self.session.call("browser.removeUserContext", json!({ "userContext": profile }))?;
            lent::give_back(self.browser, self.session);
        }
        Ok(())
    }
}

/// The text at a place in an answer.
fn named(answer: &Value, pointer: &str) -> Result<String> {
    let text = answer.pointer(pointer).and_then(Value::as_str);
    Ok(text.with_context(|| format!("there is no {pointer} in {answer}"))?.to_owned())
}
