//! Whole pulls against a fake registry, each written down as its requests and its verdicts.
//!
//! To accept a new story after reading it: `INSTA_UPDATE=always cargo test --test pull`.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test's helper may panic: that fails the test"
)]

mod support;

use std::cell::{OnceCell, RefCell};
use std::rc::{Rc, Weak};

use insta::assert_snapshot;
use registry_inspector::digest::Digest;
use registry_inspector::intake::Inline;
use registry_inspector::pull::{Aborted, Event, Layers, Options, Pull};
use registry_inspector::verify::{Code, Verdict};
use support::{Fake, Image, Lie, config, index, manifest, story, story_of};

fn image() -> Image {
    Image::new("linux", "amd64", &["first layer", "second layer"])
}

fn lying(lie: impl FnOnce(&Image) -> Lie) -> String {
    let image = image();
    let lie = lie(&image);
    story(Fake::with_index(&image).lying(lie))
}

fn layer(image: &Image) -> Digest {
    Digest::sha256(&image.layers[1])
}

fn platform_manifest(image: &Image) -> Digest {
    Digest::sha256(&image.manifest)
}

fn for_platform(platform: &str) -> Options {
    Options { platform: platform.parse().unwrap(), ..Options::default() }
}

#[test]
fn honest_index() {
    assert_snapshot!(story(Fake::with_index(&image())));
}

#[test]
fn honest_single_manifest_needs_a_second_try_at_the_tag() {
    let mut fake = Fake::new();
    fake.add_image(&image());
    assert_snapshot!(story_of("registry.example/app:image", Options::default(), fake));
}

#[test]
fn honest_by_digest() {
    let image = image();
    let reference = format!("registry.example/app@{}", Digest::sha256(&image.manifest));
    let mut fake = Fake::new();
    fake.add_image(&image);
    assert_snapshot!(story_of(&reference, Options::default(), fake));
}

#[test]
fn redirects_that_can_be_seen_are_followed_and_recorded() {
    assert_snapshot!(story(Fake::with_index(&image()).redirecting()));
}

#[test]
fn the_same_layer_twice_is_fetched_once() {
    let mut fake = Fake::new();
    fake.add_image(&Image::new("linux", "amd64", &["same", "same"]));
    assert_snapshot!(story_of("registry.example/app:image", Options::default(), fake));
}

#[test]
fn skipped_layers_are_unchecked() {
    let options = Options { layers: Layers::Skip, ..Options::default() };
    assert_snapshot!(story_of("registry.example/app:1", options, Fake::with_index(&image())));
}

#[test]
fn a_missing_platform_names_those_that_exist() {
    let fake = Fake::with_index(&image());
    assert_snapshot!(story_of("registry.example/app:1", for_platform("linux/s390x"), fake));
}

#[test]
fn a_missing_platform_manifest_leaves_the_index_verified() {
    assert_snapshot!(story_of(
        "registry.example/app:1",
        for_platform("linux/arm64"),
        Fake::with_index(&image())
    ));
}

#[test]
fn nested_index() {
    let image = image();
    let mut fake = Fake::new();
    fake.add_image(&image);
    let inner = index(&[("linux/amd64", &image.manifest)]).to_string();
    let mut outer = index(&[("unknown/unknown", inner.as_bytes())]);
    outer["manifests"][0]["mediaType"] = outer["mediaType"].clone();
    outer["manifests"][0].as_object_mut().unwrap().remove("platform");
    fake.add_manifest("inner", outer["mediaType"].as_str().unwrap(), inner.as_bytes());
    fake.add_manifest("1", outer["mediaType"].as_str().unwrap(), outer.to_string().as_bytes());
    assert_snapshot!(story(fake));
}

#[test]
fn an_index_that_names_itself_is_cut() {
    let image = image();
    let root = index(&[("linux/amd64", &image.manifest)]);
    let digest = Digest::sha256(root.to_string().as_bytes());
    let mut liar = root.clone();
    liar["manifests"][0]["mediaType"] = root["mediaType"].clone();
    liar["manifests"][0]["digest"] = digest.to_string().into();
    let fake = Fake::with_index(&image);
    let mut fake = fake.lying(Lie::Body(digest, liar.to_string().into_bytes()));
    fake.add_manifest("1", root["mediaType"].as_str().unwrap(), root.to_string().as_bytes());
    assert_snapshot!(story(fake));
}

#[test]
fn a_config_for_another_platform_and_of_another_length() {
    let layers = vec![b"only".to_vec()];
    let config = config("linux", "arm64", 3).to_string().into_bytes();
    let manifest = manifest(&config, &layers).to_string().into_bytes();
    assert_snapshot!(story(Fake::with_index(&Image { manifest, config, layers })));
}

#[test]
fn hidden_headers() {
    assert_snapshot!(story(Fake::with_index(&image()).hiding_headers()));
}

#[test]
fn lie_no_digest_header() {
    assert_snapshot!(lying(|_| Lie::NoDigestHeader));
}

#[test]
fn lie_no_head() {
    assert_snapshot!(story(Fake::with_index(&image()).without_head()));
}

#[test]
fn lie_wrong_bytes_of_a_layer() {
    assert_snapshot!(lying(|image| Lie::WrongBytes(layer(image))));
}

#[test]
fn lie_wrong_bytes_of_the_config() {
    assert_snapshot!(lying(|image| Lie::WrongBytes(Digest::sha256(&image.config))));
}

#[test]
fn lie_short_body() {
    assert_snapshot!(lying(|image| Lie::ShortBody(layer(image))));
}

#[test]
fn lie_cut_short_of_its_content_length() {
    assert_snapshot!(lying(|image| Lie::CutShort(layer(image))));
}

#[test]
fn lie_broken_body() {
    assert_snapshot!(lying(|image| Lie::BrokenBody(platform_manifest(image))));
}

#[test]
fn a_layer_that_breaks_off_goes_on_from_there() {
    assert_snapshot!(lying(|image| Lie::BreaksOften(layer(image), 3)));
}

#[test]
fn a_layer_that_breaks_off_again_and_again_is_cut_short() {
    assert_snapshot!(lying(|image| Lie::BreaksOften(layer(image), 99)));
}

#[test]
fn a_layer_that_starts_over_is_hashed_anew() {
    assert_snapshot!(lying(|image| Lie::BreaksAndStartsOver(layer(image))));
}

#[test]
fn a_layer_whose_rest_is_said_to_be_other_bytes_starts_over() {
    assert_snapshot!(lying(|image| Lie::BreaksAndSendsOthers(layer(image), 1)));
}

#[test]
fn a_layer_whose_rest_is_other_bytes_again_is_cut_short() {
    assert_snapshot!(lying(|image| Lie::BreaksAndSendsOthers(layer(image), 2)));
}

#[test]
fn where_blobs_are_taken_in_makes_no_difference() {
    let image = image();
    let second = layer(&image);
    let lies = [
        Lie::WrongBytes(second.clone()),
        Lie::ShortBody(second.clone()),
        Lie::CutShort(second.clone()),
        Lie::BreaksOften(second.clone(), 3),
        Lie::BreaksOften(second.clone(), 99),
        Lie::BreaksAndStartsOver(second.clone()),
        Lie::BreaksAndSendsOthers(second.clone(), 1),
        Lie::BreaksAndSendsOthers(second.clone(), 2),
        Lie::LongBody(second.clone()),
        Lie::RedirectToRefusal,
        Lie::Status(second.clone(), 418, r#"{"errors":[{"code":"ON_HOLIDAY"}]}"#.into()),
    ];
    for lie in lies {
        let fake = || Fake::with_index(&image).lying(lie.clone());
        assert_eq!(story(Inline::new(fake())), story(fake()), "{lie:?}");
    }
    let headless = || Fake::with_index(&image).without_head();
    assert_eq!(story(Inline::new(headless())), story(headless()));
    let redirecting = || Fake::with_index(&image).redirecting();
    assert_eq!(story(Inline::new(redirecting())), story(redirecting()));
}

#[test]
fn lie_long_body() {
    assert_snapshot!(lying(|image| Lie::LongBody(layer(image))));
}

#[test]
fn lie_wrong_header() {
    assert_snapshot!(lying(|image| Lie::WrongHeader(platform_manifest(image))));
}

#[test]
fn lie_wrong_media_type() {
    assert_snapshot!(lying(|image| Lie::WrongMediaType(platform_manifest(image))));
}

#[test]
fn lie_oversize_manifest() {
    let huge = vec![b' '; 4 * 1024 * 1024 + 1];
    let image = image();
    let root = index(&[("linux/amd64", &image.manifest)]).to_string();
    let mut fake = Fake::new().lying(Lie::Body(Digest::sha256(root.as_bytes()), huge));
    fake.add_manifest("1", "application/vnd.oci.image.index.v1+json", root.as_bytes());
    assert_snapshot!(story(fake));
}

#[test]
fn lie_malformed_json() {
    assert_snapshot!(lying(|image| {
        let mut broken = image.manifest.clone();
        let comma = broken.iter().position(|b| *b == b',').unwrap();
        broken[comma] = b';';
        Lie::Body(platform_manifest(image), broken)
    }));
}

#[test]
fn lie_html_in_place_of_json() {
    assert_snapshot!(lying(|image| {
        let mut page = b"<html><script>alert(1)</script></html>".to_vec();
        page.resize(image.manifest.len(), b' ');
        Lie::Body(platform_manifest(image), page)
    }));
}

#[test]
fn lie_envelope_with_an_unknown_code() {
    let envelope = r#"{"errors":[{"code":"ON_HOLIDAY","message":"back on monday","detail":[1]}]}"#;
    assert_snapshot!(lying(|image| Lie::Status(layer(image), 418, envelope.into())));
}

#[test]
fn lie_redirect_to_a_host_that_refuses() {
    assert_snapshot!(lying(|_| Lie::RedirectToRefusal));
}

#[test]
fn lie_redirect_in_a_circle() {
    let image = Image::new("linux", "amd64", &[]);
    let mut fake = Fake::new().lying(Lie::RedirectCircle);
    fake.add_image(&image);
    assert_snapshot!(story_of("registry.example/app:image", Options::default(), fake));
}

#[test]
fn an_unreachable_registry_is_a_report_and_not_an_error() {
    assert_snapshot!(lying(|_| Lie::Unreachable));
}

#[test]
fn a_sign_in_page_in_front_of_the_registry() {
    assert_snapshot!(lying(|_| Lie::Always(401, "<html>sign in</html>".into())));
}

#[test]
fn a_tag_that_does_not_exist() {
    assert_snapshot!(story_of("registry.example/app:2", Options::default(), Fake::with_index(&image())));
}

#[test]
fn the_caller_alone_ends_a_pull_and_what_was_found_stays() {
    let fake = Fake::with_index(&image()).lying(Lie::AbortedAtBlobs);
    let pull = Pull::new("registry.example/app:1".parse().unwrap(), Options::default(), fake, |_| {});
    assert_eq!(pollster::block_on(pull.run()), Err(Aborted));
    let verified = pull.graph().iter().filter(|(_, node)| node.verdict() == Verdict::Verified).count();
    assert_eq!((verified, pull.graph().verdict()), (2, Verdict::Unchecked));
}

#[test]
fn an_observer_sees_each_change_and_may_look() {
    let seen: Rc<RefCell<Vec<Event>>> = Rc::default();
    let handle: Rc<OnceCell<Weak<Pull<Fake>>>> = Rc::default();
    let observer = {
        let (seen, handle) = (Rc::clone(&seen), Rc::clone(&handle));
        move |event| {
            let pull = handle.get().and_then(Weak::upgrade).unwrap();
            // Borrowing either would panic if the pull still held it.
            assert!(pull.graph().iter().count() + pull.trace().entries.len() > 0);
            seen.borrow_mut().push(event);
        }
    };
    let reference = "registry.example/app:1".parse().unwrap();
    let pull = Rc::new(Pull::new(reference, Options::default(), Fake::with_index(&image()), observer));
    handle.set(Rc::downgrade(&pull)).unwrap();
    pollster::block_on(pull.run()).unwrap();
    let seen = seen.borrow();
    for (id, _) in pull.graph().iter() {
        assert!(seen.contains(&Event::Object(id)), "{id:?}");
    }
    for at in 0..pull.trace().entries.len() {
        assert!(seen.contains(&Event::Request(at)), "{at}");
    }
    assert!(seen.iter().any(|event| matches!(event, Event::Progress(_))));
}

#[test]
fn a_huge_index_is_listed_and_not_choked_on() {
    let entries: Vec<(String, Vec<u8>)> =
        (0..20_000).map(|at| (format!("os{at}/cpu"), at.to_string().into_bytes())).collect();
    let borrowed: Vec<(&str, &[u8])> =
        entries.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let document = index(&borrowed).to_string();
    assert!(document.len() < 4 << 20, "as many as fit into a manifest");
    let mut fake = Fake::new();
    fake.add_manifest("1", "application/vnd.oci.image.index.v1+json", document.as_bytes());
    let pull = Pull::new("registry.example/app:1".parse().unwrap(), Options::default(), fake, |_| {});
    pollster::block_on(pull.run()).unwrap();
    assert_eq!(pull.graph().iter().count(), 20_001);
    let last = pull.graph().iter().last().map(|(_, node)| node.ordinal);
    assert_eq!(last, Some(19_999));
    let problem = pull.problem().unwrap().to_string();
    assert!(problem.ends_with("os49/cpu and 19950 more"), "{problem}");
}

#[test]
fn every_byte_of_every_object_counts() {
    let image = image();
    let index = index(&[("linux/amd64", &image.manifest)]).to_string().into_bytes();
    let objects = image.layers.iter().chain([&image.config, &image.manifest, &index]);
    let mut flips = 0;
    for bytes in objects {
        let digest = Digest::sha256(bytes);
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1;
            let mut fake = Fake::new().lying(Lie::Body(digest.clone(), flipped));
            fake.add_image(&image);
            fake.add_manifest("1", "application/vnd.oci.image.index.v1+json", &index);
            let pull = Pull::new("registry.example/app:1".parse().unwrap(), Options::default(), fake, |_| {});
            pollster::block_on(pull.run()).unwrap();
            let graph = pull.graph();
            let node = graph.find(&digest).and_then(|id| graph.get(id)).unwrap();
            assert_eq!(node.verdict(), Verdict::Failed, "byte {at} of {digest}");
            assert!(node.findings.iter().any(|finding| finding.code == Code::DigestMismatch));
            assert_eq!(graph.verdict(), Verdict::Failed);
            flips += 1;
        }
    }
    assert!(flips > 1000, "{flips}");
}
