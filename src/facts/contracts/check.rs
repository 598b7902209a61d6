//! The vocabulary of shape checks: what a field may hold, and where it stands.

use serde_json::{Map, Value};

/// What a field may hold. A missing key behaves like null.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// Text of at most so many code points.
    Text(usize),
    /// The same, not empty.
    Filled(usize),
    /// Text; not empty when the facts say `complete: true`.
    FilledWhenComplete(usize),
    /// Null, or text that is not empty.
    FilledOrNull(usize),
    /// Null or text.
    TextOrNull(usize),
    /// A boolean.
    Flag,
    /// Null or a boolean.
    FlagOrNull,
    /// Null, a number or a boolean.
    Number,
    /// Null, a whole number of at least 0, or a boolean. `1.0` is not whole.
    Count,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Exactly true.
    True,
}

/// A named field.
pub(super) type Field = (&'static str, Kind);

/// One check of a contract's shape.
#[derive(Debug)]
pub(super) enum Check {
    /// Fields of the root: `invalid_<key>`.
    Root(&'static [Field]),
    /// An object of fields.
    Object {
        /// Keys that lead to it.
        path: &'static [&'static str],
        /// Whether it may be null or missing.
        optional: bool,
        /// Error when it is no object.
        otherwise: &'static str,
        /// Error of a field, before `:<key>`.
        field: &'static str,
        /// Its fields.
        fields: &'static [Field],
    },
    /// A list of objects of fields.
    List {
        /// Key in the root.
        key: &'static str,
        /// Most entries.
        max: usize,
        /// Whether it may be null or missing.
        optional: bool,
        /// Error when it is no list, or too long.
        otherwise: &'static str,
        /// Error of an entry that is no object, and of a field before `:<key>`.
        entry: &'static str,
        /// Fields of an entry.
        fields: &'static [Field],
    },
    /// What no table can say.
    Rule(fn(&Map<String, Value>, &mut Vec<String>)),
}

impl Check {
    /// Adds the errors of `facts`, without the contract's name.
    pub(super) fn run(&self, facts: &Map<String, Value>, errors: &mut Vec<String>) {
        let complete = is_complete(facts);
        match self {
            Self::Root(fields) => {
                let wrong = fields.iter().filter(|(key, kind)| !kind.holds(facts.get(*key), complete));
                errors.extend(wrong.map(|(key, _)| format!("invalid_{key}")));
            }
            Self::Object { path, optional, otherwise, field, fields } => match lookup(facts, path) {
                Some(Value::Object(object)) => check_fields(object, fields, field, complete, errors),
                None | Some(Value::Null) if *optional => {}
                _ => errors.push((*otherwise).to_owned()),
            },
            Self::List { key, max, optional, otherwise, entry, fields } => match facts.get(*key) {
                Some(Value::Array(items)) if items.len() <= *max => {
                    for item in items {
                        match item {
                            Value::Object(object) => check_fields(object, fields, entry, complete, errors),
                            _ => errors.push((*entry).to_owned()),
                        }
                    }
                }
                None | Some(Value::Null) if *optional => {}
                _ => errors.push((*otherwise).to_owned()),
            },
            Self::Rule(rule) => rule(facts, errors),
        }
    }
}

fn check_fields(object: &Map<String, Value>, fields: &[Field], error: &str, complete: bool, errors: &mut Vec<String>) {
    let wrong = fields.iter().filter(|(key, kind)| !kind.holds(object.get(*key), complete));
    errors.extend(wrong.map(|(key, _)| format!("{error}:{key}")));
}

fn lookup<'a>(facts: &'a Map<String, Value>, path: &[&str]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(facts.get(*first)?, |value, key| value.get(*key))
}

/// Whether the facts say that nothing is missing.
pub(super) fn is_complete(facts: &Map<String, Value>) -> bool {
    facts.get("complete") == Some(&Value::Bool(true))
}

impl Kind {
    /// Whether `value` fits. `complete` is what the facts say of themselves.
    pub(super) fn holds(self, value: Option<&Value>, complete: bool) -> bool {
        let value = value.unwrap_or(&Value::Null);
        match self {
            Self::Text(max) => text_within(value, max, false),
            Self::Filled(max) => text_within(value, max, true),
            Self::FilledWhenComplete(max) => text_within(value, max, complete),
            Self::FilledOrNull(max) => value.is_null() || text_within(value, max, true),
            Self::TextOrNull(max) => value.is_null() || text_within(value, max, false),
            Self::Flag => value.is_boolean(),
            Self::FlagOrNull => value.is_null() || value.is_boolean(),
            Self::Number => value.is_null() || value.is_boolean() || value.is_number(),
            Self::Count => value.is_null() || value.is_boolean() || value.is_u64(),
            Self::Word(words) => value.as_str().is_some_and(|word| words.contains(&word)),
            Self::True => value == &Value::Bool(true),
        }
    }
}

fn text_within(value: &Value, max: usize, filled: bool) -> bool {
    value.as_str().is_some_and(|text| text.chars().count() <= max && !(filled && text.is_empty()))
}
