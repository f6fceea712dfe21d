//! The history beside the layers: which instruction made which layer, as the config tells it.

use super::{Scene, title::Title, words};
use crate::graph::{Graph, Kind, Node, NodeId};
use crate::image;

/// So many steps are shown.
const MOST_STEPS: usize = 300;

/// So much of an instruction stands in a row, in characters.
const ROW: usize = 160;

/// So much of it stands below, exactly as stated.
const RAW: usize = 4_000;

/// The history of one image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// The steps of the build, first to last.
    pub steps: Vec<Step>,
    /// What keeps them from being told in full, or from being told for sure.
    pub note: Option<String>,
}

/// One step of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The instruction on one line, without the noise that builders put round it.
    pub instruction: String,
    /// The same as the config states it, where that differs.
    pub raw: Option<String>,
    /// The layer that it made, with its name, where that can be told.
    pub layer: Option<(NodeId, String)>,
    /// What it made, where it is no layer that can be linked to.
    pub made: &'static str,
}

impl History {
    /// The history that a config tells; for its manifest too.
    pub fn of(scene: &Scene<'_>, id: NodeId) -> Option<History> {
        let node = scene.graph.get(id)?;
        let manifest = if node.kind == Kind::Config { node.parent? } else { id };
        let (config_node, config) = config_of(scene.graph, manifest)?;
        let layers = layers_of(scene.graph, manifest);
        let filled = config.history_layers()?;
        let aligned = filled == layers.len();
        let mut next = layers.iter().copied().filter(|_| aligned);
        let steps = config.history.iter().take(MOST_STEPS).map(|entry| {
            let made = next.by_ref();
            let layer = if entry.empty_layer { None } else { made.next() };
            Step::new(scene, entry, layer)
        });
        let steps = steps.collect();
        let counts = || {
            let steps = words::count(filled, "step");
            let layers = words::count(layers.len(), "layer");
            format!(
                "{steps} of this history made a layer, and the manifest names {layers}: which made which cannot be told."
            )
        };
        let cut = (config.history.len() > MOST_STEPS).then(|| {
            format!("The first {MOST_STEPS} of {} steps.", words::grouped(config.history.len() as u64))
        });
        let unproven =
            (!config_node.proven).then(|| "These are not the bytes that the manifest names.".to_owned());
        let notes: Vec<String> = unproven.into_iter().chain((!aligned).then(counts)).chain(cut).collect();
        Some(History { steps, note: (!notes.is_empty()).then(|| notes.join(" ")) })
    }
}

impl Step {
    fn new(scene: &Scene<'_>, entry: &image::History, layer: Option<NodeId>) -> Step {
        let stated = entry.created_by.as_deref().unwrap_or_default();
        let instruction = instruction(entry);
        let raw = words::visible(stated, RAW);
        let layer = layer.and_then(|id| Some((id, Title::of(scene, id, scene.graph.get(id)?).title)));
        let made = match (&layer, entry.empty_layer) {
            (_, true) => "no layer",
            (None, false) => "a layer",
            (Some(_), false) => "",
        };
        Step { raw: (raw != instruction && !raw.is_empty()).then_some(raw), instruction, layer, made }
    }
}

/// For each layer of a manifest, in order, the instruction that made it; nothing where that cannot be told.
pub fn instructions(graph: &Graph, manifest: NodeId) -> Vec<String> {
    let Some((_, config)) = config_of(graph, manifest) else { return Vec::new() };
    if config.history_layers() != Some(layers_of(graph, manifest).len()) {
        return Vec::new();
    }
    config.history.iter().filter(|entry| !entry.empty_layer).map(instruction).collect()
}

/// The layers that a manifest names, base first.
pub fn layers_of(graph: &Graph, manifest: NodeId) -> Vec<NodeId> {
    graph.children(manifest).filter(|(_, node)| node.kind == Kind::Layer).map(|(id, _)| id).collect()
}

/// The config of a manifest, once it was read.
pub fn config_of(graph: &Graph, manifest: NodeId) -> Option<(&Node, &image::Config)> {
    // It is the first that a manifest names.
    graph.children(manifest).take(1).find_map(|(_, node)| Some((node, node.config.as_deref()?)))
}

/// An instruction on one line, as a Dockerfile would have it.
fn instruction(entry: &image::History) -> String {
    let stated = entry.created_by.as_deref().unwrap_or_default();
    let end = stated.char_indices().nth(RAW).map_or(stated.len(), |(at, _)| at);
    let text = stated.get(..end).unwrap_or_default().trim_ascii();
    let text = command(text.strip_suffix("# buildkit").unwrap_or(text));
    let mut line = String::new();
    for word in text.split_ascii_whitespace() {
        line += if line.is_empty() { "" } else { " " };
        line += &shortened(word);
    }
    if line.is_empty() { "not stated".to_owned() } else { words::visible(&line, ROW) }
}

/// A command of the shell as `RUN` has it, and what the classic builder made a comment of the shell as it was.
fn command(text: &str) -> String {
    let bare = text.strip_prefix("RUN ").unwrap_or(text);
    let shells = ["/bin/sh -c ", "/bin/bash -c ", "cmd /S /C "];
    // Arguments of the build stand before the shell: `|1 VERSION=2 /bin/sh -c make`.
    let after = |shell: &&str| match bare.strip_prefix('|') {
        Some(with_arguments) => with_arguments.split_once(*shell).map(|(_, command)| command),
        None => bare.strip_prefix(*shell),
    };
    match shells.iter().find_map(after) {
        Some(command) => match command.trim_ascii_start().strip_prefix("#(nop)") {
            Some(instruction) => instruction.to_owned(),
            None => format!("RUN {command}"),
        },
        None => text.to_owned(),
    }
}

/// `file:50563a97…` for a word that is little else than the hash of what was copied.
fn shortened(word: &str) -> String {
    match word.split_once(':') {
        Some((name @ ("file" | "dir" | "multi"), hash))
            if hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()) =>
        {
            format!("{name}:{}…", hash.get(..12).unwrap_or_default())
        }
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Trace;
    use crate::view::samples::{at, image, scene, told};

    #[test]
    fn instructions_lose_their_noise() {
        let hash = "50563a97010fd7ce1ceebd1fa4f4891ac3decdf428333fb2683696f4358af6c2";
        for (stated, shown) in [
            (format!("/bin/sh -c #(nop) COPY file:{hash} in / "), "COPY file:50563a97010f… in /"),
            ("/bin/sh -c #(nop)  CMD [\"/hello\"]".into(), "CMD [\"/hello\"]"),
            ("/bin/sh -c apt-get update \\\n\t&& true".into(), "RUN apt-get update \\ && true"),
            ("RUN /bin/sh -c make # buildkit".into(), "RUN make"),
            ("RUN |1 V=2 /bin/sh -c make $V # buildkit".into(), "RUN make $V"),
            ("|2 A=b C=d /bin/sh -c make".into(), "RUN make"),
            ("COPY . /app # buildkit".into(), "COPY . /app"),
            ("cmd /S /C echo hi".into(), "RUN echo hi"),
            ("".into(), "not stated"),
            ("a\u{1b}[31m\u{202e}b".into(), "a␛[31m⟨202e⟩b"),
            ("/bin/sh -c echo '#(nop)'".into(), "RUN echo '#(nop)'"),
        ] {
            let entry = image::History { created_by: Some(stated.clone()), empty_layer: false };
            assert_eq!(instruction(&entry), shown, "{stated}");
        }
        assert_eq!(instruction(&image::History { created_by: None, empty_layer: true }), "not stated");
        let endless = image::History { created_by: Some("é".repeat(1 << 20)), empty_layer: false };
        assert_eq!(instruction(&endless).chars().count(), ROW + 1);
    }

    #[test]
    fn each_layer_has_its_instruction_and_empty_steps_have_none() {
        let mut graph = image(0);
        told(&mut graph, at(2), &[("ENV x", true), ("COPY a /", false), ("CMD x", true)]);
        let trace = Trace::default();
        for id in [1, 2] {
            let history = History::of(&scene(&graph, &trace), at(id)).unwrap();
            let made: Vec<_> = history.steps.iter().map(|step| (step.layer.clone(), step.made)).collect();
            let empty = (None, "no layer");
            assert_eq!(made, [empty.clone(), (Some((at(3), "Layer 1 of 1".into())), ""), empty]);
            assert_eq!(history.note, None);
        }
        assert_eq!(instructions(&graph, at(1)), ["COPY a /"]);
        assert_eq!(History::of(&scene(&graph, &trace), at(0)), None, "an index has none");
    }

    #[test]
    fn what_does_not_fit_is_not_made_to() {
        let mut graph = image(0);
        told(&mut graph, at(2), &[("COPY a /", false), ("COPY b /", false)]);
        let trace = Trace::default();
        let history = History::of(&scene(&graph, &trace), at(2)).unwrap();
        assert!(history.steps.iter().all(|step| step.layer.is_none() && step.made == "a layer"));
        let note = history.note.unwrap();
        assert_eq!(
            note,
            "2 steps of this history made a layer, and the manifest names 1 layer: which made which cannot be told."
        );
        assert_eq!(instructions(&graph, at(1)), [""; 0]);
        graph.get_mut(at(2)).unwrap().proven = false;
        let note = History::of(&scene(&graph, &trace), at(2)).unwrap().note.unwrap();
        assert!(note.starts_with("These are not the bytes that the manifest names."), "{note}");
        told(&mut graph, at(2), &[]);
        assert_eq!(History::of(&scene(&graph, &trace), at(2)), None, "a config may keep none");
        assert_eq!(History::of(&scene(&image(0), &trace), at(2)), None, "and may not be read");
    }
}
