//! Go's reader, as a program that is asked through pipes.

use std::io::{BufReader, BufWriter, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result};
use xtask::process::run;
use xtask::scratch::Scratch;
use xtask::tools::{self, Tool};

/// What Go reads; the source of each program needs Go's standard library alone.
#[derive(Debug, Clone, Copy)]
pub(crate) enum What {
    /// Tars, by `archive/tar`.
    Tars,
    /// Documents of images, by `encoding/json`.
    Documents,
}

impl What {
    fn source(self) -> &'static str {
        match self {
            What::Tars => include_str!("reader.go"),
            What::Documents => include_str!("documents.go"),
        }
    }
}

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
    pub(crate) fn start(what: What) -> Result<Go> {
        let scratch = Scratch::new("differ")?;
        let (source, program) = (scratch.path().join("reader.go"), scratch.path().join("reader"));
        std::fs::write(&source, what.source())?;
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

    /// What Go reads from each of these. They are written while the answers are read, for a pipe holds little.
    pub(crate) fn read(&mut self, all: &[Vec<u8>]) -> Result<Vec<String>> {
        let Go { to, from, .. } = self;
        let to = to.as_mut().context("it was ended")?;
        std::thread::scope(|scope| {
            let writing = scope.spawn(|| -> Result<()> {
                for bytes in all {
                    to.write_all(&(bytes.len() as u32).to_le_bytes())?;
                    to.write_all(bytes)?;
                }
                Ok(to.flush()?)
            });
            let answers = all.iter().map(|_| answer(from)).collect::<Result<Vec<String>>>();
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
