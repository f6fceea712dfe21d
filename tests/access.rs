//! Being let in: whole pulls from a registry that requires a sign-in, or that wants to be left alone for a while. Each story is
//! what was sent, in order, and what came of it.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test's helper may panic: that fails the test"
)]

mod support;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use registry_inspector::auth::{Credentials, Door as Way, Recipients, Secret, Wallet};
use registry_inspector::har::{self, Recording, Replay, WriteOptions};
use registry_inspector::http::{Headers, Request, ResponseHead, Visibility};
use registry_inspector::pull::{Options, Pull};
use registry_inspector::reference::Reference;
use registry_inspector::report::Report;
use registry_inspector::session::Want;
use registry_inspector::trace::{Keep, Trace};
use registry_inspector::transport::{Response, Transport, TransportError};
use support::{CDN, Fake, FakeBody, HOST, Image, telling};

const REGISTRY: &str = "https://registry.example";
const RELAY: &str = "relay.example";
const BEARER: &str =
    "Bearer realm=\"https://registry.example/token\",service=\"registry\",scope=\"repository:app:pull\"";
const FOREIGN: &str =
    "Bearer realm=\"https://auth.example/token\",service=\"registry\",scope=\"repository:app:pull\"";

/// A registry behind a door.
#[derive(Clone)]
struct Door {
    inside: Rc<Fake>,
    /// What a 401 says.
    challenge: &'static str,
    visibility: Visibility,
    /// Whether anybody gets in.
    is_public: bool,
    /// After so many requests a token holds no longer.
    life: usize,
    /// The statuses with which the first requests are answered, with `Retry-After`.
    first: Rc<RefCell<Vec<(u16, &'static str)>>>,
    uses: Rc<Cell<usize>>,
    seen: Rc<RefCell<Vec<String>>>,
    paused: Rc<Cell<f64>>,
}

impl Door {
    fn new(challenge: &'static str) -> Door {
        let image = Image::new("linux", "amd64", &["a layer"]);
        let (first, uses, seen, paused) = Default::default();
        let inside = Rc::new(Fake::with_index(&image).redirecting());
        Door {
            inside,
            challenge,
            visibility: Visibility::Complete,
            is_public: true,
            life: 100,
            first,
            uses,
            seen,
            paused,
        }
    }

    fn answer(&self, status: u16, headers: &[(&str, &str)], body: &str) -> Response<FakeBody> {
        let list = headers.iter().filter(|_| self.visibility == Visibility::Complete);
        let list = list.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let headers = Headers::new(list, self.visibility);
        Response {
            head: ResponseHead { status: Some(status), headers, followed_to: None },
            body: FakeBody::of(body),
        }
    }

    /// Pulls `app:1` from it, as somebody perhaps.
    fn pull(&self, credentials: Option<Credentials>) -> Pull<Door> {
        let wallet = Wallet::default();
        if let Some(credentials) = credentials {
            wallet.sign_in(&way(), credentials);
        }
        let options = Options { keep: Keep::FOR_EXPORT, wallet: Rc::new(wallet), ..Options::default() };
        let reference: Reference = format!("{HOST}/app:1").parse().unwrap();
        let pull = Pull::new(reference, options, self.clone(), |_| {});
        pollster::block_on(pull.run()).unwrap();
        pull
    }

    /// What was sent until the image was there, or was not.
    fn story(&self, credentials: Option<Credentials>) -> String {
        let pull = self.pull(credentials);
        let verdict = Report::new(&pull).verdict;
        let want = pull.session().want().map(|want| format!("{want:?}\n")).unwrap_or_default();
        format!("{}\n{want}{verdict}", self.seen.borrow().join("\n"))
    }
}

impl Transport for Door {
    type Body = FakeBody;

    async fn send(&self, request: &Request) -> Result<Response<FakeBody>, TransportError> {
        let shown =
            request.headers.iter().find(|(name, _)| name == "Authorization").map(|(_, value)| value.as_str());
        let path = request.url.path().rsplit(['/', ':']).next().unwrap_or_default();
        let path = path.get(..4).unwrap_or(path);
        let host = request.url.host().strip_suffix(".example").unwrap();
        self.seen.borrow_mut().push(format!("{} {host} {path} {}", request.method, shown.unwrap_or("-")));
        if request.url.path() == "/token" {
            let token = match shown {
                Some("Basic YWRhOmxvdmVsYWNl") => "adas",
                Some(_) => return Ok(self.answer(401, &[], r#"{"errors":[{"code":"UNAUTHORIZED"}]}"#)),
                None => "anybodys",
            };
            self.uses.set(0);
            return Ok(self.answer(200, &[], &format!(r#"{{"token":"{token}"}}"#)));
        }
        assert!(
            shown.is_none() || [HOST, RELAY].contains(&request.url.host()),
            "nothing is shown to {}",
            request.url
        );
        if !self.first.borrow().is_empty() {
            let (status, after) = self.first.borrow_mut().remove(0);
            return Ok(self.answer(status, &[("retry-after", after)], ""));
        }
        self.uses.set(self.uses.get() + 1);
        let is_let_in = match shown {
            Some("Bearer adas") => self.uses.get() <= self.life,
            Some("Bearer anybodys") => self.is_public && self.uses.get() <= self.life,
            Some("Basic YWRhOmxvdmVsYWNl") => !self.challenge.contains("Bearer"),
            _ => request.url.host() == CDN,
        };
        if is_let_in {
            return self.inside.send(request).await;
        }
        Ok(self.answer(401, &[("www-authenticate", self.challenge)], ""))
    }

    async fn pause(&self, milliseconds: f64) -> Result<(), TransportError> {
        self.paused.set(self.paused.get() + milliseconds);
        Ok(())
    }
}

fn way() -> Way {
    Way { registry: REGISTRY.into(), front: REGISTRY.into() }
}

/// Ada, who has agreed to this token server, or else to the registry.
fn ada(realm: Option<&str>) -> Option<Credentials> {
    let agreed = Recipients::of(&realm.unwrap_or(REGISTRY).parse().unwrap());
    let mut ada = Credentials::new("ada", Secret::new("lovelace"), agreed);
    ada.realm = realm.map(|realm| realm.parse().unwrap());
    Some(ada)
}

fn eve() -> Option<Credentials> {
    let agreed = Recipients::of(&REGISTRY.parse().unwrap());
    Some(Credentials::new("eve", Secret::new("apple"), agreed))
}

/// Stories one below the other, each under a line that says what it is.
macro_rules! told {
    ($($what:literal: $story:expr),* $(,)?) => {
        let told = [$(format!("# {}\n{}\n", $what, $story)),*].join("\n");
        insta::assert_snapshot!(told)
    };
}

#[test]
fn tokens() {
    let private = || Door { is_public: false, ..Door::new(BEARER) };
    told! {
        "anybody gets one, and uses it for all but what a redirect leads to": Door::new(BEARER).story(None),
        "a private image, as nobody": private().story(None),
        "a private image, as ada": private().story(ada(None)),
        "a private image, as one who is refused": private().story(eve()),
        "a token that ends in mid-pull": Door { life: 3, ..Door::new(BEARER) }.story(ada(None)),
        "tokens that never hold": Door { life: 0, ..Door::new(BEARER) }.story(ada(None)),
    };
}

#[test]
fn basic() {
    let basic = || Door::new("Negotiate, Basic realm=\"here\"");
    told! {
        "as nobody": basic().story(None),
        "as ada": basic().story(ada(None)),
        "as one who is refused": basic().story(eve()),
    };
}

#[test]
fn token_servers_of_another_origin() {
    let private = |challenge| Door { is_public: false, ..Door::new(challenge) };
    let plain = "Bearer realm=\"http://auth.example/token\"";
    told! {
        "without consent": private(FOREIGN).story(ada(None)),
        "with consent": private(FOREIGN).story(ada(Some("https://auth.example/"))),
        "with consent, and without TLS": private(plain).story(ada(Some("http://auth.example/"))),
    };
}

#[test]
fn a_challenge_that_is_hidden() {
    let hidden =
        |challenge| Door { visibility: Visibility::CorsFiltered, is_public: false, ..Door::new(challenge) };
    told! {
        "as nobody": hidden(BEARER).story(None),
        "with a token server typed in": hidden(BEARER).story(ada(Some("https://auth.example/token"))),
        "with credentials for the registry itself": hidden("Basic realm=x").story(ada(None)),
    };
}

#[test]
fn the_walkthrough_tells_of_it() {
    let door = |challenge, is_public| Door { is_public, ..Door::new(challenge) };
    let hidden = Door { visibility: Visibility::CorsFiltered, ..door(BEARER, false) };
    // The first two steps: the others are as ever.
    let begin = |door: Door, credentials| {
        let told = telling(&door.pull(credentials));
        told.split("\n\n").take(2).collect::<Vec<_>>().join("\n\n")
    };
    told! {
        "a token for anybody": begin(door(BEARER, true), None),
        "a token for ada": begin(door(BEARER, false), ada(None)),
        "a token that is not given": begin(door(BEARER, false), eve()),
        "a token server that is hidden, and typed in": begin(hidden, ada(Some("https://auth.example/token"))),
        "a name and a password": begin(Door::new("Basic realm=x"), ada(None)),
        "nobody": begin(Door::new("Basic realm=x"), None),
    };
}

#[test]
fn what_cannot_be_read_is_said() {
    for (challenge, expected) in [
        ("Bearer realm=\"x", "does not parse"),
        ("Negotiate", "offers Negotiate"),
        ("Bearer service=x", "names no token server"),
        ("Bearer realm=\"ftp://x/\"", "cannot be asked"),
        ("", "offers nothing"),
    ] {
        let pull = Door::new(challenge).pull(ada(None));
        let Some(Want::Other(why)) = pull.session().want() else { panic!("{challenge}") };
        assert!(why.contains(expected), "{challenge}: {why}");
    }
}

#[test]
fn a_pause_is_taken_as_it_is_asked_for() {
    for (first, paused, verdict) in [
        (vec![(429, "2"), (429, "3")], 5000.0, "verified"),
        (vec![(429, "soon"); 3], 14_000.0, "verified"),
        (vec![(429, "0"); 6], 0.0, "unchecked"),
        (vec![(429, "301")], 0.0, "unchecked"),
        (vec![(503, "2")], 0.0, "verified"),
    ] {
        let door = Door::new(BEARER);
        door.first.replace(first.clone());
        let pull = door.pull(None);
        assert_eq!((door.paused.get(), Report::new(&pull).verdict), (paused, verdict), "{first:?}");
        assert_eq!(pull.session().waiting(), None);
    }
}

#[test]
fn a_recording_holds_no_secret_and_replays() {
    let door = Door { is_public: false, ..Door::new(BEARER) };
    let pull = door.pull(ada(None));
    let written = har::write(&pull.trace(), &WriteOptions::default());
    for secret in ["adas", "anybodys", "YWRh", "lovelace"] {
        assert!(!written.contains(secret), "{secret}");
    }
    let kept = |trace: &Trace| {
        format!("{:?}", trace.entries.iter().map(|e| (&e.begin, &e.body)).collect::<Vec<_>>())
    };
    assert!(!kept(&pull.trace()).contains(&format!("{:?}", b"adas")[1..]), "no token is kept");

    let replay = Replay::new(Recording::parse(written.as_bytes()).unwrap());
    let wallet = Wallet::default();
    wallet.sign_in(&way(), ada(None).unwrap());
    let options = Options { wallet: Rc::new(wallet), ..Options::default() };
    let again = Pull::new(format!("{HOST}/app:1").parse().unwrap(), options, replay, |_| {});
    pollster::block_on(again.run()).unwrap();
    assert_eq!(Report::new(&again).verdict, "verified");
}

#[test]
fn a_relay_is_asked_in_the_registrys_place() {
    let door = Door::new(BEARER);
    let options = Options { relay: Some("https://relay.example".parse().unwrap()), ..Options::default() };
    let pull = Pull::new("elsewhere.example/app:1".parse().unwrap(), options, door.clone(), |_| {});
    pollster::block_on(pull.run()).unwrap();
    assert_eq!(Report::new(&pull).verdict, "verified");
    let seen = door.seen.borrow();
    assert!(seen.iter().all(|line| line.contains(" relay ") || line.contains(" toke ")), "{seen:?}");
    assert_eq!(pull.session().relay(), Some("https://relay.example"));
}
