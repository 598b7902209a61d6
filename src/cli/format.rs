//! Output formats.

use std::fmt::{Display, Write as _};

use serde_json::{Value, json};

use super::exit::{Exit, Failure};
use super::printable::{printable_json, printable_lines};

/// `-o`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Columns for people.
    #[default]
    Table,
    /// More columns.
    Wide,
    /// JSON; many objects are a Kubernetes List.
    Json,
    /// YAML; many objects are a Kubernetes List.
    Yaml,
    /// Names, one a line.
    Name,
}

impl Format {
    /// Whether it is for machines.
    pub const fn structured(self) -> bool {
        matches!(self, Self::Json | Self::Yaml)
    }
}

/// Objects as JSON or YAML: one object as itself when `single`, else a Kubernetes List.
pub fn objects(format: Format, mut items: Vec<Value>, single: bool) -> Result<String, Failure> {
    let value = match (single, items.len()) {
        (true, 1) => items.pop().unwrap_or(Value::Null),
        _ => json!({"apiVersion": "v1", "kind": "List", "metadata": {}, "items": items}),
    };
    text(format, &value)
}

/// One line each.
pub fn lines<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    let mut out = String::new();
    for item in items {
        let _ = writeln!(out, "{item}");
    }
    out
}

/// One object as YAML, its fields in the order of its type.
pub fn yaml<T: serde::Serialize>(value: &T) -> Result<String, Failure> {
    let fail = |error: &dyn Display| Failure::new(Exit::Io, format!("cannot write the answer: {error}"));
    serde_yaml::to_string(value).map(|text| printable_lines(&text)).map_err(|error| fail(&error))
}

/// One value as JSON or YAML.
pub fn text(format: Format, value: &Value) -> Result<String, Failure> {
    let fail = |error: &dyn Display| Failure::new(Exit::Io, format!("cannot write the answer: {error}"));
    if format == Format::Yaml {
        serde_yaml::to_string(value).map(|text| printable_lines(&text)).map_err(|error| fail(&error))
    } else {
        serde_json::to_string_pretty(value).map(|text| printable_json(&text) + "\n").map_err(|error| fail(&error))
    }
}
