//! One pass over the manifest paths.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::OpenOptions;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::OFlags;

use crate::api::{Digest, Namespace, Object, Place, Problem, reason};

use super::bare::{bare, is_blank, warnings};
use super::bounds::{MAX_FILE_BYTES, MAX_TOTAL_BYTES};
use super::cache::LoadCache;
use super::discover::{self, Discovery, Found};
use super::document::{File, Parsed};
use super::follow::{self, Known};
use super::parse::{Job, parse};
use super::revision::WorkTree;
use super::split::Lines;
use super::stamp::Stamp;
use super::{Document, LostPolicy, Snapshot};

/// Reads every manifest below `paths`.
///
/// Directories are walked (names sorted, dot-names left out, symlinks followed only inside their PATH), `.yaml`, `.yml` and
/// `.json` files read; a PATH that is a file is read whatever its name. Nothing here fails as a whole: what is wrong becomes a
/// problem of the snapshot and costs only its own document. With a `cache`, files whose bytes did not change are not parsed
/// again.
pub fn load(paths: &[PathBuf], cache: Option<&LoadCache>) -> Snapshot {
    read_all(discover::discover(paths), cache).snapshot
}

/// A snapshot, and by real path what the files were that it was read from.
pub(super) struct Reading {
    pub snapshot: Snapshot,
    pub files: Vec<(PathBuf, Known)>,
}

/// Reads the files that were found.
pub(super) fn read_all(mut discovery: Discovery, cache: Option<&LoadCache>) -> Reading {
    let (mut tree, note) = WorkTree::open(&discovery.roots);
    let mut loader = Loader { problems: std::mem::take(&mut discovery.problems), cache, ..Loader::default() };
    loader.problems.extend(note);
    for found in &discovery.files {
        loader.file(found, tree.as_mut());
    }
    let bare = bare(&discovery, &loader.blank);
    loader.problems.extend(warnings(&discovery, &bare));
    let digest = Digest::of_parts(loader.content.iter().map(Vec::as_slice));
    let known = std::mem::take(&mut loader.known);
    let (parsed, mut problems, files) = loader.finish();
    let (documents, duplicates, second) = unique(parsed.documents);
    let lost_policies = parsed.lost_policies.into_iter().chain(second).collect();
    problems.extend(parsed.problems);
    problems.extend(duplicates);
    let revision = tree.map(|tree| tree.revision(&discovery.links));
    let snapshot = Snapshot { digest, revision, documents, lost_policies, problems, files, foreign: parsed.foreign, bare };
    Reading { snapshot, files: known }
}

#[derive(Default)]
struct Loader<'c> {
    cache: Option<&'c LoadCache>,
    problems: Vec<Problem>,
    /// Relative path and digest of the bytes, in turns.
    content: Vec<Vec<u8>>,
    files: Vec<(Arc<str>, Digest, Content)>,
    known: Vec<(PathBuf, Known)>,
    /// Real paths of files without a word.
    blank: HashSet<PathBuf>,
    jobs: Vec<Job>,
    bytes: usize,
}

/// What a file comes to.
enum Content {
    /// Known by now: from the cache, or not text.
    Known(Arc<Parsed>),
    /// The next job's result.
    Job,
}

impl Loader<'_> {
    fn file(&mut self, found: &Found, tree: Option<&mut WorkTree>) {
        let (bytes, stamp) = match read(&found.real) {
            Ok((bytes, stamp)) if bytes.len() > MAX_FILE_BYTES => {
                self.know(found, stamp, follow::Content::TooLarge);
                return self.too_large(found, format!("larger than {} MiB", MAX_FILE_BYTES >> 20), "split the file");
            }
            Ok((bytes, stamp)) if self.bytes + bytes.len() > MAX_TOTAL_BYTES => {
                self.know(found, stamp, follow::Content::TooLarge);
                let message = format!("all manifests together are larger than {} MiB", MAX_TOTAL_BYTES >> 20);
                return self.too_large(found, message, "give narrower PATHs");
            }
            Ok(read) => read,
            Err(error) => {
                self.know(found, None, follow::Content::Unreadable);
                let help = "give tecrax read access, or move the file away";
                return self.problems.push(discover::unreadable(&found.path, &error, help));
            }
        };
        self.bytes += bytes.len();
        if is_blank(&bytes) {
            self.blank.insert(found.real.clone());
        }
        if let Some(tree) = tree {
            tree.compare(&found.real, &bytes);
        }
        let digest = Digest::of(&bytes);
        self.content.push(found.relative.as_os_str().as_encoded_bytes().to_vec());
        self.content.push(digest.as_bytes().to_vec());
        self.know(found, stamp, follow::Content::Read(digest));
        let name = discover::display(&found.path);
        let content = match self.cache.and_then(|cache| cache.get(&name, digest)) {
            Some(parsed) => Content::Known(parsed),
            None => match String::from_utf8(bytes) {
                Ok(text) => {
                    self.jobs.push(job(&found.path, name.clone(), text));
                    Content::Job
                }
                Err(error) => Content::Known(Arc::new(not_text(name.clone(), &error))),
            },
        };
        self.files.push((name, digest, content));
    }

    fn know(&mut self, found: &Found, stamp: Option<Stamp>, content: follow::Content) {
        self.known.push((found.real.clone(), Known { stamp, content }));
    }

    fn too_large(&mut self, found: &Found, message: String, help: &str) {
        self.problems.push(Problem::error(reason::TOO_LARGE, message).help(help).at(discover::place(&found.path)));
    }

    /// Parses what is left to parse and puts everything together in the order of the files.
    fn finish(self) -> (Parsed, Vec<Problem>, usize) {
        let mut fresh = parse(&self.jobs).into_iter();
        let mut whole = Parsed::default();
        let mut kept = HashMap::new();
        let files = self.files.len();
        for (name, digest, content) in self.files {
            let parsed = match content {
                Content::Known(parsed) => parsed,
                Content::Job => Arc::new(fresh.next().unwrap_or_default()),
            };
            if self.cache.is_some() {
                kept.insert(name, (digest, parsed.clone()));
            }
            whole.append(Arc::unwrap_or_clone(parsed));
        }
        if let Some(cache) = self.cache {
            cache.replace(kept);
        }
        (whole, self.problems, files)
    }
}

pub(super) fn job(path: &Path, name: Arc<str>, text: String) -> Job {
    let directory: Arc<Path> = path.parent().unwrap_or(Path::new("")).into();
    let json = path.extension().is_some_and(|extension| extension == "json");
    Job { file: File { name, directory, text: text.into() }, json }
}

/// Reads a regular file, one byte beyond the bound at most, with its stamp; without one when it was touched meanwhile.
#[expect(clippy::disallowed_methods, reason = "reads manifests")]
pub(super) fn read(path: &Path) -> io::Result<(Vec<u8>, Option<Stamp>)> {
    // The path is free of symlinks; one that appears since is refused, and a pipe that appears does not block.
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY).bits();
    let mut file = OpenOptions::new().read(true).custom_flags(flags.cast_signed()).open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    let bound = MAX_FILE_BYTES as u64 + 1;
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len().min(bound)).unwrap_or_default());
    Read::by_ref(&mut file).take(bound).read_to_end(&mut bytes)?;
    let (before, after) = (Stamp::of(&metadata), Stamp::of(&file.metadata()?));
    Ok((bytes, (before == after).then_some(before)))
}

fn not_text(name: Arc<str>, error: &std::string::FromUtf8Error) -> Parsed {
    let good = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
    let lines = Lines(std::str::from_utf8(good).unwrap_or_default());
    let breaks = lines.filter(|line| line.ends_with(['\n', '\r'])).count();
    let line = u32::try_from(breaks).unwrap_or(u32::MAX - 1) + 1;
    let utf16 = error.as_bytes().starts_with(&[0xff, 0xfe]) || error.as_bytes().starts_with(&[0xfe, 0xff]);
    let message = if utf16 { "not UTF-8, but UTF-16" } else { "not UTF-8" };
    let problem =
        Problem::error(reason::SYNTAX, message).help("save the file as UTF-8").at(Place { file: name, line, column: 0 });
    Parsed { problems: vec![problem], ..Parsed::default() }
}

/// Keeps the first of every (kind, namespace, name); each later one is a problem that names both places, and a Policy lost.
pub(super) fn unique(documents: Vec<Document>) -> (Vec<Document>, Vec<Problem>, Vec<LostPolicy>) {
    let mut first: BTreeMap<(&'static str, Namespace, String), Place> = BTreeMap::new();
    let mut kept = Vec::with_capacity(documents.len());
    let mut problems = Vec::new();
    let mut lost = Vec::new();
    for document in documents {
        let (kind, namespace, name) = document.identity();
        let object = format!("{kind}/{name}");
        match first.entry((kind, namespace.clone(), name.to_owned())) {
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(document.origin.place());
                kept.push(document);
            }
            std::collections::btree_map::Entry::Occupied(entry) => {
                let problem = Problem::error(reason::DUPLICATE_OBJECT, format!("{object} is declared a second time"))
                    .about(object)
                    .help(format!("it is declared at {}, which stays in force; rename or remove one", entry.get()));
                problems.push(document.origin.pin(problem, "metadata.name"));
                if let Object::Policy(manifest) = &document.object {
                    lost.push(LostPolicy::second(manifest, document.origin.place()));
                }
            }
        }
    }
    (kept, problems, lost)
}

#[cfg(test)]
mod tests {
    use super::{Found, Loader, MAX_TOTAL_BYTES};
    use crate::api::reason;
    use std::path::PathBuf;

    #[test]
    fn bytes_of_a_snapshot_are_bounded() {
        let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/manifests/good/target.yaml"));
        let found = Found { relative: path.clone(), real: path.clone(), path };
        let mut loader = Loader { bytes: MAX_TOTAL_BYTES - 10_000, ..Loader::default() };
        loader.file(&found, None);
        assert_eq!((loader.files.len(), loader.problems.len()), (1, 0));
        loader.bytes = MAX_TOTAL_BYTES;
        loader.file(&found, None);
        assert_eq!((loader.files.len(), loader.problems.first().map(|problem| problem.reason)), (1, Some(reason::TOO_LARGE)));
    }
}
