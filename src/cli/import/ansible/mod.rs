//! Hosts of an Ansible inventory.
use super::super::context::Context;
use super::super::exit::Failure;
use super::document::File;
use super::item::Report;
use std::path::Path;
pub(super) fn import(_context: &Context<'_>, _path: &Path, _report: &mut Report) -> Result<Vec<File>, Failure> {
    Ok(Vec::new())
}
