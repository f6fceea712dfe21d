//! The words of a refusal: the error envelope of registries, `{"errors":[{"code":…,"message":…,"detail":…}]}`, and what
//! stores and gateways send in its place.
//!
//! Distribution specification, "Error codes". The set of codes is open.

use std::fmt;

use serde_json::Value;

use crate::json::{self, Part};

/// The errors of one response. Never empty.
#[derive(Debug, Clone, PartialEq)]
pub struct RegistryErrors(Vec<RegistryError>);

/// One error.
#[derive(Debug, Clone, PartialEq)]
pub struct RegistryError {
    /// The code, as the registry wrote it: `MANIFEST_UNKNOWN`.
    pub code: String,
    /// The registry's sentence, often empty.
    pub message: String,
    /// Anything.
    pub detail: Value,
}

/// How much of a plain text is shown, in characters.
const MAX_TEXT: usize = 200;

impl RegistryErrors {
    /// Reads the body of a refusal; `None` where it holds no words for people, as with the HTML of a proxy in front.
    pub fn parse(body: &[u8]) -> Option<RegistryErrors> {
        let errors = match json::parse(body) {
            Ok(value) => envelope(&Part::whole(&value)),
            Err(_not_json) => {
                let text = std::str::from_utf8(body).ok()?.trim();
                if text.starts_with('<') { store_error(text) } else { plain(text) }.into_iter().collect()
            }
        };
        (!errors.is_empty()).then_some(RegistryErrors(errors))
    }
}

/// The errors of an envelope, or of an object that is one error itself, as token servers and gateways send it.
fn envelope(whole: &Part<'_>) -> Vec<RegistryError> {
    let errors = whole.list("errors").unwrap_or_default();
    let own = errors.is_empty().then_some(whole);
    let texts = |part: &Part<'_>, names: &[&str]| names.iter().find_map(|name| word(&part.get(name)?));
    let error = |part: &Part<'_>| {
        let code = texts(part, &["code", "error"]).unwrap_or_default();
        let message = texts(part, &["message", "error_description", "details"]).unwrap_or_default();
        let detail = part.get("detail").map(|detail| detail.value().clone()).unwrap_or_default();
        (!code.is_empty() || !message.is_empty()).then_some(RegistryError { code, message, detail })
    };
    errors.iter().chain(own).filter_map(error).collect()
}

/// A text, or a number as some registries have it in a text's place.
fn word(part: &Part<'_>) -> Option<String> {
    match part.value() {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// What an object store says: `<Error><Code>…</Code><Message>…</Message></Error>`. The rest of it may hold the request's
/// signature.
fn store_error(text: &str) -> Option<RegistryError> {
    let (_, error) = text.split_once("<Error>")?;
    let element = |name: &str| {
        let (_, rest) = error.split_once(&format!("<{name}>"))?;
        let (content, _) = rest.split_once('<')?;
        Some(content.trim().chars().take(MAX_TEXT).collect::<String>()).filter(|content| !content.is_empty())
    };
    let (code, message) = (element("Code"), element("Message"));
    code.is_some().then(|| RegistryError {
        code: code.unwrap_or_default(),
        message: message.unwrap_or_default(),
        detail: Value::Null,
    })
}

/// The first line of a plain text.
fn plain(text: &str) -> Option<RegistryError> {
    let line = text.lines().next()?.trim();
    let is_text = !line.is_empty() && !line.chars().any(char::is_control);
    let message = line.chars().take(MAX_TEXT).collect();
    is_text.then_some(RegistryError { code: String::new(), message, detail: Value::Null })
}

impl fmt::Display for RegistryErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, error) in self.0.iter().enumerate() {
            let separator = if at > 0 { "; " } else { "" };
            write!(f, "{separator}{}", error.code)?;
            if !error.message.is_empty() {
                let colon = if error.code.is_empty() { "" } else { ": " };
                write!(f, "{colon}{}", error.message)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn envelopes() {
        for (body, expected) in [
            (
                r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#,
                Some("MANIFEST_UNKNOWN: manifest unknown"),
            ),
            (
                r#"{"errors":[{"code":"X_NEW"},{"message":"only words","detail":{"a":1}}]}"#,
                Some("X_NEW; only words"),
            ),
            (r#"{"errors":[{"code":404,"message":"not here"}]}"#, Some("404: not here")),
            (r#"{"errors":[{"message":"a"},{"x":1}]}"#, Some("a")),
            (r#"{"errors":[]}"#, None),
            (r#"{"error":"x"}"#, Some("x")),
            (
                r#"{"error":"invalid_scope","error_description":"not yours"}"#,
                Some("invalid_scope: not yours"),
            ),
            (r#"{"code":403,"message":"denied"}"#, Some("403: denied")),
            (
                "<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code><Message>Request has expired</Message>\
                 <Signature>x</Signature></Error>",
                Some("AccessDenied: Request has expired"),
            ),
            ("404 page not found\n", Some("404 page not found")),
            ("\"a text\"", None),
            ("\0\u{1}", None),
            ("", None),
            ("<html>502 Bad Gateway</html>", None),
        ] {
            let parsed = RegistryErrors::parse(body.as_bytes()).map(|errors| errors.to_string());
            assert_eq!(parsed.as_deref(), expected, "{body}");
        }
    }
}
