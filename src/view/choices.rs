//! What the form offers to choose from.

/// How deep a pull goes unless something else is asked for, as the address has it.
pub const DEFAULT_LAYERS: &str = "verify";

const COMMON: [&str; 8] = [
    Choices::DEFAULT,
    "linux/arm64/v8",
    "linux/arm/v7",
    "linux/386",
    "linux/ppc64le",
    "linux/s390x",
    "linux/riscv64",
    "windows/amd64",
];

/// The platforms to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choices {
    /// Those of the image that is shown.
    pub here: Vec<String>,
    /// Others that are often asked for, and the one that is chosen.
    pub common: Vec<String>,
}

impl Choices {
    /// The platform that is chosen unless something else is asked for.
    pub const DEFAULT: &'static str = "linux/amd64";

    /// The choices, given what is chosen and what the image offers. No platform stands there twice.
    pub fn new(chosen: Option<&str>, here: &[String]) -> Choices {
        let mut common: Vec<String> = COMMON.iter().map(|platform| (*platform).to_owned()).collect();
        if let Some(chosen) = chosen.filter(|chosen| !chosen.is_empty() && !COMMON.contains(chosen)) {
            common.push(chosen.to_owned());
        }
        common.retain(|platform| !here.contains(platform));
        Choices { here: here.to_vec(), common }
    }

    /// What the address says of a choice: nothing, where it is the usual one.
    pub fn stated(chosen: &str) -> Option<String> {
        (!chosen.is_empty() && chosen != Choices::DEFAULT).then(|| chosen.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_platform_is_offered_twice_and_the_chosen_one_always() {
        let here = ["linux/amd64", "linux/mips64le"].map(str::to_owned);
        let Choices { here, common } = Choices::new(Some("plan9/386"), &here);
        assert_eq!(here, ["linux/amd64", "linux/mips64le"]);
        assert_eq!(
            (common.first().unwrap().as_str(), common.last().unwrap().as_str()),
            ("linux/arm64/v8", "plan9/386")
        );
        assert_eq!(Choices::new(None, &[]).common.len(), COMMON.len());
        assert_eq!(Choices::new(Some("linux/mips64le"), &here).common.len(), COMMON.len() - 1);
        assert_eq!(Choices::stated("linux/amd64"), None);
        assert_eq!(Choices::stated("linux/386").as_deref(), Some("linux/386"));
    }
}
