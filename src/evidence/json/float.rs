//! Finite floats and their decimal form.

use std::cmp::Ordering;
use std::fmt::{self, Write as _};

/// A float that is neither infinite nor NaN. Equality is that of its bits, so `-0.0` is not `0.0`.
#[derive(Debug, Clone, Copy)]
pub struct Finite(f64);

impl Finite {
    /// `None` for infinities and NaN.
    pub const fn new(value: f64) -> Option<Self> {
        if value.is_finite() { Some(Self(value)) } else { None }
    }

    /// The float.
    pub const fn get(self) -> f64 {
        self.0
    }

    /// Whether both are the same number: `-0.0` is `0.0`, and nothing else is rounded.
    pub fn is_same_number(self, other: f64) -> bool {
        self.0.partial_cmp(&other) == Some(Ordering::Equal)
    }
}

impl PartialEq for Finite {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

impl Eq for Finite {}

/// Longest text in scientific form: a sign, 17 digits, a point, `e`, a sign and 3 digits.
const SCIENTIFIC_MAX: usize = 24;

/// Digits of which two different texts may read back as one float. All texts of fewer digits are different floats.
const AMBIGUOUS: usize = 16;

/// The shortest digits that read back as a float, of these the nearest, of two equally near the even one: `d.ddd × 10^exponent`.
pub(super) struct Shortest {
    text: [u8; SCIENTIFIC_MAX],
    used: usize,
}

/// The parts of [`Shortest`]: the sign, the first digit, the other digits, the exponent.
pub(super) struct Parts<'a> {
    /// Whether a `-` goes first.
    pub(super) negative: bool,
    /// The digit before the point.
    pub(super) first: &'a [u8],
    /// The digits after the point, without trailing zeros; empty for none.
    pub(super) rest: &'a [u8],
    /// The decimal exponent.
    pub(super) exponent: i32,
}

impl Shortest {
    pub(super) fn of(value: Finite) -> Self {
        let shortest = Self::written(format_args!("{:e}", value.get()));
        let parts = shortest.parts();
        let digits = parts.first.len() + parts.rest.len();
        if digits < AMBIGUOUS {
            return shortest;
        }
        // The standard library rounds up between two equally near texts (92063937387631.125), Python to the even digit. With a
        // given number of digits the library rounds to the even one too.
        let nearest = Self::written(format_args!("{:.*e}", digits - 1, value.get()));
        let reads_back = |text: &str| text.parse().ok().and_then(Finite::new) == Some(value);
        if nearest.text() != shortest.text() && reads_back(nearest.text()) { nearest } else { shortest }
    }

    fn written(text: fmt::Arguments<'_>) -> Self {
        let mut written = Self { text: [0; SCIENTIFIC_MAX], used: 0 };
        let _ = written.write_fmt(text);
        written
    }

    fn text(&self) -> &str {
        std::str::from_utf8(self.text.get(..self.used).unwrap_or_default()).unwrap_or_default()
    }

    pub(super) fn parts(&self) -> Parts<'_> {
        let text = self.text.get(..self.used).unwrap_or_default();
        let (negative, text) = text.strip_prefix(b"-").map_or((false, text), |rest| (true, rest));
        let split = text.iter().position(|byte| *byte == b'e').unwrap_or(text.len());
        let (mantissa, exponent) = text.split_at_checked(split).unwrap_or_default();
        let (first, rest) = mantissa.split_at_checked(1).unwrap_or_default();
        let exponent = exponent.strip_prefix(b"e").and_then(|digits| std::str::from_utf8(digits).ok());
        Parts {
            negative,
            first,
            rest: rest.strip_prefix(b".").unwrap_or_default(),
            exponent: exponent.and_then(|digits| digits.parse().ok()).unwrap_or_default(),
        }
    }
}

impl fmt::Write for Shortest {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.used.saturating_add(text.len());
        self.text.get_mut(self.used..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.used = end;
        Ok(())
    }
}
