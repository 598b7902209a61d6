//! Values out of other values.

use std::borrow::Cow;

use serde_json::Value;

use super::{Finite, Integer, Json, Object};

impl From<bool> for Json {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<i64> for Json {
    fn from(value: i64) -> Self {
        Self::Integer(value.into())
    }
}

impl From<i32> for Json {
    fn from(value: i32) -> Self {
        Self::from(i64::from(value))
    }
}

impl From<u32> for Json {
    fn from(value: u32) -> Self {
        Self::from(i64::from(value))
    }
}

impl From<u64> for Json {
    fn from(value: u64) -> Self {
        Self::Integer(value.into())
    }
}

impl From<Finite> for Json {
    fn from(value: Finite) -> Self {
        Self::Float(value)
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Vec<Self>> for Json {
    fn from(items: Vec<Self>) -> Self {
        Self::Array(items)
    }
}

impl From<Object> for Json {
    fn from(object: Object) -> Self {
        Self::Object(object)
    }
}

impl<T: Into<Self>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<T: Into<Self>> FromIterator<T> for Json {
    /// A list.
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self::Array(items.into_iter().map(Into::into).collect())
    }
}

impl<K: Into<Cow<'static, str>>, V: Into<Self>, const N: usize> From<[(K, V); N]> for Json {
    /// An object; of equal keys the last one counts.
    fn from(members: [(K, V); N]) -> Self {
        Self::Object(members.into())
    }
}

/// Integers stay integers, floats stay floats. `serde_json` holds no other number: its floats are finite.
impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        Self::from(value.clone())
    }
}

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Bool(flag),
            Value::Number(number) => {
                let integer = number.as_i64().map(Integer::from).or_else(|| number.as_u64().map(Integer::from));
                let float = || number.as_f64().and_then(Finite::new);
                integer.map(Self::Integer).or_else(|| float().map(Self::Float)).unwrap_or(Self::Null)
            }
            Value::String(text) => Self::Text(text),
            Value::Array(items) => items.into_iter().map(Self::from).collect(),
            Value::Object(members) => Self::Object(members.into_iter().collect()),
        }
    }
}
