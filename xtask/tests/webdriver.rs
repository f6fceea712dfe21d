//! Real browsers: that a session starts, and that nothing of it is left when the driver is dropped.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may")]

use std::process::Command;

use serde_json::{Value, json};
use xtask::probe::send;
use xtask::process::capture;
use xtask::webdriver::{Browser, Driver};

/// Starts a session, and leaves it open.
fn session(driver: &Driver) -> Value {
    let body = json!({ "capabilities": { "alwaysMatch": driver.capabilities().unwrap() } }).to_string();
    let host = driver.url().replace("http://", "");
    let headers = [("Content-Type", "application/json")];
    let answer = send(&host, "POST", "/session", &headers, body.as_bytes()).unwrap();
    let text = String::from_utf8(answer.body).unwrap();
    assert_eq!(answer.status, 200, "{text}\n{}", driver.log());
    serde_json::from_str(&text).unwrap()
}

#[test]
fn browsers_start_with_bidi_and_stop_with_their_driver() {
    for browser in Browser::ALL {
        let driver = Driver::start(browser).unwrap();
        let session = session(&driver);
        let capabilities = session.pointer("/value/capabilities").unwrap();
        let bidi = capabilities.get("webSocketUrl").and_then(Value::as_str);
        assert!(bidi.is_some_and(|url| url.starts_with("ws://")), "{browser}: {capabilities}");

        let process =
            ["goog:processID", "moz:processID"].map(|name| capabilities.get(name).and_then(Value::as_u64));
        let process =
            process.into_iter().flatten().next().unwrap_or_else(|| panic!("{browser}: {capabilities}"));
        assert!(is_alive(process), "{browser}");
        drop(driver);
        assert!(!is_alive(process), "{browser} is left behind");
    }
}

fn is_alive(process: u64) -> bool {
    capture(Command::new("kill").args(["-0", &process.to_string()])).is_some()
}
