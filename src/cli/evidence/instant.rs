//! Instants as people type them.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::super::exit::{Exit, Failure};

/// Longest text of an instant.
const MAX_LEN: usize = 64;
/// Longest span: a thousand years.
const MAX_SPAN_SECONDS: i64 = 1000 * 366 * 86_400;

/// Which end of a period an instant is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The first instant inside.
    From,
    /// The first instant outside.
    To,
}

/// A half-open period: `from` is inside, `to` is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// First instant inside.
    pub from: Timestamp,
    /// First instant outside.
    pub to: Timestamp,
}

impl Period {
    /// Reads both ends; what is not given is open.
    ///
    /// # Errors
    /// [`Exit::Config`] when an end can not be read or the period is empty.
    pub fn read(from: Option<&str>, to: Option<&str>, now: Timestamp) -> Result<Self, Failure> {
        let period = Self {
            from: from.map_or(Ok(Timestamp::MIN), |text| instant(text, End::From, now))?,
            to: to.map_or(Ok(Timestamp::MAX), |text| instant(text, End::To, now))?,
        };
        if period.from >= period.to {
            return Err(Failure::new(Exit::Config, format!("nothing lies between {} and {}", period.from, period.to))
                .help("the start must be before the end"));
        }
        Ok(period)
    }

    /// Whether `at` is inside.
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }
}

/// Reads RFC 3339, a date (midnight UTC; as an end, the midnight after it), or a span back from `now`.
fn instant(text: &str, end: End, now: Timestamp) -> Result<Timestamp, Failure> {
    let bad = || {
        Failure::new(Exit::Config, format!("`{}` is no instant", shown(text)))
            .help("write 2026-03-01T12:00:00Z, a date such as 2026-03-01 (UTC), or a span back such as 7d or 12h")
    };
    if text.len() > MAX_LEN {
        return Err(bad());
    }
    if let Some(span) = span(text) {
        return now.checked_sub(span).map_err(|_| bad());
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    // `Date` also reads the beginning of longer texts.
    let date: Date = text.parse().ok().filter(|_| text.len() == 10).ok_or_else(bad)?;
    let date = if end == End::To { date.checked_add(1.day()).map_err(|_| bad())? } else { date };
    date.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp()).map_err(|_| bad())
}

/// Reads a span such as `30d`, `12h` or `1d12h`.
fn span(text: &str) -> Option<SignedDuration> {
    if text.is_empty() || text.len() > MAX_LEN {
        return None;
    }
    let mut seconds: i64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let (number, unit, after) = number_and_unit(rest)?;
        let unit = match unit {
            "w" => 7 * 86_400,
            "d" => 86_400,
            "h" => 3600,
            "m" => 60,
            "s" => 1,
            _ => return None,
        };
        seconds = i64::try_from(number).ok()?.checked_mul(unit)?.checked_add(seconds).filter(|sum| *sum <= MAX_SPAN_SECONDS)?;
        rest = after;
    }
    Some(SignedDuration::from_secs(seconds))
}

/// Digits, the letters after them, and the rest.
fn number_and_unit(text: &str) -> Option<(u64, &str, &str)> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, rest) = text.split_at_checked(digits)?;
    let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (unit, rest) = rest.split_at_checked(letters)?;
    Some((number.parse().ok()?, unit, rest))
}

fn shown(text: &str) -> String {
    text.chars().take(MAX_LEN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-03-31T12:00:00Z".parse().unwrap_or(Timestamp::MIN)
    }

    fn period(from: &str, to: &str) -> Option<String> {
        Period::read(Some(from), Some(to), now()).ok().map(|period| format!("{} {}", period.from, period.to))
    }

    #[test]
    fn instants_have_three_forms() {
        for (from, to, both) in [
            ("2026-03-01", "2026-03-31", Some("2026-03-01T00:00:00Z 2026-04-01T00:00:00Z")),
            ("2026-03-01T10:00:00+02:00", "2026-03-01T08:00:01Z", Some("2026-03-01T08:00:00Z 2026-03-01T08:00:01Z")),
            ("7d", "1d12h", Some("2026-03-24T12:00:00Z 2026-03-30T00:00:00Z")),
            ("2026-03-02", "2026-03-01", None),
            ("7x", "1d", None),
            ("d", "1d", None),
            ("7", "1d", None),
            ("-7d", "1d", None),
            ("2026-02-30", "1d", None),
            ("2026-03-01 12:00", "1d", None),
            ("99999999999999999999d", "1d", None),
            ("999999999d", "1d", None),
            ("yesterday", "1d", None),
            ("", "1d", None),
        ] {
            assert_eq!(period(from, to).as_deref(), both, "{from} {to}");
        }
    }
}
