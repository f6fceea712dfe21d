use super::*;
use crate::digest::Digest;
use crate::graph::Graph;
use crate::trace::Trace;
use crate::view::samples::{at, attest, image, node, proven, scene, told};

fn all(graph: &Graph, folds: &Folds) -> Vec<TreeRow> {
    let trace = Trace::default();
    let scene = scene(graph, &trace);
    let rows = Rows::of(&scene);
    spots(graph, folds).iter().filter_map(|spot| rows.row(spot)).collect()
}

fn titles(rows: &[TreeRow]) -> Vec<String> {
    let line = |row: &TreeRow| format!("{}{}", "  ".repeat(row.spot.level - 1), row.title);
    rows.iter().filter(|row| row.spot.shown).map(line).collect()
}

#[test]
fn what_was_asked_for_comes_first() {
    let rows = all(&image(1), &Folds::default());
    assert_eq!(titles(&rows), ["Index", "  linux/amd64", "    Config", "    Layer 1 of 1", "  linux/arm/v0"]);
    assert_eq!((rows[1].kind, rows[1].verdict, rows[1].spot.expanded), ("manifest", "verified", Some(true)));
    let other = &rows[4];
    assert_eq!((other.verdict, other.aside, other.fetch), ("unchecked", true, true));
    assert_eq!(other.badge.word, "not asked for");
}

#[test]
fn rows_say_where_they_stand_and_what_is_below() {
    let mut graph = image(10);
    attest(&mut graph, at(0), b"elsewhere");
    let rows = all(&graph, &Folds::default());
    let places: Vec<_> =
        rows.iter().take(5).map(|row| (row.spot.level, row.spot.position, row.spot.siblings)).collect();
    assert_eq!(places, [(1, 1, 1), (2, 1, 12), (3, 1, 2), (3, 2, 2), (2, 2, 12)]);
    let facts: Vec<String> = rows.iter().take(4).map(|row| row.facts.replace('\u{a0}', " ")).collect();
    assert_eq!(facts, ["5 B · 11 platforms, 1 attestation", "8 B · 1 layer, 11 B below", "6 B", "5 B"]);
    assert_eq!(rows[0].short, Digest::sha256(b"index").short());
    let mut bare = Graph::default();
    let root = bare.add(None, proven(node(Kind::Index, b"index")));
    bare.add(Some(root), node(Kind::Unknown, b"entry"));
    assert_eq!(all(&bare, &Folds::default())[0].facts, "5\u{a0}B · 1 entry");
}

#[test]
fn shares_are_of_what_the_manifest_names() {
    let rows = all(&image(1), &Folds::default());
    let shares: Vec<_> =
        rows.iter().map(|row| row.share.as_ref().map(|share| share.words.as_str())).collect();
    assert_eq!(shares, [None, None, Some("55%"), Some("45%"), None]);
    for (size, total, bar, words) in [
        (0, 10, "1%", "0%"),
        (1, 1_000, "1%", "<1%"),
        (u64::MAX, u64::MAX, "100%", "100%"),
        (u64::MAX, 1, "100%", "100%"),
        (999, 1_000, "100%", "100%"),
    ] {
        let expected = Share { bar: bar.into(), words: words.into() };
        assert_eq!(Share::new(size, total), Some(expected), "{size} of {total}");
    }
    assert_eq!(Share::new(0, 0), None);
}

#[test]
fn a_layer_has_its_instruction_beside_it() {
    let mut graph = image(0);
    told(&mut graph, at(2), &[("/bin/sh -c #(nop) COPY hello in / ", false), ("CMD", true)]);
    let rows = all(&graph, &Folds::default());
    let instructions: Vec<&str> = rows.iter().map(|row| row.instruction.as_str()).collect();
    assert_eq!(instructions, ["", "", "", "COPY hello in /"]);
}

#[test]
fn an_attestation_stands_under_what_it_describes() {
    let mut graph = image(1);
    attest(&mut graph, at(0), b"manifest");
    attest(&mut graph, at(0), b"other 0");
    attest(&mut graph, at(0), b"elsewhere");
    // One that describes an attestation stays where it is, whatever that describes.
    attest(&mut graph, at(0), b"manifest attested");
    let rows = all(&graph, &Folds::default());
    assert_eq!(
        titles(&rows),
        [
            "Index",
            "  linux/amd64",
            "    Config",
            "    Layer 1 of 1",
            "    Attestation",
            "  linux/arm/v0",
            "  Attestation",
            "  Attestation"
        ]
    );
    let below: Vec<_> =
        rows.iter().filter(|row| row.title == "Attestation").map(|row| row.spot.parent).collect();
    assert_eq!(below, [Some(at(1)), Some(at(2)), Some(at(0)), Some(at(0))]);
    assert_eq!((rows[4].spot.position, rows[4].spot.siblings), (3, 3));
    assert_eq!(rows[5].spot.expanded, Some(false), "what was not asked for is folded");
    assert_eq!(graph.get(at(5)).unwrap().parent, Some(at(0)), "the index names it");
}

#[test]
fn folding_hides_and_reveal_shows() {
    let graph = image(10);
    let mut folds = Folds::default();
    let shown = |folds: &Folds| titles(&all(&graph, folds)).len();
    assert_eq!(shown(&folds), 4, "many others are folded away");
    folds.turn_others(&graph, at(0));
    assert_eq!(shown(&folds), 14);
    folds.set(at(1), false);
    assert_eq!(shown(&folds), 12);
    folds.set(at(0), false);
    assert_eq!(shown(&folds), 1);
    let mut folds = Folds::default();
    folds.set(at(0), false);
    folds.reveal(&graph, at(5));
    assert_eq!(shown(&folds), 14, "one of the others");
    let few = image(2);
    assert_eq!(titles(&all(&few, &Folds::default())).len(), 6, "a few others are simply shown");
}

#[test]
fn an_attestation_of_another_platform_is_revealed_with_it() {
    let mut graph = image(10);
    let attestation = attest(&mut graph, at(0), b"other 3");
    let mut folds = Folds::default();
    let row = |folds: &Folds| all(&graph, folds).into_iter().find(|row| row.spot.id == attestation).unwrap();
    assert!(!row(&folds).spot.shown);
    folds.reveal(&graph, attestation);
    assert!(row(&folds).spot.shown);
}

#[test]
fn all_and_none_and_those_beside() {
    let mut graph = image(10);
    attest(&mut graph, at(0), b"other 3");
    let shown = |folds: &Folds| titles(&all(&graph, folds)).len();
    let mut folds = Folds::default();
    folds.set_all(true);
    assert_eq!(shown(&folds), 15);
    folds.set_all(false);
    assert_eq!(titles(&all(&graph, &folds)), ["Index", "  linux/amd64"]);
    folds.turn_others(&graph, at(0));
    assert_eq!(shown(&folds), 12);
    let spots = spots(&graph, &folds);
    folds.open_beside(&spots, at(4));
    assert_eq!(shown(&folds), 15, "the image and the attestation");
}

#[test]
fn each_index_has_its_others() {
    let folds = Folds::default();
    let mut graph = image(10);
    let mut nested = proven(node(Kind::Index, b"nested"));
    nested.platform = Some("linux/riscv64".parse().unwrap());
    let nested = graph.add(Some(at(0)), nested);
    for entry in 0..5 {
        let mut other = node(Kind::Unknown, &[entry]);
        other.wanted = false;
        graph.add(Some(nested), other);
    }
    let all = others(&graph, &folds);
    let told: Vec<_> = all.iter().map(|others| (others.index, others.open, others.count.as_str())).collect();
    assert_eq!(told, [(at(0), false, "10 other platforms"), (nested, false, "5 other entries")]);
    assert_eq!(all[0].names, "linux/arm/v0, linux/arm/v1, linux/arm/v2, linux/arm/v3 and 6 more");
    let mut folds = Folds::default();
    folds.turn_others(&graph, nested);
    assert!(others(&graph, &folds)[1].open);
    assert_eq!(others(&image(2), &Folds::default()), []);
}

#[test]
fn a_tree_of_thousands_takes_no_time() {
    let mut graph = image(0);
    for at_layer in 0..5_000_u32 {
        graph.add(Some(at(1)), proven(node(Kind::Layer, &at_layer.to_be_bytes())));
    }
    // Seconds, if each layer looked at each other.
    assert_eq!(all(&graph, &Folds::default()).len(), 5_004);
}
