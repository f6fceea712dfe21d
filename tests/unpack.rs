//! Layers that are unpacked in whole pulls: what is wrong with any byte of them is found, where it is, and nowhere else.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test's helper may panic: that fails the test"
)]

mod support;

use std::io::Write as _;
use std::rc::Rc;

use flate2::{Compression as Level, write::GzEncoder};
use registry_inspector::digest::Digest;
use registry_inspector::graph::Kind;
use registry_inspector::intake::Inline;
use registry_inspector::layer::{Limits, Unpacked};
use registry_inspector::pull::{Layers, Options, Pull};
use serde_json::{Value, json};
use support::{Fake, Image, Lie, config, manifest};

/// A tar of one file.
fn tar(path: &str, content: &[u8]) -> Vec<u8> {
    [of_type(b'0', path, "", content), vec![0; 1024]].concat()
}

/// One entry of a tar.
fn of_type(letter: u8, path: &str, link: &str, content: &[u8]) -> Vec<u8> {
    let mut block = vec![0_u8; 512];
    let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, path.as_bytes());
    for (at, text) in [(100, "0000644"), (108, "0000000"), (116, "0000000"), (136, "00000000000")] {
        put(at, text.as_bytes());
    }
    put(124, format!("{:011o}", content.len()).as_bytes());
    put(148, b"        ");
    put(156, &[letter]);
    put(157, link.as_bytes());
    put(257, b"ustar\x0000");
    let sum: u64 = block.iter().map(|byte| u64::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block.extend_from_slice(content);
    block.resize(block.len().next_multiple_of(512), 0);
    block
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Level::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

fn tars() -> Vec<Vec<u8>> {
    vec![tar("etc/first", b"one"), tar("etc/second", b"two and more")]
}

fn config_of(tars: &[Vec<u8>]) -> Value {
    let mut config = config("linux", "amd64", tars.len());
    let diff_ids: Vec<String> = tars.iter().map(|tar| Digest::sha256(tar).to_string()).collect();
    config["rootfs"]["diff_ids"] = json!(diff_ids);
    config
}

fn image_of(config: &Value, layers: Vec<Vec<u8>>) -> Image {
    let config = config.to_string().into_bytes();
    let manifest = manifest(&config, &layers).to_string().into_bytes();
    Image { manifest, config, layers }
}

fn honest() -> Image {
    image_of(&config_of(&tars()), tars().iter().map(|tar| gzip(tar)).collect())
}

fn zstded() -> Image {
    let image = image_of(&config_of(&tars()), tars().iter().map(|tar| zstd(tar)).collect());
    with_media_type(&image, &format!("{LAYER}+zstd"))
}

struct Came {
    /// Each finding as `kind ordinal code`.
    found: Vec<String>,
    layers: Vec<Option<Rc<Unpacked>>>,
}

fn pull_with(options: Options, fake: Fake) -> Came {
    let reference = "registry.example/app:image".parse().unwrap();
    let pull = Pull::new(reference, options, Inline::new(fake), |_| {});
    pollster::block_on(pull.run()).unwrap();
    let graph = pull.graph();
    let told = graph.iter().flat_map(|(_, node)| {
        let told = |code: &str| format!("{} {} {code}", node.kind.as_str(), node.ordinal);
        node.findings.iter().map(move |finding| told(finding.code.as_str()))
    });
    let layers = graph.iter().filter(|(_, node)| node.kind == Kind::Layer);
    Came { found: told.collect(), layers: layers.map(|(_, node)| node.unpacked.clone()).collect() }
}

fn unpack() -> Options {
    Options { layers: Layers::Unpack, ..Options::default() }
}

fn pull(image: &Image) -> Came {
    let mut fake = Fake::new();
    fake.add_image(image);
    pull_with(unpack(), fake)
}

/// The image with other media types of its layers.
fn with_media_type(image: &Image, media_type: &str) -> Image {
    let mut document: Value = serde_json::from_slice(&image.manifest).unwrap();
    for layer in document["layers"].as_array_mut().unwrap() {
        layer["mediaType"] = json!(media_type);
    }
    let (config, layers) = (image.config.clone(), image.layers.clone());
    Image { manifest: document.to_string().into_bytes(), config, layers }
}

const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

#[test]
fn every_way_of_packing_unpacks_to_the_same() {
    let plain = image_of(&config_of(&tars()), tars());
    let images = [honest(), with_media_type(&plain, LAYER), zstded()];
    for image in &images {
        let Came { found, layers } = pull(image);
        assert_eq!(found, [""; 0]);
        let listed = layers.iter().map(|layer| layer.as_ref().unwrap().listing.entries()[0].path.clone());
        assert_eq!(listed.collect::<Vec<_>>(), ["etc/first", "etc/second"]);
    }
}

#[test]
fn any_byte_of_a_layer_is_found_by_its_digest() {
    for image in [honest(), zstded()] {
        for at in 0..image.layers[1].len() {
            let mut fake = Fake::new();
            fake.add_image(&image);
            let mut bytes = image.layers[1].clone();
            bytes[at] ^= 1;
            fake.replace_blob(&Digest::sha256(&image.layers[1]), &bytes);
            assert_eq!(pull_with(unpack(), fake).found, ["layer 1 digest-mismatch"], "byte {at}");
        }
    }
}

#[test]
fn any_byte_of_a_tar_is_found_by_its_diff_id() {
    let honest = config_of(&tars());
    for at in 0..tars()[0].len() {
        let mut tampered = tars();
        tampered[0][at] ^= 1;
        let image = image_of(&honest, tampered.iter().map(|tar| gzip(tar)).collect());
        assert_eq!(pull(&image).found, ["layer 0 diff-id-mismatch"], "byte {at}");
    }
    // However it is packed: a sample is enough.
    for at in (0..tars()[1].len()).step_by(7) {
        let mut tampered = tars();
        tampered[1][at] ^= 1;
        let image = image_of(&honest, tampered.iter().map(|tar| zstd(tar)).collect());
        let image = with_media_type(&image, &format!("{LAYER}+zstd"));
        assert_eq!(pull(&image).found, ["layer 1 diff-id-mismatch"], "byte {at}");
    }
}

#[test]
fn any_byte_of_a_diff_id_is_found_at_its_layer() {
    let digits = "sha256:".len().."sha256:".len() + 64;
    for (layer, at) in (0..2).flat_map(|layer| digits.clone().map(move |at| (layer, at))) {
        let mut config = config_of(&tars());
        let mut diff_id = config["rootfs"]["diff_ids"][layer].as_str().unwrap().to_owned().into_bytes();
        diff_id[at] = if diff_id[at] == b'0' { b'1' } else { b'0' };
        config["rootfs"]["diff_ids"][layer] = json!(String::from_utf8(diff_id).unwrap());
        let image = image_of(&config, honest().layers);
        assert_eq!(pull(&image).found, [format!("layer {layer} diff-id-mismatch")], "digit {at}");
    }
}

#[test]
fn a_history_that_made_another_number_of_layers_is_found_at_the_config() {
    for at in 0..3 {
        let mut config = config_of(&tars());
        let is_empty = config["history"][at]["empty_layer"] == true;
        config["history"][at]["empty_layer"] = json!(!is_empty);
        let image = image_of(&config, honest().layers);
        assert_eq!(pull(&image).found, ["config 0 history-mismatch"], "entry {at}");
        config["history"][at]["empty_layer"] = json!(is_empty);
        config["history"].as_array_mut().unwrap().remove(at);
        let expected: &[&str] = if is_empty { &[] } else { &["config 0 history-mismatch"] };
        assert_eq!(pull(&image_of(&config, honest().layers)).found, expected, "without entry {at}");
    }
}

#[test]
fn what_another_config_says_is_found_where_it_does_not_fit() {
    const COUNT: &str = "config 0 layer-count-mismatch";
    const HISTORY: &str = "config 0 history-mismatch";
    let wrong = |layer: usize| format!("layer {layer} diff-id-mismatch");
    // What has no diff ID in its place cannot be held against one.
    let without = |layer: usize| format!("layer {layer} not-unpacked");
    let (config, layers) = (config_of(&tars()), honest().layers);
    let diff_ids = || config["rootfs"]["diff_ids"].as_array().unwrap().clone();
    let with_diff_ids = |diff_ids: Vec<Value>| {
        let mut config = config.clone();
        config["rootfs"]["diff_ids"] = json!(diff_ids);
        config
    };
    let mut longer = config.clone();
    longer["history"].as_array_mut().unwrap().push(json!({ "created_by": "COPY 2" }));
    let mut untold = config.clone();
    untold.as_object_mut().unwrap().remove("history");
    let [first, second] = &*diff_ids() else { panic!("two") };
    let third = [layers.clone(), vec![gzip(&tar("etc/third", b"3"))]].concat();
    for (config, layers, expected) in [
        (longer, layers.clone(), vec![HISTORY.to_owned()]),
        (untold, layers.clone(), vec![]),
        (with_diff_ids(vec![first.clone()]), layers.clone(), vec![COUNT.to_owned(), without(1)]),
        (with_diff_ids(vec![second.clone()]), layers.clone(), vec![COUNT.to_owned(), wrong(0), without(1)]),
        (with_diff_ids(vec![second.clone(), first.clone()]), layers.clone(), vec![wrong(0), wrong(1)]),
        (with_diff_ids([diff_ids(), diff_ids()].concat()), layers.clone(), vec![COUNT.to_owned()]),
        (with_diff_ids(vec![]), layers.clone(), vec![COUNT.to_owned(), without(0), without(1)]),
        // Another number of layers: neither the diff IDs nor the history has it.
        (config.clone(), layers[..1].to_vec(), vec![COUNT.to_owned(), HISTORY.to_owned()]),
        (config.clone(), third, vec![COUNT.to_owned(), HISTORY.to_owned(), without(2)]),
        (config.clone(), vec![layers[1].clone(), layers[0].clone()], vec![wrong(0), wrong(1)]),
    ] {
        assert_eq!(pull(&image_of(&config, layers)).found, expected, "{config}");
    }
}

#[test]
fn of_a_config_that_is_not_the_right_one_no_diff_id_is_believed() {
    let image = honest();
    let expected = ["config 0 digest-mismatch", "layer 0 not-unpacked", "layer 1 not-unpacked"];
    for at in 0..image.config.len() {
        for bit in [1, 0x20, 0x80] {
            let mut fake = Fake::new();
            fake.add_image(&image);
            let mut bytes = image.config.clone();
            bytes[at] ^= bit;
            fake.replace_blob(&Digest::sha256(&image.config), &bytes);
            let Came { found, .. } = pull_with(unpack(), fake);
            assert_eq!(found, expected, "bit {bit} of byte {at}, of {}", String::from_utf8_lossy(&bytes));
        }
    }
}

#[test]
fn what_is_packed_otherwise_than_it_says_is_found() {
    let image = with_media_type(&honest(), LAYER);
    assert_eq!(pull(&image).found, ["layer 0 media-type-mismatch", "layer 1 media-type-mismatch"]);
    let other = with_media_type(&honest(), "application/vnd.example.thing");
    assert_eq!(pull(&other).found, [""; 0], "what is said to be no tar is not taken for one");
}

#[test]
fn what_follows_the_end_and_what_is_there_twice_is_found() {
    let twice = [&tar("a", b"1")[..1024], &tar("./a", b"2")].concat();
    let more = [tar("a", b"1"), b"x".repeat(512)].concat();
    for (tar, expected) in [(twice, "layer 0 duplicate-path"), (more, "layer 0 trailing-bytes")] {
        let image = image_of(&config_of(std::slice::from_ref(&tar)), vec![gzip(&tar)]);
        assert_eq!(pull(&image).found, [expected]);
    }
    let packed = [gzip(&tars()[0]), b"more".to_vec()].concat();
    let image = image_of(&config_of(&tars()[..1]), vec![packed]);
    assert_eq!(pull(&image).found, ["layer 0 trailing-bytes"]);
}

#[test]
fn what_go_refuses_fails_and_what_others_read_otherwise_is_a_notice() {
    let end = vec![0; 1024];
    let pax = |record: &[u8]| of_type(b'x', "pax", "", record);
    let file = of_type(b'0', "f", "", b"");
    for (parts, expected) in [
        (vec![file.clone()], ""),
        (vec![of_type(b'7', "f", "", b"")], "layer 0 malformed, layer 0 readers-disagree"),
        (vec![of_type(b'0', "a/.wh.", "", b"")], "layer 0 malformed"),
        (vec![pax(b"14 atime=junk\n"), file.clone()], "layer 0 malformed"),
        (vec![file.clone(), of_type(b'0', "f/x", "", b"")], "layer 0 malformed, layer 0 readers-disagree"),
        (
            vec![of_type(b'g', "pax_global_header", "", b"13 comment=c\n"), file.clone()],
            "layer 0 readers-disagree",
        ),
        (
            vec![of_type(b'L', "", "", b"other"), pax(b"10 path=b\n"), file.clone()],
            "layer 0 readers-disagree",
        ),
        (vec![of_type(b'5', "d/", "", b""), of_type(b'5', "d", "", b"")], "layer 0 readers-disagree"),
        (vec![of_type(b'2', "l", "d", b""), of_type(b'0', "l/x", "", b"")], "layer 0 readers-disagree"),
    ] {
        let tar = [parts.concat(), end.clone()].concat();
        let image = image_of(&config_of(std::slice::from_ref(&tar)), vec![gzip(&tar)]);
        assert_eq!(pull(&image).found.join(", "), expected);
    }
}

#[test]
fn a_path_through_a_link_of_a_lower_layer_is_a_notice_on_the_upper_one() {
    let end = vec![0; 1024];
    let base =
        [of_type(b'5', "usr/lib/", "", b""), of_type(b'2', "lib", "usr/lib", b""), end.clone()].concat();
    for (path, expected) in
        [("lib/x", "layer 1 readers-disagree"), ("lib/.wh.x", "layer 1 readers-disagree"), ("usr/lib/x", "")]
    {
        let tars = [base.clone(), tar(path, b"")];
        let image = image_of(&config_of(&tars), tars.iter().map(|tar| gzip(tar)).collect());
        assert_eq!(pull(&image).found.join(", "), expected, "{path}");
    }
}

#[test]
fn zeros_after_the_end_are_nothing_to_tell() {
    let tar = [tar("a", b"1"), vec![0; 9000]].concat();
    for packed in [[gzip(&tar), vec![0; 700]].concat(), gzip(&tar)] {
        let image = image_of(&config_of(std::slice::from_ref(&tar)), vec![packed]);
        assert_eq!(pull(&image).found, [""; 0]);
    }
}

#[test]
fn a_bomb_is_stopped_and_its_digest_is_checked_all_the_same() {
    let tar = tar("zeros", &vec![0; 100 << 20]);
    let image = image_of(&config_of(std::slice::from_ref(&tar)), vec![gzip(&tar)]);
    let came = pull(&image);
    assert_eq!(came.found, [""; 0], "fast compression keeps below the limit");
    let limits = Limits { ratio: 100, ..Limits::default() };
    let mut fake = Fake::new();
    fake.add_image(&image);
    let Came { found, layers } = pull_with(Options { limits, ..unpack() }, fake);
    assert_eq!(found, ["layer 0 not-unpacked"]);
    assert_eq!(layers[0].as_ref().unwrap().diff_id, None);
    let mut fake = Fake::new();
    fake.add_image(&image);
    let mut bytes = image.layers[0].clone();
    *bytes.last_mut().unwrap() ^= 1;
    fake.replace_blob(&Digest::sha256(&image.layers[0]), &bytes);
    assert_eq!(pull_with(Options { limits, ..unpack() }, fake).found, ["layer 0 digest-mismatch"]);
}

#[test]
fn the_same_layer_twice_is_held_against_both_diff_ids() {
    let same = vec![tars()[0].clone(), tars()[0].clone()];
    let packed: Vec<Vec<u8>> = same.iter().map(|tar| gzip(tar)).collect();
    assert_eq!(pull(&image_of(&config_of(&same), packed.clone())).found, [""; 0]);
    assert_eq!(pull(&image_of(&config_of(&tars()), packed)).found, ["layer 1 diff-id-mismatch"]);
}

#[test]
fn a_file_s_bytes_are_those_of_the_file_whatever_part_the_registry_sends() {
    let layer = [&tar("first", &[7; 3000])[..512 + 3072], &tar("second", b"its bytes")].concat();
    let image = image_of(&config_of(std::slice::from_ref(&layer)), vec![layer.clone()]);
    let image = with_media_type(&image, LAYER);
    let others = Lie::BreaksAndSendsOthers(Digest::sha256(&layer), 0);
    for (lie, requests) in [(None, vec![206]), (Some(others), vec![206, 200])] {
        let mut fake = Fake::new();
        fake.add_image(&image);
        let fake = lie.into_iter().fold(fake, Fake::lying);
        let reference = "registry.example/app:image".parse().unwrap();
        let pull = Pull::new(reference, unpack(), Inline::new(fake), |_| {});
        pollster::block_on(pull.run()).unwrap();
        let (id, entries) = {
            let graph = pull.graph();
            let (id, node) = graph.iter().find(|(_, node)| node.kind == Kind::Layer).unwrap();
            (id, node.unpacked.as_ref().unwrap().listing.entries())
        };
        let before = pull.trace().entries.len();
        assert_eq!(pollster::block_on(pull.file(id, &entries[1])), Ok(b"its bytes".to_vec()));
        let statuses: Vec<u16> =
            pull.trace().entries[before..].iter().filter_map(|entry| entry.status()).collect();
        assert_eq!(statuses, requests);
    }
}
