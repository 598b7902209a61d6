//! Equality as Python's `==` sees it, which the verifier of the Python stack uses.

use super::Json;

/// Whether Python holds two values for equal: numbers and booleans by value (`1 == 1.0 == True`), at every depth.
pub fn loosely_equal(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Array(left), Json::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| loosely_equal(left, right))
        }
        (Json::Object(left), Json::Object(right)) => {
            let same = |((left_key, left), (right_key, right)): ((&str, &Json), (&str, &Json))| {
                left_key == right_key && loosely_equal(left, right)
            };
            left.len() == right.len() && left.iter().zip(right.iter()).all(same)
        }
        (Json::Float(left), Json::Float(right)) => left.is_same_number(right.get()),
        (Json::Float(float), other) | (other, Json::Float(float)) => match other {
            Json::Integer(integer) => integer.is_float(float.get()),
            Json::Bool(flag) => float.is_same_number(f64::from(u8::from(*flag))),
            _ => false,
        },
        (Json::Bool(flag), Json::Integer(integer)) | (Json::Integer(integer), Json::Bool(flag)) => {
            integer.as_i64() == Some(i64::from(*flag))
        }
        _ => left == right,
    }
}
