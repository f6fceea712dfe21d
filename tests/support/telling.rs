//! The walkthrough of a pull, written down as it is told.

use registry_inspector::pull::Pull;
use registry_inspector::transport::Transport;
use registry_inspector::view::summary::Run;
use registry_inspector::view::walk::Walk;
use registry_inspector::view::{Scene, Stage};

/// Every step as its title, its text, and what is lit and what waits.
pub(crate) fn telling<T: Transport>(pull: &Pull<T>) -> String {
    let reference = pull.reference();
    let (graph, trace, problem) = (pull.graph(), pull.trace(), pull.problem());
    let scene = Scene {
        graph: &graph,
        trace: &trace,
        layers: pull.options().layers,
        stage: Stage::Done,
        problem: problem.as_ref(),
        reference: &reference.canonical(),
        recorded: false,
        tag: reference.digest().is_none().then(|| reference.tag().unwrap_or("latest")),
        front: None,
        behind: None,
        want: None,
        waiting: None,
        diagnosis: None,
        beyond: None,
        claimant: None,
        framed: false,
    };
    let walk = Walk::new(&scene);
    let mut text = String::new();
    for (place, step) in walk.steps.iter().enumerate() {
        let words = step.text.iter().map(|run| match run {
            Run::Text(text) => text.clone(),
            Run::Code(text) => format!("`{text}`"),
        });
        let requests =
            (0..trace.entries.len()).filter(|request| !walk.request_waits(place, *request)).count();
        let objects = graph.iter().filter(|(id, _)| !walk.object_waits(place, *id)).count();
        let lit = step.request.map_or("-".to_owned(), |request| format!("#{}", request + 1));
        let words = words.collect::<String>();
        text += &format!(
            "{}. {}\n{words}\n[{lit}, so far {requests} requests, {objects} objects]\n\n",
            place + 1,
            step.title
        );
    }
    text
}
