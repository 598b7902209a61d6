//! What looks like a secret, whether or not anybody knows it.

use std::ops::Range;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use regex::Regex;

use super::key_value;
use super::marker::{Marker, markers};
use super::span::MARK;

/// Bytes in which a token must show what it is; a longer one is removed to its end all the same.
const WINDOW: usize = 2048;
/// Characters of a PEM block's first line.
const MAX_PEM_HEADER: usize = 80;
/// Shorter credentials are left, in characters.
const SHORTEST: usize = 4;
/// From this length on, what stands before `@` in a URL without a colon is a token and no login name.
const TOKEN_USER: usize = 20;
/// Words after `bearer` that are prose.
const PROSE: [&str; 8] = ["token", "tokens", "auth", "authentication", "authorization", "credential", "credentials", "scheme"];

/// Tokens that are known by their beginning.
static TOKEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"\A(?:(?:AKIA|ASIA)[0-9A-Z]{16}|(?i-u:gh[opusr]_[a-z0-9]{16,}|github_pat_[a-z0-9_]{16,}|glpat-[a-z0-9_\-]{8,}",
        r"|xox[a-z]-[a-z0-9\-]{8,}|npm_[a-z0-9]{30,}|dckr_pat_[a-z0-9_\-]{16,}|hvs\.[a-z0-9_\-]{16,}|sk-[a-z0-9_\-]{20,}",
        r"|age-secret-key-1[a-z0-9]{30,})|AIza[0-9A-Za-z_\-]{30,}|eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{4,}(?:\.[A-Za-z0-9_\-]*)?)"
    ))
    .ok()
});

/// Base64 with or without padding.
const ANY_PADDING: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent));

/// Every part of `text` that looks like a secret; `lower` is the same text in lower case.
pub(crate) fn find(text: &str, lower: &str, parts: &mut Vec<Range<usize>>) {
    let mut done = 0;
    for (start, end, marker) in markers(lower) {
        if start < done {
            continue;
        }
        let found = match marker {
            Marker::Key => key_value::value(text, end),
            Marker::Pwd => {
                key_value::value(text, end).filter(|part| !text.get(part.clone()).is_some_and(|is| is.starts_with('/')))
            }
            Marker::Authorization => key_value::authorization(text, end),
            Marker::Bearer => bearer(text, end),
            Marker::Basic => basic(text, end),
            Marker::Authority => authority(text, end),
            Marker::Pem => private_key(lower, start),
            Marker::Token => token(text, start),
        };
        if let Some(part) = found {
            done = part.end;
            parts.push(part);
        }
    }
}

/// The word of token characters after blanks; `None` without a blank.
fn credentials(text: &str, after: usize) -> Option<Range<usize>> {
    let rest = text.get(after..)?;
    let word = rest.trim_start_matches([' ', '\t']);
    let start = text.len() - word.len();
    let token = |c: char| c.is_ascii_alphanumeric() || "-._~+/=".contains(c);
    let end = start + word.find(|c| !token(c)).unwrap_or(word.len());
    (start > after || text.get(..after).is_some_and(|before| before.ends_with(' '))).then_some(start..end)
}

fn bearer(text: &str, after: usize) -> Option<Range<usize>> {
    let part = credentials(text, after)?;
    let word = text.get(part.clone())?.trim_end_matches('.');
    let prose = PROSE.iter().any(|prose| prose.eq_ignore_ascii_case(word));
    (word.len() >= SHORTEST && !prose).then_some(part)
}

/// Only what decodes to `name:password`: the word stands before many others.
fn basic(text: &str, after: usize) -> Option<Range<usize>> {
    let part = credentials(text, after)?;
    let decoded = ANY_PADDING.decode(text.get(part.clone())?).ok()?;
    decoded.contains(&b':').then_some(part)
}

/// Name and password of a URL whose `://` ends at `after`.
fn authority(text: &str, after: usize) -> Option<Range<usize>> {
    let rest = text.get(after..)?;
    let end = rest.find(|c: char| c.is_whitespace() || "/?#\"'<>\\".contains(c)).unwrap_or(rest.len());
    let user = rest.get(..rest.get(..end)?.rfind('@')?)?;
    let secret = user != MARK && (user.contains(':') || user.chars().count() >= TOKEN_USER);
    (secret && user.len() >= SHORTEST).then_some(after..after + user.len())
}

/// Whether the authority of a URL whose `://` ends at `after` holds a name with a password of any length.
pub(crate) fn login(text: &str, after: usize) -> bool {
    let rest = text.get(after..).unwrap_or_default();
    let authority = rest.split(|c: char| c.is_whitespace() || "/?#\"'<>\\".contains(c)).next().unwrap_or_default();
    authority.rsplit_once('@').and_then(|(user, _)| user.split_once(':')).is_some_and(|(_, password)| !password.is_empty())
}

/// A private key in PEM, to the end of the text when its end is missing.
fn private_key(lower: &str, start: usize) -> Option<Range<usize>> {
    let block = lower.get(start..)?;
    let (header, body) = block.split_once("-----begin ")?.1.split_once("-----")?;
    if header.chars().count() > MAX_PEM_HEADER || !header.contains("private key") {
        return None;
    }
    let after = |text: &str, from: &str| text.split_once(from).map(|(_, after)| after.len());
    let left = body.split_once("-----end ").and_then(|(_, end)| after(end, "-----")).unwrap_or(0);
    Some(start..lower.len() - left)
}

fn token(text: &str, start: usize) -> Option<Range<usize>> {
    let before = text.get(..start)?.chars().next_back();
    let rest = text.get(start..)?;
    // Three letters and a dash also end ordinary words.
    if before.is_some_and(char::is_alphanumeric) && rest.get(..3).is_some_and(|word| word.eq_ignore_ascii_case("sk-")) {
        return None;
    }
    let mut window = rest.len().min(WINDOW);
    while !rest.is_char_boundary(window) {
        window -= 1;
    }
    let found = TOKEN.as_ref()?.find(rest.get(..window)?)?.end();
    let more = rest.get(found..)?;
    let runs_on = if found == window { more.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)) } else { Some(0) };
    Some(start..start + found + runs_on.unwrap_or(more.len()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_expression_is_valid() {
        assert!(super::TOKEN.is_some());
    }
}
