//! What an operator lets artifacts show.

/// What an operator lets artifacts show of a target. Nothing by default: an artifact is meant to leave the house.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Show {
    /// Absolute paths.
    pub paths: bool,
    /// IPv4 and IPv6 addresses.
    pub addresses: bool,
}

impl Show {
    /// The words for what is withheld, sorted.
    pub fn withheld(self) -> impl Iterator<Item = &'static str> {
        [(self.addresses, "addresses"), (self.paths, "paths")].into_iter().filter(|(shown, _)| !shown).map(|(_, word)| word)
    }
}
