//! How many updates wait, out of `apt-check`.
//!
//! Its bare form prints `total;security` (on standard error). Its sentences changed between releases and have a singular; they
//! are read as a fallback.

use serde_json::{Value, json};

use crate::facts::number::{clamp_count, float, integer};
use crate::facts::text::{collapse, lower, tokens, trim};

/// Characters of the output that are read.
const TEXT_MAX: usize = 256;
/// Words after a number that are compared with a wording.
const WINDOW: usize = 8;

/// Continuations of a number that count every update.
const TOTAL: [&str; 6] = [
    "packages can be updated",
    "package can be updated",
    "updates can be applied immediately",
    "update can be applied immediately",
    "updates can be installed immediately",
    "update can be installed immediately",
];
/// Continuations of a number that count security updates.
const SECURITY: [&str; 6] = [
    "updates are security updates",
    "update is a security update",
    "of these updates are security updates",
    "of these updates is a security update",
    "of these updates are standard security updates",
    "of these updates is a standard security update",
];

/// Updates that wait.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Updates {
    regular: i128,
    security: i128,
}

impl Updates {
    /// `None` unless both numbers are there.
    pub(super) fn read(stdout: &str, stderr: &str) -> Option<Self> {
        let text = collapse(&format!("{stdout}\n{stderr}"), TEXT_MAX);
        if text.contains(';') { pair(&text) } else { sentences(&text) }
    }

    fn of(total: &str, security: &str) -> Option<Self> {
        let (whole, part) = (integer(total)?, integer(security)?);
        // Beyond 128 bits both saturate and their difference would be 0; there the order of magnitude is what matters.
        let enormous = whole == i128::MAX && float(total) > float(security);
        let regular = if enormous { i128::MAX } else { whole.saturating_sub(part) };
        Some(Self { regular, security: part })
    }

    /// Security updates, at least 0.
    pub(super) fn security(&self) -> i128 {
        self.security.max(0)
    }
}

fn pair(text: &str) -> Option<Updates> {
    let mut parts = text.split(';').map(trim);
    Updates::of(parts.next()?, parts.next()?)
}

fn sentences(text: &str) -> Option<Updates> {
    let text = lower(text);
    // Only the full stop that ends a word goes: `3.5` and `1.204` are no counts that anybody can be sure of.
    let words: Vec<&str> = tokens(&text).map(|word| word.trim_end_matches('.')).collect();
    let (mut total, mut security) = (None, None);
    for (i, word) in words.iter().enumerate() {
        if integer(word).is_none() {
            continue;
        }
        let rest: Vec<&str> = words.iter().skip(i + 1).take(WINDOW).copied().collect();
        let rest = rest.join(" ");
        let says = |wording: &&str| rest.starts_with(*wording);
        if TOTAL.iter().any(says) {
            total = Some(*word);
        }
        if SECURITY.iter().any(says) {
            security = Some(*word);
        }
    }
    Updates::of(total?, security?)
}

/// The object that facts carry; `unknown: 1` with nulls when nothing is known.
pub(super) fn facts(updates: Option<&Updates>) -> Value {
    match updates {
        None => json!({"regular": null, "security": null, "held_back_or_blocked": null, "unknown": 1}),
        Some(updates) => json!({
            "regular": clamp_count(updates.regular),
            "security": clamp_count(updates.security),
            "held_back_or_blocked": null,
            "unknown": 0,
        }),
    }
}
