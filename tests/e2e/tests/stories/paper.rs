//! Paper and forced colours: every name stays, nothing is told by a background alone, and no word covers another.

use anyhow::Result;
use e2e::{Browser, finish, in_both, open, site};
use serde_json::json;

use crate::craft::PAPER;

in_both! {
    paper_keeps_every_name,
    colours_alone_tell_nothing,
    times_do_not_overlap,
}

/// What a button may say that only does something, and so is not on paper.
const DOES: &str = "Inspect, List, Open a HAR file…, Walk through this pull, Copy link, Export HAR, Save report, \
    Check this registry, Cancel, Copy, Try again, Sign in, Check again, newest version first, by name, by size, \
    as the registry lists them, Expand all, Collapse all, Clear, Copy digest, Copy as a Dockerfile, Format, \
    Digest by hand, Change one character, Re-indent, Reset, Close, Show its content, Download, ‹ Back, Play, \
    Next ›, ✕, Keys, Theme: system, Forget, Remove";

/// Where the letters of an element stand, if they do.
const LETTERS: &str = "(e => { const r = document.createRange(); r.selectNodeContents(e); const b = r.getBoundingClientRect(); \
    return b.width > 4 && b.height > 4; })";

fn paper_keeps_every_name(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=two-platforms&layers=unpack")?;
    tab.until_ended()?;
    let actions = tab.list("[...document.querySelectorAll('button:not([data-named], #files-open)')].map(b => b.textContent.trim()).filter(t => t)")?;
    let unknown: Vec<&String> =
        actions.iter().filter(|text| !DOES.split(", ").any(|known| known == *text)).collect();
    assert!(
        unknown.is_empty(),
        "either these are names, and want data-named, or they only do something: {unknown:?}"
    );
    tab.eval("document.getElementById('files-open').click()")?;
    tab.until(
        "document.querySelectorAll('#files-tree li[data-node], #files-tree [role=treeitem]').length > 1",
    )?;
    tab.eval("(f => { f.value = 'role:layer'; f.dispatchEvent(new Event('input')); })(document.getElementById('filter'))")?;
    tab.until("!!document.querySelector('#filter-terms button')")?;
    let named = format!(
        "[...document.querySelectorAll('button[data-named], #files-tree .name > [data-part=name]')].filter({LETTERS}).map(b => b.textContent.trim())"
    );
    tab.resize(700, 900)?;
    let before = tab.list(&named)?;
    assert!(
        before.iter().any(|name| name == "Request") && before.iter().any(|name| name == "etc"),
        "{before:?}"
    );
    tab.eval(PAPER)?;
    assert_eq!(tab.list(&named)?, before, "every name is on paper");
    let seen =
        "[...document.querySelectorAll('button:not([data-named])')].filter(b => b.checkVisibility()).length";
    assert_eq!(tab.eval(seen)?, 0, "and what only does something is not");
    tab.go(&format!("{}/?recording=hello-world", site.origin()))?;
    tab.until_ended()?;
    tab.eval(PAPER)?;
    let others = format!(
        "[...document.querySelectorAll('#others [data-part=count]')].filter({LETTERS}).map(e => e.textContent)"
    );
    assert_eq!(tab.list(&others)?, ["10 other platforms"]);
    finish(tab, &site, None)
}

fn colours_alone_tell_nothing(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=flipped-byte")?;
    tab.until_ended()?;
    // Borders are printed, and kept where colours are forced; backgrounds are not.
    let swatches = tab.list(
        "[...document.querySelectorAll('#legend li')].map(li => getComputedStyle(li, '::before')).filter(s => \
         parseFloat(s.borderTopWidth) + parseFloat(s.borderBottomWidth) < 1 || !/rgba\\(0, 0, 0, 0\\)|transparent/.test(s.backgroundColor)).map(s => s.cssText)",
    )?;
    assert_eq!(swatches.len(), 0, "{swatches:?}");
    tab.eval(PAPER)?;
    let style = |selector: &str, property: &str| {
        format!("getComputedStyle(document.querySelector('{selector}')).{property}")
    };
    assert_eq!(tab.text(&style(".lane", "printColorAdjust"))?, "exact", "the ticks are a background");
    // White letters on what was a background are no letters.
    for selector in ["#details-findings mark", "[data-link=differs] .wire > span"] {
        tab.until(&format!("{} !== 'rgb(255, 255, 255)'", style(selector, "color")))?;
    }
    assert_eq!(tab.text(&style(".badge[data-tone=failed]", "borderTopStyle"))?, "solid");
    let forced = tab.list(
        "[...document.styleSheets].flatMap(sheet => [...sheet.cssRules]).filter(rule => rule.conditionText === '(forced-colors: active)')\
         .flatMap(rule => [...rule.cssRules]).filter(rule => rule.style.forcedColorAdjust === 'none').map(rule => rule.selectorText)",
    )?;
    for part in [".lane", ".legend li::before", ".share rect", ".part rect", ".wire > span"] {
        assert!(forced.iter().any(|rule| rule.contains(part)), "{part}: {forced:?}");
    }
    finish(tab, &site, None)
}

fn times_do_not_overlap(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "?recording=two-platforms")?;
    tab.until_ended()?;
    // As many as there may be, as wide as they may be.
    let fill = |count: usize| {
        format!(
            "(() => {{ const axis = document.getElementById('axis'); axis.querySelectorAll(':scope > span').forEach(s => s.remove()); \
             for (let at = 0; at < {count}; at++) {{ const s = document.createElement('span'); \
             s.style.left = `${{at * 100 / {count}}}%`; s.textContent = at ? `${{at}}00 µs` : '0'; axis.append(s); }} }})()"
        )
    };
    let overlaps = "(() => { const seen = [...document.querySelectorAll('#axis > span')].filter(s => s.checkVisibility()).map(s => s.getBoundingClientRect()); \
        return [seen.length > 0, seen.filter((r, at) => at && r.left < seen[at - 1].right).length]; })()";
    for paper in [false, true] {
        for width in [1440, 1000, 900, 700] {
            tab.resize(width, 900)?;
            for count in 1..=4 {
                tab.eval(&fill(count))?;
                assert_eq!(tab.eval(overlaps)?, json!([true, 0]), "{count} at {width}, on paper: {paper}");
            }
        }
        tab.eval(PAPER)?;
    }
    finish(tab, &site, None)
}
