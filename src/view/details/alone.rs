//! A request that brought no object: a page of a list, a token, a probe. It stands where an object's details would.

use super::{Bytes, Details, Exchange, Sides};
use crate::trace::Role;
use crate::view::{Scene, requests};

impl Details {
    /// The details of a request that brought no object; its answer reformatted, if `pretty`.
    pub fn of_request(scene: &Scene<'_>, id: usize, pretty: bool) -> Option<Details> {
        let entry = scene.trace.entries.get(id)?;
        let role = entry.purpose.role;
        let sentence = match role {
            Role::Other => {
                format!("This is {}. No digest names it, so nothing can be checked.", scene.word())
            }
            Role::Token => "A token says who may ask. It is no part of the image.".to_owned(),
            Role::Ping => "A probe of what a page may read here. It is no part of the image.".to_owned(),
            _ => "This request brought no part of the image.".to_owned(),
        };
        Some(Details {
            id: None,
            title: format!("Request {}", id + 1),
            what: requests::purpose(entry),
            badge: None,
            sentence,
            trust: None,
            digests: Sides::default(),
            which: None,
            digest: None,
            offer: None,
            facts: Vec::new(),
            named_by: None,
            history: None,
            findings: Vec::new(),
            exchanges: Exchange::new(scene, id).into_iter().collect(),
            // What a token server answers is a secret.
            bytes: if role == Role::Other { Bytes::of_answer(entry, pretty) } else { None },
        })
    }

    /// Whether these are of the same thing as others, which may have been of an earlier moment.
    pub fn is_same(&self, other: &Details) -> bool {
        // The title of a request has its number.
        self.id == other.id && (self.id.is_some() || self.title == other.title)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Graph;
    use crate::trace::{Entry, Kept, State, Trace};
    use crate::view::document::Segment;
    use crate::view::samples::{entry, head, scene};

    fn details(role: Role, body: &str, pretty: bool) -> Details {
        let (state, body) = (State::Done(head(Some(200), &[])), Some(Kept::Here(body.into())));
        let entry = Entry { state, body, ..entry(role, "https://r.example/v2/app/tags/list") };
        let (graph, trace) = (Graph::default(), Trace { entries: vec![entry] });
        Details::of_request(&scene(&graph, &trace), 0, pretty).unwrap()
    }

    #[test]
    fn a_page_of_a_list_is_shown_with_its_answer() {
        let list = details(Role::Other, "{\"tags\":[]}", false);
        assert_eq!((list.id, list.title.as_str(), list.exchanges.len()), (None, "Request 1", 1));
        let text = |details: &Details| details.bytes.as_ref().unwrap().text.segments.clone();
        assert_eq!(text(&list), [Segment::Plain("{\"tags\":[]}".into())]);
        let pretty = details(Role::Other, "{\"tags\":[]}", true);
        assert_eq!(text(&pretty), [Segment::Plain("{\n  \"tags\": []\n}".into())]);
        assert!(list.is_same(&pretty));
    }

    #[test]
    fn the_answer_of_a_token_server_is_not_shown() {
        let token = details(Role::Token, "{\"token\":\"secret\"}", false);
        assert!(!format!("{token:?}").contains("secret"), "{token:?}");
        let (graph, trace) = (Graph::default(), Trace::default());
        assert_eq!(Details::of_request(&scene(&graph, &trace), 0, false), None);
    }
}
