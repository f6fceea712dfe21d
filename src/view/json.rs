//! JSON laid out anew: only the space between its parts changes, never their order, their numbers or their texts.

use serde::de::IgnoredAny;

use super::words;

/// Deeper levels have no deeper indentation: a document of brackets alone would be all space.
const DEEPEST: usize = 40;

/// The document with an indentation of so many spaces for each level; 0 leaves out all space. `None` for what is no
/// well-formed JSON.
pub fn indented(text: &str, spaces: usize) -> Option<String> {
    serde_json::from_slice::<IgnoredAny>(text.as_bytes()).ok()?;
    Some(lay_out(text, spaces, usize::MAX).0)
}

/// The same of the beginning of a document, in no more than so many bytes, with whether that leaves anything out. What has
/// more behind it is well-formed as far as it goes.
pub fn begin_indented(text: &str, is_cut: bool, spaces: usize, most: usize) -> Option<(String, bool)> {
    match serde_json::from_slice::<IgnoredAny>(text.as_bytes()) {
        Ok(_) if !is_cut => {}
        Err(error) if is_cut && error.is_eof() => {}
        _ => return None,
    }
    let (out, is_whole) = lay_out(text, spaces, most);
    Some((out, is_cut || !is_whole))
}

fn lay_out(text: &str, spaces: usize, most: usize) -> (String, bool) {
    let mut out = String::with_capacity(text.len().saturating_mul(2).min(most));
    let (mut depth, mut in_text, mut escaped, mut opened) = (0_usize, false, false, false);
    let line = |out: &mut String, depth: usize| {
        if spaces > 0 {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', depth.min(DEEPEST) * spaces));
        }
    };
    for letter in text.chars() {
        if out.len() > most {
            break;
        }
        if in_text {
            out.push(letter);
            in_text = escaped || letter != '"';
            escaped = letter == '\\' && !escaped;
            continue;
        }
        if letter.is_ascii_whitespace() {
            continue;
        }
        // An empty list or object stays on its line.
        if matches!(letter, '}' | ']') {
            depth = depth.saturating_sub(1);
            if !opened {
                line(&mut out, depth);
            }
        } else if opened {
            line(&mut out, depth);
        }
        opened = matches!(letter, '{' | '[');
        out.push(letter);
        match letter {
            '{' | '[' => depth += 1,
            ',' => line(&mut out, depth),
            ':' if spaces > 0 => out.push(' '),
            '"' => in_text = true,
            _ => {}
        }
    }
    let is_whole = out.len() <= most;
    out.truncate(words::begin(&out, most).len());
    (out, is_whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_space_changes() {
        let text = "{\"b\":[1.0,{}, [] ,{\"a\\\"\\\\\":\"x, [y]: {\\\\\"}],\n\"a\": 1e400, \"b\":null}";
        let pretty = "{\n  \"b\": [\n    1.0,\n    {},\n    [],\n    {\n      \"a\\\"\\\\\": \"x, [y]: {\\\\\"\n    }\n  ],\n  \"a\": 1e400,\n  \"b\": null\n}";
        assert_eq!(indented(text, 2).as_deref(), Some(pretty));
        let bare = "{\"b\":[1.0,{},[],{\"a\\\"\\\\\":\"x, [y]: {\\\\\"}],\"a\":1e400,\"b\":null}";
        assert_eq!(indented(pretty, 0).as_deref(), Some(bare));
        assert_eq!(indented(bare, 2).as_deref(), Some(pretty));
        assert_eq!(indented("7", 2).as_deref(), Some("7"));
    }

    #[test]
    fn of_a_long_document_what_is_shown_is_laid_out() {
        let begin = |text: &str, is_cut, most| begin_indented(text, is_cut, 1, most);
        assert_eq!(begin("[1,2]", false, 99), Some(("[\n 1,\n 2\n]".into(), false)));
        assert_eq!(begin("[1,2]", false, 7), Some(("[\n 1,\n ".into(), true)));
        assert_eq!(begin("[1,\"é", true, 99), Some(("[\n 1,\n \"é".into(), true)));
        assert_eq!(begin("[1,\"é", true, 9), Some(("[\n 1,\n \"".into(), true)), "no half character");
        assert_eq!(
            (begin("[1,2", false, 99), begin("[1,]", true, 99), begin("1", true, 99)),
            (None, None, None)
        );
        let deep = "[".repeat(32 << 10) + &"]".repeat(32 << 10);
        assert!(indented(&deep, 2).unwrap().len() < 6 << 20);
    }

    #[test]
    fn what_is_no_json_is_left_alone() {
        for text in ["", "{", "{]", "[1,]", "{\"a\" 1}", "\"a"] {
            assert_eq!(indented(text, 2), None, "{text}");
        }
    }
}
