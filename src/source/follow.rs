//! Reading the same PATHs again and again.
//!
//! The content is the truth. Between two readings of it the stamps of the files stand for it (`stamp`): ten thousand files that nobody
//! touched cost ten thousand looks and no reading.
#![expect(clippy::disallowed_methods, reason = "looks at manifest files")]

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};

use super::discover::{Discovery, Found, discover};
use super::load::{Reading, read, read_all};
use super::stamp::Stamp;
use super::{Revision, Snapshot, revision};
use crate::api::{Digest, Problem};

/// Longest time that stamps stand for the content.
pub const WHOLE: SignedDuration = SignedDuration::from_mins(10);

/// How to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// By stamps, where they can be relied on; by content when that was not read for [`WHOLE`].
    Stamps,
    /// By content.
    Content,
    /// By content, and whatever is found is told.
    Anew,
}

/// A file as it was read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    /// Before it was read; `None` when it was touched meanwhile.
    pub stamp: Option<Stamp>,
    /// What came of it.
    pub content: Content,
}

/// What came of reading a file.
#[derive(Debug, Clone, Copy)]
pub(super) enum Content {
    /// The digest of the bytes.
    Read(Digest),
    /// It is too large, or all of them together are.
    TooLarge,
    /// It could not be read.
    Unreadable,
}

/// What the last reading found.
#[derive(Debug)]
struct Last {
    /// By real path.
    files: HashMap<PathBuf, Known>,
    /// Names in the order of reading.
    names: Vec<(PathBuf, PathBuf)>,
    roots: Vec<PathBuf>,
    links: Vec<(PathBuf, PathBuf)>,
    /// What could not be looked at.
    unseen: Vec<Problem>,
    commit: Option<String>,
    digest: Digest,
    problems: Vec<Problem>,
    revision: Option<Revision>,
    /// When the content was read last.
    at: Timestamp,
}

/// Reads the same PATHs again and again, and says when they hold something else.
#[derive(Debug)]
pub struct Follower {
    paths: Vec<PathBuf>,
    last: Option<Last>,
}

impl Follower {
    /// Follows `paths`. Nothing is read yet.
    pub const fn new(paths: Vec<PathBuf>) -> Self {
        Self { paths, last: None }
    }

    /// The PATHs.
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// Looks again: a snapshot when anything differs from the last one, or when `look` asks for it. `now` is compared with the times of
    /// files.
    pub fn look(&mut self, look: Look, now: Timestamp) -> Option<Snapshot> {
        let discovery = discover(&self.paths);
        if look == Look::Stamps
            && let Some(last) = &mut self.last
            && now.duration_since(last.at).abs() < WHOLE
            && last.is_still(&discovery, now)
        {
            return None;
        }
        let (roots, links) = (discovery.roots.clone(), discovery.links.clone());
        let names = names(&discovery.files);
        let unseen = discovery.problems.clone();
        let commit = revision::head(&roots);
        let Reading { snapshot, files } = read_all(discovery, None);
        let same = look != Look::Anew
            && self.last.as_ref().is_some_and(|last| {
                // What is read resolves references beside the file, so the same bytes under another name are something else.
                last.names == names
                    && last.digest == snapshot.digest
                    && last.problems == snapshot.problems
                    && last.revision == snapshot.revision
            });
        let files = files
            .into_iter()
            .map(|(path, known)| (path, Known { stamp: known.stamp.filter(|stamp| stamp.shows_writes_after(now)), ..known }));
        let files: HashMap<PathBuf, Known> = files.collect();
        self.last = Some(Last {
            files,
            names,
            roots,
            links,
            unseen,
            commit,
            digest: snapshot.digest,
            problems: snapshot.problems.clone(),
            revision: snapshot.revision.clone(),
            at: now,
        });
        (!same).then_some(snapshot)
    }
}

impl Last {
    /// Whether `discovery` is what was read, by stamps and, where these can not be relied on, by content.
    fn is_still(&mut self, discovery: &Discovery, now: Timestamp) -> bool {
        self.roots == discovery.roots
            && self.links == discovery.links
            && self.unseen == discovery.problems
            && self.names == names(&discovery.files)
            && discovery.files.iter().all(|found| self.files.get_mut(&found.real).is_some_and(|known| known.is_still(found, now)))
            && self.commit == revision::head(&self.roots)
    }
}

impl Known {
    /// Whether the file is what was read.
    fn is_still(&mut self, found: &Found, now: Timestamp) -> bool {
        // What can not be read costs nothing to try, and why it could not does not always show in its stamp.
        if matches!(self.content, Content::Unreadable) {
            return read(&found.real).is_err();
        }
        let stamp = fs::symlink_metadata(&found.real).ok().map(|metadata| Stamp::of(&metadata));
        if stamp.is_some() && stamp == self.stamp {
            return true;
        }
        let Content::Read(digest) = self.content else { return false };
        let Ok((bytes, stamp)) = read(&found.real) else { return false };
        if Digest::of(&bytes) != digest {
            return false;
        }
        self.stamp = stamp.filter(|stamp| stamp.shows_writes_after(now));
        true
    }
}

fn names(files: &[Found]) -> Vec<(PathBuf, PathBuf)> {
    files.iter().map(|found| (found.path.clone(), found.relative.clone())).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::{Follower, Look, Stamp, WHOLE};
    use crate::source::bounds::MAX_FILE_BYTES;
    use jiff::{SignedDuration, Timestamp};
    use std::fs;
    use tempfile::TempDir;

    const WEB: &str = "apiVersion: tecrax.io/v1alpha1\nkind: Target\nmetadata: {name: web}\nspec: {type: Host, connections: [{name: os, local: {}}]}\n";

    /// A folder that was read `after` its file was written, and then written again in such a way that its stamp says nothing: as on a file
    /// system with a coarse clock.
    fn written_within_a_tick(after: SignedDuration) -> (TempDir, Follower, Timestamp) {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("web.yaml");
        fs::write(&path, WEB).unwrap();
        let now = Stamp::of(&fs::metadata(&path).unwrap()).modified() + after;
        let mut follower = Follower::new(vec![dir.path().to_owned()]);
        assert!(follower.look(Look::Anew, now).is_some());
        fs::write(&path, WEB.replace("web", "wab")).unwrap();
        let stamp = Stamp::of(&fs::metadata(&path).unwrap());
        for known in follower.last.as_mut().unwrap().files.values_mut() {
            known.stamp = known.stamp.map(|_| stamp);
        }
        (dir, follower, now)
    }

    #[test]
    fn a_file_that_was_written_just_before_it_was_read_is_read_again() {
        let (_dir, mut follower, now) = written_within_a_tick(SignedDuration::from_millis(1500));
        assert!(follower.look(Look::Stamps, now).is_some());
        // A clock that lags behind that of the file system proves nothing either.
        let (_dir, mut follower, now) = written_within_a_tick(-SignedDuration::from_mins(1));
        assert!(follower.look(Look::Stamps, now).is_some());
    }

    #[test]
    fn one_file_that_is_too_large_has_nobody_read_the_others() {
        let (dir, mut follower, now) = written_within_a_tick(SignedDuration::from_mins(1));
        let large = fs::File::create(dir.path().join("large.yaml")).unwrap();
        large.set_len(MAX_FILE_BYTES as u64 + 1).unwrap();
        assert!(follower.look(Look::Stamps, now).is_some(), "it is new");
        let now = Stamp::of(&large.metadata().unwrap()).modified().max(now) + SignedDuration::from_mins(1);
        assert!(follower.look(Look::Content, now).is_none(), "and by now its stamp says what it is");
        fs::write(dir.path().join("web.yaml"), WEB).unwrap();
        let stamp = Stamp::of(&fs::metadata(dir.path().join("web.yaml")).unwrap());
        for (path, known) in &mut follower.last.as_mut().unwrap().files {
            known.stamp = known.stamp.map(|before| if path.ends_with("web.yaml") { stamp } else { before });
        }
        assert!(follower.look(Look::Stamps, now).is_none(), "somebody has read it");
        large.set_len(1).unwrap();
        assert!(follower.look(Look::Stamps, now).is_some(), "it is another one");
    }

    #[test]
    fn a_stamp_stands_for_the_content_for_ten_minutes() {
        let (_dir, mut follower, now) = written_within_a_tick(SignedDuration::from_mins(1));
        // It is the stamp that hides it here.
        assert!(follower.look(Look::Stamps, now + WHOLE - SignedDuration::from_secs(1)).is_none());
        assert!(follower.look(Look::Stamps, now + WHOLE).is_some());
        let (_dir, mut follower, now) = written_within_a_tick(SignedDuration::from_mins(1));
        assert!(follower.look(Look::Content, now).is_some());
    }
}
