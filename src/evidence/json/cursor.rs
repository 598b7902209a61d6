//! A place in the text of a document, and the scalars that can be read there.

use super::taint::Taint;
use super::{Finite, Integer, Json, JsonError, JsonErrorKind};

/// Most digits of an integer: the limit of the Python interpreter.
const INTEGER_DIGITS_MAX: usize = 4300;

/// A place in a text.
pub(super) struct Cursor<'a> {
    text: &'a str,
    pub(super) at: usize,
    /// Of the scalar or key that is being read.
    taint: Taint,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, at: 0, taint: Taint::NONE }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// What is left of the text. Every step of the cursor ends at a character's end.
    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// Steps over `byte` if it is next.
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let next = self.peek() == Some(byte);
        self.at += usize::from(next);
        next
    }

    pub(super) fn error(&self, at: usize, kind: JsonErrorKind, message: impl Into<String>) -> JsonError {
        JsonError::at(self.text.as_bytes(), at, kind, message)
    }

    pub(super) fn syntax(&self, message: &str) -> JsonError {
        self.error(self.at, JsonErrorKind::Syntax, message)
    }

    /// Reads anything that is neither an array nor an object.
    pub(super) fn scalar(&mut self) -> Result<Json, JsonError> {
        match self.peek() {
            Some(b'"') => self.string().map(Json::Text),
            Some(b'-' | b'0'..=b'9') if !self.rest().starts_with("-Infinity") => self.number(),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Result<Json, JsonError> {
        let words = [("null", Json::Null), ("true", Json::Bool(true)), ("false", Json::Bool(false))];
        for (word, value) in words {
            if self.rest().starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        for word in ["NaN", "Infinity", "-Infinity"] {
            if self.rest().starts_with(word) {
                self.taint = self.taint.or(Taint::non_finite(self.at));
                self.at += word.len();
                return Ok(Json::Null);
            }
        }
        Err(self.syntax("expected a value"))
    }

    /// Reads a number. Without fraction and exponent it is an integer.
    fn number(&mut self) -> Result<Json, JsonError> {
        let start = self.at;
        self.take(b'-');
        let whole = self.at;
        if !self.take(b'0') && self.digits() == 0 {
            self.at = start;
            return Err(self.syntax("expected a digit after `-`"));
        }
        let digits = self.at - whole;
        let fraction = self.fraction();
        let exponent = self.exponent();
        let literal = self.text.get(start..self.at).unwrap_or_default();
        if !fraction && !exponent {
            if digits > INTEGER_DIGITS_MAX {
                let message = format!("an integer has at most {INTEGER_DIGITS_MAX} digits");
                return Err(self.error(start, JsonErrorKind::IntegerTooLong, message));
            }
            return Ok(Json::Integer(Integer::from_literal(literal)));
        }
        let float = literal.parse().ok().and_then(Finite::new);
        if float.is_none() {
            self.taint = self.taint.or(Taint::non_finite(start));
        }
        Ok(float.map_or(Json::Null, Json::Float))
    }

    fn fraction(&mut self) -> bool {
        let start = self.at;
        let there = self.take(b'.') && self.digits() > 0;
        if !there {
            self.at = start;
        }
        there
    }

    fn exponent(&mut self) -> bool {
        let start = self.at;
        let there = (self.take(b'e') || self.take(b'E')) && {
            let _sign = self.take(b'+') || self.take(b'-');
            self.digits() > 0
        };
        if !there {
            self.at = start;
        }
        there
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    /// Keeps an error for the case that the rest of the document is well-formed.
    pub(super) fn lone_surrogate(&mut self, at: usize) {
        self.taint = self.taint.or(Taint::surrogate(at));
    }

    /// What is wrong with the scalar or key that was read last.
    pub(super) const fn take_taint(&mut self) -> Taint {
        std::mem::replace(&mut self.taint, Taint::NONE)
    }
}
