//! What the lines of a text give away. Linear in the length of the text, whatever it holds.

use super::allow::{self, Allow};
use super::label::Label;

/// Words that name a secret when a value follows, lower-case.
const SECRETS: [&str; 4] = ["authorization", "bearer", "password", "token"];
/// Shortest value that counts, in characters.
const SHORTEST: usize = 8;
/// Networks that are everybody's: naming one whole says nothing about anybody.
const WHOLE: [&str; 3] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/// Calls `found` with line, column (both from 1), label and the line's text, once per line and label.
pub(super) fn text(bytes: &[u8], mut found: impl FnMut(usize, usize, Label, &str)) {
    let text = String::from_utf8_lossy(bytes);
    let mut before: Vec<Label> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let mut here = Vec::new();
        match allow::read(line) {
            Some(Allow::Labels(labels)) => here = labels,
            Some(Allow::Invalid { column }) => found(index + 1, column, Label::InvalidAllow, line),
            None => {}
        }
        for (label, find) in FINDERS {
            if !here.contains(&label)
                && !before.contains(&label)
                && let Some(byte) = find(line)
            {
                found(index + 1, line.get(..byte).unwrap_or_default().chars().count() + 1, label, line);
            }
        }
        before = here;
    }
}

/// The byte at which a line gives something away.
type Finder = fn(&str) -> Option<usize>;

const FINDERS: [(Label, Finder); 5] = [
    (Label::PrivateIpv4, private_ipv4),
    (Label::MacAddress, mac_address),
    (Label::KeyMaterial, key_material),
    (Label::SecretAssignment, secret_assignment),
    (Label::PrivatePath, private_path),
];

/// Whether a word could go on at this byte.
fn in_word(byte: Option<&u8>) -> bool {
    byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

fn back(bytes: &[u8], at: usize, by: usize) -> Option<&u8> {
    at.checked_sub(by).and_then(|at| bytes.get(at))
}

fn private_ipv4(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let starts = |at: &usize| {
        bytes.get(*at).is_some_and(u8::is_ascii_digit)
            && !in_word(back(bytes, *at, 1))
            && !(back(bytes, *at, 1) == Some(&b'.') && in_word(back(bytes, *at, 2)))
    };
    (0..bytes.len()).filter(starts).find(|at| {
        let Some((octets, end)) = quad(bytes, *at) else { return false };
        let private = match octets {
            [10, ..] | [192, 168, ..] => true,
            [172, second, ..] => (16..32).contains(&second),
            _ => false,
        };
        let goes_on = in_word(bytes.get(end)) || (bytes.get(end) == Some(&b'.') && in_word(bytes.get(end + 1)));
        let rest = line.get(*at..).unwrap_or_default();
        let whole = WHOLE.iter().any(|net| rest.strip_prefix(net).is_some_and(|rest| !in_word(rest.as_bytes().first())));
        private && !goes_on && !whole
    })
}

/// Four numbers below 256 with dots between, from `at`, and the byte after them.
fn quad(bytes: &[u8], mut at: usize) -> Option<([u8; 4], usize)> {
    let mut octets = [0_u8; 4];
    for (index, octet) in octets.iter_mut().enumerate() {
        if index > 0 {
            if bytes.get(at) != Some(&b'.') {
                return None;
            }
            at += 1;
        }
        let digits = bytes.get(at..)?.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
        if !(1..=3).contains(&digits) {
            return None;
        }
        *octet = std::str::from_utf8(bytes.get(at..at + digits)?).ok()?.parse().ok()?;
        at += digits;
    }
    Some((octets, at))
}

fn mac_address(line: &str) -> Option<usize> {
    const LENGTH: usize = 17;
    let bytes = line.as_bytes();
    let edge = |byte: Option<&u8>| !in_word(byte) && byte != Some(&b':');
    (0..bytes.len().saturating_sub(LENGTH - 1)).find(|at| {
        let Some(here) = bytes.get(*at..*at + LENGTH) else { return false };
        let formed = here.iter().enumerate().all(|(i, byte)| if i % 3 == 2 { *byte == b':' } else { byte.is_ascii_hexdigit() });
        // RFC 7042 sets these aside for documents.
        let documented = here.get(..15).is_some_and(|prefix| prefix.eq_ignore_ascii_case(b"00:00:5e:00:53:"));
        formed && !documented && edge(back(bytes, *at, 1)) && edge(bytes.get(*at + LENGTH))
    })
}

fn key_material(line: &str) -> Option<usize> {
    const BEGIN: &str = "-----BEGIN ";
    const LONGEST: usize = 60;
    line.match_indices(BEGIN).map(|(at, _)| at).find(|at| {
        let rest = line.get(at + BEGIN.len()..).unwrap_or_default();
        let title: String =
            rest.chars().take(LONGEST).take_while(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || *c == ' ').collect();
        let ends = rest.get(title.len()..).is_some_and(|rest| rest.starts_with("-----"));
        ends && (title.ends_with("PRIVATE KEY") || title.ends_with("PRIVATE KEY BLOCK"))
    })
}

fn secret_assignment(line: &str) -> Option<usize> {
    let lower = line.to_ascii_lowercase();
    let found = SECRETS.iter().flat_map(|word| lower.match_indices(word).map(|(at, word)| (at, at + word.len())));
    found.filter(|(_, end)| line.get(*end..).is_some_and(is_assigned)).map(|(at, _)| at).min()
}

/// Whether a value that could be a secret is assigned here.
fn is_assigned(rest: &str) -> bool {
    let rest = rest.strip_prefix(['"', '\'', '`']).unwrap_or(rest).trim_start_matches([' ', '\t']);
    let Some(rest) = rest.strip_prefix([':', '=']).filter(|rest| !rest.starts_with(['=', ':'])) else { return false };
    let mut words = rest.split([' ', '\t']).filter(|word| !word.is_empty());
    let mut value = words.next().unwrap_or_default().trim_start_matches(['"', '\'', '`']);
    if ["bearer", "basic", "token"].iter().any(|scheme| value.eq_ignore_ascii_case(scheme)) {
        value = words.next().unwrap_or_default();
    }
    let value = value.split(['"', '\'', '`']).next().unwrap_or_default();
    // References and blanks to fill in: `<token>`, `${TOKEN}`, `{secretKeyRef`, `[REDACTED]`, `%s`, `****`, `os.environ.get(`.
    let refers = value.starts_with(['<', '$', '{', '[', '%', '*', '(', '&', '!']) || is_call(value);
    let mut letters = value.chars();
    let first = letters.next();
    value.chars().count() >= SHORTEST && !refers && letters.any(|c| Some(c) != first)
}

fn is_call(value: &str) -> bool {
    let name = value.split(['(', '[']).next().unwrap_or_default();
    name.len() < value.len() && !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic() || b"_.".contains(&byte))
}

fn private_path(line: &str) -> Option<usize> {
    let home = ["/home/", "/Users/"].iter().flat_map(|root| line.match_indices(root)).find(|(at, root)| {
        let rest = line.get(at + root.len()..).unwrap_or_default();
        let (user, rest) = rest.split_once('/').unwrap_or((rest, ""));
        let person = !user.is_empty() && user.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        person && is_ssh(rest) && !in_word(back(line.as_bytes(), *at, 1))
    });
    let root = line
        .match_indices("/root/")
        .find(|(at, root)| line.get(at + root.len()..).is_some_and(is_ssh) && !in_word(back(line.as_bytes(), *at, 1)));
    home.into_iter().chain(root).map(|(at, _)| at).min()
}

fn is_ssh(rest: &str) -> bool {
    rest.strip_prefix(".ssh").is_some_and(|rest| !in_word(rest.as_bytes().first()))
}
