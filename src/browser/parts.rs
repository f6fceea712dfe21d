//! The panels of the page, and what each shows of a run.

use wasm_bindgen::JsValue;
use web_sys::Element;

use super::details::DetailsPanel;
use super::doctor::DoctorPanel;
use super::dom::{Painted, Root, set, set_text, show};
use super::explain::Explain;
use super::files::FilesPanel;
use super::form::Form;
use super::listing::ListingPanel;
use super::place::Place;
use super::requests::Requests;
use super::run::Run;
use super::search::Search;
use super::share::Said;
use super::sign_in::SignInPanel;
use super::strip::Strip;
use super::tree::Tree;
use super::trouble::TroublePanel;
use super::walk::WalkPanel;
use super::which::WhichPart;
use crate::view::details::Details;
use crate::view::doctor::Doctor;
use crate::view::filter::Filter;
use crate::view::sign_in::SignIn;
use crate::view::summary::Summary;
use crate::view::tree::{self, Folds};
use crate::view::trouble::Trouble;
use crate::view::{Scene, Stage};

/// The panels, and which run they show.
pub(super) struct Parts {
    main: Element,
    work: Element,
    tree_panel: Element,
    tree_note: Element,
    pub(super) form: Form,
    pub(super) strip: Strip,
    pub(super) trouble: TroublePanel,
    pub(super) doctor: DoctorPanel,
    pub(super) sign_in: SignInPanel,
    pub(super) listing: ListingPanel,
    pub(super) tree: Tree,
    pub(super) requests: Requests,
    pub(super) search: Search,
    pub(super) details: DetailsPanel,
    pub(super) walk: WalkPanel,
    pub(super) explain: Explain,
    pub(super) files: FilesPanel,
    pub(super) said: Said,
    pub(super) which: WhichPart,
    painted: u64,
}

impl Parts {
    /// The panels under `root`.
    pub(super) fn new(root: &Root) -> Result<Parts, JsValue> {
        Ok(Parts {
            main: root.by_id("main")?,
            work: root.by_id("work")?,
            tree_panel: root.by_id("tree-panel")?,
            tree_note: root.by_id("tree-note")?,
            form: Form::new(root)?,
            strip: Strip::new(root)?,
            trouble: TroublePanel::new(root)?,
            doctor: DoctorPanel::new(root)?,
            sign_in: SignInPanel::new(root)?,
            listing: ListingPanel::new(root)?,
            tree: Tree::new(root)?,
            requests: Requests::new(root)?,
            search: Search::new(root)?,
            details: DetailsPanel::new(root)?,
            walk: WalkPanel::new(root)?,
            explain: Explain::new(root)?,
            files: FilesPanel::new(root)?,
            said: Said::new(root)?,
            which: WhichPart::new(root)?,
            painted: 0,
        })
    }

    /// Says that another run begins; what it has to show is painted later.
    pub(super) fn begin(&self) -> Painted {
        set(&self.main, "data-state", Some("running"))
    }

    /// Shows a run as it is now.
    pub(super) fn paint(&mut self, run: &Run, place: &Place) -> Painted {
        if self.painted != run.number {
            self.tree.clear()?;
            self.listing.clear()?;
            self.said.say("");
            self.painted = run.number;
        }
        run.look(|scene| {
            let walked = run.walked(scene);
            let (node, request) = run.selection(scene, walked.as_ref());
            let trouble = run.trouble.clone().or_else(|| Trouble::of(scene));
            let state = if run.trouble.is_some() { "failed" } else { scene.state() };
            self.trouble.show(trouble.as_ref())?;
            self.doctor.show(Doctor::of(scene), !scene.recorded, scene.stage != Stage::Running)?;
            let signed_in = run.pull.as_ref().map(|pull| pull.options().wallet.signed_in());
            let alone = place.alone(&run.address)?;
            self.sign_in.show(SignIn::of(scene), &alone, &signed_in.unwrap_or_default())?;
            let pull = run.pull.as_ref();
            let listing = pull.and_then(|pull| pull.listing());
            let heading = self.listing.show(scene, listing.as_deref(), &run.address)?;
            let summary =
                || heading.as_ref().map_or_else(|| Summary::new(scene), |head| Summary::of_list(scene, head));
            self.strip.show(run.trouble.is_none().then(summary).as_ref())?;
            self.form.show_state(state == "running", run.trouble.as_ref().is_some_and(|t| t.is_typed))?;
            self.form.offer(&scene.platforms())?;

            let spots = tree::spots(scene.graph, &run.folds);
            show(&self.tree_panel, !spots.is_empty())?;
            show(&self.work, !scene.trace.entries.is_empty() || !spots.is_empty())?;
            set_text(&self.tree_note, &scene.counts());
            let seen = tree::visible(&spots);
            let focus = node.filter(|node| seen.iter().any(|spot| spot.id == *node));
            let waits = |id| walked.as_ref().is_some_and(|(walk, place)| walk.object_waits(*place, id));
            let focus = focus.or(seen.first().map(|spot| spot.id));
            self.tree.show(scene, spots, node, focus, waits)?;
            self.tree.show_others(&tree::others(scene.graph, &run.folds))?;

            let related = node.and_then(|node| scene.graph.get(node)).map(|node| node.requests.as_slice());
            let related = related.unwrap_or_default();
            let waits = |id| walked.as_ref().is_some_and(|(walk, place)| walk.request_waits(*place, id));
            let fitting = self.requests.show(scene, self.search.filter(), request, related, waits)?;
            self.search.show(fitting, scene.trace.entries.len())?;
            let step = walked.as_ref().and_then(|(walk, place)| walk.panel(*place));
            self.walk.show(step, listing.is_none())?;
            self.explain.follow(scene, node)?;
            let pretty = self.details.is_pretty();
            // What stands below grows until the end: unless it is asked for, it waits for that.
            let chosen = run.chosen.is_some() || run.request.is_some();
            let told = chosen || walked.is_some() || scene.stage != Stage::Running;
            let details = match (node, request) {
                (Some(node), _) => Details::new(scene, node, pretty),
                (None, Some(request)) => Details::of_request(scene, request, pretty),
                (None, None) => None,
            };
            let details = details.filter(|_| told);
            self.details.show(details, request)?;
            self.files.show(scene)?;
            place.set_title(&scene.page_title())?;
            // Last, so that whoever waits for the state finds all of the page in it.
            set(&self.main, "data-state", Some(state))?;
            self.details.settle();
            Ok(())
        })
    }

    /// Shows all of a run at once, as a document does: every row, nothing folded away or greyed; and of the files, those that
    /// `page` lists.
    pub(super) fn report(&mut self, run: &Run, page: &Parts, place: &Place) -> Painted {
        if page.details.is_pretty() {
            self.details.turn_pretty()?;
        }
        self.listing.follow(&page.listing);
        run.look(|scene| self.print(true, scene))?;
        self.paint(run, place)?;
        self.files.follow(&page.files)?;
        let (node, request) = run.selected();
        let mut open = Folds::default();
        open.set_all(true);
        run.look(|scene| {
            self.tree.show(scene, tree::spots(scene.graph, &open), node, None, |_| false)?;
            self.requests.show(scene, &Filter::default(), request, &[], |_| false).map(|_count| ())
        })
    }

    /// Draws every row for paper, or again those in view.
    pub(super) fn print(&mut self, on_paper: bool, scene: &Scene<'_>) -> Painted {
        self.requests.print(on_paper, scene)?;
        self.tree.print(on_paper, scene)?;
        self.listing.print(on_paper)?;
        self.files.print(on_paper)
    }
}
