//! The page that tells how a pull works: as a text, and with its five embedded steps.

use anyhow::Result;
use e2e::{Browser, finish, open, site};
use serde_json::json;

e2e::in_both! {
    five_steps_are_embedded_in_the_story,
    the_story_is_whole_without_scripts,
}

fn five_steps_are_embedded_in_the_story(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "how-a-pull-works.html")?;
    let titles = "[...document.querySelectorAll('registry-inspector')].map(e => e.shadowRoot\
                  ?.querySelector('#main[data-state=done] #walk-title')?.textContent)";
    tab.until(&format!("{titles}.every(Boolean)"))?;
    assert_eq!(
        tab.eval(titles)?,
        json!([
            "1. Ask what the tag points to",
            "2. Fetch the index by its digest",
            "4. Fetch the manifest by its digest",
            "5. Fetch the config",
            "6. Fetch layer 1 of 1",
        ])
    );
    tab.eval(
        "void document.querySelector('registry-inspector').shadowRoot.querySelector('#walk-next').click()",
    )?;
    tab.until(&format!("{titles}[0].startsWith('2. ')"))?;
    assert_eq!(tab.eval("location.search")?, "", "the document's address stays its own");
    finish(tab, &site, None)
}

fn the_story_is_whole_without_scripts(browser: Browser) -> Result<()> {
    let site = site()?;
    let mut tab = open(browser, &site, "")?;
    tab.until_ended()?;
    // The page as a document whose scripts do not run.
    let text = tab.text(
        "new Promise((resolve, reject) => { const r = new XMLHttpRequest(); r.responseType = 'document'; \
         r.open('GET', 'how-a-pull-works.html'); r.onerror = reject; \
         r.onload = () => resolve(r.response.querySelector('main').textContent); r.send(); })",
    )?;
    for words in [
        "A tag is a claim",
        "2,562 bytes",
        "sha256:f54a58bc1aac",
        "307",
        "the registry must already lie about the tag",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    finish(tab, &site, None)
}
