//! Scalars against the form that a field wants.

use crate::api::{Duration, LabelName, SubdomainName, did_you_mean, reason};

use super::finding::{Finding, word};
use super::label;
use super::shape::{Form, TextKind};
use super::strict::Path;
use super::tree::{Node, Tag, Value};

/// What YAML 1.2 takes a plain scalar for. Numbers with redundant leading zeros or underscores are strings, as the strict
/// options of the typed reading have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Null,
    Boolean,
    Number,
    Text,
}

fn type_of(text: &str, plain: bool, tag: Tag) -> Type {
    if !plain || tag == Tag::Text {
        return Type::Text;
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Type::Null,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => Type::Boolean,
        _ if is_number(text) => Type::Number,
        _ => Type::Text,
    }
}

fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if let ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN" = unsigned {
        return true;
    }
    let radix = |prefix, radix| {
        unsigned.strip_prefix(prefix).is_some_and(|digits: &str| !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix)))
    };
    if radix("0x", 16) || radix("0o", 8) || radix("0b", 2) {
        return true;
    }
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(whole, fraction)| (whole, Some(fraction)));
    let float = exponent.is_some() || fraction.is_some();
    digits(whole)
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|exponent| !exponent.is_empty() && digits(exponent))
        && whole.len() + fraction.map_or(0, str::len) > 0
        && (float || whole.len() == 1 || !whole.starts_with('0'))
}

/// Whether a node is `null`, written out or as an empty value.
pub(super) fn is_null(node: &Node<'_>) -> bool {
    matches!(&node.value, Value::Scalar { text, plain } if type_of(text, *plain, node.tag) == Type::Null)
}

/// A scalar that has one meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plain<'n> {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number in decimal digits.
    Number(i64),
    /// A text.
    Text(&'n str),
}

/// The meaning of a scalar; `None` for other nodes and for numbers and booleans in any but their usual spelling.
pub(super) fn plain<'n>(node: &'n Node<'_>) -> Option<Plain<'n>> {
    let Value::Scalar { text, plain } = &node.value else { return None };
    match type_of(text, *plain, node.tag) {
        Type::Null => Some(Plain::Null),
        Type::Boolean => text.parse().ok().map(Plain::Boolean),
        Type::Number if text.starts_with('+') => None,
        Type::Number => text.parse().ok().map(Plain::Number),
        Type::Text => Some(Plain::Text(text)),
    }
}

/// Whether the form is one of scalars.
pub(super) const fn is_scalar(form: &Form) -> bool {
    matches!(form, Form::Text { .. } | Form::Word(_) | Form::Integer { .. } | Form::Boolean)
}

/// The form in words.
pub(super) const fn expected(form: &Form) -> &'static str {
    match form {
        Form::Any => "anything",
        Form::Object { .. } | Form::Dictionary { .. } => "a map",
        Form::List { .. } => "a list",
        Form::Text { kind: TextKind::Duration, .. } => "a duration",
        Form::Text { kind: TextKind::Label | TextKind::Subdomain, .. } => "a name",
        Form::Text { .. } => "a string",
        Form::Word(_) => "a word",
        Form::Integer { .. } => "a whole number",
        Form::Boolean => "true or false",
    }
}

/// What stands there, in words, without the value.
pub(super) fn found(node: &Node<'_>) -> &'static str {
    match &node.value {
        Value::Map(_) => "a map",
        Value::List(_) => "a list",
        Value::Alias => "an alias",
        Value::Scalar { text, plain } => match type_of(text, *plain, node.tag) {
            Type::Null => "nothing",
            Type::Boolean => "a boolean",
            Type::Number => "a number",
            Type::Text => "a string",
        },
    }
}

/// Checks a scalar node against a form of scalars.
pub(super) fn check(node: &Node<'_>, form: &Form, path: &Path<'_>) -> Result<(), Finding> {
    let Value::Scalar { text, plain } = &node.value else { return Ok(()) };
    let actual = type_of(text, *plain, node.tag);
    let wrong = || Finding::value(node.start, format!("`{path}`: expected {}, found {}", expected(form), found(node)));
    match form {
        Form::Text { kind, min, max } => match actual {
            Type::Text => text_form(node, text, *kind, (*min, *max), path),
            Type::Null => Err(wrong()),
            Type::Number if *kind == TextKind::Duration => Err(wrong().help(Duration::RULE)),
            Type::Boolean | Type::Number => Err(wrong().help("write it in quotes")),
        },
        Form::Word(words) => {
            if actual == Type::Text && words.iter().any(|known| known == text) {
                return Ok(());
            }
            if actual != Type::Text {
                return Err(wrong().help(format!("one of {}", words.join(", "))));
            }
            let help = match did_you_mean(text, words.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("one of {}", words.join(", ")),
            };
            Err(Finding::value(node.start, format!("`{path}`: unknown word `{}`", word(text))).help(help))
        }
        Form::Integer { min, max } => {
            let number = (actual == Type::Number).then(|| text.parse::<i64>().ok()).flatten();
            match number {
                Some(number) if (*min..=*max).contains(&number) => Ok(()),
                Some(_) => Err(Finding::value(node.start, format!("`{path}`: expected a number from {min} to {max}"))),
                None if *plain && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_') => {
                    Err(wrong().help("write it in decimal digits, without leading zeros or underscores"))
                }
                None if actual == Type::Text => Err(wrong().help("write it in digits, without quotes")),
                None if actual == Type::Number => {
                    let message = format!("`{path}`: expected a whole number");
                    Err(Finding::value(node.start, message).help("write it in decimal digits, without a fraction"))
                }
                None => Err(wrong()),
            }
        }
        Form::Boolean => match (actual, text.to_ascii_lowercase().as_str()) {
            (Type::Boolean, _) => Ok(()),
            (_, "yes" | "on" | "y" | "true" | "1") => Err(wrong().help("write `true`")),
            (_, "no" | "off" | "n" | "false" | "0") => Err(wrong().help("write `false`")),
            _ => Err(wrong().help("write `true` or `false`")),
        },
        _ => Ok(()),
    }
}

fn text_form(node: &Node<'_>, text: &str, kind: TextKind, (min, max): (usize, usize), path: &Path<'_>) -> Result<(), Finding> {
    let name = |rule: &str, valid: fn(&str) -> bool| {
        if valid(text) {
            return Ok(());
        }
        let finding = Finding::value(node.start, format!("`{path}`: bad name `{}`", word(text)));
        Err(match name_like(text).filter(|near| valid(near)) {
            Some(near) => finding.help(format!("write `{near}`; {rule}")),
            None => finding.help(rule),
        })
    };
    match kind {
        TextKind::Label => name(LabelName::RULE, |text| LabelName::parse(text).is_ok()),
        TextKind::Subdomain => name(SubdomainName::RULE, |text| SubdomainName::parse(text).is_ok()),
        TextKind::Duration if Duration::parse(text).is_none() => {
            Err(Finding::value(node.start, format!("`{path}`: bad duration `{}`", word(text))).help(Duration::RULE))
        }
        TextKind::Duration => Ok(()),
        TextKind::Free => {
            let length = text.chars().take(max.saturating_add(1)).count();
            if length > max {
                let message = format!("`{path}`: longer than {max} characters");
                return Err(Finding::new(reason::TOO_LARGE, node.start, message));
            }
            if length < min {
                let least = if min == 1 { "must not be empty".into() } else { format!("shorter than {min} characters") };
                return Err(Finding::value(node.start, format!("`{path}`: {least}")));
            }
            Ok(())
        }
    }
}

/// The nearest thing that may be a name: lower case, everything else a dash.
fn name_like(text: &str) -> Option<String> {
    let mapped: String = text
        .chars()
        .take(256)
        .map(|c| if c.is_ascii_alphanumeric() || c == '.' { c.to_ascii_lowercase() } else { '-' })
        .collect();
    let trimmed = mapped.trim_matches(['-', '.']);
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}

/// Checks one entry of an open map.
pub(super) fn check_entry(key: &Node<'_>, value: &Node<'_>, labels: bool, path: &Path<'_>) -> Result<(), Finding> {
    let text = Form::Text { kind: TextKind::Free, min: 0, max: usize::MAX };
    if matches!(value.value, Value::Alias) {
        return Ok(());
    }
    let Some(value_text) = value.text() else {
        return Err(Finding::value(value.start, format!("`{path}`: expected a string, found {}", found(value))));
    };
    check(value, &text, path)?;
    if labels && !label::is_key(key.text().unwrap_or_default()) {
        return Err(Finding::value(key.start, format!("`{path}`: bad label key")).help(label::KEY_RULE));
    }
    if labels && !label::is_value(value_text) {
        return Err(Finding::value(value.start, format!("`{path}`: bad label value")).help(label::VALUE_RULE));
    }
    Ok(())
}
