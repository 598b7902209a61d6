//! A table of cases from memory.

use super::document::Document;
use super::table;
use crate::api::Problem;
use crate::source::located;

/// How many cases the table `text` holds.
///
/// # Errors
/// Everything that is wrong with it.
pub fn policy_table(text: &str) -> Result<usize, Vec<Problem>> {
    let document = Document { path: "table.yaml".into(), root: located(text, super::document::MAX_NODES) };
    table::read(&document).map(|table| table.cases.len())
}
