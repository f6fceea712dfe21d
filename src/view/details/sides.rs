//! Two texts that should be the same, parted where they begin to differ.

/// Two sides that should be the same.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sides {
    /// What should be.
    pub expected: Option<Marked>,
    /// What is.
    pub actual: Option<Marked>,
}

/// A text, parted where it begins to differ from another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Marked {
    /// What both have in common at the start; all of it where nothing differs.
    pub same: String,
    /// The first character that differs.
    pub differs: String,
    /// What follows it.
    pub rest: String,
}

impl Sides {
    /// Parts two texts where they begin to differ.
    pub fn new(expected: Option<String>, actual: Option<String>) -> Sides {
        let whole = |text: String| Marked { same: text, ..Marked::default() };
        match (expected, actual) {
            (Some(expected), Some(actual)) => {
                let pairs = expected.chars().zip(actual.chars());
                let common = pairs.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
                Sides {
                    expected: Some(Marked::at(&expected, common)),
                    actual: Some(Marked::at(&actual, common)),
                }
            }
            (expected, actual) => Sides { expected: expected.map(whole), actual: actual.map(whole) },
        }
    }
}

impl Marked {
    fn at(text: &str, common: usize) -> Marked {
        let (same, other) = text.split_at_checked(common).unwrap_or((text, ""));
        let first = other.chars().next().map_or(0, char::len_utf8);
        let (differs, rest) = other.split_at_checked(first).unwrap_or((other, ""));
        Marked { same: same.to_owned(), differs: differs.to_owned(), rest: rest.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_marked() {
        let marked = |expected: &str, actual: &str| {
            let sides = Sides::new(Some(expected.into()), Some(actual.into()));
            let actual = sides.actual.unwrap();
            (actual.same, actual.differs, actual.rest)
        };
        let parts = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        assert_eq!(marked("sha256:abc", "sha256:axc"), parts("sha256:a", "x", "c"));
        assert_eq!(marked("same", "same"), parts("same", "", ""));
        assert_eq!(marked("long", "lo"), parts("lo", "", ""));
        assert_eq!(marked("lo", "long"), parts("lo", "n", "g"));
        assert_eq!(marked("é1", "é2"), parts("é", "2", ""));
        assert_eq!(Sides::new(None, None), Sides::default());
    }
}
