//! System calls that change the machine and that neither Landlock nor the lack of privileges stops: mounts, modules, clocks and
//! names need a capability that no command has.

use nix::libc;
use rustix::io::Errno;
use seccompiler::{Error, apply_filter, sock_filter};

use super::refusal::{Part, Refusal};

/// Refused whatever their arguments are. Numbers that a system library does not name yet stand as numbers; they are the same on
/// every architecture.
const REFUSED: &[libc::c_long] = &[
    // Modes, owners, times and attributes of files.
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    FCHMODAT2,
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_utimensat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_fsetxattr,
    SETXATTRAT,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_fremovexattr,
    REMOVEXATTRAT,
    FILE_SETATTR,
    // By name and without opening: Landlock knows it since Linux 6.2 only.
    libc::SYS_truncate,
    // Other processes.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    // Namespaces, in which one is root again.
    libc::SYS_unshare,
    libc::SYS_setns,
    // Parts of the kernel that nothing that reads needs.
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    // A second way to every call above.
    libc::SYS_io_uring_setup,
];

const FCHMODAT2: libc::c_long = 452;
const SETXATTRAT: libc::c_long = 463;
const REMOVEXATTRAT: libc::c_long = 466;
const FILE_SETATTR: libc::c_long = 469;

/// Calls that only older architectures have.
#[cfg(target_arch = "x86_64")]
const OLD: &[libc::c_long] =
    &[libc::SYS_chmod, libc::SYS_chown, libc::SYS_lchown, libc::SYS_utime, libc::SYS_utimes, libc::SYS_futimesat];
#[cfg(not(target_arch = "x86_64"))]
const OLD: &[libc::c_long] = &[];

/// The architecture as the filter sees it, where this list of calls has been looked through.
const ARCHITECTURE: Option<u32> = if cfg!(target_arch = "x86_64") {
    Some(0xc000_003e)
} else if cfg!(target_arch = "aarch64") {
    Some(0xc000_00b7)
} else {
    None
};
/// From here on the x32 ABI numbers every call of x86-64 once more. No Debian program uses it.
const X32: u32 = 0x4000_0000;

/// So many numbers are compared one after the other.
const FEW: usize = 3;

// What a filter reads, as `struct seccomp_data` lays it out.
const NUMBER: u32 = 0;
const ARCH: u32 = 4;
const ARGUMENTS: u32 = 16;

/// Refuses them to this process and to whatever it starts, with "not permitted"; programs for another architecture are ended.
/// `truncation` also refuses to empty a file that is opened for reading only, which Landlock did not know before Linux 6.2.
///
/// # Errors
/// The kernel has no filters, or this architecture has no list.
pub(super) fn shut(truncation: bool) -> Result<(), Refusal> {
    apply_filter(&program(truncation)).map_err(|error| match error {
        // The kernel knows no filters.
        Error::Seccomp(error) if matches!(Errno::from_io_error(&error), Some(Errno::NOSYS | Errno::INVAL)) => {
            Refusal::of(Part::Seccomp, 0)
        }
        Error::Prctl(error) | Error::Seccomp(error) => Refusal::because(Part::Seccomp, &error),
        Error::EmptyFilter | Error::Backend(_) | Error::ThreadSync(_) => Refusal::of(Part::Seccomp, 0),
    })
}

/// The kernel walks it once for each system call there is when it is loaded, so that short ways are fast: numbers are searched for by
/// halves.
fn program(truncation: bool) -> Vec<sock_filter> {
    let Some(architecture) = ARCHITECTURE else { return Vec::new() };
    let mut line = Line::default();
    line.load(ARCH).equal(architecture, 1, 0).end(libc::SECCOMP_RET_KILL_PROCESS).load(NUMBER);
    if cfg!(target_arch = "x86_64") {
        line.refuse_from(X32);
    }
    if truncation {
        line.refuse_emptying(libc::SYS_openat, 2);
        #[cfg(target_arch = "x86_64")]
        line.refuse_emptying(libc::SYS_open, 1);
        // Its flags are in memory, where a filter can not look.
        line.refuse(libc::SYS_openat2);
    }
    let mut numbers: Vec<libc::c_long> = REFUSED.iter().chain(OLD).copied().collect();
    numbers.sort_unstable();
    line.search(&numbers);
    line.finish()
}

/// A filter while it is written. Its last instruction refuses.
#[derive(Default)]
struct Line {
    instructions: Vec<sock_filter>,
    /// Those that jump to the last one when they hold.
    refusals: Vec<usize>,
}

impl Line {
    fn push(&mut self, code: u32, jt: u8, jf: u8, k: u32) -> &mut Self {
        // Every code fits: they are at most two digits long.
        self.instructions.push(sock_filter { code: u16::try_from(code).unwrap_or_default(), jt, jf, k });
        self
    }

    fn load(&mut self, offset: u32) -> &mut Self {
        self.push(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, offset)
    }

    fn equal(&mut self, value: u32, jt: u8, jf: u8) -> &mut Self {
        self.push(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, jt, jf, value)
    }

    fn end(&mut self, verdict: u32) -> &mut Self {
        self.push(libc::BPF_RET | libc::BPF_K, 0, 0, verdict)
    }

    fn refuse(&mut self, number: libc::c_long) {
        self.refusals.push(self.instructions.len());
        self.equal(number_of(number), 0, 0);
    }

    /// Refuses these sorted numbers and allows every other one.
    fn search(&mut self, numbers: &[libc::c_long]) {
        let (lower, upper) = numbers.split_at(numbers.len() / 2);
        match upper.first() {
            Some(middle) if numbers.len() > FEW => {
                let fork = self.instructions.len();
                self.push(libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K, 0, 0, number_of(*middle));
                self.search(lower);
                self.jump(fork, self.instructions.len());
                self.search(upper);
            }
            _ => {
                for number in numbers {
                    self.refuse(*number);
                }
                self.end(libc::SECCOMP_RET_ALLOW);
            }
        }
    }

    /// Makes the jump at `from` go to `to` when it holds.
    fn jump(&mut self, from: usize, to: usize) {
        if let Some(jump) = self.instructions.get_mut(from) {
            // A test holds that no line is too long for a jump.
            jump.jt = u8::try_from(to.saturating_sub(from + 1)).unwrap_or(u8::MAX);
        }
    }

    fn refuse_from(&mut self, number: u32) {
        self.refusals.push(self.instructions.len());
        self.push(libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K, 0, 0, number);
    }

    /// Refuses an opening call whose flags, in argument `index`, are for reading only and for emptying; every other one is allowed.
    fn refuse_emptying(&mut self, number: libc::c_long, index: u32) {
        let mask = (libc::O_ACCMODE | libc::O_TRUNC).unsigned_abs();
        self.equal(number_of(number), 0, 4).load(ARGUMENTS + 8 * index);
        self.push(libc::BPF_ALU | libc::BPF_AND | libc::BPF_K, 0, 0, mask);
        self.refuse(libc::c_long::from(libc::O_RDONLY | libc::O_TRUNC));
        self.end(libc::SECCOMP_RET_ALLOW);
    }

    fn finish(mut self) -> Vec<sock_filter> {
        let last = self.instructions.len();
        self.end(libc::SECCOMP_RET_ERRNO | libc::EPERM.unsigned_abs());
        for place in std::mem::take(&mut self.refusals) {
            self.jump(place, last);
        }
        self.instructions
    }
}

fn number_of(number: libc::c_long) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what does not hold fails the test"
)]
#[allow(clippy::disallowed_methods, reason = "tests look at files")]
mod tests {
    use nix::libc;

    use super::program;

    /// What the kernel would say to a call, by the rules of classic BPF.
    fn verdict(filter: &[super::sock_filter], number: libc::c_long, arch: u32, arguments: [u32; 6]) -> u32 {
        let (mut place, mut held) = (0, 0);
        loop {
            let one = &filter[place];
            place += 1;
            match u32::from(one.code) {
                0x20 => {
                    held = match one.k {
                        0 => u32::try_from(number).unwrap(),
                        4 => arch,
                        offset => arguments[(offset as usize - 16) / 8],
                    }
                }
                0x54 => held &= one.k,
                0x15 => place += usize::from(if held == one.k { one.jt } else { one.jf }),
                0x35 => place += usize::from(if held >= one.k { one.jt } else { one.jf }),
                0x06 => return one.k,
                code => panic!("{code:#x}"),
            }
        }
    }

    #[test]
    fn only_what_is_listed_is_refused() {
        let arch = super::ARCHITECTURE.unwrap();
        let refused = libc::SECCOMP_RET_ERRNO | libc::EPERM.unsigned_abs();
        for truncation in [false, true] {
            let filter = program(truncation);
            assert!((30..250).contains(&filter.len()), "{}", filter.len());
            let says = |number| verdict(&filter, number, arch, [0; 6]);
            for number in super::REFUSED.iter().chain(super::OLD) {
                assert_eq!(says(*number), refused, "{number}");
            }
            for number in
                [libc::SYS_read, libc::SYS_openat, libc::SYS_execve, libc::SYS_clone3, libc::SYS_socket, libc::SYS_ftruncate]
            {
                assert_eq!(says(number), libc::SECCOMP_RET_ALLOW, "{number}");
            }
            assert_eq!(verdict(&filter, libc::SYS_read, 0x4000_0003, [0; 6]), libc::SECCOMP_RET_KILL_PROCESS);
            if cfg!(target_arch = "x86_64") {
                assert_eq!(says(libc::SYS_fchmod + 0x4000_0000), refused);
            }
        }
    }

    #[test]
    fn emptying_without_writing_is_refused_where_landlock_does_not_know_it() {
        let arch = super::ARCHITECTURE.unwrap();
        let emptied = |truncation, flags: i32| {
            verdict(&program(truncation), libc::SYS_openat, arch, [0, 0, flags.unsigned_abs(), 0, 0, 0])
                == libc::SECCOMP_RET_ALLOW
        };
        let quiet = libc::O_CLOEXEC | libc::O_RDONLY;
        assert!(
            emptied(true, quiet)
                && emptied(true, quiet | libc::O_TRUNC | libc::O_WRONLY)
                && emptied(false, quiet | libc::O_TRUNC)
        );
        assert!(!emptied(true, quiet | libc::O_TRUNC));
    }
}
