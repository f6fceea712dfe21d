//! Going to a row by typing how its name begins (ARIA Authoring Practices, "Tree View").

/// After so long a pause another name begins, in milliseconds.
const PAUSE: f64 = 1_000.0;

/// What was typed in a list of names.
#[derive(Debug, Default)]
pub struct TypeAhead {
    typed: String,
    /// When the last letter came, in milliseconds.
    last: f64,
}

impl TypeAhead {
    /// Takes in a key, pressed at a time in milliseconds while the row at `from` has the focus. The place of the row comes
    /// back whose name begins with what was typed: the next one, and after the last the first. `None` where there is none,
    /// and for keys that are no letter.
    pub fn press(
        &mut self,
        key: &str,
        time: f64,
        from: usize,
        names: &mut dyn Iterator<Item = &str>,
    ) -> Option<usize> {
        // Other keys have names of several letters: `Enter`, `F1`.
        let mut letters = key.chars();
        if !matches!((letters.next(), letters.next()), (Some(letter), None) if letter > ' ') {
            return None;
        }
        if time - self.last > PAUSE {
            self.typed.clear();
        }
        self.last = time;
        // The same letter again goes on to the next name that begins with it.
        if self.typed != key {
            self.typed.push_str(key);
        }
        let is_one = self.typed == key;
        let fits = |name: &str| {
            let mut name = name.chars();
            self.typed
                .chars()
                .all(|letter| name.next().is_some_and(|other| letter.eq_ignore_ascii_case(&other)))
        };
        let (mut first, mut next) = (None, None);
        for (at, _) in names.enumerate().filter(|(_, name)| fits(name)) {
            first = first.or(Some(at));
            // A longer beginning may be that of the row itself.
            if next.is_none() && (at > from || (at == from && !is_one)) {
                next = Some(at);
            }
        }
        next.or(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_by_how_they_begin() {
        let names = ["Index", "linux/amd64", "Config", "Layer 1 of 2", "Layer 2 of 2", "größe"];
        let mut typed = TypeAhead::default();
        for (key, time, from, found) in [
            ("l", 10_000.0, 0, Some(1)),
            ("l", 10_100.0, 1, Some(3)),
            ("l", 10_200.0, 3, Some(4)),
            ("l", 10_300.0, 4, Some(1)),
            ("a", 10_400.0, 1, Some(3)),
            ("Y", 10_500.0, 3, Some(3)),
            ("x", 10_600.0, 3, None),
            ("i", 20_000.0, 3, Some(0)),
            ("ArrowDown", 20_100.0, 0, None),
            (" ", 20_200.0, 0, None),
            ("n", 20_300.0, 0, Some(0)),
            ("g", 30_000.0, 0, Some(5)),
            ("r", 30_100.0, 5, Some(5)),
            ("ö", 30_200.0, 5, Some(5)),
        ] {
            assert_eq!(typed.press(key, time, from, &mut names.into_iter()), found, "{key} at {time}");
        }
        assert_eq!(typed.press("x", 90_000.0, 0, &mut std::iter::empty()), None);
    }
}
