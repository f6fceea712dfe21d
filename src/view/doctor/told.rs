//! The causes in words: a heading, what each means, and what to do about it.

use crate::doctor::{Cause, Observed, Sight};

/// Who was asked, and by whom.
#[derive(Debug, Clone, Copy)]
pub struct Parties<'a> {
    /// The origin that requests went to.
    pub front: &'a str,
    /// Whether that is a relay, which is asked in the registry's place.
    pub is_relay: bool,
    /// The origin of the page.
    pub origin: &'a str,
}

impl Parties<'_> {
    /// What it is that was asked.
    pub fn asked(&self) -> &'static str {
        if self.is_relay { "relay" } else { "registry" }
    }

    /// A text with the parties' names in it.
    fn fill(&self, text: &str) -> String {
        let plain = self.front.replace("https://", "http://");
        let text = text.replace("WHO", self.asked()).replace("PLAIN", &plain);
        text.replace("FRONT", self.front).replace("ORIGIN", self.origin)
    }

    /// The texts with the parties' names in them.
    fn fill_all(&self, texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| self.fill(text)).collect()
    }
}

/// A cause in a line.
pub fn title(cause: Cause, parties: &Parties<'_>) -> String {
    parties.fill(match cause {
        Cause::MixedContent => "A page served over HTTPS may not ask a WHO without TLS",
        Cause::LocalNetwork => "The browser does not let this page reach the local network",
        Cause::Unreachable => "Nothing there answers this browser",
        Cause::NoAllowOrigin => "The WHO answers, but does not let this page read the answer",
        Cause::PreflightRefused { .. } => "The WHO refuses the browser's preflight request",
        Cause::AuthorizationNotAllowed => "The WHO does not let a page send Authorization",
        Cause::Wildcard => "The WHO allows every header but Authorization",
        Cause::AcceptNotAllowed => "The WHO does not let a page send Accept",
        Cause::NoAllowOriginOnBlobs => "The WHO lets this page read all but blobs",
        Cause::RedirectWithoutCors => "Blobs are redirected to a host that does not let this page read them",
        Cause::WorkersRefused => "The page itself is answered, and its workers are not",
        Cause::HeadRefused => "The WHO refuses HEAD",
        Cause::NotExposed => "The WHO can be read, but hides a header that is needed",
        Cause::Works => "The WHO can be read from this page",
    })
}

/// What a cause means; a sentence or two each.
pub fn words(cause: Cause, observed: &Observed, parties: &Parties<'_>) -> Vec<String> {
    let lines: &[&str] = match cause {
        Cause::MixedContent if parties.is_relay => &[
            "This page is ORIGIN, and FRONT has no TLS. Browsers allow that only for this machine, and some for \
             the local network once you agree.",
            "The registry itself was not asked: requests go to the relay, and it is the relay that has no TLS.",
        ],
        Cause::MixedContent => &[
            "This page is ORIGIN, and FRONT has no TLS. Browsers allow that only for this machine, and some for \
               the local network once you agree.",
        ],
        Cause::LocalNetwork => {
            &["A page from the internet may reach this machine and the local network only if you allow it."]
        }
        Cause::Unreachable if parties.front.starts_with("https:") => &[
            "Not even a request without CORS was answered. The name may not resolve, nothing may listen there, it may \
               speak no TLS on that port, its certificate may not be trusted, or an extension, a proxy or a permission \
               of the browser may be in the way. A page cannot tell these apart; the command below can.",
        ],
        Cause::Unreachable => &[
            "Not even a request without CORS was answered. The name may not resolve, nothing may listen there, or an \
               extension, a proxy or a permission of the browser may be in the way. A page cannot tell these apart; \
               the command below can.",
        ],
        Cause::NoAllowOrigin => &[
            "The same address answers a request without CORS, so name, connection and certificate are fine. The answer \
               has no Access-Control-Allow-Origin, or one that is not ORIGIN: a page cannot tell these apart; the \
               command below can.",
        ],
        Cause::PreflightRefused { wants_sign_in: true } => &[
            "A simple GET is answered, with 401. Before a page may send Authorization, the browser asks with OPTIONS, \
               which carries no credentials, and the answer to that has to be a success. Most likely it is 401 as \
               well: CNCF distribution does that with authentication switched on (distribution#4458). The status \
               itself is hidden from pages.",
        ],
        Cause::PreflightRefused { wants_sign_in: false } => &[
            "A simple GET is answered. A request that the browser has to ask for first, by OPTIONS, is not: the \
               answer to OPTIONS has to be a success. Its status is hidden from pages.",
        ],
        Cause::AuthorizationNotAllowed => &[
            "The registry requires a sign-in, and Access-Control-Allow-Headers does not name Authorization.",
        ],
        Cause::Wildcard => {
            &["A made-up header may be sent, but Authorization may not: Access-Control-Allow-Headers is \
             *, and that does not stand for Authorization, which has to be named (Fetch standard, “CORS non-wildcard \
             request-header name”)."]
        }
        Cause::AcceptNotAllowed => &[
            "The image was not found under the media types that a page may name without a preflight. All types \
               together are longer than 128 bytes, and Access-Control-Allow-Headers does not name Accept.",
        ],
        Cause::NoAllowOriginOnBlobs => &[
            "Manifests have Access-Control-Allow-Origin, and blobs do not. zot does that, whatever its setting.",
        ],
        Cause::RedirectWithoutCors => &[
            "The WHO redirects blobs to another host, as it does with a cloud's storage behind it. That host has to \
               send Access-Control-Allow-Origin too; the browser sends it “Origin: null”, so only * will do.",
        ],
        Cause::WorkersRefused => &[
            "Layers are read by workers of this page, beside its own thread. Some browsers ask you whether a page may \
               reach the local network, and never whether its workers may. A policy on the workers' script does the \
               same. So the page's own thread reads the layers: nothing is lost but some time.",
        ],
        Cause::HeadRefused => &["Tags are asked for by GET instead. Nothing is lost but a request."],
        Cause::NotExposed => return hidden(observed),
        Cause::Works if observed.wants_sign_in() => &[
            "It requires a sign-in, and nothing stands in the way of that. What an image needs is checked after it.",
        ],
        Cause::Works => &["Nothing stands between it and this page."],
    };
    parties.fill_all(lines)
}

/// What is lost by the headers that are hidden.
fn hidden(observed: &Observed) -> Vec<String> {
    let digest = (observed.digest == Sight::Hidden).then_some(
        "Docker-Content-Digest is hidden: what the registry says of a tag is not known, only what it sends. \
         Every digest is still computed.",
    );
    let challenge = (observed.challenge == Sight::Hidden).then_some(
        "WWW-Authenticate is hidden, or was not sent: the page cannot learn where to ask for a token. A token server can be \
         typed in.",
    );
    digest.into_iter().chain(challenge).map(str::to_owned).collect()
}

/// What to do about a cause; a sentence or two each. Only what works needs nothing.
pub fn steps(cause: Cause, parties: &Parties<'_>) -> Vec<String> {
    let is_relay = parties.is_relay;
    parties.fill_all(match cause {
        Cause::MixedContent if is_relay => {
            &["Give the relay a certificate, or run it on this machine: http://localhost is not held to TLS."]
        }
        Cause::MixedContent => {
            &["Put TLS in front of the registry, bring it to this machine by a tunnel, or open this page from this machine."]
        }
        Cause::LocalNetwork => {
            &["Allow it in the settings that the browser has for this page, next to its address; then try again."]
        }
        Cause::Unreachable if parties.front.starts_with("https:") => &[
            "If it speaks no TLS, as many a registry on a port of its own, ask for it as PLAIN.",
            "If the certificate is the WHO's own, open FRONT/v2/ in a tab: the browser shows what is wrong with it there.",
        ],
        Cause::Unreachable => {
            &["See whether the WHO is running, and whether it listens on that port; then try again."]
        }
        Cause::NoAllowOrigin => {
            &["Let it send “Access-Control-Allow-Origin: ORIGIN”. Each server has its own lines for that."]
        }
        Cause::PreflightRefused { .. } => {
            &["Let a proxy in front answer OPTIONS by itself, without authentication."]
        }
        Cause::AuthorizationNotAllowed => &["Name Authorization in Access-Control-Allow-Headers."],
        Cause::Wildcard => &["Name Authorization in Access-Control-Allow-Headers, also beside a *."],
        Cause::AcceptNotAllowed => &["Name Accept in Access-Control-Allow-Headers."],
        Cause::NoAllowOriginOnBlobs => {
            &["Let it send the header with blobs as well; where the server cannot, a proxy in front of it can."]
        }
        Cause::RedirectWithoutCors => &[
            "Let the store send “Access-Control-Allow-Origin: *”, or let the WHO send blobs by itself.",
        ],
        Cause::WorkersRefused => {
            &["Nothing has to be done. With a certificate, or on this machine, the WHO is open to workers as well."]
        }
        Cause::HeadRefused => {
            &["Nothing has to be done. To spare the request, let the proxy in front pass HEAD on as it does GET."]
        }
        Cause::NotExposed => &["Name the hidden headers in Access-Control-Expose-Headers."],
        Cause::Works => &[],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEEN: fn() -> Observed =
        || Observed { digest: Sight::Hidden, challenge: Sight::Hidden, ..Observed::default() };

    #[test]
    fn every_cause_has_a_heading_a_meaning_and_something_to_do() {
        for cause in Cause::ALL {
            for (front, is_relay) in
                [("https://r.example", false), ("http://r.example:5000", false), ("http://relay:5080", true)]
            {
                let parties = Parties { front, is_relay, origin: "https://page.example" };
                let (title, words, steps) =
                    (title(cause, &parties), words(cause, &SEEN(), &parties), steps(cause, &parties));
                assert!(!title.is_empty() && title.len() < 75, "{title}");
                assert!(!words.is_empty(), "{cause:?}");
                assert_eq!(steps.is_empty(), cause == Cause::Works, "{cause:?}: {steps:?}");
                for line in words.iter().chain(&steps).chain([&title]) {
                    let has_blank =
                        ["WHO", "PLAIN", "FRONT", "ORIGIN"].iter().any(|blank| line.contains(blank));
                    assert!(!has_blank && !line.contains("  "), "{cause:?}: {line}");
                }
                assert!(!is_relay || !title.contains("registry"), "it is the relay that was asked: {title}");
            }
        }
    }

    #[test]
    fn a_certificate_is_spoken_of_where_there_may_be_one() {
        for (front, has_tls) in [("https://r.example:5000", true), ("http://localhost:5000", false)] {
            let parties = Parties { front, is_relay: false, origin: "https://page.example" };
            let told = words(Cause::Unreachable, &Observed::default(), &parties).join(" ");
            let steps = steps(Cause::Unreachable, &parties).join(" ");
            assert_eq!(told.contains("certificate"), has_tls, "{told}");
            assert_eq!((told + &steps).contains("may speak no TLS"), has_tls, "{front}");
            assert!(!steps.contains("accept"), "no certificate is accepted unseen: {steps}");
        }
    }
}
