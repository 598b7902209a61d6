//! Fields of a catalog, each with its place.

use crate::api::{Place, Problem, reason};
use crate::source::{Located, LocatedValue};

/// Longest text of a field, in characters.
const MAX_TEXT: usize = 512;
/// Longest token, in characters.
const MAX_TOKEN: usize = 128;

/// A map of a catalog, and what messages call it.
pub(super) struct Fields<'a> {
    pub file: &'a str,
    pub path: String,
    pub map: &'a Located,
}

/// Why a catalog is refused.
pub(super) type Refusal = Box<Problem>;

/// A refusal at a place.
pub(super) fn refuse(file: &str, at: &Located, message: impl Into<String>) -> Refusal {
    let place = Place { file: file.into(), line: at.line, column: at.column };
    Box::new(Problem::error(reason::BAD_VALUE, message).at(place))
}

impl<'a> Fields<'a> {
    /// Refuses keys that are not among `known`.
    pub fn closed(&self, known: &[&str]) -> Result<(), Refusal> {
        let strangers = self.map.map().into_iter().flatten().filter(|(key, _)| !known.contains(&key.as_str()));
        let mut names: Vec<(&str, &Located)> = strangers.map(|(key, value)| (key.as_str(), value)).collect();
        names.sort_by_key(|(name, _)| *name);
        let Some((_, first)) = names.first() else { return Ok(()) };
        let list: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
        let refusal = refuse(self.file, first, format!("unknown fields at {}: {}", self.path, list.join(", ")));
        Err(Box::new(refusal.help(format!("known are {}", known.join(", ")))))
    }

    /// A text that is not empty; numbers and booleans count as what they look like.
    pub fn text(&self, key: &str) -> Result<(&'a Located, String), Refusal> {
        let bad = |at| refuse(self.file, at, format!("non-empty bounded text required at {}.{key}", self.path));
        let found = self.map.get(key).ok_or_else(|| bad(self.map))?;
        let text = scalar(found).ok_or_else(|| bad(found))?;
        let text = text.trim().to_owned();
        if text.is_empty() || text.chars().count() > MAX_TEXT { Err(bad(found)) } else { Ok((found, text)) }
    }

    /// A text of the characters of tokens.
    pub fn token(&self, key: &str) -> Result<(&'a Located, String), Refusal> {
        let (at, text) = self.text(key)?;
        if is_token(&text) {
            return Ok((at, text));
        }
        Err(self.no_token(at, key))
    }

    /// A list of different tokens, sorted.
    pub fn tokens(&self, key: &str) -> Result<Vec<String>, Refusal> {
        let Some(found) = self.map.get(key) else {
            return Err(refuse(self.file, self.map, format!("list required at {}.{key}", self.path)));
        };
        let Some(items) = found.list() else {
            return Err(refuse(self.file, found, format!("list required at {}.{key}", self.path)));
        };
        let mut tokens = Vec::with_capacity(items.len());
        for item in items {
            let text = scalar(item).filter(|text| is_token(text)).ok_or_else(|| self.no_token(item, &format!("{key}[]")))?;
            if tokens.contains(&text) {
                return Err(refuse(self.file, item, format!("duplicate values forbidden at {}.{key}", self.path)));
            }
            tokens.push(text);
        }
        tokens.sort();
        Ok(tokens)
    }

    fn no_token(&self, at: &Located, key: &str) -> Refusal {
        let refusal = refuse(self.file, at, format!("invalid catalog token at {}.{key}", self.path));
        Box::new(refusal.help("write letters, digits and `_.:-`, beginning with a letter or digit, at most 128"))
    }
}

/// The text of a scalar that is not null.
pub(in crate::cli) fn scalar(value: &Located) -> Option<String> {
    match &value.value {
        LocatedValue::Text(text) => Some(text.clone()),
        LocatedValue::Bool(flag) => Some(if *flag { "True" } else { "False" }.to_owned()),
        LocatedValue::Number(number) => Some(number.to_string()),
        LocatedValue::Null | LocatedValue::List(_) | LocatedValue::Map(_) => None,
    }
}

/// Whether a text is made of the characters of tokens.
pub(super) fn is_token(text: &str) -> bool {
    (1..=MAX_TOKEN).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte))
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
}
