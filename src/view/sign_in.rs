//! What is said to whom a registry does not let in: where a password would go, before it goes there.

use super::Scene;
use crate::auth::known_realm;
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
}

impl SignIn {
    /// The form, if the registry wants one.
    pub fn of(scene: &Scene<'_>) -> Option<SignIn> {
        if scene.recorded {
            return None;
        }
        let front = scene.front.unwrap_or_default();
        let form = SignIn {
            title: format!("Sign in to {front}"),
            words: Vec::new(),
            is_open: true,
            realm: None,
            asks_realm: false,
            is_consent: false,
        };
        let known = |realm: &Url| Some(realm.to_string());
        Some(match scene.want? {
            Want::Credentials { realm: None } => {
                SignIn { words: vec![format!("Your user name and password go to the registry itself. {HELD}")], ..form }
            }
            Want::Credentials { realm: Some(realm) } => {
                SignIn { words: vec![where_to(realm, front), HELD.into()], realm: known(realm), ..form }
            }
            Want::Others { user, realm, why } => SignIn {
                title: format!("“{user}” was not accepted"),
                words: std::iter::once(format!("{}.", first_upper(why)))
                    .chain(realm.as_ref().map(|realm| where_to(realm, front)))
                    .chain([HELD.to_owned()])
                    .collect(),
                realm: realm.as_ref().and_then(known),
                ..form
            },
            Want::Consent { realm } => SignIn {
                title: format!("Send your credentials to {}?", realm.origin()),
                words: vec![where_to(realm, front)],
                realm: known(realm),
                is_consent: true,
                ..form
            },
            Want::Tls { realm } => SignIn {
                title: "Credentials are not sent to a token server without TLS".to_owned(),
                words: vec![format!("The registry names {realm}, and what is sent there can be read on the way.")],
                is_open: false,
                ..form
            },
            Want::Sight => SignIn {
                words: vec![
                    "The registry answered 401, and CORS hides WWW-Authenticate: the page cannot see how to sign in. \
                     You can try a user name and a password for the registry itself, or the token server's \
                     address, if you know it."
                        .to_owned(),
                    HELD.to_owned(),
                ],
                realm: scene.front.and_then(|front| {
                    let host = front.split_once("://")?.1;
                    known_realm(host).map(|(realm, _)| realm.to_string())
                }),
                asks_realm: true,
                ..form
            },
            Want::Other(why) => SignIn {
                title: "This page cannot sign in here".to_owned(),
                words: vec![format!("{}.", first_upper(why))],
                is_open: false,
                ..form
            },
        })
    }
}

const HELD: &str =
    "They stay in this tab's memory until you press Forget or close the tab, and go nowhere else.";

fn where_to(realm: &Url, front: &str) -> String {
    if realm.origin() == front {
        format!("Your credentials go to the registry's own token server, {realm}.")
    } else {
        format!(
            "Your credentials go to {}, another host, which the registry names as its token server.",
            realm.origin()
        )
    }
}

fn first_upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Graph;
    use crate::trace::Trace;
    use crate::view::samples::scene;

    #[test]
    fn where_a_password_goes_is_said_before_it_goes_there() {
        let url = |text: &str| text.parse::<Url>().unwrap();
        let own = || Some(url("https://registry.example/token"));
        let other = || url("https://auth.example/token");
        for (want, title, words, is_open) in [
            (
                Want::Credentials { realm: None },
                "Sign in to https://registry.example",
                "Your user name and password go to the registry itself.",
                true,
            ),
            (
                Want::Credentials { realm: own() },
                "Sign in to https://registry.example",
                "Your credentials go to the registry's own token server, https://registry.example/token.",
                true,
            ),
            (
                Want::Credentials { realm: Some(other()) },
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
                Want::Tls { realm: url("http://auth.example/token") },
                "Credentials are not sent to a token server without TLS",
                "The registry names http://auth.example/token,",
                false,
            ),
            (
                Want::Other("it offers nothing".into()),
                "This page cannot sign in here",
                "It offers nothing.",
                false,
            ),
        ] {
            let (graph, trace) = (Graph::default(), Trace::default());
            let signed = |want| SignIn::of(&Scene { want, ..scene(&graph, &trace) });
            let form = signed(Some(&want)).unwrap();
            assert_eq!((form.title.as_str(), form.is_open), (title, is_open));
            assert!(form.words.first().unwrap().starts_with(words), "{want:?}: {:?}", form.words);
            assert_eq!(form.is_consent, matches!(want, Want::Consent { .. }));
            assert_eq!(signed(None), None);
            let recorded = Scene { want: Some(&want), recorded: true, ..scene(&graph, &trace) };
            assert_eq!(SignIn::of(&recorded), None, "a recording lets nobody in");
        }
    }

    #[test]
    fn a_token_server_that_is_hidden_can_be_typed_in_and_may_be_known() {
        let (graph, trace) = (Graph::default(), Trace::default());
        for (front, known) in
            [("https://ghcr.io", Some("https://ghcr.io/token")), ("https://registry.example", None)]
        {
            let scene = Scene { want: Some(&Want::Sight), front: Some(front), ..scene(&graph, &trace) };
            let form = SignIn::of(&scene).unwrap();
            assert!(form.asks_realm && form.words.first().unwrap().contains("CORS hides WWW-Authenticate"));
            assert_eq!(form.realm.as_deref(), known);
        }
    }
}
