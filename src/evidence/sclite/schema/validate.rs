//! The check of one value against one rule. The order of the questions is part of the format.

use super::super::python::{repr, repr_list};
use super::error::SchemaError;
use super::rule::{Bounds, Constant, Pattern, Rule};
use crate::evidence::json::{Json, Object, loosely_equal};

/// Most characters of a value in a message.
const SHOWN_MAX: usize = 200;
/// Hex digits of a digest.
const HEX_DIGITS: usize = 64;

/// Reports the first failure. Rules are nested a few levels deep, and so is this.
pub(super) fn check(value: &Json, rule: &Rule, path: &str) -> Result<(), SchemaError> {
    let fail = |problem: String| Err(SchemaError::at(path, &problem));
    if let Some(constant) = rule.constant
        && !loosely_equal(value, &constant.value())
    {
        return fail(format!("expected const {}, got {}", repr(&constant.value()), shown(value)));
    }
    if !rule.one_of.is_empty() && !value.as_str().is_some_and(|text| rule.one_of.contains(&text)) {
        return fail(format!("expected one of {}, got {}", repr_list(rule.one_of.iter().copied()), shown(value)));
    }
    if !rule.kinds.is_empty() && !rule.kinds.contains(&value.kind()) {
        return fail(format!("expected {}, got {}", repr_list(rule.kinds.iter().copied()), value.kind()));
    }
    match value {
        Json::Text(text) => check_text(text, rule, path),
        Json::Integer(integer) => {
            if rule.range.min.is_some_and(|min| integer.cmp_i64(min).is_lt()) {
                return fail(format!("expected minimum {}", rule.range.min.unwrap_or_default()));
            }
            if rule.range.max.is_some_and(|max| integer.cmp_i64(max).is_gt()) {
                return fail(format!("expected maximum {}", rule.range.max.unwrap_or_default()));
            }
            Ok(())
        }
        Json::Object(object) => check_object(object, rule, path),
        Json::Array(items) => {
            check_bounds(items.len(), rule.count, "Items", path)?;
            let Some(rule) = rule.items else { return Ok(()) };
            let mut items = items.iter().enumerate();
            items.try_for_each(|(index, item)| check(item, rule, &format!("{path}[{index}]")))
        }
        Json::Null | Json::Bool(_) | Json::Float(_) => Ok(()),
    }
}

fn check_text(text: &str, rule: &Rule, path: &str) -> Result<(), SchemaError> {
    if rule.length.min.is_some() || rule.length.max.is_some() {
        check_bounds(text.chars().count(), rule.length, "Length", path)?;
    }
    match rule.pattern {
        Some(pattern) if !pattern.matches(text) => {
            Err(SchemaError::at(path, &format!("expected pattern '{}'", pattern.source())))
        }
        _ => Ok(()),
    }
}

fn check_bounds(count: usize, bounds: Bounds, what: &str, path: &str) -> Result<(), SchemaError> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    match (bounds.min, bounds.max) {
        (Some(min), _) if count < min => Err(SchemaError::at(path, &format!("expected min{what} {min}"))),
        (_, Some(max)) if count > max => Err(SchemaError::at(path, &format!("expected max{what} {max}"))),
        _ => Ok(()),
    }
}

fn check_object(object: &Object, rule: &Rule, path: &str) -> Result<(), SchemaError> {
    let in_order = rule.members.iter().filter(|member| member.required).map(|member| member.name);
    let mut required = rule.required.iter().copied().chain(in_order);
    if let Some(absent) = required.find(|name| !object.contains_key(name)) {
        return Err(SchemaError::at(path, &format!("missing required field '{absent}'")));
    }
    for member in rule.members {
        if let Some(value) = object.get(member.name) {
            check(value, &member.rule, &format!("{path}.{}", member.name))?;
        }
    }
    let mut others = object.keys().filter(|key| !rule.members.iter().any(|member| member.name == *key)).peekable();
    if rule.closed && others.peek().is_some() {
        return Err(SchemaError::at(path, &format!("unexpected fields {}", cut(repr_list(others)))));
    }
    Ok(())
}

impl Constant {
    fn value(self) -> Json {
        match self {
            Self::Text(text) => Json::from(text),
            Self::Bool(flag) => Json::Bool(flag),
        }
    }
}

impl Pattern {
    const fn source(self) -> &'static str {
        match self {
            Self::Hex => "^[0-9a-f]{64}$",
            Self::PrefixedHex => "^sha256:[0-9a-f]{64}$",
        }
    }

    /// As Python matches them: `$` is also before a last line feed.
    fn matches(self, text: &str) -> bool {
        let text = text.strip_suffix('\n').unwrap_or(text);
        let hex = match self {
            Self::Hex => Some(text),
            Self::PrefixedHex => text.strip_prefix("sha256:"),
        };
        hex.is_some_and(|hex| hex.len() == HEX_DIGITS && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')))
    }
}

fn shown(value: &Json) -> String {
    cut(repr(value))
}

fn cut(text: String) -> String {
    match text.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
