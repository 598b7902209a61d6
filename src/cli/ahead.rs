//! Manifests that are read while something else is waited for.

use std::path::PathBuf;

use tokio::sync::oneshot;

use super::exit::{Exit, Failure};
use crate::source::{self, Snapshot};

/// What is said when reading ended by a bug.
const ENDED: &str = "reading the manifests ended early";
/// What is said when there is still no thread for it.
const NO_THREAD: &str = "this machine gives no thread on which the manifests could be read";

type Load = Box<dyn FnOnce() -> Snapshot + Send>;

/// Manifests that are read beside the profile and the opening of the store, which waits for the disk.
pub(super) enum Manifests {
    /// A thread of their own reads them.
    Reading(oneshot::Receiver<Snapshot>),
    /// The machine gave none: it is asked again when they are asked for.
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
    /// [`Exit::Io`] when reading ended by a bug: what failed once is not begun again; or when the machine still gives no thread.
    pub(super) async fn end(self) -> Result<Snapshot, Failure> {
        self.end_with(Self::reading).await
    }

    /// The same on the thread that `reading` begins, if there is one.
    async fn end_with(self, reading: impl FnOnce(Load) -> Option<Self>) -> Result<Snapshot, Failure> {
        let begun = match self {
            Self::Later(load) => reading(load),
            begun @ Self::Reading(_) => Some(begun),
        };
        match begun {
            Some(Self::Reading(reading)) => reading.await.map_err(|_| Failure::new(Exit::Io, ENDED)),
            Some(Self::Later(_)) | None => {
                Err(Failure::new(Exit::Io, NO_THREAD).help("look at the limit of processes (`ulimit -u`) and at memory"))
            }
        }
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

    /// Tokio's own threads are no way out: it panics where the machine gives none.
    #[tokio::test]
    async fn where_no_thread_can_be_had_it_is_a_failure() {
        let later = Manifests::Later(Box::new(|| unreachable!("there is no thread")));
        let failure = later.end_with(|_| None).await.map(|_| ()).map_err(|failure| (failure.exit, failure.to_string()));
        assert!(matches!(&failure, Err((Exit::Io, why)) if why.contains("no thread")), "{failure:?}");
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
