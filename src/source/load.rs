//! One pass over the manifest paths.

use std::collections::{BTreeMap, HashMap};
use std::fs::OpenOptions;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::OFlags;

use crate::api::{Digest, Object, Place, Problem, reason};

use super::bounds::{MAX_DOCUMENTS, MAX_FILE_BYTES, MAX_TOTAL_BYTES};
use super::cache::LoadCache;
use super::discover::{self, Found};
use super::document::{File, Parsed, Reader};
use super::revision::WorkTree;
use super::split::split;
use super::{Document, Snapshot};

/// Reads every manifest below `paths`.
///
/// Directories are walked (names sorted, dot-names left out, symlinks followed only inside their PATH), `.yaml`, `.yml` and
/// `.json` files read; a PATH that is a file is read whatever its name. Nothing here fails as a whole: what is wrong becomes a
/// problem of the snapshot and costs only its own document. With a `cache`, files whose bytes did not change are not parsed
/// again.
pub fn load(paths: &[PathBuf], cache: Option<&LoadCache>) -> Snapshot {
    let mut discovery = discover::discover(paths);
    let (mut tree, note) = WorkTree::open(&discovery.roots);
    let mut loader = Loader { problems: std::mem::take(&mut discovery.problems), ..Loader::default() };
    loader.problems.extend(note);
    for found in &discovery.files {
        loader.file(found, cache, tree.as_mut());
    }
    if let Some(cache) = cache {
        cache.replace(loader.kept);
    }
    let (documents, duplicates) = unique(loader.documents);
    loader.problems.extend(duplicates);
    Snapshot {
        digest: Digest::of_parts(loader.content.iter().map(Vec::as_slice)),
        revision: tree.map(|tree| tree.revision(&discovery.links)),
        documents,
        problems: loader.problems,
        files: loader.files,
        foreign: loader.foreign,
    }
}

#[derive(Default)]
struct Loader {
    documents: Vec<Document>,
    problems: Vec<Problem>,
    /// Relative path and digest of the bytes, in turns.
    content: Vec<Vec<u8>>,
    kept: HashMap<Arc<str>, (Digest, Arc<Parsed>)>,
    files: usize,
    foreign: usize,
    bytes: usize,
}

impl Loader {
    fn file(&mut self, found: &Found, cache: Option<&LoadCache>, tree: Option<&mut WorkTree>) {
        let bytes = match read(&found.real) {
            Ok(bytes) if bytes.len() > MAX_FILE_BYTES => {
                return self.too_large(found, format!("larger than {} MiB", MAX_FILE_BYTES >> 20), "split the file");
            }
            Ok(bytes) if self.bytes + bytes.len() > MAX_TOTAL_BYTES => {
                let message = format!("all manifests together are larger than {} MiB", MAX_TOTAL_BYTES >> 20);
                return self.too_large(found, message, "give narrower PATHs");
            }
            Ok(bytes) => bytes,
            Err(error) => {
                let help = "give tecrax read access, or move the file away";
                return self.problems.push(discover::unreadable(&found.path, &error, help));
            }
        };
        self.files += 1;
        self.bytes += bytes.len();
        if let Some(tree) = tree {
            tree.compare(&found.real, &bytes);
        }
        let digest = Digest::of(&bytes);
        self.content.push(found.relative.as_os_str().as_encoded_bytes().to_vec());
        self.content.push(digest.as_bytes().to_vec());
        let name = discover::display(&found.path);
        let parsed = match cache.and_then(|cache| cache.get(&name, digest)) {
            Some(parsed) => parsed,
            None => Arc::new(parse(&found.path, name.clone(), bytes)),
        };
        self.foreign += parsed.foreign;
        if cache.is_some() {
            self.kept.insert(name, (digest, parsed.clone()));
        }
        let Parsed { documents, problems, .. } = Arc::unwrap_or_clone(parsed);
        self.documents.extend(documents);
        self.problems.extend(problems);
    }

    fn too_large(&mut self, found: &Found, message: String, help: &str) {
        self.problems.push(Problem::error(reason::TOO_LARGE, message).help(help).at(discover::place(&found.path)));
    }
}

/// Reads a regular file, one byte beyond the bound at most.
#[expect(clippy::disallowed_methods, reason = "reads manifests")]
fn read(path: &Path) -> io::Result<Vec<u8>> {
    // The path is free of symlinks; one that appears since is refused, and a pipe that appears does not block.
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY).bits();
    let file = OpenOptions::new().read(true).custom_flags(flags.cast_signed()).open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    let bound = MAX_FILE_BYTES as u64 + 1;
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len().min(bound)).unwrap_or_default());
    file.take(bound).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Parses one file.
fn parse(path: &Path, name: Arc<str>, bytes: Vec<u8>) -> Parsed {
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return not_text(name, &error),
    };
    let directory: Arc<Path> = path.parent().unwrap_or(Path::new("")).into();
    let file = File { name, directory, text: text.into() };
    let mut reader = Reader { file: &file, parsed: Parsed::default() };
    if path.extension().is_some_and(|extension| extension == "json") {
        reader.whole();
        return reader.parsed;
    }
    let mut documents = 0;
    for chunk in split(&file.text).filter(|chunk| chunk.content) {
        documents += 1;
        if documents > MAX_DOCUMENTS {
            let problem = Problem::error(reason::TOO_LARGE, format!("more than {MAX_DOCUMENTS} documents in one file"))
                .help("split the file; the documents from here on are left out");
            let place = Place { file: file.name.clone(), line: chunk.line, column: 0 };
            reader.parsed.problems.push(problem.at(place));
            break;
        }
        reader.chunk(&chunk);
    }
    reader.parsed
}

fn not_text(name: Arc<str>, error: &std::string::FromUtf8Error) -> Parsed {
    let good = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
    let breaks = good.iter().filter(|byte| **byte == b'\n').count();
    let line = u32::try_from(breaks).unwrap_or(u32::MAX - 1) + 1;
    let utf16 = error.as_bytes().starts_with(&[0xff, 0xfe]) || error.as_bytes().starts_with(&[0xfe, 0xff]);
    let message = if utf16 { "not UTF-8, but UTF-16" } else { "not UTF-8" };
    let problem =
        Problem::error(reason::SYNTAX, message).help("save the file as UTF-8").at(Place { file: name, line, column: 0 });
    Parsed { problems: vec![problem], ..Parsed::default() }
}

/// Keeps the first of every (kind, namespace, name); each later one is a problem that names both places.
fn unique(documents: Vec<Document>) -> (Vec<Document>, Vec<Problem>) {
    let mut first: BTreeMap<(&'static str, String, String), Place> = BTreeMap::new();
    let mut kept = Vec::with_capacity(documents.len());
    let mut problems = Vec::new();
    for document in documents {
        let (kind, namespace, name) = identity(&document.object);
        let object = format!("{kind}/{name}");
        match first.entry((kind, namespace, name)) {
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(document.origin.place());
                kept.push(document);
            }
            std::collections::btree_map::Entry::Occupied(entry) => {
                let problem = Problem::error(reason::DUPLICATE_OBJECT, format!("{object} is declared a second time"))
                    .about(object)
                    .help(format!("it is declared at {}, which stays in force; rename or remove one", entry.get()));
                problems.push(document.origin.pin(problem, "metadata.name"));
            }
        }
    }
    (kept, problems)
}

fn identity(object: &Object) -> (&'static str, String, String) {
    let names = |kind, namespace: &crate::api::Namespace, name: &str| (kind, namespace.to_string(), name.to_owned());
    match object {
        Object::Target(it) => names("Target", &it.metadata.namespace, it.metadata.name.as_str()),
        Object::TargetSet(it) => names("TargetSet", &it.metadata.namespace, it.metadata.name.as_str()),
        Object::Check(it) => names("Check", &it.metadata.namespace, it.metadata.name.as_str()),
        Object::Policy(it) => names("Policy", &it.metadata.namespace, it.metadata.name.as_str()),
    }
}
