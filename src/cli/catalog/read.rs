//! A catalog file and the environments it names, read and held against each other.
#![expect(clippy::disallowed_methods, reason = "reads the catalog that the user named, and the environments beside it")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::rc::Rc;

use super::environment::Environment;
use super::fields::{Fields, Refusal, refuse};
use super::inline;
use super::operation::catalog_digest;
use super::target::CatalogTarget;
use crate::api::{Place, Problem, reason};
use crate::secrets::Redactor;
use crate::source::{Located, located};

/// The one version of the format.
const VERSION: &str = "0.1";
/// Largest catalog or environment, in bytes.
const MAX_BYTES: u64 = 1024 * 1024;
/// Most targets.
const MAX_TARGETS: usize = 1024;
/// Most values of one file.
const MAX_NODES: usize = 400_000;

/// A catalog whose every target was found in its environment.
#[derive(Debug, Clone, PartialEq)]
pub struct Catalog {
    /// Version of the format.
    pub version: String,
    /// Digest of the catalog as written, comments and order of keys aside.
    pub digest: String,
    /// Targets in the order of the file.
    pub targets: Vec<CatalogTarget>,
}

/// A catalog with the documents that it was read from.
#[derive(Debug)]
pub(in crate::cli) struct Sources {
    /// The catalog.
    pub catalog: Catalog,
    /// Its targets as written, in the same order.
    pub entries: Vec<Located>,
    /// File and document of every environment, by the reference in the catalog.
    pub environments: BTreeMap<String, (String, Located)>,
}

/// Reads the catalog at `path` for the profile named `profile`. Every environment is read once, however many targets are in it.
///
/// # Errors
/// The first thing that is wrong, with file, line and column.
pub fn read(path: &Path, profile: &str, redactor: &Redactor) -> Result<Catalog, Box<Problem>> {
    sources(path, profile, redactor).map(|sources| sources.catalog)
}

/// The same with the documents.
pub(in crate::cli) fn sources(path: &Path, profile: &str, redactor: &Redactor) -> Result<Sources, Box<Problem>> {
    let shown = path.display().to_string();
    let whole = |message: String| {
        let place = Place { file: shown.as_str().into(), line: 0, column: 0 };
        Box::new(Problem::error(reason::UNREADABLE, message).at(place))
    };
    // Environments are beside the catalog itself, not beside a link to it.
    let real = std::fs::canonicalize(path).map_err(|_| whole(format!("target catalog not found: {shown}")))?;
    if !real.is_file() {
        return Err(whole("target catalog must be a regular file".to_owned()));
    }
    owned(&real).map_err(|why| whole(format!("target catalog {why}")))?;
    let text = text(&real).map_err(|why| whole(format!("target catalog {why}")))?;
    let document = document(&shown, &text, "catalog", &format!("invalid target catalog yaml: {shown}"))?;
    if document.map().is_none() {
        return Err(refuse(&shown, &document, "target_catalog document must be a mapping"));
    }
    inline::check(&shown, "environment", &document, redactor)?;
    let Some(root) = document.get("target_catalog").filter(|root| root.map().is_some()) else {
        return Err(refuse(&shown, &document, "target_catalog mapping required"));
    };
    let fields = Fields { file: &shown, path: "target_catalog".to_owned(), map: root };
    fields.closed(&["version", "targets"])?;
    let (at, version) = fields.text("version")?;
    if version != VERSION {
        let refusal = refuse(&shown, at, format!("unsupported target catalog version: {version}"));
        return Err(Box::new(refusal.help(format!("this version reads {VERSION}"))));
    }
    let entries = root.get("targets");
    let Some(entries) = entries.and_then(Located::list).filter(|entries| !entries.is_empty()) else {
        return Err(refuse(&shown, entries.unwrap_or(root), "target_catalog.targets must be a non-empty list"));
    };
    if let Some(first) = entries.get(MAX_TARGETS) {
        return Err(refuse(&shown, first, format!("target_catalog.targets has more than {MAX_TARGETS} entries")));
    }
    let (targets, environments) = targets(&shown, entries, &real, profile, redactor)?;
    let catalog = Catalog { version, digest: catalog_digest(&root.json()), targets };
    Ok(Sources { catalog, entries: entries.to_vec(), environments })
}

/// The environment file at `path`, without secrets and with an id.
pub(in crate::cli) fn environment(path: &Path, redactor: &Redactor) -> Result<Located, Box<Problem>> {
    let shown = path.display().to_string();
    let text = text(path).map_err(|why| {
        let place = Place { file: shown.as_str().into(), line: 0, column: 0 };
        Box::new(Problem::error(reason::UNREADABLE, format!("environment {why}: {shown}")).at(place))
    })?;
    let document = document(&shown, &text, "environment", &format!("invalid environment yaml: {shown}"))?;
    inline::check(&shown, "environment", &document, redactor)?;
    Environment::of(&shown, &document)?;
    Ok(document)
}

/// Targets, and the environments that they are in.
type Read = (Vec<CatalogTarget>, BTreeMap<String, (String, Located)>);

fn targets(shown: &str, entries: &[Located], real: &Path, profile: &str, redactor: &Redactor) -> Result<Read, Refusal> {
    let folder = real.parent().unwrap_or(Path::new("."));
    let mut known: BTreeMap<String, Rc<Environment>> = BTreeMap::new();
    let mut documents = BTreeMap::new();
    let mut environment = |reference: &str, at: &Located, path: &str| -> Result<Rc<Environment>, Refusal> {
        if let Some(environment) = known.get(reference) {
            return Ok(Rc::clone(environment));
        }
        let file = folder.join(reference);
        if !file.is_file() {
            return Err(refuse(shown, at, format!("catalog referenced file not found at {path}")));
        }
        let name = file.display().to_string();
        let text = text(&file).map_err(|why| refuse(shown, at, format!("environment {why}: {reference}")))?;
        let document = document(&name, &text, "environment", &format!("invalid environment yaml: {name}"))?;
        inline::check(&name, "environment", &document, redactor)?;
        let environment = Rc::new(Environment::of(&name, &document)?);
        known.insert(reference.to_owned(), Rc::clone(&environment));
        documents.insert(reference.to_owned(), (name, document));
        Ok(environment)
    };
    let mut ids = BTreeSet::new();
    let mut targets = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        if entry.map().is_none() {
            return Err(refuse(shown, entry, format!("target catalog entry {index} must be a mapping")));
        }
        let fields = Fields { file: shown, path: format!("target_catalog.targets[{index}]"), map: entry };
        let target = CatalogTarget::of(&fields, profile, &mut environment)?;
        if !ids.insert(target.id.clone()) {
            return Err(refuse(shown, entry.get("id").unwrap_or(entry), format!("duplicate target catalog id: {}", target.id)));
        }
        targets.push(target);
    }
    Ok((targets, documents))
}

/// Whether a file is the caller's own, or root's, who could write any file: a catalog of somebody else is somebody else's word.
fn owned(path: &Path) -> Result<(), String> {
    let owner = std::fs::metadata(path).map_err(|error| format!("cannot be read: {error}"))?.uid();
    let own = rustix::process::geteuid().as_raw();
    if owner == own || owner == 0 {
        return Ok(());
    }
    Err(format!("must be owned by the user who reads it: it is owned by uid {owner}, this is uid {own}"))
}

/// The text of a file within its bound, or why not, to stand behind its name.
pub(super) fn text(path: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
    opened.map_err(|error| format!("cannot be read: {error}"))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err("exceeds size limit".to_owned());
    }
    String::from_utf8(bytes).map_err(|_| "is not text in UTF-8".to_owned())
}

/// A file of YAML as plain values.
pub(super) fn document(file: &str, text: &str, noun: &str, invalid: &str) -> Result<Located, Refusal> {
    located(text, MAX_NODES).map_err(|error| {
        let place = Place { file: file.into(), line: error.line, column: error.column };
        let problem = match &error.duplicate {
            Some(key) => Problem::error(reason::DUPLICATE_KEY, format!("duplicate {noun} key: {key}")),
            None => Problem::error(reason::SYNTAX, invalid.to_owned()).help(error.message.clone()),
        };
        Box::new(problem.at(place))
    })
}
