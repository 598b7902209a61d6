//! Integers of any size.

use std::cmp::Ordering;
use std::fmt;

/// An integer of any size. Equal integers are equal values, whatever they were made from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Integer(Repr);

/// `Large` holds only what `Small` cannot: decimal digits without leading zeros, after a `-` when negative.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Repr {
    Small(i64),
    Large(Box<str>),
}

impl Integer {
    /// Reads `-?(0|[1-9][0-9]*)`; the caller has checked the form.
    pub(super) fn from_literal(literal: &str) -> Self {
        literal.parse().map_or_else(|_| Self(Repr::Large(literal.into())), |small| Self(Repr::Small(small)))
    }

    /// The value when it fits.
    pub const fn as_i64(&self) -> Option<i64> {
        if let Repr::Small(small) = self.0 { Some(small) } else { None }
    }

    /// The value when it fits.
    pub fn as_u64(&self) -> Option<u64> {
        match &self.0 {
            Repr::Small(small) => u64::try_from(*small).ok(),
            Repr::Large(digits) => digits.parse().ok(),
        }
    }

    /// The decimal digits when the value does not fit into 64 bits with a sign.
    pub(super) fn as_large(&self) -> Option<&str> {
        if let Repr::Large(digits) = &self.0 { Some(digits) } else { None }
    }

    /// Compares with a small number.
    pub fn cmp_i64(&self, other: i64) -> Ordering {
        match &self.0 {
            Repr::Small(small) => small.cmp(&other),
            Repr::Large(digits) if digits.starts_with('-') => Ordering::Less,
            Repr::Large(_) => Ordering::Greater,
        }
    }

    /// Whether `float` is exactly this number.
    pub fn is_float(&self, float: f64) -> bool {
        if float.fract() != 0.0 {
            return false;
        }
        match &self.0 {
            // The digits of a whole float are exact; `-0` is zero.
            Repr::Small(0) => float == 0.0,
            Repr::Small(small) => format!("{float:.0}") == small.to_string(),
            Repr::Large(digits) => format!("{float:.0}") == **digits,
        }
    }
}

impl From<i64> for Integer {
    fn from(value: i64) -> Self {
        Self(Repr::Small(value))
    }
}

impl From<u64> for Integer {
    fn from(value: u64) -> Self {
        Self(i64::try_from(value).map_or_else(|_| Repr::Large(value.to_string().into()), Repr::Small))
    }
}

impl fmt::Display for Integer {
    /// Decimal digits, after a `-` when negative.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Small(small) => small.fmt(f),
            Repr::Large(digits) => f.write_str(digits),
        }
    }
}
