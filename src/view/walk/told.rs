//! The words of each step: what is asked, why, what came back, and what that proves.

use super::{Part, among, asked_for_access, asked_of_tag, chosen, documents};
use crate::graph::{Kind, Node, NodeId};
use crate::http::{Field, Method};
use crate::pull::Problem;
use crate::trace::{Entry, Redirect, Role};
use crate::verify::{Code, Verdict};
use crate::view::doctor::Doctor;
use crate::view::summary::Run;
use crate::view::title::Title;
use crate::view::{Scene, Stage, words};

/// What a step is about.
pub(super) fn title(scene: &Scene<'_>, part: Part) -> String {
    let kind = |id: NodeId| scene.graph.get(id).map(|node| node.kind);
    match part {
        Part::Access => "Get access".to_owned(),
        Part::Tag(_) => "Ask what the tag points to".to_owned(),
        Part::Pinned(_) => "Begin with the digest in the reference".to_owned(),
        Part::Choice(_) => "Choose the platform".to_owned(),
        Part::Layers(_, from, to) => format!("Fetch layers {from} to {to}"),
        Part::End => "What is proven, and what is not".to_owned(),
        Part::Object(id) => match (kind(id), scene.graph.get(id)) {
            (Some(Kind::Index), _) => "Fetch the index by its digest".to_owned(),
            (Some(Kind::Manifest), _) => "Fetch the manifest by its digest".to_owned(),
            (Some(Kind::Config), _) => "Fetch the config".to_owned(),
            (_, Some(node)) => match Title::of(scene, id, node).title {
                title if node.kind == Kind::Unknown => format!("Fetch what is named: {title}"),
                title => format!("Fetch {}", title.to_ascii_lowercase()),
            },
            _ => "Fetch an object".to_owned(),
        },
    }
}

/// What a step says.
pub(super) fn text(scene: &Scene<'_>, part: Part) -> Vec<Run> {
    let mut told = Told(Vec::new());
    match part {
        Part::Access => access(&mut told, scene),
        Part::Tag(root) => tag(&mut told, scene, root),
        Part::Pinned(root) => pinned(&mut told, scene, root),
        Part::Object(id) => object(&mut told, scene, id),
        Part::Choice(index) => choice(&mut told, scene, index),
        Part::Layers(first, from, to) => layers(&mut told, scene, first, from, to),
        Part::End => end(&mut told, scene),
    }
    told.0
}

/// Running text in the making.
struct Told(Vec<Run>);

impl Told {
    fn say(&mut self, words: &str) {
        match self.0.last_mut() {
            Some(Run::Text(text)) => text.push_str(words),
            _ => self.0.push(Run::Text(words.to_owned())),
        }
    }

    fn name(&mut self, name: impl ToString) {
        self.0.push(Run::Code(name.to_string()));
    }

    fn digest(&mut self, node: &Node) {
        match &node.digest {
            Some(digest) => self.name(digest.short()),
            None => self.say("no digest"),
        }
    }
}

fn access(told: &mut Told, scene: &Scene<'_>) {
    let asked: Vec<&Entry> = asked_for_access(scene).filter_map(|at| scene.trace.entries.get(at)).collect();
    let refusal = asked.iter().find(|entry| entry.purpose.role != Role::Token);
    let names_server =
        refusal.and_then(|entry| entry.head()).map(|head| head.headers.get("WWW-Authenticate"));
    let shows = |entry: &Entry| entry.sent.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    if refusal.is_some() {
        told.say("The registry does not answer anonymous requests: it says 401");
    }
    match asked.iter().rev().find(|entry| entry.purpose.role == Role::Token) {
        Some(token) => {
            told.say(match (refusal, names_server) {
                (None, _) => "A token is asked for at ",
                (_, Some(Field::NotExposed)) => {
                    ", and where to ask for a token is hidden from pages, or was not sent. This page asks at "
                }
                _ => ", and names the server to ask for a token: ",
            });
            told.name(token.url.host());
            told.say(match shows(token) {
                true => ". The user name and password are sent there, and nowhere else. ",
                false => ". No credentials are sent; an anonymous token is enough if the server issues one. ",
            });
            match token.status() {
                Some(200) => told.say(
                    "The token that comes back is sent with every request from now on, until it expires. ",
                ),
                Some(status) => told.say(&format!("The request was refused with {status}. ")),
                None => told.say("No answer came. "),
            }
        }
        None if scene.trace.entries.iter().any(shows) => {
            told.say(". The user name and password are sent with every request from now on. ");
        }
        None => told.say(", and there were no credentials to send. "),
    }
    told.say(
        "This settles who may ask, and nothing else: what comes back is proven by digests, whoever asked.",
    );
}

fn tag(told: &mut Told, scene: &Scene<'_>, root: NodeId) {
    // A refusal for want of a token is told before.
    let asked = asked_of_tag(scene, root).filter_map(|at| scene.trace.entries.get(at));
    let mut asked: Vec<&Entry> = asked.collect();
    if asked.iter().any(|entry| entry.status() != Some(401)) {
        asked.retain(|entry| entry.status() != Some(401));
    }
    told.say("A client that has only a tag asks what ");
    told.name(scene.tag.unwrap_or("latest"));
    told.say(" points to");
    let headed = asked.first().filter(|entry| entry.method == Method::Head);
    match (headed, asked.last()) {
        (Some(_), Some(last)) if last.method == Method::Head => {
            told.say("; HEAD is enough, because the digest comes in a header. ");
        }
        (Some(first), _) => match first.status() {
            Some(200) => {
                told.say(". HEAD was answered, but this page could see no digest in the answer, so GET was used and the digest computed here. ")
            }
            Some(status) => told.say(&format!(". HEAD was answered with {status}, so GET was used. ")),
            None => told.say(". HEAD brought no answer, so GET was tried. "),
        },
        (None, _) => told.say(". "),
    }
    let Some(node) = scene.graph.get(root) else { return };
    match (&node.digest, scene.stage) {
        (Some(_), _) => {
            if headed.is_some_and(|entry| entry.status() == Some(404)) && asked.len() > 1 {
                told.say("There is no index under it, but an image manifest. ");
            }
            told.say("The answer is ");
            told.digest(node);
            told.say(&format!(": {}, which nothing proves and which may change tomorrow. From this digest on, everything can be checked.", scene.word()));
        }
        (None, Stage::Running) => told.say("There is no answer yet."),
        (None, _) => {
            told.say("It brought no digest");
            if let Some(cause) = Doctor::explanation(scene) {
                told.say(&format!(": {cause}"));
            } else if let Some(Problem::NoRoot { cause }) = scene.problem {
                told.say(&format!(": {}", words::redacted(cause).trim_end_matches('.')));
            }
            told.say(". Without one, there is nothing to fetch and nothing to check.");
        }
    }
}

fn pinned(told: &mut Told, scene: &Scene<'_>, root: NodeId) {
    let Some(node) = scene.graph.get(root) else { return };
    told.say("The reference itself names ");
    told.digest(node);
    told.say(&format!(". No tag is asked for, and {} need not be believed: whatever comes must hash to this digest, or it is not what was meant.", scene.word()));
}

fn object(told: &mut Told, scene: &Scene<'_>, id: NodeId) {
    let Some(node) = scene.graph.get(id) else { return };
    match node.kind {
        Kind::Index => {
            told.say("The index lists one manifest for each platform. It is fetched by its digest, no longer by the tag. ");
        }
        Kind::Manifest => told.say("The manifest names the config and the layers, each by its digest. "),
        Kind::Config => told.say("The config says what to run; its digest is the image ID. "),
        Kind::Layer => told.say("A layer is an archive of files. "),
        Kind::Blob | Kind::Unknown => told.say("Like everything else, this is named by its digest. "),
    }
    hops(told, scene, id);
    outcome(told, scene, node);
}

/// Over which servers the bytes came.
fn hops(told: &mut Told, scene: &Scene<'_>, id: NodeId) {
    let entries = documents(scene, id).filter_map(|at| scene.trace.entries.get(at));
    let redirects: Vec<(Option<u16>, Redirect)> =
        entries.filter_map(|entry| Some((entry.status(), entry.redirect()?))).collect();
    let Some((status, redirect)) = redirects.last() else { return };
    match (redirect, status) {
        (Redirect::Observed(url), Some(status)) => {
            told.say(&format!("The registry answers {status} and points to "));
            told.name(url.host());
        }
        (redirect, _) => {
            told.say("The browser was redirected, unseen by this page, to ");
            told.name(redirect.target().host());
        }
    }
    told.say(", which need not be trusted: the digest decides. ");
}

/// What came of an object, and what it proves.
fn outcome(told: &mut Told, scene: &Scene<'_>, node: &Node) {
    let read = words::grouped(node.read);
    let algorithm = node.digest.as_ref().map_or_else(String::new, |digest| digest.algorithm().to_string());
    match node.verdict() {
        Verdict::Verified => {
            told.say(&format!("{read} bytes came, and their {algorithm} is "));
            told.digest(node);
            told.say(match node.kind {
                Kind::Index | Kind::Manifest => {
                    ", as named. So every digest in them is proven too, whoever sent them."
                }
                _ => ", as named: nothing was added or changed on the way.",
            });
        }
        Verdict::Failed => failed(told, node, &read, &algorithm),
        Verdict::Unchecked => unchecked(told, scene, node),
    }
}

fn failed(told: &mut Told, node: &Node, read: &str, algorithm: &str) {
    match (&node.computed, node.findings.iter().find(|finding| finding.code.verdict() == Verdict::Failed)) {
        (Some(computed), _) if node.digest.as_ref() != Some(computed) => {
            told.say(&format!("{read} bytes came, but their {algorithm} is "));
            told.name(computed.short());
            told.say(", and ");
            told.digest(node);
            told.say(" was named. One changed byte is enough. Whoever sent them, these are not the bytes that were meant, and a client stops here.");
        }
        (_, Some(finding)) => {
            told.say(&format!("{read} bytes came, and a check failed: "));
            told.say(words::redacted(&finding.message).trim_end_matches('.'));
            told.say(". This is not what was named.");
        }
        _ => told.say("A check failed."),
    }
}

fn unchecked(told: &mut Told, scene: &Scene<'_>, node: &Node) {
    let reason = node.findings.iter().find(|finding| finding.code.verdict() == Verdict::Unchecked);
    match (reason.map(|finding| finding.code), scene.stage) {
        (None, Stage::Running) => told.say("Its bytes are still coming."),
        (None, _) => told.say("The pull was stopped before it was checked."),
        (Some(Code::NotRecorded), _) => told.say(
            "What it answered is not in the recording, so nothing is proven; but with the digest known, \
             any server's answer could be held against it.",
        ),
        (Some(Code::Truncated), _) => told.say("The bytes ended early, so there is nothing to compare."),
        (Some(_), _) => {
            let message = reason.map(|finding| words::redacted(&finding.message)).unwrap_or_default();
            told.say(&format!("It was not checked: {}.", message.trim_end_matches('.')));
        }
    }
}

fn choice(told: &mut Told, scene: &Scene<'_>, index: NodeId) {
    let Some(node) = scene.graph.get(index) else { return };
    let entries = words::count(node.children.len(), "manifest");
    told.say(&format!("The index names {entries}. "));
    let chosen = chosen(scene, index).and_then(|id| Some((id, scene.graph.get(id)?)));
    match (chosen, scene.problem) {
        (Some((id, entry)), _) => {
            let at = node.children.iter().position(|child| *child == id).unwrap_or_default() + 1;
            told.say(&format!("Entry {at} is "));
            match &entry.platform {
                Some(platform) => {
                    told.say("for ");
                    told.name(platform);
                }
                None => told.say("the one to continue with"),
            }
            told.say(", and names ");
            told.digest(entry);
            told.say(". The client chooses; the registry is not asked. ");
            told.say(match node.verdict() {
                Verdict::Verified => "As the index is proven, so is this digest.",
                _ => "As the index is not proven, neither is this digest.",
            });
        }
        (None, Some(Problem::NoPlatform { wanted, .. })) => {
            told.say("None of them is for ");
            told.name(wanted);
            told.say(", so the pull ends here.");
        }
        (None, _) => told.say("None of them was asked for yet."),
    }
}

fn layers(told: &mut Told, scene: &Scene<'_>, first: NodeId, from: usize, to: usize) {
    let nodes: Vec<&Node> = among(scene, first, from..=to).filter_map(|id| scene.graph.get(id)).collect();
    let count = |verdict| nodes.iter().filter(|node| node.verdict() == verdict).count();
    let (verified, failed, unchecked) =
        (count(Verdict::Verified), count(Verdict::Failed), count(Verdict::Unchecked));
    let read = nodes.iter().map(|node| node.read).fold(0, u64::saturating_add);
    told.say(&format!("Each layer is fetched by its digest, {} in all. ", words::bytes(read)));
    if verified > 0 {
        told.say(&format!("{verified} of {} match the digests in the manifest. ", nodes.len()));
    }
    if failed > 0 {
        told.say(&format!("{failed} failed: a client stops there. "));
    }
    if unchecked > 0 {
        told.say(&format!("{unchecked} could not be checked. "));
    }
    told.say("The order in which they come does not matter, nor does where they come from.");
}

fn end(told: &mut Told, scene: &Scene<'_>) {
    let wanted = || scene.graph.iter().map(|(_, node)| node).filter(|node| node.wanted);
    let count = |verdict| wanted().filter(|node| node.verdict() == verdict).count();
    let (all, failed, verified) = (wanted().count(), count(Verdict::Failed), count(Verdict::Verified));
    if scene.stage == Stage::Stopped {
        told.say("The pull was stopped. ");
    }
    if verified == 0 && failed == 0 {
        return told.say(
            "Nothing was checked, so nothing is proven: what could not be fetched is neither good nor bad.",
        );
    }
    told.say(&format!("{verified} of {} match their digests", words::count(all, "object")));
    told.say(&match (failed, all - verified - failed) {
        (0, 0) => ". ".to_owned(),
        (0, unchecked) => format!("; {unchecked} could not be checked. "),
        (failed, _) => format!("; {failed} failed, which is how tampering shows. "),
    });
    told.say("To put something into a layer, a server would have to change the layer's digest, and so the manifest, and so everything above it, up to ");
    match scene.tag {
        Some(tag) => {
            told.say("the answer to the first question. That answer, what ");
            told.name(tag);
            told.say(
                " points to, is all that was taken on trust; with a digest in the reference, not even that is.",
            );
        }
        None => told.say("the digest in the reference. Nothing had to be taken on trust."),
    }
}
