//! How Python turns a JSON value into text and whole numbers, because the verdict of its verifier hangs on it.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::python;
use crate::evidence::json::Json;
use crate::facts::number;

/// `str(value or '')`: nothing for what is absent or falsy.
pub(super) fn text(value: Option<&Json>) -> Cow<'_, str> {
    match value.filter(|value| value.is_truthy()) {
        None => Cow::Borrowed(""),
        Some(Json::Text(text)) => Cow::Borrowed(text),
        Some(other) => Cow::Owned(python::text_of(other)),
    }
}

/// `bool(value)`.
pub(super) fn truthy(value: Option<&Json>) -> bool {
    value.is_some_and(Json::is_truthy)
}

/// A whole number of any size, to be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Whole {
    negative: bool,
    /// Decimal digits without leading zeros; `0` for zero.
    digits: String,
}

impl Whole {
    /// `int(value)`: floats are cut, booleans are 0 and 1, texts are read; `None` where Python raises. Texts beyond 128 bits
    /// saturate.
    pub(super) fn of(value: &Json) -> Option<Self> {
        match value {
            Json::Bool(flag) => Some(Self::from(i128::from(*flag))),
            Json::Integer(integer) => Some(Self::signed(&integer.to_string())),
            Json::Float(float) => Some(Self::signed(&format!("{:.0}", float.get().trunc()))),
            Json::Text(text) => number::integer(text).map(Self::from),
            Json::Null | Json::Array(_) | Json::Object(_) => None,
        }
    }

    fn signed(text: &str) -> Self {
        let digits = text.strip_prefix('-').unwrap_or(text);
        Self { negative: digits != text && digits != "0", digits: digits.to_owned() }
    }
}

impl From<i128> for Whole {
    fn from(value: i128) -> Self {
        Self::signed(&value.to_string())
    }
}

impl PartialOrd for Whole {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Whole {
    fn cmp(&self, other: &Self) -> Ordering {
        let size = (self.digits.len(), &self.digits).cmp(&(other.digits.len(), &other.digits));
        match (self.negative, other.negative) {
            (false, false) => size,
            (true, true) => size.reverse(),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}
