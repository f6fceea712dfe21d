//! Every host that there is, and a user who reads what she is asked.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use registry_inspector::auth::{Secret, Wallet};
use registry_inspector::graph::Graph;
use registry_inspector::http::{Headers, Request, ResponseHead, Url, Visibility};
use registry_inspector::listing::Kind;
use registry_inspector::pull::{Layers, Options, Pull};
use registry_inspector::report::Report;
use registry_inspector::trace::Trace;
use registry_inspector::transport::{Response, Transport, TransportError};
use registry_inspector::view::sign_in::{SignIn, Typed};
use registry_inspector::view::{Scene, Stage};

use crate::support::{Fake, FakeBody, Image};

pub(crate) const REGISTRY: &str = "https://registry.example";
pub(crate) const TRUSTED: &str = "https://trusted.example";
pub(crate) const EVIL: &str = "https://evil.example";
pub(crate) const PASSWORD: &str = "Basic YWRhOmxvdmVsYWNl";

/// An answer: status, headers, body, and where a redirect led to unseen.
#[derive(Clone, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
    pub(crate) followed_to: Option<&'static str>,
    pub(crate) is_hidden: bool,
}

impl Answer {
    pub(crate) fn of(status: u16, headers: &[(&'static str, &str)], body: &str) -> Answer {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Answer { status, headers, body: body.to_owned(), ..Answer::default() }
    }

    pub(crate) fn challenge(value: &str) -> Option<Answer> {
        Some(Answer::of(401, &[("www-authenticate", value)], ""))
    }
}

/// What is asked, and what is shown with it.
pub(crate) struct Asked<'a> {
    pub(crate) host: &'a str,
    pub(crate) path: &'a str,
    pub(crate) shown: Option<&'a str>,
}

impl Asked<'_> {
    pub(crate) fn is_root(&self) -> bool {
        self.path.ends_with("/manifests/1")
    }
}

/// An address, and what was shown to it.
pub(crate) type Sent = (String, Option<String>);

pub(crate) type Script = Rc<dyn Fn(&Asked<'_>) -> Option<Answer>>;

/// Every host there is. What the script of a way does not answer, an honest one does: a token for whom it knows, the image for
/// whom has one.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) script: Script,
    pub(crate) inside: Rc<Fake>,
    pub(crate) seen: Rc<RefCell<Vec<Sent>>>,
}

impl World {
    pub(crate) fn new(script: impl Fn(&Asked<'_>) -> Option<Answer> + 'static) -> World {
        let image = Image::new("linux", "amd64", &["a layer"]);
        let inside = Rc::new(Fake::with_index(&image).redirecting());
        World { script: Rc::new(script), inside, seen: Rc::default() }
    }

    /// Whether anything was sent to an origin.
    pub(crate) fn has_asked(&self, origin: &str) -> bool {
        self.seen.borrow().iter().any(|(url, _)| url.starts_with(&format!("{origin}/")))
    }

    /// The addresses that the password was sent to.
    pub(crate) fn told(&self) -> Vec<String> {
        let seen = self.seen.borrow();
        let told = seen.iter().filter(|(_, shown)| shown.as_deref() == Some(PASSWORD));
        told.map(|(url, _)| url.clone()).collect()
    }
}

impl Transport for World {
    type Body = FakeBody;

    async fn send(&self, request: &Request) -> Result<Response<FakeBody>, TransportError> {
        let shown = request.headers.iter().find(|(name, _)| name == "Authorization");
        let shown = shown.map(|(_, value)| value.as_str());
        self.seen.borrow_mut().push((request.url.to_string(), shown.map(str::to_owned)));
        let (host, path) = (request.url.host(), request.url.path());
        let is_token = path == "/token";
        let answer = (self.script)(&Asked { host, path, shown }).or_else(|| match shown {
            Some(PASSWORD) if is_token => Some(Answer::of(200, &[], r#"{"token":"adas"}"#)),
            _ if is_token => Some(Answer::of(200, &[], r#"{"token":"anybodys"}"#)),
            _ => None,
        });
        let Some(answer) = answer else { return self.inside.send(request).await };
        let list = answer.headers.iter().filter(|_| !answer.is_hidden);
        let list = list.map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let visibility = if answer.is_hidden { Visibility::CorsFiltered } else { Visibility::Complete };
        let head = ResponseHead {
            status: Some(answer.status),
            headers: Headers::new(list, visibility),
            followed_to: answer.followed_to.map(|url| url.parse().unwrap()),
        };
        Ok(Response { head, body: FakeBody::of(&answer.body) })
    }
}

/// What the page does with a pull.
pub(crate) type Run = fn(&Pull<World>);

/// Who reads each form, and agrees to those alone that send the password to no one but whom she trusts, and a token to
/// whoever is not evil.
pub(crate) struct Ada {
    pub(crate) wallet: Rc<Wallet>,
    pub(crate) trusts: &'static [&'static str],
    /// The origins of which a form said that they get the password, or the token.
    pub(crate) password_to: BTreeSet<String>,
    pub(crate) token_to: BTreeSet<String>,
    /// The titles of the forms.
    pub(crate) forms: Vec<String>,
}

impl Ada {
    pub(crate) fn trusting(trusts: &'static [&'static str]) -> Ada {
        let (wallet, password_to, token_to, forms) = Default::default();
        Ada { wallet, trusts, password_to, token_to, forms }
    }

    /// Fills the form of a pull, if there is one that she agrees to.
    fn signs_in(&mut self, pull: &Pull<World>) -> bool {
        let Some(form) = form(pull) else { return false };
        self.forms.push(form.title.clone());
        let said = |begin: &str| -> BTreeSet<String> {
            let lines = form.words.iter().filter(|line| line.starts_with(begin));
            lines.flat_map(|line| origins(line)).collect()
        };
        let (passwords, tokens) = (said("Your "), said("The token "));
        let trusts = |origin: &String| self.trusts.contains(&origin.as_str());
        let is_known = form.title.contains("not accepted") || tokens.contains(EVIL);
        if !form.is_open || is_known || !passwords.iter().all(trusts) {
            return false;
        }
        self.password_to.extend(passwords);
        self.token_to.extend(tokens);
        let typed = Typed { user: "ada".into(), password: Secret::new("lovelace"), realm: String::new() };
        let held = self.wallet.credentials(&form.door);
        self.wallet.sign_in(&form.door, form.credentials(typed, held).unwrap());
        true
    }

    /// Goes through what a page does, again after each sign-in.
    pub(crate) fn visits(
        &mut self,
        world: &World,
        reference: &str,
        relay: Option<&str>,
        run: Run,
    ) -> &'static str {
        for _ in 0..5 {
            let relay = relay.map(|relay| relay.parse().unwrap());
            let options = Options { relay, wallet: Rc::clone(&self.wallet), ..Options::default() };
            let reference = reference.parse().unwrap();
            let pull = Pull::new(reference, options, world.clone(), |_| {});
            run(&pull);
            if !self.signs_in(&pull) {
                return Report::new(&pull).verdict;
            }
        }
        panic!("a form that comes for ever")
    }

    pub(crate) fn pulls(&mut self, world: &World) -> &'static str {
        self.visits(world, "registry.example/app:1", None, pull)
    }
}

pub(crate) fn pull(pull: &Pull<World>) {
    pollster::block_on(pull.run()).unwrap();
}

pub(crate) fn list(pull: &Pull<World>) {
    pollster::block_on(pull.list(Kind::Tags)).unwrap();
}

pub(crate) fn form(pull: &Pull<World>) -> Option<SignIn> {
    let (graph, trace) = (Graph::default(), Trace::default());
    let (session, want) = (pull.session(), pull.session().want());
    let beyond = session.beyond();
    SignIn::of(&Scene {
        graph: &graph,
        trace: &trace,
        layers: Layers::Verify,
        stage: Stage::Done,
        problem: None,
        reference: "",
        recorded: false,
        tag: None,
        front: Some(session.front()),
        behind: session.relay().map(|_| session.registry()),
        want: want.as_ref(),
        waiting: None,
        diagnosis: None,
        beyond: beyond.as_deref(),
        claimant: None,
        framed: false,
    })
}

/// The origins of the addresses in a text.
fn origins(text: &str) -> Vec<String> {
    let words = text.split([' ', ',']).filter(|word| word.contains("://"));
    let parse = |word: &str| word.trim_end_matches(['.', ',']).parse::<Url>().unwrap();
    words.map(|word| parse(word).origin().to_owned()).collect()
}
