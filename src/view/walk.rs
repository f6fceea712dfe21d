//! The walkthrough: one pull as steps, each told from what really happened in it.

mod told;

use std::ops::RangeInclusive;

use super::summary::Run;
use super::{Scene, Stage};
use crate::graph::{Kind, NodeId};
use crate::trace::{Entry, Role};

/// So many layers get a step each; of more, all but the first and the last share one.
const FEW_LAYERS: usize = 6;

/// A pull as steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Walk {
    /// The steps so far, in order.
    pub steps: Vec<Step>,
    /// For each request, the step that it belongs to.
    step_of_request: Vec<usize>,
    /// For each object, the step that it is first spoken of in.
    step_of_object: Vec<usize>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it is about.
    pub title: String,
    /// What is asked, why, what came back, and what it proves.
    pub text: Vec<Run>,
    /// The request to light.
    pub request: Option<usize>,
    /// The object to light.
    pub object: Option<NodeId>,
}

/// What the panel of the walkthrough shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panel {
    /// The number of the step, counted from 1.
    pub number: usize,
    /// How many there are.
    pub of: usize,
    /// The title with its number.
    pub title: String,
    /// The text.
    pub text: Vec<Run>,
    /// How long the text takes to be read, in milliseconds.
    pub pause: i32,
}

/// What a step is told of.
#[derive(Debug, Clone, Copy)]
enum Part {
    /// That not everyone is answered, and what was done about it.
    Access,
    /// What the tag points to.
    Tag(NodeId),
    /// The digest in the reference.
    Pinned(NodeId),
    /// One object, fetched.
    Object(NodeId),
    /// The entry of an index that is for the platform.
    Choice(NodeId),
    /// Several layers: the first of them, and their numbers counted from 1.
    Layers(NodeId, usize, usize),
    /// The sum.
    End,
}

impl Walk {
    /// The steps of a pull, as far as it has come.
    pub fn new(scene: &Scene<'_>) -> Walk {
        let parts = parts(scene);
        let last = parts.len().saturating_sub(1);
        let mut step_of_request = vec![last; scene.trace.entries.len()];
        let mut step_of_object = vec![last; scene.graph.iter().count()];
        let mut steps = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            let (objects, requests) = belongings(scene, *part);
            for NodeId(object) in objects {
                if let Some(step) = step_of_object.get_mut(object) {
                    *step = at.min(*step);
                }
            }
            for request in &requests {
                if let Some(step) = step_of_request.get_mut(*request) {
                    *step = at.min(*step);
                }
            }
            let request = match part {
                // Of several tries, the last is the one that brought something.
                Part::Tag(_) | Part::Access => requests.last(),
                _ => requests.first(),
            };
            steps.push(Step {
                title: told::title(scene, *part),
                text: told::text(scene, *part),
                request: request.copied(),
                object: match part {
                    Part::Tag(id) | Part::Pinned(id) | Part::Object(id) | Part::Layers(id, ..) => Some(*id),
                    Part::Choice(index) => chosen(scene, *index).or(Some(*index)),
                    Part::Access | Part::End => scene.graph.root(),
                },
            });
        }
        Walk { steps, step_of_request, step_of_object }
    }

    /// The place of the step that an address asks for: the last one, where there are not as many. `None` where the
    /// address asks for none, or for what is no number.
    pub fn place(&self, asked: Option<&str>) -> Option<usize> {
        let number: usize = asked?.parse().ok().filter(|number| *number > 0)?;
        Some((number - 1).min(self.steps.len().checked_sub(1)?))
    }

    /// Whether a request belongs to a later step.
    pub fn request_waits(&self, place: usize, request: usize) -> bool {
        self.step_of_request.get(request).is_some_and(|step| *step > place)
    }

    /// Whether an object is first spoken of in a later step.
    pub fn object_waits(&self, place: usize, NodeId(object): NodeId) -> bool {
        self.step_of_object.get(object).is_some_and(|step| *step > place)
    }

    /// The panel for a step.
    pub fn panel(&self, place: usize) -> Option<Panel> {
        let step = self.steps.get(place)?;
        let letters: usize = step
            .text
            .iter()
            .map(|run| match run {
                Run::Text(text) | Run::Code(text) => text.len(),
            })
            .sum();
        Some(Panel {
            number: place + 1,
            of: self.steps.len(),
            title: format!("{}. {}", place + 1, step.title),
            text: step.text.clone(),
            // About 25 letters a second, and a moment to look.
            pause: i32::try_from(2_000 + letters * 40).unwrap_or(i32::MAX).min(15_000),
        })
    }
}

/// What a key does to the place in the walk; `None`: the key means nothing here.
pub fn key(place: usize, steps: usize, key: &str) -> Option<usize> {
    let last = steps.checked_sub(1)?;
    match key {
        "ArrowRight" => Some((place + 1).min(last)),
        "ArrowLeft" => Some(place.saturating_sub(1)),
        "Home" => Some(0),
        "End" => Some(last),
        _ => None,
    }
}

fn parts(scene: &Scene<'_>) -> Vec<Part> {
    let Some(root) = scene.graph.root() else { return Vec::new() };
    let mut parts = vec![if scene.tag.is_some() { Part::Tag(root) } else { Part::Pinned(root) }];
    if asked_for_access(scene).next().is_some() {
        parts.insert(0, Part::Access);
    }
    let begun = |id: NodeId| {
        let tried = documents(scene, id).next().is_some();
        tried || scene.graph.get(id).is_some_and(|node| !node.findings.is_empty())
    };
    // Depth first: an index, then the entry that was chosen, then what that names.
    let mut below = vec![root];
    while let Some(id) = below.pop() {
        let Some(node) = scene.graph.get(id).filter(|node| node.wanted && begun(id)) else { continue };
        if node.digest.is_none() {
            continue;
        }
        parts.push(Part::Object(id));
        if node.kind == Kind::Index && !node.children.is_empty() {
            parts.push(Part::Choice(id));
        }
        let wanted = |kinds: &'static [Kind]| {
            let fits = move |child: &crate::graph::Node| child.wanted && kinds.contains(&child.kind);
            scene.graph.children(id).filter(move |(_, child)| fits(child)).map(|(child, _)| child)
        };
        parts.extend(wanted(&[Kind::Config]).filter(|config| begun(*config)).map(Part::Object));
        let layers: Vec<NodeId> = wanted(&[Kind::Layer, Kind::Blob]).filter(|layer| begun(*layer)).collect();
        match layers.as_slice() {
            [first, second, .., last] if layers.len() > FEW_LAYERS => parts.extend([
                Part::Object(*first),
                Part::Layers(*second, 2, layers.len() - 1),
                Part::Object(*last),
            ]),
            few => parts.extend(few.iter().map(|layer| Part::Object(*layer))),
        }
        let entries: Vec<NodeId> = wanted(&[Kind::Index, Kind::Manifest, Kind::Unknown]).collect();
        below.extend(entries.into_iter().rev());
    }
    if scene.stage != Stage::Running {
        parts.push(Part::End);
    }
    parts
}

/// The objects and requests of a step.
fn belongings(scene: &Scene<'_>, part: Part) -> (Vec<NodeId>, Vec<usize>) {
    match part {
        Part::Access => (Vec::new(), asked_for_access(scene).collect()),
        Part::Tag(root) => (vec![root], asked_of_tag(scene, root).collect()),
        Part::Pinned(root) => (vec![root], Vec::new()),
        Part::Object(id) => (vec![id], documents(scene, id).collect()),
        Part::Choice(index) => {
            let entries = scene.graph.children(index).filter(|(_, node)| !node.wanted).map(|(id, _)| id);
            (entries.chain(chosen(scene, index)).collect(), Vec::new())
        }
        Part::Layers(first, from, to) => {
            let layers: Vec<NodeId> = among(scene, first, from..=to).collect();
            let requests = layers.iter().flat_map(|layer| documents(scene, *layer)).collect();
            (layers, requests)
        }
        Part::End => Default::default(),
    }
}

/// The layers beside one, by their numbers counted from 1.
fn among<'a>(
    scene: &Scene<'a>,
    first: NodeId,
    numbers: RangeInclusive<usize>,
) -> impl Iterator<Item = NodeId> + 'a {
    let graph = scene.graph;
    let kind = graph.get(first).map(|node| node.kind);
    let manifest = graph.get(first).and_then(|node| node.parent);
    let layers = manifest.into_iter().flat_map(move |manifest| graph.children(manifest));
    layers
        .filter(move |(_, node)| Some(node.kind) == kind && numbers.contains(&(node.ordinal + 1)))
        .map(|(id, _)| id)
}

/// The requests that were refused for want of a token or a password, and those for tokens.
fn asked_for_access<'a>(scene: &Scene<'a>) -> impl Iterator<Item = usize> + 'a {
    let entries = scene.trace.entries.iter().enumerate();
    let is_access = |entry: &Entry| match entry.purpose.role {
        Role::Token => true,
        // What a probe is answered is the doctor's.
        Role::Ping => false,
        _ => entry.status() == Some(401),
    };
    entries.filter(move |(_, entry)| is_access(entry)).map(|(at, _)| at)
}

/// The requests that asked what the tag points to.
fn asked_of_tag<'a>(scene: &Scene<'a>, root: NodeId) -> impl Iterator<Item = usize> + 'a {
    of_role(scene, root, true)
}

/// The requests that asked for an object by its digest, with the hops that they led over.
fn documents<'a>(scene: &Scene<'a>, id: NodeId) -> impl Iterator<Item = usize> + 'a {
    of_role(scene, id, false)
}

fn of_role<'a>(scene: &Scene<'a>, id: NodeId, tag: bool) -> impl Iterator<Item = usize> + 'a {
    let requests = scene.graph.get(id).map(|node| node.requests.as_slice()).unwrap_or_default();
    let entries = &scene.trace.entries;
    let is_tag = move |at: usize| {
        // A hop belongs to the request that began it.
        let mut entry = entries.get(at);
        while let Some(from) = entry.and_then(|entry| entry.redirected_from) {
            entry = entries.get(from);
        }
        entry.is_some_and(|entry| entry.purpose.role == Role::Tag)
    };
    requests.iter().copied().filter(move |at| is_tag(*at) == tag)
}

/// The entry of an index that the pull went on with.
fn chosen(scene: &Scene<'_>, index: NodeId) -> Option<NodeId> {
    scene.graph.children(index).find(|(_, node)| node.wanted).map(|(id, _)| id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Trace;
    use crate::view::samples::{image, scene};

    #[test]
    fn an_address_leads_to_a_step_that_is_there() {
        let (graph, trace) = (image(2), Trace::default());
        let walk = Walk::new(&scene(&graph, &trace));
        assert_eq!(walk.steps.len(), 2, "nothing was fetched: the tag and the end");
        for (asked, place) in [
            (Some("1"), Some(0)),
            (Some("2"), Some(1)),
            (Some("99"), Some(1)),
            (Some("0"), None),
            (Some("-1"), None),
            (Some("x"), None),
            (None, None),
        ] {
            assert_eq!(walk.place(asked), place, "{asked:?}");
        }
        assert_eq!(Walk::new(&scene(&Default::default(), &trace)).place(Some("1")), None);
    }

    #[test]
    fn keys_step_and_stay_within() {
        for (place, pressed, next) in [
            (0, "ArrowRight", Some(1)),
            (2, "ArrowRight", Some(2)),
            (0, "ArrowLeft", Some(0)),
            (2, "Home", Some(0)),
            (0, "End", Some(2)),
            (0, "x", None),
        ] {
            assert_eq!(key(place, 3, pressed), next, "{place} {pressed}");
        }
        assert_eq!(key(0, 0, "End"), None);
    }
}
