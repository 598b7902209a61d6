//! The value.

use super::{Finite, Integer, Object};

/// A JSON value. Equality is exact in kind: `1` is not `1.0` and `-0.0` is not `0.0`, because their bytes differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number without fraction and exponent.
    Integer(Integer),
    /// Any other number.
    Float(Finite),
    /// A text.
    Text(String),
    /// A list.
    Array(Vec<Json>),
    /// An object.
    Object(Object),
}

impl Json {
    /// The member `key`; `None` when this is no object or has no such member.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_object()?.get(key)
    }

    /// The member of a member and so on, through objects only.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |value, key| value.get(key))
    }

    /// The text at `path`; `None` when there is none or it is something else.
    pub fn text_at(&self, path: &[&str]) -> Option<&str> {
        self.at(path)?.as_str()
    }

    /// The text, when this is one.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The boolean, when this is one.
    pub const fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(flag) = self { Some(*flag) } else { None }
    }

    /// The integer, when this is one.
    pub const fn as_integer(&self) -> Option<&Integer> {
        if let Self::Integer(integer) = self { Some(integer) } else { None }
    }

    /// The integer, when this is one between 0 and 2⁶⁴ − 1.
    pub fn as_u64(&self) -> Option<u64> {
        self.as_integer()?.as_u64()
    }

    /// The object, when this is one.
    pub const fn as_object(&self) -> Option<&Object> {
        if let Self::Object(object) = self { Some(object) } else { None }
    }

    /// The object to change, when this is one.
    pub const fn as_object_mut(&mut self) -> Option<&mut Object> {
        if let Self::Object(object) = self { Some(object) } else { None }
    }

    /// The items, when this is a list.
    pub fn as_array(&self) -> Option<&[Self]> {
        if let Self::Array(items) = self { Some(items) } else { None }
    }

    /// Whether this is `null`.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// What Python holds for true: not `null`, `false`, zero or empty.
    pub fn is_truthy(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(flag) => *flag,
            Self::Integer(integer) => integer.as_i64() != Some(0),
            Self::Float(float) => float.get() != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::Array(items) => !items.is_empty(),
            Self::Object(object) => !object.is_empty(),
        }
    }

    /// The name of the kind in schemas and messages: `object`, `array`, `string`, `integer`, `number`, `boolean` or `null`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Integer(_) => "integer",
            Self::Float(_) => "number",
            Self::Text(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }
}
