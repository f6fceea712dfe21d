//! The documents, taken out of their JSON.

use std::collections::BTreeMap;

use super::{Config, Descriptor, DocumentError, History, Index, Manifest, Named, Platform, RootFs};
use crate::digest::Digest;
use crate::json::{Part, Unfit};
use crate::media_type::MediaType;

impl Descriptor {
    /// The descriptor that a part of a document is.
    pub fn read(part: &Part<'_>) -> Result<Descriptor, Unfit> {
        let size = part.need("size")?;
        let known = ["mediaType", "digest", "size", "platform", "annotations", "artifactType"];
        Ok(Descriptor {
            media_type: MediaType::parse(&part.get_text("mediaType")?.unwrap_or_default()),
            digest: digest(&part.need("digest")?)?,
            size: size.value().as_u64().ok_or_else(|| size.unfit(&format!("{} is no size", size.value())))?,
            platform: part.get("platform").map(|platform| Platform::read(&platform)).transpose()?,
            annotations: annotations(part)?,
            artifact_type: part.get_text("artifactType")?,
            other: part.others(&known),
        })
    }
}

impl Index {
    pub(super) fn read(part: &Part<'_>) -> Result<Index, Unfit> {
        Ok(Index {
            media_type: media_type(part)?,
            manifests: descriptors(part, "manifests")?,
            other: part.others(&["mediaType", "manifests"]),
        })
    }
}

impl Manifest {
    pub(super) fn read(part: &Part<'_>) -> Result<Manifest, Unfit> {
        Ok(Manifest {
            media_type: media_type(part)?,
            config: named(&part.need("config")?),
            layers: descriptors(part, "layers")?,
            other: part.others(&["mediaType", "config", "layers"]),
        })
    }
}

impl Config {
    pub(super) fn read(part: &Part<'_>) -> Result<Config, Unfit> {
        let rootfs = part.need("rootfs")?;
        let diff_ids = rootfs.list("diff_ids")?;
        Ok(Config {
            architecture: part.get_text("architecture")?.unwrap_or_default(),
            os: part.get_text("os")?.unwrap_or_default(),
            variant: part.get_text("variant")?,
            rootfs: RootFs { diff_ids: diff_ids.iter().map(digest).collect::<Result<_, _>>()? },
            history: part.list("history")?.iter().map(History::read).collect::<Result<_, _>>()?,
        })
    }
}

impl History {
    fn read(part: &Part<'_>) -> Result<History, Unfit> {
        let empty = part.get("empty_layer");
        let is_empty =
            |part: &Part<'_>| part.value().as_bool().ok_or_else(|| part.unfit("it is not true or false"));
        Ok(History {
            created_by: part.get_text("created_by")?,
            empty_layer: empty.as_ref().map(is_empty).transpose()?.unwrap_or_default(),
        })
    }
}

impl Platform {
    fn read(part: &Part<'_>) -> Result<Platform, Unfit> {
        let features = part.list("os.features")?;
        Ok(Platform {
            architecture: part.get_text("architecture")?.unwrap_or_default(),
            os: part.get_text("os")?.unwrap_or_default(),
            os_version: part.get_text("os.version")?,
            os_features: features
                .iter()
                .map(|part| part.text().map(str::to_owned))
                .collect::<Result<_, _>>()?,
            variant: part.get_text("variant")?,
        })
    }
}

impl From<Unfit> for DocumentError {
    fn from(Unfit { place, reason }: Unfit) -> DocumentError {
        DocumentError::Unfit { place, reason }
    }
}

fn digest(part: &Part<'_>) -> Result<Digest, Unfit> {
    let text = part.text()?;
    text.parse().map_err(|error| part.unfit(&format!("{error}: {text:?}")))
}

fn media_type(part: &Part<'_>) -> Result<Option<MediaType>, Unfit> {
    Ok(part.get_text("mediaType")?.map(|text| MediaType::parse(&text)))
}

fn descriptors(part: &Part<'_>, name: &str) -> Result<Vec<Named>, Unfit> {
    Ok(part.list(name)?.iter().map(named).collect())
}

fn named(part: &Part<'_>) -> Named {
    Ok(Descriptor::read(part)?)
}

fn annotations(part: &Part<'_>) -> Result<BTreeMap<String, String>, Unfit> {
    let Some(part) = part.get("annotations") else { return Ok(Default::default()) };
    let object = part.value().as_object().ok_or_else(|| part.unfit("it is not an object"))?;
    let mut annotations = BTreeMap::new();
    for (name, value) in object {
        let value = value.as_str().ok_or_else(|| part.unfit(&format!("{name:?} is not a text")))?;
        annotations.insert(name.clone(), value.to_owned());
    }
    Ok(annotations)
}
