//! A static file server on loopback, for `serve` and for the end-to-end tests.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::http::{Answer, Asked, Http, Method};
use crate::probe::must_be_free;

/// A running server. It stops when this value is dropped.
#[derive(Debug)]
pub struct Site {
    http: Http,
    prefix: String,
}

impl Site {
    /// Serves the files under `dir` on 127.0.0.1; port 0 stands for any free one.
    pub fn start(dir: &Path, port: u16) -> Result<Site> {
        Site::under(dir, port, "")
    }

    /// The same below a path such as `/some/where`, as on a project's GitHub Pages; nothing is outside of it.
    pub fn under(dir: &Path, port: u16, prefix: &str) -> Result<Site> {
        let dir = dir.canonicalize().with_context(|| format!("cannot serve {}", dir.display()))?;
        must_be_free(port)?;
        let prefix = prefix.trim_end_matches('/').to_owned();
        let below = prefix.clone();
        Ok(Site { http: Http::start(port, move |asked| Some(answer(&asked, &dir, &below)))?, prefix })
    }

    /// The origin with the path prefix, without a slash at the end: `http://127.0.0.1:8080`.
    pub fn origin(&self) -> String {
        format!("http://{}{}", self.http.address(), self.prefix)
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> String {
        self.http.address().to_string()
    }

    /// Serves until the process ends.
    pub fn wait(self) {
        self.http.wait();
    }
}

fn answer(asked: &Asked, dir: &Path, prefix: &str) -> Answer {
    if !matches!(*asked.method(), Method::GET | Method::HEAD) {
        return Answer::new(405, "only GET and HEAD are answered here\n");
    }
    let below = asked.uri().path().strip_prefix(prefix).filter(|rest| rest.starts_with('/'));
    let file = below.and_then(|rest| resolve(dir, rest));
    match file.and_then(|file| Some((std::fs::read(&file).ok()?, file))) {
        Some((content, file)) => Answer::new(200, content)
            .with("Content-Type", media_type(&file))
            // As GitHub Pages does: other sites may import the module.
            .with("Access-Control-Allow-Origin", "*")
            // The files change under the developer's hands.
            .with("Cache-Control", "no-cache"),
        None => Answer::new(404, "there is no such file\n"),
    }
}

/// The file that a path of a URL stands for; `None` where there is none, and for whatever lies outside of `dir`.
fn resolve(dir: &Path, path: &str) -> Option<PathBuf> {
    let mut file = dir.to_owned();
    for part in percent_decoded(path)?.split('/').filter(|part| !part.is_empty()) {
        if part == "." || part == ".." || part.contains(['\\', '\0']) {
            return None;
        }
        file.push(part);
    }
    if file.is_dir() {
        // Without the slash, the page's relative URLs would lead elsewhere.
        path.ends_with('/').then_some(())?;
        file.push("index.html");
    }
    // Links may not lead out either.
    let file = file.canonicalize().ok()?;
    (file.is_file() && file.starts_with(dir)).then_some(file)
}

fn percent_decoded(path: &str) -> Option<String> {
    let mut bytes = path.bytes();
    let mut decoded = Vec::with_capacity(path.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let digit =
                    |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                digit(bytes.next()?)? << 4 | digit(bytes.next()?)?
            }
            plain => plain,
        });
    }
    String::from_utf8(decoded).ok()
}

fn media_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("har" | "json" | "map") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("txt" | "md" | "ts") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::request;
    use crate::scratch::Scratch;

    fn files() -> Scratch {
        let scratch = Scratch::new("site").unwrap();
        std::fs::create_dir_all(scratch.path().join("dist/pkg")).unwrap();
        for (name, text) in [
            ("secret", "x"),
            ("dist/index.html", "page"),
            ("dist/pkg/a.wasm", "\0asm"),
            ("dist/a b.har", "{}"),
        ] {
            std::fs::write(scratch.path().join(name), text).unwrap();
        }
        scratch
    }

    #[test]
    fn serves_files_by_their_type_and_nothing_else() {
        let files = files();
        let site = Site::start(&files.path().join("dist"), 0).unwrap();
        for (path, status, media_type, why) in [
            ("/", 200, "text/html; charset=utf-8", "a directory is its page"),
            ("/?image=a/b:c", 200, "text/html; charset=utf-8", "a query is for the page"),
            ("/pkg/a.wasm", 200, "application/wasm", "streaming compilation insists on it"),
            ("/a%20b.har", 200, "application/json", "a percent-encoded name"),
            ("/pkg", 404, "", "a directory without its slash"),
            ("/pkg/", 404, "", "a directory without a page"),
            ("/none.js", 404, "", "no such file"),
            ("/../secret", 404, "", "outside"),
            ("/%2e%2e/secret", 404, "", "outside, encoded"),
            ("/..%2fsecret", 404, "", "outside, with the slash encoded"),
            ("/%zz", 404, "", "not percent-encoding"),
        ] {
            let answer = request(&site.host(), "GET", path, &[]).unwrap();
            assert_eq!(answer.status, status, "{path}: {why}");
            if status == 200 {
                assert_eq!(answer.header("content-type"), Some(media_type), "{path}: {why}");
                assert_eq!(answer.header("cache-control"), Some("no-cache"), "{path}: {why}");
            }
        }
    }

    #[test]
    fn head_has_the_length_and_no_body() {
        let files = files();
        let site = Site::start(&files.path().join("dist"), 0).unwrap();
        let answer = request(&site.host(), "HEAD", "/pkg/a.wasm", &[]).unwrap();
        assert_eq!((answer.status, answer.header("content-length")), (200, Some("4")));
        assert!(answer.body.is_empty());
        assert_eq!(request(&site.host(), "POST", "/", &[]).unwrap().status, 405);
    }

    #[test]
    fn a_prefix_is_all_there_is() {
        let files = files();
        let site = Site::under(&files.path().join("dist"), 0, "/some/where/").unwrap();
        assert!(site.origin().ends_with("/some/where"));
        for (path, status) in
            [("/some/where/", 200), ("/some/where/pkg/a.wasm", 200), ("/", 404), ("/some/wherever", 404)]
        {
            assert_eq!(request(&site.host(), "GET", path, &[]).unwrap().status, status, "{path}");
        }
    }

    #[test]
    fn a_taken_port_is_named_and_a_dropped_site_gives_its_port_back() {
        let files = files();
        let site = Site::start(files.path(), 0).unwrap();
        let port = site.http.address().port();
        let error = Site::start(files.path(), port).unwrap_err().to_string();
        assert!(error.contains(&format!("port {port}")) && error.contains("--port"), "{error}");
        let host = site.host();
        drop(site);
        assert!(request(&host, "GET", "/", &[]).is_err());
    }
}
