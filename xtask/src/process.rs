//! Running programs: to their end with the output kept for the error message, or in the background until drop.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::step::now;

/// How much of a log an error message carries, in lines.
const TAIL: usize = 200;

/// Runs a command to its end; returns what it wrote to standard output and standard error, in order.
///
/// The output goes to the file `log` first, so that nothing is lost when the run is interrupted.
pub fn run(command: &mut Command, log: &Path) -> Result<String> {
    let (status, output) = run_any(command, log)?;
    if !status.success() {
        bail!("`{}` failed ({status}); the end of {}:\n\n{}", shown(command), log.display(), tail(&output));
    }
    Ok(output)
}

/// The same, and leaves it to the caller what a failure means.
pub fn run_any(command: &mut Command, log: &Path) -> Result<(ExitStatus, String)> {
    redirect(command, log)?;
    let status = command.status().with_context(|| format!("cannot run `{}`", shown(command)))?;
    Ok((status, read(log)))
}

/// What a command writes to standard output, trimmed; `None` where it cannot be run or fails.
pub fn capture(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(text)
}

/// The command as one would type it.
pub fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// A program in the background. It ends when this value is dropped.
#[derive(Debug)]
pub struct Background {
    child: Child,
    name: String,
    log: PathBuf,
}

impl Background {
    /// Starts a command with its output going to the file `log`.
    ///
    /// It stays in the terminal's process group: Ctrl-C reaches it even though nothing is dropped then.
    pub fn start(command: &mut Command, log: PathBuf) -> Result<Background> {
        redirect(command, &log)?;
        let name = shown(command);
        let child = command.spawn().with_context(|| format!("cannot start `{name}`"))?;
        Ok(Background { child, name, log })
    }

    /// Waits until `ready` holds; fails when the program ends first, or after `limit`.
    pub fn wait_until(&mut self, limit: Duration, mut ready: impl FnMut() -> bool) -> Result<()> {
        let start = now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                bail!("`{}` ended at once ({status}); its output:\n\n{}", self.name, self.output());
            }
            if ready() {
                return Ok(());
            }
            if start.elapsed() > limit {
                let seconds = limit.as_secs();
                bail!("`{}` was not ready within {seconds} s; its output:\n\n{}", self.name, self.output());
            }
            sleep(Duration::from_millis(20));
        }
    }

    /// The end of what it has written so far.
    pub fn output(&self) -> String {
        tail(&read(&self.log))
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // Asked first: geckodriver closes its browser when it is terminated, and cannot when it is killed.
        if terminate(&self.child) {
            for _ in 0..150 {
                if !matches!(self.child.try_wait(), Ok(None)) {
                    return;
                }
                sleep(Duration::from_millis(20));
            }
        }
        // Either may fail only because the program has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends SIGTERM through `kill`: the standard library only knows SIGKILL.
fn terminate(child: &Child) -> bool {
    let mut kill = Command::new("kill");
    cfg!(unix) && capture(kill.arg(child.id().to_string())).is_some()
}

fn redirect(command: &mut Command, log: &Path) -> Result<()> {
    let file = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    let copy = file.try_clone().with_context(|| format!("cannot write {}", log.display()))?;
    command.stdin(Stdio::null()).stdout(file).stderr(copy);
    Ok(())
}

fn read(log: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(log).unwrap_or_default()).into_owned()
}

fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines.get(lines.len().saturating_sub(TAIL)..).unwrap_or_default().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn a_failure_shows_the_command_and_its_output() {
        let scratch = Scratch::new("process").unwrap();
        let log = scratch.path().join("log.txt");
        let error = run(Command::new("sh").args(["-c", "echo on its way; echo oh no >&2; exit 3"]), &log);
        let error = error.unwrap_err().to_string();
        for part in ["sh -c", "exit status: 3", "on its way\noh no", "log.txt"] {
            assert!(error.contains(part), "{part:?} is not in {error:?}");
        }
    }

    #[test]
    fn a_background_program_ends_with_its_value() {
        let scratch = Scratch::new("process").unwrap();
        let mut sleeper = Command::new("sleep");
        let program = Background::start(sleeper.arg("600"), scratch.path().join("log.txt")).unwrap();
        let id = program.id().to_string();
        let alive = || capture(Command::new("kill").args(["-0", &id])).is_some();
        assert!(alive());
        drop(program);
        assert!(!alive());
    }

    #[test]
    fn a_program_that_ends_early_is_not_ready() {
        let scratch = Scratch::new("process").unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "echo port is taken; exit 1"]);
        let mut program = Background::start(&mut command, scratch.path().join("log.txt")).unwrap();
        let error = program.wait_until(Duration::from_secs(10), || false).unwrap_err().to_string();
        assert!(error.contains("ended at once") && error.contains("port is taken"), "{error}");
    }
}
