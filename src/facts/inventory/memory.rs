//! Memory out of `/proc/meminfo`, or out of `free -m` as recorded readings have it; the content says which.

use serde_json::{Value, json};

use crate::facts::number::{clamp_count, integer};
use crate::facts::text::{lines, tokens};

/// KiB in a MiB.
const KIB: i128 = 1024;
/// Label of the line of `free` that counts.
const FREE_LABEL: &str = "Mem:";
/// Key of `/proc/meminfo` that decides the form.
const MEMINFO_TOTAL: &str = "MemTotal:";

#[derive(Default)]
struct Memory {
    total: Option<i128>,
    used: Option<i128>,
    free: Option<i128>,
    shared: Option<i128>,
    buff_cache: Option<i128>,
    available: Option<i128>,
}

/// Memory in MiB; null where unknown.
pub(super) fn mib(text: &str) -> Value {
    let memory = meminfo(text).or_else(|| free(text)).unwrap_or_default();
    json!({
        "total": memory.total.map(clamp_count),
        "used": memory.used.map(clamp_count),
        "free": memory.free.map(clamp_count),
        "shared": memory.shared.map(clamp_count),
        "buff_cache": memory.buff_cache.map(clamp_count),
        "available": memory.available.map(clamp_count),
    })
}

/// `None` when the text has no `MemTotal:` line. Used is what is not available, as procps counts since 4.0; kernels before 3.14
/// do not say what is available, there it is what is neither free nor cache.
fn meminfo(text: &str) -> Option<Memory> {
    let kib = |key: &str| {
        lines(text).find_map(|line| {
            let mut words = tokens(line);
            if words.next()? == key { integer(words.next()?) } else { None }
        })
    };
    let total = kib(MEMINFO_TOTAL)?;
    let (free, available) = (kib("MemFree:"), kib("MemAvailable:"));
    let buff_cache = match (kib("Buffers:"), kib("Cached:")) {
        (Some(buffers), Some(cached)) => {
            Some(buffers.saturating_add(cached).saturating_add(kib("SReclaimable:").unwrap_or_default()))
        }
        _ => None,
    };
    let used = match (available, free, buff_cache) {
        (Some(available), ..) => Some(total.saturating_sub(available)),
        (None, Some(free), Some(cache)) => Some(total.saturating_sub(free).saturating_sub(cache)),
        _ => None,
    };
    let mib = |kib: Option<i128>| kib.map(|kib| kib.div_euclid(KIB));
    Some(Memory {
        total: mib(Some(total)),
        used: mib(used),
        free: mib(free),
        shared: mib(kib("Shmem:")),
        buff_cache: mib(buff_cache),
        available: mib(available),
    })
}

/// The first line that starts with `Mem:` and has three numbers. Its later columns shift between versions and options of
/// `free`, so only the last of the usual seven is read, and neither `shared` nor `buff_cache`.
fn free(text: &str) -> Option<Memory> {
    let line = lines(text).map(|line| tokens(line).take(7).collect::<Vec<_>>());
    let words = line.into_iter().find(|words| words.len() >= 4 && words.first() == Some(&FREE_LABEL))?;
    let number = |column: usize| words.get(column).and_then(|word| integer(word));
    Some(Memory { total: number(1), used: number(2), free: number(3), available: number(6), ..Memory::default() })
}
