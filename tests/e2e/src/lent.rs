//! The browsers that are running and that no test has: to start one takes longer than most tests do.

use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use xtask::webdriver::Browser;

use crate::bidi::Session;

/// Those that wait; `None` where none is kept, as before and after all tests.
static WAITING: Mutex<Option<Vec<(Browser, Session)>>> = Mutex::new(None);

/// Runs `tests` with browsers kept between them; all are ended after it.
pub fn with_browsers_kept<T>(tests: impl FnOnce() -> T) -> T {
    set(Some(Vec::new()));
    let outcome = tests();
    set(None);
    outcome
}

fn set(waiting: Option<Vec<(Browser, Session)>>) {
    *WAITING.lock().unwrap_or_else(PoisonError::into_inner) = waiting;
}

/// One that waits, or else a new one.
pub(crate) fn take(browser: Browser) -> Result<Session> {
    let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = waiting.as_mut().and_then(|kept| {
        let at = kept.iter().position(|(of, _)| *of == browser)?;
        Some(kept.swap_remove(at).1)
    });
    drop(waiting);
    kept.map_or_else(|| Session::start(browser), Ok)
}

/// Takes back one that has no tab of a test any more. What a test that failed has left is not given back, and so ends.
pub(crate) fn give_back(browser: Browser, session: Session) {
    if let Some(kept) = WAITING.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
        kept.push((browser, session));
    }
}
