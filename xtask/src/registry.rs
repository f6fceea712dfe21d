//! A real registry for tests and recordings: the CNCF's distribution, on loopback, with its files in a temporary directory.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::layout::Layout;
use crate::probe::{free_port, must_be_free, request};
use crate::process::{Background, run};
use crate::scratch::Scratch;
use crate::tools::{self, Tool};

/// How a registry is set up.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// What a page from elsewhere may do.
    pub cors: Cors,
    /// The port; any free one where there is none.
    pub port: Option<u16>,
}

/// What the registry allows to pages of other origins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Cors {
    /// Any origin may read, and sees the headers that a pull needs.
    #[default]
    Open,
    /// Any origin may read, but `Docker-Content-Digest`, `WWW-Authenticate`, `Link` and `Location` stay hidden.
    NotExposed,
    /// No origin may read: most public registries.
    None,
}

/// The form in which an image is pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// As an OCI image or index; digests stay those of the layout.
    Oci,
    /// As a Docker schema 2 image or manifest list; skopeo rewrites the documents.
    V2s2,
}

/// A running registry. It stops, and its files go, when this value is dropped.
#[derive(Debug)]
pub struct Registry {
    port: u16,
    // Dropped in this order: the program first, then its files.
    program: Background,
    scratch: Scratch,
}

impl Registry {
    /// Starts a registry and waits until it answers.
    pub fn start(options: &Options) -> Result<Registry> {
        match options.port {
            Some(port) => Registry::on_port(options.cors, port),
            // A port that was free may be taken a moment later: one more try settles that.
            None => Registry::on_port(options.cors, free_port()?)
                .or_else(|_| Registry::on_port(options.cors, free_port()?)),
        }
    }

    fn on_port(cors: Cors, port: u16) -> Result<Registry> {
        // Where something else listens, it would answer in place of the registry that failed to start.
        must_be_free(port)?;
        let scratch = Scratch::new("registry")?;
        let (config, data) = (scratch.path().join("config.yml"), scratch.path().join("data"));
        let text = configuration(cors, port, &data.to_string_lossy());
        std::fs::write(&config, text).with_context(|| format!("cannot write {}", config.display()))?;
        let mut command = Command::new(tools::find(Tool::Registry)?);
        command.arg("serve").arg(&config);
        let program = Background::start(&mut command, scratch.path().join("log.txt"))?;
        let mut registry = Registry { port, program, scratch };
        let host = registry.host();
        let answers = || request(&host, "GET", "/v2/", &[]).is_ok_and(|answer| answer.status == 200);
        registry.program.wait_until(Duration::from_secs(20), answers)?;
        Ok(registry)
    }

    /// The registry as it stands in a reference: `127.0.0.1:PORT`.
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Pushes a layout's image, with all platforms of an index, as `name:tag`.
    pub fn push(&self, layout: &Layout, name: &str, format: Format) -> Result<()> {
        let mut command = Command::new(tools::find(Tool::Skopeo)?);
        // No policy file: some systems' packages come without one.
        command.args(["--insecure-policy", "copy", "--all", "--dest-tls-verify=false", "--format"]);
        command.arg(match format {
            Format::Oci => "oci",
            Format::V2s2 => "v2s2",
        });
        command.arg(format!("oci:{}:{}", layout.dir().display(), layout.tag()));
        command.arg(format!("docker://{}/{name}", self.host()));
        let log = self.scratch.path().join("skopeo.txt");
        run(&mut command, &log)
            .with_context(|| format!("{name} was not pushed; the registry's log:\n{}", self.log()))?;
        Ok(())
    }

    /// The file that holds a blob, or a manifest, on disk.
    pub fn blob_path(&self, digest: &str) -> Result<PathBuf> {
        let (algorithm, encoded) =
            digest.split_once(':').with_context(|| format!("{digest:?} is no digest"))?;
        let head = encoded.get(..2).with_context(|| format!("{digest:?} is no digest"))?;
        let blobs = self.scratch.path().join("data/docker/registry/v2/blobs");
        Ok(blobs.join(algorithm).join(head).join(encoded).join("data"))
    }

    /// Inverts the byte at `offset` of a blob on disk: the registry then serves what does not match its digest.
    pub fn flip_byte(&self, digest: &str, offset: usize) -> Result<()> {
        let path = self.blob_path(digest)?;
        let mut bytes = std::fs::read(&path).with_context(|| format!("the registry has no {digest}"))?;
        let length = bytes.len();
        match bytes.get_mut(offset) {
            Some(byte) => *byte = !*byte,
            None => bail!("{digest} has {length} bytes, so there is none at {offset}"),
        }
        std::fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))
    }

    /// The end of what the registry logged, its requests included.
    pub fn log(&self) -> String {
        self.program.output()
    }
}

/// The configuration file; JSON strings are YAML strings.
fn configuration(cors: Cors, port: u16, data: &str) -> String {
    let allow = "    Access-Control-Allow-Origin: ['*']\n    \
                 Access-Control-Allow-Methods: [HEAD, GET, OPTIONS]\n    \
                 Access-Control-Allow-Headers: [Authorization, Accept]\n";
    let expose =
        "    Access-Control-Expose-Headers: [Docker-Content-Digest, WWW-Authenticate, Link, Location]\n";
    let headers = match cors {
        Cors::Open => format!("  headers:\n{allow}{expose}"),
        Cors::NotExposed => format!("  headers:\n{allow}"),
        Cors::None => String::new(),
    };
    let data = serde_json::Value::from(data);
    format!(
        "version: 0.1\n\
         log:\n  level: info\n\
         storage:\n  filesystem:\n    rootdirectory: {data}\n  delete:\n    enabled: true\n\
         http:\n  addr: 127.0.0.1:{port}\n{headers}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_says_what_pages_may_do() {
        let [open, hidden, none] =
            [Cors::Open, Cors::NotExposed, Cors::None].map(|cors| configuration(cors, 5000, "/a \"b\""));
        assert!(open.contains("Allow-Origin: ['*']") && open.contains("Expose-Headers"), "{open}");
        assert!(hidden.contains("Allow-Origin: ['*']") && !hidden.contains("Expose-Headers"), "{hidden}");
        assert!(!none.contains("Access-Control"), "{none}");
        assert!(none.contains("rootdirectory: \"/a \\\"b\\\"\"\n"), "{none}");
    }
}
