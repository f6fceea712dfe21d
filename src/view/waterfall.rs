//! Where the bars of the timeline stand, in percent of its width.
//!
//! Unknown times are never drawn as bars. Where a whole trace has none, a mark for each request shows the order.

use crate::http::Timings;
use crate::trace::{Entry, Trace};

use super::{sort, words};

/// A bar that would be narrower than this is drawn this wide, in percent, so that it can be seen.
const THINNEST: f64 = 0.6;

/// The timeline of one trace.
#[derive(Debug, Clone, PartialEq)]
pub struct Waterfall {
    /// The lanes, one for each request.
    pub lanes: Vec<Lane>,
    /// What the axis spans; `None` where no time is known.
    pub span: Option<Span>,
    /// The requests that nothing else could have been done beside: the chain that ends last.
    pub critical: Vec<usize>,
}

/// The time from the first start to the last end.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// In milliseconds.
    pub milliseconds: f64,
    /// In words: `240 ms`.
    pub words: String,
    /// From one tick of the axis to the next, in milliseconds: 1, 2 or 5 times a power of ten.
    pub tick: f64,
}

impl Span {
    /// The ticks, each with its place in percent and its time in words.
    pub fn ticks(&self) -> Vec<(f64, String)> {
        let place = |number: u32| f64::from(number) * self.tick / self.milliseconds * 100.0;
        let ticks = (0..=MOST_TICKS).map(|number| (place(number), f64::from(number) * self.tick));
        // The last one needs room for its words.
        let shown = ticks.filter(|(place, _)| *place <= 88.0);
        shown.map(|(place, time)| (place, if time == 0.0 { "0".to_owned() } else { time_of(time) })).collect()
    }

    /// The time at a place, given in parts of the whole.
    pub fn at(&self, part: f64) -> String {
        words::duration(self.milliseconds * between(part, 0.0, 1.0))
    }
}

/// Ticks are round: they need no decimal places that say nothing.
fn time_of(milliseconds: f64) -> String {
    match milliseconds {
        ms if ms < 1.0 => format!("{} µs", words::decimal(ms * 1000.0, 0)),
        ms if ms < 1000.0 => format!("{} ms", words::decimal(ms, 0)),
        // From 1 s on they are whole seconds: 1, 2 or 5 of a power of ten.
        ms => format!("{} s", words::decimal(ms / 1000.0, 0)),
    }
}

/// The step between ticks that makes few of them, and those round.
fn tick(span: f64) -> f64 {
    let mut power = 0.001;
    while power * 10.0 < span && power < 1e12 {
        power *= 10.0;
    }
    let round = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0].map(|factor| factor * power);
    round.into_iter().find(|step| span / step <= f64::from(MOST_TICKS)).unwrap_or(power * 10.0)
}

/// More than this would crowd the axis.
const MOST_TICKS: u32 = 4;

/// What is drawn for one request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Lane {
    /// Its phases.
    Bars {
        /// From the start to the head of the response.
        wait: Bar,
        /// From there to the end of the body, where that is known.
        receive: Option<Bar>,
        /// Whether it was sent on to elsewhere, and how that is known: `observed` or `inferred`.
        redirect: Option<&'static str>,
    },
    /// Its place in the order: no time in the trace is known.
    Order(f64),
    /// Nothing: other requests have times, this one has none.
    Unknown,
}

/// One bar, in percent of the timeline's width.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    /// Where it begins.
    pub left: f64,
    /// How wide it is.
    pub width: f64,
}

impl Waterfall {
    /// Lays out a trace.
    pub fn new(trace: &Trace) -> Waterfall {
        let entries = &trace.entries;
        let starts = entries.iter().filter_map(|entry| entry.timings.started);
        let ends = entries.iter().filter_map(|entry| end(&entry.timings));
        let Some((first, last)) = starts.reduce(f64::min).zip(ends.reduce(f64::max)) else {
            let place = |at: usize| Lane::Order((at as f64 + 0.5) / entries.len() as f64 * 100.0);
            let lanes = (0..entries.len()).map(place).collect();
            return Waterfall { lanes, span: None, critical: Vec::new() };
        };
        // Requests that all took no measurable time would divide by nothing.
        let milliseconds = (last - first).max(0.001);
        let lanes = entries.iter().map(|entry| lane(entry, first, milliseconds)).collect();
        let (words, tick) = (words::duration(milliseconds), tick(milliseconds));
        Waterfall { lanes, span: Some(Span { milliseconds, words, tick }), critical: critical(entries) }
    }

    /// The longest chain of requests that waited for one another, in words; nothing where all of them did.
    pub fn chain(&self, trace: &Trace) -> Option<String> {
        let span = self.span.as_ref()?;
        let busy: f64 = self.critical.iter().filter_map(|at| total(&trace.entries.get(*at)?.timings)).sum();
        let requests = words::count(self.critical.len(), "request");
        Some(format!(
            "Critical path: {requests}, {} of {}",
            words::duration(busy.min(span.milliseconds)),
            span.words
        ))
    }

    /// What is to be said of times that are not known.
    pub fn note(&self) -> &'static str {
        let unknown = |lane: &Lane| *lane == Lane::Unknown;
        match &self.span {
            _ if self.lanes.is_empty() => "",
            None => "No times are known: the marks show only the order.",
            Some(_) if self.lanes.iter().any(unknown) => "Where there is no bar, the time is not known.",
            Some(_) => "",
        }
    }
}

/// A place or width as an attribute takes it.
pub fn percent(value: f64) -> String {
    format!("{}%", words::decimal(value, 3))
}

/// How long a request took in all, as far as that is known, in milliseconds.
pub fn total(timings: &Timings) -> Option<f64> {
    timings.wait.map(|wait| wait + timings.receive.unwrap_or_default())
}

/// When a request ended. A start alone is no time: recordings hold a date for each request and often no more.
fn end(timings: &Timings) -> Option<f64> {
    Some(timings.started? + total(timings)?)
}

fn lane(entry: &Entry, first: f64, span: f64) -> Lane {
    let Timings { started: Some(started), wait: Some(wait), receive } = entry.timings else {
        return Lane::Unknown;
    };
    let bar = |from: f64, length: f64| {
        let width = between(length / span * 100.0, THINNEST, 100.0);
        Bar { left: between((from - first) / span * 100.0, 0.0, 100.0 - width), width }
    };
    let wait_bar = bar(started, wait);
    let receive = receive.map(|length| {
        let drawn = bar(started + wait, length);
        // A wait that was widened to be seen must not cover what follows.
        let left = drawn.left.max((wait_bar.left + wait_bar.width).min(100.0 - drawn.width));
        Bar { left, ..drawn }
    });
    Lane::Bars { wait: wait_bar, receive, redirect: entry.redirect().map(|redirect| redirect.as_str()) }
}

/// A number held within two others. The library's own `clamp` tells of its bounds where it panics, and with that takes all
/// the code into the page that writes floats: 16 kB.
#[allow(clippy::manual_clamp, reason = "see above")]
fn between(value: f64, least: f64, most: f64) -> f64 {
    value.max(least).min(most)
}

/// From the request that ended last, back to the one that ended last before it began, and so on.
fn critical(entries: &[Entry]) -> Vec<usize> {
    let ends = entries.iter().map(|entry| end(&entry.timings).map_or(0, sort::of_time)).collect();
    let mut chain = Vec::new();
    let mut before = f64::INFINITY;
    for at in sort::sorted(ends).into_iter().rev() {
        let Some(timings) = entries.get(at).map(|entry| entry.timings) else { continue };
        let (Some(end), Some(started)) = (end(&timings), timings.started) else { continue };
        // Clocks are coarse: what ends as another begins is before it.
        if end <= before + 0.05 {
            chain.push(at);
            before = started;
        }
    }
    chain.reverse();
    chain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Role;
    use crate::view::samples::entry;

    fn trace(timings: &[(Option<f64>, Option<f64>, Option<f64>)]) -> Trace {
        let entries = timings.iter().map(|(started, wait, receive)| {
            let timings = Timings { started: *started, wait: *wait, receive: *receive };
            Entry { timings, ..entry(Role::Layer, "https://r/v2/") }
        });
        Trace { entries: entries.collect() }
    }

    #[test]
    fn bars_stand_where_the_time_was_and_overlap_where_it_did() {
        let trace = trace(&[
            (Some(1000.0), Some(50.0), Some(50.0)),
            (Some(1050.0), Some(100.0), Some(50.0)),
            (Some(1100.0), Some(50.0), None),
        ]);
        let waterfall = Waterfall::new(&trace);
        assert_eq!(waterfall.chain(&trace).as_deref(), Some("Critical path: 1 request, 150 ms of 200 ms"));
        let Waterfall { lanes, span, critical } = waterfall;
        assert_eq!(span, Some(Span { milliseconds: 200.0, words: "200 ms".into(), tick: 50.0 }));
        assert_eq!(critical, [1], "the first had not ended when it began");
        let redirect = None;
        let bar = |left, width| Bar { left, width };
        assert_eq!(lanes[0], Lane::Bars { wait: bar(0.0, 25.0), receive: Some(bar(25.0, 25.0)), redirect });
        assert_eq!(lanes[1], Lane::Bars { wait: bar(25.0, 50.0), receive: Some(bar(75.0, 25.0)), redirect });
        assert_eq!(lanes[2], Lane::Bars { wait: bar(50.0, 25.0), receive: None, redirect });
    }

    #[test]
    fn the_critical_path_leads_back_from_the_last_end() {
        let known = |started: f64, wait: f64| (Some(started), Some(wait), None);
        // One after the other, then two at once, then one that waited for the longer of them.
        let trace = trace(&[
            known(0.0, 10.0),
            known(10.0, 30.0),
            known(10.0, 50.0),
            known(60.0, 5.0),
            (None, None, None),
        ]);
        let waterfall = Waterfall::new(&trace);
        assert_eq!(waterfall.critical, [0, 2, 3]);
        assert_eq!(waterfall.chain(&trace).as_deref(), Some("Critical path: 3 requests, 65 ms of 65 ms"));
    }

    #[test]
    fn ticks_are_round_and_few() {
        for (milliseconds, expected) in [
            (0.8, "0, 200 µs, 400 µs, 600 µs"),
            (7.0, "0, 2 ms, 4 ms, 6 ms"),
            (240.0, "0, 100 ms, 200 ms"),
            (1000.0, "0, 500 ms"),
            (4100.0, "0, 2 s"),
            (3_600_000.0, "0, 1000 s, 2000 s, 3000 s"),
        ] {
            let span = Span { milliseconds, words: String::new(), tick: tick(milliseconds) };
            let ticks: Vec<String> = span.ticks().into_iter().map(|(_, words)| words).collect();
            assert_eq!(ticks.join(", "), expected, "{milliseconds}");
        }
        let span = Span { milliseconds: 200.0, words: String::new(), tick: 50.0 };
        assert_eq!((span.at(0.5).as_str(), span.at(7.0).as_str()), ("100 ms", "200 ms"));
    }

    #[test]
    fn unknown_times_are_never_bars() {
        // What a record to the second gives: starts, and no durations.
        let order = trace(&[
            (Some(1.0), None, None),
            (Some(2.0), None, None),
            (None, None, None),
            (None, None, None),
        ]);
        let drawn = Waterfall::new(&order);
        assert!(drawn.note().ends_with("only the order."));
        let Waterfall { lanes, span, .. } = drawn;
        assert_eq!(span, None);
        assert_eq!(lanes, [12.5, 37.5, 62.5, 87.5].map(Lane::Order));
        let mixed = trace(&[(Some(1.0), Some(1.0), None), (None, Some(4.0), None), (None, None, None)]);
        assert_eq!(Waterfall::new(&mixed).note(), "Where there is no bar, the time is not known.");
        let lanes = Waterfall::new(&mixed).lanes;
        assert!(matches!(lanes.as_slice(), [Lane::Bars { .. }, Lane::Unknown, Lane::Unknown]), "{lanes:?}");
        assert!(Waterfall::new(&Trace::default()).lanes.is_empty());
    }

    #[test]
    fn the_shortest_request_can_be_seen_and_none_leaves_the_timeline() {
        let trace = trace(&[
            (Some(0.0), Some(10_000.0), None),
            (Some(10_000.0), Some(0.0), Some(0.0)),
            (Some(5.0), Some(0.0), Some(1.0)),
        ]);
        for lane in Waterfall::new(&trace).lanes {
            let Lane::Bars { wait, receive, .. } = lane else { panic!("{lane:?}") };
            for bar in receive.iter().chain([&wait]) {
                assert!(bar.width >= THINNEST && bar.left >= 0.0 && bar.left + bar.width <= 100.0, "{bar:?}");
            }
        }
        let still = self::trace(&[(Some(5.0), Some(0.0), Some(0.0))]);
        assert!(matches!(Waterfall::new(&still).lanes[0], Lane::Bars { .. }));
    }
}
