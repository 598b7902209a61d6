//! The root filesystem out of `df -P`.
//!
//! Devices and mount points may hold spaces and a long device may stand on a line of its own, so a row is found by its
//! capacity column followed by an absolute mount point, not by counting words from the left.

use serde_json::{Value, json};

use crate::facts::number::{clamp_count, integer, round};
use crate::facts::text::{collapse, lines, tokens};

/// Largest device or mount point.
const NAME_MAX: usize = 128;
/// Largest capacity text.
const CAPACITY_MAX: usize = 16;
/// Decimals of a share.
const PERCENT_DECIMALS: usize = 2;
/// Columns before the capacity: device, blocks, used, available.
const BEFORE_CAPACITY: usize = 4;

#[derive(Default)]
struct Row {
    device: String,
    blocks: Option<u64>,
    used: Option<u64>,
    available: Option<u64>,
    capacity: String,
    mounted_on: String,
}

/// The filesystem mounted on `/`; if no row says so, what the last row says.
pub(super) fn root(text: &str) -> Value {
    let row = pick(text).unwrap_or_default();
    let share = |part: Option<u64>| Some(percent(part?, row.used?.checked_add(row.available?)?)).flatten();
    json!({
        "filesystem": row.device,
        "blocks_1024": row.blocks,
        "used_1024": row.used,
        "available_1024": row.available,
        "capacity": row.capacity,
        "mounted_on": row.mounted_on,
        "used_percent": share(row.used),
        "available_percent": share(row.available),
    })
}

/// The share of what a plain user can fill; `None` of nothing.
#[expect(clippy::cast_precision_loss, reason = "counts end at 10^12, far below 2^53")]
fn percent(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| round(part as f64 / whole as f64 * 100.0, PERCENT_DECIMALS))
}

fn pick(text: &str) -> Option<Row> {
    let mut last = None;
    let mut previous: Vec<&str> = Vec::new();
    // The first line is the header, whatever it says.
    for line in lines(text).filter(|line| tokens(line).next().is_some()).skip(1) {
        let words: Vec<&str> = tokens(line).collect();
        let row = match capacity_column(&words) {
            Some(column) if column == BEFORE_CAPACITY - 1 && !previous.is_empty() => {
                let joined: Vec<&str> = previous.iter().chain(&words).copied().collect();
                Row::split(&joined, column + previous.len())
            }
            Some(column) if column >= BEFORE_CAPACITY => Row::split(&words, column),
            _ => Row::split(&words, BEFORE_CAPACITY),
        };
        match row {
            Some(row) if row.mounted_on == "/" => return Some(row),
            Some(row) => {
                last = Some(row);
                previous.clear();
            }
            None => previous = words,
        }
    }
    last
}

/// Where the capacity stands: a percentage or a dash after three counts or dashes, followed by an absolute path. Devices and mount
/// points may hold a share too (`//nas/50% full`).
fn capacity_column(words: &[&str]) -> Option<usize> {
    let share = |word: &str| word.ends_with('%') || word == "-";
    let count = |word: &str| word == "-" || integer(word).is_some();
    let first = words.windows(BEFORE_CAPACITY + 1).position(|five| match five {
        [blocks, used, available, capacity, mount] => {
            count(blocks) && count(used) && count(available) && share(capacity) && mount.starts_with('/')
        }
        _ => false,
    });
    first.map(|blocks| blocks + BEFORE_CAPACITY - 1)
}

impl Row {
    fn split(words: &[&str], column: usize) -> Option<Self> {
        let (before, [capacity, mount @ ..]) = words.split_at_checked(column)? else { return None };
        let (device, [blocks, used, available]) = before.split_at_checked(column.checked_sub(3)?)? else { return None };
        if device.is_empty() || mount.is_empty() {
            return None;
        }
        let count = |word: &str| integer(word).map(clamp_count);
        Some(Self {
            device: collapse(&device.join(" "), NAME_MAX),
            blocks: count(blocks),
            used: count(used),
            available: count(available),
            capacity: collapse(capacity, CAPACITY_MAX),
            mounted_on: collapse(&mount.join(" "), NAME_MAX),
        })
    }
}
