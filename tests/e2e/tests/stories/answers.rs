//! Answers that are odd and that real registries, caches and proxies give: what the workers see of them reaches the page.

use anyhow::{Context as _, Result};
use e2e::{Browser, Layer, Server, gzip, image_of, in_both, noise, open, readable, site};
use registry_inspector::digest::Algorithm;
use serde_json::Value;
use xtask::http::Answer;
use xtask::layout::{Layout, MANIFEST, digest_of};

in_both! {
    words_on_layers_are_compared_in_the_workers,
    a_manifest_that_means_two_things_says_so,
}

/// What a registry says of the layers, in order: the headers beside the usual ones.
type Said = Vec<Vec<(&'static str, String)>>;

/// A registry that has one image, and says of its layers what it is told to.
fn registry(layout: &Layout, manifest: Vec<u8>, said: Said) -> Result<Server> {
    let document: Value = serde_json::from_slice(&manifest)?;
    let layers = document.get("layers").and_then(Value::as_array).context("layers")?;
    let layers: Vec<String> = layers.iter().map(digest_of).collect::<Result<_>>()?;
    let config = digest_of(document.get("config").context("a config")?)?;
    let blobs: Vec<(String, Vec<u8>)> = layers
        .iter()
        .chain([&config])
        .map(|digest| Ok((digest.clone(), std::fs::read(layout.blob_path(digest))?)))
        .collect::<Result<_>>()?;
    Server::start(move |asked| {
        let name = asked.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
        let Some(at) = blobs.iter().position(|(digest, _)| *digest == name) else {
            return Some(readable(Answer::new(200, manifest.clone())).with("Content-Type", MANIFEST));
        };
        let bytes = blobs.get(at).map(|(_, bytes)| bytes.clone()).unwrap_or_default();
        let exposed = "Docker-Content-Digest";
        let answer = readable(Answer::new(200, bytes)).with("Access-Control-Expose-Headers", exposed);
        let headers = said.get(at).into_iter().flatten();
        Some(headers.fold(answer, |answer, (name, value)| answer.with(name, value)))
    })
}

fn sha512(bytes: &[u8]) -> Result<String> {
    let mut hasher = Algorithm::Sha512.hasher().context("sha512 is there")?;
    hasher.update(bytes);
    Ok(hasher.finish().to_string())
}

fn words_on_layers_are_compared_in_the_workers(browser: Browser) -> Result<()> {
    let packed = gzip(&noise(9, 20_000).repeat(3))?;
    let bytes: Vec<Vec<u8>> = (0..5).map(|seed| noise(seed, 300_000 + seed as usize)).collect();
    let layers: Vec<Layer> = bytes.iter().cloned().chain([packed]).map(Layer::of).collect();
    let layout = image_of(&layers)?;
    let own = |at: usize| layers.get(at).map(|layer| layer.diff_id.clone()).context("a layer");
    let word = |value: String| vec![("Docker-Content-Digest", value)];
    let said = vec![
        word(sha512(bytes.first().context("a layer")?)?),
        word(sha512(b"other bytes")?),
        word(own(2)?.to_uppercase()),
        word(format!("{0}, {0}", own(3)?)),
        word(own(0)?),
        vec![("Content-Encoding", "gzip".to_owned())],
    ];
    let manifest = std::fs::read(layout.blob_path(&layout.digest()?))?;
    let (site, server) = (site()?, registry(&layout, manifest, said)?);
    let mut tab = open(browser, &site, "?recording=hello-world")?;
    tab.until_ended()?;
    let report = tab.eval(&format!(
        "(async () => {{ const m = await import(new URL('pkg/registry_inspector.js', location.href)); await m.default(); \
         return await m.inspect('{}/app:1'); }})()",
        server.host()
    ))?;
    let children = report.pointer("/root/children").and_then(Value::as_array).context("no children")?;
    let told: Vec<String> = children
        .iter()
        .filter(|node| node.get("kind").is_some_and(|kind| kind == "layer"))
        .map(|node| {
            let findings = node.get("findings").and_then(Value::as_array).into_iter().flatten();
            let codes: Vec<&str> = findings.filter_map(|finding| finding.get("code")?.as_str()).collect();
            format!("{} {}", node.get("verdict").and_then(Value::as_str).unwrap_or_default(), codes.join(" "))
        })
        .collect();
    assert_eq!(
        told,
        [
            "verified ",
            "failed header-digest-mismatch",
            "verified header-malformed",
            "verified ",
            "failed header-digest-mismatch",
            "unchecked content-encoded",
        ]
    );
    tab.finish(&[&format!("{}/", site.origin()), &format!("http://{}/v2/", server.host())])
}

fn a_manifest_that_means_two_things_says_so(browser: Browser) -> Result<()> {
    let layout = image_of(&[Layer::of(noise(1, 1000))])?;
    let text = String::from_utf8(std::fs::read(layout.blob_path(&layout.digest()?))?)?;
    let text = text.replacen('{', "{\"Layers\":[],", 1);
    let (site, server) = (site()?, registry(&layout, text.into_bytes(), Vec::new())?);
    let mut tab = open(browser, &site, &format!("?image={}/app:1", server.host()))?;
    assert_eq!(tab.until_ended()?, "done");
    let badge = "document.querySelector('[role=treeitem][data-kind=manifest]').innerText";
    let shown = tab.text(badge)?;
    assert!(shown.contains("failed: ambiguous"), "{shown}");
    tab.finish(&[&format!("{}/", site.origin()), &format!("http://{}/v2/", server.host())])
}
