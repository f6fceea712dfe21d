//! What holds for every reference, and for every text: on random ones.
#![cfg(not(target_arch = "wasm32"))]

use proptest::prelude::*;
use registry_inspector::reference::Reference;

/// Text by the grammar in the module's documentation, registries of every kind among it.
fn reference() -> impl Strategy<Value = String> {
    let registry = prop_oneof![
        Just(String::new()),
        Just("localhost/".to_owned()),
        Just("docker.io/".to_owned()),
        Just("index.docker.io/".to_owned()),
        "[a-zA-Z0-9]{1,5}(-{1,2}[a-zA-Z0-9]{1,3})?(\\.[a-zA-Z0-9]{1,3}){1,3}(:[0-9]{1,6})?/",
        "[A-Z][a-zA-Z0-9]{0,5}(:[0-9]{1,6})?/",
        "\\[[0-9a-fA-F:]{0,10}:\\](:[0-9]{1,6})?/",
        "[a-z]{1,3}(_|__)[a-z]{1,3}\\.[a-z]{1,3}/",
    ];
    let component = "[a-z0-9]{1,4}((\\.|_|__|-{1,3})[a-z0-9]{1,3}){0,2}";
    let path = prop::collection::vec(component, 1..4).prop_map(|components| components.join("/"));
    let tag = prop_oneof![Just(String::new()), ":[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}"];
    let digest = prop_oneof![
        3 => Just(String::new()),
        1 => "@sha256:[0-9a-f]{64}",
        1 => "@sha384:[0-9a-f]{96}",
        1 => "@sha512:[0-9a-f]{128}",
    ];
    (registry, path, tag, digest).prop_map(|(registry, path, tag, digest)| registry + &path + &tag + &digest)
}

/// Pieces that mean something somewhere, in any order, between arbitrary characters.
fn almost_reference() -> impl Strategy<Value = String> {
    let piece =
        prop_oneof!["[a-z]{1,3}", "[/:@.\\[\\]_ -]", "[A-Z0-9+]", "sha256:[0-9a-f]{64}", "\\PC", "://"];
    prop::collection::vec(piece, 0..9).prop_map(|pieces| pieces.concat())
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_grammar_is_accepted_and_its_canonical_form_means_the_same(text in reference()) {
        let reference: Reference = text.parse()?;
        let again: Reference = reference.canonical().parse()?;
        prop_assert_eq!(again.repository(), reference.repository());
        prop_assert_eq!(again.digest(), reference.digest());
        let implied = if reference.digest().is_none() { Some("latest") } else { None };
        prop_assert_eq!(again.tag(), reference.tag().or(implied));
        prop_assert_eq!(again.canonical(), reference.canonical());
    }

    #[test]
    fn what_is_stated_is_what_was_written(text in reference()) {
        let reference: Reference = text.parse()?;
        prop_assert_eq!(reference.tag().is_some() || reference.digest().is_some(), {
            let last = text.rsplit('/').next().unwrap_or_default();
            last.contains([':', '@'])
        });
        if let Some(digest) = reference.digest() {
            let end = format!("@{digest}");
            prop_assert!(text.ends_with(&end));
        }
        prop_assert!(text.contains(reference.repository().path().trim_start_matches("library/")));
    }

    #[test]
    fn a_typed_prefix_changes_the_scheme_alone(text in reference()) {
        let Ok(plain) = Reference::parse_typed(&text) else {
            // The names without registry.
            return Ok(());
        };
        for scheme in ["http", "https"] {
            let typed = Reference::parse_typed(&format!(" {scheme}://{text}\n"))?;
            prop_assert_eq!(typed.canonical(), plain.canonical());
            prop_assert_eq!(typed.repository().scheme().to_string(), scheme);
        }
    }

    #[test]
    fn no_text_panics(text in prop_oneof![any::<String>(), almost_reference()]) {
        for result in [text.parse::<Reference>(), Reference::parse_typed(&text)] {
            match result {
                Ok(reference) => prop_assert!(reference.canonical().parse::<Reference>().is_ok()),
                Err(error) => prop_assert!(!error.to_string().is_empty()),
            }
        }
    }
}
