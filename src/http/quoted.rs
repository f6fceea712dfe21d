//! Quoted strings, as several headers have them: RFC 9110, section 5.6.4.

/// Reads the quoted string that a text begins with, and says what follows it. A backslash frees the next character of its
/// meaning. `None` where the text begins with no quotation mark, or none ends it.
pub fn quoted(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut value = String::new();
    let mut is_escaped = false;
    for (at, c) in inner.char_indices() {
        match c {
            _ if is_escaped => {
                value.push(c);
                is_escaped = false;
            }
            '\\' => is_escaped = true,
            '"' => return Some((value, inner.get(at + 1..).unwrap_or_default())),
            c => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_strings() {
        for (text, expected) in [
            ("\"a\", b", Some(("a", ", b"))),
            ("\"\"", Some(("", ""))),
            (r#""a \" b\\"c"#, Some((r#"a " b\"#, "c"))),
            ("\"é\\é\"", Some(("éé", ""))),
            ("\"a", None),
            ("\"a\\\"", None),
            ("a\"", None),
            ("", None),
        ] {
            let found = quoted(text);
            assert_eq!(found.as_ref().map(|(value, rest)| (value.as_str(), *rest)), expected, "{text}");
        }
    }
}
