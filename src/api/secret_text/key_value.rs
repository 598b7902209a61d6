//! `name=value` and `name: value` where the name says that the value is a secret.

use std::ops::Range;

use super::span::MARK;

/// Shorter values are left, in characters.
const SHORTEST: usize = 4;
/// Quotes, longest first: JSON inside JSON escapes its own.
const QUOTES: [&str; 3] = ["\\\"", "\"", "'"];
/// What stands between name and value, longest first.
const SEPARATORS: [&str; 4] = ["=>", ":=", "=", ":"];
/// What ends a value that stands in no quotes, besides white space.
const ENDS: [char; 5] = ['"', '\'', '&', '<', '>'];
/// What belongs to the sentence or structure around a value that stands in no quotes.
const TRAILING: [char; 6] = [',', ';', '.', ')', ']', '}'];
/// Values that say whether there is a secret and not which.
const HARMLESS: [&str; 10] = ["true", "false", "yes", "no", "on", "off", "none", "null", "enabled", "disabled"];
/// Words of an `Authorization` that stand before the credentials.
const SCHEMES: [&str; 7] = ["basic", "bearer", "digest", "negotiate", "ntlm", "token", "apikey"];

/// Whether a value says only that there is or is not something.
pub(crate) fn is_harmless(value: &str) -> bool {
    HARMLESS.iter().any(|word| word.eq_ignore_ascii_case(value))
}

/// The value after a name that ends at byte `name_end` of `text`.
pub(super) fn value(text: &str, name_end: usize) -> Option<Range<usize>> {
    let rest = after_separator(text, name_end)?;
    let found = match quoted(rest) {
        Some(found) => found,
        None => bare(rest),
    };
    kept(text, rest, found)
}

/// Whether a value of any length stands after `=` behind a name that ends at byte `name_end` of `text`: in prose a colon is
/// punctuation, an equals sign is not.
pub(crate) fn any_value(text: &str, name_end: usize) -> bool {
    let Some(rest) = after_separator(text, name_end) else { return false };
    let before = text.get(..text.len() - rest.len()).unwrap_or_default();
    let value = quoted(rest).unwrap_or_else(|| bare(rest));
    let value = rest.get(value).unwrap_or_default();
    before.trim_end().ends_with('=') && !value.is_empty() && value != MARK && !is_harmless(value)
}

/// The value after `Authorization`, where a scheme may stand before the credentials.
pub(super) fn authorization(text: &str, name_end: usize) -> Option<Range<usize>> {
    let rest = after_separator(text, name_end)?;
    if let Some(found) = quoted(rest) {
        return kept(text, rest, found);
    }
    let first = bare(rest);
    let after = rest.get(first.end..)?;
    let credentials = after.trim_start_matches([' ', '\t']);
    let has_scheme = rest.get(first.clone()).is_some_and(|word| SCHEMES.iter().any(|scheme| scheme.eq_ignore_ascii_case(word)));
    let found = if has_scheme && credentials.len() < after.len() {
        first.start..rest.len() - credentials.len() + bare(credentials).end
    } else {
        first
    };
    kept(text, rest, found)
}

/// What follows the separator after a name; `None` when no separator follows.
fn after_separator(text: &str, name_end: usize) -> Option<&str> {
    let blank = [' ', '\t'];
    let rest = text.get(name_end..)?;
    let rest = QUOTES.iter().find_map(|quote| rest.strip_prefix(quote)).unwrap_or(rest).trim_start_matches(blank);
    let rest = SEPARATORS.iter().find_map(|separator| rest.strip_prefix(separator))?;
    // A path of names and a URL only look like it.
    if rest.starts_with(':') || rest.starts_with("//") {
        return None;
    }
    Some(rest.trim_start_matches(blank))
}

/// The inside of quotes, up to the end of the line when they are not closed.
fn quoted(rest: &str) -> Option<Range<usize>> {
    let quote = QUOTES.iter().find(|quote| rest.starts_with(**quote))?;
    let inside = rest.get(quote.len()..)?;
    let line = inside.split(['\n', '\r']).next().unwrap_or_default();
    let closes = |at: &usize| !line.get(..*at).is_some_and(|before| before.ends_with('\\'));
    let end = line.match_indices(quote).map(|(at, _)| at).find(closes).unwrap_or(line.len());
    Some(quote.len()..quote.len() + end)
}

fn bare(rest: &str) -> Range<usize> {
    let end = rest.find(|c: char| c.is_whitespace() || ENDS.contains(&c)).unwrap_or(rest.len());
    let word = rest.get(..end).unwrap_or_default();
    let mark = word.rfind(MARK).map_or(0, |at| at + MARK.len());
    0..word.trim_end_matches(TRAILING).len().max(mark)
}

/// `found` in `rest`, the end of `text`, as a part of `text`, when it is worth removing.
fn kept(text: &str, rest: &str, found: Range<usize>) -> Option<Range<usize>> {
    let value = rest.get(found.clone())?;
    if value == MARK || value.chars().count() < SHORTEST || is_harmless(value) {
        return None;
    }
    let start = text.len() - rest.len();
    Some(start + found.start..start + found.end)
}
