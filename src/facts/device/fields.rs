//! `Name : value` tables, as switches print them.

use std::collections::BTreeMap;

use crate::facts::digits;
use crate::facts::number::integer;
use crate::facts::text::{collapse, lines, lower, part, trim};

/// Longest value.
const VALUE_MAX: usize = 512;

/// The fields of a text by name, regardless of case.
#[derive(Debug, Default)]
pub(super) struct Fields(BTreeMap<String, String>);

impl Fields {
    /// A line is a field when it has a colon, or else a hyphen. A name that comes again keeps its place and takes the new value; of
    /// names that differ in case only, the one whose place is later counts.
    pub(super) fn of(text: &str) -> Self {
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let mut rows: Vec<(String, String)> = Vec::new();
        for line in lines(text) {
            let Some((name, value)) = part(line, ':').or_else(|| part(line, '-')) else { continue };
            let (name, value) = (collapse(name, usize::MAX), collapse(value, VALUE_MAX));
            if name.is_empty() {
                continue;
            }
            let place = *places.entry(name.clone()).or_insert(rows.len());
            match rows.get_mut(place) {
                Some(row) => row.1 = value,
                None => rows.push((name, value)),
            }
        }
        Self(rows.into_iter().map(|(name, value)| (lower(&name), value)).collect())
    }

    /// The first of these fields that holds something; empty without one. `names` are in lower case.
    pub(super) fn get(&self, names: &[&str]) -> &str {
        names.iter().filter_map(|name| self.0.get(*name)).find(|value| !value.is_empty()).map_or("", String::as_str)
    }

    /// The state that the field names.
    pub(super) fn state(&self, names: &[&str]) -> Option<bool> {
        state(self.get(names))
    }

    /// The number that is the whole field.
    pub(super) fn number(&self, names: &[&str]) -> Option<i128> {
        integer(self.get(names))
    }

    /// The first number in the field.
    pub(super) fn first_number(&self, names: &[&str]) -> Option<i128> {
        let value = self.get(names);
        let is_digit = |c: char| digits::value(c).is_some();
        let rest = value.get(value.find(is_digit)?..)?;
        integer(rest.split(|c| !is_digit(c)).next()?)
    }
}

/// On or off, in the words that devices use.
pub(super) fn state(word: &str) -> Option<bool> {
    match lower(trim(word)).as_str() {
        "enabled" | "enable" | "true" | "yes" | "on" => Some(true),
        "disabled" | "disable" | "false" | "no" | "off" => Some(false),
        _ => None,
    }
}
