//! The driver: one pull as one sequential story.
//!
//! Resolve the tag, fetch the root by digest, choose the platform, fetch its manifest, config and layers. Every
//! object gets its findings and its verdict; none hides another, and the pull goes on as far as it can. Only the
//! caller can end it early.

mod blob;
mod budget;
mod demand;
mod doctor;
mod document;
mod fetch;
mod image;
mod index;
mod lanes;
mod listing;
mod recorded;
mod resolve;
mod unpack;

use std::cell::{Ref, RefCell};
use std::fmt;
use std::rc::Rc;

use crate::auth::Wallet;
use crate::doctor::Diagnosis;
use crate::endpoint::Accept;
use crate::graph::{Graph, Node, NodeId};
use crate::http::Url;
use crate::image::Platform;
use crate::layer::Limits;
use crate::listing::Listing;
use crate::reference::Reference;
use crate::session::{Area, Session};
use crate::trace::{Entry, Keep, Recorder, Trace};
use crate::transport::Transport;
use crate::verify::Finding;

use budget::Budget;
use resolve::Resolved;

pub use recorded::recorded_reference;
pub use unpack::NoFile;

/// What to pull.
#[derive(Debug, Clone)]
pub struct Options {
    /// The platform to choose from an index.
    pub platform: Platform,
    /// How deep to go into layers.
    pub layers: Layers,
    /// How far a layer may unpack.
    pub limits: Limits,
    /// How much of the bodies to keep in the trace.
    pub keep: Keep,
    /// The origin that is asked in the registry's place.
    pub relay: Option<Url>,
    /// Who the user is to registries.
    pub wallet: Rc<Wallet>,
}

impl Default for Options {
    fn default() -> Options {
        let platform = Platform { architecture: "amd64".into(), os: "linux".into(), ..Platform::default() };
        Options {
            platform,
            layers: Layers::Verify,
            limits: Limits::default(),
            keep: Keep::NOTHING,
            relay: None,
            wallet: Rc::default(),
        }
    }
}

/// How deep to go into layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layers {
    /// Do not fetch them.
    Skip,
    /// Fetch each and check its digest.
    Verify,
    /// Unpack each as well: check its diff ID, and list its files.
    Unpack,
}

/// What has just changed, for whoever shows the pull while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A trace entry was added or changed.
    Request(usize),
    /// A node was added or got its verdict.
    Object(NodeId),
    /// More bytes of a node were read.
    Progress(NodeId),
}

/// One pull. Graph and trace may be read at any time while it runs.
pub struct Pull<T> {
    reference: Reference,
    options: Options,
    session: Session<T>,
    area: Area,
    graph: RefCell<Graph>,
    problem: RefCell<Option<Problem>>,
    diagnosis: RefCell<Option<Diagnosis>>,
    listing: RefCell<Option<Listing>>,
    budget: Budget,
    observer: Rc<dyn Fn(Event)>,
}

impl<T: Transport> Pull<T> {
    /// A pull that has not started. `observer` is told of each change, and may read graph and trace then.
    pub fn new(
        reference: Reference,
        options: Options,
        transport: T,
        observer: impl Fn(Event) + 'static,
    ) -> Pull<T> {
        let observer: Rc<dyn Fn(Event)> = Rc::new(observer);
        let told = Rc::clone(&observer);
        let recorder = Recorder::new(transport, options.keep, move |id| told(Event::Request(id)));
        let area = Area::repository(reference.repository());
        let (relay, wallet) = (options.relay.clone(), Rc::clone(&options.wallet));
        let session = Session::new(recorder, reference.repository().origin().to_owned(), relay, wallet);
        let (graph, problem, diagnosis, listing, budget) = Default::default();
        Pull { reference, options, session, area, graph, problem, diagnosis, listing, budget, observer }
    }

    /// Runs the pull to its end. Whatever goes wrong is in the graph, save that the caller stopped it.
    pub async fn run(&self) -> Result<(), Aborted> {
        let root = self.add(None, Node::root(self.reference.digest().cloned()));
        match self.pull_root(root).await {
            Err(Failure::Aborted) => Err(Aborted),
            Err(Failure::Found(finding) | Failure::Lost(finding)) => {
                *self.problem.borrow_mut() = Some(Problem::NoRoot { cause: finding.message.clone() });
                self.change(root, |node| node.findings.push(finding));
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// What is pulled.
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// How it is pulled.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The objects so far. Not to be held across an await.
    pub fn graph(&self) -> Ref<'_, Graph> {
        self.graph.borrow()
    }

    /// The requests so far. Not to be held across an await.
    pub fn trace(&self) -> Ref<'_, Trace> {
        self.session.trace()
    }

    /// What it is sent through.
    pub fn transport(&self) -> &T {
        self.session.recorder().transport()
    }

    /// The conversation with the registry.
    pub fn session(&self) -> &Session<T> {
        &self.session
    }

    /// What kept the pull from being one, if anything did.
    pub fn problem(&self) -> Option<Problem> {
        self.problem.borrow().clone()
    }

    async fn pull_root(&self, root: NodeId) -> Result<(), Failure> {
        let resolved = self.resolve(root).await?;
        let is_word_alone = resolved.body.is_none() && self.reference.digest().is_none();
        let mut followed = self.follow(root, resolved).await;
        if is_word_alone && matches!(followed, Err(Failure::Found(_))) && self.last_status() == Some(404) {
            // The registry does not have what it says that the tag points to: what the tag itself brings is hashed.
            let resolved = self.resolve_by_get(root, &Accept::LADDER).await?;
            followed = self.follow(root, resolved).await;
        }
        if !followed? {
            let available = self.available_platforms();
            let wanted = self.options.platform.clone();
            *self.problem.borrow_mut() = Some(Problem::NoPlatform { wanted, available });
        }
        Ok(())
    }

    async fn follow(&self, root: NodeId, resolved: Resolved) -> Result<bool, Failure> {
        self.graph.borrow_mut().set_digest(root, resolved.digest.clone());
        self.change(root, |node| node.media_type = resolved.media_type.clone());
        self.fetch_root(root, resolved).await
    }

    fn last_status(&self) -> Option<u16> {
        self.trace().entries.last().and_then(Entry::status)
    }

    fn available_platforms(&self) -> Vec<Platform> {
        let graph = self.graph.borrow();
        // What the entry does not state, the config may.
        let by_config = |node: &Node| {
            let manifest = graph.get(node.parent?).filter(|manifest| manifest.platform.is_none())?;
            node.config.as_ref().filter(|_| manifest.parent.is_some()).map(|config| config.platform())
        };
        let stated = graph.iter().filter_map(|(_, node)| node.platform.clone().or_else(|| by_config(node)));
        stated.filter(|platform| platform.is_stated() && !platform.is_unknown()).collect()
    }

    fn add(&self, parent: Option<NodeId>, node: Node) -> NodeId {
        let id = self.graph.borrow_mut().add(parent, node);
        (self.observer)(Event::Object(id));
        id
    }

    fn change(&self, id: NodeId, change: impl FnOnce(&mut Node)) {
        if let Some(node) = self.graph.borrow_mut().get_mut(id) {
            change(node);
        }
        (self.observer)(Event::Object(id));
    }
}

/// The caller stopped the pull.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aborted;

/// What kept a pull from being one.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Problem {
    /// The root could not be had.
    NoRoot {
        /// Why, in a sentence.
        cause: String,
    },
    /// The index has nothing for the wanted platform.
    NoPlatform {
        /// The platform.
        wanted: Platform,
        /// Those that the index has.
        available: Vec<Platform>,
    },
}

/// How many platforms a sentence lists: an index may name tens of thousands.
const MAX_LISTED: usize = 50;

impl Problem {
    /// A stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Problem::NoRoot { .. } => "no-root",
            Problem::NoPlatform { .. } => "no-platform",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::NoRoot { cause } => f.write_str(cause),
            Problem::NoPlatform { wanted, available } if available.is_empty() => {
                write!(f, "the index has nothing for {wanted}, and names no platform at all")
            }
            Problem::NoPlatform { wanted, available } => {
                let list: Vec<String> = available.iter().take(MAX_LISTED).map(Platform::to_string).collect();
                write!(f, "the index has nothing for {wanted}; it has {}", list.join(", "))?;
                match available.len().saturating_sub(MAX_LISTED) {
                    0 => Ok(()),
                    more => write!(f, " and {more} more"),
                }
            }
        }
    }
}

/// Why an object could not be had.
enum Failure {
    /// The caller stopped the pull.
    Aborted,
    /// What was to take its bytes in is gone: it can be asked for anew. Else as it would stand on the object.
    Lost(Finding),
    /// Anything else, as it will stand on the object.
    Found(Finding),
}
