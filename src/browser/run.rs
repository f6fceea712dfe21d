//! One pull on the page: what was asked for, how far it is, and what the user looks at. Dropping it stops it.

use std::rc::Rc;

use wasm_bindgen::JsValue;

use super::dom::document;
use super::place::Place;
use super::pool::WORKERS;
use super::recordings::Shelf;
use super::source::Source;
use super::stop::Stop;
use crate::auth::{Door, Wallet};
use crate::digest::Digest;
use crate::graph::NodeId;
use crate::har::Replay;
use crate::http::{Url, UrlError};
use crate::image::PlatformError;
use crate::listing::Kind;
use crate::pull::{Event, Layers, Options, Pull, recorded_reference};
use crate::reference::Reference;
use crate::trace::Keep;
use crate::view::address::{Address, Claimant};
use crate::view::tree::Folds;
use crate::view::trouble::Trouble;
use crate::view::walk::Walk;
use crate::view::{Scene, Stage};

/// One pull and the view of it.
pub(super) struct Run {
    /// Counts up: what belongs to an earlier run is not painted.
    pub(super) number: u64,
    /// What was asked for.
    pub(super) address: Address,
    /// The pull, once it is known what to pull.
    pub(super) pull: Option<Rc<Pull<Source>>>,
    /// How far it is.
    pub(super) stage: Stage,
    /// What kept it from beginning.
    pub(super) trouble: Option<Trouble>,
    /// The object that the user chose.
    pub(super) chosen: Option<NodeId>,
    /// The request that the user chose; without an object, if it brought none.
    pub(super) request: Option<usize>,
    /// What is folded away.
    pub(super) folds: Folds,
    /// Whose word the recording is, if there is one that does not come with the page.
    pub(super) claimant: Option<Claimant>,
    /// Whether it is shown inside another document.
    pub(super) framed: bool,
    stop: Stop,
}

impl Run {
    /// A run that has not begun.
    pub(super) fn new(number: u64, address: Address, place: &Place) -> Result<Run, JsValue> {
        let site = place.site()?;
        Ok(Run {
            claimant: address.recording.as_deref().and_then(|recording| Claimant::of(recording, &site)),
            framed: place.is_framed(&address)?,
            number,
            address,
            pull: None,
            stage: Stage::Running,
            trouble: None,
            chosen: None,
            request: None,
            folds: Folds::default(),
            stop: Stop::new()?,
        })
    }

    /// The switch that stops the run; what it has is kept.
    pub(super) fn stop(&self) -> &Stop {
        &self.stop
    }

    /// Sets out for something that is asked for after the pull; `None` while something runs.
    pub(super) fn resume(&mut self) -> Option<Rc<Pull<Source>>> {
        let pull = self.pull.clone().filter(|_| self.stage != Stage::Running)?;
        self.stop.renew().ok()?;
        self.stage = Stage::Running;
        Some(pull)
    }

    /// Ends the run before it began.
    pub(super) fn fail(&mut self, trouble: Trouble) {
        (self.stage, self.trouble) = (Stage::Done, Some(trouble));
    }

    /// Calls `look` with the pull as it is now.
    pub(super) fn look<R>(&self, look: impl FnOnce(&Scene<'_>) -> R) -> R {
        let Some(pull) = &self.pull else {
            let (graph, trace) = Default::default();
            return look(&Scene {
                graph: &graph,
                trace: &trace,
                layers: Layers::Verify,
                stage: self.stage,
                problem: None,
                reference: self.address.image.as_deref().unwrap_or_default(),
                recorded: self.address.recording.is_some(),
                tag: None,
                front: None,
                behind: None,
                want: None,
                waiting: None,
                diagnosis: None,
                beyond: None,
                claimant: self.claimant.as_ref(),
                framed: self.framed,
            });
        };
        let (graph, trace, problem) = (pull.graph(), pull.trace(), pull.problem());
        let (reference, session) = (pull.reference(), pull.session());
        let (want, diagnosis, beyond) = (session.want(), pull.diagnosis(), session.beyond());
        let listed = pull.listing().map(|listing| listing.kind);
        let name = match listed {
            None => reference.canonical(),
            Some(Kind::Tags) => reference.repository().name(),
            Some(Kind::Repositories) => reference.repository().registry().to_owned(),
        };
        let is_over = self.stage != Stage::Running;
        look(&Scene {
            graph: &graph,
            trace: &trace,
            layers: pull.options().layers,
            stage: self.stage,
            problem: problem.as_ref().filter(|_| is_over),
            reference: &name,
            recorded: self.address.recording.is_some(),
            tag: reference.digest().is_none().then(|| reference.tag_or_default()),
            front: Some(session.front()),
            behind: session.relay().map(|_| session.registry()),
            want: want.as_ref().filter(|_| is_over),
            waiting: session.waiting(),
            diagnosis: diagnosis.as_ref().filter(|_| is_over),
            beyond: beyond.as_deref(),
            claimant: self.claimant.as_ref(),
            framed: self.framed,
        })
    }

    /// Takes up the selection of the address, once its object is there.
    pub(super) fn settle_selection(&mut self) {
        if self.chosen.is_some() {
            return;
        }
        let wanted: Option<Digest> = self.address.select.as_deref().and_then(|digest| digest.parse().ok());
        self.chosen = wanted.and_then(|digest| self.look(|scene| scene.graph.find(&digest)));
        if let Some(chosen) = self.chosen {
            self.reveal(chosen);
        }
    }

    /// Unfolds whatever hides an object.
    pub(super) fn reveal(&mut self, id: NodeId) {
        let mut folds = std::mem::take(&mut self.folds);
        self.look(|scene| folds.reveal(scene.graph, id));
        self.folds = folds;
    }

    /// The walkthrough and the place in it, if one is shown.
    pub(super) fn walked(&self, scene: &Scene<'_>) -> Option<(Walk, usize)> {
        let asked = self.address.step.as_deref().or(self.address.is_embedded().then_some("1"))?;
        let walk = Walk::new(scene);
        let place = walk.place(Some(asked))?;
        Some((walk, place))
    }

    /// The same, whatever is shown.
    pub(super) fn selected(&self) -> (Option<NodeId>, Option<usize>) {
        self.look(|scene| self.selection(scene, self.walked(scene).as_ref()))
    }

    /// The object and the request that are shown: those that the user chose, else those of the step.
    pub(super) fn selection(
        &self,
        scene: &Scene<'_>,
        walked: Option<&(Walk, usize)>,
    ) -> (Option<NodeId>, Option<usize>) {
        if let (None, Some(request)) = (self.chosen, self.request) {
            return (None, Some(request));
        }
        let step = walked.and_then(|(walk, place)| walk.steps.get(*place));
        match (self.chosen, step) {
            (None, Some(step)) => (step.object, step.request),
            (chosen, _) => {
                let node = chosen.or_else(|| scene.first_choice());
                (node, self.request.or_else(|| node.and_then(|node| scene.request_of(node))))
            }
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.stop.turn();
    }
}

/// What the page brings to each of its runs.
pub(super) struct Setting {
    /// The recordings.
    pub(super) shelf: Rc<Shelf>,
    /// Who the user is to registries.
    pub(super) wallet: Rc<Wallet>,
    /// Whether a registry is asked although it is known to be closed.
    pub(super) insists: bool,
    /// The relays that the user agreed to, each for its registry.
    pub(super) relays: Vec<Door>,
}

/// Makes the pull that an address asks for.
pub(super) async fn prepare(
    address: &Address,
    setting: &Setting,
    stop: &Stop,
    observer: impl Fn(Event) + 'static,
) -> Result<Pull<Source>, Trouble> {
    let options = options(address, setting)?;
    let asked = address.named();
    let typed = asked.as_deref().map(str::trim).filter(|image| !image.is_empty());
    let parse = |text: &str| {
        Reference::parse_typed(text).map_err(|error| Trouble::reference(text, &error.to_string()))
    };
    let typed = typed.map(parse).transpose()?;
    let (reference, source) = match (&address.recording, typed) {
        (Some(place), typed) => {
            let refused = |cause: &str| Trouble::recording(place, cause);
            let recording =
                setting.shelf.load(place, &stop.signal()).await.map_err(|cause| refused(&cause))?;
            let recorded = typed.or_else(|| recorded_reference(recording.urls()));
            let reference = recorded.ok_or_else(|| refused("it holds no request for an image's manifest"))?;
            let stop = stop.clone();
            (reference, Source::recorded(Replay::new(recording), WORKERS, move || stop.signal()))
        }
        (None, Some(reference)) => {
            let origin = document().ok().and_then(|document| document.location()?.origin().ok());
            let origin = origin.unwrap_or_default();
            let registry = reference.repository().origin().to_owned();
            match &options.relay {
                // What answers at the page's own origin is the page's already.
                Some(relay) if origin.parse::<Url>().is_ok_and(|page| page.origin() == relay.origin()) => {}
                Some(relay) => {
                    let door = Door { registry, front: relay.origin().to_owned() };
                    if door.relay().is_some() && !setting.relays.contains(&door) {
                        return Err(Trouble::through_relay(door));
                    }
                }
                None => {
                    let closed = Trouble::closed(&reference, &origin).filter(|_| !setting.insists);
                    closed.map_or(Ok(()), Err)?;
                }
            }
            let stop = stop.clone();
            (reference, Source::live(WORKERS, move || stop.signal()))
        }
        (None, None) => return Err(Trouble::reference("", "nothing was named")),
    };
    Ok(Pull::new(reference, options, source, observer))
}

fn options(address: &Address, setting: &Setting) -> Result<Options, Trouble> {
    let wallet = Rc::clone(&setting.wallet);
    let mut options = Options { keep: Keep::FOR_EXPORT, wallet, ..Options::default() };
    if let Some(relay) = address.relay.as_deref().filter(|relay| !relay.is_empty()) {
        let url = relay.parse().map_err(|error: UrlError| Trouble::relay(relay, &error.to_string()))?;
        options.relay = Some(url);
    }
    if let Some(platform) = address.platform.as_deref().filter(|platform| !platform.is_empty()) {
        options.platform =
            platform.parse().map_err(|error: PlatformError| Trouble::platform(&error.to_string()))?;
    }
    options.layers = match address.layers.as_deref() {
        Some("skip") => Layers::Skip,
        Some("unpack") => Layers::Unpack,
        _ => Layers::Verify,
    };
    Ok(options)
}
