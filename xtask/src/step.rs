//! Progress: one line for each step, with the time it took.

use std::fmt::Display;
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::Result;

/// The clock of the host. xtask is the one package that never runs on wasm.
#[allow(clippy::disallowed_methods, reason = "xtask runs on the host only")]
pub fn now() -> Instant {
    Instant::now()
}

/// A numbered sequence of steps, shown as `[3/9] native tests … 12.3 s`.
#[derive(Debug)]
pub struct Steps {
    total: usize,
    done: usize,
}

impl Steps {
    /// A sequence of `total` steps.
    pub fn new(total: usize) -> Steps {
        Steps { total, done: 0 }
    }

    /// Runs the next step; its failure ends the line in `failed`.
    pub fn run<T>(&mut self, name: impl Display, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.done += 1;
        timed(format_args!("[{}/{}] {name}", self.done, self.total), work)
    }
}

/// Runs one step that belongs to no sequence. A step inside of a step gets a line of its own, further in.
pub fn timed<T>(label: impl Display, work: impl FnOnce() -> Result<T>) -> Result<T> {
    /// How many steps have begun and not ended.
    static DEPTH: AtomicUsize = AtomicUsize::new(0);
    /// Whether the last line waits for its time.
    static OPEN: AtomicBool = AtomicBool::new(false);

    let indent = "      ".repeat(DEPTH.fetch_add(1, Ordering::Relaxed));
    if OPEN.swap(true, Ordering::Relaxed) {
        println!();
    }
    print!("{indent}{label} … ");
    // Progress that cannot be shown is no reason to stop.
    let _ = std::io::stdout().flush();
    let start = now();
    let result = work();
    let seconds = start.elapsed().as_secs_f64();
    DEPTH.fetch_sub(1, Ordering::Relaxed);
    if !OPEN.swap(false, Ordering::Relaxed) {
        print!("{indent}{label} … ");
    }
    match &result {
        Ok(_) => println!("{seconds:.1} s"),
        Err(_) => println!("failed after {seconds:.1} s"),
    }
    result
}
