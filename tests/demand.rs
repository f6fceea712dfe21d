//! What a user asks for after a pull: other platforms, attestations, layers that were skipped; written down as requests
//! and verdicts.
//!
//! To accept a new story after reading it: `INSTA_UPDATE=always cargo test --test demand`.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test's helper may panic: that fails the test"
)]

mod support;

use insta::assert_snapshot;
use registry_inspector::digest::Digest;
use registry_inspector::graph::{Kind, NodeId};
use registry_inspector::har::{self, Recording, Replay, WriteOptions};
use registry_inspector::pull::{Aborted, Layers, Options, Pull};
use registry_inspector::report::Report;
use registry_inspector::trace::Keep;
use registry_inspector::transport::Transport;
use registry_inspector::verify::Verdict;
use serde_json::json;
use support::{Fake, Image, Lie, attestation, descriptor, index, written};

const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// Two platforms that share their first layer, and an attestation of the first.
struct Built {
    amd64: Image,
    arm64: Image,
    attestation: Image,
}

fn built() -> Built {
    Built {
        amd64: Image::new("linux", "amd64", &["shared", "for amd64"]),
        arm64: Image::new("linux", "arm64", &["shared", "for arm64"]),
        attestation: Image::new("unknown", "unknown", &["a statement"]),
    }
}

impl Built {
    fn fake(&self) -> Fake {
        let mut fake = Fake::new();
        let mut index =
            index(&[("linux/amd64", &self.amd64.manifest), ("linux/arm64", &self.arm64.manifest)]);
        let entry = attestation(&self.attestation.manifest, &self.amd64.manifest);
        index["manifests"].as_array_mut().unwrap().push(entry);
        for image in [&self.amd64, &self.arm64, &self.attestation] {
            fake.add_image(image);
        }
        fake.add_manifest("1", OCI_INDEX, index.to_string().as_bytes());
        fake
    }

    fn pulled(&self, options: Options) -> Pull<Fake> {
        pulled(options, self.fake())
    }
}

fn pulled<T: Transport>(options: Options, transport: T) -> Pull<T> {
    let pull = Pull::new("registry.example/app:1".parse().unwrap(), options, transport, |_| {});
    pollster::block_on(pull.run()).unwrap();
    pull
}

fn fetch<T: Transport>(pull: &Pull<T>, bytes: &[u8]) {
    let id = pull.graph().find(&Digest::sha256(bytes)).unwrap();
    pollster::block_on(pull.fetch(id)).unwrap();
}

fn for_platform(platform: &str) -> Options {
    Options { platform: platform.parse().unwrap(), ..Options::default() }
}

#[test]
fn another_platform_joins_the_tree_and_counts() {
    let built = built();
    let pull = built.pulled(Options::default());
    let before = pull.trace().entries.len();
    fetch(&pull, &built.arm64.manifest);
    assert_snapshot!(written(&pull));
    let after = pull.trace().entries.len();
    assert_eq!(after - before, 3, "manifest, config, one layer: the other is there already");
    fetch(&pull, &built.arm64.manifest);
    assert_eq!(pull.trace().entries.len(), after, "what was read is not fetched again");
}

#[test]
fn an_attestation_is_fetched_as_an_image_is() {
    let built = built();
    let pull = built.pulled(Options::default());
    fetch(&pull, &built.attestation.manifest);
    assert_snapshot!(written(&pull));
}

#[test]
fn a_lie_in_what_is_fetched_later_makes_the_whole_fail() {
    let built = built();
    let lie = Lie::WrongBytes(Digest::sha256(&built.arm64.layers[1]));
    let pull = pulled(Options::default(), built.fake().lying(lie));
    assert_eq!(Report::new(&pull).verdict, "verified");
    fetch(&pull, &built.arm64.manifest);
    assert_snapshot!(written(&pull));
}

#[test]
fn layers_that_were_skipped_are_fetched_one_by_one() {
    let built = built();
    let pull = built.pulled(Options { layers: Layers::Skip, ..Options::default() });
    assert_eq!(pull.graph().verdict(), Verdict::Unchecked);
    fetch(&pull, &built.amd64.layers[1]);
    assert_snapshot!(written(&pull));
    fetch(&pull, &built.amd64.layers[0]);
    assert_eq!(pull.graph().verdict(), Verdict::Verified);
}

#[test]
fn a_missing_platform_is_missing_no_longer_once_another_is_there() {
    let built = built();
    let pull = built.pulled(for_platform("linux/s390x"));
    assert_eq!(Report::new(&pull).problem.unwrap().code, "no-platform");
    fetch(&pull, &built.attestation.manifest);
    assert!(pull.problem().is_some(), "an attestation is no image");
    fetch(&pull, &built.arm64.manifest);
    assert_eq!((pull.problem(), Report::new(&pull).verdict), (None, "verified"));
}

#[test]
fn a_nested_index_is_fetched_with_the_image_in_it() {
    let built = built();
    let inner = index(&[("linux/arm64", &built.arm64.manifest)]).to_string().into_bytes();
    let mut entry = descriptor(OCI_INDEX, &inner);
    entry["platform"] = json!({ "os": "linux", "architecture": "arm64" });
    let mut outer = index(&[("linux/amd64", &built.amd64.manifest)]);
    outer["manifests"].as_array_mut().unwrap().push(entry);
    let mut fake = built.fake();
    fake.add_manifest("inner", OCI_INDEX, &inner);
    fake.add_manifest("1", OCI_INDEX, outer.to_string().as_bytes());
    let pull = pulled(Options::default(), fake);
    fetch(&pull, &inner);
    assert_snapshot!(written(&pull));
}

#[test]
fn what_was_refused_can_be_tried_again() {
    let built = built();
    let lie = Lie::Status(Digest::sha256(&built.amd64.config), 503, String::new());
    let pull = pulled(Options::default(), built.fake().lying(lie));
    let config = pull.graph().find(&Digest::sha256(&built.amd64.config)).unwrap();
    let requests = || pull.graph().get(config).unwrap().requests.clone();
    let first = requests();
    fetch(&pull, &built.amd64.config);
    assert_eq!(requests().len(), 2 * first.len(), "each try is there");
    assert_eq!(pull.graph().get(config).unwrap().findings.len(), 1, "and one reason, the last");
}

#[test]
fn a_recording_answers_for_what_it_holds_and_no_more() {
    let built = built();
    let options = || Options { keep: Keep { each: 1 << 20, total: 1 << 20 }, ..Options::default() };
    let both = built.pulled(options());
    fetch(&both, &built.arm64.manifest);
    let har = har::write(&both.trace(), &WriteOptions { secrets: false, comment: None });
    let replay = || Replay::new(Recording::parse(har.as_bytes()).unwrap());
    let pull = pulled(options(), replay());
    fetch(&pull, &built.arm64.manifest);
    assert_eq!(pull.graph().verdict(), Verdict::Verified);
    fetch(&pull, &built.attestation.manifest);
    assert_snapshot!(written(&pull));
}

#[test]
fn the_caller_may_stop_it_and_ask_again() {
    let built = built();
    let pull = pulled(
        Options { layers: Layers::Skip, platform: "linux/s390x".parse().unwrap(), ..Options::default() },
        built.fake().lying(Lie::AbortedAtBlobs),
    );
    assert!(pull.is_settled());
    let arm64 = pull.graph().find(&Digest::sha256(&built.arm64.manifest)).unwrap();
    assert_eq!(pollster::block_on(pull.fetch(arm64)), Err(Aborted));
    assert!(!pull.is_settled(), "the config was asked for, and nothing came of it");
    let verdicts: Vec<(Kind, Verdict)> =
        pull.graph().children(arm64).map(|(_, node)| (node.kind, node.verdict())).collect();
    assert_eq!(
        verdicts,
        [
            (Kind::Config, Verdict::Unchecked),
            (Kind::Layer, Verdict::Unchecked),
            (Kind::Layer, Verdict::Unchecked)
        ]
    );
    assert_eq!(pull.graph().get(arm64).unwrap().verdict(), Verdict::Verified);
    assert_eq!(pollster::block_on(pull.fetch(NodeId(0))), Ok(()), "the root is there already");
    assert_eq!(pollster::block_on(pull.fetch(NodeId(99))), Ok(()), "and what is not there stays so");
}

#[test]
fn an_attestation_belongs_to_the_index_that_names_it() {
    let built = built();
    let pull = built.pulled(Options::default());
    let graph = pull.graph();
    let id = graph.find(&Digest::sha256(&built.attestation.manifest)).unwrap();
    let node = graph.get(id).unwrap();
    assert_eq!(node.parent, graph.root());
    assert_eq!(node.describes, Some(Digest::sha256(&built.amd64.manifest)));
    let report = Report::new(&pull);
    let platforms: Vec<_> =
        report.root.children.iter().filter_map(|child| child.platform.as_deref()).collect();
    assert_eq!(
        platforms,
        ["linux/amd64", "linux/arm64", "unknown/unknown"],
        "the report keeps the index's order"
    );
}
