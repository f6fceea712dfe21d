//! No credential reaches an origin that the user was not shown. Each way here is one that a registry, a relay, a store or a
//! token server may try. What a form says is read as a user reads it; what was sent is held against that.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test's helper may panic: that fails the test"
)]

#[path = "../support/mod.rs"]
mod support;
mod world;

use registry_inspector::doctor::Surroundings;
use registry_inspector::http::Url;
use registry_inspector::listing::Kind;
use registry_inspector::pull::{Options, Pull};
use registry_inspector::report::Report;

use world::{Ada, Answer, Asked, EVIL, PASSWORD, REGISTRY, Run, TRUSTED, World, form, list, pull};

const BEARER: &str = "Bearer realm=\"https://trusted.example/token\",service=\"registry\"";

/// A private registry that tokens of the trusted server let in; beside that, as the script says.
fn private(script: impl Fn(&Asked<'_>) -> Option<Answer> + 'static) -> World {
    World::new(move |asked| {
        let honest = || match (asked.host, asked.shown) {
            ("registry.example", shown) if shown != Some("Bearer adas") => Answer::challenge(BEARER),
            _ => None,
        };
        script(asked).or_else(honest)
    })
}

type Way = (&'static str, fn(&mut Ada) -> World);

const WAYS: &[Way] = &[
    ("nobody tries anything", |ada| {
        let world = private(|_| None);
        assert_eq!(ada.pulls(&world), "verified");
        assert_eq!(ada.forms, ["Sign in to https://registry.example"]);
        assert_eq!(
            world.told(),
            ["https://trusted.example/token?service=registry&scope=repository:app:pull"]
        );
        world
    }),
    ("Basic is asked for after Bearer", |ada| {
        let world = World::new(|asked| match (asked.host, asked.shown) {
            ("registry.example", shown) if asked.is_root() && shown != Some("Bearer adas") => {
                Answer::challenge(BEARER)
            }
            ("registry.example", shown) if !asked.is_root() && shown != Some(PASSWORD) => {
                Answer::challenge("Basic realm=\"x\"")
            }
            _ => None,
        });
        // Her word for the token server is none for the registry: she is asked anew, and first says no.
        assert_eq!(ada.pulls(&world), "unchecked");
        assert_eq!(ada.forms.last().unwrap(), "Send your credentials to https://registry.example?");
        assert!(world.told().iter().all(|url| url.starts_with(TRUSTED)), "{:?}", world.told());
        ada.trusts = &[TRUSTED, REGISTRY];
        assert_eq!(ada.pulls(&world), "verified");
        assert!(world.told().iter().any(|url| url.starts_with(REGISTRY)), "it was agreed to");
        world
    }),
    ("the realm changes between two answers", |ada| {
        let world = private(|asked| {
            let is_later = asked.host == "registry.example" && !asked.is_root();
            Answer::challenge("Bearer realm=\"https://evil.example/token\"").filter(|_| is_later)
        });
        assert_eq!(ada.pulls(&world), "unchecked");
        assert_eq!(ada.forms.last().unwrap(), "Send your credentials to https://evil.example?");
        world
    }),
    ("the realm looks like the one that was agreed to", |_| {
        for (realm, forms) in [
            ("https://trusted.example:444/token", 2),
            ("https://trusted.example.evil.example/token", 2),
            ("//evil.example/token", 2),
            ("https://trusted.example@evil.example/token", 2),
            ("https://evil.example\\\\@trusted.example/token", 2),
            ("http://trusted.example/token", 2),
            // These are that one.
            ("https://TRUSTED.Example:443/token", 1),
            ("https://trusted.example./token", 1),
        ] {
            let world = private(move |asked| {
                let is_later = asked.host == "registry.example" && !asked.is_root();
                let is_known = asked.shown == Some("Bearer adas") && forms == 1;
                Answer::challenge(&format!("Bearer realm=\"{realm}\"")).filter(|_| is_later && !is_known)
            });
            let mut ada = Ada::trusting(&[TRUSTED]);
            ada.pulls(&world);
            assert_eq!(ada.forms.len(), forms, "{realm}: {:?}", ada.forms);
            held(&ada, &world, realm);
        }
        private(|_| None)
    }),
    ("blobs are redirected to a store", |ada| {
        let world = private(|_| None);
        assert_eq!(ada.pulls(&world), "verified");
        assert!(world.has_asked("https://cdn.example"));
        world
    }),
    ("what a redirect led to unseen asks for a sign-in", |ada| {
        let world = private(|asked| {
            let answer = Answer::of(401, &[("www-authenticate", "Basic realm=x")], "");
            let followed_to = Some("https://evil.example/blob");
            let is_blob = asked.host == "registry.example" && asked.path.contains("/blobs/");
            Some(Answer { followed_to, ..answer }).filter(|_| is_blob)
        });
        assert_eq!(ada.pulls(&world), "unchecked");
        assert_eq!(ada.forms.len(), 1, "it is not the registry that asks: {:?}", ada.forms);
        world
    }),
    ("the relay is another one", |ada| {
        let relays = ["https://relay.example", EVIL];
        ada.trusts = &["https://relay.example", REGISTRY, TRUSTED];
        let world = World::new(|asked| match (asked.host, asked.shown) {
            ("relay.example" | "evil.example", shown) if shown != Some(PASSWORD) => {
                Answer::challenge("Basic realm=x")
            }
            _ => None,
        });
        assert_eq!(ada.visits(&world, "registry.example/app:1", Some(relays[0]), pull), "verified");
        assert_eq!(ada.visits(&world, "registry.example/app:1", Some(relays[1]), pull), "unchecked");
        assert_eq!(world.told().iter().filter(|url| !url.starts_with(relays[0])).count(), 0);
        assert!(!world.has_asked(REGISTRY));
        world
    }),
    ("another registry stands behind the same relay", |ada| {
        ada.trusts = &["https://relay.example", REGISTRY];
        let world = World::new(|asked| match asked.shown {
            Some(PASSWORD) => None,
            _ if asked.host == "relay.example" => Answer::challenge("Basic realm=x"),
            _ => None,
        });
        let relay = Some("https://relay.example");
        assert_eq!(ada.visits(&world, "registry.example/app:1", relay, pull), "verified");
        let before = world.told().len();
        assert_eq!(ada.visits(&world, "other.example/app:1", relay, pull), "unchecked");
        assert_eq!(ada.forms.last().unwrap(), "Sign in to https://other.example");
        assert_eq!(world.told().len(), before, "who she is to one registry is none of the other's business");
        world
    }),
    ("another registry names the same token server", |ada| {
        let world = private(|asked| {
            Answer::challenge(BEARER)
                .filter(|_| asked.host == "evil.example" && asked.shown != Some("Bearer adas"))
        });
        assert_eq!(ada.pulls(&world), "verified");
        assert_eq!(ada.visits(&world, "evil.example/app:1", None, pull), "unchecked");
        assert_eq!(ada.forms.last().unwrap(), "Sign in to https://evil.example", "which would get the token");
        world
    }),
    ("a list goes on at another host", |ada| {
        for link in [
            "<https://evil.example/v2/app/tags/list?last=a>; rel=next",
            "<//evil.example/v2/app/tags/list>; rel=next",
            "<https://registry.example@evil.example/>; rel=next",
            "<https://registry.example.evil.example/v2/>; rel=next",
            "<http://registry.example/v2/app/tags/list?last=a>; rel=next",
        ] {
            let world = private(move |asked| {
                let is_in = asked.path.ends_with("/tags/list") && asked.shown == Some("Bearer adas");
                Some(Answer::of(200, &[("link", link)], r#"{"tags":["a"]}"#)).filter(|_| is_in)
            });
            let mut other = Ada::trusting(&[TRUSTED, REGISTRY]);
            other.visits(&world, "registry.example/app:1", None, list);
            assert!(!world.told().is_empty(), "she was let in");
            held(&other, &world, link);
        }
        assert!(ada.forms.is_empty());
        private(|_| None)
    }),
    ("the token server redirects", |ada| {
        let world = private(|asked| {
            let answer = Answer::of(307, &[("location", "https://evil.example/token")], "");
            Some(answer).filter(|_| asked.host == "trusted.example")
        });
        assert_eq!(ada.pulls(&world), "unchecked");
        assert!(!world.has_asked(EVIL));
        world
    }),
    ("the token server names another realm", |ada| {
        let world = private(|asked| {
            let evil = Answer::challenge("Bearer realm=\"https://evil.example/token\", Basic realm=x");
            evil.filter(|_| asked.host == "trusted.example")
        });
        assert_eq!(ada.pulls(&world), "unchecked");
        assert!(!world.has_asked(EVIL));
        world
    }),
    ("the registry wants a token for more", |ada| {
        for challenge in [
            "Bearer realm=\"https://trusted.example/token\",scope=\"repository:app:pull,push\"",
            "Bearer realm=\"https://trusted.example/token\",scope=\"repository:other/secret:pull repository:app:pull\"",
            "Bearer realm=\"https://trusted.example/token\",scope=\"registry:catalog:*\"",
            "Bearer realm=\"https://trusted.example/token?scope=repository:other:push\"",
            "Bearer realm=\"https://trusted.example/token?a=b;%73cope=repository:other:push\"",
        ] {
            let world = private(move |asked| {
                let is_out = asked.host == "registry.example" && asked.shown != Some("Bearer adas");
                Answer::challenge(challenge).filter(|_| is_out)
            });
            let mut other = Ada::trusting(&[TRUSTED, REGISTRY]);
            assert_eq!(other.pulls(&world), "verified", "{challenge}");
            for url in world.seen.borrow().iter().map(|(url, _)| url).filter(|url| url.contains("/token")) {
                let scopes: Vec<&str> =
                    url.split(['?', '&', ';']).filter(|pair| pair.contains("cope")).collect();
                assert_eq!(scopes, ["scope=repository:app:pull"], "{url}");
            }
            held(&other, &world, challenge);
        }
        assert!(ada.forms.is_empty());
        private(|_| None)
    }),
    ("the registry is spelled in capitals, and asked through a relay", |ada| {
        ada.trusts = &["https://relay.example", REGISTRY];
        let world = World::new(|asked| match asked.shown {
            Some(PASSWORD) => None,
            _ => Answer::challenge("Basic realm=x").filter(|_| !asked.host.starts_with("cdn.")),
        });
        let relay = Some("https://Relay.Example:443");
        for reference in ["Registry.Example/app:1", "registry.example:443/app:1"] {
            assert_eq!(ada.visits(&world, reference, relay, pull), "verified", "{reference}");
        }
        assert_eq!(ada.forms.len(), 1, "it is one registry");
        assert!(!world.has_asked(REGISTRY), "the relay is not gone round");
        world
    }),
    ("a challenge is hidden after one that was seen", |ada| {
        let world = private(|asked| {
            let is_later = asked.host == "registry.example" && !asked.is_root() && asked.shown.is_some();
            let hidden = Answer::of(401, &[("www-authenticate", "Basic realm=x")], "");
            Some(Answer { is_hidden: true, ..hidden }).filter(|_| is_later)
        });
        assert_eq!(ada.pulls(&world), "unchecked");
        assert!(world.told().iter().all(|url| url.starts_with(TRUSTED)), "{:?}", world.told());
        world
    }),
    ("nothing is encrypted on the way", |ada| {
        ada.trusts = &["http://trusted.example", "http://relay.example", REGISTRY];
        let plain = World::new(|asked| {
            let challenge = "Bearer realm=\"http://trusted.example/token\"";
            Answer::challenge(challenge).filter(|_| asked.host == "registry.example")
        });
        assert_eq!(ada.pulls(&plain), "unchecked");
        let relayed = World::new(|asked| match asked.host {
            "relay.example" => Answer::challenge(BEARER),
            _ => None,
        });
        let relay = Some("http://relay.example");
        assert_eq!(ada.visits(&relayed, "registry.example/app:1", relay, pull), "unchecked");
        let titles = [
            "Credentials are not sent to a token server without TLS",
            "Credentials are not sent to a relay without TLS",
        ];
        assert_eq!(ada.forms, titles, "said before anything is typed");
        assert!(plain.told().is_empty() && relayed.told().is_empty());
        plain
    }),
    ("the doctor looks around", |ada| {
        let world = private(|_| None);
        let examine = |of: &Pull<World>| {
            pull(of);
            pollster::block_on(of.diagnose(&Surroundings::default())).unwrap();
        };
        assert_eq!(ada.visits(&world, "registry.example/app:1", None, examine), "verified");
        world
    }),
];

/// Every header that was sent went to whom a form had named.
fn held(ada: &Ada, world: &World, way: &str) {
    for (url, shown) in world.seen.borrow().iter() {
        let origin = url.parse::<Url>().unwrap().origin().to_owned();
        let agreed = match shown.as_deref() {
            Some(PASSWORD) => &ada.password_to,
            Some("Bearer adas") => &ada.token_to,
            _ => continue,
        };
        assert!(agreed.contains(&origin), "{way}: {shown:?} was sent to {url}, and agreed was to {agreed:?}");
    }
}

#[test]
fn no_credential_reaches_an_origin_that_no_form_named() {
    assert!(WAYS.len() > 10);
    for (way, tries) in WAYS {
        let mut ada = Ada::trusting(&[TRUSTED]);
        let world = tries(&mut ada);
        held(&ada, &world, way);
        assert!(!world.told().iter().any(|url| url.starts_with(EVIL)), "{way}");
    }
}

#[test]
fn a_token_answer_without_a_token_is_told_of() {
    for (body, said) in [
        ("{}", "The token server https://trusted.example answered, but there is no token in the answer."),
        (r#"{"token":null}"#, "there is no token in the answer."),
        ("<html>", "The token server https://trusted.example answered, but the answer does not parse:"),
    ] {
        let world = private(move |asked| {
            Some(Answer::of(200, &[], body)).filter(|_| asked.host == "trusted.example")
        });
        let pull = Pull::new("registry.example/app:1".parse().unwrap(), Options::default(), world, |_| {});
        pollster::block_on(pull.run()).unwrap();
        let words = form(&pull).unwrap().words.join(" ");
        assert!(words.contains(said), "{body}: {words}");
        let problem = Report::new(&pull).problem.unwrap().message;
        assert!(
            problem.to_lowercase().contains(said.trim_end_matches('.').to_lowercase().as_str()),
            "{problem}"
        );
    }
}

#[test]
fn a_challenge_that_cannot_be_seen_is_hidden_or_was_not_sent() {
    let world = World::new(|asked| {
        let hidden = Answer { is_hidden: true, ..Answer::of(401, &[], "") };
        Some(hidden).filter(|_| asked.host == "registry.example")
    });
    let pull = Pull::new("registry.example/app:1".parse().unwrap(), Options::default(), world, |_| {});
    pollster::block_on(pull.run()).unwrap();
    let problem = Report::new(&pull).problem.unwrap().message;
    assert!(problem.ends_with("; WWW-Authenticate is hidden, or was not sent"), "{problem}");
    assert!(form(&pull).unwrap().words[0].ends_with("CORS hides it, or it was not sent."));
}

#[test]
fn a_list_is_asked_for_with_its_own_scope() {
    let catalogue = |pull: &Pull<World>| pollster::block_on(pull.list(Kind::Repositories)).unwrap();
    for (run, scope) in [(list as Run, "repository:app:pull"), (catalogue, "registry:catalog:*")] {
        let world = private(|asked| {
            let wants = "Bearer realm=\"https://trusted.example/token\",scope=\"registry:catalog:* repository:b:delete\"";
            let is_out = asked.host == "registry.example" && asked.shown != Some("Bearer adas");
            Answer::challenge(wants).filter(|_| is_out)
        });
        let mut ada = Ada::trusting(&[TRUSTED]);
        ada.visits(&world, "registry.example/app:1", None, run);
        let seen = world.seen.borrow();
        let tokens: Vec<&str> =
            seen.iter().filter_map(|(url, _)| url.split_once("/token?")).map(|(_, q)| q).collect();
        assert!(
            !tokens.is_empty() && tokens.iter().all(|query| *query == format!("scope={scope}")),
            "{tokens:?}"
        );
    }
}
