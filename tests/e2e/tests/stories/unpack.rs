//! Layers are unpacked: images as umoci, buildah and skopeo make them, by gzip and by zstd, as OCI and as Docker manifests.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use e2e::{Browser, Layer, finish, image_of, in_both, open, registry_with, site, verdicts};
use serde_json::Value;
use xtask::images;
use xtask::layout::{AMD64, Layout, digest_of};
use xtask::registry::{Cors, Format};
use xtask::tar::Entry;

in_both! {
    every_maker_s_layers_unpack_to_what_tar_lists,
    a_recording_is_unpacked_too,
    files_are_listed_searched_and_put_in_order,
    a_file_s_content_is_fetched_and_shown,
    of_a_layer_that_is_not_packed_only_the_file_is_fetched,
    what_readers_do_not_agree_on_stands_on_the_layer_and_on_the_file,
    a_gibibyte_is_unpacked_in_a_small_memory,
}

/// What the tar program lists of each layer of an image.
fn listed(layout: &Layout) -> Result<Vec<Vec<String>>> {
    let manifest = layout.document(&layout.digest()?)?;
    let layers = manifest.get("layers").and_then(Value::as_array).context("a manifest")?;
    let list = |layer: &Value| {
        let blob = layout.blob_path(&digest_of(layer)?);
        let listed = Command::new("tar").args(["--quoting-style=literal", "-tf"]).arg(blob).output()?;
        ensure!(listed.status.success(), "tar: {}", String::from_utf8_lossy(&listed.stderr));
        Ok(String::from_utf8(listed.stdout)?.lines().map(str::to_owned).collect())
    };
    layers.iter().map(list).collect()
}

fn every_maker_s_layers_unpack_to_what_tar_lists(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=hello-world")?;
    tab.until_ended()?;
    tab.eval("(async () => { globalThis.m = await import(new URL('pkg/registry_inspector.js', location.href)); await m.default(); })()")?;
    let mut origins = vec![format!("{}/", site.origin())];
    for layout in [images::single()?, images::built()?] {
        let expected = listed(&layout)?;
        for (format, compression) in [(Format::Oci, "gzip"), (Format::V2s2, "gzip"), (Format::Zstd, "zstd")] {
            let registry = registry_with(&layout, format, Cors::Open)?;
            let options = "{ layers: 'unpack', files: true }";
            let report = tab.eval(&format!("m.inspect('{}/app:1', {options})", registry.host()))?;
            let what = format!("{} as {format:?}", layout.tag());
            assert_eq!(report.get("verdict").and_then(Value::as_str), Some("verified"), "{what}: {report:#}");
            let layers = report.pointer("/root/children").and_then(Value::as_array).context("no layers")?;
            let layers: Vec<&Value> = layers.iter().filter_map(|node| node.get("unpacked")).collect();
            let found: Vec<Vec<String>> = layers
                .iter()
                .map(|layer| {
                    let files = layer.get("files").and_then(Value::as_array).into_iter().flatten();
                    files.filter_map(|file| file.get("path")?.as_str().map(str::to_owned)).collect()
                })
                .collect();
            assert_eq!(found, expected, "{what}");
            assert!(
                layers.iter().all(|layer| layer.get("compression").is_some_and(|c| c == compression)),
                "{what}"
            );
            origins.push(format!("http://{}/v2/", registry.host()));
        }
    }
    tab.finish(&origins.iter().map(String::as_str).collect::<Vec<_>>())
}

fn a_recording_is_unpacked_too(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=two-platforms&layers=unpack")?;
    assert_eq!(tab.until_ended()?, "done");
    assert_eq!(verdicts(&tab.objects()?, "layer", "verified"), 3);
    tab.go(&format!("{}/?recording=flipped-byte&layers=unpack", site.origin()))?;
    tab.until_ended()?;
    let objects = tab.objects()?;
    assert_eq!((verdicts(&objects, "layer", "verified"), verdicts(&objects, "layer", "failed")), (2, 1));
    finish(tab, &site, None)
}

/// The rows of the files, each as its level, its mark and its name.
const ROWS: &str = "[...document.querySelectorAll('#files-tree [data-file]')].map(e => \
    `${e.ariaLevel} ${e.dataset.mark} ${e.querySelector('[data-part=name]').textContent}`)";

fn files_are_listed_searched_and_put_in_order(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=two-platforms&layers=unpack")?;
    tab.until_ended()?;
    let note = tab.text("document.getElementById('files-note').textContent")?;
    assert!(
        note.starts_with("5 files, 17.4 kB; 50 B replaced or removed by later layers; efficiency 99.7%"),
        "{note}"
    );
    assert_eq!(tab.list(ROWS)?, ["1 kept etc", "1 kept opt", "1 kept usr"]);

    // By keyboard alone.
    tab.eval("document.querySelector('#files-tree [tabindex=\"0\"]').focus()")?;
    for key in ["ArrowRight", "End", "ArrowUp", "Enter", "Home"] {
        tab.press(key)?;
    }
    let opened = [
        "1 kept etc",
        "2 changed motd",
        "2 kept os-release",
        "1 kept opt",
        "2 kept link",
        "2 kept platform",
        "1 kept usr",
    ];
    assert_eq!(tab.list(ROWS)?, opened);
    assert_eq!(tab.text("document.activeElement.querySelector('[data-part=name]').textContent")?, "etc");
    tab.accessible()?;

    tab.click("#files-by-size")?;
    tab.until("document.querySelector('#files-tree [data-file] [data-part=name]').textContent === 'usr'")?;
    tab.eval("document.getElementById('files-search').focus()")?;
    tab.press("LEAS")?;
    tab.until("document.querySelectorAll('#files-tree [data-file]').length === 2")?;
    assert_eq!(tab.list(ROWS)?, ["1 kept etc", "2 kept os-release"]);

    let choose = "(e => { e.value = '3'; e.dispatchEvent(new Event('change')); })(document.getElementById('files-of'))";
    tab.eval("(e => { e.value = ''; e.dispatchEvent(new Event('input')); })(document.getElementById('files-search'))")?;
    tab.eval(choose)?;
    assert_eq!(
        tab.text("document.getElementById('files-note').textContent")?,
        "0 files added, 1 changed, 1 removed."
    );
    assert_eq!(tab.list(ROWS)?.len(), 2, "only what it touched");
    tab.eval("document.querySelector('#files-tree [tabindex=\"0\"]').focus()")?;
    for key in ["End", "ArrowRight", "Home", "ArrowRight"] {
        tab.press(key)?;
    }
    let mut rows = tab.list(ROWS)?;
    rows.sort();
    assert_eq!(rows, ["1 kept etc", "1 kept opt", "2 changed motd", "2 removed removed"]);
    finish(tab, &site, None)
}

fn a_file_s_content_is_fetched_and_shown(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=two-platforms&layers=unpack")?;
    tab.until_ended()?;
    // Into the largest directory by the map, and to the file that fills it.
    tab.click("#map [data-directory]")?;
    tab.until("document.querySelector('#map-path').textContent.includes('usr')")?;
    tab.click("#map .tile:not([data-directory])")?;
    tab.until("document.getElementById('file-title').textContent === '/usr/text'")?;
    tab.click("#file-show")?;
    tab.until("document.getElementById('file-text').textContent.startsWith('line 0 of a file that compresses\\nline 1')")?;
    let what = tab.text("document.getElementById('file-what').textContent")?;
    assert!(what.starts_with("17.4 kB, ASCII text."), "{what}");
    assert_eq!(tab.eval("document.getElementById('file-text').textContent.length")?, 17_390);
    tab.accessible()?;
    finish(tab, &site, None)
}

fn of_a_layer_that_is_not_packed_only_the_file_is_fetched(browser: Browser) -> Result<()> {
    let site = site()?;
    let registry = registry_with(&images::built()?, Format::AsIs, Cors::Open)?;
    let mut tab = open(browser, &site, &format!("?image={}/app:1&layers=unpack", registry.host()))?;
    assert_eq!(tab.until_ended()?, "done");
    assert_eq!(verdicts(&tab.objects()?, "layer", "verified"), 1);
    tab.eval("(e => { e.value = '.json'; e.dispatchEvent(new Event('input')); })(document.getElementById('files-search'))")?;
    tab.click("#files-tree [data-file]")?;
    tab.until("document.getElementById('file-title').textContent === '/stra\u{df}e.json'")?;
    let before = tab.requests()?.len();
    tab.click("#file-show")?;
    tab.until("document.getElementById('file-text').textContent === '{\\n  \"a\": 1\\n}'")?;
    tab.until(&format!("document.querySelectorAll('tr[data-entry]').length === {}", before + 1))?;
    let last = "[...document.querySelectorAll('tr[data-entry]')].at(-1)";
    assert_eq!(tab.text(&format!("{last}.dataset.status"))?, "206", "a part was asked for, and came");
    finish(tab, &site, Some(&registry))
}

fn what_readers_do_not_agree_on_stands_on_the_layer_and_on_the_file(browser: Browser) -> Result<()> {
    let (site, layout) = (site()?, Layout::new("readers")?);
    let base = vec![Entry::directory("usr"), Entry::directory("usr/lib"), Entry::symlink("lib", "usr/lib")];
    let upper = vec![
        Entry::file("lib/hidden", "x"),
        Entry::file("plain", "y"),
        Entry::directory("./usr"),
        Entry::directory("usr"),
    ];
    layout.add_image("readers", AMD64, &[base, upper])?;
    let registry = registry_with(&layout, Format::Oci, Cors::Open)?;
    let mut tab = open(browser, &site, &format!("?image={}/app:1&layers=unpack", registry.host()))?;
    assert_eq!(tab.until_ended()?, "done");
    assert_eq!(verdicts(&tab.objects()?, "layer", "verified"), 2, "a notice takes nothing from a proof");
    tab.eval("[...document.querySelectorAll('[data-kind=layer]')].at(-1).click()")?;
    tab.until("document.querySelectorAll('#details-findings li').length === 2")?;
    let told = tab.list("[...document.querySelectorAll('#details-findings p')].map(e => e.textContent)")?;
    assert!(told.iter().all(|told| told.starts_with("readers-disagree")), "{told:?}");
    let through = "its path goes through lib, a symbolic link of layer 1: some readers put it where that leads, others make a \
                   directory in its place";
    assert!(told.iter().any(|told| told.contains(&format!("lib/hidden: {through}"))), "{told:?}");
    tab.eval("(e => { e.value = 'hidden'; e.dispatchEvent(new Event('input')); })(document.getElementById('files-search'))")?;
    tab.click("#files-tree [data-file]:last-child")?;
    tab.until("document.getElementById('file-title').textContent === '/lib/hidden'")?;
    let facts = tab.text("document.getElementById('file-facts').textContent")?;
    assert!(facts.contains(through), "{facts}");
    tab.accessible()?;
    finish(tab, &site, Some(&registry))
}

fn a_gibibyte_is_unpacked_in_a_small_memory(browser: Browser) -> Result<()> {
    let (site, length) = (site()?, 1_u64 << 30);
    let layer = Layer::of_one_file(length)?;
    let registry = registry_with(&image_of(&[layer])?, Format::AsIs, Cors::Open)?;
    let mut tab = open(browser, &site, "?recording=hello-world")?;
    tab.until_ended()?;
    // Not waited for in one go: it may take longer than an answer may.
    tab.eval(&format!(
        "void (async () => {{ const m = await import(new URL('pkg/registry_inspector.js', location.href)); await m.default(); \
         globalThis.came = await m.inspect('{}/app:1', {{ layers: 'unpack', files: true }}); }})()",
        registry.host()
    ))?;
    tab.until_within(Duration::from_secs(180), "globalThis.came !== undefined")?;
    let report = tab.eval("came")?;
    assert_eq!(report.get("verdict").and_then(Value::as_str), Some("verified"), "{report:#}");
    let layers = report.pointer("/root/children").and_then(Value::as_array).context("no layers")?;
    let file = layers.iter().find_map(|node| node.pointer("/unpacked/files/0")).context("no file")?;
    assert_eq!(file.get("size").and_then(Value::as_u64), Some(length));
    let requests = report.get("requests").and_then(Value::as_array).context("no requests")?;
    let memory = requests.iter().filter_map(|request| request.get("workerMemory")?.as_u64()).max();
    let memory = memory.context("no worker told of its memory")?;
    assert!(memory < 32 << 20, "{memory} bytes");
    println!("{browser}: the worker had {memory} bytes");
    finish(tab, &site, Some(&registry))
}
