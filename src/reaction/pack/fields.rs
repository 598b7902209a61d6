//! The fields of a mapping, read as the Python stack reads them.

use serde_json::Value;

use super::fault::{Fault, Faults, with_help};
use crate::api::did_you_mean;
use crate::evidence::json::Json;
use crate::evidence::sclite::{repr_list, text_of};
use crate::facts::number;
use crate::facts::text::trim;
use crate::source::Located;

/// A mapping with a closed list of fields, and what messages call it.
pub(super) struct Fields<'a> {
    pub(super) faults: &'a Faults,
    pub(super) at: &'a Located,
    pub(super) label: String,
}

impl<'a> Fields<'a> {
    /// The mapping `value`; `parent` is blamed when it is missing.
    pub(super) fn of(
        faults: &'a Faults,
        value: Option<&'a Located>,
        parent: &Located,
        label: String,
        allowed: &[&str],
    ) -> Result<Self, Fault> {
        let Some((at, members)) = value.and_then(|value| Some((value, value.map()?))) else {
            return Err(faults.at(value.unwrap_or(parent), format!("{label} must be a mapping")));
        };
        let mut unknown: Vec<(&str, &Located)> =
            members.iter().map(|(key, value)| (key.as_str(), value)).filter(|(key, _)| !allowed.contains(key)).collect();
        unknown.sort_unstable_by_key(|(key, _)| *key);
        if let Some((first, value)) = unknown.first() {
            let names = repr_list(unknown.iter().map(|(key, _)| *key));
            let help = match did_you_mean(first, allowed.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("write {}", allowed.join(", ")),
            };
            return Err(with_help(faults.at(value, format!("{label} has unsupported fields: {names}")), Some(help)));
        }
        Ok(Self { faults, at, label })
    }

    /// A field, when it is there.
    pub(super) fn get(&self, field: &str) -> Option<&'a Located> {
        self.at.get(field)
    }

    /// Where a field stands, or the mapping that misses it.
    pub(super) fn place(&self, field: &str) -> &'a Located {
        self.get(field).unwrap_or(self.at)
    }

    /// A fault at a field; the message begins with the name of the field.
    pub(super) fn fault(&self, field: &str, message: &str) -> Fault {
        self.faults.at(self.place(field), format!("{}.{field} {message}", self.label))
    }

    /// A text of 1 to `max` characters, without the spaces around it. Numbers are taken as they are written; nothing, zero and
    /// `false` are no text.
    pub(super) fn text(&self, field: &str, max: usize) -> Result<String, Fault> {
        let text = self.optional_text(field);
        let length = text.chars().count();
        if (1..=max).contains(&length) { Ok(text) } else { Err(self.fault(field, &format!("must be 1..{max} characters"))) }
    }

    /// The same without bounds; empty when there is none.
    pub(super) fn optional_text(&self, field: &str) -> String {
        let value = self.get(field).map(|value| Json::from(value.json())).filter(Json::is_truthy);
        value.map_or_else(String::new, |value| trim(&text_of(&value)).to_owned())
    }

    /// A word out of a closed list.
    pub(super) fn word<T>(
        &self,
        field: &str,
        max: usize,
        parse: impl Fn(&str) -> Option<T>,
        known: impl IntoIterator<Item = &'static str>,
    ) -> Result<T, Fault> {
        let word = self.text(field, max)?;
        parse(&word).ok_or_else(|| {
            let known: Vec<&str> = known.into_iter().collect();
            let fault = self.fault(field, &format!("is unsupported: {}", word.escape_debug()));
            let help = match did_you_mean(&word, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("write one of {}", known.join(", ")),
            };
            with_help(fault, Some(help))
        })
    }

    /// A whole number: fractions are cut, texts are read, booleans are 0 and 1. `None` when the field is missing.
    pub(super) fn whole(&self, field: &str) -> Result<Option<i64>, Fault> {
        let Some(value) = self.get(field) else { return Ok(None) };
        let whole = whole(&value.json());
        whole.map(Some).ok_or_else(|| self.fault(field, "must be a whole number"))
    }
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Bool(flag) => Some(i64::from(*flag)),
        Value::Number(number) if number.is_f64() => {
            let cut = number.as_f64()?.trunc();
            // Read back from its digits: what does not fit is no number of ours.
            format!("{cut:.0}").parse().ok()
        }
        Value::Number(number) => number.as_i64(),
        Value::String(text) => i64::try_from(number::integer(text)?).ok(),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
