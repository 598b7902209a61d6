//! Manifests that are read while something else is waited for.

use std::path::PathBuf;

use tokio::sync::oneshot;
use tokio::task::spawn_blocking;

use super::exit::{Exit, Failure};
use crate::source::{self, Snapshot};

/// What is said when reading ended by a bug.
const ENDED: &str = "reading the manifests ended early";

type Load = Box<dyn FnOnce() -> Snapshot + Send>;

/// Manifests that are read beside the profile and the opening of the store, which waits for the disk.
pub(super) enum Manifests {
    /// A thread of their own reads them.
    Reading(oneshot::Receiver<Snapshot>),
    /// The machine gave none: they are read when they are asked for.
    Later(Load),
}

impl Manifests {
    /// Begins to read.
    pub(super) fn begin(paths: &[PathBuf]) -> Self {
        let load = |paths: Vec<PathBuf>| -> Load { Box::new(move || source::load(&paths, None)) };
        Self::reading(load(paths.to_vec())).unwrap_or_else(|| Self::Later(load(paths.to_vec())))
    }

    fn reading(load: Load) -> Option<Self> {
        let (sender, reading) = oneshot::channel();
        let read = move || drop(sender.send(load()));
        std::thread::Builder::new().name("tecrax-manifests".to_owned()).spawn(read).ok().map(|_| Self::Reading(reading))
    }

    /// What they say. Holds up nobody who waits beside it.
    ///
    /// # Errors
    /// [`Exit::Io`] when reading ended by a bug: what failed once is not begun again.
    pub(super) async fn end(self) -> Result<Snapshot, Failure> {
        let read = match self {
            Self::Reading(reading) => reading.await.ok(),
            Self::Later(load) => spawn_blocking(load).await.ok(),
        };
        read.ok_or_else(|| Failure::new(Exit::Io, ENDED))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn what_ended_early_is_a_failure_and_is_not_read_again() {
        let bug = || -> Load { Box::new(|| std::panic::resume_unwind(Box::new("a bug"))) };
        for ended in [Manifests::reading(bug()), Some(Manifests::Later(bug()))] {
            let Some(ended) = ended else { unreachable!("there is a thread to spare") };
            assert_eq!(ended.end().await.map(|_| ()).map_err(|failure| failure.exit), Err(Exit::Io));
        }
        assert!(Manifests::begin(&[]).end().await.is_ok());
    }

    /// A deadline that is waited for beside it passes, also where there was no thread to spare.
    #[tokio::test]
    async fn what_is_read_later_holds_up_nobody() {
        let (deadline, passed) = mpsc::channel();
        let later = Manifests::Later(Box::new(move || {
            assert!(passed.recv_timeout(Duration::from_secs(10)).is_ok(), "nobody could watch the time meanwhile");
            source::load(&[], None)
        }));
        let (read, ()) = tokio::join!(later.end(), async move { deadline.send(()).unwrap_or_default() });
        assert!(read.is_ok());
    }
}
