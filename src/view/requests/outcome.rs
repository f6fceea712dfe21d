//! How a request came out, in a word and in a sentence.

use crate::redact;
use crate::trace::{Entry, Redirect, Role, State};
use crate::transport::TransportError;
use crate::view::words;

/// How a request came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// `200`, `307 ↪`, `no answer`.
    pub text: String,
    /// The same in a sentence.
    pub title: String,
    /// Whether it is a redirect, a refusal, or nothing of note.
    pub tone: OutcomeTone,
}

/// What an outcome means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutcomeTone {
    /// An answer.
    Plain,
    /// An answer from elsewhere, or the way there.
    Redirect,
    /// No answer, or not the one that was hoped for.
    Bad,
    /// Not known, or not yet.
    Dim,
}

impl OutcomeTone {
    /// The word that the stylesheet knows it by.
    pub fn as_str(self) -> &'static str {
        match self {
            OutcomeTone::Plain => "plain",
            OutcomeTone::Redirect => "redirect",
            OutcomeTone::Bad => "bad",
            OutcomeTone::Dim => "dim",
        }
    }
}

/// How a request came out, so far.
pub(super) fn outcome(entry: &Entry) -> Outcome {
    let outcome = |text: &str, title: String, tone| Outcome { text: text.to_owned(), title, tone };
    if let State::Waiting = entry.state {
        return outcome("…", "no answer yet".into(), OutcomeTone::Dim);
    }
    if let State::Failed { error, .. } = &entry.state {
        let title = words::brief(&error.to_string());
        return match (entry.status(), error) {
            (Some(status), _) => outcome(&format!("{status}, broke off"), title, OutcomeTone::Bad),
            (None, TransportError::NotRecorded) => outcome("not recorded", title, OutcomeTone::Dim),
            (None, TransportError::Aborted) => outcome("stopped", title, OutcomeTone::Dim),
            (None, _) => outcome("no answer", title, OutcomeTone::Bad),
        };
    }
    let Some(status) = entry.status() else {
        if entry.purpose.role == Role::Ping {
            return outcome("opaque", "something answered; a page may not see what".into(), OutcomeTone::Dim);
        }
        let title = "the recording holds the body and not the status";
        return outcome("unknown", title.into(), OutcomeTone::Dim);
    };
    match entry.redirect() {
        Some(redirect) => {
            outcome(&format!("{status} ↪"), redirect_sentence(&redirect), OutcomeTone::Redirect)
        }
        None if status >= 400 => outcome(&status.to_string(), "refused".into(), OutcomeTone::Bad),
        None => outcome(&status.to_string(), String::new(), OutcomeTone::Plain),
    }
}

/// Where a request was sent on to, and how that is known.
pub fn redirect_sentence(redirect: &Redirect) -> String {
    let target = redact::url(redirect.target());
    match redirect {
        Redirect::Observed(_) => format!("observed: the answer redirects to {target}"),
        Redirect::Inferred(_) => {
            format!("inferred: the browser followed a redirect that a page cannot see; {target} answered")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::ResponseHead;
    use crate::view::samples::{entry, head};

    #[test]
    fn outcomes_in_words() {
        let with = |state| Entry { state, ..entry(Role::Layer, "https://r/v2/a/blobs/x") };
        let followed =
            ResponseHead { followed_to: "https://cdn/x?sig=1".parse().ok(), ..head(Some(200), &[]) };
        let no_answer =
            TransportError::NoResponse { detail: "Failed to fetch".into(), timings: Default::default() };
        for (state, text, title, tone) in [
            (State::Waiting, "…", "no answer yet", OutcomeTone::Dim),
            (State::Done(head(Some(200), &[])), "200", "", OutcomeTone::Plain),
            (State::Done(head(Some(404), &[])), "404", "refused", OutcomeTone::Bad),
            (
                State::Done(head(Some(307), &[("location", "https://cdn/x?sig=1")])),
                "307 ↪",
                "observed: the answer redirects to https://cdn/x?sig=REDACTED",
                OutcomeTone::Redirect,
            ),
            (
                State::Done(followed),
                "200 ↪",
                "inferred: the browser followed a redirect that a page cannot see; https://cdn/x?sig=REDACTED answered",
                OutcomeTone::Redirect,
            ),
            (
                State::Done(head(None, &[])),
                "unknown",
                "the recording holds the body and not the status",
                OutcomeTone::Dim,
            ),
            (
                State::Failed { head: None, error: TransportError::NotRecorded },
                "not recorded",
                "not in the recording",
                OutcomeTone::Dim,
            ),
            (
                State::Failed { head: None, error: no_answer },
                "no answer",
                "no response: Failed to fetch",
                OutcomeTone::Bad,
            ),
        ] {
            let expected = Outcome { text: text.into(), title: title.into(), tone };
            assert_eq!(outcome(&with(state)), expected);
        }
    }
}
