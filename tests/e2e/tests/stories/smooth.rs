//! Where no worker reads, the page lets others go first: it reads in slices. How long its tasks are is told by the benchmark.

use anyhow::{Context as _, Result, ensure};
use e2e::{
    Browser, NO_WORKERS, Tab, finish, hand_over_long_recording, in_both, pull_by_module,
    registry_of_long_layers, site, with_module,
};

in_both! {
    where_no_worker_may_start_a_pull_lets_others_go_first,
    a_recording_with_a_long_layer_lets_others_go_first,
}

/// The most of a pull's whole time that may pass without a turn for others. In slices it is a tenth or less; whoever reads
/// at one go leaves no turn before the end.
const WITHOUT_A_TURN: f64 = 1.0 / 3.0;

/// Does something while the page counts what a timer sees: the longest that it was kept waiting, as a part of the whole.
fn kept_waiting(tab: &mut Tab, act: impl Fn(&mut Tab) -> Result<()>) -> Result<f64> {
    tab.eval(
        "(() => {
           let last; globalThis.longest = 0; globalThis.beats = true; globalThis.since = undefined;
           const beat = () => {
             const now = performance.now();
             const begun = globalThis.since?.startTime;
             if (begun !== undefined) longest = Math.max(longest, now - Math.max(last, begun));
             globalThis.whole = now - begun; last = now;
             if (globalThis.beats) setTimeout(beat);
           };
           beat();
         })()",
    )?;
    act(tab)?;
    let part = tab.eval("(globalThis.beats = false, globalThis.longest / globalThis.whole)")?;
    part.as_f64().context("nothing was counted")
}

fn where_no_worker_may_start_a_pull_lets_others_go_first(browser: Browser) -> Result<()> {
    let (site, registry) = (site()?, registry_of_long_layers()?);
    let mut tab = with_module(browser, &site, NO_WORKERS)?;
    for layers in ["verify", "unpack"] {
        let asked = format!("'{}/app:1', {{ layers: '{layers}' }}", registry.host());
        let part = kept_waiting(&mut tab, |tab| pull_by_module(tab, &asked))?;
        ensure!(part < WITHOUT_A_TURN, "{layers}: nobody had a turn for {part:.2} of the time");
    }
    finish(tab, &site, Some(&registry))
}

fn a_recording_with_a_long_layer_lets_others_go_first(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = with_module(browser, &site, "() => {}")?;
    let server = hand_over_long_recording(&mut tab)?;
    for layers in ["verify", "unpack"] {
        let asked = format!("null, {{ recording: har, layers: '{layers}' }}");
        let part = kept_waiting(&mut tab, |tab| pull_by_module(tab, &asked))?;
        ensure!(part < WITHOUT_A_TURN, "{layers}: nobody had a turn for {part:.2} of the time");
    }
    let origins = [format!("{}/", site.origin()), format!("http://{}/", server.host())];
    tab.finish(&origins.each_ref().map(String::as_str))
}
