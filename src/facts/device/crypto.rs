//! Outdated algorithms of an SSH server, by name and state.

use super::fields::state;
use crate::facts::text::{collapse, lines, lower, part, tokens};

/// Most outdated algorithms that are named.
const NAMES_MAX: usize = 16;
/// Longest name.
const NAME_MAX: usize = 64;
/// Lines that are looked at.
const LINES_MAX: usize = 512;
/// Parts of a name that make it outdated: block ciphers in CBC mode, broken ciphers and hashes, the 1024-bit group, DSA.
const OUTDATED: [&str; 13] =
    ["cbc", "des", "3des", "rc4", "arcfour", "arcfour128", "arcfour256", "blowfish", "cast128", "md5", "sha1", "group1", "dss"];
/// How parts of other algorithm names begin.
const OTHERS: [&str; 8] = ["aes", "chacha20", "sha2", "sha5", "hmac", "diffie", "ecdh", "curve25519"];
/// Fields that hold anybody's words.
const FREE_TEXT: [&str; 4] = ["description", "location", "contact", "name"];

/// The outdated algorithms that `text` names and does not call disabled, in lower case and the order of the text. `None` when it
/// names no algorithm at all.
pub(super) fn legacy(text: &str) -> Option<Vec<String>> {
    let mut named = false;
    let mut found: Vec<String> = Vec::new();
    for piece in lines(text).take(LINES_MAX).flat_map(pieces) {
        for name in tokens(&piece.names) {
            let outdated = is_outdated(name);
            named |= outdated || is_other(name);
            let name = collapse(name.trim_matches(|c: char| !c.is_alphanumeric()), NAME_MAX);
            if outdated && piece.enabled && found.len() < NAMES_MAX && !found.contains(&name) {
                found.push(name);
            }
        }
    }
    named.then_some(found)
}

/// Names that share a state.
struct Piece {
    names: String,
    enabled: bool,
}

/// `NAME : STATE` is one piece; `FIELD : NAMES` and a line without a colon have one for every comma.
fn pieces(line: &str) -> Vec<Piece> {
    let line = lower(line);
    let list = |text: &str| {
        let piece = |names: &str| Piece { names: names.to_owned(), enabled: !tokens(names).any(is_off) };
        text.split([',', ';']).map(piece).collect::<Vec<_>>()
    };
    let Some((field, value)) = part(&line, ':') else { return list(&line) };
    if tokens(value).next().is_some_and(|word| state(word).is_some()) || value.contains("support") {
        return vec![Piece { names: field.to_owned(), enabled: !tokens(value).any(is_off) }];
    }
    if tokens(field).any(|word| FREE_TEXT.contains(&word)) {
        return Vec::new();
    }
    let mut pieces = list(value);
    pieces.push(Piece { names: field.to_owned(), enabled: true });
    pieces
}

fn is_off(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    state(word) == Some(false) || matches!(word, "not" | "unsupported")
}

fn is_outdated(name: &str) -> bool {
    parts(name).any(|part| OUTDATED.contains(&part))
        || name.contains("sha-1") && !name.contains("sha-1-") && !name.contains("sha-12")
}

fn is_other(name: &str) -> bool {
    parts(name).any(|part| OTHERS.iter().any(|other| part.starts_with(other)))
}

fn parts(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::legacy;

    #[test]
    fn algorithms_count_by_name_and_state() {
        let found = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        for (text, expected) in [
            ("AES128-CBC : Enabled\n3DES-CBC : Disabled\n", found(&["aes128-cbc"])),
            ("aes256-ctr: enable\nhmac-sha2-256: enable", found(&[])),
            ("KEX : diffie-hellman-group14-sha256, diffie-hellman-group1-sha1", found(&["diffie-hellman-group1-sha1"])),
            ("KEX : diffie-hellman-group14", found(&[])),
            ("Ciphers : aes128-cbc (disabled), aes128-ctr", found(&[])),
            ("Data Integrity Algorithm\n HMAC-SHA1 : Enabled\n HMAC-MD5 : Enabled (default)", found(&["hmac-sha1", "hmac-md5"])),
            ("MAC: HMAC-SHA-1", found(&["hmac-sha-1"])),
            ("3des-cbc enabled\nblowfish-cbc disabled", found(&["3des-cbc"])),
            ("arcfour : not supported", found(&[])),
            ("SSH server: Enable\nDescription : bureau des eleves", None),
            ("", None),
        ] {
            assert_eq!(legacy(text), expected, "{text:?}");
        }
    }
}
