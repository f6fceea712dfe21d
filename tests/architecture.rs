//! Which module may name which: the table is the design, and this holds the code to it.
#![allow(clippy::unwrap_used, reason = "a test's helper may panic: that fails the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Each module of the core with those that it may name, in reading order. `browser` may name anything, and
/// nothing may name it.
const MAY_NAME: &[(&str, &str)] = &[
    ("calendar", ""),
    ("digest", ""),
    ("media_type", ""),
    ("http", ""),
    ("json", "calendar"),
    ("listing", "http json"),
    ("reference", "digest http"),
    ("turns", ""),
    ("image", "digest json media_type"),
    ("auth", "http json reference"),
    ("layer", "digest media_type"),
    ("redact", "http"),
    ("transport", "digest http layer"),
    ("registry_error", "http json"),
    ("endpoint", "calendar listing digest media_type http reference image redact transport registry_error"),
    ("intake", "digest endpoint http layer transport turns"),
    ("verify", "digest http media_type image layer"),
    ("trace", "http transport redact digest"),
    ("graph", "digest media_type image layer verify"),
    ("har", "calendar json trace transport http redact digest"),
    ("doctor", ""),
    ("session", "auth endpoint http reference registry_error trace transport"),
    (
        "pull",
        "auth digest media_type http reference image layer redact transport registry_error endpoint verify trace graph doctor listing session",
    ),
    ("report", "redact reference layer transport verify trace graph pull"),
    (
        "view",
        "auth calendar digest media_type http image layer redact reference transport verify trace graph doctor listing session pull",
    ),
];

/// The crates that only `browser` may use: with one of them, a module could not be tested natively.
const JAVASCRIPT: &[&str] =
    &["wasm_bindgen", "web_sys", "js_sys", "wasm_bindgen_futures", "serde_wasm_bindgen"];

/// Every source file as its module and its text.
fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let inside = path.strip_prefix(root()).unwrap();
                let module = inside.iter().next().unwrap().to_string_lossy();
                let module = module.trim_end_matches(".rs").to_owned();
                found.push((module, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    walk(&root(), &mut found);
    found
}

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The modules that a file of the crate names, tests left out: they may use anything.
fn named(text: &str) -> BTreeSet<String> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let word = |rest: &str| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    lines.flat_map(|line| line.split("crate::").skip(1)).map(word).collect()
}

#[test]
fn modules_name_only_what_they_may() {
    let mut seen = 0;
    for (module, text) in sources() {
        if module == "lib" || module == "browser" {
            continue;
        }
        let row = MAY_NAME.iter().find(|(name, _)| *name == module);
        let (_, allowed) = row.unwrap_or_else(|| panic!("{module} is not in the table"));
        for other in named(&text) {
            let may = other == module || allowed.split_whitespace().any(|name| name == other);
            assert!(may, "{module} names {other}, which the table does not allow");
        }
        seen += 1;
    }
    assert!(seen > 15, "only {seen} files were looked at");
}

#[test]
fn only_the_browser_module_knows_javascript() {
    for (module, text) in sources() {
        let known = JAVASCRIPT.iter().find(|name| text.contains(&format!("{name}::")));
        assert!(module == "browser" || known.is_none(), "{module} uses {known:?}");
    }
}

#[test]
fn one_file_alone_makes_an_authorization_header() {
    let mut named: Vec<String> = Vec::new();
    for (module, text) in sources() {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default().to_ascii_lowercase();
        let is_read = code.contains("eq_ignore_ascii_case(\"authorization\")");
        named.extend(Some(module).filter(|_| code.contains("\"authorization\"") && !is_read));
    }
    // Whoever else made the header would not ask who may see it. What is redacted is named, and not made.
    named.sort();
    assert_eq!(named, ["auth", "redact"]);
}

#[test]
fn text_gets_onto_the_page_in_one_file() {
    let ways =
        ["set_text_content(", "append_with_str", "prepend_with_str", "create_text_node(", "set_inner_text("];
    let texts = sources().into_iter().filter(|(module, _)| module == "browser").map(|(_, text)| text);
    let writers = texts.filter(|text| ways.iter().any(|way| text.contains(way)));
    assert_eq!(writers.count(), 1, "browser/dom.rs marks what is hidden in a text");
}

#[test]
fn the_table_itself_has_an_order() {
    for (at, (module, allowed)) in MAY_NAME.iter().enumerate() {
        for other in allowed.split_whitespace() {
            let place = MAY_NAME.iter().position(|(name, _)| *name == other);
            assert!(place.is_some_and(|place| place < at), "{module} may name {other}, which comes later");
        }
    }
}

#[test]
fn an_import_is_seen() {
    let text = "use crate::http::Url;\n// crate::no\nfn f(_: crate::digest::Digest) {}\n#[cfg(test)]\nuse crate::pull;";
    assert_eq!(named(text).into_iter().collect::<Vec<_>>(), ["digest", "http"]);
}
