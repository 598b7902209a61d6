//! Whether a daemon works on a state directory: a lock that the kernel takes back with the process, however that ends.
#![expect(clippy::disallowed_methods, reason = "the lock is a file of the state directory")]

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

/// The file that daemons lock, in the state directory. There is nothing in it.
const FILE: &str = "daemon.lock";
/// How often somebody who asks finds the file locked before that is a daemon.
const TRIES: u32 = 5;
/// Between two looks: far longer than it takes to ask.
const PAUSE: Duration = Duration::from_millis(10);

/// Says that a daemon works on a state directory, for as long as it is kept. Any number of daemons may.
#[derive(Debug)]
pub struct Presence {
    _lock: File,
}

impl Presence {
    /// Says so. Waits for nobody but who is just asking.
    ///
    /// # Errors
    /// The file system's.
    pub fn announce(directory: &Path) -> io::Result<Self> {
        let lock = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(directory.join(FILE))?;
        lock.lock_shared()?;
        Ok(Self { _lock: lock })
    }

    /// Whether a daemon says so; not when nobody may look. Somebody else who is just asking is in the way for a moment only, a daemon for as
    /// long as it lives.
    pub fn is_announced(directory: &Path) -> bool {
        let Ok(lock) = File::open(directory.join(FILE)) else { return false };
        for _ in 0..TRIES {
            if !matches!(lock.try_lock(), Err(TryLockError::WouldBlock)) {
                return false;
            }
            sleep(PAUSE);
        }
        true
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "what is missing fails the test")]
mod tests {
    use std::sync::Barrier;

    use super::{FILE, Presence};

    #[test]
    fn two_who_ask_at_one_moment_take_each_other_for_nobody() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join(FILE), "").unwrap();
        let start = Barrier::new(2);
        let ask = || {
            let answers = (0..300).map(|_| {
                start.wait();
                Presence::is_announced(directory.path())
            });
            answers.filter(|announced| *announced).count()
        };
        let told = std::thread::scope(|scope| {
            let other = scope.spawn(ask);
            ask() + other.join().unwrap()
        });
        assert_eq!(told, 0);
        let _daemon = Presence::announce(directory.path()).unwrap();
        assert!(Presence::is_announced(directory.path()));
    }
}
