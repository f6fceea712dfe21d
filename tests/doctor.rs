//! The doctor's rounds, from the first refusal to the words of the panel, behind a browser that keeps to the rules of
//! CORS. Real browsers and real servers are asked in the end-to-end tests; here are all causes, those too that no server
//! on this machine can have.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "a test's helper may panic: that fails the test")]

mod support;

use registry_inspector::doctor::Surroundings;
use registry_inspector::http::{Headers, Method, Request, ResponseHead, Timings, Visibility};
use registry_inspector::pull::{Options, Pull};
use registry_inspector::reference::Reference;
use registry_inspector::transport::{Manner, Response, Transport, TransportError};
use registry_inspector::view::doctor::Doctor;
use registry_inspector::view::{Scene, Stage};
use support::{CDN, Fake, FakeBody, HOST, Image};

/// What a registry tells browsers.
#[derive(Clone, Copy, PartialEq)]
enum Rule {
    /// Nothing answers.
    Silent,
    /// Workers get no answer.
    NoWorkers,
    /// No answer may be read.
    NoOrigin,
    /// OPTIONS is refused.
    NoOptions,
    /// So many of the headers may be sent that have to be asked for.
    Headers(&'static [&'static str]),
    /// The same, and the image is only found by types that have to be asked for.
    Found(&'static [&'static str]),
    /// HEAD is refused.
    NoHead,
    /// No blob may be read.
    NoBlobs,
    /// What a redirect leads to may not be read.
    NoStore,
    /// All may be read; the registry's own headers may not be seen.
    NotExposed,
}

/// A browser before a registry, which may want a sign-in.
struct Browser {
    inside: Fake,
    rule: Rule,
    is_private: bool,
}

const ALL: &[&str] = &["accept", "authorization"];

impl Browser {
    /// Whether the browser asks first, and is told no.
    fn is_refused(&self, request: &Request, manner: Manner) -> bool {
        let unsafe_header = |(name, value): &(String, String)| match name.as_str() {
            "Accept" => (value.len() > 128).then_some("accept"),
            "Authorization" => Some("authorization"),
            _ => Some("another"),
        };
        let asked: Vec<&str> = request.headers.iter().filter_map(unsafe_header).collect();
        let is_preflighted = !asked.is_empty() || manner == Manner::Preflighted;
        let is_blob = request.url.path().contains("/blobs/");
        match self.rule {
            Rule::Silent => true,
            Rule::NoWorkers => manner == Manner::AsLayers,
            _ if manner == Manner::Opaque => false,
            Rule::NoOrigin => true,
            Rule::NoOptions => is_preflighted,
            Rule::NoHead => false,
            Rule::Headers(allowed) | Rule::Found(allowed) => {
                let covers = |name: &&str| {
                    allowed.contains(name) || allowed.contains(&"*") && *name != "authorization"
                };
                !asked.iter().all(covers)
            }
            Rule::NoBlobs => is_blob,
            Rule::NoStore => is_blob && manner != Manner::Unfollowed,
            Rule::NotExposed => asked.iter().any(|name| !ALL.contains(name)),
        }
    }

    fn bare(&self, status: Option<u16>) -> Response<FakeBody> {
        let visibility =
            if self.rule == Rule::NotExposed { Visibility::CorsFiltered } else { Visibility::Complete };
        let challenge = [("www-authenticate".to_owned(), "Basic realm=x".to_owned())];
        let list = challenge.into_iter().filter(|_| visibility == Visibility::Complete).collect();
        Response {
            head: ResponseHead { status, headers: Headers::new(list, visibility), followed_to: None },
            body: FakeBody::of(""),
        }
    }
}

impl Transport for Browser {
    type Body = FakeBody;

    async fn send(&self, request: &Request) -> Result<Response<FakeBody>, TransportError> {
        self.probe(request, Manner::Usual).await
    }

    async fn probe(&self, request: &Request, manner: Manner) -> Result<Response<FakeBody>, TransportError> {
        assert!(request.method != Method::Post || manner == Manner::Preflighted, "nothing is posted");
        if self.is_refused(request, manner) {
            let detail = "Failed to fetch".to_owned();
            return Err(TransportError::NoResponse { detail, timings: Timings::default() });
        }
        match manner {
            Manner::Opaque | Manner::Unfollowed => Ok(self.bare(None)),
            _ if self.is_private => Ok(self.bare(Some(401))),
            _ if self.rule == Rule::NoHead && request.method == Method::Head => Ok(self.bare(Some(405))),
            _ if matches!(self.rule, Rule::Found(_)) && request.url.path() != "/v2/" => {
                Ok(self.bare(Some(404)))
            }
            _ if request.url.path() == "/v2/" => Ok(self.bare(Some(200))),
            // As a browser does, which follows unseen.
            _ if request.url.path().contains("/blobs/") => {
                let url = request.url.with_origin(&format!("https://{CDN}"));
                self.inside.send(&Request { url, ..request.clone() }).await
            }
            _ => self.inside.send(request).await,
        }
    }
}

/// What the doctor has to say, as the panel says it.
fn told(rule: Rule, is_private: bool, here: &Surroundings) -> String {
    let inside = Fake::with_index(&Image::new("linux", "amd64", &["a layer"]));
    let inside = if rule == Rule::NotExposed { inside.hiding_headers() } else { inside };
    let scheme = if here.origin.starts_with("https") && rule == Rule::Silent { "http://" } else { "" };
    let reference = Reference::parse_typed(&format!("{scheme}{HOST}/app:1")).unwrap();
    let pull = Pull::new(reference, Options::default(), Browser { inside, rule, is_private }, |_| {});
    pollster::block_on(pull.run()).unwrap();
    let begun = pull.trace().entries.len();
    pollster::block_on(pull.diagnose(here)).unwrap();
    let (graph, trace, diagnosis) = (pull.graph(), pull.trace(), pull.diagnosis());
    let scene = Scene {
        graph: &graph,
        trace: &trace,
        layers: pull.options().layers,
        stage: Stage::Done,
        problem: None,
        reference: "registry.example/app:1",
        recorded: false,
        tag: Some("1"),
        front: Some(pull.session().front()),
        behind: None,
        want: None,
        waiting: None,
        diagnosis: diagnosis.as_ref(),
        beyond: None,
        claimant: None,
        framed: false,
    };
    let doctor = Doctor::of(&scene).unwrap();
    let mut text = format!("[{}] {}\n", doctor.code, doctor.title);
    doctor.words.iter().for_each(|line| text += &format!("{line}\n"));
    doctor.steps.iter().for_each(|line| text += &format!("> {line}\n"));
    for row in &doctor.evidence {
        assert!(row.entry >= begun, "a probe is a row of its own");
        text += &format!("- {} {}\n", row.asks, row.outcome);
    }
    for need in doctor.needs.iter().filter(|need| need.word == "missing" || need.word == "not there") {
        text += &format!("{}: {}\n", need.word, need.name);
    }
    text += doctor.check.as_ref().map(|check| format!("$ {check}\n")).unwrap_or_default().as_str();
    let mends: Vec<&str> = doctor.remedies.iter().map(|remedy| remedy.name).collect();
    text + &mends.join(", ")
}

#[test]
fn every_cause_is_found_and_told() {
    let page = |origin: &str, is_denied| Surroundings { origin: origin.to_owned(), is_denied };
    let here = page("https://page.example", false);
    let told: Vec<String> = [
        ("nothing answers", told(Rule::Silent, false, &page("http://page.example", false))),
        ("a page under https, a registry without TLS", told(Rule::Silent, false, &here)),
        ("the user does not let the page in", told(Rule::Silent, false, &page("http://p.example", true))),
        ("workers get no answer", told(Rule::NoWorkers, false, &here)),
        ("workers get no answer, and a sign-in is wanted", told(Rule::NoWorkers, true, &here)),
        ("no origin may read", told(Rule::NoOrigin, false, &here)),
        ("OPTIONS is refused, and a sign-in is wanted", told(Rule::NoOptions, true, &here)),
        ("OPTIONS is refused, and is not needed", told(Rule::NoOptions, false, &here)),
        ("Authorization may not be sent", told(Rule::Headers(&["accept"]), true, &here)),
        ("all but Authorization may be sent", told(Rule::Headers(&["*"]), true, &here)),
        ("Accept may not be sent, and need not be", told(Rule::Headers(&["authorization"]), false, &here)),
        ("Accept may not be sent, and has to be", told(Rule::Found(&["authorization"]), false, &here)),
        ("HEAD is refused", told(Rule::NoHead, false, &here)),
        ("blobs may not be read", told(Rule::NoBlobs, false, &here)),
        ("blobs are elsewhere, and may not be read there", told(Rule::NoStore, false, &here)),
        ("headers are hidden", told(Rule::NotExposed, false, &here)),
        ("headers are hidden, and a sign-in is wanted", told(Rule::NotExposed, true, &here)),
        ("nothing is wrong", told(Rule::Headers(ALL), false, &here)),
        ("a sign-in is wanted", told(Rule::Headers(ALL), true, &here)),
    ]
    .map(|(what, told)| format!("# {what}\n{told}\n"))
    .into();
    insta::assert_snapshot!(told.join("\n"));
}
