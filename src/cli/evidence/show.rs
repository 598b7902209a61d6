//! `tecrax evidence show`: one record.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::super::context::Context;
use super::super::exit::{Exit, Failure};
use super::super::format::{self, Format};
use super::super::printable::{printable, printable_lines};
use super::super::table::Table;
use super::args::{ShowArgs, ShowFormat};
use super::content::Content;
use super::reference;
use crate::api::Digest;
use crate::store::Db;

/// Runs `evidence show`.
pub fn run(context: &Context<'_>, args: &ShowArgs) -> Result<Exit, Failure> {
    let (db, record) = reference::open(context, &args.reference, &args.namespace)?;
    let read = Content::read(record)?;
    if let Some(name) = &args.part {
        context.screen.bytes(&part(&db, &read, name)?);
        return Ok(Exit::Ok);
    }
    let parts = parts(&db, &read)?;
    let text = match args.output {
        ShowFormat::Json => format::text(Format::Json, &structured(&read, &parts))?,
        ShowFormat::Yaml => format::text(Format::Yaml, &structured(&read, &parts))?,
        ShowFormat::Text => text(&read, &parts)?,
    };
    context.screen.data(&text);
    Ok(Exit::Ok)
}

/// The bytes of one part, as they are hashed.
fn part(db: &Db, content: &Content, name: &str) -> Result<Vec<u8>, Failure> {
    match name {
        "header" => return Ok(content.record.header.canonical()),
        "body" => return Ok(content.record.body.clone()),
        _ => {}
    }
    let parts = parts(db, content)?;
    let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).chain(["header", "body"]).collect();
    match parts.iter().find(|part| part.name == name) {
        Some(part) => Ok(part.bytes.to_vec()),
        None => Err(Failure::new(Exit::Config, format!("{} has no part `{name}`", content.name()))
            .help(format!("its parts are {}", names.join(", ")))),
    }
}

/// One part of a record.
struct NamedPart {
    name: String,
    digest: Digest,
    bytes: Arc<[u8]>,
}

/// The parts of a record, by name; each is what the body binds.
fn parts(db: &Db, content: &Content) -> Result<Vec<NamedPart>, Failure> {
    let mut parts: Vec<NamedPart> = db
        .parts(&content.record)?
        .parts
        .into_iter()
        .map(|(name, bytes)| NamedPart { name, digest: Digest::of(&bytes), bytes })
        .collect();
    parts.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(parts)
}

fn structured(content: &Content, parts: &[NamedPart]) -> Value {
    let mut value = content.to_json();
    let parts: Map<String, Value> = parts
        .iter()
        .map(|part| {
            let content = serde_json::from_slice::<Value>(&part.bytes).ok();
            (part.name.clone(), json!({"digest": part.digest, "content": content}))
        })
        .collect();
    if let Some(map) = value.as_object_mut() {
        map.insert("parts".to_owned(), Value::Object(parts));
    }
    value
}

fn text(content: &Content, parts: &[NamedPart]) -> Result<String, Failure> {
    let header = &content.record.header;
    let mut out = String::new();
    for (name, value) in [
        ("Record", content.name()),
        ("Says", content.word()),
        ("Log index", content.record.index.to_string()),
        ("Kind", header.kind.clone()),
        ("Sealed", header.sealed_at.to_string()),
        ("Origin", header.origin.clone()),
        ("Leaf", content.record.leaf.to_string()),
        ("Previous", header.prev.to_string()),
        ("Body", header.body.to_string()),
    ] {
        let _ = writeln!(out, "{:<12}{}", format!("{name}:"), printable(&value));
    }
    let _ = write!(out, "\nBody:\n{}", indent(&format::text(Format::Yaml, &content.body)?));
    if !parts.is_empty() {
        let mut table = Table::new(&["PART", "BYTES", "SHA-256"]);
        for part in parts {
            table.row([part.name.clone(), part.bytes.len().to_string(), part.digest.to_string()]);
        }
        let _ = write!(out, "\nParts:\n{}", indent(&table.render()));
    }
    Ok(out)
}

fn indent(text: &str) -> String {
    printable_lines(text).lines().fold(String::new(), |mut out, line| {
        let _ = writeln!(out, "  {line}");
        out
    })
}
