//! JSON for evidence: its own value, reader and writers, so that a digest depends on no feature of a dependency.
//!
//! Integers have any size, floats keep their kind (`1` is not `1.0`), objects are sorted by code point. [`read`] takes what the
//! Python reader of evidence takes, [`canonical`] writes the bytes that are hashed, [`pretty`] the text of a file.
//!
//! ```
//! use tecrax::evidence::json::{Limits, canonical, pretty, read};
//!
//! let document = read(br#" {"b": 1E16, "a": 123456789012345678901234567890} "#, &Limits::STRICT)?;
//! assert_eq!(canonical(&document.value), br#"{"a":123456789012345678901234567890,"b":1e+16}"#);
//! assert_eq!(pretty(&document.value), "{\n  \"a\": 123456789012345678901234567890,\n  \"b\": 1e+16\n}\n");
//! # Ok::<(), tecrax::evidence::json::JsonError>(())
//! ```

mod ascii;
mod build;
mod convert;
mod cursor;
mod error;
mod float;
mod integer;
mod limits;
mod loosely;
mod object;
mod read;
mod scan;
mod string;
mod taint;
mod value;
mod write;

pub use ascii::{ascii_compact, pretty};
pub use error::{JsonError, JsonErrorKind};
pub use float::Finite;
pub use integer::Integer;
pub use limits::{DuplicateKeys, Limits};
pub use loosely::loosely_equal;
pub use object::Object;
pub use read::{Document, read};
pub use value::Json;
pub use write::{canonical, write_canonical};

pub(super) use write::{write_float, write_integer, write_text};
