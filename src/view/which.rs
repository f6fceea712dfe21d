//! "Which digest is this?": one line that says what a digest is of, who named it, and which others it is not.

use super::history::{config_of, layers_of};
use super::title::Title;
use super::{Scene, words};
use crate::digest::Digest;
use crate::graph::{Kind, Node, NodeId};

/// So deep a stack of layers gets chain IDs, each of which is a hash over all those before it, and links to its layers.
const MOST_LAYERS: usize = 1_000;

/// What a digest is that nothing here has.
const STRANGER: &str = "Nothing in this pull has this digest, so nothing here was checked against it.";

/// What a digest is that the bytes have in place of the one that was named.
const COMPUTED: &str = "The digest of the bytes that came, computed here. Nothing in this pull names it.";

/// What stands there before a digest is looked at.
pub const POINT: &str = "Point at a digest, or go to it with Tab, to see what it is the digest of.";

/// A digest was copied.
pub const COPIED: &str = "Digest copied";

/// The browser refused.
pub const NOT_COPIED: &str = "The browser did not allow it";

/// The line for the digest of an object.
pub fn of_object(scene: &Scene<'_>, id: NodeId) -> Option<String> {
    let node = scene.graph.get(id)?;
    let digest = node.digest.as_ref()?;
    Some(match (node.parent, node.kind) {
        (None, kind) => of_root(scene, kind),
        (Some(index), _) if node.is_attestation() => {
            let Title { what, .. } = Title::of(scene, id, node);
            format!(
                "The digest of an attestation {what}, named by {}. Not the digest of an image: it is a statement about one.",
                namer(scene, index)
            )
        }
        (Some(index), Kind::Manifest) => format!(
            "The digest of the image manifest{}, named by {}. Not what docker pull prints, which is the digest of the {}, and not the image ID, which is that of the config.",
            for_platform(node),
            namer(scene, index),
            root_word(scene)
        ),
        (Some(index), Kind::Index) => format!(
            "The digest of an index within an index{}, named by {}. Not what docker pull prints, which is the digest of the {}.",
            for_platform(node),
            namer(scene, index),
            root_word(scene)
        ),
        (Some(manifest), Kind::Config) if is_image(scene, manifest, node) => format!(
            "The image ID: the digest of the config, named by {}. Not what docker pull prints, which is the digest of the {}.",
            namer(scene, manifest),
            root_word(scene)
        ),
        (Some(manifest), Kind::Config) => format!(
            "The digest of the config, named by {}. Not an image ID, because this is not an image that can be run.",
            namer(scene, manifest)
        ),
        (Some(manifest), Kind::Layer) => format!(
            "The digest of the layer as the registry stores it, named by {}. {}",
            namer(scene, manifest),
            not_the_diff_id(digest, diff_id(scene, id).as_ref())
        ),
        (Some(manifest), _) => format!("The digest of one object, named by {}.", namer(scene, manifest)),
    })
}

/// The line for a digest that stands in the document of an object, or elsewhere in its details.
pub fn of_text(scene: &Scene<'_>, within: NodeId, text: &str) -> String {
    let Ok(digest) = text.parse::<Digest>() else { return STRANGER.to_owned() };
    if let Some(at) = place_as_diff_id(scene, within, &digest) {
        return of_diff_id(scene, within, at, &digest);
    }
    let named = scene.graph.find(&digest).and_then(|id| of_object(scene, id));
    let is_computed = scene.graph.get(within).is_some_and(|node| node.computed.as_ref() == Some(&digest));
    named.unwrap_or_else(|| if is_computed { COMPUTED } else { STRANGER }.to_owned())
}

/// Where the digests in one document lead.
pub struct Targets<'a> {
    scene: &'a Scene<'a>,
    diffs: &'a [Digest],
    layers: Vec<NodeId>,
}

impl<'a> Targets<'a> {
    /// For the document of an object.
    pub fn new(scene: &'a Scene<'a>, within: NodeId) -> Targets<'a> {
        let node = scene.graph.get(within);
        let diffs =
            node.and_then(|node| node.config.as_deref()).map(|config| config.rootfs.diff_ids.as_slice());
        let diffs = diffs.filter(|diffs| diffs.len() <= MOST_LAYERS).unwrap_or_default();
        let layers = node.and_then(|node| node.parent).map(|manifest| layers_of(scene.graph, manifest));
        Targets { scene, diffs, layers: layers.unwrap_or_default() }
    }

    /// The object that a digest leads to: the layer, for its diff ID.
    pub fn of(&self, digest: &Digest) -> Option<NodeId> {
        match self.diffs.iter().position(|diff| diff == digest) {
            Some(at) => self.layers.get(at).copied().filter(|_| self.layers.len() == self.diffs.len()),
            None => self.scene.graph.find(digest),
        }
    }
}

/// A layer's diff ID as the config states it, where the counts agree.
pub fn diff_id(scene: &Scene<'_>, layer: NodeId) -> Option<Digest> {
    let node = scene.graph.get(layer).filter(|node| node.kind == Kind::Layer)?;
    diff_ids(scene, node.parent?)?.get(node.ordinal).cloned()
}

/// The chain ID of the stack up to a layer, from the diff IDs (image specification, `config.md`, "Layer ChainID").
pub fn chain_id(scene: &Scene<'_>, layer: NodeId) -> Option<Digest> {
    let node = scene.graph.get(layer).filter(|node| node.kind == Kind::Layer)?;
    let stack =
        diff_ids(scene, node.parent?)?.get(..=node.ordinal).filter(|stack| stack.len() <= MOST_LAYERS)?;
    let (first, rest) = stack.split_first()?;
    Some(rest.iter().fold(first.clone(), |below, diff| Digest::sha256(format!("{below} {diff}").as_bytes())))
}

/// The diff IDs of a manifest's config, if there are as many as layers.
fn diff_ids<'a>(scene: &Scene<'a>, manifest: NodeId) -> Option<&'a [Digest]> {
    let (_, config) = config_of(scene.graph, manifest)?;
    let ids = config.rootfs.diff_ids.as_slice();
    (ids.len() == layers_of(scene.graph, manifest).len()).then_some(ids)
}

/// Which diff ID a digest is in the config that stands there, counted from 0.
fn place_as_diff_id(scene: &Scene<'_>, config: NodeId, digest: &Digest) -> Option<usize> {
    let config = scene.graph.get(config)?.config.as_deref()?;
    config.rootfs.diff_ids.iter().position(|diff| diff == digest)
}

fn layer_at(scene: &Scene<'_>, config: NodeId, at: usize) -> Option<NodeId> {
    let manifest = scene.graph.get(config)?.parent?;
    diff_ids(scene, manifest)?;
    layers_of(scene.graph, manifest).get(at).copied()
}

fn of_diff_id(scene: &Scene<'_>, config: NodeId, at: usize, diff: &Digest) -> String {
    let number = at + 1;
    let layer = layer_at(scene, config, at).and_then(|id| scene.graph.get(id)?.digest.as_ref());
    match layer {
        Some(layer) if layer == diff => format!(
            "The diff ID of layer {number}, and the digest under which the registry serves it: the same, because it is not compressed."
        ),
        Some(layer) => format!(
            "The diff ID of layer {number}: the digest of its uncompressed tar, stated by the config. Not {}, under which the registry serves the layer; no registry can be asked for this one.",
            layer.short()
        ),
        None => format!(
            "Diff ID {number}: the digest of an uncompressed layer, stated by the config. The manifest has a different number of layers, so which one it belongs to cannot be told."
        ),
    }
}

fn of_root(scene: &Scene<'_>, kind: Kind) -> String {
    let named = match scene.tag {
        Some(tag) => format!(
            "The tag's digest: {} says that {} is this {}, and docker pull prints it.",
            scene.speaker(),
            words::visible(tag, 80),
            word(kind)
        ),
        None => format!("The digest in the reference, of the {}; docker pull prints it.", word(kind)),
    };
    let others = match kind {
        Kind::Index => " Not the digest of the image for one platform, and not the image ID.",
        Kind::Manifest => " Not the image ID, which is the digest of the config.",
        _ => "",
    };
    named + others
}

fn not_the_diff_id(digest: &Digest, diff: Option<&Digest>) -> String {
    match diff {
        Some(diff) if diff == digest => {
            "It is the diff ID as well, because the layer is not compressed.".to_owned()
        }
        Some(diff) => {
            format!("Not its diff ID, {}, which is the digest of the uncompressed tar.", diff.short())
        }
        None => "Not its diff ID, which is the digest of the uncompressed tar.".to_owned(),
    }
}

/// Whether a config is that of an image, and not of an artifact or an attestation.
fn is_image(scene: &Scene<'_>, manifest: NodeId, config: &Node) -> bool {
    let attests = scene.graph.get(manifest).is_some_and(Node::is_attestation);
    !attests && config.media_type.as_ref().is_some_and(|media_type| media_type.is_image_config())
}

fn for_platform(node: &Node) -> String {
    node.platform
        .as_ref()
        .map(|platform| format!(" for {}", words::visible(&platform.to_string(), 80)))
        .unwrap_or_default()
}

/// Who names an object, in words.
fn namer(scene: &Scene<'_>, id: NodeId) -> String {
    format!("the {}", scene.graph.get(id).map_or("document above", |node| word(node.kind)))
}

fn root_word(scene: &Scene<'_>) -> &'static str {
    scene.graph.root().and_then(|root| scene.graph.get(root)).map_or("document", |root| word(root.kind))
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Index => "index",
        Kind::Manifest => "manifest",
        _ => "document",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Graph;
    use crate::trace::Trace;
    use crate::view::samples::{at, attest, image, scene, told};

    fn line(graph: &Graph, id: NodeId) -> String {
        let trace = Trace::default();
        of_object(&scene(graph, &trace), id).unwrap()
    }

    #[test]
    fn every_digest_says_what_it_is_who_named_it_and_what_it_is_not() {
        let mut graph = image(0);
        told(&mut graph, at(2), &[]);
        let attestation = attest(&mut graph, at(0), b"manifest");
        let diff = Digest::sha256(b"diff");
        for (id, expected) in [
            (at(0), "The tag's digest: the registry says that 1 is this index, and docker pull prints it. Not the digest of the image for one platform, and not the image ID.".to_owned()),
            (at(1), "The digest of the image manifest for linux/amd64, named by the index. Not what docker pull prints, which is the digest of the index, and not the image ID, which is that of the config.".to_owned()),
            (at(2), "The image ID: the digest of the config, named by the manifest. Not what docker pull prints, which is the digest of the index.".to_owned()),
            (at(3), format!("The digest of the layer as the registry stores it, named by the manifest. Not its diff ID, {}, which is the digest of the uncompressed tar.", diff.short())),
            (attestation, "The digest of an attestation for linux/amd64, named by the index. Not the digest of an image: it is a statement about one.".to_owned()),
        ] {
            assert_eq!(line(&graph, id), expected);
        }
        let trace = Trace::default();
        let pinned = Scene { tag: None, ..scene(&graph, &trace) };
        let root = of_object(&pinned, at(0)).unwrap();
        assert!(
            root.starts_with("The digest in the reference, of the index; docker pull prints it."),
            "{root}"
        );
        assert_eq!(of_object(&pinned, at(99)), None);
    }

    #[test]
    fn a_diff_id_is_told_from_the_digest_of_its_layer() {
        let (mut graph, trace) = (image(0), Trace::default());
        told(&mut graph, at(2), &[]);
        let diff = Digest::sha256(b"diff");
        let of = |graph: &Graph, text: &str| of_text(&scene(graph, &trace), at(2), text);
        let said = of(&graph, &diff.to_string());
        let layer = Digest::sha256(b"layer").short();
        assert_eq!(
            said,
            format!(
                "The diff ID of layer 1: the digest of its uncompressed tar, stated by the config. Not {layer}, under which the registry serves the layer; no registry can be asked for this one."
            )
        );
        let target = |graph: &Graph| {
            let scene = scene(graph, &trace);
            Targets::new(&scene, at(2)).of(&diff)
        };
        assert_eq!(target(&graph), Some(at(3)));
        assert!(of(&graph, &Digest::sha256(b"config").to_string()).starts_with("The image ID"));
        assert_eq!(of(&graph, &Digest::sha256(b"nothing").to_string()), STRANGER);
        assert_eq!(of(&graph, "no digest"), STRANGER);
        let mut wrong = graph.clone();
        wrong.get_mut(at(2)).unwrap().computed = Some(Digest::sha256(b"wrong"));
        assert_eq!(of(&wrong, &Digest::sha256(b"wrong").to_string()), COMPUTED);
        graph.set_digest(at(3), diff.clone());
        assert!(of(&graph, &diff.to_string()).ends_with("the same, because it is not compressed."));
        assert!(
            line(&graph, at(3)).ends_with("It is the diff ID as well, because the layer is not compressed.")
        );
        graph.add(Some(at(1)), crate::view::samples::node(Kind::Layer, b"another"));
        assert!(of(&graph, &diff.to_string()).ends_with("so which one it belongs to cannot be told."));
        assert_eq!(target(&graph), None);
        assert_eq!(diff_id(&scene(&graph, &trace), at(3)), None);
    }

    #[test]
    fn chain_ids_are_those_of_the_specification() {
        let (mut graph, trace) = (image(0), Trace::default());
        let second = graph.add(Some(at(1)), crate::view::samples::node(Kind::Layer, b"second"));
        let (a, b) = (Digest::sha256(b"a"), Digest::sha256(b"b"));
        let json = format!(r#"{{"rootfs":{{"diff_ids":["{a}","{b}"]}}}}"#);
        let config = crate::image::parse_config(json.as_bytes()).unwrap().value;
        graph.get_mut(at(2)).unwrap().config = Some(std::rc::Rc::new(config));
        let scene = scene(&graph, &trace);
        assert_eq!(chain_id(&scene, at(3)), Some(a.clone()), "the first is its own chain");
        assert_eq!(chain_id(&scene, second), Some(Digest::sha256(format!("{a} {b}").as_bytes())));
        assert_eq!(chain_id(&scene, at(2)), None, "a config is no layer");
    }
}
