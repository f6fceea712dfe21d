//! A page in a browser that nobody drives or looks into. A driver has Chromium tell it of each piece that comes over the
//! network, which takes longer than to read it: a pull measured under one is not what people have.

use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2e::{Browser, Server};
use serde_json::Value;
use xtask::http::{Answer, Asked};
use xtask::process::{Background, run};
use xtask::scratch::Scratch;
use xtask::site::Site;

/// What a script comes to, run in a page of the site's own origin: an asynchronous function's body that returns what can be
/// JSON. The module is there as `m`.
pub(crate) fn come(browser: Browser, dist: &Path, patience: Duration, script: &str) -> Result<Value> {
    let (tell, told) = channel();
    let sink = Server::start(move |asked| Some(take(&asked, &tell)))?;
    let folder = Scratch::new("free")?;
    let (pages, profile) = (folder.path().join("dist"), folder.path().join("profile"));
    run(Command::new("cp").arg("-R").arg(dist).arg(&pages), &folder.path().join("copy.txt"))?;
    std::fs::create_dir(&profile)?;
    std::fs::write(pages.join("free.html"), page(&sink.host(), script))?;
    let site = Site::start(&pages, 0)?;
    let mut command = browser.alone(&format!("{}/free.html", site.origin()), &profile)?;
    let program = Background::start(&mut command, folder.path().join("log.txt"))?;
    let Ok(came) = told.recv_timeout(patience) else {
        bail!("nothing came of it; {browser} says:\n{}", program.output());
    };
    let json = STANDARD.decode(came).context("not base64")?;
    let came: Value = serde_json::from_slice(&json)?;
    match came.get("failed") {
        Some(failed) => bail!("it failed in {browser}: {failed}"),
        None => Ok(came),
    }
}

fn page(sink: &str, script: &str) -> String {
    format!(
        "<!doctype html><title>free</title><script type=module>
         const come = async () => {{
           const m = await import('./pkg/registry_inspector.js'); await m.default();
           {script}
         }};
         const came = await come().catch(error => ({{ failed: String(error) }}));
         await fetch('http://{sink}/?' + btoa(JSON.stringify(came)), {{ mode: 'no-cors' }});
         </script>"
    )
}

/// What came stands in the query, for the tests' server reads no bodies.
fn take(asked: &Asked, tell: &Sender<String>) -> Answer {
    if let Some(query) = asked.uri().query() {
        // Whoever waited may have given up.
        let _ = tell.send(query.to_owned());
    }
    Answer::new(204, "")
}
