//! Label selectors as kubectl takes them.

use super::exit::{Exit, Failure};
use crate::api::{LabelSelector, Requirement, SelectorOperator};

/// Longest selector.
const MAX_LEN: usize = 4096;

/// Reads `key=value`, `key==value`, `key!=value`, `key`, `!key`, `key in (a,b)`, `key notin (a,b)`, separated by commas.
pub fn parse(text: &str) -> Result<LabelSelector, Failure> {
    let bad = |part: &str| {
        Failure::new(Exit::Config, format!("bad selector `{part}`"))
            .help("write key=value, key!=value, key, !key or key in (a,b), separated by commas")
    };
    if text.len() > MAX_LEN {
        return Err(bad("(too long)"));
    }
    let mut selector = LabelSelector::default();
    for part in split(text) {
        let part = part.trim();
        let requirement = requirement(part).filter(valid).ok_or_else(|| bad(part))?;
        selector.match_expressions.push(requirement);
    }
    Ok(selector)
}

/// Splits at commas outside parentheses.
fn split(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0_u32;
    for character in text.chars() {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = parts.last_mut() {
            last.push(character);
        }
    }
    parts
}

fn requirement(part: &str) -> Option<Requirement> {
    let new = |key: &str, operator, values: Vec<String>| Some(Requirement { key: key.trim().to_owned(), operator, values });
    if let Some((key, value)) = part.split_once("!=") {
        return new(key, SelectorOperator::NotIn, vec![value.trim().to_owned()]);
    }
    if let Some((key, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
        return new(key, SelectorOperator::In, vec![value.trim().to_owned()]);
    }
    if let Some(key) = part.strip_prefix('!') {
        return new(key, SelectorOperator::DoesNotExist, Vec::new());
    }
    if let Some((head, list)) = part.split_once('(') {
        let values = list.strip_suffix(')')?.split(',').map(|value| value.trim().to_owned()).collect();
        return match head.split_whitespace().collect::<Vec<_>>().as_slice() {
            [key, "in"] => new(key, SelectorOperator::In, values),
            [key, "notin"] => new(key, SelectorOperator::NotIn, values),
            _ => None,
        };
    }
    new(part, SelectorOperator::Exists, Vec::new())
}

/// Whether key and values are of the characters of labels.
fn valid(requirement: &Requirement) -> bool {
    let of = |text: &str, extra: &[u8]| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || extra.contains(&byte));
    !requirement.key.is_empty() && of(&requirement.key, b"-_./") && requirement.values.iter().all(|value| of(value, b"-_."))
}
