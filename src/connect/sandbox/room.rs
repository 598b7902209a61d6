//! Whether the kernel refuses a namespace for good, or because all that there may be are taken: it says the same for both.
#![expect(clippy::disallowed_methods, reason = "the kernel tells of its namespaces in /proc")]

use std::fs;

/// What every kernel calls the user namespace that a machine begins with.
const FIRST: &str = "user:[4026531837]";
/// The namespaces of level `full`.
const KINDS: [&str; 3] = ["user", "pid", "ipc"];

/// Whether a namespace that was refused for want of room may be had at another time.
pub(super) fn may_come() -> bool {
    let most = KINDS.map(|kind| fs::read_to_string(format!("/proc/sys/user/max_{kind}_namespaces")).unwrap_or_default());
    let is_first = fs::read_link("/proc/self/ns/user").is_ok_and(|own| own.as_os_str() == FIRST);
    taken(is_first, most.each_ref().map(String::as_str))
}

/// Whether it is known that there may be some of each. Inside another user namespace than the first one the bounds of those around it
/// count, too, and nobody inside can read them.
fn taken(is_first: bool, most: [&str; 3]) -> bool {
    is_first && most.iter().all(|most| most.trim().parse::<u64>().is_ok_and(|most| most > 0))
}

#[cfg(test)]
mod tests {
    use super::taken;

    #[test]
    fn a_bound_that_is_0_or_not_known_is_for_good() {
        let some = "96365\n";
        assert!(taken(true, [some; 3]));
        assert!(!taken(false, [some; 3]));
        for odd in ["0\n", "", "x\n"] {
            for most in [[odd, some, some], [some, odd, some], [some, some, odd]] {
                assert!(!taken(true, most), "{most:?}");
            }
        }
    }
}
