//! System calls that change the machine and that neither Landlock nor the lack of privileges stops: mounts, modules, clocks and
//! names need a capability that no command has.

use std::collections::BTreeMap;

use nix::libc;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen as Len, SeccompCmpOp as Op, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter,
};

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
const OLD: &[libc::c_long] = &[
    libc::SYS_chmod,
    libc::SYS_chown,
    libc::SYS_lchown,
    libc::SYS_utime,
    libc::SYS_utimes,
    libc::SYS_futimesat,
    // ptrace, process_vm_readv and process_vm_writev, which the x32 ABI numbers anew.
    521,
    539,
    540,
];
#[cfg(not(target_arch = "x86_64"))]
const OLD: &[libc::c_long] = &[];

/// The bit that the x32 ABI adds to every number; the filter sees it as the same architecture.
#[cfg(target_arch = "x86_64")]
const X32: Option<libc::c_long> = Some(0x4000_0000);
#[cfg(not(target_arch = "x86_64"))]
const X32: Option<libc::c_long> = None;

/// Refuses them to this process and to whatever it starts, with "not permitted". `truncation` also refuses to empty a file that is
/// opened for reading only, which Landlock did not know before Linux 6.2.
pub(super) fn shut(truncation: bool) -> Result<(), seccompiler::Error> {
    apply_filter(&program(truncation)?)
}

fn program(truncation: bool) -> Result<BpfProgram, seccompiler::Error> {
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    for number in REFUSED.iter().chain(OLD) {
        rules.insert(*number, Vec::new());
    }
    if truncation {
        // Its flags are in memory, where a filter can not look.
        rules.insert(libc::SYS_openat2, Vec::new());
        rules.insert(libc::SYS_openat, vec![empties(2)?]);
        #[cfg(target_arch = "x86_64")]
        rules.insert(libc::SYS_open, vec![empties(1)?]);
    }
    if let Some(bit) = X32 {
        let again: Vec<_> = rules.iter().map(|(number, rule)| (number | bit, rule.clone())).collect();
        rules.extend(again);
    }
    let refusal = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    Ok(SeccompFilter::new(rules, SeccompAction::Allow, refusal, arch)?.try_into()?)
}

/// Opens for reading only, and empties: flags in argument `index`.
fn empties(index: u8) -> Result<SeccompRule, seccompiler::Error> {
    let mask = u64::from((libc::O_ACCMODE | libc::O_TRUNC).unsigned_abs());
    let value = u64::from((libc::O_RDONLY | libc::O_TRUNC).unsigned_abs());
    Ok(SeccompRule::new(vec![SeccompCondition::new(index, Len::Dword, Op::MaskedEq(mask), value)?])?)
}

#[cfg(test)]
mod tests {
    #[test]
    fn both_filters_can_be_made_and_fit() {
        for truncation in [false, true] {
            let program = super::program(truncation).unwrap();
            assert!((60..4096).contains(&program.len()), "{}", program.len());
        }
    }
}
