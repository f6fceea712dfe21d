//! Browsers: under remote control, by chromedriver and geckodriver, with what to ask them for; or by themselves.

use std::fmt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::probe::{free_port, free_port_beside, request};
use crate::process::Background;
use crate::scratch::Scratch;
use crate::tools::{self, Tool};

/// A browser that the tests run in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Browser {
    /// Chromium or Chrome.
    Chromium,
    /// Firefox.
    Firefox,
}

impl Browser {
    /// All of them.
    pub const ALL: [Browser; 2] = [Browser::Chromium, Browser::Firefox];

    /// The browser's driver.
    pub fn driver(self) -> Tool {
        match self {
            Browser::Chromium => Tool::Chromedriver,
            Browser::Firefox => Tool::Geckodriver,
        }
    }

    /// The capabilities that a session asks for (WebDriver, section 7): headless, with BiDi, and quiet on the network.
    ///
    /// They name no profile: both drivers then make a fresh one for each session.
    pub fn capabilities(self) -> Result<Value> {
        Ok(match self {
            Browser::Chromium => {
                let binary = tools::find(Tool::Chromium)?;
                let options = json!({ "binary": binary, "args": chromium_arguments() });
                json!({ "webSocketUrl": true, "goog:chromeOptions": options })
            }
            Browser::Firefox => {
                let binary = tools::find(Tool::Firefox)?;
                json!({ "webSocketUrl": true, "moz:firefoxOptions": { "binary": binary, "args": ["-headless"] } })
            }
        })
    }

    /// The command that opens an address in the browser by itself: headless as well, and nobody looks into it. The profile
    /// is a folder that is empty so far.
    pub fn alone(self, url: &str, profile: &Path) -> Result<Command> {
        let path = profile.display();
        Ok(match self {
            Browser::Chromium => {
                let mut command = Command::new(tools::find(Tool::Chromium)?);
                command.args(chromium_arguments()).arg(format!("--user-data-dir={path}")).arg(url);
                command
            }
            Browser::Firefox => {
                let file = profile.join("user.js");
                std::fs::write(&file, QUIET).with_context(|| format!("cannot write {}", file.display()))?;
                let mut command = Command::new(tools::find(Tool::Firefox)?);
                command.args(["--headless", "--no-remote", "--profile"]).arg(profile).arg(url);
                command
            }
        })
    }
}

/// What Firefox would do beside, on the network and at its first start; geckodriver turns it off by itself.
const QUIET: &str = r#"
user_pref("app.normandy.enabled", false);
user_pref("app.update.disabledForTesting", true);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.region.network.url", "");
user_pref("browser.safebrowsing.update.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("services.settings.server", "data:,#remote-settings-dummy/v1");
"#;

/// Headless, and quiet on the network.
fn chromium_arguments() -> Vec<&'static str> {
    let mut args = vec![
        "--headless=new",
        "--disable-gpu",
        "--hide-scrollbars",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        // Containers often have a /dev/shm that is too small.
        "--disable-dev-shm-usage",
    ];
    if tools::is_root() {
        // Chromium refuses to run as root with it.
        args.push("--no-sandbox");
    }
    args
}

impl fmt::Display for Browser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Browser::Chromium => "Chromium",
            Browser::Firefox => "Firefox",
        })
    }
}

/// A running driver. It stops, with the browsers it started, when this value is dropped.
#[derive(Debug)]
pub struct Driver {
    browser: Browser,
    port: u16,
    // Dropped in this order: the program first, then the directory that its browsers' profiles are in.
    program: Background,
    _scratch: Scratch,
}

impl Driver {
    /// Starts the browser's driver on a free port and waits until it takes sessions.
    pub fn start(browser: Browser) -> Result<Driver> {
        // A port that was free may be taken a moment later: one more try settles that.
        Driver::on_port(browser, free_port()?).or_else(|_| Driver::on_port(browser, free_port()?))
    }

    fn on_port(browser: Browser, port: u16) -> Result<Driver> {
        let scratch = Scratch::new("driver")?;
        let mut command = Command::new(tools::find(browser.driver())?);
        command.arg(format!("--port={port}")).env("TMPDIR", scratch.path());
        if browser == Browser::Firefox {
            // Its WebSocket port for BiDi is fixed otherwise, and two drivers could not run side by side.
            command.arg(format!("--websocket-port={}", free_port_beside(port)?));
        }
        let mut program = Background::start(&mut command, scratch.path().join("log.txt"))?;
        let host = format!("127.0.0.1:{port}");
        let ready = || request(&host, "GET", "/status", &[]).is_ok_and(|answer| answer.status == 200);
        program.wait_until(Duration::from_secs(20), ready)?;
        Ok(Driver { browser, port, program, _scratch: scratch })
    }

    /// Where it takes commands: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.host())
    }

    /// The browser that it drives.
    pub fn browser(&self) -> Browser {
        self.browser
    }

    /// What a new session should ask for: the `alwaysMatch` of a WebDriver client.
    pub fn capabilities(&self) -> Result<Value> {
        self.browser.capabilities()
    }

    /// The driver's process id.
    pub fn id(&self) -> u32 {
        self.program.id()
    }

    /// The end of what the driver logged.
    pub fn log(&self) -> String {
        self.program.output()
    }

    fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Ends the sessions that a client left open. Only chromedriver lists them, and only chromedriver needs it:
    /// geckodriver closes its browser when it is terminated.
    fn end_sessions(&self) -> Result<()> {
        let answer = request(&self.host(), "GET", "/sessions", &[])?;
        if answer.status != 200 {
            bail!("the driver answered {}", answer.status);
        }
        let list: Value = serde_json::from_slice(&answer.body)?;
        for session in list.get("value").and_then(Value::as_array).into_iter().flatten() {
            if let Some(id) = session.get("id").and_then(Value::as_str) {
                request(&self.host(), "DELETE", &format!("/session/{id}"), &[])?;
            }
        }
        Ok(())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if self.browser == Browser::Chromium {
            // There is nobody to tell; the driver itself ends with `program`.
            let _ = self.end_sessions();
        }
    }
}
