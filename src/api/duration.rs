//! Durations as Kubernetes writes them: the GEP-2257 subset of Go's syntax.

use std::borrow::Cow;
use std::fmt;
use std::time;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// 99999h59m59s999ms.
const MAX_MILLIS: u64 = 100_000 * 3_600_000 - 1;

/// A non-negative duration with millisecond resolution: `5m`, `1h30m`, `250ms`.
///
/// At most `99999h59m59s999ms`, the longest that the canonical text form can write.
///
/// Rule: GEP-2257 (Gateway API). Units are `h m s ms`, at most four groups of at most five digits, no fraction, no sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(u64);

impl Duration {
    /// The pattern of GEP-2257: one to four groups of at most five digits with `h`, `m`, `s` or `ms`.
    pub const PATTERN: &str = "^([0-9]{1,5}(h|m|s|ms)){1,4}$";
    /// What a good one looks like.
    pub const RULE: &str = "write whole numbers with h, m, s or ms, such as 30s, 5m or 1h30m";

    /// From whole seconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds * 1000)
    }

    /// From milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// In milliseconds.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// As the standard library's type.
    pub const fn to_std(self) -> time::Duration {
        time::Duration::from_millis(self.0)
    }

    /// Reads the text form; `None` when it is not in the GEP-2257 subset.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text;
        let mut total = 0_u64;
        let mut groups = 0;
        while !rest.is_empty() {
            groups += 1;
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            if groups > 4 || digits == 0 || digits > 5 {
                return None;
            }
            let (number, tail) = rest.split_at(digits);
            let number: u64 = number.parse().ok()?;
            let (unit, tail) = if let Some(tail) = tail.strip_prefix("ms") {
                (1, tail)
            } else if let Some(tail) = tail.strip_prefix('h') {
                (3_600_000, tail)
            } else if let Some(tail) = tail.strip_prefix('m') {
                (60_000, tail)
            } else {
                (1000, tail.strip_prefix('s')?)
            };
            total += number * unit;
            rest = tail;
        }
        (groups > 0 && total <= MAX_MILLIS).then_some(Self(total))
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        if rest == 0 {
            return f.write_str("0s");
        }
        for (unit, size) in [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)] {
            if rest >= size {
                write!(f, "{}{unit}", rest / size)?;
                rest %= size;
            }
        }
        Ok(())
    }
}

impl Serialize for Duration {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("bad duration `{text}`: {}", Self::RULE)))
    }
}

impl JsonSchema for Duration {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": Self::PATTERN, "maxLength": 28})
    }
}
