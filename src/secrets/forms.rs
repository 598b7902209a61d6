//! The forms in which a value may travel: as it is, line by line, and in the encodings that programs print without being asked.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::api::secret_text::MARK;

/// Shorter values are not removed: they would tear ordinary words apart. In characters.
const SHORTEST: usize = 4;
/// Shorter lines of a value of many lines are not removed on their own: half of a key tells, a brace does not. In bytes.
const SHORTEST_LINE: usize = 16;
/// The shortest Base64 that is looked for: what is shorter stands in ordinary text by chance.
const SHORTEST_BASE64: usize = 6;
/// The same for the part that a value leaves inside the Base64 of a longer text.
const SHORTEST_INNER: usize = 8;
/// Longest value whose encodings are looked for, in bytes; longer ones are looked for as they are, and line by line.
const LONGEST_ENCODED: usize = 16 * 1024;
/// Where tools break lines of Base64: PEM and openssl, then base64(1) and MIME.
const BASE64_LINES: [usize; 2] = [64, 76];

/// Every form of `value` in lower case; empty when it is too short to be removed. Each is at least four bytes long.
pub(super) fn forms(value: &str) -> BTreeSet<String> {
    let value = value.trim();
    let mut forms = BTreeSet::new();
    if value.chars().count() < SHORTEST {
        return forms;
    }
    if value.contains('\n') {
        let lines = value.lines().map(str::trim);
        forms.extend(lines.filter(|line| line.len() >= SHORTEST_LINE && !line.starts_with("-----")).map(str::to_owned));
    }
    forms.extend(escaped(value));
    if value.len() <= LONGEST_ENCODED {
        forms.extend(percent(value));
        forms.extend(base64(value));
        forms.insert(value.bytes().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        }));
    }
    forms.insert(value.to_owned());
    let mark = MARK.to_ascii_lowercase();
    let lower = |mut form: String| {
        form.make_ascii_lowercase();
        form
    };
    forms.into_iter().map(lower).filter(|form| !mark.contains(form.as_str())).collect()
}

/// As JSON writes it inside quotes: the shortest way, with `\/`, and in ASCII only.
fn escaped(value: &str) -> impl Iterator<Item = String> {
    let json = serde_json::to_string(value).unwrap_or_default();
    let json = json.trim_start_matches('"').strip_suffix('"').unwrap_or_default().to_owned();
    let slashes = json.replace('/', "\\/");
    let ascii = json.chars().fold(String::new(), |mut ascii, c| {
        if c.is_ascii() {
            ascii.push(c);
        } else {
            let _ = c.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(ascii, "\\u{unit:04x}"));
        }
        ascii
    });
    [json, slashes, ascii].into_iter().filter(|form| form.chars().count() >= SHORTEST)
}

/// Percent-encoded: all that RFC 3986 does not call unreserved, what `encodeURIComponent` leaves, with `+` for a blank, and all.
fn percent(value: &str) -> [String; 4] {
    let encode = |kept: &[u8]| {
        value.bytes().fold(String::new(), |mut out, byte| {
            if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
                out.push(char::from(byte));
            } else {
                let _ = write!(out, "%{byte:02x}");
            }
            out
        })
    };
    let strict = encode(b"-._~");
    let form = strict.replace("%20", "+");
    let all = value.bytes().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "%{byte:02x}");
        out
    });
    [strict, encode(b"-_.!~*'()"), form, all]
}

/// Base64 in both alphabets: on its own, cut into lines, and as the part that it leaves inside the Base64 of a longer text, which
/// depends on where it stands there.
fn base64(value: &str) -> Vec<String> {
    let mut forms = Vec::new();
    for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
        let whole = engine.encode(value);
        for width in BASE64_LINES.into_iter().filter(|width| whole.len() > *width) {
            let lines = whole.as_bytes().chunks(width).map(|line| String::from_utf8_lossy(line).into_owned());
            forms.extend(lines.filter(|line| line.len() >= SHORTEST_LINE));
        }
        for before in 0..3_usize {
            let mut bytes = vec![0; before];
            bytes.extend_from_slice(value.as_bytes());
            // Six bits a character: those that also hold bits of a neighbour are not the value's alone.
            let (first, end) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
            let shared = engine.encode(&bytes);
            forms.extend(shared.get(first..end).filter(|part| part.len() >= SHORTEST_INNER).map(str::to_owned));
        }
        if whole.len() >= SHORTEST_BASE64 {
            forms.push(whole);
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::forms;

    #[test]
    fn a_value_is_found_wherever_it_stands_in_base64() {
        let value = "correct horse battery";
        let forms = forms(value);
        for before in ["", "u", "us", "user:", "{\"password\":\""] {
            for after in ["", "\n", "\"}", " and more"] {
                let text = STANDARD.encode(format!("{before}{value}{after}")).to_ascii_lowercase();
                assert!(forms.iter().any(|form| text.contains(form.as_str())), "{before}…{after}");
            }
        }
    }

    #[test]
    fn what_is_short_or_part_of_the_mark_is_left() {
        for value in ["", "abc", "  abc\n", "REDACTED", "[redacted]"] {
            let looks: Vec<String> = forms(value).into_iter().filter(|form| "[redacted]abc".contains(form.as_str())).collect();
            assert!(looks.is_empty(), "{value}: {looks:?}");
        }
        assert!(forms("äöü").is_empty(), "three characters, whatever their bytes");
        assert!(forms("äöüß").contains("äöüß"));
    }
}
