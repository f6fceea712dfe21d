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
        let told = Told::of(scene, id)?;
        let steps = told.steps().take(MOST_STEPS).map(|(entry, layer)| Step::new(scene, entry, layer));
        let steps = steps.collect();
        let Told { node, config, filled, layers } = told;
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
        let unproven = (!node.proven).then(|| "These are not the bytes that the manifest names.".to_owned());
        let counts = (filled != layers.len()).then(counts);
        let notes: Vec<String> = unproven.into_iter().chain(counts).chain(cut).collect();
        Some(History { steps, note: (!notes.is_empty()).then(|| notes.join(" ")) })
    }
}

/// All of a history as the text of a Dockerfile, each instruction in full. It will not build: what was copied is not in the
/// history.
pub fn dockerfile(scene: &Scene<'_>, id: NodeId) -> Option<String> {
    let mut text =
        "# Made from the history in the image's config. What was copied, and from where, is not in it.\n"
            .to_owned();
    text += "FROM scratch\n";
    for (entry, layer) in Told::of(scene, id)?.steps() {
        let (layer, made) = made(scene, entry, layer);
        let made = layer.as_ref().map_or(made, |(_, layer)| layer);
        text += &format!("\n# {made}\n{}\n", whole_instruction(entry));
    }
    Some(text)
}

/// What a config tells, beside the manifest that names it.
struct Told<'a> {
    node: &'a Node,
    config: &'a image::Config,
    /// How many steps made a layer.
    filled: usize,
    layers: Vec<NodeId>,
}

impl<'a> Told<'a> {
    fn of(scene: &Scene<'a>, id: NodeId) -> Option<Told<'a>> {
        let node = scene.graph.get(id)?;
        let manifest = if node.kind == Kind::Config { node.parent? } else { id };
        let (node, config) = config_of(scene.graph, manifest)?;
        Some(Told {
            node,
            config,
            filled: config.history_layers()?,
            layers: layers_of(scene.graph, manifest),
        })
    }

    /// Each step, with the layer that it made where that can be told.
    fn steps(&self) -> impl Iterator<Item = (&'a image::History, Option<NodeId>)> {
        let mut next = self.layers.iter().copied().filter(|_| self.filled == self.layers.len());
        self.config.history.iter().map(move |entry| {
            let layer = if entry.empty_layer { None } else { next.next() };
            (entry, layer)
        })
    }
}

impl Step {
    fn new(scene: &Scene<'_>, entry: &image::History, layer: Option<NodeId>) -> Step {
        let instruction = instruction(entry);
        let raw = words::visible(entry.created_by.as_deref().unwrap_or_default(), RAW);
        let (layer, made) = made(scene, entry, layer);
        Step { raw: (raw != instruction && !raw.is_empty()).then_some(raw), instruction, layer, made }
    }
}

/// The layer that a step made, with its name; or, in words, what it made otherwise.
fn made(
    scene: &Scene<'_>,
    entry: &image::History,
    layer: Option<NodeId>,
) -> (Option<(NodeId, String)>, &'static str) {
    let named = |id: NodeId| {
        let node = scene.graph.get(id)?;
        let size = node.size.map(|size| format!(", {}", words::bytes(size))).unwrap_or_default();
        Some((id, Title::of(scene, id, node).title + &size))
    };
    match layer.and_then(named) {
        _ if entry.empty_layer => (None, "no layer"),
        None => (None, "a layer"),
        layer => (layer, ""),
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
    let mut line = String::new();
    for word in command(stated.get(..end).unwrap_or_default()).split_ascii_whitespace() {
        line += if line.is_empty() { "" } else { " " };
        line += &shortened(word);
    }
    if line.is_empty() { "not stated".to_owned() } else { words::visible(&line, ROW) }
}

/// All of an instruction, on as many lines as it has; what does not show is made visible.
fn whole_instruction(entry: &image::History) -> String {
    let command = command(entry.created_by.as_deref().unwrap_or_default());
    let command = command.trim_ascii();
    if command.is_empty() {
        return "# not stated".to_owned();
    }
    command
        .split_inclusive(['\n', '\t'])
        .map(|part| {
            let text = part.trim_end_matches(['\n', '\t']);
            words::visible(text, usize::MAX) + part.get(text.len()..).unwrap_or_default()
        })
        .collect()
}

/// A command of the shell as `RUN` has it, and what the classic builder made a comment of the shell as it was.
fn command(stated: &str) -> String {
    let text = stated.trim_ascii();
    let text = text.strip_suffix("# buildkit").unwrap_or(text);
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
            assert_eq!(made, [empty.clone(), (Some((at(3), "Layer 1 of 1, 5 B".into())), ""), empty]);
            assert_eq!(history.note, None);
            let text =
                "FROM scratch\n\n# no layer\nENV x\n\n# Layer 1 of 1, 5 B\nCOPY a /\n\n# no layer\nCMD x\n";
            let dockerfile = dockerfile(&scene(&graph, &trace), at(id)).unwrap();
            assert!(dockerfile.ends_with(text), "{dockerfile}");
        }
        assert_eq!(instructions(&graph, at(1)), ["COPY a /"]);
        assert_eq!(History::of(&scene(&graph, &trace), at(0)), None, "an index has none");
    }

    #[test]
    fn a_dockerfile_has_all_of_every_instruction() {
        let hash = "50563a97010fd7ce1ceebd1fa4f4891ac3decdf428333fb2683696f4358af6c2";
        let long = format!("/bin/sh -c echo {} \\\n\t&&  echo '#' # buildkit", "word ".repeat(10_000));
        let copy = format!("/bin/sh -c #(nop) COPY file:{hash} in /");
        let mut entries = vec![(long.as_str(), true), (&copy, false), ("a\u{202e}b", true), ("", true)];
        entries.extend((0..400).map(|_| ("ENV x", true)));
        let mut graph = image(0);
        told(&mut graph, at(2), &entries);
        let text = dockerfile(&scene(&graph, &Trace::default()), at(2)).unwrap();
        let run = format!("\nRUN echo {} \\\n\t&&  echo '#'\n", "word ".repeat(10_000));
        for part in [&run, &format!("\nCOPY file:{hash} in /\n"), "\na⟨202e⟩b\n", "\n# not stated\n"] {
            assert!(text.contains(part), "{part}");
        }
        assert_eq!(text.matches("\nENV x\n").count(), 400);
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
