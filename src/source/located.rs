//! Any YAML or JSON document as plain values with their places, for files of other tools that are read whole.

use serde_json::{Map, Number, Value as Json};

use super::finding::word;
use super::scalar::{Plain, plain};
use super::tree::{self, Cause, Mark, Node, Value};

/// A value and where it stands. Lines and columns count from 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Located {
    /// Line.
    pub line: u32,
    /// Column, in characters.
    pub column: u32,
    /// What stands there.
    pub value: LocatedValue,
}

/// What a document can hold.
#[derive(Debug, Clone, PartialEq)]
pub enum LocatedValue {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Located>),
    /// A map in document order; no key stands twice.
    Map(Vec<(String, Located)>),
}

/// Why a document can not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocatedError {
    /// Line.
    pub line: u32,
    /// Column, in characters.
    pub column: u32,
    /// The key that stands twice, when that is the reason.
    pub duplicate: Option<String>,
    /// What is wrong, in words.
    pub message: String,
}

impl Located {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.map()?.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The pairs of a map.
    pub fn map(&self) -> Option<&[(String, Self)]> {
        match &self.value {
            LocatedValue::Map(pairs) => Some(pairs),
            _ => None,
        }
    }

    /// The values of a list.
    pub fn list(&self) -> Option<&[Self]> {
        match &self.value {
            LocatedValue::List(items) => Some(items),
            _ => None,
        }
    }

    /// The value without places.
    pub fn json(&self) -> Json {
        match &self.value {
            LocatedValue::Null => Json::Null,
            LocatedValue::Bool(flag) => Json::Bool(*flag),
            LocatedValue::Number(number) => Json::Number(number.clone()),
            LocatedValue::Text(text) => Json::String(text.clone()),
            LocatedValue::List(items) => items.iter().map(Self::json).collect(),
            LocatedValue::Map(pairs) => {
                Json::Object(pairs.iter().map(|(key, value)| (key.clone(), value.json())).collect::<Map<_, _>>())
            }
        }
    }
}

/// Reads one document of at most `max_nodes` nodes, as YAML 1.2 has it: `yes` is a text. Keys that are no text are read as they
/// are written.
///
/// # Errors
/// What is no YAML, a key that stands twice, anchors, tags of other types, a second document, and what is larger or deeper than its bound.
pub fn located(text: &str, max_nodes: usize) -> Result<Located, LocatedError> {
    let tree = tree::read_within(text, max_nodes).map_err(|stop| {
        let message = match &stop.cause {
            Cause::Syntax(words) => words.clone(),
            Cause::Second => "a second document begins here".to_owned(),
            Cause::Nodes => format!("more than {max_nodes} values"),
            Cause::Depth => "nested too deep".to_owned(),
        };
        error(stop.mark, message)
    })?;
    if let Some(mark) = tree.alias {
        return Err(error(mark, "anchors and aliases are not read".to_owned()));
    }
    match tree.root {
        Some(root) => of(&root),
        None => Ok(Located { line: 1, column: 1, value: LocatedValue::Null }),
    }
}

fn error(mark: Mark, message: String) -> LocatedError {
    LocatedError { line: mark.line, column: mark.column, duplicate: None, message }
}

/// Depth is bounded by the tree.
fn of(node: &Node<'_>) -> Result<Located, LocatedError> {
    let value = match &node.value {
        Value::Alias => return Err(error(node.start, "anchors and aliases are not read".to_owned())),
        Value::List(items) => LocatedValue::List(items.iter().map(of).collect::<Result<_, _>>()?),
        Value::Map(pairs) => {
            let mut map: Vec<(String, Located)> = Vec::with_capacity(pairs.len());
            let mut known = std::collections::BTreeSet::new();
            for (key, value) in pairs {
                let name = key.text().ok_or_else(|| error(key.start, "a key must be a text".to_owned()))?;
                if !known.insert(name) {
                    let message = format!("key `{}` stands twice", word(name));
                    return Err(LocatedError { duplicate: Some(word(name)), ..error(key.start, message) });
                }
                map.push((name.to_owned(), of(value)?));
            }
            LocatedValue::Map(map)
        }
        Value::Scalar { text, .. } => match plain(node) {
            Some(Plain::Null) => LocatedValue::Null,
            Some(Plain::Boolean(flag)) => LocatedValue::Bool(flag),
            Some(Plain::Number(number)) => LocatedValue::Number(number.into()),
            Some(Plain::Text(text)) => LocatedValue::Text(text.to_owned()),
            // A fraction, or what only looks like a number.
            None => match text.parse().ok().and_then(Number::from_f64) {
                Some(number) => LocatedValue::Number(number),
                None => LocatedValue::Text(text.to_string()),
            },
        },
    };
    Ok(Located { line: node.start.line, column: node.start.column, value })
}
