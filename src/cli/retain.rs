//! How long evidence is kept, as it is typed.

use clap::Args;
use jiff::SignedDuration;

use crate::store::RetentionPolicy;

/// The word for no limit.
const FOREVER: &str = "forever";

/// Limits of what is kept.
#[derive(Debug, Clone, Copy, Args)]
pub struct RetainArgs {
    /// Drop evidence that is older, sealing what it says: `30d`, `12h`, `forever`
    #[arg(long, env = "TECRAX_RETAIN", value_name = "AGE", default_value = "30d", value_parser = parse_age)]
    pub retain: Age,
    /// Drop the oldest evidence when the database is larger: `2GiB`, `500MB`, `forever`
    #[arg(long, env = "TECRAX_RETAIN_BYTES", value_name = "SIZE", default_value = "2GiB", value_parser = parse_bytes)]
    pub retain_bytes: Bytes,
}

impl RetainArgs {
    /// As the store takes it.
    pub const fn policy(&self) -> RetentionPolicy {
        RetentionPolicy { max_age: self.retain.0, max_bytes: self.retain_bytes.0 }
    }
}

/// An age; `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Age(pub Option<SignedDuration>);

/// A number of bytes; `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bytes(pub Option<u64>);

/// Reads an age. `0` and `forever` are no limit; otherwise a number and `s`, `m`, `h`, `d` or `w`.
pub fn parse_age(text: &str) -> Result<Age, String> {
    const FORM: &str = "use a number and s, m, h, d or w (`30d`), or `forever`";
    if matches!(text, FOREVER | "0") {
        return Ok(Age(None));
    }
    let (number, unit) = split(text).ok_or(FORM)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        "w" => 7 * 24 * 60 * 60,
        _ => return Err(FORM.to_owned()),
    };
    let seconds = number.checked_mul(seconds).and_then(|seconds| i64::try_from(seconds).ok());
    // Beyond what a calendar holds nothing is ever too old.
    let seconds = seconds.filter(|seconds| *seconds <= 10_000 * 366 * 24 * 60 * 60).ok_or("too long: use `forever`")?;
    if seconds == 0 { Ok(Age(None)) } else { Ok(Age(Some(SignedDuration::from_secs(seconds)))) }
}

/// Reads a size. `0` and `forever` are no limit; otherwise a number, alone or with a unit of bytes.
pub fn parse_bytes(text: &str) -> Result<Bytes, String> {
    const FORM: &str = "use a number of bytes, with kB, MB, GB, TB, KiB, MiB, GiB or TiB (`2GiB`), or `forever`";
    if matches!(text, FOREVER | "0") {
        return Ok(Bytes(None));
    }
    let (number, unit) = split(text).ok_or(FORM)?;
    let unit: u64 = match unit {
        "" => 1,
        "kB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "TB" => 1_000_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "TiB" => 1 << 40,
        _ => return Err(FORM.to_owned()),
    };
    let bytes = number.checked_mul(unit).ok_or("too many bytes: use `forever`")?;
    Ok(Bytes((bytes > 0).then_some(bytes)))
}

/// A number and what follows it.
fn split(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end)?;
    Some((number.parse().ok()?, unit))
}
