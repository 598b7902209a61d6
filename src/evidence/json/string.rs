//! Reading strings.

use std::fmt::Write as _;

use super::cursor::Cursor;
use super::scan::plain_len;
use super::{JsonError, JsonErrorKind};

/// Digits of a `\u` escape.
const UNIT_DIGITS: usize = 4;

impl Cursor<'_> {
    /// Reads a string; the cursor stands before its first quote.
    pub(super) fn string(&mut self) -> Result<String, JsonError> {
        self.take(b'"');
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let plain = rest.get(..plain_len(rest.as_bytes())).unwrap_or_default();
            self.at += plain.len();
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    if text.is_empty() {
                        return Ok(plain.to_owned());
                    }
                    text.push_str(plain);
                    return Ok(text);
                }
                Some(b'\\') => {
                    text.push_str(plain);
                    self.escape(&mut text)?;
                }
                Some(_) => return Err(self.syntax("control characters in a string are escaped")),
                None => return Err(self.syntax("the string has no end")),
            }
        }
    }

    fn escape(&mut self, text: &mut String) -> Result<(), JsonError> {
        let start = self.at;
        self.at += 1;
        let character = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{C}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.unicode(start, text);
            }
            _ => {
                return Err(self.error(
                    start,
                    JsonErrorKind::Syntax,
                    "no such escape: one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u",
                ));
            }
        };
        self.at += 1;
        text.push(character);
        Ok(())
    }

    /// Reads what follows `\u`, and the second half of a pair.
    fn unicode(&mut self, start: usize, text: &mut String) -> Result<(), JsonError> {
        let first = self.unit()?;
        if let Some(character) = char::from_u32(first) {
            text.push(character);
            return Ok(());
        }
        if (0xD800..0xDC00).contains(&first) && self.rest().starts_with("\\u") {
            let back = self.at;
            self.at += 2;
            let second = self.unit()?;
            if (0xDC00..0xE000).contains(&second) {
                let joined = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                text.extend(char::from_u32(joined));
                return Ok(());
            }
            self.at = back;
        }
        self.lone_surrogate(start);
        // The document is refused in any case; its digits keep two such keys of one object apart.
        text.push(char::REPLACEMENT_CHARACTER);
        let _ = write!(text, "{first:04x}");
        Ok(())
    }

    fn unit(&mut self) -> Result<u32, JsonError> {
        let digits = self.rest().get(..UNIT_DIGITS).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let Some(unit) = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) else {
            return Err(self.syntax("expected four hexadecimal digits after `\\u`"));
        };
        self.at += UNIT_DIGITS;
        Ok(unit)
    }
}
