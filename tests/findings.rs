//! The table of findings in the README is the code's own.
#![cfg(not(target_arch = "wasm32"))]

use registry_inspector::verify::Code;

#[test]
fn the_readme_lists_every_code_with_its_class() {
    let readme = include_str!("../README.md");
    let row = |code: Code| {
        let begin = format!("| `{}` | ", code.as_str());
        let mut rows = readme.lines().filter(move |line| line.starts_with(&begin));
        (rows.next().unwrap_or_default().to_owned(), rows.next().is_some())
    };
    for code in Code::ALL {
        let (row, is_twice) = row(code);
        let class = row.split(" | ").nth(1).unwrap_or_default();
        assert!(class.split(", or ").any(|class| class == code.class().as_str()), "{code:?}: {row:?}");
        assert!(!is_twice, "{code:?} stands twice");
    }
    let listed = readme.lines().filter(|line| line.starts_with("| `") && line.split(" | ").count() == 3);
    let codes =
        listed.filter(|line| ["failed", "unchecked", "notice"].iter().any(|class| line.contains(class)));
    // Two codes share a name.
    assert_eq!(codes.count(), Code::ALL.len() - 1);
}
