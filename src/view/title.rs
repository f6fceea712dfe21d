//! The name of an object, and what it is.

use super::{Scene, Stage, words};
use crate::graph::{Kind, Node, NodeId};
use crate::media_type::MediaType;

/// So much of what a registry calls something is shown, in characters.
const MOST: usize = 80;

/// Both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title {
    /// `linux/amd64`, `Config`, `Layer 1 of 3`.
    pub title: String,
    /// The same more closely: `Docker manifest list`.
    pub what: String,
}

impl Title {
    /// Names one object.
    pub fn of(scene: &Scene<'_>, id: NodeId, node: &Node) -> Title {
        if node.is_attestation() {
            return Title { title: "Attestation".to_owned(), what: described(scene, node) };
        }
        Title { title: title(scene, id, node), what: what(scene, node) }
    }
}

fn title(scene: &Scene<'_>, id: NodeId, node: &Node) -> String {
    match (node.kind, &node.platform) {
        (_, Some(platform)) => words::visible(&platform.to_string(), MOST),
        (Kind::Index, None) if is_cache(scene, node) => "Build cache".to_owned(),
        (Kind::Index, None) => "Index".to_owned(),
        (Kind::Manifest, None) => "Image manifest".to_owned(),
        (Kind::Config, None) => "Config".to_owned(),
        (Kind::Layer | Kind::Blob, None) => {
            let name = if node.kind == Kind::Layer { "Layer" } else { "Blob" };
            // The last of its kind says how many there are.
            let siblings =
                node.parent.and_then(|parent| scene.graph.get(parent)).map(|parent| &parent.children);
            let alike = |id: &NodeId| scene.graph.get(*id).filter(|sibling| sibling.kind == node.kind);
            let last = siblings.and_then(|siblings| siblings.iter().rev().find_map(alike));
            let count = last.map_or(node.ordinal, |last| last.ordinal) + 1;
            format!("{name} {} of {count}", node.ordinal + 1)
        }
        (Kind::Unknown, None) if scene.graph.root() == Some(id) => match scene.tag {
            Some(tag) => format!("Tag {tag}"),
            None => "What the digest names".to_owned(),
        },
        (Kind::Unknown, None) => "Entry of another type".to_owned(),
    }
}

/// Whether an index is one of layers and of what BuildKit keeps of a build.
fn is_cache(scene: &Scene<'_>, index: &Node) -> bool {
    let mut children = index.children.iter().filter_map(|id| scene.graph.get(*id));
    children.any(|node| node.media_type.as_ref().is_some_and(MediaType::is_cache_config))
}

fn what(scene: &Scene<'_>, node: &Node) -> String {
    let what = node.media_type.as_ref().map(words::media_type).unwrap_or_default();
    let what = words::visible(&what, MOST);
    match (node.kind, &node.platform) {
        (Kind::Manifest, Some(_)) => "image manifest".to_owned(),
        (Kind::Manifest, None) => what.replace(" image manifest", ""),
        (Kind::Index, Some(_)) => format!("index, {what}"),
        (Kind::Unknown, _) if what.is_empty() => match scene.stage {
            Stage::Running => "not resolved yet".to_owned(),
            Stage::Done | Stage::Stopped => "not resolved".to_owned(),
        },
        _ => what,
    }
}

/// What an attestation is of.
fn described(scene: &Scene<'_>, node: &Node) -> String {
    let Some(digest) = &node.describes else {
        return "for which image, the index does not say".to_owned();
    };
    let image =
        scene.graph.find(digest).and_then(|id| scene.graph.get(id)).filter(|image| !image.is_attestation());
    match image {
        Some(Node { platform: Some(platform), .. }) => {
            format!("for {}", words::visible(&platform.to_string(), MOST))
        }
        Some(_) => format!("for {}", digest.short()),
        None => format!("for {}, which the index does not name", digest.short()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;
    use crate::graph::Graph;
    use crate::trace::Trace;
    use crate::view::samples::{at, attest, image, node, scene};

    fn title(graph: &Graph, place: usize) -> String {
        let trace = Trace::default();
        let Title { title, what } =
            Title::of(&scene(graph, &trace), at(place), graph.get(at(place)).unwrap());
        format!("{title}, {what}")
    }

    #[test]
    fn every_object_has_a_name() {
        let graph = image(1);
        let all: Vec<String> = (0..5).map(|place| title(&graph, place)).collect();
        assert_eq!(
            all,
            [
                "Index, OCI index",
                "linux/amd64, image manifest",
                "linux/arm/v0, image manifest",
                "Config, OCI config",
                "Layer 1 of 1, tar, gzip",
            ]
        );
        let mut graph = Graph::default();
        graph.add(None, Node::root(None));
        assert_eq!(title(&graph, 0), "Tag 1, not resolved");
        let mut graph = image(0);
        graph.get_mut(at(1)).unwrap().media_type =
            Some(MediaType::parse("application/vnd.buildkit.cacheconfig.v0"));
        assert_eq!(title(&graph, 0), "Build cache, OCI index");
    }

    #[test]
    fn an_attestation_is_named_for_what_it_describes() {
        let mut graph = image(0);
        let known = attest(&mut graph, at(0), b"manifest");
        let stranger = attest(&mut graph, at(0), b"elsewhere");
        let mut silent = node(Kind::Manifest, b"silent");
        silent.platform = Some("unknown/unknown".parse().unwrap());
        let silent = graph.add(Some(at(0)), silent);
        assert_eq!(title(&graph, known.0), "Attestation, for linux/amd64");
        let short = Digest::sha256(b"elsewhere").short();
        assert_eq!(
            title(&graph, stranger.0),
            format!("Attestation, for {short}, which the index does not name")
        );
        assert_eq!(title(&graph, silent.0), "Attestation, for which image, the index does not say");
    }

    #[test]
    fn names_of_a_registry_are_bounded_and_visible() {
        let mut graph = image(0);
        let platform = graph.get_mut(at(1)).unwrap().platform.as_mut().unwrap();
        platform.os = format!("\u{202e}{}", "x".repeat(5_000));
        let title = title(&graph, 1);
        assert!(title.starts_with("⟨202e⟩xxx") && title.len() < 120, "{title}");
    }
}
