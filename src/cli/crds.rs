//! `tecrax crds` and `tecrax schema`: generated files.

use std::path::Path;

use super::args::WriteArgs;
use super::context::Context;
use super::exit::{Exit, Failure};
use crate::api;

/// Runs `crds`.
pub fn crds(context: &Context<'_>, args: &WriteArgs) -> Result<Exit, Failure> {
    write(context, args, api::crd::render(), "---\n")
}

/// Runs `schema`.
pub fn schema(context: &Context<'_>, args: &WriteArgs) -> Result<Exit, Failure> {
    write(context, args, api::schema::render(), "")
}

fn write(context: &Context<'_>, args: &WriteArgs, files: Vec<(String, String)>, separator: &str) -> Result<Exit, Failure> {
    let Some(directory) = &args.output_dir else {
        let parts: Vec<String> = files.into_iter().map(|(_, text)| text).collect();
        context.screen.data(&parts.join(separator));
        return Ok(Exit::Ok);
    };
    for (name, text) in files {
        put(directory, &name, text.as_bytes())?;
    }
    Ok(Exit::Ok)
}

/// Writes one file below a directory that the user named.
#[expect(clippy::disallowed_methods, reason = "the user asked for files")]
pub fn put(directory: &Path, name: &str, bytes: &[u8]) -> Result<(), Failure> {
    let path = directory.join(name);
    let fail = |error: std::io::Error| Failure::new(Exit::Io, format!("cannot write {}: {error}", path.display()));
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(fail)?;
    }
    std::fs::write(&path, bytes).map_err(fail)
}
