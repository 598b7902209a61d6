//! An inventory from memory.

use std::path::Path;

use super::super::item::Report;
use super::hosts::Places;
use super::{documents, inventory};
use crate::api::Place;
use crate::secrets::Redactor;

/// Most hosts that become manifests: more of them are more of the same, and thousands of times slower.
const MOST: usize = 64;

/// The manifests that the inventory `text` in a file `name` becomes; none for one of many hosts, which is read all the same.
///
/// # Errors
/// Where and why it is refused.
pub fn ansible(name: &str, text: &str) -> Result<String, (Option<Place>, String)> {
    let mut report = Report::new(Redactor::default());
    let inventory = inventory(Path::new(name), name, text).map_err(|(place, why)| (Some(place), why))?;
    if inventory.hosts.len() > MOST {
        return inventory.in_force().map(|_| String::new()).map_err(|group| (None, group));
    }
    let places = Places { home: Some("/home/anna"), inventory: Some("/srv/ansible") };
    let file = documents(name, &inventory, places, &mut report).map_err(|(place, why)| (Some(place), why))?;
    file.text().map_err(|failure| (None, failure.to_string()))
}
