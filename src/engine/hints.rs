//! File events as hints: an event only means "look again".

use std::path::{Path, PathBuf};

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

/// Watches manifest paths. Dropping it ends the watch.
#[derive(Debug)]
pub(super) struct Hints {
    _watcher: Option<RecommendedWatcher>,
    queue: mpsc::Receiver<()>,
}

impl Hints {
    /// Starts watching `paths`, and the parent of each, because a swapped symlink gives no event at its own path. Where events
    /// are not to be had (limits, network file systems) the regular rescan is the truth.
    pub(super) fn watch(paths: &[PathBuf]) -> Self {
        // One waiting hint says as much as a thousand.
        let (sender, queue) = mpsc::channel(1);
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // Our own reads come back as Access events; hearing them would feed the loop with itself.
            let ours = event.as_ref().is_ok_and(|event| matches!(event.kind, EventKind::Access(_)));
            if !ours {
                let _ = sender.try_send(());
            }
        });
        let watcher = match watcher {
            Ok(mut watcher) => {
                for path in paths {
                    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
                    for (path, mode) in [(path.as_path(), RecursiveMode::Recursive), (parent, RecursiveMode::NonRecursive)] {
                        if let Err(error) = watcher.watch(path, mode) {
                            tracing::debug!(path = %path.display(), %error, "no file events here; the rescan sees to it");
                        }
                    }
                }
                Some(watcher)
            }
            Err(error) => {
                tracing::warn!(%error, "no file events; manifests are read again every 30 s");
                None
            }
        };
        Self { _watcher: watcher, queue }
    }

    /// Waits for the next hint; for ever when there are no events to be had.
    pub(super) async fn next(&mut self) {
        if self.queue.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}
