//! Equality of JSON values as the recordings mean it: key order is irrelevant, list order matters, `1` is not `1.0`, and `-0.0` is
//! not `0.0`.

use serde_json::{Number, Value};

/// Most characters of a value in a message.
const SHOWN_MAX: usize = 160;

/// Whether two values are the same.
pub fn same(left: &Value, right: &Value) -> bool {
    differences(left, right).is_empty()
}

/// Every place where `actual` is not `expected`.
pub fn differences(expected: &Value, actual: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare(expected, actual, "", &mut found);
    found
}

fn compare(expected: &Value, actual: &Value, at: &str, found: &mut Vec<String>) {
    match (expected, actual) {
        (Value::Object(left), Value::Object(right)) => {
            for (key, value) in left {
                match right.get(key) {
                    Some(other) => compare(value, other, &format!("{at}/{key}"), found),
                    None => found.push(format!("{at}/{key} is absent")),
                }
            }
            let more = right.keys().filter(|key| !left.contains_key(*key));
            found.extend(more.map(|key| format!("{at}/{key} should not be there")));
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (i, (value, other)) in left.iter().zip(right).enumerate() {
                compare(value, other, &format!("{at}/{i}"), found);
            }
        }
        (Value::Number(left), Value::Number(right)) if same_number(left, right) => {}
        (Value::Number(_), Value::Number(_)) => found.push(difference(expected, actual, at)),
        _ if expected == actual => {}
        _ => found.push(difference(expected, actual, at)),
    }
}

fn same_number(left: &Number, right: &Number) -> bool {
    left.is_f64() == right.is_f64()
        && if left.is_f64() { left.as_f64().map(f64::to_bits) == right.as_f64().map(f64::to_bits) } else { left == right }
}

fn difference(expected: &Value, actual: &Value, at: &str) -> String {
    let short = |value: &Value| value.to_string().chars().take(SHOWN_MAX).collect::<String>();
    format!("{at}: expected {}, got {}", short(expected), short(actual))
}
