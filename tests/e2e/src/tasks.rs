//! How long the tasks of a page's thread take: from Chromium's own trace, for the time that the thread ran. What the clock
//! on the wall says of a task is as long as other programs have the machine's cores.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::bidi::Session;
use crate::tab::Tab;
use xtask::webdriver::Browser;

/// The event by which the trace arrives, piece by piece, and the one after the last.
const PIECE: &str = "goog:cdp.Tracing.dataCollected";
const COMPLETE: &str = "goog:cdp.Tracing.tracingComplete";

/// How the page says since when its tasks count: `performance.mark`, with this name.
const MARK: &str = "begun";

impl Tab {
    /// Does something, and tells what the page's tasks took meanwhile, in milliseconds of its thread's own time, the
    /// longest first: those since it said `performance.mark('begun')`. Only Chromium tells; elsewhere it is done all
    /// the same.
    pub fn tasks(&mut self, act: impl FnOnce(&mut Tab) -> Result<()>) -> Result<Option<Vec<f64>>> {
        if self.browser != Browser::Chromium {
            act(self)?;
            return Ok(None);
        }
        let devtools = self.session.call("goog:cdp.getSession", json!({ "context": self.context }))?;
        let devtools =
            devtools.get("session").cloned().context("Chromium gives no session with its tools")?;
        let told = json!({ "events": [PIECE, COMPLETE] });
        self.session.call("session.subscribe", told.clone())?;
        let categories = json!({ "includedCategories": ["toplevel", "blink.user_timing"] });
        let how = json!({ "transferMode": "ReportEvents", "traceConfig": categories });
        send(&mut self.session, &devtools, "Tracing.start", how)?;
        let done = act(self);
        send(&mut self.session, &devtools, "Tracing.end", json!({}))?;
        for _ in 0..600 {
            // Events arrive with the answer to any command.
            self.session.call("session.status", json!({}))?;
            if !self.session.events(COMPLETE).is_empty() {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        ensure!(!self.session.take(COMPLETE).is_empty(), "Chromium's trace does not end");
        let pieces = self.session.take(PIECE);
        self.session.call("session.unsubscribe", told)?;
        done?;
        let events =
            pieces.iter().filter_map(|piece| piece.pointer("/params/params/value")?.as_array()).flatten();
        longest_first(&events.collect::<Vec<_>>()).map(Some)
    }
}

fn send(session: &mut Session, devtools: &Value, method: &str, params: Value) -> Result<()> {
    let command = json!({ "session": devtools, "method": method, "params": params });
    session.call("goog:cdp.sendCommand", command).map(|_| ())
}

/// The tasks of the thread that the mark is of, each as far as it ran after the mark.
fn longest_first(events: &[&Value]) -> Result<Vec<f64>> {
    let name = |event: &Value| event.get("name").and_then(Value::as_str).map(str::to_owned);
    let number = |event: &Value, field: &str| event.get(field).and_then(Value::as_f64);
    let thread = |event: &Value| (event.get("pid").cloned(), event.get("tid").cloned());
    let mark = events.iter().find(|event| name(event).as_deref() == Some(MARK));
    let mark = mark.with_context(|| format!("none of the {} events is the mark", events.len()))?;
    let since = number(mark, "tts").context("the mark has no time")?;
    let of_page = events.iter().filter(|event| thread(event) == thread(mark));
    // Microseconds of the thread: where it began, and how long it ran.
    let task = of_page.filter_map(|event| {
        name(event).filter(|name| name.ends_with("::RunTask"))?;
        let (began, ran) = (number(event, "tts")?, number(event, "tdur")?);
        Some((began + ran - began.max(since)) / 1000.0)
    });
    let mut tasks: Vec<f64> = task.filter(|ran| *ran > 0.0).collect();
    ensure!(!tasks.is_empty(), "no task among {} events of the trace", events.len());
    tasks.sort_by(|a, b| b.total_cmp(a));
    Ok(tasks)
}
