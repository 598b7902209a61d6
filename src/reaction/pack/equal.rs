//! Equality of values as conditions mean it.

use serde_json::Value;

use crate::evidence::json::{Json, loosely_equal};

/// Whether two values are equal as in Python: numbers and booleans by value (`1`, `1.0` and `true` are one), at every depth.
pub(super) fn equal(left: &Value, right: &Value) -> bool {
    let same_class = match (left, right) {
        (Value::String(left), Value::String(right)) => return left == right,
        (Value::Array(left), Value::Array(right)) => left.len() == right.len(),
        (Value::Object(left), Value::Object(right)) => left.len() == right.len(),
        (Value::Null, Value::Null) => return true,
        _ => is_numeric(left) && is_numeric(right),
    };
    same_class && loosely_equal(&Json::from(left), &Json::from(right))
}

/// Whether a value counts as a number when it is compared for equality.
const fn is_numeric(value: &Value) -> bool {
    matches!(value, Value::Bool(_) | Value::Number(_))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::equal;

    #[test]
    fn numbers_and_booleans_are_equal_by_value_and_texts_are_not_numbers() {
        for (left, right, same) in [
            (json!(1), json!(true), true),
            (json!(1.0), json!(true), true),
            (json!(0), json!(false), true),
            (json!(2), json!(true), false),
            (json!("1"), json!(1), false),
            (json!(null), json!(0), false),
            (json!(-0.0), json!(0), true),
            (json!(u64::MAX), json!(1.844_674_407_370_955_2e19), false),
            (json!({"k": [1]}), json!({"k": [1.0]}), true),
            (json!([1, 2]), json!([2, 1]), false),
            (json!([]), json!({}), false),
        ] {
            assert_eq!(equal(&left, &right), same, "{left} {right}");
            assert_eq!(equal(&right, &left), same, "{right} {left}");
        }
    }
}
