//! What is said to whom a registry does not let in: who would get a password and what it is exchanged for, before it is
//! typed.

use super::{Scene, words};
use crate::auth::{Credentials, Door, Recipients, Secret, is_private, known_realm};
use crate::http::Url;
use crate::session::Want;

/// The form that asks for a sign-in, or the reason why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// What is wanted.
    pub title: String,
    /// Where credentials would go, and what was wrong with the last ones.
    pub words: Vec<String>,
    /// Whether there is a form: where no credentials would help, or none may be sent, there is not.
    pub is_open: bool,
    /// The token server that signing in agrees to.
    pub realm: Option<String>,
    /// Whether a token server can be typed in.
    pub asks_realm: bool,
    /// Whether only consent is wanted: the credentials are there.
    pub is_consent: bool,
    /// Whether the page has to be opened alone for that.
    pub is_elsewhere: bool,
    /// What is signed in to.
    pub door: Door,
}

/// What the user typed.
pub struct Typed {
    /// The user name.
    pub user: String,
    /// The password.
    pub password: Secret,
    /// The address of the token server, where that can be typed in.
    pub realm: String,
}

impl SignIn {
    /// The form, if the registry wants one.
    pub fn of(scene: &Scene<'_>) -> Option<SignIn> {
        let want = scene.want.filter(|_| !scene.recorded)?;
        let front = scene.front.unwrap_or_default();
        let door = Door { registry: scene.behind.unwrap_or(front).to_owned(), front: front.to_owned() };
        let closed = SignIn {
            title: String::new(),
            words: Vec::new(),
            is_open: false,
            realm: None,
            asks_realm: false,
            is_consent: false,
            is_elsewhere: false,
            door,
        };
        let form = match want {
            Want::Tls { to } => {
                let is_relay = closed.door.relay() == Some(to.origin());
                let what = if is_relay { "a relay" } else { "a token server" };
                return Some(SignIn {
                    title: format!("Credentials are not sent to {what} without TLS"),
                    words: vec![format!(
                        "They would go to {to}, and could be read on the way. None were sent."
                    )],
                    ..closed
                });
            }
            Want::Other(why) => {
                return Some(SignIn {
                    title: "This page cannot sign in here".to_owned(),
                    words: vec![words::sentence(why)],
                    ..closed
                });
            }
            _ if scene.framed => {
                return Some(SignIn {
                    title: format!("{} requires a sign-in", closed.door.registry),
                    words: vec![FRAMED.to_owned()],
                    is_elsewhere: true,
                    ..closed
                });
            }
            _ => SignIn { title: format!("Sign in to {}", closed.door.registry), is_open: true, ..closed },
        };
        let to = |realm: &Option<Url>| where_to(realm.as_ref(), &form.door);
        let known = |realm: &Option<Url>| realm.as_ref().map(Url::to_string);
        let mut form = match want {
            Want::Credentials { realm, why } => {
                let why = why.iter().map(|why| words::sentence(why));
                SignIn { words: to(realm).into_iter().chain(why).collect(), realm: known(realm), ..form }
            }
            Want::Others { user, realm, why } => SignIn {
                title: format!("“{user}” was not accepted"),
                words: std::iter::once(words::sentence(why)).chain(to(realm)).collect(),
                realm: known(realm),
                ..form
            },
            Want::Consent { realm } => {
                let recipient = realm.as_ref().map_or(front, Url::origin);
                SignIn {
                    title: format!("Send your credentials to {recipient}?"),
                    words: to(realm),
                    realm: known(realm),
                    is_consent: true,
                    ..form
                }
            }
            // Those without a form are told of above.
            Want::Sight | Want::Tls { .. } | Want::Other(_) => SignIn {
                words: vec![
                    "The registry answered 401, and this page sees no WWW-Authenticate: CORS hides it, or it was not sent."
                        .to_owned(),
                    format!(
                        "If you know the address of its token server, write it below: your user name and password go there, \
                         and the token that they are exchanged for goes to {front}."
                    ),
                    format!("If you leave it empty: {}", to(&None).join(" ")),
                ],
                realm: front
                    .split_once("://")
                    .and_then(|(_, host)| known_realm(host))
                    .map(|(realm, _)| realm.to_string()),
                asks_realm: true,
                ..form
            },
        };
        form.words.extend(scene.beyond.map(|beyond| {
            format!(
                "The registry wants a token that allows more, “{}”. This page does not ask for that.",
                words::visible(beyond, MOST)
            )
        }));
        if front.parse().is_ok_and(|front| !is_private(&front)) {
            form.words.push(format!(
                "Without TLS, everyone on the way to {front} can read what is sent there: your password, or the token that \
                 it is exchanged for."
            ));
        }
        form.words.extend((!form.is_consent).then(|| HELD.to_owned()));
        Some(form)
    }

    /// The credentials that the filled form comes to: they may go to the recipient that it named, and to no other. `held`
    /// are those that lack consent only. The error is a sentence.
    pub fn credentials(&self, typed: Typed, held: Option<Credentials>) -> Result<Credentials, String> {
        let named =
            if self.asks_realm { typed.realm.trim() } else { self.realm.as_deref().unwrap_or_default() };
        let address = |text: &str| {
            text.parse::<Url>()
                .map_err(|error| format!("“{text}” cannot be asked: {error}. Nothing was sent."))
        };
        let realm = (!named.is_empty()).then(|| address(named)).transpose()?;
        if realm.as_ref().is_some_and(|realm| !is_private(realm)) {
            return Err(format!("“{named}” has no TLS, and so gets no password. Nothing was sent."));
        }
        let recipient = realm.clone().map_or_else(|| address(&self.door.front), Ok)?;
        let mut credentials = match (self.is_consent, held) {
            (true, Some(held)) => held.agreed_to(&recipient),
            (true, None) => {
                return Err("Nobody is signed in any more: press Inspect, and sign in.".to_owned());
            }
            // RFC 7617, section 2: what follows it would be taken for the password.
            (false, _) if typed.user.contains(':') => {
                return Err("A user name has no colon. Nothing was sent.".to_owned());
            }
            (false, _) => Credentials::new(typed.user.trim(), typed.password, Recipients::of(&recipient)),
        };
        credentials.realm = realm.or(credentials.realm);
        Ok(credentials)
    }
}

/// So much of what a challenge wants is shown, in characters.
const MOST: usize = 200;

const HELD: &str =
    "They stay in this tab's memory until you press Forget or close the tab, and go nowhere else.";

const FRAMED: &str = "This page is shown inside another one, which could cover it or imitate it. So no password is asked \
                      for here: open the page alone to sign in.";

/// Who gets the credentials, and who the token that they are exchanged for; a sentence each.
fn where_to(realm: Option<&Url>, door: &Door) -> Vec<String> {
    let Door { registry, front } = door;
    let Some(realm) = realm else {
        return vec![match door.relay() {
            None => format!("Your user name and password go to the registry itself, {registry}."),
            Some(relay) => format!(
                "Your user name and password go to the relay {relay}, which asks {registry} with them."
            ),
        }];
    };
    let whose = if door.relay().is_some() { "relay" } else { "registry" };
    vec![
        if realm.origin() == front {
            format!("Your credentials go to the {whose}'s own token server, {realm}.")
        } else {
            format!(
                "Your credentials go to {}, another host, as to the registry's token server.",
                realm.origin()
            )
        },
        format!("The token that they are exchanged for goes to the {whose}, {front}."),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Refusal;
    use crate::graph::Graph;
    use crate::trace::Trace;
    use crate::view::samples::scene;

    const REGISTRY: &str = "https://registry.example";

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    fn form(want: &Want, change: impl FnOnce(&mut Scene<'_>)) -> SignIn {
        let (graph, trace) = (Graph::default(), Trace::default());
        let mut scene = Scene { want: Some(want), ..scene(&graph, &trace) };
        change(&mut scene);
        SignIn::of(&scene).unwrap()
    }

    #[test]
    fn where_a_password_goes_is_said_before_it_goes_there() {
        let own = || Some(url("https://registry.example/token"));
        let other = || Some(url("https://auth.example/token"));
        let why = None;
        for (want, title, words, is_open) in [
            (
                Want::Credentials { realm: None, why: why.clone() },
                "Sign in to https://registry.example",
                "Your user name and password go to the registry itself, https://registry.example.",
                true,
            ),
            (
                Want::Credentials { realm: own(), why: why.clone() },
                "Sign in to https://registry.example",
                "Your credentials go to the registry's own token server, https://registry.example/token.",
                true,
            ),
            (
                Want::Credentials { realm: other(), why },
                "Sign in to https://registry.example",
                "Your credentials go to https://auth.example, another host,",
                true,
            ),
            (
                Want::Others { user: "ada".into(), realm: own(), why: "the server answered 401".into() },
                "“ada” was not accepted",
                "The server answered 401.",
                true,
            ),
            (
                Want::Consent { realm: other() },
                "Send your credentials to https://auth.example?",
                "Your credentials go to https://auth.example, another host,",
                true,
            ),
            (
                Want::Consent { realm: None },
                "Send your credentials to https://registry.example?",
                "Your user name and password go to the registry itself, https://registry.example.",
                true,
            ),
            (
                Want::Tls { to: url("http://auth.example/token") },
                "Credentials are not sent to a token server without TLS",
                "They would go to http://auth.example/token,",
                false,
            ),
            (
                Want::Other("it offers nothing".into()),
                "This page cannot sign in here",
                "It offers nothing.",
                false,
            ),
        ] {
            let shown = form(&want, |_| {});
            assert_eq!((shown.title.as_str(), shown.is_open), (title, is_open));
            assert!(shown.words.first().unwrap().starts_with(words), "{want:?}: {:?}", shown.words);
            assert_eq!(shown.is_consent, matches!(want, Want::Consent { .. }));
            let (graph, trace) = (Graph::default(), Trace::default());
            let recorded = Scene { want: Some(&want), recorded: true, ..scene(&graph, &trace) };
            assert_eq!(SignIn::of(&recorded), None, "a recording lets nobody in");
            assert_eq!(SignIn::of(&scene(&graph, &trace)), None, "nothing is wanted");
        }
    }

    #[test]
    fn who_gets_the_token_what_is_refused_and_what_can_be_read_on_the_way_are_said() {
        let to_other = Want::Credentials { realm: Some(url("https://auth.example/token")), why: None };
        let (relay, plain) = ("http://127.0.0.1:5080", "http://nas.example:5000");
        let text = |want: &Want, change: fn(&mut Scene<'_>)| form(want, change).words.join(" ");
        let here = text(&to_other, |_| {});
        assert!(here.contains("exchanged for goes to the registry, https://registry.example."), "{here}");
        assert!(!here.contains("TLS") && !here.contains("allows more"), "{here}");
        let through = text(&to_other, |scene| {
            (scene.front, scene.behind) = (Some("http://127.0.0.1:5080"), Some(REGISTRY));
        });
        assert!(through.contains(&format!("goes to the relay, {relay}.")), "{through}");
        let itself = Want::Credentials { realm: None, why: None };
        let through = form(&itself, |scene| (scene.front, scene.behind) = (Some(relay), Some(REGISTRY)));
        assert_eq!(through.title, "Sign in to https://registry.example");
        assert!(
            through.words[0]
                .contains("to the relay http://127.0.0.1:5080, which asks https://registry.example")
        );
        let wanted = text(&to_other, |scene| scene.beyond = Some("repository:other:pull,push"));
        assert!(
            wanted.contains("“repository:other:pull,push”. This page does not ask for that."),
            "{wanted}"
        );
        let open = form(&itself, |scene| scene.front = Some(plain)).words.join(" ");
        assert!(open.contains("everyone on the way to http://nas.example:5000 can read"), "{open}");
        let why = "the token server https://auth.example answered, but there is no token in the answer";
        let empty = Want::Credentials { realm: None, why: Some(why.into()) };
        assert!(text(&empty, |_| {}).contains("answered, but there is no token in the answer."));
    }

    #[test]
    fn nobody_is_asked_for_a_password_inside_another_page() {
        for want in [
            Want::Credentials { realm: None, why: None },
            Want::Others { user: "ada".into(), realm: None, why: "no".into() },
            Want::Consent { realm: None },
            Want::Sight,
        ] {
            let shown = form(&want, |scene| scene.framed = true);
            assert_eq!(
                (shown.is_open, shown.asks_realm, shown.is_elsewhere),
                (false, false, true),
                "{want:?}"
            );
            assert!(shown.words.join(" ").contains("open the page alone"));
        }
    }

    #[test]
    fn a_token_server_that_is_hidden_can_be_typed_in_and_may_be_known() {
        for (front, known) in
            [("https://ghcr.io", Some("https://ghcr.io/token")), ("https://registry.example", None)]
        {
            let shown = form(&Want::Sight, |scene| scene.front = Some(front));
            assert!(
                shown.asks_realm
                    && shown.words.first().unwrap().contains("CORS hides it, or it was not sent")
            );
            assert_eq!(shown.realm.as_deref(), known);
        }
    }

    #[test]
    fn what_is_typed_goes_to_the_recipient_that_the_form_named() {
        let typed =
            |realm: &str| Typed { user: " ada ".into(), password: Secret::new("x"), realm: realm.into() };
        let (registry, auth) = (url("https://registry.example/"), url("https://auth.example/token"));
        let goes = |credentials: &Credentials| {
            (
                credentials.pass_to_registry(&registry, REGISTRY).is_ok(),
                credentials.pass_to_realm(&auth).is_ok(),
            )
        };
        let itself = form(&Want::Credentials { realm: None, why: None }, |_| {});
        let server = form(&Want::Credentials { realm: Some(auth.clone()), why: None }, |_| {});
        let hidden = form(&Want::Sight, |_| {});
        for (form, realm, expected) in [
            (&itself, "https://auth.example/token", (true, false)),
            (&server, "", (false, true)),
            (&server, "https://evil.example/", (false, true)),
            (&hidden, "", (true, false)),
            (&hidden, " https://auth.example/token ", (false, true)),
        ] {
            let credentials = form.credentials(typed(realm), None).unwrap();
            assert_eq!((goes(&credentials), credentials.user.as_str()), (expected, "ada"), "{realm}");
        }
        for realm in
            ["auth.example/token", "https://", "https://a@auth.example/", "http://auth.example/token"]
        {
            let refused = hidden.credentials(typed(realm), None).unwrap_err();
            assert!(refused.contains("Nothing was sent"), "{realm}: {refused}");
        }
        let colon = Typed { user: "ada:lovelace".into(), ..typed("") };
        assert!(itself.credentials(colon, None).unwrap_err().contains("colon"));

        let held = server.credentials(typed(""), None).unwrap();
        let consent = form(&Want::Consent { realm: None }, |_| {});
        assert!(consent.credentials(typed(""), None).is_err(), "they were forgotten meanwhile");
        let both = consent.credentials(typed(""), Some(held.clone())).unwrap();
        assert_eq!((goes(&held), goes(&both)), ((false, true), (true, true)));
        assert_eq!(both.pass_to_realm(&url("https://evil.example/")), Err(Refusal::NotAgreed));
    }
}
