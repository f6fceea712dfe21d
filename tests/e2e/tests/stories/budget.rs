//! What is small where it comes from and large where it is read: the page takes what it has room for, says that the rest is
//! over a limit of its own, and answers whoever clicks meanwhile.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use e2e::{
    Browser, Layer, Server, Tab, finish, finish_with, gzip, image_of, in_both, open, prepared, readable,
    registry_with, site,
};
use registry_inspector::digest::Digest;
use serde_json::json;
use xtask::http::{Answer, Asked, Method};
use xtask::registry::{Cors, Format};
use xtask::site::Site;
use xtask::tar::{self, Entry};

in_both! {
    a_recording_full_of_what_nobody_reads_is_read,
    tags_without_end_come_to_an_end,
    indexes_without_end_come_to_an_end,
    layers_full_of_links_are_unpacked_and_not_all_listed,
    what_a_file_holds_never_keeps_the_page_busy,
    a_trap_is_a_state_of_the_page,
    a_promise_of_the_module_ends_with_it,
}

/// How long one of these may take to come to its end.
const PATIENCE: Duration = Duration::from_secs(150);

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const OWN_LIMIT: &str = "own limit";

/// Notes how long the page's thread was not there for others, and how long the last click waited.
const WATCH: &str = "() => { let last = performance.now(); globalThis.longest = 0; globalThis.clicked = 0; \
    setInterval(() => { const now = performance.now(); longest = Math.max(longest, now - last); last = now; }, 10); \
    addEventListener('click', event => requestAnimationFrame(() => { clicked = performance.now() - event.timeStamp; }), true); }";

/// Fails where a click is not answered within a second.
fn answers(tab: &mut Tab, what: &str) -> Result<()> {
    tab.eval("(globalThis.clicked = 0)")?;
    tab.click("#keys-open")?;
    tab.until("document.getElementById('keys').open && clicked > 0")?;
    let waited = tab.eval("clicked")?.as_f64().context("nothing was clicked")?;
    tab.press("Escape")?;
    tab.until("!document.getElementById('keys').open")?;
    println!(
        "{what}: a click waited {waited:.0} ms; the longest without a turn was {}",
        tab.eval("longest")?
    );
    ensure!(waited < 1000.0, "{what}: a click waited for {waited:.0} ms");
    Ok(())
}

fn ends(tab: &mut Tab, what: &str) -> Result<String> {
    tab.until_within(PATIENCE, "['done', 'failed'].includes(document.querySelector('main').dataset.state)")?;
    answers(tab, what)?;
    tab.text("document.querySelector('main').dataset.state")
}

fn origins(site: &Site, host: &str) -> [String; 2] {
    [format!("{}/", site.origin()), format!("http://{host}/")]
}

fn a_recording_full_of_what_nobody_reads_is_read(browser: Browser) -> Result<()> {
    let site = site()?;
    let recorded = e2e::many_layers(3);
    let (begin, entries) = recorded.split_once("\"entries\":[").context("a recording has entries")?;
    let zeros = format!("{begin}\"entries\":[{{\"x\":[{}0]}},{entries}", "0,".repeat(70 << 20));
    let packed = gzip(zeros.as_bytes())?;
    ensure!(packed.len() < 200 << 10, "{} bytes", packed.len());
    let answer = readable(Answer::new(200, packed)).with("Content-Encoding", "gzip");
    let server = Server::start(move |_| Some(answer.clone()))?;
    let query = format!("?recording=http://{}/a.har", server.host());
    let mut tab = prepared(browser, &site, WATCH, &query)?;
    assert_eq!(ends(&mut tab, "zeros in a recording")?, "done");
    assert_eq!(tab.objects()?.len(), 5);
    let memory = "(async () => { const m = await import(new URL('pkg/registry_inspector.js', location.href)); \
        return (await m.default()).memory.buffer.byteLength; })()";
    let memory = tab.eval(memory)?.as_u64().context("no memory")?;
    println!("{browser}: {} MiB", memory >> 20);
    ensure!(memory < 600 << 20, "{memory} bytes");
    tab.finish(&origins(&site, &server.host()).each_ref().map(String::as_str))
}

fn tags_without_end_come_to_an_end(browser: Browser) -> Result<()> {
    let site = site()?;
    let name = "x".repeat(1 << 20);
    let server = Server::start(move |asked: Asked| {
        let page: usize =
            asked.uri().query().and_then(|query| query.rsplit('=').next()?.parse().ok()).unwrap_or(0);
        let page = page + 1;
        let link = format!("<{}?last={page}>; rel=\"next\"", asked.uri().path());
        let answer = readable(Answer::new(200, json!({ "tags": [format!("{name}{page}")] }).to_string()));
        Some(answer.with("Link", &link).with("Access-Control-Expose-Headers", "Link"))
    })?;
    let mut tab = prepared(browser, &site, WATCH, &format!("?tags={}/app", server.host()))?;
    assert_eq!(ends(&mut tab, "tags without end")?, "done");
    let words = tab.text("document.getElementById('listing').innerText")?;
    ensure!(words.contains("there may be more") && words.contains(OWN_LIMIT), "{words}");
    ensure!(
        tab.eval("document.querySelector('main').textContent.length")?
            .as_u64()
            .is_some_and(|all| all < 200_000)
    );
    tab.finish(&origins(&site, &server.host()).each_ref().map(String::as_str))
}

fn indexes_without_end_come_to_an_end(browser: Browser) -> Result<()> {
    let site = site()?;
    let leaf = |number: usize| {
        let mut text = r#"{"schemaVersion":2,"manifests":["#.to_owned();
        (0..130_000).try_for_each(|at| write!(text, r#"{{"digest":"{number}","size":{at}}},"#)).map(|()| text)
    };
    let leaves =
        (0..31).map(|at| Ok(format!("{}0]}}", leaf(at)?.trim_end_matches(',')).replace("}0]}", "}]}")));
    let leaves: Vec<String> = leaves.collect::<Result<_>>()?;
    let named = |leaf: &String| json!({ "mediaType": INDEX, "digest": Digest::sha256(leaf.as_bytes()).to_string(), "size": leaf.len() });
    let root = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": leaves.iter().map(named).collect::<Vec<_>>() });
    let root = root.to_string();
    let digest = Digest::sha256(root.as_bytes()).to_string();
    let mut all: std::collections::BTreeMap<String, String> =
        leaves.into_iter().map(|leaf| (Digest::sha256(leaf.as_bytes()).to_string(), leaf)).collect();
    all.insert("1".to_owned(), root.clone());
    all.insert(digest.clone(), root);
    let server = Server::start(move |asked: Asked| {
        let asked_for = asked.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
        let Some(body) = all.get(&asked_for) else { return Some(readable(Answer::new(404, ""))) };
        let sent = if asked.method() == Method::HEAD { String::new() } else { body.clone() };
        let answer = readable(Answer::new(200, sent)).with("Content-Type", INDEX);
        let answer = answer.with("Docker-Content-Digest", &Digest::sha256(body.as_bytes()).to_string());
        Some(answer.with("Access-Control-Expose-Headers", "Docker-Content-Digest"))
    })?;
    let mut tab = prepared(browser, &site, WATCH, &format!("?image={}/app:1", server.host()))?;
    ends(&mut tab, "indexes without end")?;
    // Of many rows, those in view are in the document: folded, these are all.
    tab.click("#tree-collapse")?;
    tab.until("document.querySelectorAll('[role=treeitem]').length < 9")?;
    let badges = "[...document.querySelectorAll('[role=treeitem] .badge')].some(badge => badge.textContent.includes('over a limit here'))";
    ensure!(tab.eval(badges)? == true, "nothing in the tree says that it is over a limit");
    tab.expect_on_console("404");
    tab.finish(&origins(&site, &server.host()).each_ref().map(String::as_str))
}

/// A tar of so many symbolic links, each of which leads to a text of a mebibyte (GNU tar, "long link"), and that packs no
/// better than a layer may.
fn links(number: usize, count: usize) -> Vec<u8> {
    let mut target: Vec<u8> =
        e2e::noise(number as u64, 16 << 10).iter().map(|byte| b'a' + byte % 16).collect();
    target = target.repeat(64);
    target.truncate((1 << 20) - 512);
    let mut long = tar::header(&Entry::file("././@LongLink", ""), target.len());
    if let Some(letter) = long.get_mut(156) {
        *letter = b'K';
    }
    // The checksum counts the letter.
    let sum = long
        .iter()
        .enumerate()
        .map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u32::from(*byte) });
    let sum = format!("{:06o}\0 ", sum.sum::<u32>());
    long.splice(148..156, sum.bytes());
    let mut archive = Vec::new();
    for at in 0..count {
        archive.extend_from_slice(&long);
        archive.extend_from_slice(&target);
        archive.extend(tar::header(&Entry::symlink(&format!("{number}-{at}"), "x"), 0));
    }
    archive.resize(archive.len() + 1024, 0);
    archive
}

fn layers_full_of_links_are_unpacked_and_not_all_listed(browser: Browser) -> Result<()> {
    let site = site()?;
    let layers = (0..8).map(|at| Layer::packed(&links(at, 120))).collect::<Result<Vec<_>>>()?;
    let registry = registry_with(&image_of(&layers)?, Format::AsIs, Cors::Open)?;
    let query = format!("?image={}/app:1&layers=unpack", registry.host());
    let mut tab = prepared(browser, &site, WATCH, &query)?;
    assert_eq!(ends(&mut tab, "layers full of links")?, "done");
    let objects = tab.objects()?;
    let [verified, unchecked] =
        ["verified", "unchecked"].map(|verdict| e2e::verdicts(&objects, "layer", verdict));
    assert_eq!((verified, unchecked), (4, 4), "{objects:?}");
    tab.click("[role=treeitem][data-kind=layer][data-verdict=unchecked]")?;
    tab.until(&format!("document.getElementById('details').textContent.includes('{OWN_LIMIT}')"))?;
    tab.until("document.querySelectorAll('#files-tree [data-file]').length > 5")?;
    answers(&mut tab, "files of layers full of links")?;
    finish(tab, &site, Some(&registry))
}

fn what_a_file_holds_never_keeps_the_page_busy(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut drawing =
        "<svg xmlns='http://www.w3.org/2000/svg'><rect id='a0' width='1' height='1'/>".to_owned();
    for at in 1..20 {
        let before = format!("<use href='#a{}'/>", at - 1);
        write!(drawing, "<g id='a{at}'>{}</g>", before.repeat(10))?;
    }
    drawing += "</svg>";
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xff\xff\0\0\xff\xff\x08\x02\0\0\0".to_vec();
    png.resize(200, 0);
    let files = [
        Entry::file("1.svg", drawing),
        Entry::file("2.json", "[".repeat(40 << 20)),
        Entry::file("3.json", format!("[{}0]", "{\"a\":[".repeat(60) + &"0,".repeat(10 << 20))),
        Entry::file("4.png", png),
        Entry::file(
            "5.html",
            "<html><script>globalThis.hacked = 1</script><img src=x onerror='globalThis.hacked = 1'>",
        ),
    ];
    let registry =
        registry_with(&image_of(&[Layer::packed(&tar::archive(&files))?])?, Format::AsIs, Cors::Open)?;
    let query = format!("?image={}/app:1&layers=unpack", registry.host());
    let mut tab = prepared(browser, &site, WATCH, &query)?;
    assert_eq!(ends(&mut tab, "files")?, "done");
    for (file, what) in [
        ("1.svg", "text of an SVG drawing"),
        ("2.json", "JSON, reformatted, of which the first"),
        ("3.json", "of which the first"),
        ("4.png", "a PNG image of 65,535 \u{d7} 65,535 pixels, too large to be drawn here"),
        ("5.html", "ASCII text"),
    ] {
        tab.eval(&format!(
            "[...document.querySelectorAll('#files-tree [data-file]')].find(e => e.textContent.includes('{file}')).click()"
        ))?;
        tab.until(&format!("document.getElementById('file-title').textContent === '/{file}'"))?;
        tab.click("#file-show")?;
        tab.until(&format!("document.getElementById('file-what').textContent.includes('{what}')"))?;
        answers(&mut tab, file)?;
        assert_eq!(tab.eval("document.querySelectorAll('#file-image img').length")?, 0, "{file}");
        ensure!(
            tab.eval("document.getElementById('file-text').textContent.length")?
                .as_u64()
                .is_some_and(|all| all <= 262_144)
        );
    }
    assert_eq!(tab.eval("globalThis.hacked ?? 0")?, 0);
    finish(tab, &site, Some(&registry))
}

/// Has the module ask for more memory than there is, in a task of its own.
const TRAP: &str = "(async () => { const m = await import(new URL('pkg/registry_inspector.js', location.href)); \
    const memory = await m.default(); setTimeout(() => memory.__wbindgen_malloc(-16 >>> 0, 1)); })()";

fn a_trap_is_a_state_of_the_page(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=hello-world")?;
    tab.until_ended()?;
    let rows = tab.objects()?;
    tab.eval(TRAP)?;
    tab.until("document.querySelector('main').dataset.state === 'failed'")?;
    let words = "[...document.querySelectorAll('main [role=alert]')].filter(e => e.checkVisibility()).map(e => e.innerText)";
    let words = tab.list(words)?.join(" ");
    ensure!(words.contains("out of memory") && words.contains("Reload"), "{words}");
    assert_eq!(tab.objects()?, rows, "what was shown stays");
    tab.accessible()?;
    // Nothing calls the module any more, and the way on is plain HTML.
    tab.click("[role=treeitem][data-kind=config]")?;
    tab.press("ArrowDown")?;
    assert_eq!(tab.text("document.querySelector('main').dataset.state")?, "failed");
    tab.click("#trapped a")?;
    // While a document goes and the next one comes, there is none to ask.
    std::thread::sleep(Duration::from_secs(1));
    tab.until("document.querySelector('main')?.dataset.state === 'done'")?;
    tab.expect_on_console("RuntimeError");
    finish(tab, &site, None)
}

fn a_promise_of_the_module_ends_with_it(browser: Browser) -> Result<()> {
    let site = site()?;
    // It answers nothing, for as long as it runs.
    let silent = Server::start(|_| None)?;
    let mut tab = open(browser, &site, "?recording=hello-world")?;
    tab.until_ended()?;
    tab.eval(&format!(
        "(async () => {{ const m = await import(new URL('pkg/registry_inspector.js', location.href)); await m.default(); \
         globalThis.ended = 'no'; m.inspect('{}/app:1').catch(error => {{ globalThis.ended = error.code; }}); }})()",
        silent.host()
    ))?;
    tab.eval(TRAP)?;
    tab.until("globalThis.ended === 'stopped'")?;
    tab.expect_on_console("RuntimeError");
    finish_with(tab, &site, Some(&format!("http://{}/", silent.host())))
}
