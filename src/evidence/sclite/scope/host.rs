//! The host that a text names.

use super::super::coerce;
use super::super::refusal::Refusal;
use super::url::hostname;
use crate::evidence::json::Json;
use crate::facts::text;

/// Words before a host in headers.
const PREFIXES: [&str; 4] = ["host:", "origin:", "referer:", "authority:"];
/// What may stand around a host.
const AROUND: [char; 13] = ['"', '\'', '`', '(', ')', '[', ']', '{', '}', '<', '>', ',', ';'];

/// The host in a text such as a URL, a header or a host name: lower-case, of `a-z0-9.-`, with at least one dot. Empty when there
/// is none; IPv6 addresses, single labels and names beyond ASCII give none. An authority that Python cannot read is refused.
pub fn extract_host(value: &Json) -> Result<String, Refusal> {
    let text = coerce::text(Some(value));
    let mut text = text::trim(&text);
    let lower = text::lower(text);
    // A prefix is ASCII, but lower-casing may turn other letters into ASCII ones.
    if let Some(prefix) = PREFIXES.iter().find(|prefix| lower.starts_with(**prefix)) {
        let end = text.char_indices().nth(prefix.len()).map_or(text.len(), |(at, _)| at);
        text = text::trim(text.get(end..).unwrap_or_default());
    }
    let host = |url: &str| hostname(url).map(|host| text::lower(text::trim(&host))).map_err(Refusal::uncaught);
    let mut found = host(text)?;
    if found.is_empty() && !text.contains("://") {
        let token = text.trim_matches(AROUND);
        if token.is_empty() || token.starts_with('-') || token.contains('@') {
            return Ok(String::new());
        }
        found = host(&format!("//{token}"))?;
    }
    let found = found.strip_prefix("*.").map_or(found.clone(), str::to_owned);
    let fits = found.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-'));
    Ok(if fits && found.contains('.') { found } else { String::new() })
}

/// The hosts in several texts, each once, in their order.
pub(super) fn hosts<'a>(values: impl IntoIterator<Item = &'a Json>) -> Result<Vec<String>, Refusal> {
    let mut found: Vec<String> = Vec::new();
    for value in values {
        let host = extract_host(value)?;
        if !host.is_empty() && !found.contains(&host) {
            found.push(host);
        }
    }
    Ok(found)
}
