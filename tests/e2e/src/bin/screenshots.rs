//! Takes pictures of the built site: the README's into `docs/`, and those to look at into `target/screenshots/`.

use std::any::Any;
use std::net::TcpListener;
use std::path::Path;

use anyhow::{Context as _, Result};
use e2e::{Browser, Tab, locked, registry_with};
use xtask::images;
use xtask::registry::{Cors, Format};
use xtask::site::Site;

/// What to show: a name, the address under the site, what to do there, and what is true once it can be seen.
type State<'a> = (&'a str, &'a str, &'a str, &'a str);

/// What recordings show.
const STATES: &[State<'static>] = &[
    ("hello-world", "?recording=hello-world", "", ENDED),
    ("two-platforms", "?recording=two-platforms", "", ENDED),
    ("flipped-byte", "?recording=flipped-byte", "", ENDED),
    (
        "config",
        "?recording=hello-world&select=sha256:feb5d9fea6a5e9606aa995e879d862b825965ba48de054caab5ef356dc6b3412",
        "",
        ENDED,
    ),
    (
        "layer",
        "?recording=single-manifest",
        "document.querySelector('[role=treeitem][data-kind=layer]').click()",
        ENDED,
    ),
    (
        "commands",
        "?recording=hello-world",
        "document.querySelector('.exchange[open] .commands').open = true",
        ENDED,
    ),
    (
        "by-hand",
        "?recording=hello-world",
        "document.getElementById('explain-open').click(); document.getElementById('explain-change').click()",
        ENDED,
    ),
    (
        "search",
        "?recording=hello-world",
        "document.getElementById('filter').value = 'status:307 role:layer size:x'; document.getElementById('filter').dispatchEvent(new Event('input'))",
        ENDED,
    ),
    (
        "keys",
        "?recording=hello-world",
        "document.getElementById('keys-open').click()",
        "document.getElementById('keys').open",
    ),
    (
        "files",
        "?recording=two-platforms&layers=unpack",
        "document.querySelector('#map [data-directory]').click(); document.querySelector('#map .tile:not([data-directory])').click(); document.getElementById('file-show').click()",
        "!document.getElementById('file-text').hidden",
    ),
    ("walk", "?recording=hello-world&step=5", "", ENDED),
    ("walk-failed", "?recording=flipped-byte&step=7", "", ENDED),
    ("embed", "?recording=hello-world&step=4&embed=1", "", ENDED),
    ("no-platform", "?recording=two-platforms&platform=linux/s390x", "", ENDED),
    ("rtl", "?recording=flipped-byte", "document.documentElement.dir = 'rtl'", ENDED),
    ("walk-rtl", "?recording=hello-world&step=5", "document.documentElement.dir = 'rtl'", ENDED),
    ("print", "?recording=flipped-byte", PAPER, ENDED),
    ("refused", "?image=ghcr.io/Upper/Case", "", ENDED),
    ("closed", "?image=alpine:3", "", ENDED),
    ("unreachable", "?image=127.0.0.1:1/app:1", "", ENDED),
    ("your-registry", "your-registry.html", "", "document.querySelectorAll('h3').length > 10"),
    (
        "story",
        "how-a-pull-works.html",
        "",
        "[...document.querySelectorAll('registry-inspector')].every(e => e.shadowRoot?.querySelector('#main[data-state=done]'))",
    ),
];

/// What the pages of registries show, by the names that stand in for their hosts.
const LIVE: &[State<'static>] = &[
    ("running", "?image=SILENT/app:1", "", RUNNING),
    (
        "stopped",
        "?image=SILENT/app:1",
        "document.getElementById('cancel').click()",
        "document.querySelector('main').dataset.state === 'idle'",
    ),
    (
        "attestation",
        "?image=OPEN/app:1",
        "document.querySelector('[role=treeitem][data-aside][aria-level=\"3\"]').click()",
        ENDED,
    ),
    ("listing", "?tags=OPEN/app", "document.querySelector('tr[data-role]').click()", ENDED),
    ("doctor", "?image=CLOSED/app:1", "", "!document.getElementById('doctor').hidden"),
    ("sign-in", "?image=LOCKED/app:1", "", "!document.getElementById('sign-in').hidden"),
];

const ENDED: &str = "['done', 'failed'].includes(document.querySelector('main')?.dataset.state)";

const RUNNING: &str = "document.querySelector('main')?.dataset.state === 'running'";

/// The screen is taken for paper.
const PAPER: &str = "[...document.styleSheets].flatMap(sheet => [...sheet.cssRules])\
    .filter(rule => rule.media?.mediaText === 'print').forEach(rule => { rule.media.mediaText = 'all'; }); \
    dispatchEvent(new Event('beforeprint'))";

const WIDTHS: [u32; 4] = [2560, 1440, 900, 390];

/// The registries behind [`LIVE`], by the names that stand in for their hosts.
struct Registries {
    hosts: Vec<(&'static str, String)>,
    _running: Vec<Box<dyn Any>>,
}

impl Registries {
    fn start() -> Result<Registries> {
        // It takes connections and never answers.
        let silent = TcpListener::bind("127.0.0.1:0")?;
        let attested = images::attested()?;
        let open = registry_with(&attested, Format::Oci, Cors::Open)?;
        open.tag_often("app", "1", (0..300).map(|at| format!("1.{}.{}", at / 10, at % 10)))?;
        let closed = registry_with(&attested, Format::Oci, Cors::None)?;
        let (locked, users) = locked(&attested, Cors::Open)?;
        Ok(Registries {
            hosts: vec![
                ("SILENT", silent.local_addr()?.to_string()),
                ("OPEN", open.host()),
                ("CLOSED", closed.host()),
                ("LOCKED", locked.host()),
            ],
            _running: vec![Box::new(silent), Box::new(open), Box::new(closed), Box::new((locked, users))],
        })
    }

    fn named(&self, address: &str) -> String {
        self.hosts.iter().fold(address.to_owned(), |address, (name, host)| address.replace(name, host))
    }
}

fn main() -> Result<()> {
    let only = std::env::args().nth(1);
    let is_wanted = |name: &str| only.as_ref().is_none_or(|only| name == only);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = root.join("target/screenshots");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let site = Site::start(&root.join("dist"), 0)?;
    let registries = Registries::start()?;
    let mut tab = Tab::alone(Browser::Chromium, &format!("{}/", site.origin()))?;
    tab.until(ENDED)?;
    let mut count = 0;
    for theme in ["light", "dark"] {
        tab.go(&format!("{}/", site.origin()))?;
        tab.eval(&format!("void localStorage.setItem('theme', '{theme}')"))?;
        for width in WIDTHS {
            tab.resize(width, 900)?;
            let picture = |name: &str| folder.join(format!("{name}-{width}-{theme}.png"));
            for (name, address, act, seen) in STATES.iter().chain(LIVE).filter(|(name, ..)| is_wanted(name)) {
                show(&mut tab, &site, (name, &registries.named(address), act, seen))?;
                tab.screenshot(&picture(name))?;
                count += 1;
            }
            if is_wanted("report") {
                show_report(&mut tab, &site, &folder)?;
                tab.screenshot(&picture("report"))?;
                count += 1;
            }
        }
    }
    if only.is_none() {
        tab.go(&format!("{}/", site.origin()))?;
        tab.eval("void localStorage.setItem('theme', 'light')")?;
        tab.resize(1280, 800)?;
        let docs = root.join("docs");
        std::fs::create_dir_all(&docs).with_context(|| format!("cannot create {}", docs.display()))?;
        for (picture, state) in [("page", "hello-world"), ("walk", "walk"), ("failed", "flipped-byte")] {
            let Some(state) = STATES.iter().find(|(name, ..)| *name == state) else { continue };
            show(&mut tab, &site, *state)?;
            tab.screenshot(&docs.join(format!("{picture}.png")))?;
        }
    }
    println!("{count} pictures in target/screenshots, and the README's in docs");
    Ok(())
}

fn show(tab: &mut Tab, site: &Site, (name, address, act, seen): State<'_>) -> Result<()> {
    tab.go(&format!("{}/{address}", site.origin()))?;
    if act.is_empty() {
        return tab.until(seen);
    }
    tab.until(if name == "stopped" { RUNNING } else { ENDED })?;
    // One frame for the page to paint what was done.
    tab.eval(&format!("(async () => {{ {act}; await new Promise(requestAnimationFrame); }})()"))?;
    tab.until(seen)
}

/// Saves a report, and opens it.
fn show_report(tab: &mut Tab, site: &Site, folder: &Path) -> Result<()> {
    tab.go(&format!("{}/?recording=flipped-byte", site.origin()))?;
    tab.until(ENDED)?;
    let report = tab.text(
        "new Promise(saved => { URL.createObjectURL = blob => { saved(blob.text()); return 'about:blank'; }; \
         HTMLAnchorElement.prototype.click = () => {}; document.getElementById('save-report').click(); })",
    )?;
    let file = folder.join("report.html");
    std::fs::write(&file, report).with_context(|| format!("cannot write {}", file.display()))?;
    let file = std::path::absolute(&file)?;
    tab.go(&format!("file://{}", file.display()))
}
