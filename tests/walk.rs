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
use support::{Fake, Image, Lie, telling};

fn told<T: Transport>(reference: &Reference, transport: T) -> String {
    let pull = Pull::new(reference.clone(), Options::default(), transport, |_| {});
    pollster::block_on(pull.run()).unwrap();
    telling(&pull)
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
    let image = Image::new("linux", "amd64", &["first layer", "second layer"]);
    assert_snapshot!(live("registry.example/app:1", Fake::with_index(&image).without_head()));
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
