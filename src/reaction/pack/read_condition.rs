//! A condition as written.

use super::condition::{Condition, Operator};
use super::fault::{Fault, Faults};
use super::fields::Fields;
use super::order::Numeric;
use crate::source::Located;

/// Longest path, in characters.
const MAX_PATH: usize = 256;
/// Longest word, in characters.
const MAX_WORD: usize = 32;
/// Where every path begins.
const ROOT: &str = "facts.";

pub(super) fn condition(faults: &Faults, value: &Located, label: String) -> Result<Condition, Fault> {
    let fields = Fields::of(faults, Some(value), value, label, &["path", "operator", "value"])?;
    let path = fields.text("path", MAX_PATH)?;
    if !path.starts_with(ROOT) || path.contains("..") {
        return Err(fields.fault("path", "must start with facts."));
    }
    let operator = fields.word("operator", MAX_WORD, Operator::parse, Operator::ALL.map(Operator::as_str))?;
    let given = fields.get("value");
    if operator != Operator::Exists && given.is_none() {
        return Err(fields.fault("value", "is required"));
    }
    let value = given.map(Located::json).unwrap_or_default();
    if operator == Operator::In && !value.is_array() {
        return Err(fields.fault("value", "must be a list for in"));
    }
    if operator.is_order() && Numeric::written(&value).is_none() {
        return Err(fields.fault("value", "must be numeric"));
    }
    Ok(Condition::new(path, operator, value))
}
