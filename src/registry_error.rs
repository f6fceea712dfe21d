//! The error envelope of registries: `{"errors":[{"code":…,"message":…,"detail":…}]}`.
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

impl RegistryErrors {
    /// Reads a body; `None` where it is no envelope, as with the HTML of a proxy in front.
    pub fn parse(body: &[u8]) -> Option<RegistryErrors> {
        let value = json::parse(body).ok()?;
        let whole = Part::whole(&value);
        let errors = whole.list("errors").ok()?;
        let error = |part: &Part<'_>| {
            let text = |name| part.get_text(name).ok().map(Option::unwrap_or_default);
            let detail = part.get("detail").map(|detail| detail.value().clone()).unwrap_or_default();
            Some(RegistryError { code: text("code")?, message: text("message")?, detail })
        };
        let errors: Vec<RegistryError> = errors.iter().map(error).collect::<Option<_>>()?;
        (!errors.is_empty()).then_some(RegistryErrors(errors))
    }
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
            (r#"{"errors":[]}"#, None),
            (r#"{"error":"x"}"#, None),
            ("<html>502 Bad Gateway</html>", None),
        ] {
            let parsed = RegistryErrors::parse(body.as_bytes()).map(|errors| errors.to_string());
            assert_eq!(parsed.as_deref(), expected, "{body}");
        }
    }
}
