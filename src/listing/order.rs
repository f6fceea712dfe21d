//! The order of versions, as people read them: 1.9 before 1.10, and a release after its candidates.

use std::cmp::Ordering;

/// What a name is ordered by. The greater the newer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(Vec<Part>);

/// Digits, or what stands between them.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text {
        /// Whether it begins the name of something that comes before a release.
        before: bool,
        text: String,
    },
    /// Without zeros in front; of any length.
    Number(String),
}

/// What begins the name of something that comes before a release.
const BEFORE: [&str; 10] =
    ["alpha", "beta", "rc", "pre", "dev", "m", "snapshot", "canary", "nightly", "next"];

/// Of a name that no registry should have, the rest is not taken apart, in bytes.
const MOST: usize = 256;

impl Key {
    /// The key of a name.
    pub fn of(name: &str) -> Key {
        let name = (0..=MOST).rev().find_map(|end| name.get(..end)).unwrap_or(name);
        let has_v =
            name.strip_prefix(['v', 'V']).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        let mut rest = has_v.unwrap_or(name);
        let mut parts = Vec::new();
        while let Some(first) = rest.chars().next() {
            let is_number = first.is_ascii_digit();
            let end = rest.find(|c: char| c.is_ascii_digit() != is_number).unwrap_or(rest.len());
            let (part, tail) = rest.split_at(end);
            parts.push(match is_number {
                true => Part::Number(part.trim_start_matches('0').to_owned()),
                false => Part::text(part),
            });
            rest = tail;
        }
        Key(parts)
    }
}

impl Part {
    /// Found out once: names are compared many times.
    fn text(part: &str) -> Part {
        let text = part.to_ascii_lowercase();
        let word = text.trim_start_matches(['-', '.', '_', '~', '+']);
        Part::Text { before: BEFORE.iter().any(|before| word.starts_with(before)), text }
    }

    fn is_before_release(&self) -> bool {
        matches!(self, Part::Text { before: true, .. })
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Key) -> Ordering {
        let (mut these, mut those) = (self.0.iter(), other.0.iter());
        loop {
            let order = match (these.next(), those.next()) {
                (None, None) => return Ordering::Equal,
                (Some(more), None) => {
                    return if more.is_before_release() { Ordering::Less } else { Ordering::Greater };
                }
                (None, Some(more)) => {
                    return if more.is_before_release() { Ordering::Greater } else { Ordering::Less };
                }
                (Some(Part::Number(a)), Some(Part::Number(b))) => {
                    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
                }
                (Some(Part::Number(_)), Some(Part::Text { .. })) => Ordering::Greater,
                (Some(Part::Text { .. }), Some(Part::Number(_))) => Ordering::Less,
                // 1.0-rc1 comes before 1.0-debian, too.
                (Some(Part::Text { before: a, text: x }), Some(Part::Text { before: b, text: y })) => {
                    b.cmp(a).then_with(|| x.cmp(y))
                }
            };
            if order != Ordering::Equal {
                return order;
            }
        }
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Key) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_as_people_read_them() {
        let ordered = [
            "latest",
            "stable",
            "0.9",
            "1",
            "1.0-alpha",
            "1.0-beta.2",
            "1.0-rc1",
            "1.0-rc2",
            "1.0-rc10",
            "1.0",
            "1.0-debian",
            "1.0.1",
            "v1.2",
            "1.9",
            "1.10",
            "1.10.0",
            "2",
            "10",
            "20240101",
            "99999999999999999999999",
            "100000000000000000000000",
        ];
        for (at, pair) in ordered.windows(2).enumerate() {
            let [a, b] = pair else { continue };
            assert!(Key::of(a) < Key::of(b), "{at}: {a} before {b}");
        }
        assert_eq!(Key::of("v1.2").cmp(&Key::of("1.02")), Ordering::Equal);
    }

    #[test]
    fn it_is_an_order() {
        let names = ["1.0-rc1", "1.0", "1.0-x", "1.0.1", "a", "a1", "1a", "", "-rc", "1-", "1.0-rc"];
        let keys = names.map(Key::of);
        for a in &keys {
            for b in &keys {
                assert_eq!(a.cmp(b), b.cmp(a).reverse());
                for c in &keys {
                    assert!(!(a < b && b < c) || a < c, "{a:?} {b:?} {c:?}");
                }
            }
        }
    }
}
