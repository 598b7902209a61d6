//! What a command may use of the machine. Every number is for each process; the count of processes is for all of them.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Longest file that may be written. Package tools write caches; nothing that is read needs more.
const MAX_FILE: u64 = 16 << 20;
/// Memory of its own that a process may write to. Programs in Go and Java reserve far more than they use, so it is not the address
/// space that is bounded tightly.
const MAX_DATA: u64 = 1 << 30;
/// Address space, which also bounds memory that processes share.
const MAX_ADDRESSES: u64 = 4 << 30;
/// Open files.
const MAX_OPEN: u64 = 256;
/// Processes and threads of a command at one time.
pub(super) const MAX_PROCESSES: u32 = 256;
/// Processes and threads that a command may have started in all, at level `full`.
pub(super) const MAX_STARTED: u32 = 16_384;

/// Lowers the limits of this process and of everything it will start.
pub(super) fn lower(cpu_seconds: u64, running: u64) -> rustix::io::Result<()> {
    let bounds = [
        (Resource::Core, 0),
        (Resource::Fsize, MAX_FILE),
        (Resource::Data, MAX_DATA),
        (Resource::As, MAX_ADDRESSES),
        (Resource::Nofile, MAX_OPEN),
        // Counted for the whole account, so what runs already must fit in.
        (Resource::Nproc, running.saturating_add(u64::from(MAX_PROCESSES))),
        (Resource::Cpu, cpu_seconds),
        (Resource::Memlock, 0),
        (Resource::Msgqueue, 0),
    ];
    for (resource, bound) in bounds {
        let held = getrlimit(resource);
        let bound = held.maximum.map_or(bound, |maximum| maximum.min(bound));
        setrlimit(resource, Rlimit { current: Some(bound), maximum: Some(bound) })?;
    }
    Ok(())
}

/// Processes and threads on this machine, and the number that was given out last: the end of a line of `/proc/loadavg`, whose
/// numbers are those of the reader's PID namespace.
pub(super) fn counts(loadavg: &str) -> Option<(u64, u32)> {
    let mut words = loadavg.split_ascii_whitespace().skip(3);
    let (_, running) = words.next()?.split_once('/')?;
    Some((running.parse().ok()?, words.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::counts;

    #[test]
    fn counts_are_the_last_two_words() {
        assert_eq!(counts("0.08 0.03 0.01 1/213 40112\n"), Some((213, 40_112)));
        assert_eq!(counts("0.08 0.03 0.01"), None);
        assert_eq!(counts("0.08 0.03 0.01 213 40112"), None);
    }
}
