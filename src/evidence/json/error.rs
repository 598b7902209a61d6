//! Why a document is refused.

/// Why a document is refused, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct JsonError {
    /// What is wrong.
    pub kind: JsonErrorKind,
    /// Line, from 1.
    pub line: u32,
    /// Column in code points, from 1. Before a byte that is not UTF-8 they are counted up to there.
    pub column: u32,
    /// What was expected, or what to do.
    pub message: String,
}

/// What is wrong with a document.
///
/// A form that is wrong anywhere comes before [`LoneSurrogate`](Self::LoneSurrogate) and [`NonFinite`](Self::NonFinite), which
/// are well-formed JSON that no digest can be made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JsonErrorKind {
    /// Not JSON.
    Syntax,
    /// Not UTF-8.
    NotUtf8,
    /// Half of a `\uD800`–`\uDFFF` pair.
    LoneSurrogate,
    /// NaN, an infinity, or a float beyond the largest.
    NonFinite,
    /// An integer of more than 4300 digits.
    IntegerTooLong,
    /// A key that occurs twice in an object.
    DuplicateKey,
    /// More levels than the limit.
    TooDeep,
    /// More bytes than the limit.
    TooLarge,
}

impl JsonError {
    /// An error at the byte `at` of `text`.
    pub(super) fn at(text: &[u8], at: usize, kind: JsonErrorKind, message: impl Into<String>) -> Self {
        let before = text.get(..at).unwrap_or(text);
        let lines = before.split(|byte| *byte == b'\n').count();
        let line = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        let column = line.iter().filter(|byte| !is_continuation(**byte)).count() + 1;
        let bounded = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Self { kind, line: bounded(lines), column: bounded(column), message: message.into() }
    }
}

/// Whether a byte is inside a code point of UTF-8.
const fn is_continuation(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}
