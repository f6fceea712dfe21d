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
    /// The configuration's `http` section in place of the usual one, but for the address; as it would stand in the file.
    pub http: Option<String>,
    /// More sections of the configuration: `auth`.
    pub more: String,
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
    /// As an OCI image whose layers skopeo packs anew, by zstd.
    Zstd,
    /// As an OCI image whose layers stay as they are: skopeo would pack those that are not.
    AsIs,
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
            Some(port) => Registry::on_port(options, port),
            // A port that was free may be taken a moment later: one more try settles that.
            None => {
                Registry::on_port(options, free_port()?).or_else(|_| Registry::on_port(options, free_port()?))
            }
        }
    }

    fn on_port(options: &Options, port: u16) -> Result<Registry> {
        // Where something else listens, it would answer in place of the registry that failed to start.
        must_be_free(port)?;
        let scratch = Scratch::new("registry")?;
        let (config, data) = (scratch.path().join("config.yml"), scratch.path().join("data"));
        let text = configuration(options, port, &data.to_string_lossy());
        std::fs::write(&config, text).with_context(|| format!("cannot write {}", config.display()))?;
        let mut command = Command::new(tools::find(Tool::Registry)?);
        command.arg("serve").arg(&config);
        let program = Background::start(&mut command, scratch.path().join("log.txt"))?;
        let mut registry = Registry { port, program, scratch };
        let host = registry.host();
        // With a sign-in it answers 401; over TLS a plain request is told so with 400.
        let answers = || request(&host, "GET", "/v2/", &[]).is_ok();
        registry.program.wait_until(Duration::from_secs(20), answers)?;
        Ok(registry)
    }

    /// The registry as it stands in a reference: `127.0.0.1:PORT`.
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Pushes a layout's image, with all platforms of an index, as `name:tag`.
    pub fn push(&self, layout: &Layout, name: &str, format: Format) -> Result<()> {
        self.push_as(None, layout, name, format)
    }

    /// The same as somebody: `user:password`.
    pub fn push_as(&self, who: Option<&str>, layout: &Layout, name: &str, format: Format) -> Result<()> {
        let mut command = Command::new(tools::find(Tool::Skopeo)?);
        // No policy file: some systems' packages come without one.
        command.args(["--insecure-policy", "copy", "--all", "--dest-tls-verify=false", "--format"]);
        command.arg(match format {
            Format::Oci | Format::Zstd | Format::AsIs => "oci",
            Format::V2s2 => "v2s2",
        });
        if let Some(who) = who {
            command.arg(format!("--dest-creds={who}"));
        }
        if format == Format::AsIs {
            command.arg("--preserve-digests");
        }
        if format == Format::Zstd {
            command.args(["--dest-compress", "--dest-compress-format", "zstd"]);
        }
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

    /// Has a repository's tag under many more names, on disk, as if each had been pushed.
    pub fn tag_often(&self, repository: &str, tag: &str, names: impl Iterator<Item = String>) -> Result<()> {
        let tags = self.repositories().join(repository).join("_manifests/tags");
        let link = std::fs::read(tags.join(tag).join("current/link"))
            .with_context(|| format!("the registry has no {repository}:{tag}"))?;
        for name in names {
            let current = tags.join(name).join("current");
            std::fs::create_dir_all(&current)?;
            std::fs::write(current.join("link"), &link)?;
        }
        Ok(())
    }

    /// Adds empty repositories, on disk.
    pub fn add_repositories(&self, names: impl Iterator<Item = String>) -> Result<()> {
        for name in names {
            for part in ["_manifests/tags", "_layers", "_uploads"] {
                std::fs::create_dir_all(self.repositories().join(&name).join(part))?;
            }
        }
        Ok(())
    }

    fn repositories(&self) -> PathBuf {
        self.scratch.path().join("data/docker/registry/v2/repositories")
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
fn configuration(options: &Options, port: u16, data: &str) -> String {
    let allow = "    Access-Control-Allow-Origin: ['*']\n    \
                 Access-Control-Allow-Methods: [HEAD, GET, OPTIONS]\n    \
                 Access-Control-Allow-Headers: [Authorization, Accept]\n";
    let expose =
        "    Access-Control-Expose-Headers: [Docker-Content-Digest, WWW-Authenticate, Link, Location]\n";
    let headers = match options.cors {
        Cors::Open => format!("  headers:\n{allow}{expose}"),
        Cors::NotExposed => format!("  headers:\n{allow}"),
        Cors::None => String::new(),
    };
    let http = options.http.clone().unwrap_or_else(|| format!("http:\n{headers}"));
    let (data, more) = (serde_json::Value::from(data), &options.more);
    format!(
        "version: 0.1\n\
         log:\n  level: info\n\
         storage:\n  filesystem:\n    rootdirectory: {data}\n  delete:\n    enabled: true\n\
         {http}  addr: 127.0.0.1:{port}\n{more}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_says_what_pages_may_do() {
        let [open, hidden, none] = [Cors::Open, Cors::NotExposed, Cors::None].map(|cors| {
            let options = Options { cors, ..Options::default() };
            configuration(&options, 5000, "/a \"b\"")
        });
        assert!(open.contains("Allow-Origin: ['*']") && open.contains("Expose-Headers"), "{open}");
        assert!(hidden.contains("Allow-Origin: ['*']") && !hidden.contains("Expose-Headers"), "{hidden}");
        assert!(!none.contains("Access-Control"), "{none}");
        assert!(none.contains("rootdirectory: \"/a \\\"b\\\"\"\n"), "{none}");
    }
}
