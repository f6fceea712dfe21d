//! The static site in `dist/`: `www/` with `pkg/` in it, weighed as a server would send it.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use flate2::{Compression, write::GzEncoder};

use crate::build::{self, fresh_dir};
use crate::workspace::{Workspace, root};

/// The most that the site may weigh, gzipped, in bytes, without what workers load.
pub const LIMIT: u64 = 480 * 1024;

/// The most that what workers load may weigh, gzipped, in bytes. It is loaded for the first layer that comes from a registry
/// or is unpacked: with SIMD or without, whichever the browser has, and each is held to this.
pub const WORKER_LIMIT: u64 = 144 * 1024;

/// The parts of the style sheet in `www/style/`, in the order in which they are joined: what comes later wins.
const STYLE: &[&str] =
    &["base", "form", "verdict", "tree", "files", "requests", "details", "story", "widths"];

/// Where what workers load is.
const WORKER: &str = "pkg/worker/";

/// Builds the package and writes `dist/` afresh; returns what is in it.
pub fn write(workspace: &Workspace) -> Result<Dist> {
    let pkg = build::pkg(workspace)?;
    let (www, dir) = (root().join("www"), root().join("dist"));
    if !www.join("index.html").is_file() {
        bail!("there is no page: {} is missing", www.join("index.html").display());
    }
    fresh_dir(&dir)?;
    copy(&www, &dir)?;
    join_style(&dir)?;
    copy(&pkg, &dir.join("pkg"))?;
    // GitHub Pages would otherwise run the site through Jekyll, which leaves out some names.
    std::fs::write(dir.join(".nojekyll"), "")?;
    Dist::weigh(dir)
}

/// The site and the weight of its files.
#[derive(Debug)]
pub struct Dist {
    /// Where it is.
    pub dir: PathBuf,
    /// Its files by path.
    pub files: Vec<Weight>,
}

/// What one file weighs, in bytes.
#[derive(Debug)]
pub struct Weight {
    /// The path in the site, with `/` on every system.
    pub path: String,
    /// As it is.
    pub raw: u64,
    /// At gzip's highest level.
    pub gzipped: u64,
}

impl Dist {
    /// What is in a site that was written.
    pub fn weigh(dir: PathBuf) -> Result<Dist> {
        let mut files = Vec::new();
        for file in walk(&dir)? {
            let bytes = read(&file)?;
            let path = file.strip_prefix(&dir).unwrap_or(&file).to_string_lossy().replace('\\', "/");
            if path.ends_with(".html") {
                relative_only(&path, &String::from_utf8_lossy(&bytes))?;
            }
            files.push(Weight { path, raw: bytes.len() as u64, gzipped: gzipped(&bytes)? });
        }
        Ok(Dist { dir, files })
    }

    /// All files together, gzipped, in bytes.
    pub fn total(&self) -> u64 {
        self.files.iter().map(|file| file.gzipped).sum()
    }

    /// One line for each file and one for all of them.
    pub fn table(&self) -> String {
        let width = self.files.iter().map(|file| file.path.len()).max().unwrap_or(0).max("all files".len());
        let line = |path: &str, raw, gzipped| format!("{path:width$}  {raw:>9}  {gzipped:>9}\n");
        let mut table = line("file", "bytes".to_owned(), "gzipped".to_owned());
        for file in &self.files {
            table += &line(&file.path, file.raw.to_string(), file.gzipped.to_string());
        }
        let raw: u64 = self.files.iter().map(|file| file.raw).sum();
        table + &line("all files", raw.to_string(), self.total().to_string())
    }

    /// Refuses a site above [`LIMIT`] or [`WORKER_LIMIT`].
    pub fn check_weight(&self) -> Result<()> {
        let scalar = format!("{WORKER}{}/", build::SCALAR);
        let (mut site, mut with_simd, mut without) = (0, 0, 0);
        for file in &self.files {
            let part = match &file.path {
                path if path.starts_with(&scalar) => &mut without,
                path if path.starts_with(WORKER) => &mut with_simd,
                _ => &mut site,
            };
            *part += file.gzipped;
        }
        for (what, weight, limit) in [
            ("the site without what workers load", site, LIMIT),
            ("what workers load", with_simd, WORKER_LIMIT),
            ("what workers load without SIMD", without, WORKER_LIMIT),
        ] {
            if weight > limit {
                bail!(
                    "{what}, in {}, weighs {weight} bytes gzipped, and may weigh {limit}: make its files smaller, \
                     the heaviest first\n{}",
                    self.dir.display(),
                    self.table()
                );
            }
        }
        Ok(())
    }
}

/// Every file under `dir`, sorted by path.
pub(crate) fn walk(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut pending = vec![dir.to_owned()];
    while let Some(next) = pending.pop() {
        let entries = std::fs::read_dir(&next).with_context(|| format!("cannot list {}", next.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() { pending.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for file in walk(from)? {
        let target = to.join(file.strip_prefix(from).unwrap_or(&file));
        let copied = target.parent().map_or(Ok(()), std::fs::create_dir_all);
        copied
            .and_then(|()| std::fs::copy(&file, &target))
            .with_context(|| format!("cannot copy {} to {}", file.display(), target.display()))?;
    }
    Ok(())
}

/// Makes one sheet of the parts: each page then links it alone, and each part is short enough to be read.
fn join_style(dir: &Path) -> Result<()> {
    let parts = dir.join("style");
    let names = walk(&parts)?.len();
    if names != STYLE.len() {
        bail!("www/style has {names} files, and {} are joined: list each in dist.rs", STYLE.len());
    }
    let texts = STYLE.iter().map(|name| {
        let part = parts.join(format!("{name}.css"));
        std::fs::read_to_string(&part).with_context(|| format!("cannot read {}", part.display()))
    });
    let sheet = texts.collect::<Result<Vec<_>>>()?.join("\n");
    std::fs::write(dir.join("style.css"), without_comments(&sheet))?;
    std::fs::remove_dir_all(&parts).with_context(|| format!("cannot remove {}", parts.display()))
}

/// The site works under any sub-path: a page may not point at the root of its host.
fn relative_only(path: &str, html: &str) -> Result<()> {
    for (number, line) in html.lines().enumerate() {
        for attribute in ["src=\"/", "href=\"/", "action=\"/"] {
            if line.contains(attribute) {
                let number = number + 1;
                bail!(
                    "www/{path}:{number} has {attribute}…\", which breaks under a sub-path; make it relative"
                );
            }
        }
    }
    Ok(())
}

fn read(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}

fn gzipped(bytes: &[u8]) -> Result<u64> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len() as u64)
}

/// A style sheet without what is for those who write it; none of its texts has the signs of a comment in it.
fn without_comments(sheet: &str) -> String {
    let mut parts = sheet.split("/*");
    let first = parts.next().unwrap_or_default().to_owned();
    let behind = parts.filter_map(|part| part.split_once("*/").map(|(_, rest)| rest));
    behind.fold(first, |text, rest| text + rest.strip_prefix('\n').unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn copies_and_weighs_every_file() {
        let [from, to] = ["from", "to"].map(|name| Scratch::new(name).unwrap());
        std::fs::create_dir(from.path().join("recordings")).unwrap();
        std::fs::write(from.path().join("index.html"), "<a href=\"page.html\">").unwrap();
        std::fs::write(from.path().join("recordings/zeros.har"), [0; 10_000]).unwrap();
        copy(from.path(), to.path()).unwrap();
        let dist = Dist::weigh(to.path().to_owned()).unwrap();
        let names: Vec<&str> = dist.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(names, ["index.html", "recordings/zeros.har"]);
        let [_, zeros] = dist.files.as_slice() else { panic!("two files") };
        assert_eq!(zeros.raw, 10_000);
        assert!(zeros.gzipped < 100, "{zeros:?}");
        assert_eq!(dist.table().lines().count(), 4, "{}", dist.table());
        dist.check_weight().unwrap();
    }

    #[test]
    fn too_heavy_a_site_is_refused() {
        let file = |gzipped| Weight { path: "a".into(), raw: 1, gzipped };
        let dist = |weights: Vec<Weight>| Dist { dir: "dist".into(), files: weights };
        dist(vec![file(LIMIT - 1), file(1)]).check_weight().unwrap();
        let error = dist(vec![file(LIMIT), file(1)]).check_weight().unwrap_err().to_string();
        assert!(error.contains(&format!("weighs {} bytes", LIMIT + 1)), "{error}");
        assert!(error.contains(&format!("may weigh {LIMIT}:")), "{error}");
        let worker = |path: &str, gzipped| Weight { path: format!("pkg/worker/{path}"), raw: 1, gzipped };
        let both = vec![file(LIMIT), worker("a", WORKER_LIMIT), worker("scalar/a", WORKER_LIMIT)];
        dist(both).check_weight().unwrap();
        for (path, what) in
            [("a", "what workers load, in dist,"), ("scalar/a", "what workers load without SIMD, in dist,")]
        {
            let error = dist(vec![worker(path, WORKER_LIMIT + 1)]).check_weight().unwrap_err().to_string();
            assert!(error.starts_with(&format!("{what} weighs")), "{error}");
        }
    }

    #[test]
    fn absolute_paths_are_refused() {
        relative_only("index.html", "<script src=\"main.js\"></script>\n<a href=\"https://example.org/\">")
            .unwrap();
        let error = relative_only("index.html", "\n<link href=\"/style.css\">").unwrap_err().to_string();
        assert!(error.starts_with("www/index.html:2 "), "{error}");
    }

    #[test]
    fn comments_are_left_out_of_the_style_sheet() {
        let sheet = "/* a\n b */\np { color: red; } /* c */ q { top: 0; }\n/* d";
        assert_eq!(without_comments(sheet), "p { color: red; }  q { top: 0; }\n");
    }
}
