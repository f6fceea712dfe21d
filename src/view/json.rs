//! JSON laid out anew: only the space between its parts changes, never their order, their numbers or their texts.

/// The document with an indentation of so many spaces for each level; 0 leaves out all space. `None` for what is no
/// well-formed JSON.
pub fn indented(text: &str, spaces: usize) -> Option<String> {
    serde_json::from_slice::<serde::de::IgnoredAny>(text.as_bytes()).ok()?;
    let mut out = String::with_capacity(text.len() * 2);
    let (mut depth, mut in_text, mut escaped, mut opened) = (0_usize, false, false, false);
    let line = |out: &mut String, depth: usize| {
        if spaces > 0 {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', depth * spaces));
        }
    };
    for letter in text.chars() {
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
    Some(out)
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
    fn what_is_no_json_is_left_alone() {
        for text in ["", "{", "{]", "[1,]", "{\"a\" 1}", "\"a"] {
            assert_eq!(indented(text, 2), None, "{text}");
        }
    }
}
