//! The texts of an export from memory.

use super::sums;
use super::verify::read_header;
use crate::evidence::Header;

/// The header of a record, as its file holds it.
pub fn header(bytes: &[u8]) -> Option<Header> {
    read_header(bytes)
}

/// A line of `SHA256SUMS`: the path that it names, and the line as it is written.
pub fn sums(line: &str) -> Option<(&str, String)> {
    let (path, digest) = sums::read(line)?;
    Some((path, sums::write(vec![(path.to_owned(), digest)])))
}
