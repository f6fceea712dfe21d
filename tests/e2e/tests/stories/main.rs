//! The stories: the built site as its users meet it, in Chromium and in Firefox. One program, for each would link all of
//! its parts anew, and start browsers of its own.

mod accessible;
mod answers;
mod budget;
mod craft;
mod credentials;
mod doctor;
mod element;
mod embedded;
mod far;
mod large;
mod listing;
mod lost;
mod mended;
mod page;
mod paper;
mod patience;
mod requests;
mod share;
mod smooth;
mod story;
mod tree;
mod unpack;
mod walk;
mod workers;

use std::process::ExitCode;
use std::sync::{PoisonError, RwLock};

use e2e::{Browser, Story, tell, with_browsers_kept};
use libtest_mimic::{Arguments, Failed, Trial};

/// What each module tells. The longest are in the first: what is begun last is waited for alone.
const MODULES: &[(&str, &[Story])] = &[
    ("workers", workers::STORIES),
    ("budget", budget::STORIES),
    ("accessible", accessible::STORIES),
    ("answers", answers::STORIES),
    ("craft", craft::STORIES),
    ("credentials", credentials::STORIES),
    ("doctor", doctor::STORIES),
    ("element", element::STORIES),
    ("embedded", embedded::STORIES),
    ("far", far::STORIES),
    ("large", large::STORIES),
    ("listing", listing::STORIES),
    ("lost", lost::STORIES),
    ("mended", mended::STORIES),
    ("page", page::STORIES),
    ("paper", paper::STORIES),
    ("patience", patience::STORIES),
    ("requests", requests::STORIES),
    ("share", share::STORIES),
    ("smooth", smooth::STORIES),
    ("story", story::STORIES),
    ("tree", tree::STORIES),
    ("unpack", unpack::STORIES),
    ("walk", walk::STORIES),
];

/// Stories run side by side, save those that measure how long something takes: each of these has the machine to itself.
const ALONE: &str = "smooth";

static SIDE_BY_SIDE: RwLock<()> = RwLock::new(());

fn told(module: &str, (_, story): &Story, browser: Browser) -> anyhow::Result<()> {
    if module == ALONE {
        let _alone = SIDE_BY_SIDE.write().unwrap_or_else(PoisonError::into_inner);
        return tell(*story, browser);
    }
    let _beside_others = SIDE_BY_SIDE.read().unwrap_or_else(PoisonError::into_inner);
    tell(*story, browser)
}

fn main() -> ExitCode {
    let stories =
        MODULES.iter().flat_map(|(module, stories)| stories.iter().map(move |story| (*module, story)));
    let trials = stories.flat_map(|(module, story)| {
        Browser::ALL.map(|browser| {
            let name = format!("{module}::{}::{}", story.0, browser.to_string().to_lowercase());
            Trial::test(name, move || {
                told(module, story, browser).map_err(|error| Failed::from(format!("{error:?}")))
            })
        })
    });
    with_browsers_kept(|| libtest_mimic::run(&Arguments::from_args(), trials.collect())).exit_code()
}
