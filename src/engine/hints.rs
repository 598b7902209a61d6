//! File events as hints: an event only means "look again".

use std::path::{Path, PathBuf};
use std::sync::Arc;

use notify::{Config, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

use crate::source::Spots;

/// Watches manifest paths. Dropping it ends the watch.
#[derive(Debug)]
pub(super) struct Hints {
    sender: mpsc::Sender<()>,
    spots: Arc<Spots>,
    watcher: Option<RecommendedWatcher>,
    /// Whether some spot can not be watched.
    deaf: bool,
}

impl Hints {
    /// Watches nothing yet. Hints come out of the queue.
    pub(super) fn new() -> (Self, mpsc::Receiver<()>) {
        // One waiting hint says as much as a thousand.
        let (sender, queue) = mpsc::channel(1);
        (Self { sender, spots: Arc::default(), watcher: None, deaf: false }, queue)
    }

    /// Watches where `paths` lead now; does nothing while they lead where they did. Where events are not to be had (limits, network file
    /// systems) the regular look is the truth, and watching is tried again with the next call. Reads directories.
    pub(super) fn arm(&mut self, paths: &[PathBuf]) {
        let spots = Spots::of(paths);
        if self.watcher.is_some() && !self.deaf && *self.spots == spots {
            return;
        }
        self.spots = Arc::new(spots);
        match self.watch() {
            Ok(watcher) => {
                self.watcher = Some(watcher);
                if self.deaf {
                    tracing::info!("file events again");
                }
                self.deaf = false;
            }
            Err((watcher, why)) => {
                self.watcher = watcher;
                if !self.deaf {
                    tracing::warn!("no file events: {why}; changes are found when the manifests are looked at again (--rescan)");
                }
                self.deaf = true;
            }
        }
    }

    fn watch(&self) -> Result<RecommendedWatcher, (Option<RecommendedWatcher>, String)> {
        let (sender, spots) = (self.sender.clone(), Arc::clone(&self.spots));
        let hear = move |event: notify::Result<notify::Event>| {
            if event.as_ref().map_or(true, |event| concerns(event, &spots)) {
                let _ = sender.try_send(());
            }
        };
        // A symlink inside a tree leads to what is watched anyway, or to where no manifest is read from. Following them would be one way
        // for each order in which directories that lead to each other can be visited.
        let config = Config::default().with_follow_symlinks(false);
        let mut watcher = RecommendedWatcher::new(hear, config).map_err(|error| (None, words(&error)))?;
        let trees = self.spots.trees().map(|path| (path, RecursiveMode::Recursive));
        let directories = self.spots.directories().map(|path| (path, RecursiveMode::NonRecursive));
        let mut failed = None;
        // The kernel knows one watch for each directory: what a tree covers would be cut back to its top.
        let alone = directories.filter(|(path, _)| !self.spots.trees().any(|tree| path.starts_with(tree)));
        for (path, mode) in trees.chain(alone) {
            if let Err(error) = watcher.watch(path, mode) {
                failed.get_or_insert_with(|| format!("{}: {}", path.display(), words(&error)));
            }
        }
        match failed {
            None => Ok(watcher),
            Some(why) => Err((Some(watcher), why)),
        }
    }
}

fn concerns(event: &notify::Event, spots: &Spots) -> bool {
    // Our own reads come back as Access events; hearing them would feed the loop with itself.
    let ours = matches!(event.kind, EventKind::Access(_));
    // An overflow names no path.
    !ours
        && (event.need_rescan()
            || event.paths.is_empty()
            || event.paths.iter().any(|path: &PathBuf| spots.concern(path as &Path)))
}

/// What the system says, and what to do about it where that is known.
fn words(error: &notify::Error) -> String {
    match &error.kind {
        notify::ErrorKind::MaxFilesWatch => "too many files are watched (sysctl fs.inotify.max_user_watches)".to_owned(),
        notify::ErrorKind::Io(error) if error.raw_os_error() == Some(EMFILE) => {
            "no more watchers for this user (sysctl fs.inotify.max_user_instances)".to_owned()
        }
        _ => error.to_string(),
    }
}

/// What Linux says when a user has too many watchers.
const EMFILE: i32 = 24;
