//! nginx on loopback, as it stands in front of registries.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};
use xtask::probe::free_port;
use xtask::process::Background;
use xtask::scratch::Scratch;
use xtask::tools::{self, Tool};

/// A running nginx. It stops, and its files go, when this value is dropped.
pub struct Nginx {
    port: u16,
    // Dropped in this order: the program first, then its files.
    _program: Background,
    scratch: Scratch,
}

impl Nginx {
    /// Starts one with what stands in its `http` section; `LISTEN` there is where it is to listen.
    pub fn start(http: &str) -> Result<Nginx> {
        Nginx::on_port(http, free_port()?).or_else(|_| Nginx::on_port(http, free_port()?))
    }

    /// Starts one whose only server stands before a registry, which is the upstream `registry`.
    pub fn before(registry: &str, server: &str) -> Result<Nginx> {
        Nginx::start(&format!(
            "upstream registry {{ server {registry}; }}\nserver {{\nlisten LISTEN;\n{server}\n}}"
        ))
    }

    fn on_port(http: &str, port: u16) -> Result<Nginx> {
        let scratch = Scratch::new("nginx")?;
        let dir = scratch.path().display();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .iter()
            .map(|name| format!("{name}_temp_path {dir}/{name};\n"))
            .collect();
        let user = if tools::is_root() { "user root;\n" } else { "" };
        let config = format!(
            "daemon off;\nworker_processes 1;\npid {dir}/pid;\nerror_log stderr;\n{user}events {{}}\nhttp {{\n\
             log_format full '$request_method $uri $status [$http_authorization]';\n\
             access_log {dir}/access.log full;\n{temporary}{}\n}}\n",
            http.replace("LISTEN", &format!("127.0.0.1:{port}"))
        );
        let file = scratch.path().join("nginx.conf");
        std::fs::write(&file, config).with_context(|| format!("cannot write {}", file.display()))?;
        let mut command = Command::new(tools::find(Tool::Nginx)?);
        command.arg("-p").arg(scratch.path()).arg("-c").arg(&file);
        let mut program = Background::start(&mut command, scratch.path().join("log.txt"))?;
        let listens = || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
        program.wait_until(Duration::from_secs(10), listens)?;
        Ok(Nginx { port, _program: program, scratch })
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The requests so far, a line each: method, path, status, and `Authorization` in brackets.
    pub fn requests(&self) -> Vec<String> {
        let log = std::fs::read_to_string(self.scratch.path().join("access.log")).unwrap_or_default();
        log.lines().map(str::to_owned).collect()
    }
}
