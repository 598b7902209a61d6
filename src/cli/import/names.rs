//! Names of objects out of names of other tools: always valid, always the same for the same input, never twice the same.

use std::collections::BTreeSet;

use crate::api::{LabelName, SubdomainName};

/// Longest name that is made, in bytes: what is left of the bound is for a number.
const MAX: usize = 180;
/// Longest part between dots.
const MAX_PART: usize = 63;
/// Longest name in the form of a label, with room for a number.
const MAX_LABEL: usize = 56;

/// Names that are taken.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: BTreeSet<String>,
}

/// A name, and how it came to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named<N> {
    pub name: N,
    /// Whether another object had taken what was wanted.
    pub collided: bool,
}

impl Names {
    /// A DNS subdomain that reads like `wanted`; `fallback` when nothing of it is left.
    pub(super) fn subdomain(&mut self, wanted: &str, fallback: &str) -> Option<Named<SubdomainName>> {
        let base = fit(wanted);
        let base = if base.is_empty() { fallback.to_owned() } else { base };
        let (name, collided) = self.free(&base)?;
        Some(Named { name: SubdomainName::parse(&name).ok()?, collided })
    }

    /// The same as a DNS label.
    pub(super) fn label(&mut self, wanted: &str, fallback: &str) -> Option<Named<LabelName>> {
        let mut base = fit(&wanted.replace('.', "-"));
        base.truncate(MAX_LABEL);
        let base = base.trim_end_matches('-');
        let (name, collided) = self.free(if base.is_empty() { fallback } else { base })?;
        Some(Named { name: LabelName::parse(&name).ok()?, collided })
    }

    fn free(&mut self, base: &str) -> Option<(String, bool)> {
        if self.taken.insert(base.to_owned()) {
            return Some((base.to_owned(), false));
        }
        let next = (2..=self.taken.len() + 2).map(|number| format!("{base}-{number}")).find(|name| !self.taken.contains(name))?;
        self.taken.insert(next.clone());
        Some((next, true))
    }
}

/// `text` in the characters of DNS names; empty when none is left.
pub(super) fn fit(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c.to_ascii_lowercase() } else { '-' };
    let text: String = text.chars().take(4 * MAX).map(plain).collect();
    let parts = text.split('.').map(|part| {
        let part = part.trim_matches('-');
        part.get(..part.len().min(MAX_PART)).unwrap_or_default().trim_end_matches('-')
    });
    let mut name = String::new();
    for part in parts.filter(|part| !part.is_empty()) {
        if name.len() + 1 + part.len() > MAX {
            break;
        }
        if !name.is_empty() {
            name.push('.');
        }
        name.push_str(part);
    }
    name
}

/// `text` as the value of a label; empty when nothing of it is left.
pub(super) fn label_value(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
    let edge = |c: char| !c.is_ascii_alphanumeric();
    let text: String = text.chars().take(MAX_PART).map(plain).collect();
    text.trim_matches(edge).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_reads_like_what_was_wanted() {
        for (wanted, name) in [
            ("web-07", "web-07"),
            ("Web_07.Example.NET", "web-07.example.net"),
            ("10.0.0.1", "10.0.0.1"),
            ("fe80::1%eth0", "fe80--1-eth0"),
            ("..--..", ""),
            ("ümlaut", "mlaut"),
        ] {
            assert_eq!(fit(wanted), name, "{wanted}");
        }
        let mut names = Names::default();
        let mut take = |wanted: &str| names.subdomain(wanted, "host").map(|named| (named.name.to_string(), named.collided));
        assert_eq!(take("a_b"), Some(("a-b".to_owned(), false)));
        assert_eq!(take("a-b"), Some(("a-b-2".to_owned(), true)));
        assert_eq!(take("a-b-2"), Some(("a-b-2-2".to_owned(), true)));
        assert_eq!(take("***"), Some(("host".to_owned(), false)));
    }

    proptest! {
        #[test]
        fn names_are_valid_and_different(wanted in prop::collection::vec(".{0,300}", 1..8)) {
            let (mut names, mut labels) = (Names::default(), Names::default());
            let mut known = BTreeSet::new();
            for text in &wanted {
                let name = names.subdomain(text, "host").map(|named| named.name.to_string());
                prop_assert!(name.is_some() && known.insert(name));
                prop_assert!(labels.label(text, "check").is_some());
                prop_assert!(label_value(text).len() <= MAX_PART);
            }
        }
    }
}
