//! What is asked for next. Each address is made from what the form holds. Of what is shown it takes over how the page
//! looks and, for the same registry, the relay: nothing else of it was asked for.

use super::address::Address;
use super::listing;
use crate::reference::Reference;

/// What the form holds. What is as usual is left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filled {
    /// The text in the box.
    pub image: String,
    /// The platform.
    pub platform: Option<String>,
    /// How deep the pull is to go.
    pub layers: Option<String>,
    /// Whether the relay was taken out.
    pub is_direct: bool,
}

/// A pull of the image in the box; while that is the one of the recording that is shown, its replay. `standing` is the
/// image that is shown.
pub fn image(form: &Filled, shown: &Address, standing: Option<&str>) -> Address {
    let asked = Address { platform: form.platform.clone(), layers: form.layers.clone(), ..look(shown) };
    if shown.recording.is_some() && standing == Some(form.image.as_str()) {
        return Address { image: shown.image.clone(), recording: shown.recording.clone(), ..asked };
    }
    with_relay(Address { image: Some(form.image.clone()), ..asked }, form, shown)
}

/// A list of what the text in the box names.
pub fn list(form: &Filled, shown: &Address) -> Address {
    let Address { embed, theme, .. } = look(shown);
    with_relay(Address { embed, theme, ..listing::asked(&form.image) }, form, shown)
}

/// A recording; its layers as the form has them.
pub fn recording(name: String, form: &Filled, shown: &Address) -> Address {
    Address { recording: Some(name), layers: form.layers.clone(), ..look(shown) }
}

/// The relay that is kept while this text stands in the box, whatever button is pressed.
pub fn relay<'a>(form: &Filled, shown: &'a Address) -> Option<&'a str> {
    let asked = [image(form, shown, None), list(form, shown)];
    shown.relay.as_deref().filter(|_| asked.iter().any(|asked| asked.relay.is_some()))
}

/// A relay stands before one registry: for another one, nobody has asked for it.
fn with_relay(asked: Address, form: &Filled, shown: &Address) -> Address {
    let of = |address: &Address| registry(address).filter(|_| !form.is_direct);
    let is_same = of(&asked).is_some() && of(&asked) == of(shown);
    Address { relay: shown.relay.clone().filter(|_| is_same), ..asked }
}

/// The origin of the registry that an address asks.
fn registry(address: &Address) -> Option<String> {
    let reference = Reference::parse_typed(&address.named()?).ok()?;
    Some(reference.repository().origin().to_owned())
}

/// How the page looks.
fn look(shown: &Address) -> Address {
    Address { embed: shown.embed.clone(), theme: shown.theme.clone(), ..Address::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(image: &str) -> Filled {
        Filled { image: image.into(), ..Filled::default() }
    }

    #[test]
    fn a_pull_is_asked_for_by_what_the_form_holds_and_by_nothing_before() {
        let arm = Filled {
            platform: Some("linux/arm64".into()),
            layers: Some("skip".into()),
            ..form("r.example/b")
        };
        for (shown, form, expected) in [
            ("?tags=r.example/a", form("r.example/a:1"), "?image=r.example/a:1"),
            ("?repositories=r.example", form("r.example/a:1"), "?image=r.example/a:1"),
            ("?image=r.example/a&tags=r.example/a", form("r.example/b"), "?image=r.example/b"),
            (
                "?image=r.example/a&platform=linux/386&layers=unpack",
                form("r.example/a"),
                "?image=r.example/a",
            ),
            ("?image=r.example/a&select=sha256:ab&step=3", form("r.example/a"), "?image=r.example/a"),
            ("?image=r.example/a", arm, "?image=r.example/b&platform=linux/arm64&layers=skip"),
            ("?recording=a.har&compare=x&y", form("r.example/b"), "?image=r.example/b"),
            ("?image=r.example/a&embed=1&theme=dark", form("b"), "?image=b&embed=1&theme=dark"),
        ] {
            assert_eq!(image(&form, &Address::parse(shown), None).to_query(), expected, "{shown}");
        }
    }

    #[test]
    fn a_relay_is_kept_for_its_registry_alone() {
        for (shown, typed, expected) in [
            ("?image=ghcr.io/a/b&relay=http://x", "ghcr.io/c/d:1", "?image=ghcr.io/c/d:1&relay=http://x"),
            ("?image=ghcr.io/a/b&relay=http://x", "GHCR.io:443/c/d", "?image=GHCR.io:443/c/d&relay=http://x"),
            ("?image=ghcr.io/a/b&relay=http://x", "quay.io/c/d", "?image=quay.io/c/d"),
            ("?image=ghcr.io/a/b&relay=http://x", "c/d", "?image=c/d"),
            ("?image=ghcr.io/a/b&relay=http://x", "http://ghcr.io/a/b", "?image=http://ghcr.io/a/b"),
            ("?image=ghcr.io/a/b&relay=http://x", "ghcr.io/A", "?image=ghcr.io/A"),
            ("?image=ghcr.io/A&relay=http://x", "ghcr.io/a", "?image=ghcr.io/a"),
            ("?tags=ghcr.io/a&relay=http://x", "ghcr.io/a:1", "?image=ghcr.io/a:1&relay=http://x"),
            ("?repositories=ghcr.io&relay=http://x", "ghcr.io/a:1", "?image=ghcr.io/a:1&relay=http://x"),
            // Without a path it is an image of Docker Hub.
            ("?repositories=ghcr.io&relay=http://x", "ghcr.io", "?image=ghcr.io"),
        ] {
            let shown = Address::parse(shown);
            assert_eq!(image(&form(typed), &shown, None).to_query(), expected, "{typed}");
            let direct = Filled { is_direct: true, ..form(typed) };
            assert_eq!(image(&direct, &shown, None).relay, None, "{typed}");
            assert_eq!((relay(&direct, &shown), list(&direct, &shown).relay), (None, None), "{typed}");
        }
        let shown = Address::parse("?repositories=ghcr.io&relay=http://x");
        assert_eq!(list(&form("ghcr.io"), &shown).to_query(), "?repositories=ghcr.io&relay=http://x");
        assert_eq!(list(&form("quay.io"), &shown).to_query(), "?repositories=quay.io");
        assert_eq!(relay(&form("ghcr.io"), &shown), Some("http://x"), "one of the buttons keeps it");
        assert_eq!(relay(&form("ghcr.io/a"), &shown), Some("http://x"));
        assert_eq!(relay(&form("quay.io/a"), &shown), None);
    }

    #[test]
    fn a_recording_is_replayed_while_its_image_stands_in_the_box() {
        let shown = Address::parse("?recording=a.har&relay=http://x&platform=linux/386&embed=1");
        let standing = Some("r.example/a:1");
        let again = Filled { layers: Some("unpack".into()), ..form("r.example/a:1") };
        assert_eq!(image(&again, &shown, standing).to_query(), "?layers=unpack&recording=a.har&embed=1");
        assert_eq!(image(&form("r.example/b"), &shown, standing).to_query(), "?image=r.example/b&embed=1");
        let other =
            recording("hello-world".into(), &again, &Address::parse("?image=x&tags=y&relay=http://x"));
        assert_eq!(other.to_query(), "?layers=unpack&recording=hello-world");
    }
}
