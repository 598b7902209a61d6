//! A configuration from memory.

use std::path::Path;

use super::super::item::Report;
use super::documents;
use crate::api::Place;
use crate::secrets::Redactor;

/// The manifests that the configuration `text` becomes when every Include leads to `included`.
///
/// # Errors
/// Where and why it is refused.
pub fn ssh_config(text: &str, included: &str) -> Result<String, (Option<Place>, String)> {
    let mut report = Report::new(Redactor::default());
    let mut include = |_: &str| Ok(vec![("included".to_owned(), included.to_owned())]);
    let home = Path::new("/home/anna");
    let files = documents(&("config".to_owned(), text.to_owned()), &mut include, Some(home), &mut report);
    let files = files.map_err(|(place, why)| (Some(place), why))?;
    files.iter().map(|file| file.text().map_err(|failure| (None, failure.to_string()))).collect()
}
