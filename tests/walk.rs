//! The walkthrough of whole pulls, each written down as it is told.
//!
//! To accept a new telling after reading it: `INSTA_UPDATE=always cargo test --test walk`.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "a test's helper may panic: that fails the test")]

mod support;

use std::path::Path;

use insta::assert_snapshot;
use registry_inspector::digest::Digest;
use registry_inspector::har::{Recording, Replay};
use registry_inspector::pull::{Options, Pull, recorded_reference};
use registry_inspector::reference::Reference;
use registry_inspector::transport::Transport;
use registry_inspector::view::summary::Run;
use registry_inspector::view::walk::Walk;
use registry_inspector::view::{Scene, Stage};
use support::{Fake, Image, Lie};

/// Every step as its title, its text, and what is lit and what waits.
fn told<T: Transport>(reference: &Reference, transport: T) -> String {
    let pull = Pull::new(reference.clone(), Options::default(), transport, |_| {});
    pollster::block_on(pull.run()).unwrap();
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

fn recorded(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/recordings").join(format!("{name}.har"));
    let recording = Recording::parse(&std::fs::read(path).unwrap()).unwrap();
    let reference = recorded_reference(recording.urls()).unwrap();
    told(&reference, Replay::new(recording))
}

fn live(reference: &str, fake: Fake) -> String {
    told(&reference.parse().unwrap(), fake)
}

fn lying(lie: impl FnOnce(&Image) -> Lie) -> String {
    let image = Image::new("linux", "amd64", &["first layer", "second layer"]);
    let lie = lie(&image);
    live("registry.example/app:1", Fake::with_index(&image).lying(lie))
}

#[test]
fn the_seeds_record() {
    assert_snapshot!(recorded("hello-world"));
}

#[test]
fn one_flipped_byte() {
    assert_snapshot!(recorded("flipped-byte"));
}

#[test]
fn no_index() {
    assert_snapshot!(recorded("single-manifest"));
}

#[test]
fn a_pinned_digest_takes_nothing_on_trust() {
    let image = Image::new("linux", "amd64", &["one"]);
    let reference = format!("registry.example/app@{}", Digest::sha256(&image.manifest));
    let mut fake = Fake::new();
    fake.add_image(&image);
    assert_snapshot!(live(&reference, fake));
}

#[test]
fn many_layers_share_a_step() {
    let layers: Vec<String> = (1..=9).map(|number| format!("layer {number}")).collect();
    let layers: Vec<&str> = layers.iter().map(String::as_str).collect();
    let image = Image::new("linux", "amd64", &layers);
    assert_snapshot!(live("registry.example/app:1", Fake::with_index(&image)));
}

#[test]
fn head_that_is_refused() {
    assert_snapshot!(lying(|_| Lie::NoHead));
}

#[test]
fn no_answer_at_all() {
    assert_snapshot!(lying(|_| Lie::Unreachable));
}

#[test]
fn a_header_that_is_hidden() {
    assert_snapshot!(live(
        "registry.example/app:1",
        Fake::with_index(&Image::new("linux", "amd64", &["one"])).hiding_headers()
    ));
}

#[test]
fn another_platform_alone() {
    assert_snapshot!(live(
        "registry.example/app:1",
        Fake::with_index(&Image::new("linux", "s390x", &["one"]))
    ));
}

#[test]
fn a_body_that_is_cut_short() {
    assert_snapshot!(lying(|image| Lie::CutShort(Digest::sha256(&image.layers[1]))));
}
