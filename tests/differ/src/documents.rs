//! What this project reads in a document, beside what clients written in Go do.

use std::fmt::Write as _;

use registry_inspector::image::{Descriptor, Document, DocumentError, Fault, FaultKind, Named, parse_config};
use registry_inspector::media_type::MediaType;

use super::trees::Kind;

/// What was read: the lines of `documents.go`, where the whole can be told so, and what was found wrong.
pub(crate) struct Ours {
    lines: Option<String>,
    faults: Vec<Fault>,
    error: Option<DocumentError>,
}

/// How two readings differ, if they do in a way that they may not: what nobody told of is read differently; or what Go takes is
/// said to be refused by it.
pub(crate) fn differ(ours: &Ours, theirs: &str) -> Option<&'static str> {
    let is_refused = theirs == "refused\n";
    let fails = |fault: &Fault| matches!(fault.kind, FaultKind::Malformed | FaultKind::Ambiguous);
    let accused = ours.faults.iter().any(|fault| fault.message.contains("clients written in Go refuse"));
    match &ours.error {
        Some(DocumentError::Malformed(fault)) if !is_refused => {
            let is_stricter = fault.is_limit || fault.reason.starts_with("duplicate field");
            return (!is_stricter).then_some("it does not parse here, and does in Go");
        }
        Some(_) => return None,
        None => {}
    }
    if accused && !is_refused {
        return Some("Go takes what is said here to be refused by it");
    }
    let lines = ours.lines.as_ref().filter(|_| !ours.faults.iter().any(fails))?;
    match (is_refused, lines == theirs) {
        (true, _) => Some("Go refuses it, and nothing is said here"),
        (false, false) => Some("they read different things, and nothing is said here"),
        (false, true) => None,
    }
}

/// Reads a document.
pub(crate) fn read(kind: Kind, bytes: &[u8]) -> Ours {
    let refused = |error| Ours { lines: None, faults: Vec::new(), error: Some(error) };
    if kind == Kind::Config {
        return match parse_config(bytes) {
            Err(error) => refused(error),
            Ok(parsed) => {
                let platform = parsed.value.platform();
                let [os, architecture, variant, version] = [
                    platform.os.as_str(),
                    &platform.architecture,
                    platform.variant.as_deref().unwrap_or_default(),
                    platform.os_version.as_deref().unwrap_or_default(),
                ]
                .map(hex);
                let mut lines = format!("for {os}/{architecture}/{variant} {version}\n");
                for id in &parsed.value.rootfs.diff_ids {
                    let _ = writeln!(lines, "diff {}", hex(id.as_str()));
                }
                for step in &parsed.value.history {
                    let by = hex(step.created_by.as_deref().unwrap_or_default());
                    let _ = writeln!(lines, "step {by} {}", step.empty_layer);
                }
                Ours { lines: Some(lines), faults: parsed.faults, error: None }
            }
        };
    }
    let said = if kind == Kind::Index { MediaType::OciIndex } else { MediaType::OciManifest };
    match Document::parse(bytes, Some(&said)) {
        Err(error) => refused(error),
        Ok(parsed) => {
            let own = hex(parsed.value.media_type().map(MediaType::as_str).unwrap_or_default());
            let lines = match &parsed.value {
                // What is read as the other kind than it is said to be is a finding elsewhere.
                document if !document.is_a(&said) => None,
                Document::Index(index) => {
                    named("entry", &index.manifests).map(|lines| format!("type {own}\n{lines}"))
                }
                Document::Manifest(manifest) => {
                    let artifact = hex(manifest.artifact_type.as_deref().unwrap_or_default());
                    let config = named("config", std::slice::from_ref(&manifest.config));
                    let layers = named("layer", &manifest.layers);
                    config
                        .zip(layers)
                        .map(|(config, layers)| format!("type {own} artifact {artifact}\n{config}{layers}"))
                }
            };
            Ours { lines, faults: parsed.faults, error: None }
        }
    }
}

/// `None` where one of them is none: that is a finding on its object.
fn named(what: &str, list: &[Named]) -> Option<String> {
    list.iter().map(|named| named.as_ref().ok().map(|descriptor| line(what, descriptor))).collect()
}

fn line(what: &str, descriptor: &Descriptor) -> String {
    let of = descriptor.platform.as_ref().map(|platform| {
        let [os, architecture, variant, version] = [
            platform.os.as_str(),
            &platform.architecture,
            platform.variant.as_deref().unwrap_or_default(),
            platform.os_version.as_deref().unwrap_or_default(),
        ]
        .map(hex);
        format!("{os}/{architecture}/{variant} {version} {}", list(&platform.os_features))
    });
    let data = descriptor.data.iter().flatten().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    format!(
        "{what} {} {} {} for {} data {data} urls {} artifact {}\n",
        hex(descriptor.media_type.as_str()),
        hex(descriptor.digest.as_str()),
        descriptor.size,
        of.unwrap_or_default(),
        list(&descriptor.urls),
        hex(descriptor.artifact_type.as_deref().unwrap_or_default())
    )
}

fn list(texts: &[String]) -> String {
    format!("[{}]", texts.iter().map(|text| hex(text)).collect::<Vec<_>>().join(" "))
}

fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}
