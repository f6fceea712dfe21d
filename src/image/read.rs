//! The documents, taken out of their JSON. What is of the wrong type and not needed is left out: that it is odd, the
//! document's shape says.

use std::collections::BTreeMap;

use super::document::{Fault, FaultKind};
use super::{Config, Descriptor, History, Index, Manifest, Named, Platform, RootFs};
use crate::digest::Digest;
use crate::json::{self, Part, Unfit};
use crate::media_type::MediaType;

impl Descriptor {
    /// The descriptor that a part of a document is.
    pub fn read(part: &Part<'_>) -> Result<Descriptor, Unfit> {
        let size = part.need("size")?;
        let bytes = size.value().as_u64().filter(|bytes| i64::try_from(*bytes).is_ok());
        let known =
            ["mediaType", "digest", "size", "platform", "annotations", "artifactType", "urls", "data"];
        Ok(Descriptor {
            media_type: MediaType::parse(&part.get_text("mediaType").unwrap_or_default()),
            digest: digest(&part.need("digest")?)?,
            size: bytes.ok_or_else(|| size.unfit(&format!("{} is no size", size.value())))?,
            platform: part
                .get("platform")
                .and_then(|platform| platform.object().ok())
                .as_ref()
                .map(Platform::read),
            annotations: annotations(part),
            artifact_type: part.get_text("artifactType"),
            urls: texts(part, "urls"),
            data: part.get("data").and_then(|data| json::bytes(data.value())),
            other: part.others(&known),
        })
    }
}

impl Index {
    pub(super) fn read(part: &Part<'_>, faults: &mut Vec<Fault>) -> Result<Index, Unfit> {
        check_subject(part, faults);
        Ok(Index {
            media_type: media_type(part),
            manifests: descriptors(part, "manifests")?,
            other: part.others(&["mediaType", "manifests"]),
        })
    }
}

impl Manifest {
    pub(super) fn read(part: &Part<'_>, faults: &mut Vec<Fault>) -> Result<Manifest, Unfit> {
        check_subject(part, faults);
        Ok(Manifest {
            media_type: media_type(part),
            config: named(&part.need("config")?),
            layers: descriptors(part, "layers")?,
            artifact_type: part.get_text("artifactType").filter(|text| !text.is_empty()),
            other: part.others(&["mediaType", "config", "layers", "artifactType"]),
        })
    }
}

impl Config {
    pub(super) fn read(part: &Part<'_>) -> Result<Config, Unfit> {
        let rootfs = part.need("rootfs")?.object()?;
        let diff_ids = rootfs.list("diff_ids")?;
        Ok(Config {
            architecture: part.get_text("architecture").unwrap_or_default(),
            os: part.get_text("os").unwrap_or_default(),
            variant: part.get_text("variant").filter(|variant| !variant.is_empty()),
            os_version: part.get_text("os.version").filter(|version| !version.is_empty()),
            rootfs: RootFs { diff_ids: diff_ids.iter().map(digest).collect::<Result<_, _>>()? },
            history: part.list("history").unwrap_or_default().iter().map(History::read).collect(),
        })
    }
}

impl History {
    fn read(part: &Part<'_>) -> History {
        let empty_layer = part.get("empty_layer").and_then(|part| part.value().as_bool());
        History { created_by: part.get_text("created_by"), empty_layer: empty_layer.unwrap_or_default() }
    }
}

impl Platform {
    fn read(part: &Part<'_>) -> Platform {
        Platform {
            architecture: part.get_text("architecture").unwrap_or_default(),
            os: part.get_text("os").unwrap_or_default(),
            os_version: part.get_text("os.version").filter(|version| !version.is_empty()),
            os_features: texts(part, "os.features"),
            variant: part.get_text("variant").filter(|variant| !variant.is_empty()),
        }
    }
}

fn digest(part: &Part<'_>) -> Result<Digest, Unfit> {
    let text = part.text()?;
    text.parse().map_err(|error| part.unfit(&format!("{error}: {text:?}")))
}

fn media_type(part: &Part<'_>) -> Option<MediaType> {
    part.get_text("mediaType").filter(|text| !text.is_empty()).map(|text| MediaType::parse(&text))
}

/// The descriptors of a list that must be there, and may be empty.
fn descriptors(part: &Part<'_>, name: &str) -> Result<Vec<Named>, Unfit> {
    part.need(name)?;
    Ok(part.list(name)?.iter().map(named).collect())
}

fn named(part: &Part<'_>) -> Named {
    Ok(Descriptor::read(part)?)
}

/// The texts of a list; null is an empty one, as Go reads it.
fn texts(part: &Part<'_>, name: &str) -> Vec<String> {
    let list = part.list(name).unwrap_or_default();
    list.iter().filter_map(|part| text(part.value())).collect()
}

fn text(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::Null => Some(String::new()),
        value => value.as_str().map(str::to_owned),
    }
}

/// Annotations; null is an empty text, as Go reads it.
fn annotations(part: &Part<'_>) -> BTreeMap<String, String> {
    let part = part.get("annotations");
    let entries = part.as_ref().and_then(|part| part.value().as_object()).into_iter().flatten();
    entries.filter_map(|(name, value)| Some((name.clone(), text(value)?))).collect()
}

/// What a document belongs to must be a descriptor; nothing here follows it. One that is no object is told of already.
fn check_subject(part: &Part<'_>, faults: &mut Vec<Fault>) {
    let subject = part.get("subject").and_then(|subject| subject.object().ok());
    if let Some(Err(unfit)) = subject.as_ref().map(Descriptor::read) {
        faults.push(Fault::new(FaultKind::Incomplete, format!("its subject is no descriptor: {unfit}")));
    }
}
