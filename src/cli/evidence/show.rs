//! `tecrax evidence show`: one record.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::super::context::Context;
use super::super::exit::{Exit, Failure};
use super::super::format::{self, Format};
use super::super::printable::{printable, printable_lines};
use super::super::table::Table;
use super::args::{ShowArgs, ShowFormat};
use super::content::{Content, NamedPart};
use super::reference;
use crate::store::Db;

/// Runs `evidence show`.
pub fn run(context: &Context<'_>, args: &ShowArgs) -> Result<Exit, Failure> {
    let (db, record) = reference::open(context, &args.reference, &args.namespace)?;
    let content = Content::read(record)?;
    if let Some(name) = &args.part {
        context.screen.bytes(&part(&db, &content, name)?);
        return Ok(Exit::Ok);
    }
    let parts = content.parts(&db)?;
    let text = match args.output {
        ShowFormat::Json => format::text(Format::Json, &structured(&content, &parts))?,
        ShowFormat::Yaml => format::text(Format::Yaml, &structured(&content, &parts))?,
        ShowFormat::Text => text(&content, &parts)?,
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
    let parts = content.parts(db)?;
    let mut known: Vec<String> = parts.iter().map(|part| part.name.clone()).collect();
    match parts.into_iter().find(|part| part.name == name) {
        Some(NamedPart { bytes: Some(bytes), .. }) => Ok(bytes),
        Some(_) => Err(Failure::new(Exit::Io, format!("part {name} of {} is not in the store any more", content.name()))),
        None => {
            known.extend(["header".to_owned(), "body".to_owned()]);
            Err(Failure::new(Exit::Config, format!("{} has no part `{name}`", content.name()))
                .help(format!("its parts are {}", known.join(", "))))
        }
    }
}

fn structured(content: &Content, parts: &[NamedPart]) -> Value {
    let mut value = content.to_json();
    let parts: Map<String, Value> = parts
        .iter()
        .map(|part| {
            let content = part.bytes.as_deref().and_then(|bytes| serde_json::from_slice::<Value>(bytes).ok());
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
            let size = part.bytes.as_ref().map_or_else(|| "gone".to_owned(), |bytes| bytes.len().to_string());
            table.row([part.name.clone(), size, part.digest.clone()]);
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
