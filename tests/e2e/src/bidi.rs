//! One WebDriver BiDi session: commands out, results and events back.

use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};
use xtask::webdriver::{Browser, Driver};

/// How long a command may take before the browser is taken for dead.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a browser is started, beside the usual.
#[derive(Debug, Default)]
pub struct Launch {
    /// Whether it takes any certificate for a good one.
    pub trusts_all: bool,
    /// What Chromium is told beside the usual.
    pub chromium: Vec<String>,
}

/// A session with a browser of its own; both end when it is dropped.
pub(crate) struct Session {
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    next: u64,
    events: Vec<Value>,
    address: String,
    _driver: Driver,
}

impl Session {
    /// Starts a driver, a browser and a session that is told of console, exceptions and requests.
    pub(crate) fn start(browser: Browser) -> Result<Session> {
        Session::launch(browser, &Launch::default())
    }

    /// The same with a browser that is started in a way of its own.
    pub(crate) fn launch(browser: Browser, launch: &Launch) -> Result<Session> {
        let driver = Driver::start(browser)?;
        let mut wanted = driver.capabilities()?;
        if let Some(wanted) = wanted.as_object_mut().filter(|_| launch.trusts_all) {
            wanted.insert("acceptInsecureCerts".to_owned(), Value::Bool(true));
        }
        if let Some(arguments) = wanted.pointer_mut("/goog:chromeOptions/args").and_then(Value::as_array_mut)
        {
            arguments.extend(launch.chromium.iter().map(|argument| Value::from(argument.as_str())));
        }
        let asked = json!({ "capabilities": { "alwaysMatch": wanted } });
        let answer: Value = ureq::post(format!("{}/session", driver.url()))
            .send_json(&asked)
            .with_context(|| format!("no session with {browser}; its driver says:\n{}", driver.log()))?
            .body_mut()
            .read_json()?;
        let text = |pointer: &str| answer.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let url = text("/value/capabilities/webSocketUrl").context("the driver offers no BiDi")?;
        let id = text("/value/sessionId").context("the driver names no session")?;
        let (socket, _) = tungstenite::connect(url)?;
        if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
            stream.set_read_timeout(Some(PATIENCE))?;
        }
        let address = format!("{}/session/{id}", driver.url());
        let mut session = Session { socket, next: 0, events: Vec::new(), address, _driver: driver };
        let events = ["log.entryAdded", "network.beforeRequestSent"];
        session.call("session.subscribe", json!({ "events": events }))?;
        Ok(session)
    }

    /// Runs one command; events that arrive meanwhile are kept.
    pub(crate) fn call(&mut self, method: &str, params: Value) -> Result<Value> {
        self.next += 1;
        let command = json!({ "id": self.next, "method": method, "params": params });
        self.socket.send(Message::text(command.to_string()))?;
        loop {
            let message = self.socket.read().with_context(|| format!("no answer to {method}"))?;
            let Message::Text(text) = message else { continue };
            let mut answer: Value = serde_json::from_str(&text)?;
            if answer.get("id").and_then(Value::as_u64) != Some(self.next) {
                self.events.push(answer);
            } else if let Some(result) = answer.get_mut("result") {
                return Ok(result.take());
            } else {
                bail!("{method}: {answer}");
            }
        }
    }

    /// Forgets the events so far.
    pub(crate) fn forget(&mut self) {
        self.events.clear();
    }

    /// Takes out the events of one kind so far.
    pub(crate) fn take(&mut self, method: &str) -> Vec<Value> {
        let is_of_kind = |event: &mut Value| event.get("method").and_then(Value::as_str) == Some(method);
        self.events.extract_if(.., is_of_kind).collect()
    }

    /// The events of one kind so far, as their parameters.
    pub(crate) fn events(&self, method: &str) -> Vec<&Value> {
        let of_kind = self.events.iter().filter(|e| e.get("method").and_then(Value::as_str) == Some(method));
        of_kind.filter_map(|event| event.get("params")).collect()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The driver ends what does not end by itself.
        let _ = ureq::delete(&self.address).call();
    }
}
