//! Go's reader, as a program that is asked through pipes.

use std::io::{BufReader, BufWriter, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result};
use xtask::process::run;
use xtask::scratch::Scratch;
use xtask::tools::{self, Tool};

/// The program's source: Go's standard library alone.
const SOURCE: &str = include_str!("reader.go");

/// The program, built and running.
pub(crate) struct Go {
    child: Child,
    /// Closed first at the end: then the program ends.
    to: Option<BufWriter<ChildStdin>>,
    from: BufReader<ChildStdout>,
    _scratch: Scratch,
}

impl Go {
    /// Builds and starts it.
    pub(crate) fn start() -> Result<Go> {
        let scratch = Scratch::new("differ")?;
        let (source, program) = (scratch.path().join("reader.go"), scratch.path().join("reader"));
        std::fs::write(&source, SOURCE)?;
        let mut build = Command::new(tools::find(Tool::Go)?);
        build.args(["build", "-o"]).arg(&program).arg(&source).current_dir(scratch.path());
        build.env("GOCACHE", scratch.path().join("cache")).env("GO111MODULE", "off");
        run(&mut build, &scratch.path().join("log.txt"))?;
        let mut child = Command::new(&program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start Go's reader")?;
        let to = BufWriter::with_capacity(1 << 20, child.stdin.take().context("no pipe")?);
        let from = BufReader::with_capacity(1 << 20, child.stdout.take().context("no pipe")?);
        Ok(Go { child, to: Some(to), from, _scratch: scratch })
    }

    /// What Go reads from each of these tars. They are written while the answers are read, for a pipe holds little.
    pub(crate) fn read(&mut self, tars: &[Vec<u8>]) -> Result<Vec<String>> {
        let Go { to, from, .. } = self;
        let to = to.as_mut().context("it was ended")?;
        std::thread::scope(|scope| {
            let writing = scope.spawn(|| -> Result<()> {
                for tar in tars {
                    to.write_all(&(tar.len() as u32).to_le_bytes())?;
                    to.write_all(tar)?;
                }
                Ok(to.flush()?)
            });
            let answers = tars.iter().map(|_| answer(from)).collect::<Result<Vec<String>>>();
            match writing.join() {
                Ok(written) => written.and(answers),
                Err(_) => anyhow::bail!("the thread that writes panicked"),
            }
        })
        .context("Go's reader ended")
    }
}

fn answer(from: &mut BufReader<ChildStdout>) -> Result<String> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let mut answer = vec![0; u32::from_le_bytes(length) as usize];
    from.read_exact(&mut answer)?;
    Ok(String::from_utf8(answer)?)
}

impl Drop for Go {
    fn drop(&mut self) {
        self.to = None;
        // It may have ended already.
        let _ = self.child.wait();
    }
}
