//! The reader. It keeps its own stack, so the depth of a document is bounded by a limit and by nothing else.

use std::fmt::Write as _;

use super::build::{Building, Open};
use super::cursor::Cursor;
use super::taint::Taint;
use super::{DuplicateKeys, Json, JsonError, JsonErrorKind, Limits, Object};

/// Most duplicate keys that are named.
const DUPLICATES_MAX: usize = 100;
/// Longest path of a duplicate key, in characters; longer ones end with `…`.
const PATH_MAX: usize = 256;

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The value.
    pub value: Json,
    /// Keys that occur more than once in their object, as paths such as `$.a[0].b`: at most 100, of at most 256 characters.
    pub duplicate_keys: Vec<String>,
}

/// Reads one document: UTF-8 without a byte order mark, one value, whitespace around it.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Document, JsonError> {
    if bytes.len() > limits.max_bytes {
        let message = format!("{} bytes are more than the limit of {}", bytes.len(), limits.max_bytes);
        return Err(JsonError::at(&[], 0, JsonErrorKind::TooLarge, message));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        JsonError::at(bytes, error.valid_up_to(), JsonErrorKind::NotUtf8, "not UTF-8: save the file as UTF-8")
    })?;
    if text.starts_with('\u{FEFF}') {
        return Err(JsonError::at(bytes, 0, JsonErrorKind::Syntax, "a byte order mark: save the file as UTF-8 without one"));
    }
    Reader { cursor: Cursor::new(text), stack: Vec::new(), duplicates: Vec::new(), limits }.document()
}

struct Reader<'a> {
    cursor: Cursor<'a>,
    stack: Vec<Open>,
    duplicates: Vec<String>,
    limits: &'a Limits,
}

impl Reader<'_> {
    fn document(mut self) -> Result<Document, JsonError> {
        loop {
            self.cursor.skip_space();
            let Some(value) = self.value_or_open()? else { continue };
            let taint = self.cursor.take_taint();
            let Some((value, taint)) = self.attach(value, taint)? else { continue };
            self.cursor.skip_space();
            if self.cursor.peek().is_some() {
                return Err(self.cursor.syntax("expected the end: one value makes a document"));
            }
            return match taint.found() {
                None => Ok(Document { value, duplicate_keys: self.duplicates }),
                Some((kind @ JsonErrorKind::NonFinite, at)) => {
                    Err(self.cursor.error(at, kind, "NaN, infinities and floats beyond the largest can not be hashed"))
                }
                Some((kind, at)) => Err(self.cursor.error(at, kind, "half of a surrogate pair can not be written as UTF-8")),
            };
        }
    }

    /// Reads a scalar or an empty container, or opens a container.
    fn value_or_open(&mut self) -> Result<Option<Json>, JsonError> {
        if self.stack.len() >= self.limits.max_depth {
            let message = format!("more than {} levels", self.limits.max_depth);
            return Err(self.cursor.error(self.cursor.at, JsonErrorKind::TooDeep, message));
        }
        let array = match self.cursor.peek() {
            Some(b'[') => true,
            Some(b'{') => false,
            _ => return self.cursor.scalar().map(Some),
        };
        self.cursor.at += 1;
        self.cursor.skip_space();
        if array {
            if self.cursor.take(b']') {
                return Ok(Some(Json::Array(Vec::new())));
            }
            self.stack.push(Open::Array(Vec::new(), Taint::NONE));
        } else {
            if self.cursor.take(b'}') {
                return Ok(Some(Json::Object(Object::new())));
            }
            let mut building = Building::default();
            self.key(&mut building)?;
            self.stack.push(Open::Object(building));
        }
        Ok(None)
    }

    /// Reads a key and its colon.
    fn key(&mut self, building: &mut Building) -> Result<(), JsonError> {
        let start = self.cursor.at;
        if self.cursor.peek() != Some(b'"') {
            return Err(self.cursor.syntax("expected a key in double quotes"));
        }
        let key = self.cursor.string()?;
        building.key(key, start, self.cursor.take_taint());
        self.cursor.skip_space();
        if !self.cursor.take(b':') {
            return Err(self.cursor.syntax("expected `:` after the key"));
        }
        Ok(())
    }

    /// Puts a value into the container it belongs to, closes what ends there, and returns the value of the document when it is
    /// complete.
    fn attach(&mut self, mut value: Json, mut taint: Taint) -> Result<Option<(Json, Taint)>, JsonError> {
        loop {
            let Some(open) = self.stack.pop() else { return Ok(Some((value, taint))) };
            self.cursor.skip_space();
            match open {
                Open::Array(mut items, before) => {
                    items.push(value);
                    taint = before.or(taint);
                    if self.cursor.take(b',') {
                        self.stack.push(Open::Array(items, taint));
                        return Ok(None);
                    }
                    if !self.cursor.take(b']') {
                        return Err(self.cursor.syntax("expected `,` or `]`"));
                    }
                    value = Json::Array(items);
                }
                Open::Object(mut building) => {
                    building.value(value, taint);
                    if self.cursor.take(b',') {
                        self.cursor.skip_space();
                        self.key(&mut building)?;
                        self.stack.push(Open::Object(building));
                        return Ok(None);
                    }
                    if !self.cursor.take(b'}') {
                        return Err(self.cursor.syntax("expected `,` or `}`"));
                    }
                    let built = building.finish();
                    for (key, at) in &built.duplicates {
                        self.duplicate(key, *at)?;
                    }
                    (value, taint) = (Json::Object(built.object), built.taint);
                }
            }
        }
    }

    fn duplicate(&mut self, key: &str, at: usize) -> Result<(), JsonError> {
        if self.limits.duplicate_keys == DuplicateKeys::Refuse {
            let message = format!("the key `{}` occurs twice", cut(key));
            return Err(self.cursor.error(at, JsonErrorKind::DuplicateKey, message));
        }
        if self.duplicates.len() < DUPLICATES_MAX {
            self.duplicates.push(self.path(key));
        }
        Ok(())
    }

    /// The path of the member `key` of the object that has just been closed.
    fn path(&self, key: &str) -> String {
        let mut path = String::from("$");
        for open in &self.stack {
            if path.len() > PATH_MAX * char::MAX.len_utf8() {
                break;
            }
            let _ = match open {
                Open::Array(items, _) => write!(path, "[{}]", items.len()),
                Open::Object(building) => write!(path, ".{}", cut(building.open_key())),
            };
        }
        let _ = write!(path, ".{}", cut(key));
        cut(&path)
    }
}

/// `text` within the longest path.
fn cut(text: &str) -> String {
    match text.char_indices().nth(PATH_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
