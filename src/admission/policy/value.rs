//! Values as conditions compare them: `1`, `1.0` and `true` are one, `"1"` is another; lists are ordered, maps are not.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};

use crate::api::ascii_number;

/// Deepest nesting of a pack, a request or a context.
pub const MAX_DEPTH: usize = 64;

/// A value of which equal ones are equal in the sense of conditions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Comparable {
    Null,
    /// Booleans and numbers without a fraction.
    Whole(i128),
    /// The bits of any other number.
    Float(u64),
    Text(String),
    List(Vec<Self>),
    Map(BTreeMap<String, Self>),
}

impl Comparable {
    /// Of a value within [`MAX_DEPTH`].
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Whole(i128::from(*flag)),
            Value::Number(number) => Self::number(number),
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(items) => Self::List(items.iter().map(Self::of).collect()),
            Value::Object(map) => Self::Map(map.iter().map(|(key, item)| (key.clone(), Self::of(item))).collect()),
        }
    }

    fn number(number: &Number) -> Self {
        if let Some(whole) = number.as_i128() {
            return Self::Whole(whole);
        }
        let float = number.as_f64().unwrap_or_default();
        // Beyond 128 bits no whole number of JSON is left that a float could equal.
        #[expect(clippy::cast_possible_truncation, reason = "the fraction is zero; what is out of range is not taken")]
        let whole = float as i128;
        if float.fract() == 0.0 && float.abs() < 1e38 { Self::Whole(whole) } else { Self::Float(float.to_bits()) }
    }
}

/// What Python holds for true: not null, false, zero or empty.
pub(super) fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
    }
}

/// A text, or a scalar that stands for one (`1`, `true`). Nothing, zero, false, lists and maps are the empty text.
pub(super) fn text(value: Option<&Value>) -> String {
    match value {
        Some(value) if !truthy(value) => String::new(),
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) => ascii_number(number),
        Some(Value::Bool(_)) => "True".to_owned(),
        _ => String::new(),
    }
}

/// The first of several members that is a text in the sense of [`text`].
pub(super) fn first_text(map: &Map<String, Value>, keys: &[&str]) -> Option<String> {
    keys.iter().map(|key| text(map.get(*key))).find(|text| !text.is_empty())
}

/// Whether a value is nested deeper than [`MAX_DEPTH`].
pub(super) fn too_deep(value: &Value) -> bool {
    let mut open = vec![(value, 0_usize)];
    while let Some((value, depth)) = open.pop() {
        if depth > MAX_DEPTH {
            return true;
        }
        match value {
            Value::Array(items) => open.extend(items.iter().map(|item| (item, depth + 1))),
            Value::Object(map) => open.extend(map.values().map(|item| (item, depth + 1))),
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn equality_is_that_of_conditions() {
        let same = |left: Value, right: Value| Comparable::of(&left) == Comparable::of(&right);
        assert!(
            same(json!(1), json!(1.0))
                && same(json!(true), json!(1))
                && same(json!(0), json!(-0.0))
                && same(json!(false), json!(0))
        );
        assert!(same(json!([1, {"a": 2.0}]), json!([true, {"a": 2}])) && same(json!(1e300), json!(1e300)));
        assert!(!same(json!(1), json!("1")) && !same(json!([1, 2]), json!([2, 1])) && !same(json!(null), json!(0)));
        assert!(!same(json!(u64::MAX), json!(18_446_744_073_709_551_615.0)) && !same(json!(0.5), json!(0.25)));
    }
}
